"""The rest of the walk on a real repository: every command that needs no model, each packet held
to the documented shape, and nothing left at the end."""

from __future__ import annotations

import json
import re
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from bench.repositories import NoIndex, as_repository, cache_folder, source_archive
from satchel import __version__
from satchel.base.settings import TABLE
from tests.cli.conftest import User, at_home

REPOSITORY = "marshmallow==3.25.1"
REQUESTS = {
    "a change": "add a max_items option to fields.List",
    "a question": "where are nested schemas resolved by their name?",
    "a name": "Schema.dump",
    "a record": "which Python versions do we support?",
    "thanks": "thanks!",
    "a stack trace": (
        "Traceback (most recent call last):\n"
        '  File "src/marshmallow/schema.py", line 722, in load\n'
        "TypeError: load() got an unexpected keyword argument"
    ),
}

Check: TypeAlias = Callable[[Any, str], None]


# --- the shape of a packet, written down by hand ------------------------------------------------


def one(kind: type[Any], holds: Callable[[Any], bool] = lambda value: True) -> Check:
    """A value of exactly one type (a bool is no number) for which something holds."""

    def check(value: Any, place: str) -> None:
        assert type(value) is kind, (place, value)
        assert holds(value), (place, value)

    return check


def number(value: Any, place: str) -> None:
    assert type(value) in (int, float), (place, value)


def either(*allowed: object) -> Check:
    def check(value: Any, place: str) -> None:
        assert value in allowed, (place, value)

    return check


def many(item: Check) -> Check:
    def check(value: Any, place: str) -> None:
        assert type(value) is list, (place, value)
        for at, each in enumerate(value):
            item(each, f"{place}[{at}]")

    return check


def exactly(**fields: Check) -> Check:
    """An object with these keys and no others."""

    def check(value: Any, place: str) -> None:
        assert type(value) is dict, (place, value)
        assert set(value) == set(fields), (place, set(value) ^ set(fields))
        for name, field in fields.items():
            field(value[name], f"{place}.{name}")

    return check


def maybe(check: Check) -> Check:
    return lambda value, place: None if value is None else check(value, place)


def lines(value: Any, place: str) -> None:
    """Line 1 is the first, and the last is inclusive."""
    many(many(one(int, lambda line: line >= 1)))(value, place)
    assert all(len(span) == 2 and span[0] <= span[1] for span in value), (place, value)


said = one(str, bool)
text = one(str)
posix = one(str, lambda path: not path.startswith("/") and "\\" not in path)
moment = one(str, lambda date: bool(datetime.fromisoformat(date)))
amount = one(int, lambda count: count >= 0)

PACKET = exactly(
    request=said,
    workspace=one(str, lambda path: Path(path).is_absolute() and (Path(path) / ".git").exists()),
    intent=exactly(
        kind=either("change", "question", "plan", "recall", "operate", "none"),
        confidence=one(float, lambda share: 0 <= share <= 1),
    ),
    files=many(
        exactly(
            path=posix,
            symbols=many(said),
            lines=lines,
            reason=said,
            score=number,
            in_packet=one(bool),
        )
    ),
    symbols=many(exactly(path=posix, name=said, lines=one(list), score=number)),
    tests=many(exactly(path=posix, reason=said)),
    records=many(
        exactly(
            id=said,
            kind=either("decision", "preference", "rule", "fact", "note"),
            text=said,
            reason=said,
            source=said,
            sources=many(said),
            date=moment,
            status=either("active", "open", "unconfirmed", "stale", "superseded", "rejected"),
            mined=one(bool),
            confidence=one(float, lambda share: 0 <= share <= 1),
            before=many(exactly(id=said, text=said, date=moment, until=maybe(moment))),
        )
    ),
    conflicts=many(
        exactly(
            ids=many(said),
            statements=many(said),
            dates=many(moment),
            sources=many(said),
            reason=said,
        )
    ),
    markdown=text,
    tokens=amount,
    budget=amount,
    empty_reason=maybe(said),
    catching_up=one(bool),
    ms=exactly(
        classify=number, retrieve=number, rank=number, conflict=number, pack=number, total=number
    ),
)


# --- the walk -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[User]:
    """Somebody in a real repository, which they let Satchel read, and who has a record."""
    scratch = tmp_path_factory.mktemp("commands")
    try:
        archive = source_archive(REPOSITORY, cache_folder())
    except NoIndex as error:
        pytest.skip(f"no package index gives the source archives: {error}")
    top = as_repository(archive, scratch / "marshmallow")
    with at_home(scratch / "home") as home:
        user = User(home, top)
        first = user.runs("brief", REQUESTS["a change"], "--yes", "--json")
        assert first.status == 0, first
        rule = "We support Python 3.9 and newer; drop a version one year after its end of life"
        assert user.runs("remember", rule, "--kind", "decision").status == 0
        yield user


@pytest.mark.parametrize("request_text", REQUESTS.values(), ids=REQUESTS)
def test_a_packet_has_exactly_the_documented_shape(user: User, request_text: str) -> None:
    briefed = user.runs("brief", request_text, "--json")
    assert (briefed.status, briefed.err) == (0, "")
    assert len(briefed.out.splitlines()) == 1
    packet = briefed.json
    PACKET(packet, "packet")
    assert packet["request"] == request_text
    assert packet["budget"] == 1200
    assert packet["tokens"] <= packet["budget"]
    assert (packet["empty_reason"] is None) == bool(packet["markdown"])
    assert (packet["tokens"] == 0) == (not packet["markdown"])
    places = [file["path"] for file in packet["files"]] + [test["path"] for test in packet["tests"]]
    assert all((user.folder / place).is_file() for place in places)
    for file in packet["files"]:
        length = len((user.folder / file["path"]).read_text(encoding="utf-8").splitlines())
        assert all(stop <= length for _, stop in file["lines"])


def test_the_same_request_gives_the_same_packet(user: User) -> None:
    first, second = (user.runs("brief", REQUESTS["a change"], "--json").json for _ in range(2))
    assert {**first, "ms": 0} == {**second, "ms": 0}


def test_a_record_that_applies_is_in_the_packet(user: User) -> None:
    packet = user.runs("brief", REQUESTS["a record"], "--json").json
    record = next(record for record in packet["records"] if record["kind"] == "decision")
    assert record["text"] in packet["markdown"]


def test_an_error_under_json_is_one_object_and_a_status(user: User) -> None:
    failed = user.runs("brief", "x", "--in", "nowhere", "--json")
    assert failed.status != 0
    assert set(failed.json) == {"error"}
    exactly(code=said, message=said, next=said)(failed.json["error"], "error")


def test_a_folder_that_is_new_is_not_read_where_nobody_can_be_asked(
    user: User, tmp_path: Path
) -> None:
    asked = user.runs("brief", "what is here?", "--in", str(tmp_path), "--json")
    assert asked.status == 2
    assert asked.json["error"]["code"] == "needs-answer"


def test_explain_names_the_signals_of_each_file(user: User) -> None:
    told = user.runs("brief", REQUESTS["a change"], "--explain").out
    assert "What each signal gave" in told
    assert re.search(r"src/marshmallow/fields\.py .*\d\.\d{3}", told)
    packet = user.runs("brief", REQUESTS["a change"], "--explain", "--json").json
    assert all(file["signals"] for file in packet["files"])
    assert type(packet["left_out"]) is list


@pytest.mark.parametrize("budget", [60, 200, 1000, 4000])
def test_a_budget_is_never_passed(user: User, budget: int) -> None:
    packet = user.runs("brief", REQUESTS["a change"], "--budget", str(budget), "--json").json
    assert packet["tokens"] <= packet["budget"] == budget


@pytest.mark.parametrize("request_text", [REQUESTS["a change"], REQUESTS["thanks"]])
def test_files_are_ranked_even_where_the_packet_is_silent(user: User, request_text: str) -> None:
    packet = user.runs("brief", request_text, "--files", "7", "--json").json
    PACKET(packet, "packet")
    scores = [file["score"] for file in packet["files"]]
    assert scores == sorted(scores, reverse=True)
    if request_text == REQUESTS["thanks"]:
        assert not any(file["in_packet"] for file in packet["files"])
    else:
        assert len(packet["files"]) == 7
        assert packet["files"][0]["path"] == "src/marshmallow/fields.py"


def test_records_are_kept_found_and_dropped(user: User) -> None:
    kept = user.runs("remember", "Lamps are named after rivers", "--kind", "rule", "--json").json
    assert set(kept) >= {"record", "conflicts"}
    name = kept["record"]["id"]
    found = user.runs("recall", "how are lamps named?", "--limit", "1", "--json").json
    assert set(found) == {"records"}
    assert [record["id"] for record in found["records"]] == [name]
    assert user.runs("forget", name, "--json").json == {"forgotten": [name], "mined_from": {}}
    assert user.runs("recall", "how are lamps named?", "--json").json["records"] == []


def test_the_daemon_goes_down_comes_up_and_says_where_it_is(user: User) -> None:
    assert user.runs("down", "--json").json == {"stopped": True}
    assert user.runs("status", "--json").status == 3
    up = user.runs("up", "--json").json
    told = user.runs("status", "--json").json
    assert told["pid"] == up["pid"]
    assert told["version"] == __version__
    assert told["mcp"] == f"{told['url']}/mcp"
    assert stat.S_IMODE(Path(told["token_file"]).stat().st_mode) == 0o600
    host, port = told["url"].removeprefix("http://").split(":")
    assert host == "127.0.0.1"
    socket.create_connection((host, int(port)), timeout=5).close()
    assert [row["path"] for row in told["workspaces"]] == [str(user.folder)]
    # What was indexed and remembered before is there.
    packet = user.runs("brief", REQUESTS["a record"], "--json").json
    assert packet["records"]


def test_an_index_of_what_did_not_change_reads_nothing(user: User) -> None:
    summary = user.runs("index", "--json").json
    assert (summary["read"], summary["removed"], summary["commits"]) == (0, 0, 1)
    assert summary["unchanged"] > 50
    assert summary["languages"] == {}
    assert summary["definitions"] > 500


def test_doctor_names_what_it_looked_at(user: User) -> None:
    told = user.runs("doctor", "--json")
    rows = told.json["findings"]
    assert told.status == (0 if told.json["fine"] else 1)
    many(exactly(about=said, state=either("ok", "note", "to do"), text=said, next=maybe(said)))(
        rows, "findings"
    )
    by_name: Mapping[str, str] = {row["about"]: row["state"] for row in rows}
    assert {by_name[name] for name in ("python", "git", "home", "daemon", "stores")} == {"ok"}


def test_config_lists_every_setting_with_its_default_and_meaning(user: User) -> None:
    shown = user.runs("config").out
    for setting in TABLE:
        assert setting.name in shown
        assert setting.meaning in shown
    assert user.runs("config", "set", "brief.budget", "300").status == 0
    user.runs("down")  # the daemon reads its settings when it starts
    assert user.runs("brief", REQUESTS["a change"], "--json").json["budget"] == 300
    assert user.runs("config", "unset", "brief.budget").status == 0
    user.runs("down")
    assert user.runs("brief", REQUESTS["a change"], "--json").json["budget"] == 1200


def test_nothing_was_written_into_the_repository_and_uninstall_leaves_nothing(user: User) -> None:
    status = ["git", "status", "--porcelain", "--ignored"]
    listed = subprocess.run(status, cwd=user.folder, capture_output=True, text=True, check=True)
    assert listed.stdout == ""
    told = user.runs("uninstall", "--dry-run", "--json").json
    assert told["not_ours"] == []
    assert {Path(row["path"]).name for row in told["files"]} >= {"records.db", "index.db", "token"}
    gone = user.runs("uninstall", "--yes", "--json")
    assert gone.status == 0, gone
    assert gone.json["removed"] is True
    assert not user.home.exists()
    assert json.loads(user.runs("status", "--json").out)["error"]["code"] == "daemon-not-running"
    assert not user.home.exists()  # to ask after it brings nothing back
