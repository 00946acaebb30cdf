"""`satchel packets`, end to end against the real daemon, and its lines for a person."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from satchel.cli.packets import table, whole
from tests.cli.conftest import User

ASK = "where are the sessions kept?"


def wait_for(user: User, what: str) -> dict[str, Any]:
    """Return the newest packet once something happened after it."""
    for _ in range(200):
        (newest,) = user.runs("packets", "--last", "--json").json["packets"]
        if what in json.dumps(newest):
            return dict(newest)
        time.sleep(0.05)
    raise AssertionError(newest)


def test_a_briefing_is_shown_with_what_happened_next_and_is_forgotten(regular: User) -> None:
    assert regular.runs("packets").out.startswith("No packet is kept of this folder.")
    assert regular.runs("brief", ASK).status == 0
    (newest,) = regular.runs("packets", "--last", "--json").json["packets"]
    held = next(item["name"] for item in newest["items"] if item["kind"] == "file")
    with (regular.folder / held).open("a") as file:
        file.write("\n# edited\n")
    told = wait_for(regular, '"edited"')
    assert (told["door"], told["request"], told["client"]) == ("cli", ASK, None)
    (edited,) = [item for item in told["items"] if item["name"] == held]
    assert (edited["kind"], edited["happened"][0]["what"]) == ("file", "edited")
    assert edited["symbols"]
    number = str(told["id"])
    listed = regular.runs("packets", "--in", str(regular.folder / "shop"))
    assert ASK in listed.out
    assert regular.runs("packets", number).out == regular.runs("packets", "--last").out
    gone = regular.runs("packets", "--forget", number)
    assert gone.out == "Forgotten: 1 packet, and what happened after.\n"
    again = regular.runs("packets", "--forget", number)
    assert (again.status, "no packet" in again.err) == (2, True)
    assert regular.runs("packets", "--forget", "all", "--json").json == {"forgotten_packets": 0}


@pytest.mark.parametrize(
    "words",
    [
        ["packets", "3", "--last"],
        ["packets", "--last", "--forget", "all"],
        ["packets", "first"],
        ["packets", "--forget", "every"],
        ["packets", "99999999999999999999"],
        ["packets", "77"],
        ["packets", "--limit", "0"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_said_in_a_line(regular: User, words: list[str]) -> None:
    said = regular.runs(*words)
    assert said.status == 2
    assert "Traceback" not in said.err
    assert len(said.err.splitlines()) <= 3


def test_a_folder_that_was_not_accepted_is_not_told_of(regular: User, tmp_path: Path) -> None:
    said = regular.runs("packets", "--in", str(tmp_path))
    assert said.status == 2
    assert not said.out


PACKET: dict[str, Any] = {
    "id": 7,
    "time": "2026-11-22T10:06:45+00:00",
    "door": "hook",
    "client": "claude\u202e",
    "session": "3f2a",
    "request": "end\nevery session",
    "tokens": 96,
    "items": [
        {
            "kind": "file",
            "name": "shop/sessions.py",
            "symbols": ["SessionStore.revoke"],
            "happened": [
                {"what": "opened", "time": "", "after": 5},
                {"what": "edited", "time": "", "after": 7_300},
            ],
        },
        {"kind": "record", "name": "0870bb9618bc", "text": "by user", "happened": []},
    ],
    "missed": [{"name": "shop/cart.py", "happened": [{"what": "edited", "time": "", "after": 61}]}],
}


def test_a_packet_is_told_item_by_item() -> None:
    assert whole(PACKET) == [
        "packet 7 · 2026-11-22 10:06 UTC · asked by hook (claude) · session 3f2a",
        "  end every session",
        "",
        "files",
        "  shop/sessions.py",
        "    SessionStore.revoke",
        "    opened after 5 s, edited after 2 h",
        "",
        "records",
        "  0870bb9618bc",
        "    by user",
        "    nothing happened to it since",
        "",
        "edited after it, and not in it",
        "  shop/cart.py",
        "    edited after 1 min",
    ]


def test_packets_are_listed_a_line_each() -> None:
    head, row = table([PACKET, {**PACKET, "items": [], "missed": []}])[:2]
    titles = "no. when asked by files records used missed request"
    assert " ".join(head.split()) == titles
    assert " ".join(row.split()) == "7 2026-11-22 10:06 UTC hook (claude) 1 1 1 1 end every session"
