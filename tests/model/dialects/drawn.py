"""What the tests of Anthropic's and Gemini's dialects share: answers, garbage, requests' parts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from satchel.model.turns import Arguments, Called, Ended, Event, Said, Thinking, Tokens

END = Ended("stop", Tokens(prompt=50, completion=9, cached=30, thinking=4))

# Values of the wrong kind, of which some are nearly right.
GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "content", "parts", "source", "name", "items"]), inner
        )
    ),
    max_leaves=6,
)


def objects(value: Any, opaque: Collection[str]) -> Iterator[dict[str, Any]]:
    """Yield each object of a request whose fields a dialect knows: not what is under `opaque`."""
    if isinstance(value, dict):
        yield value
        for name, held in value.items():
            if name not in opaque:
                yield from objects(held, opaque)
    elif isinstance(value, list):
        for held in value:
            yield from objects(held, opaque)


pieces = st.text(max_size=6)
calls = st.tuples(
    st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=4), max_size=3),
    st.lists(st.integers(0, 20), max_size=3),
    st.lists(pieces, max_size=2),
)


@st.composite
def answers(draw: st.DrawFn) -> list[Event]:
    """Draw an answer: thoughts, words and calls in any order, words also amid arguments."""
    events: list[Event] = []
    count = 0
    for segment in draw(st.lists(pieces.map(Said) | pieces.map(Thinking) | calls, max_size=6)):
        if not isinstance(segment, tuple):
            events.append(segment)
            continue
        value, cuts, amid = segment
        text = json.dumps(value)
        bounds = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
        events.append(Called(count, f"c{count}", "look"))
        for start, end in pairwise(bounds):
            events.append(Arguments(count, text[start:end]))
            events += [Said(word) for word in amid]
        count += 1
    return [*events, END]
