"""The official Anthropic client against the real endpoint, over each backend."""

from __future__ import annotations

from typing import Any, Literal

import anthropic
from pydantic import BaseModel

from tests.e2e.clients.conftest import Endpoint, Served

CAPITAL: Any = [{"role": "user", "content": "What is the capital of France?"}]
COLD: Any = {"extra_body": {"temperature": 0.0}}  # which this client has no name for any more
TOOL: Any = {
    "name": "weather",
    "description": "Of a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"enum": ["Paris", "Rome"]}},
        "required": ["city"],
        "additionalProperties": False,
    },
}


class City(BaseModel):
    name: Literal["Paris", "Rome"]


def test_models_are_listed_and_shown(endpoint: Endpoint, of_anthropic: anthropic.Anthropic) -> None:
    rows = {row.id: row for row in of_anthropic.models.list()}
    assert {"satchel/auto", "scripted:4b", "scripted/lines-4b"} <= set(rows)
    assert of_anthropic.models.retrieve("scripted:4b").id == "scripted:4b"


def test_a_stream_says_what_a_message_says(
    served: Served, of_anthropic: anthropic.Anthropic
) -> None:
    asked: Any = {"model": served.name, "messages": CAPITAL, "max_tokens": 8, **COLD}
    whole = of_anthropic.messages.create(**asked)
    (block,) = whole.content
    assert block.type == "text"
    assert block.text
    with of_anthropic.messages.stream(**asked) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == block.text
    assert final.content[0].type == "text"
    assert final.content[0].text == text
    assert final.stop_reason == whole.stop_reason
    assert final.stop_reason in ("end_turn", "max_tokens")
    assert final.usage.output_tokens == whole.usage.output_tokens > 0


def test_tokens_are_counted_as_they_are_billed(
    served: Served, of_anthropic: anthropic.Anthropic
) -> None:
    asked: Any = {"model": served.name, "messages": CAPITAL, "system": "Be brief."}
    counted = of_anthropic.messages.count_tokens(**asked).input_tokens
    usage = of_anthropic.messages.create(max_tokens=1, **asked).usage
    assert counted > 10
    if served.real:
        assert counted == usage.input_tokens + (usage.cache_read_input_tokens or 0)


def test_what_came_from_the_cache_is_told(real: Served, of_anthropic: anthropic.Anthropic) -> None:
    turns: Any = [{"role": "user", "content": "Tell me of the Tiber, and of its bridges in Rome."}]
    for _ in range(2):
        made = of_anthropic.messages.create(model=real.name, messages=turns, max_tokens=2)
    assert (made.usage.cache_read_input_tokens or 0) > 10
    assert made.usage.input_tokens < 10


def test_a_message_ends_at_a_stop_sequence(
    served: Served, of_anthropic: anthropic.Anthropic
) -> None:
    def said(*stop: str) -> anthropic.types.Message:
        asked: Any = {"model": served.name, "messages": CAPITAL, "max_tokens": 8, **COLD}
        made: anthropic.types.Message = of_anthropic.messages.create(
            stop_sequences=list(stop), **asked
        )
        return made

    free = _text(said())
    word = free.split()[2]
    held = said(word)
    assert _text(held) == free.partition(word)[0]
    assert held.stop_reason in ("stop_sequence", "end_turn")  # not every server tells


def test_a_tool_that_must_be_called_is_called(
    served: Served, of_anthropic: anthropic.Anthropic
) -> None:
    wanted: Any = {"type": "tool", "name": "weather"} if served.real else {"type": "any"}
    made = of_anthropic.messages.create(
        model=served.name, messages=CAPITAL, tools=[TOOL], tool_choice=wanted, max_tokens=60
    )
    (block,) = made.content
    assert block.type == "tool_use"
    assert made.stop_reason == "tool_use"
    assert block.name == "weather"
    assert block.input["city"] in ("Paris", "Rome")


def test_a_call_is_streamed_and_its_result_is_read(
    played: Served, of_anthropic: anthropic.Anthropic
) -> None:
    asked: Any = {"model": played.name, "tools": [TOOL], "max_tokens": 60}
    with of_anthropic.messages.stream(messages=CAPITAL, **asked) as stream:
        made = stream.get_final_message()
    (block,) = made.content
    assert block.type == "tool_use"
    assert block.input == {"city": "Paris"}
    result = {"type": "tool_result", "tool_use_id": block.id, "content": "17 degrees"}
    turns: Any = [
        *CAPITAL,
        {"role": "assistant", "content": [block.model_dump(exclude_none=True)]},
        {"role": "user", "content": [result]},
    ]
    assert _text(of_anthropic.messages.create(messages=turns, **asked)) == (
        "The tool gave: 17 degrees"
    )


def test_a_message_has_the_form_that_was_asked_for(
    served: Served, of_anthropic: anthropic.Anthropic
) -> None:
    made = of_anthropic.messages.parse(
        model=served.name, messages=CAPITAL, output_format=City, max_tokens=60
    )
    assert isinstance(made.parsed_output, City)


def _text(message: anthropic.types.Message) -> str:
    (block,) = message.content
    assert block.type == "text"
    return block.text
