"""What stands between a tool's answer and its figures: names asked for, files read from answers,
processes that are told by a mark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.material import Task
from bench.peer_tools import ranking
from bench.peer_tools.known import KNOWN, Peer
from bench.peer_tools.lines import Failed, Lines, OutOfTime, last_words, run, shortened
from bench.peer_tools.place import Place, Session
from bench.peer_tools.processes import MARK, end, marked
from bench.peers import Tally, Terms, ask, line_of, prepare, row_of
from bench.repositories import git

SUFFIXES = frozenset((".py",))


def match(path: str, line: str, *names: str, number: int = 1) -> str:
    """Write one match as `rg --json` does."""
    found = {
        "path": {"text": path},
        "lines": {"text": line + "\n"},
        "line_number": number,
        "submatches": [{"match": {"text": name}, "start": 0, "end": 1} for name in names],
    }
    return json.dumps({"type": "match", "data": found})


@pytest.mark.parametrize(
    ("request_text", "names"),
    [
        ("The cart_total of a ShoppingCart is wrong", ["cart_total", "ShoppingCart"]),
        ("calling total(cart) with `rate` set", ["total", "rate"]),
        ("it forgets what was bought before", ["forgets", "what", "bought", "before"]),
        ("see `__init__`, then __init__ again", ["__init__"]),
        ("`a`", []),
    ],
    ids=["snake-and-camel", "called-and-quoted", "prose", "dunder", "short"],
)
def test_a_request_is_searched_by_its_identifiers(request_text: str, names: list[str]) -> None:
    assert ranking.identifiers(request_text) == names


def test_a_long_log_is_searched_by_its_first_identifiers() -> None:
    log = " ".join(f"name_{number}" for number in range(5000))
    assert ranking.identifiers(log) == [f"name_{number}" for number in range(60)]


def test_files_with_more_different_names_come_first() -> None:
    printed = "\n".join(
        [
            json.dumps({"type": "begin", "data": {"path": {"text": "often.py"}}}),
            match("./often.py", "pay(pay)", "pay", "pay"),
            match("often.py", "pay()", "pay", number=7),
            match("both.py", "pay(Cart)", "pay", "Cart"),
            match("a.py", "pay", "pay"),
            json.dumps({"type": "summary", "data": {"stats": {}}}),
        ]
    )
    found = list(ranking.matches(printed))
    assert found[1] == ("often.py", 7, "pay()", ("pay",))
    ranked = ranking.by_hits((path, name) for path, _, _, names in found for name in names)
    assert ranked == ["both.py", "often.py", "a.py"]


def test_a_path_that_is_no_text_is_left_out() -> None:
    event = {"path": {"bytes": "/w=="}, "lines": {"text": ""}, "line_number": 1, "submatches": []}
    assert list(ranking.matches(json.dumps({"type": "match", "data": event}))) == []


@pytest.mark.parametrize(
    ("answer", "files"),
    [
        (
            {"query": "q", "results": [{"file_path": "b.py"}, {"file_path": "a.py"}]},
            ["b.py", "a.py"],
        ),
        ([{"name_path": "f", "relative_path": "b.py", "body": "x = 'file'"}], ["b.py"]),
        ({"results": [{"file_path": "a.py"}, {"file_path": "a.py"}]}, ["a.py"]),
        ({"error": "No results found."}, []),
    ],
    ids=["passages", "symbols", "once", "nothing"],
)
def test_files_are_read_from_an_answer_in_its_order(answer: object, files: list[str]) -> None:
    assert ranking.named_files(json.dumps(answer)) == files


def test_an_answer_that_is_no_json_names_no_file() -> None:
    assert ranking.named_files("nothing was found in a.py") == []


def test_known_paths_are_read_from_text_by_first_mention() -> None:
    printed = "src/b.py:\n⋮\n│class B\nsee src/a.py, src/b.py and src/c.pyi"
    known = frozenset(("src/a.py", "src/b.py", "src/c.py"))
    assert ranking.mentioned_files(printed, known) == ["src/b.py", "src/a.py"]


def test_tests_and_other_suffixes_are_not_ranked() -> None:
    paths = ["tests/test_a.py", "README.md", "a.py", "b.js", "a.py"]
    assert ranking.sources(paths, SUFFIXES) == ["a.py"]


def test_the_last_complaint_is_the_reason() -> None:
    said = "Traceback:\n  File x\nOSError: no hub here\nhint: try again"
    assert last_words(said) == "OSError: no hub here"
    assert last_words("") == "it said nothing"
    assert len(shortened("long " * 500)) == 300


ECHO = """
import json, sys
print("welcome")
for line in sys.stdin:
    asked = json.loads(line)
    if asked["method"] == "end":
        sys.exit("Error: had enough")
    if asked["method"] == "sleep":
        continue
    told = {"result": asked["params"]}
    if asked["method"] == "fail":
        told = {"error": {"message": "no"}}
    print(json.dumps({"jsonrpc": "2.0", "method": "note"}))
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **told}), flush=True)
"""


def test_a_program_that_stays_answers_fails_and_runs_out_of_time(tmp_path: Path) -> None:
    with Lines([sys.executable, "-c", ECHO], os.environ, tmp_path) as lines:
        assert lines.call("echo", {"a": 1}, 30) == {"a": 1}
        with pytest.raises(Failed, match=r"^no$"):
            lines.call("fail", {}, 30)
        with pytest.raises(OutOfTime):
            lines.call("sleep", {}, 0)
        assert lines.call("echo", {"b": 2}, 30) == {"b": 2}
        with pytest.raises(Failed, match="Error: had enough"):
            lines.call("end", {}, 30)


def test_a_program_that_is_not_there_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="no-such-tool does not start"):
        run([str(tmp_path / "no-such-tool")], os.environ, tmp_path, 30)
    with pytest.raises(Failed, match="bad luck"):
        run([sys.executable, "-c", "raise SystemExit('bad luck')"], os.environ, tmp_path, 30)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc")
def test_what_a_peer_leaves_behind_is_ended_by_its_mark(tmp_path: Path) -> None:
    mark = f"test-{os.getpid()}"
    command = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"]
    with subprocess.Popen(
        command,
        env={**os.environ, MARK: mark},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as left:
        assert left.stdout is not None
        left.stdout.readline()
        assert marked(mark) == [left.pid]
        end(mark)
        assert left.wait() < 0
    assert marked(mark) == []


class Fake:
    """A peer that knows one file and fails on one request."""

    def index(self) -> None:
        pass

    def ask(self, request: str) -> str:
        if request == "fail":
            raise Failed("lost the thread")
        return "carts.py"

    def rank(self, request: str) -> list[str]:
        return ["tests/test_carts.py", "carts.py"]


@contextmanager
def fake(place: Place) -> Iterator[Session]:
    """Open the fake."""
    yield Fake()


@contextmanager
def absent(place: Place) -> Iterator[Session]:
    """Open what is not there."""
    if not place.environment.joinpath("hub").exists():
        raise Failed("it wants a hub")
    yield Fake()


@pytest.fixture
def terms(tmp_path: Path) -> Terms:
    """Terms over a folder without environments."""
    return Terms(tmp_path / "environments", SUFFIXES, 30, 30)


def test_a_peer_that_fails_on_a_task_has_missed_it(tmp_path: Path, terms: Terms) -> None:
    top = tmp_path / "shop"
    top.mkdir()
    (top / "carts.py").write_text("", encoding="utf-8")
    git(top, "init", "--quiet")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--message", "Sell things")
    head = git(top, "rev-parse", "HEAD").strip()
    tasks = [Task(text, "a/shop", head, text, ("carts.py",)) for text in ("fail", "fix carts")]
    tally = Tally(Peer("fake", fake))
    ask(tally, top, tasks, terms)
    row = row_of(tally)
    assert row["accuracy"]["@1"] == 50
    assert row["failed"] == {"fail": "lost the thread"}
    assert row["tokens"]["p50"] > 0
    assert line_of(row).endswith("  1")


def test_a_peer_that_cannot_run_gives_its_reason(terms: Terms) -> None:
    tally = Tally(Peer("absent", absent))
    prepare(tally, terms, None)
    assert row_of(tally) == {"versions": {}, "cannot_run": "it wants a hub"}
    assert line_of(row_of(tally)) == "cannot be run here: it wants a hub"


def test_a_peer_that_is_not_installed_says_how_it_would_be(terms: Terms) -> None:
    tally = Tally(Peer("elsewhere", fake, "elsewhere", ("elsewhere",)))
    prepare(tally, terms, None)
    assert tally.why_not == "it is not installed; try --install"


def test_every_peer_has_a_name_of_its_own_and_no_environment_of_ours() -> None:
    assert len({peer.name for peer in KNOWN}) == len(KNOWN)
    assert all(bool(peer.environment) == bool(peer.requirements) for peer in KNOWN)
