"""One vocabulary for what is asked of a model and for what it says.

Every dialect that a tool speaks is read into an `Asked` and written from `Event`s; every backend
is written from a `Generation` and read into `Event`s. So a dialect knows no backend, and a
backend no dialect. Frozen values; none of them does anything but add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any, Literal, TypeAlias

from satchel.base.values import value
from satchel.model.types import Limits

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
Finish: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter"]


# --- what is asked


@value(frozen=True, slots=True)
class Text:
    """Words of a turn."""

    text: str


@value(frozen=True, slots=True)
class Image:
    """A picture of a turn: base64 without line breaks, and its media type ("image/png").

    There is no address here: fetching one would be an outgoing connection that nobody granted.
    """

    media_type: str
    data: str


@value(frozen=True, slots=True)
class Thought:
    """What a model thought in an earlier turn. `signature` is the dialect's own seal, unread."""

    text: str
    signature: str = ""


@value(frozen=True, slots=True)
class Call:
    """A tool that the model called in an earlier turn; `arguments` is a JSON object as text."""

    id: str
    name: str
    arguments: str


@value(frozen=True, slots=True)
class Result:
    """What a tool gave back for the call of that id."""

    id: str
    parts: tuple[Text | Image, ...]
    failed: bool = False


Part: TypeAlias = Text | Image | Thought | Call | Result


@value(frozen=True, slots=True)
class Turn:
    """One turn of a conversation. A "tool" turn holds Results alone; no other turn holds one."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The words of the turn, its texts joined by a blank line."""
        return "\n\n".join(part.text for part in self.parts if isinstance(part, Text))


@value(frozen=True, slots=True)
class Tool:
    """A function that the model may call; `schema` is the JSON schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Any]
    strict: bool = False


@value(frozen=True, slots=True)
class Named:
    """The one tool that must be called."""

    name: str


Choice: TypeAlias = Literal["auto", "none", "required"] | Named


@value(frozen=True, slots=True)
class Form:
    """The form of the answer: JSON; with a schema, JSON of that schema."""

    schema: Mapping[str, Any] | None = None
    name: str = "answer"


@value(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn. None leaves it to the model; a backend refuses what it cannot do."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    repeat_penalty: float | None = None
    dry_multiplier: float | None = None  # llama.cpp alone: keeps a small model from looping
    seed: int | None = None
    logprobs: int | None = None  # alternatives to each token; 0 for the token's own alone


@value(frozen=True, slots=True)
class Generation:
    """What a model is to continue: turns, or, where `prompt` is not None, bare text.

    `max_tokens` None is as many as fit. `thinking` None is as the model does by itself; a word of
    effort ("low", "medium", "high") or "off". `outward` are tools that the server itself would
    run and that reach out (web search): they need a grant.
    """

    turns: tuple[Turn, ...] = ()
    prompt: str | None = None
    tools: tuple[Tool, ...] = ()
    choice: Choice = "auto"
    parallel: bool = True
    form: Form | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    thinking: Literal["off", "low", "medium", "high"] | None = None
    sampling: Sampling = field(default_factory=Sampling)
    outward: tuple[str, ...] = ()
    limits: Limits = Limits()


@value(frozen=True, slots=True)
class Asked:
    """A request as a dialect read it: `model` as it was named, and what only the dialect needs.

    `echo` is handed back to the dialect that read it when it writes the answer.
    """

    model: str
    generation: Generation
    streamed: bool
    echo: Mapping[str, Any] = field(default_factory=dict)


# --- what is said


@value(frozen=True, slots=True)
class Said:
    """A piece of the answer. `logprobs` are OpenAI's chat rows, where they were asked for."""

    text: str
    logprobs: tuple[Mapping[str, Any], ...] = ()


@value(frozen=True, slots=True)
class Thinking:
    """A piece of what the model thinks before it answers."""

    text: str


@value(frozen=True, slots=True)
class Called:
    """The model begins to call a tool. `index` counts the answer's calls from 0, without a gap;
    the pieces of one call's arguments follow before the next call begins."""

    index: int
    id: str
    name: str


@value(frozen=True, slots=True)
class Arguments:
    """A piece of the JSON text of the arguments of call `index`."""

    index: int
    text: str


@value(frozen=True, slots=True)
class Tokens:
    """What an answer cost. `cached` is the part of `prompt` that did not have to be read again,
    `thinking` the part of `completion` that was thought. None means not told."""

    prompt: int | None = None
    completion: int | None = None
    cached: int | None = None
    thinking: int | None = None


@value(frozen=True, slots=True)
class Ended:
    """The last event of an answer that came to its end. `stop` is the stop word that ended it."""

    finish: Finish
    tokens: Tokens = field(default_factory=Tokens)
    stop: str | None = None


Event: TypeAlias = Said | Thinking | Called | Arguments | Ended


@value(frozen=True, slots=True)
class Answer:
    """A whole answer, for a tool that did not ask for a stream."""

    text: str
    thinking: str
    calls: tuple[Call, ...]
    ended: Ended
    logprobs: tuple[Mapping[str, Any], ...] = ()


def collect(events: Iterable[Event]) -> Answer:
    """Add an answer's events up. Raises ValueError where they do not end with an Ended."""
    said: list[str] = []
    thought: list[str] = []
    logprobs: list[Mapping[str, Any]] = []
    calls: list[tuple[str, str, list[str]]] = []
    ended: Ended | None = None
    for event in events:
        match event:
            case Said():
                said.append(event.text)
                logprobs += event.logprobs
            case Thinking():
                thought.append(event.text)
            case Called():
                calls.append((event.id, event.name, []))
            case Arguments():
                calls[event.index][2].append(event.text)
            case Ended():
                ended = event
    if ended is None:
        raise ValueError("the answer has no end")
    return Answer(
        "".join(said),
        "".join(thought),
        tuple(Call(id, name, "".join(pieces) or "{}") for id, name, pieces in calls),
        ended,
        tuple(logprobs),
    )
