"""Tool calls are numbered without a gap and have unique ids, whatever a server makes of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.model.backends.calls import Calls, new_id
from satchel.model.turns import Arguments, Called, Event

Entry = tuple[int | None, str, str, str]


def heard(entries: list[Entry], **how: Any) -> list[Event]:
    numbers = iter(range(100))
    calls = Calls(fresh=lambda: f"new{next(numbers)}", **how)
    events = [event for entry in entries for event in calls.hear(*entry)]
    return events + calls.end()


def whole(events: list[Event]) -> list[tuple[str, str, str]]:
    """Return (id, name, arguments) of each call, seeing that the events keep to their order."""
    made: list[tuple[str, str, str]] = []
    for event in events:
        match event:
            case Called():
                assert event.index == len(made)
                made.append((event.id, event.name, ""))
            case Arguments():
                assert event.index == len(made) - 1
                id, name, before = made[-1]
                made[-1] = id, name, before + event.text
    return made


ONE = '{"a": 1}'
TWO = '{"b": {"c": "}"}}'

CASES: dict[str, tuple[list[Entry], list[tuple[str, str, str]]]] = {
    "in pieces": (
        [(0, "x", "f", ""), (0, "", "", '{"a"'), (0, "", "", ": 1}"), (1, "y", "g", TWO)],
        [("x", "f", ONE), ("y", "g", TWO)],
    ),
    "ids missing": (
        [(0, "", "f", ONE), (1, "", "g", TWO)],
        [("new0", "f", ONE), ("new1", "g", TWO)],
    ),
    "one id twice": (
        [(0, "x", "f", ONE), (1, "x", "g", TWO)],
        [("x", "f", ONE), ("new0", "g", TWO)],
    ),
    "all of index 0": (
        [(0, "x", "f", ONE), (0, "y", "f", TWO), (0, "z", "f", ONE)],
        [("x", "f", ONE), ("y", "f", TWO), ("z", "f", ONE)],
    ),
    "all of index 0 and one id": (
        [(0, "x", "f", ONE), (0, "x", "f", TWO)],
        [("x", "f", ONE), ("new0", "f", TWO)],
    ),
    "all of index 0 without ids": (
        [(0, "", "f", ONE), (0, "", "f", ONE)],
        [("new0", "f", ONE), ("new1", "f", ONE)],
    ),
    "no index": (
        [(None, "", "f", ONE), (None, "", "g", ONE)],
        [("new0", "f", ONE), ("new1", "g", ONE)],
    ),
    "no index, in pieces": ([(None, "x", "f", ""), (None, "", "", ONE)], [("x", "f", ONE)]),
    "id and name in each piece": (
        [(0, "x", "f", '{"a"'), (0, "x", "f", ": 1"), (0, "x", "f", "}")],
        [("x", "f", ONE)],
    ),
    "a gap": ([(3, "x", "f", ONE), (7, "y", "g", ONE)], [("x", "f", ONE), ("y", "g", ONE)]),
    "two at once": (
        [(0, "x", "f", ""), (1, "y", "g", ""), (0, "", "", '{"a"'), (1, "", "", '{"b": '),
         (0, "", "", ": 1}"), (1, "", "", '{"c": "}"}}')],
        [("x", "f", ONE), ("y", "g", TWO)],
    ),
    "the name later": ([(0, "x", "", ""), (0, "", "f", ONE)], [("x", "f", ONE)]),
    "no arguments": ([(0, "x", "f", ""), (1, "y", "g", "")], [("x", "f", "{}"), ("y", "g", "{}")]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_calls_come_out_one_after_the_other(name: str) -> None:
    entries, expected = CASES[name]
    assert whole(heard(entries)) == expected


def test_an_id_that_the_conversation_has_is_not_given_again() -> None:
    assert whole(heard([(0, "call_0", "f", ONE)], taken={"call_0", "new0"}))[0][0] == "new1"


@pytest.mark.parametrize("name", CASES)
def test_where_one_call_is_wanted_the_others_are_dropped(name: str) -> None:
    entries, expected = CASES[name]
    assert whole(heard(entries, single=True)) == expected[:1]


def test_a_call_that_never_got_a_name_is_an_error() -> None:
    with pytest.raises(ValueError, match="no name"):
        heard([(0, "x", "", ONE)])


def test_a_piece_is_passed_on_when_it_comes() -> None:
    calls = Calls()
    assert calls.hear(0, "x", "f", "") == [Called(0, "x", "f")]
    assert calls.hear(0, "", "", '{"a') == [Arguments(0, '{"a')]


def test_a_call_that_was_cut_before_its_arguments_is_not_taken_for_whole() -> None:
    calls = Calls()
    calls.hear(0, "x", "f", "")
    assert calls.end(cut=True) == [Arguments(0, "{")]


def test_a_new_id_is_24_letters_and_digits() -> None:
    assert re.fullmatch(r"call_[A-Za-z0-9]{24}", new_id())
    assert new_id() != new_id()


PIECES = st.tuples(
    st.one_of(st.none(), st.integers(0, 3)),
    st.sampled_from(["", "x", "y"]),
    st.sampled_from(["", "f", "g"]),
    st.sampled_from(["", "{", '{"a": 1}', '"a": 1', "}", " "]),
)


@given(st.lists(PIECES, max_size=12))
def test_whatever_comes_the_numbers_have_no_gap_and_the_ids_are_unique(
    entries: list[Entry],
) -> None:
    try:
        made = whole(heard(entries))
    except ValueError:
        return
    assert len({id for id, _, _ in made}) == len(made)
    assert all(id and name for id, name, _ in made)
