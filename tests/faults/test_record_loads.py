"""Many records at once, a daemon that is killed meanwhile, a disk that takes no more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.base.paths import Home
from satchel.tools.client import connect, find
from tests.cli.conftest import User
from tests.faults.conftest import World, until, world
from tests.faults.test_homes import fill, one_sentence

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

WRITERS, EACH = 5, 100
WRITER = """
import sys
from pathlib import Path
from satchel.base.errors import SatchelError
from satchel.base.paths import Home
from satchel.tools.client import connect
home, top, name, count = sys.argv[1:]
for number in range(int(count)):
    text = f"Box {name}x{number} stands in aisle {number % 7}"
    body = {"text": text, "path": top}
    try:
        kept = connect(Home(Path(home))).call("POST", "/api/remember", body)
    except SatchelError as error:
        print("refused", error.code, flush=True)
        continue
    print("kept", kept["record"]["id"], f"{name}x{number}", flush=True)
"""


def writers(owner: User) -> list[subprocess.Popen[str]]:
    return [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(owner.home), str(owner.folder), name, str(EACH)],
            env={**os.environ, "SATCHEL_HOME": str(owner.home)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "abcdefgh"[:WRITERS]
    ]


def told(processes: list[subprocess.Popen[str]]) -> tuple[dict[str, str], int]:
    """Wait for the writers; return the ids that were acknowledged by their boxes, and how many
    were refused."""
    lines = [
        line.split() for one in processes for line in one.communicate(timeout=100)[0].split("\n")
    ]
    kept = {line[2]: line[1] for line in lines if line[:1] == ["kept"]}
    return kept, sum(line[:1] == ["refused"] for line in lines)


def held(owner: User) -> dict[str, str]:
    daemon = connect(Home(owner.home))
    rows = daemon.call("POST", "/api/records", {"path": str(owner.folder), "status": "any"})
    return {row["text"].split()[1]: row["id"] for row in rows["records"]}


def found(owner: User, box: str) -> list[str]:
    daemon = connect(Home(owner.home))
    body = {"query": f"where is box {box}?", "path": str(owner.folder)}
    return [row["id"] for row in daemon.call("POST", "/api/recall", body)["records"]]


def test_hundreds_of_records_by_several_processes_at_once_are_all_there(owner: User) -> None:
    assert owner.runs("index").status == 0
    kept, refused = told(writers(owner))
    assert (len(kept), refused) == (WRITERS * EACH, 0)
    assert held(owner) == kept
    for box in ("ax0", f"ex{EACH - 1}", "cx50"):
        assert kept[box] in found(owner, box)


def test_what_was_acknowledged_before_the_daemon_was_killed_is_there(owner: User) -> None:
    assert owner.runs("index").status == 0
    running = writers(owner)
    daemon = find(Home(owner.home))
    assert daemon is not None
    until(lambda: len(held(owner)) > 60)
    os.kill(daemon.pid, signal.SIGKILL)
    kept, refused = told(running)
    again = held(owner)
    assert kept.items() <= again.items()
    assert len(kept) + refused == WRITERS * EACH
    assert len(kept) > 60
    assert refused <= 4 * WRITERS  # those that were under way, and while it started again
    last = list(kept)[-1]
    assert kept[last] in found(owner, last)


# --- a disk that takes no more ------------------------------------------------------------------


@pytest.fixture
def cramped(owner: User) -> Iterator[tuple[User, World]]:
    """Somebody whose home lies on a small disk of its own."""
    owner.home.mkdir()
    with world(f"mount -t tmpfs -o size=12m tmpfs '{owner.home}'") as here:
        yield owner, here
        here.runs(owner, "down")


def test_a_disk_that_fills_while_a_file_is_imported_imports_nothing(
    cramped: tuple[User, World], tmp_path: Path
) -> None:
    owner, here = cramped
    assert here.runs(owner, "index").status == 0
    assert here.runs(owner, "remember", "carts hold nine items").status == 0
    file = tmp_path / "many.jsonl"
    lines = [{"satchel": "records", "version": 1}]
    text = "stands where nobody looks for it " * 20
    lines += [{"kind": "note", "text": f"Box {n} {text}"} for n in range(15_000)]
    file.write_text("\n".join(map(json.dumps, lines)))

    def records() -> list[str]:
        rows = here.runs(owner, "records", "--status", "any", "--json").json["records"]
        return sorted(row["text"] for row in rows)

    one_sentence(here.runs(owner, "import", str(file), "--json"), "disk-full")
    assert records() == ["carts hold nine items"]
    # What there is room for goes in, and what was refused left nothing behind.
    file.write_text("\n".join(map(json.dumps, lines[:50])))
    assert here.runs(owner, "import", str(file), "--json").json["added"] == 49
    assert len(records()) == 50


def test_a_disk_that_fills_while_sources_are_mined_keeps_all_of_one_or_nothing(
    cramped: tuple[User, World],
) -> None:
    owner, here = cramped
    assert here.runs(owner, "index").status == 0
    assert here.runs(owner, "remember", "carts hold nine items").status == 0
    fill(here.place(owner.home))
    (owner.folder / "CLAUDE.md").write_text(
        "".join(f"- Never log the name of customer number {n}.\n" for n in range(400))
    )
    said = here.runs(owner, "index", "--json")
    one_sentence(said, "disk-full")
    rows = here.runs(owner, "records", "--json").json["records"]
    assert [row["text"] for row in rows] == ["carts hold nine items"]
    (here.place(owner.home) / "filler").unlink()
    assert here.runs(owner, "index", "--json").status == 0
    rows = here.runs(owner, "records", "--json").json["records"]
    assert len(rows) > 100
    assert "carts hold nine items" in [row["text"] for row in rows]


def test_a_home_that_is_read_only_takes_no_import_and_says_so(owner: User, tmp_path: Path) -> None:
    assert owner.runs("index").status == 0
    assert owner.runs("remember", "carts hold nine items").status == 0
    assert owner.runs("down").status == 0
    file = tmp_path / "x.jsonl"
    file.write_text('{"satchel":"records","version":1}\n{"kind":"note","text":"x"}\n')
    home = owner.home
    with world(f"mount --bind '{home}' '{home}'\nmount -o remount,ro,bind '{home}'") as here:
        for words in (
            ("import", str(file)),
            ("forget", "abcd"),
            ("confirm", "abcd"),
            ("pin", "abcd"),
            ("supersede", "abcd", "carts hold ten items"),
        ):
            one_sentence(here.runs(owner, *words, "--json"), "home-not-writable")
    rows = owner.runs("records", "--json").json["records"]
    assert [row["text"] for row in rows] == ["carts hold nine items"]


# --- at a shell ---------------------------------------------------------------------------------


def test_hostile_input_at_a_shell_is_one_sentence_each(owner: User, tmp_path: Path) -> None:
    assert owner.runs("index").status == 0
    file = tmp_path / "x\x1b[31m.jsonl"
    file.write_bytes(b'{"satchel":"records","version":1}\n\x1b]0;owned\x07\n')
    diff = tmp_path / "x.diff"
    diff.write_bytes(b"+" * 5_000_001)
    for status, words, stdin in (
        (2, ("import", str(file)), b""),
        (2, ("import", "-"), b"\0\xff" * 999),
        (2, ("import", str(tmp_path)), b""),
        (2, ("records", "--as-of", ""), b""),
        (2, ("records", "--as-of", "never\x1b[2J"), b""),
        (2, ("recall", "carts", "--as-of", ""), b""),
        (2, ("remember", "carts hold nine items", "--since", ""), b""),
        (2, ("remember", ""), b""),
        (2, ("remember", "-"), b"\0\1\2"),
        (2, ("remember", "x", "--files", "../*"), b""),
        (2, ("forget", "../../etc"), b""),
        (2, ("records", "--history", "\x1b[2J"), b""),
        (2, ("brief", "--diff", str(diff)), b""),
        (2, ("brief", "--diff", "-"), b"\xff\xfe\0" * 99),
        (2, ("brief", "--diff", str(tmp_path)), b""),
    ):
        said = owner.runs(*words, stdin=stdin)
        assert said.status == status, (words, said)
        assert said.err, words
        assert "Traceback" not in said.err
        assert not {"\x1b", "\x07", "\0"} & set(said.err), words
    assert not list(owner.home.rglob("import.*"))
    assert owner.runs("records", "--json").json["records"] == []
