"""Responses: what Codex sends is read, and its tools are answered in their own words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.model.dialects.openai import EFFORTS, HARMLESS
from satchel.model.dialects.responses import INCLUDABLE, KEPT, ONLY, RESPONSES
from satchel.model.turns import (
    Arguments,
    Asked,
    Call,
    Called,
    Ended,
    Event,
    Finish,
    Form,
    Generation,
    Image,
    Named,
    Result,
    Said,
    Text,
    Thinking,
    Thought,
    Tokens,
    Turn,
    collect,
)
from tests.model.dialects import spoken

SCHEMA = {"type": "object", "properties": {"key": {"type": "string"}}}
RUN = {"type": "function", "name": "run", "strict": False, "parameters": SCHEMA}
LOOKUP = {"type": "function", "name": "lookup", "description": "Looks up.", "parameters": SCHEMA}
SPACE = {"type": "namespace", "name": "mcp__notes", "description": "Notes.", "tools": [LOOKUP]}
PATCH = {
    "type": "custom",
    "name": "patch",
    "description": "Edits.",
    "format": {"type": "grammar", "syntax": "lark", "definition": "start: LINE"},
}
SEARCH = {"type": "tool_search", "execution": "client", "description": "Finds.", "parameters": {}}
SHELL = {"type": "local_shell"}
QUIET = {"type": "web_search", "external_web_access": False, "search_content_types": ["image"]}
LIVE = {"type": "web_search", "external_web_access": True}
TOOLS = [RUN, SPACE, PATCH, SEARCH, SHELL, QUIET]


def body(**more: Any) -> dict[str, Any]:
    return {"model": "here/small", "input": "hi"} | more


def asked(**more: Any) -> Asked:
    return RESPONSES.read(body(**more), {})


def generation(**more: Any) -> Generation:
    return asked(**more).generation


# Every field that may be sent, with values that are read.
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "stream": st.booleans(),
    "stream_options": st.just({"include_obfuscation": False}),
    "instructions": st.just("Be brief."),
    "tools": st.just(TOOLS),
    "tool_choice": st.sampled_from(["none", "auto"]),
    "parallel_tool_calls": st.booleans(),
    "reasoning": st.fixed_dictionaries(
        {"effort": st.sampled_from([None, *EFFORTS]), "summary": st.sampled_from([None, "auto"])}
    ),
    "text": st.sampled_from([{"verbosity": "low"}, {"format": {"type": "json_object"}}, {}]),
    "include": st.lists(st.sampled_from(sorted(INCLUDABLE))),
    "top_logprobs": st.integers(0, 5),
    "max_output_tokens": st.integers(1, 9999),
    "temperature": st.floats(0, 2),
    "top_p": st.floats(0, 1),
    "truncation": st.just("disabled"),
    "store": st.just(False),
    "background": st.just(False),
    "client_metadata": st.just({"thread": "1"}),
    **{name: st.just("anything") for name in HARMLESS},
}


@given(st.fixed_dictionaries({}, optional=FIELDS))
def test_what_is_documented_is_read(fields: dict[str, Any]) -> None:
    read = asked(**fields)
    assert read.streamed is fields.get("stream", False)
    assert read.generation.outward == ()
    whole = spoken.whole(RESPONSES, read, [Said("a"), Ended("stop")])
    for name in ("temperature", "instructions", "tool_choice", "text", "user"):
        assert name not in fields or whole[name] == fields[name]


@given(st.fixed_dictionaries({}, optional=FIELDS), st.text(min_size=1, max_size=12))
def test_any_other_field_is_refused_by_name(fields: dict[str, Any], name: str) -> None:
    known = FIELDS.keys() | {"model", "input", "stop", "seed", "top_k", "min_p"}
    if name not in known:
        assert spoken.refused(RESPONSES, body(**fields, **{name: "x"})) == name


def test_every_field_is_told_of() -> None:
    assert spoken.untold("/v1/responses", {*FIELDS, *ONLY, *KEPT}) == []


@given(st.dictionaries(st.sampled_from([*FIELDS, *["input", "stop"]]), spoken.GARBAGE))
def test_garbage_is_refused_as_such(fields: dict[str, Any]) -> None:
    spoken.survives(RESPONSES, body(**fields))


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"store": True}, "store"),
        ({"background": True}, "background"),
        ({"truncation": "auto"}, "truncation"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"max_tool_calls": 3}, "max_tool_calls"),
        ({"include": ["everything"]}, "include"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"reasoning": {"context": "current_turn"}}, "reasoning.context"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"text": {"tone": "kind"}}, "text.tone"),
        ({"tools": [{"type": "file_search"}]}, "tools[0].type"),
        ({"tools": [{"type": "mcp", "server_url": "https://example.org"}]}, "tools[0].type"),
        ({"tools": [{"type": "tool_search"}]}, "tools[0].execution"),
        ({"tools": [RUN | {"allowed_callers": ["programmatic"]}]}, "tools[0].allowed_callers"),
        ({"tools": [SPACE | {"oops": 1}]}, "tools[0].oops"),
        ({"tools": [LIVE | {"filters": {}}]}, "tools[0].filters"),
        ({"tools": [RUN, RUN | {"description": "Other."}]}, "tools[1].name"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "web_search"}, "tools": [QUIET]}, "tool_choice.name"),
        ({"tool_choice": {"type": "custom", "name": "run"}, "tools": TOOLS}, "tool_choice.name"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input[0].type"),
        ({"input": [{"type": "compaction", "encrypted_content": "x"}]}, "input[0].type"),
        ({"input": [{"role": "user", "content": "a", "oops": 1}]}, "input[0].oops"),
        ({"input": [{"type": "function_call", "name": "x"}]}, "input[0].call_id"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]},
            "input[0].content[0].type",
        ),
        (
            {"input": [{"role": "user", "content": [
                {"type": "input_image", "image_url": "https://example.org/a.png"}]}]},
            "input[0].content[0].image_url",
        ),
    ],
)  # fmt: skip
def test_what_is_not_served_is_refused_by_its_place(fields: Any, refusal: str) -> None:
    assert spoken.refused(RESPONSES, body(**fields)) == refusal


def test_the_items_of_a_turn_are_gathered() -> None:
    items = [
        {"type": "message", "id": "m", "role": "developer", "content": "Rules."},
        {"role": "user", "content": [{"type": "input_text", "text": "where"}]},
        {"role": "user", "content": "say"},
        {
            "type": "reasoning",
            "id": "r",
            "summary": [{"type": "summary_text", "text": "short"}],
            "content": [{"type": "reasoning_text", "text": "long"}],
            "encrypted_content": "seal",
        },
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "s"}], "content": None},
        {
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
        },
        {"type": "function_call", "call_id": "1", "name": "lookup", "namespace": "mcp__notes",
         "arguments": '{"key":"a"}', "id": "fc", "status": "completed"},
        {"type": "custom_tool_call", "call_id": "2", "name": "patch", "input": "+a"},
        {"type": "local_shell_call", "id": "i", "call_id": "3", "status": "completed",
         "action": {"type": "exec", "command": ["ls"], "env": {}}},
        {"type": "function_call_output", "call_id": "1", "output": "found", "id": "x"},
        {"type": "custom_tool_call_output", "call_id": "2", "output": [
            {"type": "input_text", "text": "done"},
            {"type": "input_image", "image_url": "data:image/png;base64,QUJD", "detail": "high"}]},
        {"type": "local_shell_call_output", "id": "3", "output": "a b"},
    ]  # fmt: skip
    assert generation(input=items, instructions="First.").turns == (
        Turn("system", (Text("First."),)),
        Turn("system", (Text("Rules."),)),
        Turn("user", (Text("where"),)),
        Turn("user", (Text("say"),)),
        Turn(
            "assistant",
            (
                Thought("long", "seal"),
                Thought("s"),
                Text("I look."),
                Call("1", "mcp__notes__lookup", '{"key":"a"}'),
                Call("2", "patch", '{"input":"+a"}'),
                Call("3", "local_shell", '{"command":["ls"],"env":{}}'),
            ),
        ),
        Turn(
            "tool",
            (
                Result("1", (Text("found"),)),
                Result("2", (Text("done"), Image("image/png", "QUJD"))),
                Result("3", (Text("a b"),)),
            ),
        ),
    )


def test_tools_are_laid_out_as_functions() -> None:
    tools = {tool.name: tool for tool in generation(tools=TOOLS).tools}
    assert list(tools) == ["run", "mcp__notes__lookup", "patch", "tool_search", "local_shell"]
    assert tools["mcp__notes__lookup"].description == "Notes.\n\nLooks up."
    assert tools["patch"].schema["required"] == ["input"]
    assert "start: LINE" in tools["patch"].description


@pytest.mark.parametrize(
    ("recorded", "calls"),
    [
        ("codex-turn", ["exec_command", "mcp__probe__lookup"]),
        ("codex-tool-search", ["apply_patch", "tool_search"]),
    ],
)
def test_what_codex_sent_is_read(recorded: str, calls: list[str]) -> None:
    """The requests of Codex 0.169 after its first tool calls, with every text replaced."""
    got = RESPONSES.read(spoken.recorded(recorded), {})
    assert got.streamed
    assert got.generation.outward == ()
    said, results = got.generation.turns[-2:]
    assert [part.name for part in said.parts if isinstance(part, Call)] == calls
    assert isinstance(said.parts[0], Thought)
    ids = [part.id for part in said.parts if isinstance(part, Call)]
    assert [part.id for part in results.parts if isinstance(part, Result)] == ids
    assert {"mcp__probe__lookup", *calls} <= {tool.name for tool in got.generation.tools}


def test_a_tool_that_a_search_found_joins_the_others() -> None:
    items = [
        {"role": "user", "content": "find"},
        {"type": "tool_search_call", "call_id": "1", "execution": "client", "arguments": {"q": 1}},
        {"type": "tool_search_output", "call_id": "1", "execution": "client", "tools": [SPACE]},
        {"type": "tool_search_call", "call_id": "2", "execution": "client", "arguments": {}},
        {"type": "tool_search_output", "call_id": "2", "execution": "client", "tools": [SPACE]},
    ]
    got = generation(input=items, tools=[SEARCH])
    assert [tool.name for tool in got.tools] == ["tool_search", "mcp__notes__lookup"]
    assert got.turns[2].parts == (Result("1", (Text("mcp__notes__lookup"),)),)


def test_a_search_that_may_not_reach_out_is_not_offered_and_one_that_may_is_outward() -> None:
    assert generation(tools=[RUN, QUIET]).outward == ()
    assert generation(tools=[RUN, LIVE, {"type": "web_search_preview"}]).outward == ("web_search",)
    whole = spoken.whole(RESPONSES, asked(tools=[RUN, QUIET]), [Ended("stop")])
    assert whole["tools"] == [RUN]


@pytest.mark.parametrize(
    ("choice", "read", "count"),
    [
        ("none", "none", 5),
        ("required", "required", 5),
        ({"type": "function", "name": "run"}, Named("run"), 5),
        (
            {"type": "function", "name": "lookup", "namespace": "mcp__notes"},
            Named("mcp__notes__lookup"),
            5,
        ),
        ({"type": "custom", "name": "patch"}, Named("patch"), 5),
        ({"type": "local_shell"}, Named("local_shell"), 5),
        (
            {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "tool_search"}]},
            "auto",
            1,
        ),
    ],
)
def test_each_form_of_tool_choice_is_read(choice: Any, read: Any, count: int) -> None:
    got = generation(tools=TOOLS, tool_choice=choice)
    assert (got.choice, len(got.tools)) == (read, count)


def test_form_effort_and_verbosity_are_read() -> None:
    got = generation(
        text={"format": {"type": "json_schema", "name": "a", "schema": SCHEMA, "strict": True},
              "verbosity": "high"},
        reasoning={"effort": "xhigh"},
        include=["message.output_text.logprobs"],
    )  # fmt: skip
    assert got.form == Form(SCHEMA, "a")
    assert (got.thinking, got.sampling.logprobs) == ("high", 0)
    assert got.turns[0].text == "Answer at length and in detail."


# --- answers


def events_of(stream: bytes) -> list[dict[str, Any]]:
    """Read the events of a stream, and check what holds of every one."""
    events = []
    for at, (kind, text) in enumerate(spoken.messages(stream)):
        event = json.loads(text)
        assert (event["type"], event["sequence_number"]) == (kind, at)
        events.append(event)
    return events


def rebuilt(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Build the items up from the deltas alone, as a client that shows them at once does."""
    items: list[dict[str, Any]] = []
    for event in events:
        at = event.get("output_index")
        match event["type"].removeprefix("response."):
            case "output_item.added":
                assert at == len(items)
                items.append({"type": event["item"]["type"], "id": event["item"]["id"], "text": ""})
            case "output_item.done":
                assert items[-1]["id"] == event["item"]["id"]
                items[-1]["done"] = event["item"]
            case kind if kind.endswith(".delta"):
                assert event["item_id"] == items[-1]["id"]
                assert "done" not in items[-1]
                items[-1]["text"] += event["delta"]
            case _:
                pass
    return items


def spoken_text(item: dict[str, Any]) -> str:
    match item["type"]:
        case "message":
            return str(item["content"][0]["text"])
        case "reasoning":
            return str((item["content"] or item["summary"])[0]["text"])
        case _:
            return str(item["arguments"])


def parts_of(items: list[dict[str, Any]]) -> tuple[str, str, list[tuple[str, str, str]]]:
    said, thought, calls = "", "", []
    for item in items:
        match item["type"]:
            case "message":
                said += spoken_text(item)
            case "reasoning":
                thought += spoken_text(item)
            case _:
                calls.append((item["call_id"], item["name"], item["arguments"]))
    return said, thought, calls


@given(spoken.answers(), st.integers(1, 9), st.sampled_from([None, "auto"]))
def test_a_stream_adds_up_to_the_whole(
    events: list[Event], batch: int, summary: str | None
) -> None:
    request = asked(reasoning={"summary": summary})
    told = events_of(spoken.written(RESPONSES, request, events, batch))
    whole = spoken.whole(RESPONSES, request, events)
    assert [event["type"] for event in told[:2]] == ["response.created", "response.in_progress"]
    ended = told[-1]["response"]
    assert told[-1]["type"] == f"response.{whole['status']}"
    items = rebuilt(told)
    assert [item["done"] for item in items] == ended["output"]
    assert [item["text"] for item in items] == [spoken_text(item) for item in ended["output"]]
    assert len({item["id"] for item in items}) == len(items)
    assert parts_of(ended["output"]) == parts_of(whole["output"]) == spoken.summed(collect(events))
    assert {key: value for key, value in ended.items() if key != "output"} == {
        key: value for key, value in whole.items() if key != "output"
    }


def test_the_events_of_an_answer_come_in_openais_order() -> None:
    events: list[Event] = [
        Thinking("a"), Said("b"), Called(0, "c", "run"), Arguments(0, "{}"), Ended("tool_calls"),
    ]  # fmt: skip
    told = events_of(spoken.written(RESPONSES, asked(tools=[RUN]), events))
    assert [event["type"].removeprefix("response.") for event in told] == [
        "created", "in_progress",
        "output_item.added", "content_part.added", "reasoning_text.delta", "reasoning_text.done",
        "content_part.done", "output_item.done",
        "output_item.added", "content_part.added", "output_text.delta", "output_text.done",
        "content_part.done", "output_item.done",
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]  # fmt: skip


@pytest.mark.parametrize("thought", ["", "hm"])
def test_an_answer_that_says_nothing_is_an_empty_message(thought: str) -> None:
    events: list[Event] = [*([Thinking(thought)] if thought else []), Ended("length")]
    output = events_of(spoken.written(RESPONSES, asked(), events))[-1]["response"]["output"]
    assert output == spoken.whole(RESPONSES, asked(), events)["output"]
    assert (output[-1]["type"], output[-1]["content"][0]["text"]) == ("message", "")


def answered(name: str, text: str) -> dict[str, Any]:
    """Return the item that stands for a call of `name`, streamed and whole alike."""
    events: list[Event] = [Called(0, "c", name), Arguments(0, text), Ended("tool_calls")]
    told = events_of(spoken.written(RESPONSES, asked(tools=TOOLS), events))
    item: dict[str, Any] = told[-1]["response"]["output"][0]
    assert item == spoken.whole(RESPONSES, asked(tools=TOOLS), events)["output"][0]
    assert item.pop("id").endswith(f"{spoken.HEADING.id}00")
    assert item.pop("call_id") == "c"
    assert item.pop("status") == "completed"
    return item


@pytest.mark.parametrize(
    ("name", "text", "item"),
    [
        ("run", '{"a":1}', {"type": "function_call", "name": "run", "arguments": '{"a":1}'}),
        (
            "mcp__notes__lookup",
            "{}",
            {"type": "function_call", "name": "lookup", "arguments": "{}",
             "namespace": "mcp__notes"},
        ),
        ("patch", '{"input":"+a\\n"}', {"type": "custom_tool_call", "name": "patch",
                                        "input": "+a\n"}),
        ("patch", "+a", {"type": "custom_tool_call", "name": "patch", "input": "+a"}),
        ("patch", "{}", {"type": "custom_tool_call", "name": "patch", "input": ""}),
        ("tool_search", '{"q":"a"}', {"type": "tool_search_call", "execution": "client",
                                      "arguments": {"q": "a"}}),
        ("local_shell", '{"command":["ls"]}', {"type": "local_shell_call", "action": {
            "type": "exec", "command": ["ls"], "env": {}}}),
        ("unheard", "{}", {"type": "function_call", "name": "unheard", "arguments": "{}"}),
    ],
)  # fmt: skip
def test_a_call_is_answered_in_the_words_of_its_tool(
    name: str, text: str, item: dict[str, Any]
) -> None:
    assert answered(name, text) == item


def test_free_input_is_streamed_as_it_is() -> None:
    events: list[Event] = [
        Called(0, "c", "patch"), Arguments(0, '{"inp'), Arguments(0, 'ut":"+a"}'),
        Ended("tool_calls"),
    ]  # fmt: skip
    told = events_of(spoken.written(RESPONSES, asked(tools=TOOLS), events, batch=1))
    pieces = [event["delta"] for event in told if event["type"].endswith("_call_input.delta")]
    assert pieces == ["+a"]


@pytest.mark.parametrize(
    ("finish", "status", "reason"),
    [
        ("stop", "completed", None),
        ("length", "incomplete", {"reason": "max_output_tokens"}),
        ("content_filter", "incomplete", {"reason": "content_filter"}),
    ],
)
def test_an_answer_that_was_cut_says_why(finish: Finish, status: str, reason: Any) -> None:
    events: list[Event] = [Thinking("a"), Said("b"), Ended(finish, Tokens(3, 2, 1, 1))]
    whole = spoken.whole(RESPONSES, asked(), events)
    assert (whole["status"], whole["incomplete_details"]) == (status, reason)
    assert [item["status"] for item in whole["output"]] == ["completed", status]
    assert whole["usage"] == {
        "input_tokens": 3,
        "input_tokens_details": {"cached_tokens": 1, "cache_write_tokens": 0},
        "output_tokens": 2,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": 5,
    }


def test_an_error_in_mid_stream_is_an_error_and_a_failed_answer() -> None:
    writer = RESPONSES.streamed(asked(), spoken.HEADING)
    stream = writer.begin() + writer.write([Said("a")]) + writer.broken(spoken.DIED)
    *_, error, failed = events_of(stream)
    assert (error["type"], error["error"]["code"]) == ("error", "server-died")
    assert failed["response"]["status"] == "failed"
    assert failed["response"]["error"]["code"] == "server-died"
