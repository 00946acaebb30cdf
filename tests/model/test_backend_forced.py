"""A call that a model makes by form comes out as the call, whatever the pieces of its text."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.model.backends.forced import Unfolding, emulated, moved, schema
from satchel.model.turns import (
    Call,
    Form,
    Generation,
    Named,
    Result,
    Text,
    Tool,
    Turn,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=6), JSON, max_size=4)


def unfolded(text: str, cuts: list[int]) -> list[tuple[str, str]]:
    """Feed a text in pieces; return its call or its answer, with what belongs together joined."""
    unfolding = Unfolding()
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    pieces = [
        piece for start, stop in pairwise(places) for piece in unfolding.feed(text[start:stop])
    ] + unfolding.end()
    joined: dict[str, str] = {}
    for kind, said in pieces:
        joined[kind] = joined.get(kind, "") + said
    return list(joined.items())


CUTS = st.lists(st.integers(0, 10_000), max_size=30)
LAYOUTS = st.sampled_from(
    [
        {},
        {"indent": 2},
        {"ensure_ascii": False},
        {"separators": (",", ":")},
        {"separators": (" ,\n\n", "\n\n:\n\n")},
    ]
)


@given(st.text(max_size=20), OBJECTS, LAYOUTS, CUTS)
def test_a_call_is_read_from_any_pieces(
    name: str, arguments: dict[str, Any], layout: dict[str, Any], cuts: list[int]
) -> None:
    pieces = dict(unfolded(json.dumps({"name": name, "arguments": arguments}, **layout), cuts))
    assert pieces["call"] == name
    assert json.loads(pieces["arguments"]) == arguments


@given(st.text(max_size=40), LAYOUTS, CUTS)
def test_an_answer_is_read_from_any_pieces(
    answer: str, layout: dict[str, Any], cuts: list[int]
) -> None:
    assert unfolded(json.dumps({"answer": answer}, **layout), cuts) == (
        [("said", answer)] if answer else []
    )


@given(OBJECTS, LAYOUTS, CUTS)
def test_an_answer_of_a_form_is_read_as_its_json(
    answer: dict[str, Any], layout: dict[str, Any], cuts: list[int]
) -> None:
    ((kind, said),) = unfolded(json.dumps({"answer": answer}, **layout), cuts)
    assert (kind, json.loads(said)) == ("said", answer)


@given(OBJECTS, CUTS)
def test_the_fields_may_come_in_the_other_order(arguments: dict[str, Any], cuts: list[int]) -> None:
    pieces = dict(unfolded(json.dumps({"arguments": arguments, "name": "f"}), cuts))
    assert (pieces["call"], json.loads(pieces["arguments"])) == ("f", arguments)


@given(st.text(alphabet='{}[]":,\\ueadnsw aD8', max_size=60), CUTS)
def test_whatever_comes_it_is_a_call_or_an_answer_or_an_error(text: str, cuts: list[int]) -> None:
    try:
        for kind, _ in unfolded(text, cuts):
            assert kind in ("call", "arguments", "said")
    except ValueError:
        pass


@given(st.text(alphabet="\\nu00eDd83\"' qe", max_size=30), CUTS)
def test_an_answer_with_any_escapes_can_be_written_as_utf8(escaped: str, cuts: list[int]) -> None:
    for _, said in unfolded('{"answer": "' + escaped, cuts):
        said.encode()


def test_arguments_are_passed_on_as_they_come() -> None:
    unfolding = Unfolding()
    assert unfolding.feed('{"name": "f", "arguments": {"a') == [("call", "f"), ("arguments", '{"a')]
    assert unfolding.feed('": "}"}') == [("arguments", '": "}"}')]
    assert unfolding.feed("}") == []


def test_what_is_no_form_is_an_error() -> None:
    for text in ("Sure!", "[]", '{"x": 1}', "[" * 100_000):
        with pytest.raises(ValueError):  # noqa: PT011 - json's own message is as good as ours
            unfolded(text, [])


WEATHER = Tool("weather", "Tells the weather", {"type": "object"})
POINTING = Tool(
    "time",
    "Tells the time",
    {
        "type": "object",
        "properties": {"$ref": {"$ref": "#/$defs/city"}, "up": {"$ref": "#"}},
        "$defs": {"city": {"enum": ["#/$defs/city"], "default": {"$ref": "#"}}},
    },
)
QUESTION = Turn("user", (Text("Is it raining?"),))


def test_a_schema_is_one_call_of_one_of_the_tools() -> None:
    made = schema([WEATHER, Tool("time", "", {"type": "object"})])
    assert [branch["properties"]["name"] for branch in made["anyOf"]] == [
        {"const": "weather"},
        {"const": "time"},
    ]
    assert list(made["anyOf"][0]["properties"]) == ["name", "arguments"]  # as it is to be written


def test_pointers_of_a_tools_schema_still_point_where_they_did() -> None:
    made = schema([WEATHER, POINTING])
    assert made["anyOf"][1]["properties"]["arguments"] == {"$ref": "#/$defs/tool1"}
    inner = made["$defs"]["tool1"]
    assert inner["properties"] == {
        "$ref": {"$ref": "#/$defs/tool1/$defs/city"},
        "up": {"$ref": "#/$defs/tool1"},
    }
    assert inner["$defs"] == POINTING.schema["$defs"]


@given(OBJECTS)
def test_a_schema_without_pointers_is_moved_as_it_stands(given_: dict[str, Any]) -> None:
    if "$ref" not in json.dumps(given_):
        assert moved(given_, "#/x") == given_


def test_the_tools_become_the_form_and_are_told_of() -> None:
    made = emulated(
        Generation((QUESTION,), tools=(WEATHER, POINTING), choice=Named("weather")), plain=False
    )
    assert made.tools == ()
    assert made.form is not None
    assert made.form.schema == schema([WEATHER])
    assert [turn.role for turn in made.turns] == ["system", "user"]
    assert '"weather"' in made.turns[0].text
    assert '"time"' not in made.turns[0].text


def test_what_the_system_says_comes_first() -> None:
    system = Turn("system", (Text("Be brief."),))
    made = emulated(Generation((system, QUESTION), tools=(WEATHER,)), plain=False)
    assert made.turns[0].text.startswith("Be brief.\n\n")
    assert len(made.turns) == 2


def test_a_model_that_may_answer_is_given_the_form_of_its_answer_too() -> None:
    free = emulated(Generation((QUESTION,), tools=(WEATHER,)), plain=False)
    formed = emulated(
        Generation((QUESTION,), tools=(WEATHER,), form=Form({"type": "array"})), plain=False
    )
    assert free.form is not None
    assert free.form.schema == schema([WEATHER], {"type": "string"})
    assert formed.form is not None
    assert formed.form.schema == schema([WEATHER], {"type": "array"})


def test_a_template_without_tools_sees_earlier_calls_as_text() -> None:
    turns = (
        QUESTION,
        Turn("assistant", (Call("1", "weather", '{"a": 1}'),)),
        Turn("tool", (Result("1", (Text("rain"),)),)),
    )
    made = emulated(Generation(turns, tools=(WEATHER,)), plain=True)
    assert [(turn.role, turn.text) for turn in made.turns[2:]] == [
        ("assistant", '{"name": "weather", "arguments": {"a": 1}}'),
        ("user", "The tool weather gave:\n\nrain"),
    ]
    assert emulated(Generation(turns, tools=(WEATHER,)), plain=False).turns[2:] == turns[1:]
