"""What goes in, what comes out, and what stops when the caller leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from satchel.base.errors import SatchelError
from satchel.daemon.hook_routes import hooks
from satchel.daemon.routes import api
from satchel.daemon.seam import Engine
from satchel.tools.client import Daemon
from satchel.tools.loopback import Exchange

Until = Callable[[Callable[[], Any]], Any]


def test_a_packet_comes_back_whole(running: Daemon) -> None:
    packet = running.call("POST", "/api/brief", {"request": "do it", "path": "/w", "budget": 300})
    assert packet["workspace"] == "/w"
    assert packet["budget"] == 300
    assert packet["intent"] == {"kind": "change", "confidence": 0.5}
    [file] = packet["files"]
    assert file["lines"] == [[1, 2]]
    assert "signals" not in file


def test_explain_adds_the_signals(running: Daemon) -> None:
    body = {"request": "do it", "path": "/w", "explain": True}
    [file] = running.call("POST", "/api/brief", body)["files"]
    assert file["signals"] == {"path": 1.0}


def test_a_path_that_is_not_unicode_survives_the_way(running: Daemon) -> None:
    packet = running.call("POST", "/api/brief", {"request": "do it", "path": "/w\udcff"})
    assert packet["workspace"] == "/w\udcff"


def test_indexing_tells_how_far_it_is(running: Daemon) -> None:
    events = list(running.stream("/api/index", {"path": "/w", "accept": True}))
    assert events[0] == {"event": "progress", "stage": "parse", "done": 1, "total": 1_000_000}
    assert events[-1] == {
        "event": "done",
        "summary": {"workspace": "/w", "read": 3, "languages": {"python": 3}},
    }


def test_records_are_kept_found_and_forgotten(running: Daemon) -> None:
    kept = running.call("POST", "/api/remember", {"text": "use tabs", "kind": "rule", "path": "/w"})
    assert kept["conflicts"] == []
    assert kept["record"]["kind"] == "rule"
    body = {"query": "tabs", "path": "/w", "limit": 5}
    [found] = running.call("POST", "/api/recall", body)["records"]
    assert found["id"] == kept["record"]["id"]
    assert found["reason"] == "it says so"
    body = {"id": found["id"], "path": "/w"}
    assert running.call("POST", "/api/forget", body) == {
        "forgotten": [found["id"]],
        "mined_from": {},
    }


def test_everything_that_is_said_with_a_record_goes_through(running: Daemon) -> None:
    body = {
        "text": "a secret rule",
        "path": "/w",
        "source": "agent",
        "globs": ["src/*"],
        "subject": "style",
        "aliases": ["tabs"],
        "pinned": True,
        "open": True,
        "since": "2026-01-02",
        "supersedes": ["r0"],
    }
    kept = running.call("POST", "/api/remember", body)
    assert kept["masked"] == 1
    assert {"known", "guessed", "superseded", "proposed", "notes"} < set(kept)
    seen = (running.home.root / "seen").read_text()
    assert (
        "remember Saying(text='a secret rule', kind=None, source='agent', everywhere=False, "
        "globs=('src/*',), subject='style', aliases=('tabs',), pinned=True, is_open=True, "
        "since='2026-01-02', supersedes=('r0',))"
    ) in seen


def test_records_are_listed_settled_and_told_of(running: Daemon) -> None:
    old = running.call("POST", "/api/remember", {"text": "npm", "path": "/w"})["record"]["id"]
    new = running.call("POST", "/api/remember", {"text": "pnpm", "path": "/w"})["record"]["id"]
    asked = {"path": "/w", "kind": "rule", "status": "active", "as_of": "2026-02-03"}
    listed = running.call("POST", "/api/records", asked)["records"]
    assert {old, new} <= {record["id"] for record in listed}
    assert "records rule active 2026-02-03" in (running.home.root / "seen").read_text()
    told = running.call("POST", "/api/history", {"id": new, "path": "/w"})
    assert (told["record"]["id"], told["after"]) == (new, [])
    [kept] = running.call("POST", "/api/confirm", {"ids": [new], "path": "/w"})["confirmed"]
    assert kept["record"]["confirmed"]
    [pinned] = running.call("POST", "/api/pin", {"ids": [new], "path": "/w"})["records"]
    assert pinned["pinned"]
    ended = running.call("POST", "/api/supersede", {"old": old, "new": new, "path": "/w"})
    assert ended["superseded"][0]["superseded_by"] == new
    [clash] = running.call("POST", "/api/conflicts", {"path": "/w"})["conflicts"]
    assert clash["statements"] == ["tabs", "spaces"]
    gone = running.call("POST", "/api/forget", {"ids": [old, new], "path": "/w"})
    assert gone["forgotten"] == [old, new]


def test_an_empty_query_lists_what_still_holds_or_held(running: Daemon) -> None:
    running.call("POST", "/api/recall", {"query": " ", "path": "/w"})
    running.call("POST", "/api/recall", {"query": "", "path": "/w", "as_of": "2026-02-03"})
    running.call("POST", "/api/recall", {"query": "x", "path": "/w", "all": True})
    seen = (running.home.root / "seen").read_text()
    assert "records None current None" in seen
    assert "records None None 2026-02-03" in seen
    assert "recall None True" in seen


def test_an_export_streams_its_lines_and_an_import_names_its_file(running: Daemon) -> None:
    events = list(running.stream("/api/export", {"path": "/w", "everywhere": True}))
    assert [event["text"] for event in events[:-1]] == [
        '{"satchel":"records"}',
        '{"kind":"note"}',
        "{}",
    ]
    assert events[-1] == {"event": "done", "records": 2}
    told = running.call("POST", "/api/import", {"file": "/x.jsonl", "path": "/w", "trust": True})
    counts = {"added": 1, "changed": 2, "unchanged": 3, "masked": 4, "elsewhere": 0}
    assert told == {**counts, "trusted": True, "ids": []}


def test_a_scan_names_places_and_kinds(running: Daemon) -> None:
    found = [{"where": "record", "id": "r1", "kinds": {"token": 1}}]
    assert running.call("POST", "/api/scan", {"path": "/w"}) == {"found": found, "masked": False}
    asked = {"path": "/w", "mask": True}
    assert running.call("POST", "/api/scan", asked) == {"found": found, "masked": True}


def test_a_pending_edit_stands_for_a_request(running: Daemon) -> None:
    packet = running.call("POST", "/api/brief", {"path": "/w", "diff": "12345"})
    assert "5 characters asked" in packet["markdown"]


def test_forgetting_a_folder_tells_first_what_goes(running: Daemon) -> None:
    body = {"folder": "/w", "dry_run": True}
    told = running.call("POST", "/api/forget", body)
    assert told == {"workspace": "/w", "records": 2, "turns": 4, "bytes": 1000, "forgotten": False}
    assert running.call("POST", "/api/forget", {"folder": "/w"}) == told | {"forgotten": True}


def test_models_are_what_detection_found(running: Daemon) -> None:
    assert running.call("GET", "/api/models")["models"][0]["name"] == "fake"


@pytest.mark.parametrize(
    ("route", "body", "code"),
    [
        pytest.param("/api/brief", {"request": "x", "path": "w"}, "bad-path", id="relative path"),
        pytest.param("/api/brief", {"request": "x", "path": "/\0"}, "bad-path", id="nul in path"),
        pytest.param("/api/brief", {"path": "/w"}, "bad-field", id="no request"),
        pytest.param("/api/brief", {"request": 1, "path": "/w"}, "bad-field", id="number"),
        pytest.param(
            "/api/brief", {"request": "x", "path": "/w", "files": True}, "bad-field", id="bool"
        ),
        pytest.param("/api/index", {"accept": True}, "bad-field", id="no path"),
        pytest.param("/api/pin", {"ids": "r1", "path": "/w"}, "bad-field", id="no ids"),
        pytest.param("/api/import", {"file": "x", "path": "/w"}, "bad-path", id="relative file"),
        pytest.param("/api/export", {}, "bad-field", id="export of nothing"),
        pytest.param(
            "/api/ask", {"question": "x", "path": "/w", "files": "a"}, "bad-field", id="no list"
        ),
        pytest.param(
            "/api/brief", {"request": "x", "path": "/closed"}, "not-accepted", id="closed"
        ),
        pytest.param("/api/nothing", {}, "no-route", id="no route"),
        pytest.param("/api/status", {}, "no-method", id="wrong method"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(
    running: Daemon, route: str, body: dict[str, Any], code: str
) -> None:
    with pytest.raises(SatchelError) as raised:
        running.call("POST", route, body)
    assert raised.value.code == code
    assert raised.value.exit_status == 2


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_told_so(running: Daemon, body: bytes) -> None:
    with Exchange(running.address) as exchange:
        exchange.send("POST", "/api/brief", running.headers(), body)
        assert exchange.status == 400
        assert json.loads(exchange.body())["error"]["code"] == "bad-json"


def test_a_fault_of_ours_tells_nothing_of_the_request(running: Daemon) -> None:
    with pytest.raises(SatchelError) as raised:
        running.call("POST", "/api/brief", {"request": "crash on my secret", "path": "/w"})
    assert raised.value.code == "internal"
    log = running.home.log.read_text()
    assert "ValueError" in log
    assert "secret" not in json.dumps(raised.value.as_json()) + log


def test_an_index_stops_when_its_caller_leaves(running: Daemon, until: Until) -> None:
    events = running.stream("/api/index", {"path": "/slow/index", "accept": True})
    next(events)
    events.close()
    seen = running.home.root / "seen"
    until(lambda: seen.exists() and "index stopped Cancelled" in seen.read_text())


def test_an_answer_streams_and_stops_when_its_caller_leaves(running: Daemon, until: Until) -> None:
    asked = {"question": "short", "path": "/w", "files": ["/a.md"], "continue": True}
    events = [event["event"] for event in running.stream("/api/ask", asked)]
    assert events == ["model", "delta", "delta", "delta", "done"]
    left = running.stream("/api/ask", asked | {"question": "slow"})
    assert next(left)["name"] == "fake"
    left.close()
    seen = running.home.root / "seen"
    until(lambda: seen.exists() and "ask stopped CancelledError" in seen.read_text())


def test_every_route_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    routes = api(cast(Engine, None), dict, lambda: None, lambda top: None, lambda top: None)
    routes += hooks(cast(Engine, None), lambda top: None)
    documented = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    served = [f"{max(route.methods or ())} {route.path}" for route in routes]
    assert sorted(documented) == sorted(
        [*(each.replace("HEAD", "GET") for each in served), "POST /mcp"]
    )


def test_the_log_holds_routes_and_no_words(running: Daemon) -> None:
    running.call("POST", "/api/brief", {"request": "my very words", "path": "/my/own/folder"})
    with pytest.raises(SatchelError):
        running.call("GET", "/my/own/route")
    log = running.home.log.read_text()
    assert "POST /api/brief 200" in log
    assert "my" not in log.lower()
