"""Folders and repositories that are not as one would like them: read as far as they go."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.ingest.indexer import IndexSummary, Progress
from satchel.context.ingest.parse import parse
from satchel.context.remember import Saying
from satchel.context.types import Packet
from satchel.wiring import Satchel
from tests.cli.conftest import User
from tests.faults.conftest import CART, GIT, Make, commit, git, until, world

SMILE = "def draw_smile(face):\n    return face\n"
TINY = 20_000  # files; 100,000 took 20 s to read, 1.2 s to compare again and 320 MB on two cores


def index(satchel: Satchel, top: Path) -> IndexSummary:
    return satchel.index(str(top), lambda progress: None, accept=True)


def brief(satchel: Satchel, top: Path, text: str) -> Packet:
    return satchel.brief(text, str(top))


def found(satchel: Satchel, top: Path, text: str) -> list[str]:
    return [file.path for file in brief(satchel, top, text).files]


# --- what there is to read ----------------------------------------------------------------------


@pytest.mark.parametrize("words", [("index",), ("brief", "x", "--in"), ("ask", "x", "--in")])
def test_a_path_that_is_not_there_is_named(user: User, words: tuple[str, ...]) -> None:
    said = user.runs(*words, str(user.folder / "nowhere"))
    assert (said.status, said.out) == (2, "")
    assert "there is no folder" in said.err
    assert len(said.err.splitlines()) == 2


def test_an_empty_folder_is_read_and_said_to_be_empty(user: User) -> None:
    said = user.runs("index")
    assert said.status == 0
    assert "there is no file here" in said.out
    assert user.runs("brief", "where is the cart?", "--json").json["empty_reason"]


def test_without_git_a_repository_is_read_as_a_plain_folder(owner: User, tmp_path: Path) -> None:
    nothing = tmp_path / "bin"
    nothing.mkdir()
    said = owner.runs("index", "--json", PATH=str(nothing))
    assert said.status == 0, said.err
    assert (said.json["git"], said.json["read"], said.json["commits"]) == (False, 1, 0)
    assert said.json["notes"] == ["git was not found: read as a plain folder, without history"]
    assert owner.runs("brief", "change add_to_cart", "--json").json["files"]
    owner.runs("down")  # the next one is started with git on its PATH
    again = owner.runs("index", "--json").json
    assert (again["git"], again["commits"], again["notes"]) == (True, 1, [])


def test_a_repository_without_commits_is_read_and_told_apart(
    satchel: Satchel, tmp_path: Path
) -> None:
    top = tmp_path / "new"
    top.mkdir()
    git(top, "init", "--quiet")
    (top / "cart.py").write_text(CART)
    summary = index(satchel, top)
    assert (summary.git, summary.head, summary.commits) == (True, None, 0)
    assert "no commits yet" in summary.notes[0]
    assert found(satchel, top, "change add_to_cart") == ["cart.py"]


def test_a_submodule_is_counted_and_is_a_workspace_of_its_own(satchel: Satchel, make: Make) -> None:
    inner = make("inner", smile=SMILE)
    outer = make("outer")
    git(outer, "submodule", "--quiet", "add", str(inner), "sub")
    commit(outer, "Take the smile in")
    summary = index(satchel, outer)
    assert summary.skipped["submodule"] == 1
    assert summary.examples["submodule"] == "sub"
    assert found(satchel, outer, "change draw_smile") == []
    assert index(satchel, outer / "sub").workspace == str(outer / "sub")
    assert found(satchel, outer / "sub", "change draw_smile") == ["smile.py"]


def test_a_detached_head_has_the_history_that_it_stands_on(satchel: Satchel, make: Make) -> None:
    top = make()
    (top / "smile.py").write_text(SMILE)
    commit(top, "Smile")
    git(top, "checkout", "--quiet", "--detach", "HEAD~1")
    assert index(satchel, top).commits == 1
    assert found(satchel, top, "change draw_smile") == []
    git(top, "checkout", "--quiet", "main")
    assert index(satchel, top).commits == 2
    assert found(satchel, top, "change draw_smile") == ["smile.py"]


@pytest.mark.parametrize(
    ("option", "commits", "note"),
    [("--depth=1", 1, "shallow"), ("--filter=tree:0", 2, ""), ("--filter=blob:none", 2, "")],
)
def test_a_clone_that_is_not_whole_is_read_as_far_as_it_goes(
    satchel: Satchel, make: Make, tmp_path: Path, option: str, commits: int, note: str
) -> None:
    top = make()
    (top / "smile.py").write_text(SMILE)
    commit(top, "Smile")
    git(top, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", option, top.as_uri(), "clone")
    summary = index(satchel, tmp_path / "clone")
    assert summary.read == 2
    assert summary.commits <= commits
    assert all(note in said for said in summary.notes)
    assert found(satchel, tmp_path / "clone", "change add_to_cart") == ["cart.py"]


def test_a_repository_whose_objects_are_damaged_is_still_read(satchel: Satchel, make: Make) -> None:
    top = make()
    for each in (top / ".git" / "objects").glob("??/*"):
        each.chmod(0o644)
        each.write_bytes(b"not an object")
    summary = index(satchel, top)
    assert summary.read == 1
    assert summary.commits == 0
    assert summary.notes
    assert found(satchel, top, "change add_to_cart") == ["cart.py"]


def test_what_nobody_may_look_into_is_counted_or_named(tmp_path: Path) -> None:
    """In a user namespace root is nobody: files of users who are not mapped stay shut."""
    top, shut = tmp_path / "top", tmp_path / "shut"
    for folder in (top / "inner", shut):
        folder.mkdir(parents=True)
        (folder / "smile.py").write_text(SMILE)
    (top / "cart.py").write_text(CART)
    (top / "key.py").write_text(CART)
    locked = [top / "key.py", top / "inner", shut]
    for path in locked:
        path.chmod(0)
        if os.geteuid() == 0:
            os.chown(path, 65534, 65534)
    home = tmp_path / "home"
    home.mkdir()
    person = User(home, top)
    try:
        with world("true") as here:
            summary = here.runs(person, "index", "--json").json
            assert summary["languages"] == {"python": 1}
            assert summary["skipped"] == {"unreadable": 2}
            refused = here.runs(person, "index", str(shut), "--json")
            assert refused.status == 2
            assert refused.json["error"]["code"] == "not-readable"
            assert here.runs(person, "down").status == 0
    finally:
        for path in locked:
            path.chmod(0o700)


# --- while it is read ---------------------------------------------------------------------------


def test_files_that_vanish_while_they_are_read_are_passed_over(
    satchel: Satchel, make: Make
) -> None:
    top = make("many", **{f"m{n}": f"def made_{n}():\n    return {n}\n" for n in range(60)})

    def remove_the_rest(progress: Progress) -> None:
        if progress.stage == "walk":  # all are listed by now, none was opened
            for number in range(30, 60):
                (top / f"m{number}.py").unlink(missing_ok=True)

    satchel.index(str(top), lambda progress: None, accept=True)  # the first is in another process
    for number in range(60):
        (top / f"m{number}.py").write_text(f"def made_again_{number}():\n    return {number}\n")
    summary = satchel.index(str(top), remove_the_rest, accept=True)
    assert summary.skipped["vanished"] == 30
    assert summary.languages["python"] == 30
    assert index(satchel, top).skipped["vanished"] == 0
    assert found(satchel, top, "change made_again_7") == ["m7.py"]
    assert found(satchel, top, "change made_again_40") == []


def test_a_workspace_that_vanishes_is_named_and_comes_back(satchel: Satchel, make: Make) -> None:
    top = make()
    index(satchel, top)
    top.rename(top.with_name("aside"))
    with pytest.raises(BadInput, match="there is no"):
        brief(satchel, top, "change add_to_cart")
    top.with_name("aside").rename(top)
    assert found(satchel, top, "change add_to_cart") == ["cart.py"]


# --- what stands in files and names -------------------------------------------------------------


def test_what_is_not_utf_8_is_read_with_replacements_or_counted(
    satchel: Satchel, make: Make
) -> None:
    top = make()
    (top / "mixed.py").write_bytes(
        b"def stir_coffee():\n    return '\xff\xfe caf\xe9'\n" + b"x = 1\n" * 50
    )
    (top / "noise.py").write_bytes(bytes(range(128, 256)) * 20)
    (Path(os.fsdecode(os.fsencode(top) + b"/\xff.py"))).write_text(SMILE)
    git(top, "add", "--all")
    message = b"Gr\xfc\xdfe\n\nbody \xff\n"
    subprocess.run(
        [*GIT, "-c", b"user.name=J\xfcrgen", "commit", "--quiet", "--file=-"],
        cwd=top,
        input=message,
        check=True,
    )
    summary = index(satchel, top)
    assert summary.commits == 2
    assert (summary.skipped["name"], summary.skipped["binary"]) == (1, 1)
    assert found(satchel, top, "change stir_coffee") == ["mixed.py"]


def test_a_folder_whose_own_name_is_not_utf_8_is_a_workspace(
    satchel: Satchel, tmp_path: Path
) -> None:
    top = Path(os.fsdecode(os.fsencode(tmp_path) + b"/top\xff"))
    top.mkdir()
    (top / "cart.py").write_text(CART)
    index(satchel, top)
    assert found(satchel, top, "change add_to_cart") == ["cart.py"]
    satchel.memory.remember(Saying("carts hold nine items"), path=str(top))
    assert satchel.memory.recall("carts", path=str(top), limit=1)


ODD = {
    "a new line": "new\nline.py",
    "an emoji": "😀.py",
    "a tab and quotes": 'tab\t"q\\.py',
    "an escape": "\x1b[31mred.py",
    "an option": "--exec=x.py",
    "a space first": " lead.py",
    "a colon": "a:1.py",
}


@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_a_name_is_followed_whatever_stands_in_it(
    satchel: Satchel, tmp_path: Path, name: str
) -> None:
    top = tmp_path / f"top of {name}"
    top.mkdir()
    git(top, "init", "--quiet")
    (top / name).write_text(SMILE)
    commit(top, "Begin")
    index(satchel, top)
    packet = brief(satchel, top, "change draw_smile")
    assert [file.path for file in packet.files] == [name]
    assert "\x1b" not in packet.markdown
    assert "draw_smile" in packet.markdown
    (top / name).write_text("def draw_frown(face):\n    return face\n")
    satchel.changed(str(top), {name})
    assert found(satchel, top, "change draw_frown") == [name]


def test_such_a_name_cannot_steer_a_terminal_or_break_a_line(user: User) -> None:
    (user.folder / "\x1b[31mred\nline.py").write_text(SMILE)
    assert user.runs("index").status == 0
    said = user.runs("brief", "change draw_smile", "--explain", FORCE_COLOR="")
    assert said.status == 0
    assert "\x1b" not in said.out
    assert all("line.py" not in line or "red" in line for line in said.out.splitlines())


@pytest.mark.parametrize("largest", [1024, 100_000], ids=["by default", "where large is allowed"])
def test_a_line_of_10_mb_is_counted_not_read(make: Make, tmp_path: Path, largest: int) -> None:
    top = make()
    (top / "wide.py").write_text(f"x = '{'a' * 10_000_000}'\n")
    (top / "deep.py").write_text("[" * 9_000_000)
    (top / "wide.md").write_text("word " * 2_000_000)
    (top / "wide.json").write_text('{"a":' * 2_000_000)
    satchel = Satchel(Home(tmp_path / "inner"), Settings({"index.max_file_kb": largest}))
    try:
        summary = index(satchel, top)
        assert summary.skipped.total() == 4
        assert found(satchel, top, "change add_to_cart") == ["cart.py"]
    finally:
        satchel.close()


@pytest.mark.parametrize("line", ["\n", " \n", "class a\n", "\r\n"], ids=ascii)
def test_a_header_of_very_many_lines_is_read(line: str) -> None:
    """A pattern that walks over line ends would take hours over this."""
    assert parse("wide.h", line * (1_000_000 // len(line))).language in {"c", "cpp"}


def test_a_great_many_tiny_files_are_read(memory: Path) -> None:
    top = memory / "many"
    for number in range(TINY):
        if number % 1000 == 0:
            folder = top / f"d{number // 1000}"
            folder.mkdir(parents=True)
        (folder / f"f{number}.py").write_text(f"def tiny_{number}():\n    return {number}\n")
    satchel = Satchel(Home(memory / "home"), Settings({}))
    try:
        assert index(satchel, top).read == TINY
        assert index(satchel, top).unchanged == TINY
        assert found(satchel, top, "change tiny_777")[0] == "d0/f777.py"
    finally:
        satchel.close()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where the machine has such a place."""
    place = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(dir=place if place.is_dir() else tmp_path))
    yield made
    shutil.rmtree(made)


# --- our own folder in theirs -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["repository", "plain folder"])
@pytest.mark.parametrize("name", [".satchel", "kept"])
def test_a_home_within_the_workspace_is_not_read(
    make: Make, tmp_path: Path, kind: str, name: str
) -> None:
    top = make() if kind == "repository" else tmp_path / "plain"
    top.mkdir(exist_ok=True)
    (top / "cart.py").write_text(CART)
    person = User(top / name, top)
    try:
        assert person.runs("index", "--json").json["files"] == 1
        assert person.runs("brief", "change add_to_cart", "--json").json["files"]
        (top / "smile.py").write_text(SMILE)  # the watcher sees that, and what it makes us write
        until(lambda: person.runs("brief", "change draw_smile", "--json").json["files"])
        rows = person.runs("status", "--json").json["workspaces"]
        assert [row["document"] for row in rows] == [2]
    finally:
        person.runs("down")
