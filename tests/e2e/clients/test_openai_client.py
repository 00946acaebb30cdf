"""The official OpenAI client against the real endpoint, over each backend."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
from typing import Any, Literal

import openai
import pytest
from pydantic import BaseModel

from tests.e2e.clients.conftest import Endpoint, Served
from tests.e2e.clients.scripted import vector

CAPITAL: Any = [{"role": "user", "content": "What is the capital of France?"}]
WORDS = (
    "red blue green dog cat horse apple lemon table chair "
    "river stone bread milk paper silver north summer seven music"
)
WEATHER: Any = {
    "type": "object",
    "properties": {"city": {"enum": ["Paris", "Rome"]}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL: Any = {
    "type": "function",
    "function": {"name": "weather", "description": "Of a city", "parameters": WEATHER},
}
FLAT: Any = {"type": "function", "name": "weather", "description": "Of a city", "strict": False}
FLAT |= {"parameters": WEATHER}


class City(BaseModel):
    name: Literal["Paris", "Rome"]


def test_models_are_listed_and_shown(endpoint: Endpoint, of_openai: openai.OpenAI) -> None:
    rows = {row.id: row for row in of_openai.models.list()}
    owners = {row.owned_by for row in rows.values()}
    assert {"embedded", "llama.cpp", "ollama", "lm-studio"} <= owners
    assert {"satchel/auto", "satchel/auto+context", "minilm", "scripted:4b"} <= set(rows)
    assert of_openai.models.retrieve("scripted/lines-4b") == rows["scripted/lines-4b"]


def test_a_stream_says_what_an_answer_says(served: Served, of_openai: openai.OpenAI) -> None:
    asked: Any = {"model": served.name, "messages": CAPITAL, "max_tokens": 8, "seed": 7}
    whole = of_openai.chat.completions.create(**asked)
    (choice,) = whole.choices
    assert choice.message.content
    assert choice.finish_reason in ("stop", "length")
    assert whole.usage is not None
    assert whole.usage.prompt_tokens > 10
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
    asked |= {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(of_openai.chat.completions.create(**asked))
    assert {chunk.id for chunk in chunks} == {chunks[0].id} != {whole.id}
    said = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert "".join(each.delta.content or "" for each in said) == choice.message.content
    assert said[-1].finish_reason == choice.finish_reason
    assert [each.finish_reason for each in said[:-1]] == [None] * (len(said) - 1)
    assert not chunks[-1].choices
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens


def test_one_seed_gives_one_answer(served: Served, of_openai: openai.OpenAI) -> None:
    def said(seed: int) -> str | None:
        whole = of_openai.chat.completions.create(
            model=served.name, messages=CAPITAL, max_tokens=6, seed=seed, temperature=1.0
        )
        return whole.choices[0].message.content

    assert said(11) == said(11)
    if not served.real:
        assert said(11) != said(12)


def test_a_text_is_gone_on_with(served: Served, of_openai: openai.OpenAI) -> None:
    asked: Any = {"model": served.name, "prompt": "The capital of France is", "seed": 7}
    asked["max_tokens"] = 20 if not served.real else 4
    whole = of_openai.completions.create(**asked)
    pieces = list(of_openai.completions.create(stream=True, **asked))
    assert "".join(piece.choices[0].text for piece in pieces) == whole.choices[0].text
    assert pieces[-1].choices[0].finish_reason == whole.choices[0].finish_reason
    assert ("Paris" if served.real else "The capital of France is") in whole.choices[0].text


def test_a_response_is_streamed_to_the_one_that_it_is(
    served: Served, of_openai: openai.OpenAI
) -> None:
    asked: Any = {"model": served.name, "input": CAPITAL, "extra_body": {"seed": 7}}
    asked["max_output_tokens"] = 40 if not served.real else 8
    whole = of_openai.responses.create(**asked)
    assert whole.output_text
    with of_openai.responses.stream(**asked) as stream:
        events = list(stream)
    final = events[-1].response  # type: ignore[union-attr]  # the helper knows no incomplete end
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] in ("response.completed", "response.incomplete")
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == final.output_text == whole.output_text
    assert final.usage is not None
    assert final.usage.input_tokens > 10


def test_an_answer_ends_at_a_stop_word(served: Served, of_openai: openai.OpenAI) -> None:
    def said(*stop: str) -> Any:
        return of_openai.chat.completions.create(
            model=served.name, messages=CAPITAL, max_tokens=8, seed=7, stop=list(stop) or None
        ).choices[0]

    free = said().message.content
    word = free.split()[2]
    held = said(word)
    assert held.message.content == free.partition(word)[0]
    assert held.finish_reason == "stop"


@pytest.mark.parametrize("choice", ["required", "named"])
def test_a_tool_that_must_be_called_is_called(
    served: Served, of_openai: openai.OpenAI, choice: str
) -> None:
    named: Any = {"type": "function", "function": {"name": "weather"}}
    asked: Any = {"model": served.name, "messages": CAPITAL, "tools": [TOOL], "max_tokens": 60}
    asked["tool_choice"] = named if choice == "named" else choice
    (made,) = of_openai.chat.completions.create(**asked).choices
    assert made.finish_reason == "tool_calls"
    assert made.message.tool_calls is not None
    (call,) = made.message.tool_calls
    assert call.type == "function"
    assert call.function.name == "weather"
    assert json.loads(call.function.arguments)["city"] in ("Paris", "Rome")


def test_a_call_is_streamed_and_its_result_is_read(
    played: Served, of_openai: openai.OpenAI
) -> None:
    asked: Any = {"model": played.name, "tools": [TOOL]}
    with of_openai.chat.completions.stream(messages=CAPITAL, **asked) as stream:
        made = stream.get_final_completion().choices[0].message
    assert made.tool_calls is not None
    (call,) = made.tool_calls
    assert call.function.arguments == '{"city": "Paris"}'
    result = {"role": "tool", "tool_call_id": call.id, "content": "17 degrees"}
    turns = [*CAPITAL, made.model_dump(exclude_none=True), result]
    whole = of_openai.chat.completions.create(messages=turns, **asked)
    assert whole.choices[0].message.content == "The tool gave: 17 degrees"


def test_a_small_model_reads_a_result(real: Served, of_openai: openai.OpenAI) -> None:
    function = {"name": "weather", "arguments": '{"city": "Paris"}'}
    call = {"id": "call_1", "type": "function", "function": function}
    turns: Any = [
        *CAPITAL,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "17 degrees"},
    ]
    whole = of_openai.chat.completions.create(
        model=real.name, messages=turns, tools=[TOOL], tool_choice="none", max_tokens=8
    )
    assert whole.choices[0].message.content
    assert whole.choices[0].message.tool_calls is None


def test_responses_call_a_tool_and_read_its_result(
    played: Served, of_openai: openai.OpenAI
) -> None:
    asked: Any = {"model": played.name, "tools": [FLAT]}
    first = of_openai.responses.create(input=CAPITAL, tool_choice="required", **asked)
    (call,) = first.output
    assert call.type == "function_call"
    assert json.loads(call.arguments) == {"city": "Paris"}
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "17 degrees"}
    turns: Any = [*CAPITAL, call.model_dump(exclude_none=True), result]
    assert "17 degrees" in of_openai.responses.create(input=turns, **asked).output_text


def test_responses_call_a_named_tool(endpoint: Endpoint, of_openai: openai.OpenAI) -> None:
    named: Any = {"type": "function", "name": "weather"}
    made = of_openai.responses.create(
        model="embedded", input=CAPITAL, tools=[FLAT], tool_choice=named, max_output_tokens=60
    )
    (call,) = made.output
    assert call.type == "function_call"
    assert json.loads(call.arguments)["city"] in ("Paris", "Rome")


def test_an_answer_has_the_form_that_was_asked_for(
    served: Served, of_openai: openai.OpenAI
) -> None:
    chat = of_openai.chat.completions.parse(
        model=served.name, messages=CAPITAL, response_format=City, max_tokens=60
    )
    assert isinstance(chat.choices[0].message.parsed, City)
    response = of_openai.responses.parse(
        model=served.name, input=CAPITAL, text_format=City, max_output_tokens=60
    )
    assert isinstance(response.output_parsed, City)


def test_what_came_from_the_cache_is_told(real: Served, of_openai: openai.OpenAI) -> None:
    prompt: Any = [{"role": "user", "content": "Tell me of the river Seine, and of its bridges."}]
    for _ in range(2):
        whole = of_openai.chat.completions.create(
            model=real.name, messages=prompt, max_tokens=2, seed=7
        )
    assert whole.usage is not None
    details = whole.usage.prompt_tokens_details
    assert details is not None
    assert whole.usage.prompt_tokens > (details.cached_tokens or 0) > 10
    response = of_openai.responses.create(model=real.name, input=prompt, max_output_tokens=2)
    assert response.usage is not None
    assert response.usage.input_tokens_details.cached_tokens > 10


@pytest.mark.parametrize("name", ["minilm", "ollama/vectors:1b", "lm-studio/scripted/vectors"])
def test_vectors_are_the_same_as_floats_and_as_base64(
    endpoint: Endpoint, of_openai: openai.OpenAI, name: str
) -> None:
    texts = ["a parcel", "a longer parcel"]
    floats = of_openai.embeddings.create(model=name, input=texts, encoding_format="float")
    rows = [row.embedding for row in floats.data]
    assert [row.index for row in floats.data] == [0, 1]
    by_default = of_openai.embeddings.create(model=name, input=texts)  # asks for base64
    assert [row.embedding for row in by_default.data] == [pytest.approx(row) for row in rows]
    raw: Any = of_openai.embeddings.create(model=name, input=texts, encoding_format="base64")
    packed = base64.b64decode(raw.data[1].embedding)
    assert list(struct.unpack(f"<{len(rows[1])}f", packed)) == pytest.approx(rows[1])
    assert floats.usage.prompt_tokens > 0
    if name == "minilm":
        assert len(rows[0]) == 384
    else:
        assert rows == [vector(text) for text in texts]


def test_twenty_at_once_are_each_told_their_own(
    served: Served, endpoint: Endpoint, of_openai: openai.OpenAI
) -> None:
    words = WORDS.split()

    def asked(word: str) -> Any:
        most = 2 if served.real else 20
        prompt = f"{word} {word} {word}"
        return {"model": served.name, "prompt": prompt, "max_tokens": most, "temperature": 0.0}

    async def all_of_them() -> list[Any]:
        async with openai.AsyncOpenAI(
            base_url=f"{endpoint.url}/v1",
            api_key=endpoint.key,
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(trust_env=False),
        ) as client:
            return await asyncio.gather(
                *(client.completions.create(**asked(word)) for word in words)
            )

    made = asyncio.run(all_of_them())
    said = {word: whole.choices[0].text for word, whole in zip(words, made, strict=True)}
    assert len({whole.id for whole in made}) == 20
    if served.real:
        alone = {word: of_openai.completions.create(**asked(word)) for word in words[:5]}
        assert {
            word: whole.choices[0].text for word, whole in alone.items()
        }.items() <= said.items()
        assert len(set(said.values())) > 5
    else:
        assert all(text.endswith(f": {word} {word} {word}") for word, text in said.items())
