"""Completions of bare text: what OpenAI's older endpoint takes, and how it answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.model.dialects.completions import COMPLETIONS, ONLY
from satchel.model.dialects.openai import HARMLESS
from satchel.model.turns import Asked, Ended, Event, Generation, Said, Sampling, collect
from tests.model.dialects import spoken


def body(**more: Any) -> dict[str, Any]:
    return {"model": "here/small", "prompt": "def f("} | more


def asked(**more: Any) -> Asked:
    return COMPLETIONS.read(body(**more), {})


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "stream": st.booleans(),
    "stream_options": st.just({"include_usage": True}),
    "echo": st.booleans(),
    "max_tokens": st.integers(1, 9999),
    "stop": st.just(["\n"]),
    "temperature": st.floats(0, 2),
    "seed": st.integers(0, 9),
    "suffix": st.just(""),
    "n": st.just(1),
    "best_of": st.just(1),
    "logit_bias": st.just({}),
    "cache_prompt": st.booleans(),
    **{name: st.just("anything") for name in HARMLESS},
}


@given(st.fixed_dictionaries({}, optional=FIELDS))
def test_what_is_documented_is_read(fields: dict[str, Any]) -> None:
    assert asked(**fields).generation.prompt == "def f("


@given(st.fixed_dictionaries({}, optional=FIELDS), st.text(min_size=1, max_size=12))
def test_any_other_field_is_refused_by_name(fields: dict[str, Any], name: str) -> None:
    known = FIELDS.keys() | {"model", "prompt", "logprobs", "top_p", "top_k", "min_p"}
    if name not in known:
        assert spoken.refused(COMPLETIONS, body(**fields, **{name: "x"})) == name


def test_every_field_is_told_of() -> None:
    assert spoken.untold("/v1/completions", {*FIELDS, *ONLY} - {"temperature", "seed"}) == []


@given(st.dictionaries(st.sampled_from([*FIELDS, *["prompt", "logprobs"]]), spoken.GARBAGE))
def test_garbage_is_refused_as_such(fields: dict[str, Any]) -> None:
    spoken.survives(COMPLETIONS, body(**fields))


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"prompt": None}, "prompt"),
        ({"prompt": ["a", "b"]}, "prompt"),
        ({"prompt": [1, 2]}, "prompt"),
        ({"prompt": [[1, 2]]}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"suffix": "end"}, "suffix"),
        ({"best_of": 3}, "best_of"),
        ({"n": 2}, "n"),
        ({"logprobs": 9}, "logprobs"),
        ({"echo": True, "logprobs": 1}, "logprobs"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
    ],
)
def test_what_is_not_served_is_refused_by_its_place(fields: Any, refusal: str) -> None:
    assert spoken.refused(COMPLETIONS, body(**fields)) == refusal


@pytest.mark.parametrize(("given", "limit"), [({}, 16), ({"max_tokens": 5}, 5),
                                              ({"max_tokens": -1}, None)])  # fmt: skip
def test_the_limit_is_openais_own_where_none_is_given(
    given: dict[str, Any], limit: int | None
) -> None:
    assert asked(**given).generation.max_tokens == limit


def test_a_prompt_in_a_list_is_that_prompt() -> None:
    request = asked(prompt=["x"], logprobs=2)
    assert request.generation == Generation(
        prompt="x", max_tokens=16, sampling=Sampling(logprobs=2)
    )


@given(spoken.answers(calls=False), st.integers(1, 9), st.booleans(), st.booleans())
def test_a_stream_adds_up_to_the_whole(
    events: list[Event], batch: int, echo: bool, usage: bool
) -> None:
    request = asked(echo=echo, stream_options={"include_usage": usage})
    chunks = spoken.chunks(spoken.written(COMPLETIONS, request, events, batch))
    answer = spoken.whole(COMPLETIONS, request, events)
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    assert "".join(choice["text"] for choice in choices) == answer["choices"][0]["text"]
    assert answer["choices"][0]["text"] == ("def f(" if echo else "") + collect(events).text
    assert choices[-1]["finish_reason"] == answer["choices"][0]["finish_reason"]
    assert {chunk["id"] for chunk in chunks} == {answer["id"]}
    assert chunks[-1].get("usage") == (answer["usage"] if usage else None)


def test_log_probabilities_take_the_older_form() -> None:
    rows = [
        {"token": token, "logprob": -1.0, "top_logprobs": [{"token": "x", "logprob": -2.0}]}
        for token in ("ab", "c")
    ]
    events: list[Event] = [*(Said(str(row["token"]), (row,)) for row in rows), Ended("stop")]
    wanted = {
        "tokens": ["ab", "c"],
        "token_logprobs": [-1.0, -1.0],
        "top_logprobs": [{"x": -2.0}, {"x": -2.0}],
        "text_offset": [0, 2],
    }
    whole = spoken.whole(COMPLETIONS, asked(logprobs=1), events)
    assert whole["choices"][0]["logprobs"] == wanted
    streamed = spoken.chunks(spoken.written(COMPLETIONS, asked(logprobs=1), events))
    offsets = [chunk["choices"][0]["logprobs"]["text_offset"] for chunk in streamed[:2]]
    assert offsets == [[0], [2]]


def test_an_error_in_mid_stream_is_told_and_the_stream_is_closed() -> None:
    writer = COMPLETIONS.streamed(asked(), spoken.HEADING)
    chunks = spoken.chunks(writer.write([Said("a")]) + writer.broken(spoken.DIED))
    assert chunks[-1]["error"]["code"] == "server-died"
