"""A line that is read without being parsed says what it would have said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.model.backends import openai
from satchel.model.backends.reading import Expected, Reading
from satchel.model.turns import Event, Said

# Words that stand in a line more than once, that end or begin its other texts, that JSON escapes.
WORDS = st.one_of(
    st.text(min_size=1, max_size=8),
    st.sampled_from(
        [
            "content",
            "x",
            ",",
            ":",
            '"',
            "\\",
            "\\n",
            "\n",
            "é",
            "\u2028",
            "\ud800",
            " ",
            "other words",
        ]
    ),
)


def chunk(words: str | None, **more: Any) -> dict[str, Any]:
    delta = {"content": words, **more.pop("delta", {})}
    return {"id": "x", "choices": [{"index": 0, "delta": delta, **more.pop("choice", {})}], **more}


def line(said: dict[str, Any], ascii: bool = False) -> bytes:
    return b"data: " + json.dumps(said, ensure_ascii=ascii).encode("utf-8", "replace")


BEGUN = [line(chunk("a"))]  # which the next one is held against
MANY = 16


def read(lines: Sequence[bytes], *, parsed: bool = False) -> list[Event]:
    """Read lines; where they are `parsed`, each by a reading that knows no other."""
    events: list[Event] = []
    reading = Reading(openai.line, Expected("one", "http://127.0.0.1:1", tagged=False))
    for each in lines:
        if parsed:
            reading = Reading(openai.line, Expected("one", "http://127.0.0.1:1", tagged=False))
        events += reading.feed(each + b"\n")
        assert reading.error is None
    return events


@given(st.lists(WORDS, min_size=2, max_size=8), st.booleans())
def test_words_are_those_that_parsing_finds(words: list[str], ascii: bool) -> None:
    lines = [*BEGUN, *(line(chunk(one), ascii) for one in words)]
    assert read(lines) == read(lines, parsed=True)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"delta": {"reasoning": "hm"}}, id="thinking"),
        pytest.param({"delta": {"reasoning_content": "a"}}, id="thinking that is the words"),
        pytest.param({"delta": {"role": "a"}}, id="the words elsewhere"),
        pytest.param({"choice": {"content": "a"}}, id="the words elsewhere under their name"),
        pytest.param({"usage": {"prompt_tokens": 3}}, id="usage"),
        pytest.param({"choice": {"finish_reason": "stop"}}, id="an end"),
        pytest.param({"choice": {"logprobs": {"content": [{"token": "a"}]}}}, id="logprobs"),
    ],
)
def test_what_a_line_says_beside_words_is_read(more: dict[str, Any]) -> None:
    for first, second in (({}, more), (more, {}), (more, more)):
        told = [chunk("a", **first), chunk("b", **second), chunk("a", **second)]
        lines = [*BEGUN, *map(line, told * MANY)]
        assert read(lines) == read(lines, parsed=True)


def test_a_line_of_another_second_is_read_and_learned_from() -> None:
    lines = [line(chunk(str(n), created=n // 3)) for n in range(3 * MANY)]
    assert read(lines) == [Said(str(n)) for n in range(3 * MANY)]


def test_bytes_that_are_no_text_are_no_words() -> None:
    reading = Reading(openai.line, Expected("one", "http://127.0.0.1:1", tagged=False))
    reading.feed(b"\n".join([*BEGUN, line(chunk("a")), b""]))
    reading.feed(line(chunk("a")).replace(b'"a"', b'"\xff"') + b"\n")
    assert reading.error is not None
