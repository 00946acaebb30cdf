"""What the tests of OpenAI's dialects share: answers to write, and a reader of SSE."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from satchel.base.errors import BadInput, Unavailable
from satchel.model.dialects.dialect import Dialect, Heading
from satchel.model.turns import (
    Answer,
    Arguments,
    Asked,
    Called,
    Ended,
    Event,
    Finish,
    Said,
    Thinking,
    Tokens,
    collect,
)

HEADING = Heading("a1b2c3d4e5f6a1b2c3d4e5f6", "here/small", 1_790_000_000)
DIED = Unavailable("server-died", "the server broke off", "ask again")

# Line ends of every kind, and what JSON has to escape.
TEXTS = st.text(st.sampled_from('ab {}"\\\n\r\t\x00\u0085\u2028é🙂:'), min_size=1, max_size=8)
COUNTS = st.one_of(st.none(), st.integers(0, 99))
TOKENS = st.builds(Tokens, COUNTS, COUNTS, COUNTS, COUNTS)
OBJECTS = st.dictionaries(TEXTS, TEXTS, max_size=2).map(json.dumps)


NAMES = st.sampled_from(
    ["type", "role", "name", "content", "function", "tools", "text", "url", "id", "call_id",
     "input", "output", "arguments", "mode", "schema", "parameters", "image_url",
     "summary", "action"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["function", "custom", "namespace", "message", "reasoning", "user", "assistant", "tool", "auto",
     "function_call", "function_call_output", "tool_search_output", "local_shell_call", "text",
     "input_text", "image_url", "input_image", "allowed_tools", "json_schema", "client", ""]
)  # fmt: skip
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), WORDS)
# Values of the wrong kind, of which some are nearly right.
GARBAGE = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, min_size=1, max_size=5)
    ),
    max_leaves=12,
)

FINISHES: tuple[Finish, ...] = ("stop", "length", "content_filter")


@st.composite
def answers(draw: st.DrawFn, calls: bool = True) -> list[Event]:
    """Draw the events of an answer, of which the calls have names that were not offered."""
    events: list[Event] = []
    made = 0
    for kind in draw(st.lists(st.sampled_from("stc" if calls else "s"), max_size=6)):
        if kind == "s":
            events += [Said(text) for text in draw(st.lists(TEXTS, min_size=1, max_size=3))]
        elif kind == "t":
            events += [Thinking(text) for text in draw(st.lists(TEXTS, min_size=1, max_size=3))]
        else:
            events.append(Called(made, f"call_{made}", f"tool_{made}"))
            text = draw(st.one_of(st.just(""), OBJECTS))
            cut = draw(st.integers(0, len(text)))
            if text or draw(st.booleans()):
                events += [Arguments(made, text[:cut]), Arguments(made, text[cut:])]
            made += 1
    finish: Finish = "tool_calls"
    if not made:
        finish = draw(st.sampled_from(FINISHES))
    return [*events, Ended(finish, draw(TOKENS))]


def written(dialect: Dialect, asked: Asked, events: Sequence[Event], batch: int = 2) -> bytes:
    """Return an answer as it is streamed, in batches of that size."""
    writer = dialect.streamed(asked, HEADING)
    batches = [events[at : at + batch] for at in range(0, len(events), batch)]
    return writer.begin() + b"".join(map(writer.write, batches))


def whole(dialect: Dialect, asked: Asked, events: Sequence[Event]) -> Any:
    """Return an answer that is not streamed, as it comes out of JSON."""
    return json.loads(json.dumps(dialect.whole(asked, HEADING, collect(events))))


def messages(stream: bytes) -> list[tuple[str, str]]:
    """Read SSE strictly: the kind and the text of each message, and nothing beside them."""
    assert stream.endswith(b"\n\n")
    assert stream.isascii()
    read: list[tuple[str, str]] = []
    for block in stream.decode().removesuffix("\n\n").split("\n\n"):
        rows = dict(line.split(": ", 1) for line in block.splitlines())
        assert rows.keys() <= {"event", "data"}
        assert len(rows) == len(block.splitlines())
        read.append((rows.get("event", ""), rows["data"]))
    return read


def chunks(stream: bytes) -> list[Any]:
    """Read a stream that ends with [DONE], as chunks."""
    *rows, last = [text for _, text in messages(stream)]
    assert last == "[DONE]"
    return [json.loads(text) for text in rows]


def recorded(name: str) -> Any:
    """Return a request that a real client sent."""
    path = Path(__file__).parent / "recorded" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def untold(endpoint: str, names: Iterable[str]) -> list[str]:
    """Return the fields that docs/gateway.md does not tell of, under an endpoint or for all."""
    text = (Path(__file__).parents[3] / "docs/gateway.md").read_text(encoding="utf-8")
    _, _, common = text.partition("## OpenAI's endpoints")
    _, _, section = common.partition(f"### {endpoint}\n")
    told = common.partition("###")[0] + section.partition("\n#")[0]
    return [name for name in names if f"`{name}`" not in told]


def survives(dialect: Dialect, body: Any) -> None:
    """Read a request that may be wrong in any way: it is read, or refused as bad input."""
    with contextlib.suppress(BadInput):
        json.dumps(dialect.whole(dialect.read(body, {}), HEADING, collect([Ended("stop")])))


def refused(dialect: Dialect, body: Any) -> str:
    """Return the field that a request is refused for."""
    with pytest.raises(BadInput) as caught:
        dialect.read(body, {})
    return str(caught.value.extra.get("field"))


def summed(answer: Answer) -> tuple[str, str, list[tuple[str, str, str]]]:
    """Return the words, the thoughts and the calls of an answer."""
    calls = [(call.id, call.name, call.arguments) for call in answer.calls]
    return answer.text, answer.thinking, calls
