"""Chat completions: every field is read or refused, and a stream says what the whole says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.model.dialects.chat import CHAT
from satchel.model.dialects.openai import EFFORTS, HARMLESS
from satchel.model.turns import (
    Answer,
    Arguments,
    Asked,
    Call,
    Called,
    Ended,
    Event,
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
    Tokens,
    Tool,
    Turn,
    collect,
)
from tests.model.dialects import spoken

HI = {"role": "user", "content": "hi"}
PIXEL = "data:image/png;base64,iVBORw0KGgo="
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}
TOOLS = [
    {"type": "function", "function": {"name": "look", "parameters": SCHEMA}},
    {"type": "function", "function": {"name": "list", "description": "Lists.", "strict": True}},
]
LOOK = {"type": "function", "function": {"name": "look"}}
EMPTY = {"type": "object", "properties": {}}


def body(**more: Any) -> dict[str, Any]:
    return {"model": "here/small", "messages": [HI]} | more


def asked(**more: Any) -> Asked:
    return CHAT.read(body(**more), {})


def generation(**more: Any) -> Generation:
    return asked(**more).generation


def turns(*messages: Mapping[str, Any]) -> tuple[Turn, ...]:
    return generation(messages=messages and list(messages)).turns


# Every field that may be sent, with values that are read.
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "stream": st.booleans(),
    "stream_options": st.just({"include_usage": True, "include_obfuscation": False}),
    "tools": st.just(TOOLS),
    "parallel_tool_calls": st.booleans(),
    "tool_choice": st.sampled_from(["none", "auto"]),
    "response_format": st.sampled_from(
        [
            {"type": "text"},
            {"type": "json_object"},
            {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA, "strict": True}},
        ]
    ),
    "stop": st.one_of(st.just("END"), st.lists(st.sampled_from(["a", "b"]), max_size=4)),
    "max_tokens": st.integers(1, 32_000),
    "temperature": st.floats(0, 2),
    "top_p": st.one_of(st.floats(0, 1), st.just(1)),
    "top_k": st.integers(0, 100),
    "min_p": st.floats(0, 1),
    "presence_penalty": st.floats(-2, 2),
    "frequency_penalty": st.floats(-2, 2),
    "repeat_penalty": st.floats(0, 2),
    "dry_multiplier": st.floats(0, 2),
    "seed": st.integers(-1, 2**31),
    "n": st.just(1),
    "logprobs": st.just(True),
    "top_logprobs": st.just(0),
    "logit_bias": st.just({}),
    "reasoning_effort": st.sampled_from(sorted(EFFORTS)),
    "verbosity": st.sampled_from(["low", "medium", "high"]),
    "modalities": st.just(["text"]),
    "store": st.just(False),
    "web_search_options": st.just({}),
    "cache_prompt": st.booleans(),
    **{name: st.just("anything") for name in HARMLESS},
}


@given(st.fixed_dictionaries({}, optional=FIELDS))
def test_what_is_documented_is_read(fields: dict[str, Any]) -> None:
    read = asked(**fields)
    assert read.model == "here/small"
    assert read.streamed is fields.get("stream", False)
    assert asked(**fields | dict.fromkeys(FIELDS.keys() - fields.keys())) == read


@given(st.fixed_dictionaries({}, optional=FIELDS), st.text(min_size=1, max_size=12))
def test_any_other_field_is_refused_by_name(fields: dict[str, Any], name: str) -> None:
    known = FIELDS.keys() | {"model", "messages", "max_completion_tokens"}
    if name not in known:
        assert spoken.refused(CHAT, body(**fields, **{name: "x"})) == name


@given(
    st.dictionaries(
        st.sampled_from(
            [*FIELDS, *["messages", "functions", "function_call", "chat_template_kwargs"]]
        ),
        spoken.GARBAGE,
    )
)
def test_garbage_is_refused_as_such(fields: dict[str, Any]) -> None:
    spoken.survives(CHAT, body(**fields))


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"model": None}, "model"),
        ({"model": ""}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"n": 2}, "n"),
        ({"store": True}, "store"),
        ({"logit_bias": {"1": 5}}, "logit_bias"),
        ({"prediction": {"type": "content", "content": "x"}}, "prediction"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"audio": {"voice": "x"}}, "audio"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"temperature": 10**400}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"seed": 2**70}, "seed"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 5, "max_completion_tokens": 6}, "max_completion_tokens"),
        ({"stop": ""}, "stop"),
        ({"stop": [1]}, "stop"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": "any", "tools": TOOLS}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "x"}}}, "tool_choice"),
        ({"tool_choice": {"type": "custom", "custom": {"name": "x"}}}, "tool_choice.type"),
        ({"tools": [{"type": "custom", "custom": {"name": "x"}}]}, "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"function": {"name": "x", "oops": 1}}]}, "tools[0].function.oops"),
        ({"tools": TOOLS, "functions": [{"name": "x"}]}, "functions"),
        ({"function_call": {"name": "x"}}, "function_call"),
        ({"response_format": {"type": "grammar"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.schema"),
        ({"web_search_options": {"user_location": {}}}, "web_search_options.user_location"),
        ({"reasoning_effort": "none", "enable_thinking": True}, "reasoning_effort"),
        ({"chat_template_kwargs": {"other": 1}}, "chat_template_kwargs.other"),
        ({"stream_options": {"include_obfuscation": True}}, "stream_options.include_obfuscation"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role"),
        ({"messages": [HI, {"role": "tool", "content": "x"}]}, "messages[1].tool_call_id"),
        ({"messages": [HI | {"oops": 1}]}, "messages[0].oops"),
        ({"messages": [7]}, "messages[0]"),
    ],
)  # fmt: skip
def test_what_is_not_served_is_refused_by_its_place(fields: Any, refusal: str) -> None:
    assert spoken.refused(CHAT, body(**fields)) == refusal


@pytest.mark.parametrize("client", ["opencode", "qwen-code", "copilot"])
def test_what_agents_sent_is_read(client: str) -> None:
    """The requests of three agents after their first tool call, with every text replaced."""
    got = CHAT.read(spoken.recorded(f"{client}-turn"), {})
    assert (got.streamed, got.echo["usage"]) == (True, True)
    said, results = got.generation.turns[-2:]
    assert [type(part) for part in said.parts] == [Thought, Call]
    assert [type(part) for part in results.parts] == [Result]
    assert got.generation.tools


@pytest.mark.parametrize(
    "url",
    ["https://example.org/a.png", "http://127.0.0.1/a.png", "file:///etc/passwd", "data:,x",
     "data:text/html;base64,QUJD", "data:image/png;base64,QUJ", "data:image/png;base64,*"],
)  # fmt: skip
def test_a_picture_that_would_be_fetched_or_is_none_is_refused(url: str) -> None:
    part = {"type": "image_url", "image_url": {"url": url}}
    message = {"role": "user", "content": [part]}
    assert spoken.refused(CHAT, body(messages=[message])).endswith("image_url.url")


def test_every_role_becomes_its_turn() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}}
    assert turns(
        {"role": "developer", "content": "Be brief."},
        {"role": "system", "content": [{"type": "text", "text": "Be kind."}], "name": "rule"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "see", "cache_control": {"type": "ephemeral"}},
                {"type": "image_url", "image_url": {"url": PIXEL, "detail": "high"}},
            ],
        },
        {"role": "assistant", "content": None, "reasoning_content": "hm", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "found", "name": "look"},
        {"role": "assistant", "content": "", "refusal": "no", "__copilotMessageSource": "model"},
    ) == (
        Turn("system", (Text("Be brief."),)),
        Turn("system", (Text("rule: Be kind."),)),
        Turn("user", (Text("see"), Image("image/png", "iVBORw0KGgo="))),
        Turn("assistant", (Thought("hm"), Call("c1", "look", '{"a":1}'))),
        Turn("tool", (Result("c1", (Text("found"),)),)),
        Turn("assistant", (Text("no"),)),
    )


@pytest.mark.parametrize(
    ("said", "read"),
    [("", "{}"), (" ", "{}"), ('{"a": 1}', '{"a": 1}'), ('{"a', '{"unparsed":"{\\"a"}'),
     ("[1]", '{"unparsed":"[1]"}')],
)  # fmt: skip
def test_arguments_that_are_no_object_are_shown_to_the_model_as_they_were(
    said: str, read: str
) -> None:
    call = {"id": "c1", "function": {"name": "look", "arguments": said}}
    assert turns({"role": "assistant", "tool_calls": [call]})[0].parts == (
        Call("c1", "look", read),
    )


def test_a_legacy_call_and_its_result_find_each_other() -> None:
    call, result = turns(
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "42"},
    )
    assert isinstance(call.parts[0], Call)
    assert isinstance(result.parts[0], Result)
    assert call.parts[0].id == result.parts[0].id


@pytest.mark.parametrize(
    ("choice", "read", "names"),
    [
        (None, "auto", ["look", "list"]),
        ("none", "none", ["look", "list"]),
        ("required", "required", ["look", "list"]),
        (LOOK, Named("look"), ["look", "list"]),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [LOOK]}},
            "required",
            ["look"],
        ),
    ],
)
def test_each_form_of_tool_choice_is_read(choice: Any, read: Any, names: list[str]) -> None:
    got = generation(tools=TOOLS, tool_choice=choice)
    assert (got.choice, [tool.name for tool in got.tools]) == (read, names)


def test_tools_are_read_with_what_they_leave_out() -> None:
    assert generation(tools=TOOLS).tools == (
        Tool("look", "", SCHEMA),
        Tool("list", "Lists.", EMPTY, strict=True),
    )


def test_sampling_and_limits_are_read() -> None:
    got = generation(
        temperature=1, top_p=0.5, seed=-1, max_completion_tokens=9.0, stop="END", logprobs=True,
        top_logprobs=3, repetition_penalty=1.1, reasoning_effort="minimal",
    )  # fmt: skip
    assert got.sampling == Sampling(1.0, 0.5, repeat_penalty=1.1, logprobs=3)
    assert (got.max_tokens, got.stop, got.thinking) == (9, ("END",), "low")
    assert generation(max_tokens=-1).max_tokens is None
    assert generation(chat_template_kwargs={"enable_thinking": False}).thinking == "off"


def test_forms_are_read() -> None:
    assert generation(response_format={"type": "text"}).form is None
    assert generation(response_format={"type": "json_object"}).form == Form()
    inner = {"name": "place", "schema": SCHEMA, "description": "A place."}
    wanted = generation(response_format={"type": "json_schema", "json_schema": inner}).form
    assert wanted == Form({"description": "A place."} | SCHEMA, "place")


def test_verbosity_is_told_to_the_model_and_a_search_is_outward() -> None:
    got = generation(verbosity="low", web_search_options={})
    assert got.turns[0] == Turn("system", (Text("Keep the answer short."),))
    assert got.outward == ("web_search",)


# --- answers


def added(stream: bytes) -> Answer:
    """Add the chunks of a stream up, as a client does."""
    said, thought, finish = "", "", ""
    calls: list[list[str]] = []
    for chunk in spoken.chunks(stream):
        assert chunk["object"] == "chat.completion.chunk"
        for choice in chunk["choices"]:
            delta = choice["delta"]
            said += delta.get("content") or ""
            thought += delta.get("reasoning_content") or ""
            assert delta.get("reasoning") == delta.get("reasoning_content")
            finish = choice["finish_reason"] or finish
            for row in delta.get("tool_calls", ()):
                if "id" in row:
                    assert row["index"] == len(calls)
                    calls.append([row["id"], row["function"]["name"], ""])
                calls[row["index"]][2] += row["function"]["arguments"]
    made = tuple(Call(*row) for row in calls)
    return Answer(said, thought, made, Ended(finish))  # type: ignore[arg-type]  # checked beside


def of_message(message: Mapping[str, Any]) -> tuple[str, str, list[tuple[str, str, str]]]:
    calls = [
        (row["id"], row["function"]["name"], row["function"]["arguments"])
        for row in message.get("tool_calls", ())
    ]
    return message["content"] or "", message.get("reasoning", ""), calls


@given(spoken.answers(), st.integers(1, 9), st.booleans())
def test_a_stream_adds_up_to_the_whole(events: list[Event], batch: int, usage: bool) -> None:
    request = asked(stream_options={"include_usage": usage})
    stream = spoken.written(CHAT, request, events, batch)
    answer, told = spoken.whole(CHAT, request, events), added(stream)
    choice = answer["choices"][0]
    assert spoken.summed(told) == of_message(choice["message"]) == spoken.summed(collect(events))
    assert told.ended.finish == choice["finish_reason"]
    first, *_, last = spoken.chunks(stream)
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert {chunk["id"] for chunk in spoken.chunks(stream)} == {answer["id"]}
    if usage:
        assert (last["choices"], last["usage"]) == ([], answer["usage"])
        assert all(chunk["usage"] is None for chunk in spoken.chunks(stream)[:-1])
    else:
        assert all("usage" not in chunk for chunk in spoken.chunks(stream))


def test_usage_tells_what_was_cached_and_thought() -> None:
    whole = spoken.whole(CHAT, asked(), [Said("a"), Ended("stop", Tokens(7, 5, 3, 2))])
    assert whole["usage"] == {
        "prompt_tokens": 7,
        "completion_tokens": 5,
        "total_tokens": 12,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    untold = spoken.whole(CHAT, asked(), [Said("a"), Ended("stop")])
    assert set(untold["usage"].values()) == {0}


def test_logprobs_stand_beside_their_words() -> None:
    row = {"token": "a", "logprob": -1.0, "bytes": [97], "top_logprobs": []}
    events: list[Event] = [Said("a", (row,)), Ended("stop")]
    chunk = spoken.chunks(spoken.written(CHAT, asked(logprobs=True), events))[1]
    assert chunk["choices"][0]["logprobs"] == {"content": [row], "refusal": None}
    whole = spoken.whole(CHAT, asked(logprobs=True), events)
    assert whole["choices"][0]["logprobs"]["content"] == [row]


def test_who_asked_with_functions_is_answered_with_a_function_call() -> None:
    request = asked(functions=[{"name": "f"}], function_call={"name": "f"})
    assert (request.generation.choice, request.generation.parallel) == (Named("f"), False)
    events: list[Event] = [Called(0, "c", "f"), Arguments(0, '{"a":1}'), Ended("tool_calls")]
    choice = spoken.whole(CHAT, request, events)["choices"][0]
    assert choice["message"]["function_call"] == {"name": "f", "arguments": '{"a":1}'}
    assert choice["finish_reason"] == "function_call"
    deltas = [
        row["choices"][0]["delta"].get("function_call")
        for row in spoken.chunks(spoken.written(CHAT, request, events))
    ]
    assert deltas == [None, {"name": "f", "arguments": ""}, {"arguments": '{"a":1}'}, None]


def test_an_error_in_mid_stream_is_told_and_the_stream_is_closed() -> None:
    writer = CHAT.streamed(asked(), spoken.HEADING)
    stream = writer.begin() + writer.write([Said("a"), Thinking("b")]) + writer.broken(spoken.DIED)
    assert spoken.chunks(stream)[-1]["error"] == {
        "message": "the server broke off; ask again",
        "type": "server_error",
        "param": None,
        "code": "server-died",
    }


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "invalid_request_error"), (401, "authentication_error"), (403, "permission_error"),
     (404, "not_found_error"), (413, "invalid_request_error"), (429, "rate_limit_error"),
     (500, "server_error"), (503, "service_unavailable_error")],
)  # fmt: skip
def test_an_error_has_the_type_of_its_status(status: int, kind: str) -> None:
    assert CHAT.failure(spoken.DIED, status)["error"]["type"] == kind


def test_what_is_written_is_json_that_python_and_others_read_alike() -> None:
    text = spoken.chunks(spoken.written(CHAT, asked(), [Said("\ud83d"), Ended("stop")]))[1]
    assert json.dumps(text["choices"][0]["delta"]["content"]) == '"\\ud83d"'
