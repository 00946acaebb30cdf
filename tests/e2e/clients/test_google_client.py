"""The official Google client against the real endpoint, over each backend."""

from __future__ import annotations

from typing import Any, Literal

from google import genai
from google.genai import types
from pydantic import BaseModel

from tests.e2e.clients.conftest import Endpoint, Served

CAPITAL = "What is the capital of France?"
TOOL: Any = {
    "function_declarations": [
        {
            "name": "weather",
            "description": "Of a city",
            "parameters": {
                "type": "OBJECT",
                "properties": {"city": {"type": "STRING", "enum": ["Paris", "Rome"]}},
                "required": ["city"],
            },
        }
    ]
}


class City(BaseModel):
    name: Literal["Paris", "Rome"]


def test_models_are_listed_and_shown(endpoint: Endpoint, of_google: genai.Client) -> None:
    names = {row.name for row in of_google.models.list()}
    assert {"models/satchel/auto", "models/scripted:4b"} <= names
    assert of_google.models.get(model="scripted/lines-4b").name == "models/scripted/lines-4b"


def test_a_stream_says_what_an_answer_says(served: Served, of_google: genai.Client) -> None:
    asked: Any = {"model": served.name, "contents": CAPITAL}
    asked["config"] = {"max_output_tokens": 8, "seed": 7, "temperature": 1.0}
    whole = of_google.models.generate_content(**asked)
    assert whole.text
    pieces = list(of_google.models.generate_content_stream(**asked))
    assert "".join(piece.text or "" for piece in pieces) == whole.text
    assert _finish(pieces[-1]) == _finish(whole)
    assert _finish(whole) in ("STOP", "MAX_TOKENS")
    usage = whole.usage_metadata
    assert usage is not None
    assert usage.total_token_count == usage.prompt_token_count + usage.candidates_token_count  # type: ignore[operator]
    assert pieces[-1].usage_metadata is not None
    assert pieces[-1].usage_metadata.candidates_token_count == usage.candidates_token_count


def test_tokens_are_counted_as_they_are_billed(served: Served, of_google: genai.Client) -> None:
    counted = of_google.models.count_tokens(model=served.name, contents=CAPITAL).total_tokens
    made = of_google.models.generate_content(
        model=served.name, contents=CAPITAL, config={"max_output_tokens": 1}
    )
    assert (counted or 0) > 10
    if served.real:
        assert made.usage_metadata is not None
        assert made.usage_metadata.prompt_token_count == counted


def test_what_came_from_the_cache_is_told(real: Served, of_google: genai.Client) -> None:
    for _ in range(2):
        made = of_google.models.generate_content(
            model=real.name,
            contents="Tell me of the Spree, and of its bridges in Berlin.",
            config={"max_output_tokens": 2},
        )
    assert made.usage_metadata is not None
    assert (made.usage_metadata.cached_content_token_count or 0) > 10


def test_an_answer_ends_at_a_stop_sequence(served: Served, of_google: genai.Client) -> None:
    def said(*stop: str) -> types.GenerateContentResponse:
        return of_google.models.generate_content(
            model=served.name,
            contents=CAPITAL,
            config={"max_output_tokens": 8, "seed": 7, "stop_sequences": list(stop)},
        )

    free = said().text or ""
    word = free.split()[2]
    held = said(word)
    assert held.text == free.partition(word)[0]
    assert _finish(held) == "STOP"


def test_a_tool_that_must_be_called_is_called(served: Served, of_google: genai.Client) -> None:
    wanted: Any = {
        "function_calling_config": {"mode": "ANY", "allowed_function_names": ["weather"]}
    }
    made = of_google.models.generate_content(
        model=served.name,
        contents=CAPITAL,
        config={"tools": [TOOL], "tool_config": wanted, "max_output_tokens": 60},
    )
    (call,) = made.function_calls or []
    assert call.name == "weather"
    assert (call.args or {})["city"] in ("Paris", "Rome")


def test_a_call_is_streamed_and_its_result_is_read(played: Served, of_google: genai.Client) -> None:
    pieces = list(
        of_google.models.generate_content_stream(
            model=played.name, contents=CAPITAL, config={"tools": [TOOL]}
        )
    )
    (call,) = [call for piece in pieces for call in piece.function_calls or ()]
    assert call.args == {"city": "Paris"}
    given: Any = {"id": call.id, "name": call.name, "response": {"output": "17 degrees"}}
    turns: Any = [
        {"role": "user", "parts": [{"text": CAPITAL}]},
        {"role": "model", "parts": [{"function_call": call.model_dump(exclude_none=True)}]},
        {"role": "user", "parts": [{"function_response": given}]},
    ]
    made = of_google.models.generate_content(
        model=played.name, contents=turns, config={"tools": [TOOL]}
    )
    assert "17 degrees" in (made.text or "")


def test_the_client_calls_a_python_function_by_itself(
    played: Served, of_google: genai.Client
) -> None:
    asked_of: list[str] = []

    def weather(city: str) -> str:
        """Tell the weather of a city."""
        asked_of.append(city)
        return "17 degrees"

    made = of_google.models.generate_content(
        model=played.name, contents=CAPITAL, config={"tools": [weather]}
    )
    assert "17 degrees" in (made.text or "")
    assert asked_of == ["x"]


def test_an_answer_has_the_form_that_was_asked_for(served: Served, of_google: genai.Client) -> None:
    config: Any = {"response_mime_type": "application/json", "max_output_tokens": 60}
    if served.real:
        config["response_schema"] = City
    else:
        config["response_json_schema"] = City.model_json_schema()
    made = of_google.models.generate_content(model=served.name, contents=CAPITAL, config=config)
    assert made.text is not None
    City.model_validate_json(made.text)
    if served.real:
        assert isinstance(made.parsed, City)


def _finish(made: types.GenerateContentResponse) -> str:
    (candidate,) = made.candidates or []
    assert candidate.finish_reason is not None
    return str(candidate.finish_reason.value)
