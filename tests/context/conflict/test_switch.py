"""Switches and numbers that a text or an edit sets by name."""

from __future__ import annotations

import pytest

from satchel.context.conflict.switch import numbers, set_by, switched, switches


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("telemetry off, sandbox and strictMode on", {"telemetry": False, "sandbox": True,
                                                      "strictmode": True}),
        ("turn off the proxy", {"proxy": False}),
        ("never disable autosave", {}),
        ("lazyImages: false", {"lazyimages": False}),
        ("it is on the wall", {}),
    ],
)  # fmt: skip
def test_switches_are_read_from_prose(text: str, found: dict[str, bool]) -> None:
    assert switches(text) == found


def test_switches_are_read_from_lines_of_configuration() -> None:
    assert set_by(["  strict: true,", "const debug = false;", "call(true)"]) == {
        "strict": True,
        "debug": False,
    }


def test_a_switch_set_the_other_way_round_is_told() -> None:
    assert switched({"proxy": True}, {"proxy": False}) == "proxy"
    assert switched({"proxy": True}, {"proxy": True, "cache": False}) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Attempts stay at 0", {"attempt": 0.0}),
        ("set attempts: 4 in the job", {"attempt": 4.0}),
        ("the meeting is at 10:30", {}),
        ("workers: 4 GB", {}),
    ],
)
def test_plain_numbers_are_read_by_their_name(text: str, found: dict[str, float]) -> None:
    assert numbers(text) == found
