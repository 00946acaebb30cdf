"""Gemini's dialect: what is read, what is refused, and that a stream adds up to the whole."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.base.errors import BadInput, Broken, SatchelError, Unavailable
from satchel.model.dialects.dialect import Heading
from satchel.model.dialects.gemini import ACTIONS, GEMINI, counted, listing, read_count
from satchel.model.dialects.gemini_schema import camel
from satchel.model.dialects.models import Row
from satchel.model.turns import (
    Arguments,
    Asked,
    Call,
    Called,
    Choice,
    Ended,
    Event,
    Finish,
    Form,
    Generation,
    Image,
    Named,
    Result,
    Said,
    Sampling,
    Text,
    Thinking,
    Thought,
    Tool,
    Turn,
    collect,
)
from tests.model.dialects.drawn import END, GARBAGE, answers, objects

RECORDED = Path(__file__).parent / "recorded"
HEADING = Heading("a" * 24, "m", 1_790_000_000)
PATH = {"model": "m", "action": "generateContent", "alt": ""}
STREAM = {**PATH, "action": "streamGenerateContent", "alt": "sse"}
PIXEL = "iVBORw0KGgo="
LOOK = {"name": "look", "description": "Look.", "parameters": {"type": "OBJECT"}}
FIND = {"name": "find", "parametersJsonSchema": {"type": "object"}}
BODY: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
# Holds each field that is served, once at least.
FULL: dict[str, Any] = {
    "model": "models/m",
    "contents": [
        {
            "role": "user",
            "parts": [
                {"text": "Look", "partMetadata": {}},
                {"inlineData": {"mimeType": "image/png", "data": PIXEL, "displayName": "p"}},
            ],
        },
        {
            "role": "model",
            "parts": [
                {"text": "Hm.", "thought": True, "thoughtSignature": "c2ln"},
                {"text": "I look."},
                {"functionCall": {"id": "c1", "name": "look", "args": {"at_place": "ü"}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {
                    "functionResponse": {
                        "id": "c1",
                        "name": "look",
                        "response": {"error": "Nothing"},
                        "parts": [{"inlineData": {"mimeType": "image/png", "data": PIXEL}}],
                    }
                },
                {"text": "Well?"},
            ],
        },
    ],
    "systemInstruction": {"role": "user", "parts": [{"text": "You help."}]},
    "tools": [
        {"functionDeclarations": [{**LOOK, "response": {"type": "STRING"}, "behavior": "BLOCKING"}]}
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["look"]}},
    "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
    "labels": {"team_name": "t"},
    "generationConfig": {
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 40.0,
        "maxOutputTokens": 100,
        "stopSequences": ["END"],
        "seed": 7,
        "candidateCount": 1,
        "responseMimeType": "application/json",
        "responseSchema": {"type": "OBJECT", "properties": {"a_b": {"type": "STRING"}}},
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
        "responseLogprobs": True,
        "logprobs": 2,
        "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 1024},
        "responseModalities": ["TEXT"],
    },
}


def read(path: Mapping[str, str] = PATH, **fields: Any) -> Generation:
    return GEMINI.read({**BODY, **fields}, path).generation


def asked(*, thoughts: bool = True, framing: str = "sse", logprobs: int | None = None) -> Asked:
    generation = Generation(sampling=Sampling(logprobs=logprobs))
    echo = {"thoughts": thoughts, "framing": framing}
    return Asked("m", generation, streamed=True, echo=echo)


# --- read


def test_a_full_request_is_read_into_turns_and_wishes() -> None:
    request = GEMINI.read(FULL, STREAM)
    generation = request.generation
    assert (request.model, request.streamed) == ("m", True)
    assert request.echo == {"thoughts": True, "framing": "sse"}
    assert generation.turns == (
        Turn("system", (Text("You help."),)),
        Turn("user", (Text("Look"), Image("image/png", PIXEL))),
        Turn(
            "assistant",
            (Thought("Hm."), Text("I look."), Call("c1", "look", '{"at_place": "ü"}')),
        ),
        Turn(
            "tool",
            (Result("c1", (Text("Nothing"), Image("image/png", PIXEL)), failed=True),),
        ),
        Turn("user", (Text("Well?"),)),
    )
    told = 'Look.\nReturns: {"type": "STRING"}'
    assert generation.tools == (Tool("look", told, {"type": "object"}),)
    assert generation.choice == Named("look")
    assert generation.form == Form({"type": "object", "properties": {"a_b": {"type": "string"}}})
    assert (generation.max_tokens, generation.stop, generation.thinking) == (100, ("END",), "low")
    assert generation.sampling == Sampling(
        temperature=0.5,
        top_p=0.9,
        top_k=40,
        presence_penalty=0.1,
        frequency_penalty=0.2,
        seed=7,
        logprobs=2,
    )


OPAQUE = {"args", "labels", "partMetadata", "properties", "response", "safetySettings"}


@pytest.mark.parametrize("place", range(len(list(objects(FULL, OPAQUE)))))
def test_an_unknown_field_is_refused_wherever_it_stands(place: int) -> None:
    body = copy.deepcopy(FULL)
    list(objects(body, OPAQUE))[place]["surprise"] = 1
    with pytest.raises(BadInput, match="surprise"):
        GEMINI.read(body, STREAM)


def snaked(value: Any) -> Any:
    """Return a request with the fields that the dialect knows in snake_case."""
    if isinstance(value, list):
        return [snaked(row) for row in value]
    if not isinstance(value, dict):
        return value
    return {
        "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name): (
            held if name in OPAQUE else snaked(held)
        )
        for name, held in value.items()
    }


def test_snake_case_is_read_as_camel_case_is() -> None:
    assert GEMINI.read(snaked(FULL), STREAM) == GEMINI.read(FULL, STREAM)
    assert (camel("top_p"), camel("topP"), camel("_responseJsonSchema")) == (
        "topP",
        "topP",
        "_responseJsonSchema",
    )


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"contents": []}, "contents"),
        ({"contents": [{"role": "system", "parts": []}]}, "role"),
        ({"cachedContent": "cachedContents/x"}, "cachedContent"),
        ({"model": "models/other"}, "model"),
        ({"store": True}, "store"),
        ({"tools": [{"fileSearch": {}}]}, "fileSearch"),
        ({"tools": [{"functionDeclarations": [LOOK, LOOK]}]}, "name"),
        ({"tools": [{"functionDeclarations": [{**LOOK, **FIND}]}]}, "parameters"),
        ({"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}}, "mode"),
        (
            {"toolConfig": {"functionCallingConfig": {"allowedFunctionNames": ["x"]}}},
            "allowedFunctionNames",
        ),
        ({"toolConfig": {"retrievalConfig": {}}}, "retrievalConfig"),
        ({"generationConfig": {"candidateCount": 2}}, "candidateCount"),
        ({"generationConfig": {"topP": 0.1, "top_p": 0.1}}, "topP"),
        ({"generationConfig": {"responseMimeType": "text/x.enum"}}, "responseMimeType"),
        ({"generationConfig": {"responseSchema": {"type": "STRING"}}}, "responseMimeType"),
        ({"generationConfig": {"responseModalities": ["AUDIO"]}}, "responseModalities"),
        ({"generationConfig": {"speechConfig": {}}}, "speechConfig"),
        ({"generationConfig": {"logprobs": 1}}, "logprobs"),
        ({"generationConfig": {"maxOutputTokens": 0}}, "maxOutputTokens"),
        ({"generationConfig": {"stopSequences": [""]}}, "stopSequences"),
        (
            {"generationConfig": {"thinkingConfig": {"thinkingBudget": 1, "thinkingLevel": "LOW"}}},
            "thinkingBudget",
        ),
    ],
)
def test_what_cannot_be_served_is_refused_by_name(fields: Mapping[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        read(**fields)


@pytest.mark.parametrize(
    "part",
    [
        {"fileData": {"fileUri": "https://x/y", "mimeType": "image/png"}},
        {"inlineData": {"mimeType": "application/pdf", "data": PIXEL}},
        {"inlineData": {"mimeType": "image/png", "data": "%"}},
        {"executableCode": {"language": "PYTHON", "code": "1"}},
        {"functionResponse": {"name": "look", "response": {}}},
    ],
)
def test_a_part_that_would_have_to_be_fetched_or_guessed_is_refused(part: Any) -> None:
    with pytest.raises(BadInput, match=r"contents\[0\].parts\[0\]"):
        read(contents=[{"role": "user", "parts": [part]}])


def test_results_without_ids_are_of_the_calls_of_that_name_in_order() -> None:
    calls: list[dict[str, Any]] = [
        {"functionCall": {"name": name, "args": {}}} for name in ("look", "find", "look")
    ]
    results = [
        {"functionResponse": {"name": name, "response": {"output": str(place)}}}
        for place, name in enumerate(("look", "look", "find"))
    ]
    turns = read(
        contents=[
            *BODY["contents"],
            {"role": "model", "parts": calls},
            {"role": "user", "parts": results},
        ]
    ).turns
    assert [part.id for part in turns[1].parts if isinstance(part, Call)] == [
        "call_0",
        "call_1",
        "call_2",
    ]
    assert turns[2].parts == (
        Result("call_0", (Text("0"),)),
        Result("call_1", (Text("2"),)),
        Result("call_2", (Text("1"),)),
    )


def test_a_result_that_is_sent_twice_is_read_once_and_two_of_one_call_are_refused() -> None:
    def result(found: str) -> dict[str, Any]:
        response = {"output": found}
        return {"functionResponse": {"id": "c1", "name": "look", "response": response}}

    call = {"role": "model", "parts": {"functionCall": {"id": "c1", "name": "look"}}}
    [_, turn] = read(contents=[call, {"parts": [result("a"), result("a")]}]).turns
    assert turn.parts == (Result("c1", (Text("a"),)),)
    with pytest.raises(BadInput, match="answers no call"):
        read(contents=[call, {"parts": [result("a"), result("b")]}])


@pytest.mark.parametrize(
    ("response", "text", "failed"),
    [
        ({"output": "fine"}, "fine", False),
        ({"output": {"n": 1}}, '{"n": 1}', False),
        ({"error": "gone"}, "gone", True),
        ({"result": "ü"}, '{"result": "ü"}', False),
        ({"output": "half", "error": "gone"}, '{"output": "half", "error": "gone"}', True),
        ({}, "{}", False),
    ],
)
def test_a_response_is_its_output_its_error_or_all_of_it(
    response: Mapping[str, Any], text: str, failed: bool
) -> None:
    turns = read(
        contents=[
            {"role": "model", "parts": {"functionCall": {"name": "look"}}},
            {"parts": {"functionResponse": {"name": "look", "response": response}}},
        ]
    ).turns
    assert turns[1].parts == (Result("call_0", (Text(text),), failed),)


@pytest.mark.parametrize(
    ("calling", "names", "choice"),
    [
        ({}, ["look", "find"], "auto"),
        ({"mode": "AUTO"}, ["look", "find"], "auto"),
        ({"mode": "NONE"}, ["look", "find"], "none"),
        ({"mode": "ANY"}, ["look", "find"], "required"),
        ({"mode": "ANY", "allowedFunctionNames": ["find"]}, ["find"], Named("find")),
        ({"mode": "VALIDATED", "allowedFunctionNames": ["find"]}, ["find"], "auto"),
    ],
)
def test_which_function_may_be_called_is_read(
    calling: Mapping[str, Any], names: list[str], choice: Choice
) -> None:
    generation = read(
        tools=[{"functionDeclarations": [LOOK, FIND]}],
        toolConfig={"functionCallingConfig": calling},
    )
    assert ([tool.name for tool in generation.tools], generation.choice) == (names, choice)
    assert all(tool.strict == (calling.get("mode") == "VALIDATED") for tool in generation.tools)


@pytest.mark.parametrize(
    ("tool", "name"),
    [
        ({"googleSearch": {}}, "google_search"),
        ({"google_search": {}}, "google_search"),
        ({"googleSearchRetrieval": {}}, "google_search"),
        ({"urlContext": {}}, "url_context"),
        ({"codeExecution": {}}, "code_execution"),
    ],
)
def test_a_tool_that_google_would_run_is_outward(tool: Mapping[str, Any], name: str) -> None:
    assert read(tools=[tool]).outward == (name,)


@pytest.mark.parametrize(
    ("tool", "setting"),
    [
        ({"googleSearch": {"excludeDomains": ["x.org"]}}, "googleSearch.excludeDomains"),
        (
            {"googleSearchRetrieval": {"dynamicRetrievalConfig": {"mode": "MODE_DYNAMIC"}}},
            "googleSearchRetrieval.dynamicRetrievalConfig",
        ),
        ({"googleMaps": {"enableWidget": True}}, "googleMaps.enableWidget"),
    ],
)
def test_a_setting_that_such_a_tool_would_not_keep_to_is_refused(tool: Any, setting: str) -> None:
    with pytest.raises(BadInput) as raised:
        read(tools=[tool])
    assert raised.value.extra["field"] == f"tools[0].{setting}"


@pytest.mark.parametrize(
    ("config", "thinking", "shown"),
    [
        ({}, None, False),
        ({"includeThoughts": True}, None, True),
        ({"thinkingBudget": 0}, "off", False),
        ({"thinkingBudget": -1}, None, False),
        ({"thinkingBudget": 8192}, "medium", False),
        ({"thinkingBudget": 32768}, "high", False),
        ({"thinkingLevel": "MINIMAL"}, "low", False),
        ({"thinkingLevel": "HIGH", "includeThoughts": True}, "high", True),
    ],
)
def test_thinking_is_a_word_of_effort_and_whether_it_is_shown(
    config: Mapping[str, Any], thinking: str | None, shown: bool
) -> None:
    request = GEMINI.read({**BODY, "generationConfig": {"thinkingConfig": config}}, PATH)
    assert (request.generation.thinking, request.echo["thoughts"]) == (thinking, shown)


@pytest.mark.parametrize(
    ("written", "schema"),
    [
        ({"type": "STRING"}, {"type": "string"}),
        ({"type": "TYPE_UNSPECIFIED"}, {}),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 1}),
        ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
        (
            {"type": "STRING", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"anyOf": [{"type": "STRING"}], "nullable": True},
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
        ),
        (
            {"type": "ARRAY", "items": {"type": "NUMBER"}, "minItems": "2"},
            {"type": "array", "items": {"type": "number"}, "minItems": 2},
        ),
        (
            {
                "type": "OBJECT",
                "properties": {"some_b": {"type": "STRING"}, "a": {"type": "BOOLEAN"}},
                "propertyOrdering": ["a", "some_b"],
                "required": ["a"],
                "example": {"a": True},
            },
            {
                "type": "object",
                "examples": [{"a": True}],
                "properties": {"a": {"type": "boolean"}, "some_b": {"type": "string"}},
                "required": ["a"],
            },
        ),
        (
            {"$ref": "#/defs/x", "defs": {"x": {"type": "NULL"}}},
            {"$defs": {"x": {"type": "null"}}, "$ref": "#/$defs/x"},
        ),
    ],
)
def test_googles_schema_becomes_json_schema(
    written: Mapping[str, Any], schema: Mapping[str, Any]
) -> None:
    config = {"responseMimeType": "application/json", "responseSchema": written}
    form = read(generationConfig=config).form
    assert form is not None
    assert form.schema == schema
    assert list(form.schema.get("properties", ())) == list(schema.get("properties", ()))


def test_json_that_is_nested_too_deeply_is_refused() -> None:
    deep: Any = {}
    for _ in range(400):
        deep = {"items": deep}
    with pytest.raises(BadInput, match="within one another"):
        read(tools=[{"functionDeclarations": [{"name": "look", "parameters": deep}]}])


@pytest.mark.parametrize(
    ("action", "alt", "framing"),
    [
        ("generateContent", "", "array"),
        ("streamGenerateContent", "", "array"),
        ("streamGenerateContent", "sse", "sse"),
    ],
)
def test_the_path_says_whether_and_how_to_stream(action: str, alt: str, framing: str) -> None:
    request = GEMINI.read(BODY, {"model": "models/m", "action": action, "alt": alt})
    assert request.model == "m"
    assert request.streamed == action.startswith("stream")
    assert request.echo["framing"] == framing


@pytest.mark.parametrize("path", [{**PATH, "alt": "sse"}, {**STREAM, "alt": "proto"}])
def test_a_form_of_answer_that_is_not_written_is_refused(path: Mapping[str, str]) -> None:
    with pytest.raises(BadInput, match="alt"):
        GEMINI.read(BODY, path)


def test_a_count_takes_contents_or_a_whole_request() -> None:
    path = {**PATH, "action": ACTIONS[2]}
    whole = read_count({"generateContentRequest": FULL}, path)
    assert whole.generation.turns == GEMINI.read(FULL, STREAM).generation.turns
    assert read_count(BODY, path).generation.turns == (Turn("user", (Text("Hello"),)),)
    assert counted(7) == {"totalTokens": 7}
    with pytest.raises(BadInput, match="contents"):
        read_count({**BODY, "generateContentRequest": FULL}, path)


def test_what_gemini_cli_sends_is_read() -> None:
    body = json.loads((RECORDED / "gemini-cli-turn.json").read_text())
    request = GEMINI.read(body, STREAM)
    assert [turn.role for turn in request.generation.turns] == [
        "system",
        "user",
        "assistant",
        "tool",
    ]
    assert [tool.name for tool in request.generation.tools] == ["list_directory", "read_file"]
    results = [part for part in request.generation.turns[3].parts if isinstance(part, Result)]
    assert [(result.id, result.failed) for result in results] == [("c1", False), ("c2", True)]
    assert request.echo["thoughts"]


texts = st.text(min_size=1, max_size=12)
parts = st.fixed_dictionaries(
    {"text": texts}, optional={"thoughtSignature": texts, "partMetadata": st.just({})}
)
requests = st.fixed_dictionaries(
    {
        "contents": st.lists(
            st.fixed_dictionaries(
                {
                    "role": st.sampled_from(["user", "model"]),
                    "parts": parts | st.lists(parts, min_size=1, max_size=3),
                }
            ),
            min_size=1,
            max_size=5,
        )
    },
    optional={
        "systemInstruction": st.fixed_dictionaries({"parts": parts}),
        "tools": st.just([{"functionDeclarations": [LOOK, FIND]}]),
        "safetySettings": st.just([{}]),
        "generationConfig": st.fixed_dictionaries(
            {},
            optional={
                "temperature": st.floats(0, 2),
                "topP": st.floats(0, 1),
                "topK": st.integers(0, 500),
                "maxOutputTokens": st.integers(1, 10**6),
                "stopSequences": st.lists(st.just("END"), max_size=2),
                "seed": st.integers(-(2**31), 2**31 - 1),
                "responseMimeType": st.sampled_from(["text/plain", "application/json"]),
            },
        ),
    },
)


@given(requests, st.booleans())
def test_a_valid_request_is_read_whole(body: dict[str, Any], snake: bool) -> None:
    if "systemInstruction" in body:
        body["systemInstruction"]["parts"] = {"text": "You help."}
    turns = GEMINI.read(snaked(body) if snake else body, STREAM).generation.turns
    said = "".join(turn.text for turn in turns)
    for content in body["contents"]:
        held = content["parts"]
        assert all(part["text"] in said for part in ([held] if isinstance(held, dict) else held))
    assert all(one.role != other.role for one, other in pairwise(turns))


@given(st.data())
def test_a_value_of_the_wrong_kind_is_refused_and_breaks_nothing(data: st.DataObject) -> None:
    body = copy.deepcopy(FULL)
    place = data.draw(st.sampled_from([held for held in objects(body, OPAQUE) if held]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(GARBAGE)
    with contextlib.suppress(BadInput):
        GEMINI.read(body, STREAM)


# --- write


def responses(written: bytes, framing: str) -> list[dict[str, Any]]:
    """Return what a client reads of a stream."""
    if framing == "array":
        rows: list[dict[str, Any]] = json.loads(written)
        return rows
    *events, rest = written.decode("utf-8").split("\r\n\r\n")
    assert rest == ""
    return [json.loads(event.removeprefix("data: ")) for event in events]


def streamed(request: Asked, batches: Sequence[Sequence[Event]]) -> bytes:
    writer = GEMINI.streamed(request, HEADING)
    return writer.begin() + b"".join(writer.write(batch) for batch in batches)


def parts_of(response: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = response["candidates"][0]["content"]["parts"]
    return parts


def texts_of(rows: Sequence[Mapping[str, Any]], *, thought: bool) -> str:
    return "".join(
        part["text"]
        for row in rows
        for part in parts_of(row)
        if "text" in part and part.get("thought", False) == thought
    )


def calls_of(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [part for row in rows for part in parts_of(row) if "functionCall" in part]


def test_a_whole_answer_has_its_parts_in_order_and_its_counts() -> None:
    events: list[Event] = [
        Thinking("Hm."),
        Said("Hello"),
        Called(0, "c1", "look"),
        Arguments(0, '{"at": 1}'),
        Ended("tool_calls", END.tokens),
    ]
    assert GEMINI.whole(asked(), HEADING, collect(events)) == {
        "candidates": [
            {
                "content": {
                    "parts": [
                        {"text": "Hm.", "thought": True},
                        {"text": "Hello"},
                        {"functionCall": {"id": "c1", "name": "look", "args": {"at": 1}}},
                    ],
                    "role": "model",
                },
                "index": 0,
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {
            "promptTokenCount": 50,
            "candidatesTokenCount": 5,
            "totalTokenCount": 59,
            "thoughtsTokenCount": 4,
            "cachedContentTokenCount": 30,
        },
        "modelVersion": "m",
        "responseId": "a" * 24,
    }


def test_thoughts_are_shown_only_where_they_were_asked_for() -> None:
    events: list[Event] = [Thinking("Hm."), Said("Hello"), END]
    request = asked(thoughts=False)
    assert parts_of(GEMINI.whole(request, HEADING, collect(events))) == [{"text": "Hello"}]
    rows = responses(streamed(request, [events]), "sse")
    assert texts_of(rows, thought=True) == ""


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("stop", "STOP"),
        ("length", "MAX_TOKENS"),
        ("content_filter", "SAFETY"),
        ("tool_calls", "STOP"),
    ],
)
def test_why_an_answer_ended_is_told(finish: Finish, reason: str) -> None:
    events: list[Event] = [Said("x"), Ended(finish)]
    last = responses(streamed(asked(), [events]), "sse")[-1]
    whole = GEMINI.whole(asked(), HEADING, collect(events))
    assert [row["candidates"][0]["finishReason"] for row in (last, whole)] == [reason, reason]


@pytest.mark.parametrize(
    ("finish", "reason"), [("tool_calls", "MALFORMED_FUNCTION_CALL"), ("length", "MAX_TOKENS")]
)
def test_a_call_that_is_no_object_is_left_out_and_said(finish: Finish, reason: str) -> None:
    events: list[Event] = [Called(0, "c", "look"), Arguments(0, '{"at'), Ended(finish)]
    last = responses(streamed(asked(), [events]), "sse")[-1]
    for row in (last, GEMINI.whole(asked(), HEADING, collect(events))):
        assert parts_of(row) == [{"text": ""}]
        assert row["candidates"][0]["finishReason"] == reason


def test_log_probabilities_are_told_in_googles_form() -> None:
    other = {"token": "Ho", "logprob": -2.0, "bytes": None}
    row = {"token": "Hi", "logprob": -0.5, "bytes": None, "top_logprobs": [other]}
    events: list[Event] = [Said("Hi", (row,)), END]
    request = asked(logprobs=1)
    first = responses(streamed(request, [events]), "sse")[0]
    for told in (first, GEMINI.whole(request, HEADING, collect(events))):
        assert told["candidates"][0]["avgLogprobs"] == -0.5
        assert told["candidates"][0]["logprobsResult"] == {
            "topCandidates": [{"candidates": [{"token": "Ho", "logProbability": -2.0}]}],
            "chosenCandidates": [{"token": "Hi", "logProbability": -0.5}],
        }


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (Unavailable("server-died", "It broke off", "ask again"), 502, "UNAVAILABLE"),
        (BadInput("c", "It broke off", "ask again"), 400, "INVALID_ARGUMENT"),
        (Broken("c", "It broke off", "ask again"), 500, "INTERNAL"),
    ],
)
@pytest.mark.parametrize("said", [[], [Said("Hal")]])
def test_an_error_in_mid_stream_ends_it(
    error: SatchelError, code: int, status: str, said: list[Event]
) -> None:
    told = {"error": {"code": code, "message": "It broke off; ask again", "status": status}}
    writer = GEMINI.streamed(asked(framing="array"), HEADING)
    written = writer.begin() + writer.write(said) + writer.broken(error)
    assert json.loads(written)[len(said) :] == [told]
    writer = GEMINI.streamed(asked(), HEADING)
    writer.write(said)
    assert json.loads(writer.broken(error)) == told


@given(answers(), st.booleans(), st.sampled_from(["sse", "array"]), st.integers(1, 4))
def test_a_stream_adds_up_to_the_whole(
    events: list[Event], thoughts: bool, framing: str, size: int
) -> None:
    request = asked(thoughts=thoughts, framing=framing)
    batches = [events[at : at + size] for at in range(0, len(events), size)]
    rows = responses(streamed(request, batches), framing)
    whole = GEMINI.whole(request, HEADING, collect(events))
    for thought in (True, False):
        assert texts_of(rows, thought=thought) == texts_of([whole], thought=thought)
    assert calls_of(rows) == calls_of([whole])
    assert rows[-1]["usageMetadata"] == whole["usageMetadata"]
    assert [row["candidates"][0].get("finishReason") for row in rows] == [
        *[None] * (len(rows) - 1),
        "STOP",
    ]


# --- errors and models


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "INVALID_ARGUMENT"),
        (401, "UNAUTHENTICATED"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (422, "INVALID_ARGUMENT"),
        (429, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL"),
        (502, "UNAVAILABLE"),
        (503, "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED"),
    ],
)
def test_an_error_has_the_word_of_its_status(status: int, kind: str) -> None:
    told = GEMINI.failure(BadInput("c", "It is wrong", "do this"), status)
    assert told["error"] == {"code": status, "message": "It is wrong; do this", "status": kind}


def test_a_prompt_that_does_not_fit_is_told_in_googles_words() -> None:
    error = BadInput("context-exceeded", "Too long", "shorten it", tokens=9000, context=8192)
    told = GEMINI.failure(error, 400)["error"]["message"]
    assert told.startswith("The input token count (9000) exceeds the maximum number of tokens")


def test_models_are_listed_in_googles_form() -> None:
    listed = listing([Row("a/b:4b", "ollama", "on-device", 8192), Row("c", "x", "lan")])
    assert listed["models"][0] == {
        "name": "models/a/b:4b",
        "version": "1",
        "displayName": "a/b:4b",
        "description": "ollama, on-device",
        "supportedGenerationMethods": list(ACTIONS),
        "inputTokenLimit": 8192,
        "outputTokenLimit": 8192,
    }
    assert "inputTokenLimit" not in listed["models"][1]
