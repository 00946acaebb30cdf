"""What is ours goes, and nothing else."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.cli.uninstall import meaning_of, refuse_strange, remove, survey

OURS = (
    "settings.json",
    "grants.json",
    "grants.lock",
    "ledger.jsonl",
    "daemon.log",
    "run/token",
    "run/daemon.lock",
    "workspaces/shop-0123/index.db",
    "workspaces/shop-0123/records.db-wal",
    "workspaces/shop-0123/workspace.json",
    "workspaces/shop-0123/sessions/0123abcd.json",
    "workspaces/everywhere/records.db",
    "assets/smollm2/model.gguf",
    "assets/smollm2/.verified.json",
    "cache/secret-rules/0123.vscdb",
)


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")


def test_nothing_is_left_of_a_home_that_is_ours(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    make(home.root, *OURS)
    assert {file.path.relative_to(home.root).as_posix() for file in survey(home)} == set(OURS)
    assert all(file.meaning for file in survey(home))
    remove(home)
    assert not home.root.exists()


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    make(home.root, *OURS, "notes.txt", "workspaces/notes.txt", "photos/cat.jpg")
    remove(home)
    left = {p.relative_to(home.root).as_posix() for p in home.root.rglob("*") if p.is_file()}
    assert left == {"notes.txt", "workspaces/notes.txt", "photos/cat.jpg"}


def test_a_folder_without_a_sign_of_ours_is_not_touched(tmp_path: Path) -> None:
    home = Home(tmp_path)
    make(tmp_path, "run/tests.sh", "cache/secret.txt")
    assert all(file.meaning is None for file in survey(home))
    remove(home)
    assert (tmp_path / "run" / "tests.sh").exists()


def test_a_link_is_removed_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    make(elsewhere, "smollm2/model.gguf")
    home = Home(tmp_path / "home")
    make(home.root, "settings.json")
    (home.root / "assets").symlink_to(elsewhere)
    remove(home)
    assert not home.root.exists()
    assert (elsewhere / "smollm2" / "model.gguf").exists()


@pytest.mark.parametrize("root", [Path("/"), Path.home(), Path.home().parent], ids=str)
def test_a_folder_that_is_plainly_something_else_is_refused(root: Path) -> None:
    with pytest.raises(BadInput, match="not a folder of Satchel's"):
        refuse_strange(Home(root))


def test_a_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(BadInput):
        refuse_strange(Home(tmp_path))


def test_records_are_told_apart_from_indexes() -> None:
    records = meaning_of(PurePosixPath("workspaces/a-1/records.db"))
    index = meaning_of(PurePosixPath("workspaces/a-1/index.db"))
    assert records is not None
    assert index is not None
    assert records != index
