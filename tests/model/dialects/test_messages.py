"""Anthropic's dialect: what is read, what is refused, and that a stream adds up to the whole."""

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

from satchel.base.errors import BadInput, Unavailable
from satchel.model.dialects.dialect import Heading
from satchel.model.dialects.messages import MESSAGES, counted, listing, read_count
from satchel.model.dialects.models import Row
from satchel.model.turns import (
    Arguments,
    Asked,
    Call,
    Called,
    Ended,
    Event,
    Form,
    Generation,
    Image,
    Result,
    Said,
    Text,
    Thinking,
    Thought,
    Turn,
    collect,
)
from tests.model.dialects.drawn import END, GARBAGE, answers, objects

RECORDED = Path(__file__).parent / "recorded"
HEADING = Heading("a" * 24, "m", 1_790_000_000)
PIXEL = "iVBORw0KGgo="
TOOL = {"name": "look", "description": "Look.", "input_schema": {"type": "object"}}
BODY: dict[str, Any] = {
    "model": "m",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hello"}],
}
# Holds each field that is served, once at least.
FULL: dict[str, Any] = {
    **BODY,
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Look", "cache_control": {"type": "ephemeral"}},
                {
                    "type": "image",
                    "source": {"type": "base64", "media_type": "image/png", "data": PIXEL},
                },
                {
                    "type": "document",
                    "title": "Title",
                    "context": "Context",
                    "citations": {"enabled": False},
                    "source": {"type": "text", "media_type": "text/plain", "data": "Document"},
                },
                {
                    "type": "search_result",
                    "title": "Found",
                    "source": "notes.md",
                    "content": [{"type": "text", "text": "Here"}],
                },
            ],
        },
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "satchel"},
                {"type": "redacted_thinking", "data": "xyz"},
                {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "ü"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "toolu_1",
                    "is_error": True,
                    "content": [{"type": "text", "text": "Nothing"}],
                },
                {"type": "text", "text": "Well?"},
            ],
        },
    ],
    "system": [{"type": "text", "text": "You help."}],
    "tools": [{**TOOL, "strict": True, "eager_input_streaming": True, "input_examples": [{}]}],
    "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 40,
    "stop_sequences": ["END"],
    "thinking": {"type": "enabled", "budget_tokens": 2048, "display": "summarized"},
    "output_config": {
        "effort": "low",
        "format": {"type": "json_schema", "schema": {"type": "object"}},
    },
    "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
    "metadata": {"user_id": "u"},
    "service_tier": "auto",
    "mcp_servers": [],
    "stream": True,
}


def read(**fields: Any) -> Generation:
    return MESSAGES.read({**BODY, **fields}, {}).generation


def asked(thoughts: str = "shown") -> Asked:
    return Asked("m", Generation(), streamed=True, echo={"thoughts": thoughts})


# --- read


def test_a_full_request_is_read_into_turns_and_wishes() -> None:
    request = MESSAGES.read(FULL, {})
    generation = request.generation
    assert (request.model, request.streamed, request.echo["thoughts"]) == ("m", True, "shown")
    assert generation.turns == (
        Turn("system", (Text("You help."),)),
        Turn(
            "user",
            (
                Text("Look"),
                Image("image/png", PIXEL),
                Text("Title\nContext"),
                Text("Document"),
                Text("Found\nnotes.md"),
                Text("Here"),
            ),
        ),
        Turn("system", (Text("Be brief."),)),
        Turn("assistant", (Thought("Hm.", "satchel"), Call("toolu_1", "look", '{"at": "ü"}'))),
        Turn("tool", (Result("toolu_1", (Text("Nothing"),), failed=True),)),
        Turn("user", (Text("Well?"),)),
    )
    assert (generation.choice, generation.parallel) == ("required", False)
    assert generation.tools[0].strict
    assert generation.tools[0].description == "Look.\nExamples of arguments:\n{}"
    assert generation.form == Form({"type": "object"})
    assert (generation.max_tokens, generation.stop) == (100, ("END",))
    assert generation.thinking == "low"
    drawn = generation.sampling
    assert (drawn.temperature, drawn.top_p, drawn.top_k) == (0.5, 0.9, 40)


OPAQUE = (
    "input",
    "input_schema",
    "schema",
    "metadata",
    "cache_control",
    "citations",
    "input_examples",
)


@pytest.mark.parametrize("place", range(len(list(objects(FULL, OPAQUE)))))
def test_an_unknown_field_is_refused_wherever_it_stands(place: int) -> None:
    body = copy.deepcopy(FULL)
    list(objects(body, OPAQUE))[place]["surprise"] = 1
    with pytest.raises(BadInput, match="surprise"):
        MESSAGES.read(body, {})


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"max_tokens": None}, "max_tokens"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "tool", "content": ""}]}, "role"),
        ({"temperature": "hot"}, "temperature"),
        ({"stop_sequences": [" "]}, "stop_sequences"),
        ({"container": "c"}, "container"),
        ({"mcp_servers": [{"type": "url", "url": "http://x", "name": "x"}]}, "mcp_servers"),
        ({"fallbacks": "default"}, "fallbacks"),
        ({"thinking": {"type": "between_tools"}}, "thinking.type"),
        ({"thinking": {"type": "adaptive", "display": "updates"}}, "thinking.display"),
        ({"output_config": {"task_budget": {"type": "tokens", "total": 9}}}, "task_budget"),
        ({"tool_choice": {"type": "any"}}, "tool_choice"),
        ({"tool_choice": {"type": "tool", "name": "look"}}, "tool_choice.name"),
        ({"tools": [TOOL, TOOL]}, r"tools\[1\].name"),
        ({"tools": [{"type": "bash_20250124", "name": "bash"}]}, "input_schema"),
        ({"tools": [{"type": "tool_search_tool_bm25_20251119", "name": "t"}]}, "input_schema"),
        ({"tools": [{**TOOL, "allowed_callers": ["code_execution_20250825"]}]}, "allowed_callers"),
    ],
)
def test_what_cannot_be_served_is_refused_by_name(fields: Mapping[str, Any], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        read(**fields)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image", "source": {"type": "url", "url": "http://x/y.png"}},
        {"type": "image", "source": {"type": "file", "file_id": "f"}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/bmp", "data": PIXEL}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "%"}},
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": PIXEL},
        },
        {
            "type": "document",
            "citations": {"enabled": True},
            "source": {"type": "text", "data": "d"},
        },
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "tool_result", "tool_use_id": "never-called", "content": "x"},
    ],
)
def test_a_block_that_would_have_to_be_fetched_or_guessed_is_refused(block: Any) -> None:
    with pytest.raises(BadInput, match=r"messages\[0\]"):
        read(messages=[{"role": "user", "content": [block]}])


HEADER = "x-anthropic-billing-header: cc_version=2.1.330.1a2; cc_entrypoint=cli; cch=ff00;"


@pytest.mark.parametrize(
    ("system", "left"),
    [
        ([HEADER, "You help."], ["You help."]),
        ([HEADER], []),
        ([f"{HEADER}\nYou help."], ["You help."]),
        (["You help.", HEADER], ["You help.", HEADER]),
        ([f" {HEADER}", "You help."], [f" {HEADER}", "You help."]),
        (["x-anthropic-billing: 1"], ["x-anthropic-billing: 1"]),
    ],
)
def test_only_a_first_line_of_billing_is_taken_out(system: list[str], left: list[str]) -> None:
    turns = read(system=[{"type": "text", "text": text} for text in system]).turns
    assert [part.text for turn in turns if turn.role == "system" for part in turn.parts] == left  # type: ignore[union-attr]  # texts alone stand there


def test_requests_that_differ_in_their_billing_alone_are_one_prompt() -> None:
    first, second = (
        read(system=[{"type": "text", "text": text}, {"type": "text", "text": "You help."}])
        for text in (HEADER, HEADER.replace("ff00", "00ff"))
    )
    assert first == second


def test_neighbours_of_one_role_are_one_turn() -> None:
    said = [{"role": "user", "content": "One"}, {"role": "user", "content": "Two"}]
    assert read(messages=said).turns == (Turn("user", (Text("One"), Text("Two"))),)


def test_results_stand_in_the_order_of_their_calls() -> None:
    calls = [{"type": "tool_use", "id": id, "name": "look", "input": {}} for id in "ab"]
    results = [{"type": "tool_result", "tool_use_id": id, "content": id} for id in "ba"]
    turns = read(
        messages=[
            *BODY["messages"],
            {"role": "assistant", "content": calls},
            {"role": "user", "content": results},
        ]
    ).turns
    assert turns[-1] == Turn("tool", (Result("a", (Text("a"),)), Result("b", (Text("b"),))))


def test_a_passing_system_message_is_gone_after_the_next_user_message() -> None:
    passing = {"role": "system", "content": "Now.", "clear_at": "next_user_message"}
    hello = {"role": "user", "content": "Hello"}
    assert len(read(messages=[hello, passing]).turns) == 2
    assert len(read(messages=[hello, passing, hello]).turns) == 1


@pytest.mark.parametrize(
    ("after", "offered"),
    [
        ([], ["plain"]),
        ([{"role": "system", "content": [("tool_addition", "late")]}], ["plain", "late"]),
        ([{"role": "system", "content": [("tool_removal", "plain")]}], []),
        (
            [
                {
                    "role": "system",
                    "content": [("tool_addition", "late"), ("tool_removal", "late")],
                }
            ],
            ["plain"],
        ),
    ],
)
def test_a_deferred_tool_is_offered_once_it_was_brought_in(
    after: list[Any], offered: list[str]
) -> None:
    for message in after:
        message["content"] = [
            {"type": kind, "tool": {"type": "tool_reference", "name": name}}
            for kind, name in message["content"]
        ]
    tools = [{**TOOL, "name": "plain"}, {**TOOL, "name": "late", "defer_loading": True}]
    read_tools = read(tools=tools, messages=[*BODY["messages"], *after]).tools
    assert [tool.name for tool in read_tools] == offered


@pytest.mark.parametrize(
    ("fields", "thinking", "thoughts"),
    [
        ({}, None, "hidden"),
        ({"output_config": {"effort": "max"}}, "high", "hidden"),
        ({"thinking": {"type": "disabled"}, "output_config": {"effort": "max"}}, "off", "hidden"),
        ({"thinking": {"type": "adaptive"}}, None, "shown"),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, None, "sealed"),
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "low", "shown"),
        ({"thinking": {"type": "enabled", "budget_tokens": 8192}}, "medium", "shown"),
        ({"thinking": {"type": "enabled", "budget_tokens": 31999}}, "high", "shown"),
    ],
)
def test_thinking_is_a_word_of_effort_and_how_it_is_shown(
    fields: Mapping[str, Any], thinking: str | None, thoughts: str
) -> None:
    request = MESSAGES.read({**BODY, **fields}, {})
    assert (request.generation.thinking, request.echo["thoughts"]) == (thinking, thoughts)


LOW = {"role": "system", "content": [], "output_config": {"effort": "low"}}
MAX = {"role": "system", "content": "Think.", "output_config": {"effort": "max"}}
SAYING = {"role": "system", "content": "So it is.", "output_config": {}}
HELLO = {"role": "user", "content": "Hello"}
CALLED = {
    "role": "assistant",
    "content": [{"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}],
}
FOUND = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1"}]}


@pytest.mark.parametrize(
    ("messages", "effort"),
    [
        ([HELLO, LOW], "low"),
        ([HELLO, SAYING, LOW, MAX], "high"),
        ([LOW, HELLO], "low"),
        ([HELLO, CALLED, FOUND, LOW], "medium"),
        ([HELLO, CALLED, LOW, FOUND], "medium"),
        ([HELLO, MAX, CALLED, LOW, FOUND], "high"),
        ([HELLO, CALLED, LOW, FOUND, HELLO], "low"),
        ([HELLO, LOW, CALLED, MAX, HELLO, SAYING], "high"),
    ],
)
def test_a_message_of_the_system_sets_the_effort_from_new_input_on(
    messages: list[Any], effort: str
) -> None:
    generation = read(messages=messages, output_config={"effort": "medium"})
    assert generation.thinking == effort


SEARCH = {"type": "web_search_20250305", "name": "web_search"}


def test_a_tool_that_anthropic_would_run_is_outward() -> None:
    assert read(tools=[SEARCH, SEARCH | {"max_uses": 8}]).outward == ("web_search",)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("allowed_domains", ["x.org"]),
        ("blocked_domains", ["x.org"]),
        ("user_location", {"type": "approximate", "city": "Oslo"}),
        ("max_content_tokens", 99),
        ("citations", {"enabled": True}),
        ("wibble", 1),
    ],
)
def test_a_setting_that_such_a_tool_would_not_keep_to_is_refused(setting: str, value: Any) -> None:
    with pytest.raises(BadInput) as raised:
        read(tools=[SEARCH | {setting: value}])
    assert raised.value.extra["field"] == f"tools[0].{setting}"


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "web_search"}])
def test_a_tool_that_a_server_runs_cannot_be_forced(choice: Any) -> None:
    with pytest.raises(BadInput, match="function"):
        read(tools=[SEARCH], tool_choice=choice)


@pytest.mark.parametrize("kind", ["clear_tool_uses_20250919", "compact_20260112"])
def test_an_edit_of_the_context_is_refused_in_words_that_claude_code_knows(kind: str) -> None:
    with pytest.raises(BadInput) as raised:
        read(context_management={"edits": [{"type": kind}]})
    told = MESSAGES.failure(raised.value, 400)["error"]["message"]
    assert told.startswith(f"m does not support the {kind} context management strategy")


def test_a_thread_is_refused_so_that_the_tool_runner_goes_on_without() -> None:
    with pytest.raises(BadInput) as raised:
        read(thread={"type": "create"})
    details = MESSAGES.failure(raised.value, 400)["error"]["details"]
    assert details["error_code"] == "thread_unsupported_request"


def test_a_count_takes_the_prompt_and_refuses_how_to_answer() -> None:
    prompt = {name: FULL[name] for name in ("model", "messages", "system", "tools", "thinking")}
    assert read_count(prompt).generation.turns == MESSAGES.read(FULL, {}).generation.turns
    assert counted(7) == {"input_tokens": 7}
    with pytest.raises(BadInput, match="max_tokens"):
        read_count({**prompt, "max_tokens": 1})


@pytest.mark.parametrize(
    ("name", "offered", "roles"),
    [
        (
            "claude-code-turn",
            ["Edit", "Read"],
            ["system", "user", "system", "assistant", "tool", "user", "system"],
        ),
        (
            "claude-code-tool-search",
            ["Read", "ToolSearch", "WebFetch", "WebSearch"],
            ["system", "user", "system", "assistant", "tool", "assistant", "tool"],
        ),
        ("claude-code-web-search", [], ["system", "user"]),
    ],
)
def test_what_claude_code_sends_is_read(name: str, offered: list[str], roles: list[str]) -> None:
    body = json.loads((RECORDED / f"{name}.json").read_text())
    generation = MESSAGES.read(body, {}).generation
    assert [tool.name for tool in generation.tools] == offered
    assert [turn.role for turn in generation.turns] == roles
    assert "billing" not in generation.turns[0].text


texts = st.text(min_size=1, max_size=12)
blocks = st.fixed_dictionaries(
    {"type": st.just("text"), "text": texts},
    optional={"cache_control": st.just({"type": "ephemeral"}), "citations": st.none()},
)
requests = st.fixed_dictionaries(
    {
        "model": texts,
        "max_tokens": st.integers(1, 10**6),
        "messages": st.lists(
            st.fixed_dictionaries(
                {
                    "role": st.sampled_from(["user", "assistant", "system"]),
                    "content": texts | st.lists(blocks, min_size=1, max_size=3),
                }
            ),
            min_size=1,
            max_size=5,
        ),
    },
    optional={
        "system": texts | st.lists(blocks, max_size=3),
        "temperature": st.floats(0, 1),
        "top_p": st.floats(0, 1),
        "top_k": st.integers(0, 500),
        "stop_sequences": st.lists(st.just("END"), max_size=2),
        "stream": st.booleans(),
        "metadata": st.just({"user_id": "u"}),
        "tools": st.just([TOOL]),
        "thinking": st.sampled_from(
            [{"type": "adaptive"}, {"type": "disabled"}, {"type": "enabled", "budget_tokens": 1024}]
        ),
    },
)


@given(requests)
def test_a_valid_request_is_read_whole(body: dict[str, Any]) -> None:
    request = MESSAGES.read(body, {})
    said = "".join(part.text for turn in request.generation.turns for part in turn.parts)  # type: ignore[union-attr]  # texts alone stand there
    for message in body["messages"]:
        content = message["content"]
        for text in [content] if isinstance(content, str) else [row["text"] for row in content]:
            assert text in said
    assert all(one.role != other.role for one, other in pairwise(request.generation.turns))


@given(st.data())
def test_a_value_of_the_wrong_kind_is_refused_and_breaks_nothing(data: st.DataObject) -> None:
    body = copy.deepcopy(FULL)
    place = data.draw(st.sampled_from(list(objects(body, OPAQUE))))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(GARBAGE)
    with contextlib.suppress(BadInput):
        MESSAGES.read(body, {})


# --- write


def events_of(written: bytes) -> list[dict[str, Any]]:
    """Return what a client reads, after seeing that each event's name is its type."""
    read = []
    for row in written.decode("utf-8").split("\n\n")[:-1]:
        event, data = row.split("\n")
        value = json.loads(data.removeprefix("data: "))
        assert event == f"event: {value['type']}"
        read.append(value)
    return read


DELTAS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "input_json_delta": "partial_json",
}


def added_up(written: bytes) -> dict[str, Any]:
    """Add a stream up as a client does, after seeing that blocks follow without an overlap."""
    first, *events, last = events_of(written)
    message: dict[str, Any] = first["message"]
    assert (first["type"], last) == ("message_start", {"type": "message_stop"})
    opened: int | None = None
    for event in events:
        match event["type"]:
            case "content_block_start":
                assert opened is None
                opened = event["index"]
                assert opened == len(message["content"])
                message["content"].append(event["content_block"])
                pieces = ""
            case "content_block_delta":
                assert event["index"] == opened
                field = DELTAS[event["delta"]["type"]]
                if field == "partial_json":
                    pieces += event["delta"][field]
                else:
                    message["content"][-1][field] += event["delta"][field]
            case "content_block_stop":
                assert event["index"] == opened
                opened = None
                if pieces:
                    message["content"][-1]["input"] = json.loads(pieces)
            case "message_delta":
                assert opened is None
                message |= event["delta"]
                message["usage"] = event["usage"]
            case kind:
                assert kind == "ping"
    return message


def streamed(request: Asked, batches: Sequence[Sequence[Event]]) -> bytes:
    writer = MESSAGES.streamed(request, HEADING)
    return writer.begin() + b"".join(writer.write(batch) for batch in batches)


def test_a_stream_is_written_in_the_order_that_anthropic_documents() -> None:
    events: list[Event] = [
        Thinking("Hm."),
        Said("Hel"),
        Said("lo\u2028"),
        Called(0, "toolu_1", "look"),
        Arguments(0, '{"at"'),
        Arguments(0, ": 1}"),
        Ended("tool_calls", END.tokens),
    ]
    written = events_of(streamed(asked(), [[event] for event in events]))
    assert [event["type"].removeprefix("content_block_") for event in written] == [
        *("message_start", "ping"),
        *("start", "delta", "delta", "stop"),
        *("start", "delta", "delta", "stop"),
        *("start", "delta", "delta", "stop"),
        *("message_delta", "message_stop"),
    ]
    assert written[0]["message"]["usage"]["input_tokens"] == 0
    assert written[-2]["delta"] == {"stop_reason": "tool_use", "stop_sequence": None}
    assert written[-2]["usage"] == {
        "input_tokens": 20,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 30,
        "output_tokens": 9,
        "output_tokens_details": {"thinking_tokens": 4},
    }


@pytest.mark.parametrize(
    ("ended", "reason", "stop"),
    [
        (Ended("stop"), "end_turn", None),
        (Ended("stop", stop="END"), "stop_sequence", "END"),
        (Ended("length"), "max_tokens", None),
        (Ended("content_filter"), "refusal", None),
        (Ended("tool_calls"), "end_turn", None),
    ],
)
def test_why_an_answer_ended_is_told(ended: Ended, reason: str, stop: str | None) -> None:
    whole = MESSAGES.whole(asked(), HEADING, collect([Said("x"), ended]))
    message = added_up(streamed(asked(), [[Said("x"), ended]]))
    for told in (whole, message):
        assert (told["stop_reason"], told["stop_sequence"]) == (reason, stop)


def test_a_sealed_thought_comes_back_to_the_model() -> None:
    events: list[Event] = [Thinking("Hm"), Thinking("ü"), Said("x"), END]
    for message in (
        added_up(streamed(asked("sealed"), [[event] for event in events])),
        MESSAGES.whole(asked("sealed"), HEADING, collect(events)),
    ):
        assert message["content"][0]["thinking"] == ""
        turns = read(
            messages=[
                *BODY["messages"],
                {"role": "assistant", "content": message["content"]},
                *BODY["messages"],
            ]
        ).turns
        thought = turns[1].parts[0]
        assert isinstance(thought, Thought)
        assert thought.text == "Hmü"


@pytest.mark.parametrize("thoughts", ["hidden", "sealed"])
def test_a_thought_that_is_not_shown_still_gives_a_sign_of_life(thoughts: str) -> None:
    writer = MESSAGES.streamed(asked(thoughts), HEADING)
    writer.write([Thinking("a")])
    assert events_of(writer.write([Thinking("b")])) == [{"type": "ping"}]


def test_an_error_in_mid_stream_leaves_half_a_call_open() -> None:
    writer = MESSAGES.streamed(asked(), HEADING)
    writer.write([Called(0, "toolu_1", "look"), Arguments(0, '{"at')])
    (event,) = events_of(writer.broken(Unavailable("server-died", "It broke off", "ask again")))
    assert event == {
        "type": "error",
        "error": {"type": "api_error", "message": "It broke off; ask again"},
    }


def test_arguments_that_are_no_object_are_shown_as_they_came() -> None:
    events: list[Event] = [Called(0, "toolu_1", "look"), Arguments(0, '{"at": NaN}'), END]
    whole = MESSAGES.whole(asked(), HEADING, collect(events))
    assert whole["content"][0]["input"] == {"unparsed": '{"at": NaN}'}


@given(answers(), st.sampled_from(["shown", "hidden"]), st.integers(1, 4))
def test_a_stream_adds_up_to_the_whole(events: list[Event], thoughts: str, size: int) -> None:
    request = asked(thoughts)
    batches = [events[at : at + size] for at in range(0, len(events), size)]
    message = added_up(streamed(request, batches))
    whole = MESSAGES.whole(request, HEADING, collect(events))
    assert of_kind(message, "text", "text") == of_kind(whole, "text", "text")
    assert of_kind(message, "thinking", "thinking") == of_kind(whole, "thinking", "thinking")
    used = [block for block in message["content"] if block["type"] == "tool_use"]
    assert used == [block for block in whole["content"] if block["type"] == "tool_use"]
    for name in ("id", "model", "role", "stop_reason", "stop_sequence", "usage"):
        assert message[name] == whole[name]


def of_kind(message: Mapping[str, Any], kind: str, field: str) -> str:
    return "".join(block[field] for block in message["content"] if block["type"] == kind)


# --- errors and models


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (409, "invalid_request_error"),
        (413, "request_too_large"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (502, "api_error"),
        (503, "overloaded_error"),
        (504, "timeout_error"),
    ],
)
def test_an_error_has_the_type_of_its_status(status: int, kind: str) -> None:
    told = MESSAGES.failure(BadInput("c", "It is wrong", "do this"), status)
    assert told["type"] == "error"
    assert told["error"] == {"type": kind, "message": "It is wrong; do this"}


def test_a_prompt_that_does_not_fit_is_told_in_anthropics_words() -> None:
    error = BadInput("context-exceeded", "Too long", "shorten it", tokens=9000, context=8192)
    told = MESSAGES.failure(error, 400)["error"]["message"]
    assert told == "prompt is too long: 9000 tokens > 8192 maximum"


def test_models_are_listed_in_anthropics_form() -> None:
    listed = listing([Row("a", "x", "on-device", 8192), Row("b", "x", "on-device")])
    assert listed["data"][0] == {
        "type": "model",
        "id": "a",
        "display_name": "a",
        "created_at": "1970-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": 8192,
        "max_tokens": 8192,
    }
    assert (listed["first_id"], listed["last_id"], listed["has_more"]) == ("a", "b", False)
    assert listing([]) == {"data": [], "has_more": False, "first_id": None, "last_id": None}
