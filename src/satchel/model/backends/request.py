"""From a generation to what is posted, and what is then expected. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from pydantic_core import to_json

from satchel.base.values import value
from satchel.model.backends import forced, ollama, openai, size
from satchel.model.backends.kinds import Kind, kind_of
from satchel.model.backends.order import in_order
from satchel.model.backends.reading import Expected, Reading
from satchel.model.backends.refusals import not_served
from satchel.model.backends.stops import LONGEST
from satchel.model.turns import Call, Generation
from satchel.model.types import Dialect, Model

ANSWER_LEAST: Final = 256  # tokens; fewer than these and fewer than asked for are no room at all
# Tokens of an answer that is asked for in one piece where nobody reads it as it comes. A longer one
# is streamed in any case: a server that stalls in it is told from a slow one within a minute, and
# one that does not notice that its client left is stopped by the closed connection.
BRIEF: Final = 32


class Server(Protocol):
    """What asking needs of a backend, wherever it is."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def base_url(self) -> str: ...  # noqa: D102
    @property
    def dialect(self) -> Dialect: ...  # noqa: D102


@value(frozen=True, slots=True)
class Request:
    """What is posted, and how its answer is read. `generation` is as it is sent: emulated."""

    path: str
    body: Mapping[str, Any]
    generation: Generation
    expected: Expected
    line: Callable[[Reading, bytes], None]

    def encoded(self) -> bytes:
        """Return the body's bytes."""
        try:
            return to_json(self.body)
        except ValueError:  # half of a surrogate pair
            return json.dumps(self.body, ensure_ascii=False).encode("utf-8", "replace")


def request(
    server: Server,
    model: Model,
    generation: Generation,
    shown: ollama.Shown = ollama.NOTHING_SHOWN,
    *,
    whole: bool = False,
) -> Request:
    """Build the request of a generation; `whole` says that nobody reads the answer as it comes.

    Raises BadInput for what the backend cannot do.
    """
    kind = kind_of(server.name, server.base_url)
    if model.vision is False and size.images(generation):
        raise not_served(f"{server.name} ({model.name})", "image", "this model sees no images")
    sent = held(server, kind, model, generation, shown)
    unfolds = sent.form is not generation.form
    if unfolds and generation.stop:
        sent = _unstopped(server, sent)
    path: str
    body: dict[str, Any]
    if server.dialect == "ollama":
        path, line = ollama.path_of(sent), ollama.line
        body = ollama.body(server.name, kind, model.name, sent, shown)
    else:
        path, line = openai.path_of(sent), openai.line
        brief = whole and sent.max_tokens is not None and sent.max_tokens <= BRIEF
        # llama-server leaves logprobs out of one that a stop word ends in its first token.
        brief = brief and sent.sampling.logprobs is None
        limited = _limited(kind, model, sent)
        body = openai.body(server.name, kind, model.name, limited, streamed=not brief)
    expected = Expected(
        server=server.name,
        address=server.base_url,
        taken=frozenset(
            part.id for turn in generation.turns for part in turn.parts if isinstance(part, Call)
        ),
        single=not generation.parallel,
        must=generation.choice not in ("auto", "none") and bool(generation.tools),
        unfolds=unfolds,
        stop=generation.stop if unfolds else (),
        logprobs=generation.sampling.logprobs,
        tagged=generation.prompt is None,
    )
    return Request(path, body, sent, expected, line)


def held(
    server: Server,
    kind: Kind,
    model: Model,
    generation: Generation,
    shown: ollama.Shown = ollama.NOTHING_SHOWN,
) -> Generation:
    """Return the generation as the backend can be held to it: its tools a form where need be, its
    turns in order."""
    if generation.prompt is not None:
        return generation
    formed = _formed(server, kind, model, generation, shown)
    turns = in_order(formed.turns) if kind.ordered else formed.turns
    return formed if turns == formed.turns else replace(formed, turns=turns)


def _formed(
    server: Server, kind: Kind, model: Model, generation: Generation, shown: ollama.Shown
) -> Generation:
    blind = model.tools is False or not kind.tools
    if not generation.tools or generation.choice == "none":
        if not blind and not generation.tools:
            return generation
        turns = forced.plainly(generation.turns) if blind else generation.turns
        return replace(generation, turns=turns, tools=())
    if not forced.offered(generation):
        raise not_served(server.name, "tool_choice", "it names no tool that is offered")
    if not kind.tools and not kind.forms:
        raise not_served(server.name, "tools")
    both = generation.form is not None and not kind.forces
    if not blind and not both and (generation.choice == "auto" or kind.forces):
        return generation
    emulated = forced.emulated(generation, plain=blind)
    # Thinking would stand before the form, where not every server lets it.
    if generation.thinking is None and (
        kind.template or (server.dialect == "ollama" and shown.thinks)
    ):
        emulated = replace(emulated, thinking="off")
    return emulated


def _unstopped(server: Server, generation: Generation) -> Generation:
    """Keep stop words from a server that would find them in the form around the answer."""
    if any(len(word) > LONGEST for word in generation.stop):
        why = f"one of more than {LONGEST} signs cannot be looked for beside tools"
        raise not_served(server.name, "stop", why)
    return replace(generation, stop=())


def _limited(kind: Kind, model: Model, generation: Generation) -> Generation:
    """Ask for as much as fits, where a server would otherwise end an answer early."""
    if generation.max_tokens is not None or not kind.cut:
        return generation
    if model.context_allocated is None and model.context_trained is None:
        return generation
    room = model.context_usable - size.estimate(generation)
    return replace(generation, max_tokens=max(room, ANSWER_LEAST))
