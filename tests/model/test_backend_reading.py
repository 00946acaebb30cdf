"""Whatever a server writes, in whatever pieces it comes, is read as the same events."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from satchel.model.backends import ollama, openai
from satchel.model.backends.reading import Expected, Reading
from satchel.model.turns import Answer, Call, Ended, Event, Said, Thinking, Tokens, collect
from tests.model.chat_fakes import DONE, END, call, chunk, event, ollama_line, usage

EXPECTED = Expected("llama.cpp", "http://127.0.0.1:9")


def counting() -> Callable[[], str]:
    numbers = iter(range(100))
    return lambda: f"call_{next(numbers):024d}"


def read(
    pieces: Iterable[bytes], line: Any = openai.line, **expected: Any
) -> tuple[list[Event], str | None]:
    """Return the events and the code of what went wrong behind them."""
    fields = {name: getattr(EXPECTED, name) for name in EXPECTED.__slots__} | expected
    reading = Reading(line, Expected(**fields), counting())
    events: list[Event] = []
    for piece in pieces:
        events += reading.feed(piece)
        if reading.over or reading.error:
            break
    if reading.error is None:
        events += reading.end()
    return events, reading.error.code if reading.error else None


def answer(lines: Iterable[bytes], line: Any = openai.line, **expected: Any) -> Answer:
    events, code = read(lines, line, **expected)
    assert code is None
    return collect(events)


WEATHER = '{"city": "Paris"}'
TALE = [
    b": ping\n\n",
    chunk({"role": "assistant", "content": None}),
    chunk({"reasoning_content": "Hm, é. "}),
    chunk({"content": "The 天気 "}),
    chunk({"content": "is 🌧.\n"}),
    chunk({"tool_calls": [call(0, "a", "weather", "")]}),
    chunk({"tool_calls": [call(0, arguments='{"city": ')]}),
    chunk({"tool_calls": [call(0, arguments='"Paris"}')]}),
    chunk({"tool_calls": [call(1, "b", "weather", WEATHER)]}),
    chunk({}, finish_reason="tool_calls"),
    usage(prompt_tokens=7, completion_tokens=5, prompt_tokens_details={"cached_tokens": 0}),
    DONE,
]
TALES = {
    "openai": (openai.line, TALE),
    "tags": (
        openai.line,
        [chunk({"content": word}) for word in (" <th", "ink>\nHm", ", <", "/think", ">\n\nY")]
        + [chunk({"content": "es."}), *END],
    ),
    "error": (openai.line, [*TALE[:4], event({"error": {"message": "out of memory"}})]),
    "garbage": (openai.line, [*TALE[:4], b"\x00\xff no protocol\n\n"]),
    "cut": (openai.line, TALE[:7]),
    "ollama": (
        ollama.line,
        [
            ollama_line(thinking="Hm. "),
            ollama_line(content="Let me look."),
            ollama_line(
                tool_calls=[
                    {"function": {"index": 0, "name": "weather", "arguments": {"city": "Paris"}}},
                    {"function": {"index": 0, "name": "weather", "arguments": {}}},
                ]
            ),
            ollama_line(True, done_reason="stop", prompt_eval_count=26, eval_count=9),
        ],
    ),
}


@pytest.mark.parametrize("name", TALES)
@given(data=st.data())
def test_any_split_of_the_bytes_gives_the_same_events(name: str, data: st.DataObject) -> None:
    line, lines = TALES[name]
    whole = b"".join(lines)
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=40).map(sorted))
    pieces = [whole[start:stop] for start, stop in pairwise([0, *cuts, len(whole)])]
    assert read(pieces, line) == read([whole], line)


def test_a_stream_is_thinking_text_calls_and_what_it_cost() -> None:
    made = answer(TALE)
    assert made.thinking == "Hm, é. "
    assert made.text == "The 天気 is 🌧.\n"
    assert made.calls == (Call("a", "weather", WEATHER), Call("b", "weather", WEATHER))
    assert made.ended == Ended("tool_calls", Tokens(7, 5, cached=0))


def test_thinking_that_stands_in_the_text_is_parted_from_it() -> None:
    made = answer(TALES["tags"][1])
    assert (made.thinking, made.text) == ("Hm, ", "Yes.")


@pytest.mark.parametrize(
    ("said", "thinking", "text"),
    [
        ("<think>\n\n</think>\n\nYes.", "", "Yes."),
        ("I write <think> and </think>.", "", "I write <think> and </think>."),
        ("<thin ice>", "", "<thin ice>"),
        (" <thi", "", " <thi"),
        ("<think>no end", "no end", ""),
        ("<think>a < b</thi", "a < b</thi", ""),
        ("\n  Yes.", "", "\n  Yes."),
    ],
)
def test_only_a_tag_at_the_very_start_begins_thinking(said: str, thinking: str, text: str) -> None:
    for words in ([said], list(said)):
        made = answer([chunk({"content": word}) for word in words] + END)
        assert (made.thinking, made.text) == (thinking, text)


def test_a_bare_text_that_goes_on_with_a_tag_is_left_as_it_is() -> None:
    lines = [event({"choices": [{"text": "<think>", "finish_reason": "length"}]}), DONE]
    made = answer(lines, tagged=False)
    assert (made.text, made.ended.finish) == ("<think>", "length")


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_both_names_for_thinking_are_read(field: str) -> None:
    assert answer([chunk({field: "Hm."}), *END]).thinking == "Hm."


@pytest.mark.parametrize(
    ("word", "finish"),
    [("stop", "stop"), ("eos", "stop"), ("length", "length"), ("content_filter", "content_filter")],
)
def test_the_servers_word_for_the_end_is_translated(word: str, finish: str) -> None:
    assert answer([chunk({"content": "x"}), chunk(finish_reason=word)]).ended.finish == finish


def test_an_answer_that_was_cut_within_a_call_says_so() -> None:
    cut = [chunk({"tool_calls": [call(0, "a", "weather", '{"ci')]}), chunk(finish_reason="length")]
    assert answer(cut).ended.finish == "length"


def test_the_stop_word_is_told_where_the_server_tells_it() -> None:
    made = answer([chunk({"content": "x"}), chunk(finish_reason="stop", stop_reason="###"), DONE])
    assert made.ended.stop == "###"


def test_tokens_are_told_as_far_as_the_server_tells() -> None:
    llama = event({"choices": [], "usage": {"prompt_tokens": 9}, "timings": {"cache_n": 8}})
    told = usage(
        prompt_tokens=0,  # which some servers always say
        completion_tokens=5,
        completion_tokens_details={"reasoning_tokens": 3},
    )
    assert answer([*END[:1], llama, DONE]).ended.tokens == Tokens(9, None, 8)
    assert answer([*END[:1], told, DONE]).ended.tokens == Tokens(None, 5, None, 3)


def test_an_error_comes_behind_what_was_said_before_it() -> None:
    events, code = read([b"".join(TALES["error"][1])])
    assert code == "server-failed"
    assert [type(one) for one in events] == [Thinking, Said]


@pytest.mark.parametrize(
    "line",
    [
        b'data: {"error":{"message":"slot unavailable","code":500}}\n\n',
        b'event: error\ndata: {"error":{"message":"The model has crashed"}}\n\n',
        b'error: {"message":"old","error":{"message":"old"}}\n\n',
        b'{"error":"Unexpected endpoint or method. (POST /v1/chat/completions)"}',
        chunk(finish_reason="error"),
    ],
)
def test_an_error_in_mid_stream_is_one(line: bytes) -> None:
    assert read([chunk({"content": "x"}), line])[1] == "server-failed"


def test_a_context_that_filled_up_in_mid_stream_is_told_as_that() -> None:
    line = event({"error": {"message": "Context size has been exceeded."}})
    assert read([line])[1] == "context-exceeded"


@pytest.mark.parametrize(
    "lines",
    [
        [chunk({"content": "x"})],
        # Ollama's OpenAI route turns an error into an empty delta and ends there.
        [chunk({"content": "x"}), chunk({"role": "assistant", "content": ""})],
        [chunk({"content": "x"}), DONE],
        [],
    ],
)
def test_an_answer_without_its_end_is_broken_off(lines: list[bytes]) -> None:
    assert read(lines)[1] == "server-died"


@pytest.mark.parametrize(
    "line",
    [
        b"no colon",
        b"data: [1]\n",
        b"data: {\n",
        b'data: {"choices": [3]}\n',
        b'data: {"choices": {"a": 1}}\n',
        b'data: {"choices": [{"delta": "x"}]}\n',
        b"data: " + b"[" * 100_000 + b"\n",
        b"x" * 17_000_000,
    ],
    ids=lambda line: line[:20].decode(),
)
def test_what_is_no_protocol_is_garbage(line: bytes) -> None:
    assert read([line])[1] == "server-garbage"


def test_null_is_an_absent_field() -> None:
    lines = [
        event({"choices": None, "usage": None, "error": None}),
        chunk({"role": "assistant", "content": None, "tool_calls": None, "reasoning": None}),
        chunk({"content": "x"}),
        *END,
    ]
    assert answer(lines).text == "x"


def test_an_answer_that_was_not_streamed_is_read_too() -> None:
    turn = {
        "role": "assistant",
        "content": "x",
        "tool_calls": [call(None, "a", "weather", WEATHER)],
    }
    body = {"choices": [{"message": turn, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3}}
    made = answer([json.dumps(body).encode()])
    assert (made.text, made.calls) == ("x", (Call("a", "weather", WEATHER),))
    assert made.ended == Ended("tool_calls", Tokens(3))


ROW = {"id": 5, "token": "a", "logprob": -0.5, "bytes": [97]}
PLAIN = {"token": "a", "logprob": -0.5, "bytes": [97]}


def test_logprobs_come_in_chats_form_with_as_many_alternatives_as_were_asked_for() -> None:
    rows = {"content": [{**ROW, "top_logprobs": [ROW, ROW, ROW]}]}
    lines = [chunk({"content": "a"}, logprobs=rows), *END]
    assert answer(lines, logprobs=2).logprobs == ({**PLAIN, "top_logprobs": [PLAIN] * 2},)
    assert answer(lines, logprobs=0).logprobs == ({**PLAIN, "top_logprobs": []},)
    assert answer(lines).logprobs == ()


def test_logprobs_of_bare_completions_come_in_chats_form_too() -> None:
    rows = {"tokens": ["a"], "token_logprobs": [-0.5], "top_logprobs": [{"a": -0.5}]}
    lines = [event({"choices": [{"text": "a", "logprobs": rows, "finish_reason": "stop"}]})]
    assert answer(lines, logprobs=1).logprobs == ({**PLAIN, "top_logprobs": [PLAIN]},)


def test_logprobs_that_were_asked_for_and_do_not_come_are_missed() -> None:
    assert read([chunk({"content": "a"}), *END], logprobs=1)[1] == "not-served-by-backend"


def test_logprobs_are_of_the_text_and_not_of_the_thinking_before_it() -> None:
    def weighed(word: str) -> bytes:
        row = {"token": word, "logprob": -1, "bytes": [], "top_logprobs": []}
        return chunk({"content": word}, logprobs={"content": [row]})

    words = ["<think>", "hm", "</think>", "Yes", "."]
    made = answer([*map(weighed, words), *END], logprobs=0)
    assert [row["token"] for row in made.logprobs][-2:] == ["Yes", "."]
    assert "hm" not in [row["token"] for row in made.logprobs]


def test_a_tool_that_had_to_be_called_is_missed() -> None:
    assert read([chunk({"content": "No."}), *END], must=True)[1] == "tool-not-called"


FORM = '{"name": "weather", "arguments": {"city": "Paris"}}'


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_form_is_read_as_the_call_that_it_stands_for(size: int) -> None:
    words = [FORM[place : place + size] for place in range(0, len(FORM), size)]
    made = answer([*(chunk({"content": word}) for word in words), *END], unfolds=True, must=True)
    assert (made.text, made.ended.finish) == ("", "tool_calls")
    ((id, name, arguments),) = [(one.id, one.name, one.arguments) for one in made.calls]
    assert (id, name, json.loads(arguments)) == ("call_" + "0" * 24, "weather", {"city": "Paris"})


def test_a_form_that_is_none_is_a_call_that_was_not_made() -> None:
    assert read([chunk({"content": "Sure!"}), *END], unfolds=True)[1] == "tool-not-called"


def test_a_form_that_was_cut_before_its_call_says_that_it_was_cut() -> None:
    made = answer([chunk({"content": '{"na'}), chunk(finish_reason="length")], unfolds=True)
    assert (made.calls, made.ended.finish) == ((), "length")


@given(
    st.text("abc\n", max_size=12),
    st.lists(st.text("abc\n", min_size=1, max_size=3), max_size=3),
    st.sampled_from([1, 2, 5, 100]),
)
@example("aca", ["c", "aca"], 1)
@example("aca", ["c", "aca"], 100)
def test_a_stop_word_ends_the_answer_within_its_form_and_not_the_form(
    words: str, stop: list[str], many: int
) -> None:
    form = json.dumps({"answer": words})
    pieces = [form[at : at + many] for at in range(0, len(form), many)]
    lines = [*(chunk({"content": piece}) for piece in pieces), *END]
    found = [
        (words.find(word) + len(word), words.find(word), word) for word in stop if word in words
    ]
    _, first, hit = min(found, default=(len(words), len(words), None))
    made = answer(lines, unfolds=True, stop=tuple(stop))
    assert (made.text, made.ended.finish, made.ended.stop) == (words[:first], "stop", hit)


@pytest.mark.parametrize("stop", ['"', "e", "{", "Paris", "}"])
def test_a_stop_word_does_not_cut_a_call(stop: str) -> None:
    made = answer([chunk({"content": FORM}), *END], unfolds=True, stop=(stop,))
    assert [json.loads(one.arguments) for one in made.calls] == [{"city": "Paris"}]
    assert made.ended.finish == "tool_calls"


def test_what_was_said_in_one_piece_ends_at_its_stop_word_too() -> None:
    whole = {"message": {"content": '{"answer": "one two three"}'}, "finish_reason": "length"}
    flat = json.dumps({"choices": [whole], "usage": {"prompt_tokens": 7, "completion_tokens": 9}})
    made = answer([flat.encode()], unfolds=True, stop=(" three",))
    assert (made.text, made.ended.finish, made.ended.tokens.prompt) == ("one two", "stop", 7)
