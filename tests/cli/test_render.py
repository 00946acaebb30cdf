"""What a person reads: pure functions from JSON to lines."""

from __future__ import annotations

import pytest

from satchel.cli import render
from satchel.cli.terminal import PLAIN, Paint

COLOUR = Paint(True)
PACKET = {
    "intent": {"kind": "change", "confidence": 0.9},
    "files": [
        {
            "path": "shop/sessions.py",
            "lines": [[10, 42]],
            "reason": "defines `start_session`",
            "score": 0.9,
            "in_packet": True,
            "signals": {"lexical": 0.5, "symbol": 1.0},
        },
        {
            "path": "shop/mail.py",
            "lines": [],
            "reason": "mentions it",
            "score": 0.1,
            "in_packet": False,
            "signals": {"lexical": 0.1},
        },
    ],
    "tests": [{"path": "tests/test_sessions.py", "reason": "tests it"}],
    "records": [{"id": "r1", "kind": "rule", "reason": "its scope", "source": "user"}],
    "markdown": "## Files\n\n- shop/sessions.py:10-42 `start_session`: defines it\n",
    "tokens": 42,
    "budget": 1200,
    "empty_reason": None,
    "catching_up": False,
    "left_out": ["shop/db.py: too weak"],
    "ms": {"classify": 0.1, "pack": 2.0, "total": 2.1},
}


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (999, "999 B"), (1_200, "1.2 kB"), (92_871_040, "93 MB"), (2.5e9, "2.5 GB")],
)
def test_sizes_are_in_powers_of_a_thousand(count: float, said: str) -> None:
    assert render.size(count) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (7.43, "7.4 s"), (59, "59 s"), (75, "1 min 15 s"), (120, "2 min")],
)
def test_times_are_said_as_a_person_says_them(seconds: float, said: str) -> None:
    assert render.span(seconds) == said


def test_a_packet_is_shown_as_its_own_markdown() -> None:
    assert render.packet(PACKET) == str(PACKET["markdown"]).strip()


def test_an_empty_packet_says_why() -> None:
    empty = {"markdown": "", "empty_reason": "the request needs nothing"}
    assert render.packet(empty) == "Empty briefing: the request needs nothing."


def test_colours_change_no_character() -> None:
    coloured = render.packet(PACKET, COLOUR)
    assert "\x1b[" in coloured
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[36m"):
        coloured = coloured.replace(code, "")
    assert coloured == render.packet(PACKET, PLAIN)


def test_what_a_repository_says_cannot_steer_the_terminal() -> None:
    hostile = {
        **PACKET,
        "markdown": "a\x1b]0;owned\x07b\u202ec",
        "files": [{**PACKET["files"][0], "path": "a\x1b[2Jb.py", "reason": "\x9b31m"}],  # type: ignore[index]
    }
    shown = [render.packet(hostile), *render.explained(hostile)]
    shown += [value for _, value in render.given(hostile)]
    assert not any(character in line for line in shown for character in "\x1b\x9b\x07\u202e")


def test_the_footer_gives_intent_tokens_and_stages() -> None:
    assert render.footer(PACKET) == (
        "change (0.90) · 42 of 1200 tokens · 2.1 ms (classify 0.1, pack 2.0)"
    )


def test_the_footer_says_where_the_index_is_behind() -> None:
    footer = render.footer({**PACKET, "catching_up": True})
    assert footer.endswith(" · the latest changes are still being read")


def test_what_was_given_has_places_that_open_and_leaves_out_what_was_not() -> None:
    rows = [value for _, value in render.given(PACKET)]
    assert rows[0] == "shop/sessions.py:10-42  defines `start_session`"
    assert not any("mail.py" in row for row in rows)
    assert len(rows) == 3


def test_every_place_in_a_file_opens() -> None:
    assert render.places("a.py", [[1, 36], [88, 88]]) == "a.py:1-36, a.py:88"
    assert render.places("a.py", []) == "a.py"


def test_ranked_files_say_whether_they_are_in_the_packet() -> None:
    lines = render.ranked({**PACKET, "markdown": ""})
    assert lines == [
        "#  file              score  in packet  reason",
        "1  shop/sessions.py  0.900  yes        defines `start_session`",
        "2  shop/mail.py      0.100  no         mentions it",
    ]
    assert render.ranked({"files": []}) == ["No file ranks."]


def test_explain_shows_each_signal_and_what_was_left_out() -> None:
    lines = render.explained(PACKET)
    head = next(line for line in lines if "lexical" in line)
    assert "symbol" in head
    assert any("shop/mail.py" in line and " no" in line for line in lines)
    assert "- shop/db.py: too weak" in lines


def test_columns_of_numbers_stand_to_the_right() -> None:
    lines = render.table(["name", "count", "why"], [["a", "5", "x"], ["b", "1,250", "y"]])
    assert lines == ["name  count  why", "a         5  x", "b     1,250  y"]


def test_a_table_without_rows_is_its_head() -> None:
    assert render.table(["a", "b"], []) == ["a  b"]


def test_a_tally_names_the_largest_and_counts_the_rest() -> None:
    counts = {"python": 30, "c": 2, "go": 2, "rust": 1}
    assert render.tally(counts, most=2) == "python 30, c 2, 2 others 3"
