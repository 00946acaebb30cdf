"""Whatever turns come, what a chat template gets it can take, and no word of them is lost."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.model.backends.order import in_order
from satchel.model.backends.request import request
from satchel.model.turns import Call, Generation, Result, Role, Text, Turn
from satchel.model.types import Locality, Model, Remote


def turn(role: Role, *words: str) -> Turn:
    return Turn(role, tuple(map(Text, words)))


CALL = Turn("assistant", (Call("c1", "look", "{}"),))
RESULT = Turn("tool", (Result("c1", (Text("It rains."),)),))
AGAIN = Turn("tool", (Result("c2", (Text("It pours."),)),))


@pytest.mark.parametrize(
    ("turns", "ordered"),
    [
        (
            (turn("system", "a"), turn("system", "b"), turn("user", "c"), turn("user", "d")),
            (turn("system", "a", "b"), turn("user", "c", "d")),
        ),
        (
            (turn("system", "a"), turn("user", "b"), turn("system", "c", "d"), CALL),
            (turn("system", "a"), turn("user", "b", "<system>\nc\n\nd\n</system>"), CALL),
        ),
        (
            (turn("user", "a"), CALL, RESULT, turn("system", "b")),
            (turn("user", "a"), CALL, RESULT, turn("user", "<system>\nb\n</system>")),
        ),
        (
            (turn("user", "a"), turn("assistant", "b"), CALL, RESULT, AGAIN),
            (turn("user", "a"), Turn("assistant", (Text("b"), *CALL.parts)), RESULT, AGAIN),
        ),
        ((turn("system", "a"),), (turn("system", "a"),)),
        ((), ()),
    ],
    ids=["Codex", "Claude Code", "behind a result", "words and a call", "system alone", "none"],
)
def test_the_system_speaks_first_and_roles_take_turns(
    turns: tuple[Turn, ...], ordered: tuple[Turn, ...]
) -> None:
    assert in_order(turns) == ordered


ROLES: st.SearchStrategy[Role] = st.sampled_from(["system", "user", "assistant", "tool"])
TURNS = st.lists(st.builds(turn, ROLES, st.text("abc", max_size=3))).map(tuple)


@given(TURNS)
def test_no_word_is_lost_and_the_order_stays(turns: tuple[Turn, ...]) -> None:
    ordered = in_order(turns)
    assert [one.role for one in ordered[1:] if one.role == "system"] == []
    for before, after in itertools.pairwise(ordered):
        assert before.role != after.role or after.role == "tool"
    said = "".join(one.text for one in ordered)
    for mark in ("<system>\n", "\n</system>", "\n\n"):
        said = said.replace(mark, "")
    assert said == "".join(one.text for one in turns)
    assert in_order(ordered) == ordered


@given(TURNS, TURNS)
def test_what_comes_later_changes_no_turn_but_the_last(
    turns: tuple[Turn, ...], later: tuple[Turn, ...]
) -> None:
    before, after = in_order(turns), in_order((*turns, *later))
    assert before[:-1] == after[: max(len(before) - 1, 0)]
    if before:
        assert before[-1].parts == after[len(before) - 1].parts[: len(before[-1].parts)]


@pytest.mark.parametrize(
    ("address", "roles"),
    [
        ("https://api.openai.com/v1", ["user", "system"]),
        ("https://models.example.org/v1", ["user"]),
    ],
)
def test_only_a_service_that_takes_any_order_gets_the_turns_as_they_are(
    address: str, roles: list[str]
) -> None:
    generation = Generation((turn("user", "a"), turn("system", "b")))
    model = Model("m", Locality.CLOUD, "a test says so")
    service = Remote("service", address, (model,), "a test says so")
    sent = request(service, model, generation)
    assert [one["role"] for one in sent.body["messages"]] == roles
