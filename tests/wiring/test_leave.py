"""The user's leave to read a folder: what is refused, what comes to nothing, the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.base.errors import BadInput, Cancelled, NotAccepted, SatchelError
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.ingest.indexer import Progress
from satchel.context.remember import Saying
from satchel.wiring import Satchel
from satchel.wiring.workspace import Workspace


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def satchel(home: Home) -> Iterator[Satchel]:
    opened = Satchel(home, Settings({}))
    yield opened
    opened.close()


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "garden.md").write_text("# Tomatoes\n\nPlant tomatoes after the last frost.\n")
    return folder


def quiet(step: Progress) -> None:
    """Nobody watches."""


def tops(satchel: Satchel) -> list[str]:
    return [row["path"] for row in satchel.workspaces()]


@pytest.mark.parametrize("top", [Path("/"), Path.home(), Path.home().parent], ids=str)
def test_more_than_a_project_is_not_accepted(satchel: Satchel, home: Home, top: Path) -> None:
    for call in (
        lambda: satchel.index(str(top), quiet, accept=True),
        lambda: satchel.brief("how?", str(top)),
    ):
        with pytest.raises(BadInput, match="which is not read") as refused:
            call()
        assert "project folder" in refused.value.next_step
    assert tops(satchel) == []
    assert not home.workspaces.exists()


def test_our_own_folder_is_not_accepted(satchel: Satchel, home: Home) -> None:
    (home.root / "assets").mkdir(parents=True)
    for top in (home.root, home.assets):
        with pytest.raises(BadInput, match="Satchel's own folder"):
            satchel.index(str(top), quiet, accept=True)


def test_leave_is_taken_back_where_the_first_reading_fails(
    satchel: Satchel, home: Home, notes: Path
) -> None:
    def fails(step: Progress) -> None:
        raise SatchelError("index-died", "reading ended", "run it again")

    with pytest.raises(SatchelError, match="reading ended"):
        satchel.index(str(notes), fails, accept=True)
    assert tops(satchel) == []
    assert not home.workspace(notes).exists()
    with pytest.raises(NotAccepted):
        satchel.brief("when do I plant tomatoes?", str(notes))
    satchel.index(str(notes), quiet, accept=True)
    assert satchel.brief("when do I plant tomatoes?", str(notes)).files


def test_records_outlive_a_reading_that_failed(satchel: Satchel, home: Home, notes: Path) -> None:
    satchel.index(str(notes), quiet, accept=True)
    satchel.memory.remember(Saying("Tomatoes want sun."), path=str(notes))
    (home.workspace(notes) / "workspace.json").unlink()
    satchel.close()

    def fails(step: Progress) -> None:
        raise SatchelError("index-died", "reading ended", "run it again")

    with pytest.raises(SatchelError, match="reading ended"):
        satchel.index(str(notes), fails, accept=True)
    assert tops(satchel) == []
    satchel.index(str(notes), quiet, accept=True)
    assert len(satchel.memory.records(str(notes))) == 1


def test_a_user_who_stops_the_first_reading_has_not_taken_leave_back(
    satchel: Satchel, notes: Path
) -> None:
    def stops(step: Progress) -> None:
        raise Cancelled("cancelled", "stopped", "run it again")

    with pytest.raises(Cancelled):
        satchel.index(str(notes), stops, accept=True)
    assert tops(satchel) == [str(notes)]


def test_a_later_failure_takes_nothing_back(satchel: Satchel, notes: Path) -> None:
    satchel.index(str(notes), quiet, accept=True)
    satchel.memory.remember(Saying("Tomatoes want sun."), path=str(notes))

    def fails(step: Progress) -> None:
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        satchel.index(str(notes), fails, accept=True)
    assert len(satchel.memory.records(str(notes))) == 1


def test_a_folder_is_forgotten_with_all_that_was_kept_of_it(
    satchel: Satchel, home: Home, notes: Path
) -> None:
    satchel.index(str(notes), quiet, accept=True)
    satchel.memory.remember(Saying("Tomatoes want sun."), path=str(notes))
    told = satchel.forget_folder(str(notes), dry_run=True)
    assert (told.workspace, told.records, told.turns) == (str(notes), 1, 0)
    assert told.bytes > 0
    assert tops(satchel) == [str(notes)]
    assert satchel.forget_folder(str(notes)) == told
    assert tops(satchel) == []
    assert not home.workspace(notes).exists()
    satchel.changed(str(notes), None)
    with pytest.raises(NotAccepted):
        satchel.brief("when do I plant tomatoes?", str(notes))
    with pytest.raises(NotAccepted, match="nothing is kept"):
        satchel.forget_folder(str(notes))


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("inside", ["deep", "garden.md", "no/such/folder"])
def test_what_is_inside_a_folder_does_not_stand_for_it(
    satchel: Satchel, home: Home, notes: Path, inside: str, dry_run: bool
) -> None:
    satchel.index(str(notes), quiet, accept=True)
    satchel.memory.remember(Saying("Tomatoes want sun."), path=str(notes))
    (notes / "deep").mkdir()
    with pytest.raises(BadInput, match="is inside") as refused:
        satchel.forget_folder(str(notes / inside), dry_run=dry_run)
    assert str(notes) in refused.value.next_step
    assert tops(satchel) == [str(notes)]
    assert len(satchel.memory.records(str(notes))) == 1


def test_a_folder_that_is_gone_or_whose_records_are_damaged_is_forgotten_too(
    satchel: Satchel, home: Home, notes: Path
) -> None:
    satchel.index(str(notes), quiet, accept=True)
    satchel.close()
    (home.workspace(notes) / "records.db").write_bytes(b"no database " * 1000)
    (notes / "garden.md").unlink()
    notes.rmdir()
    assert satchel.forget_folder(str(notes)).records is None
    assert not home.workspace(notes).exists()


def test_a_repository_inside_an_accepted_folder_is_not_that_folder(
    satchel: Satchel, notes: Path
) -> None:
    satchel.index(str(notes), quiet, accept=True)
    (notes / "shop" / ".git").mkdir(parents=True)
    (notes / "shop" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    with pytest.raises(NotAccepted):
        satchel.forget_folder(str(notes / "shop"))
    assert tops(satchel) == [str(notes)]


def test_a_comparison_is_catching_up_from_the_start_only_where_something_is_known_to_have_changed(
    home: Home, notes: Path
) -> None:
    workspace = Workspace.open(notes, home, Settings({}), accept=True)
    workspace.refresh(quiet)
    for behind in (False, True):
        with workspace._lock:  # nothing can end while we look
            comparing = workspace.compare(behind)
            assert workspace.catching_up == behind
        comparing.join()
        assert not workspace.catching_up
    workspace.close()
