"""From what a tool asked to what a model says, whatever either of them speaks.

    name → model → (briefing) → (consent) → stream

The routes that speak HTTP are the daemon's; what briefs, masks and permits is handed in, so this
layer knows nothing of the context.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections import Counter
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.base.beside import beside
from satchel.base.errors import Unavailable
from satchel.base.values import value
from satchel.model.away import Away, away
from satchel.model.backends.size import estimate, weight
from satchel.model.backends.size import tokens as tokens_of
from satchel.model.consent import Permitted
from satchel.model.dialects.dialect import Heading
from satchel.model.dialects.models import Row
from satchel.model.leaving import Leaving, Section
from satchel.model.select import (
    EMBEDDED,
    Choice,
    Chosen,
    Fallback,
    Own,
    Selection,
    Shelved,
    matches,
)
from satchel.model.turns import Asked, Event, Generation
from satchel.model.types import Backend, Found, Local, Locality, Model
from satchel.model.upstream import Target, count, embed, size, stream

CONTEXT = "+context"  # behind a model's name: brief it with what the workspace holds
BEST = "satchel/auto"  # as a model's name: the best one here
AUTO = frozenset({BEST, "satchel", "auto"})
EMBEDDER = "minilm"
EMBEDDERS = frozenset({EMBEDDER, "satchel/minilm", "all-minilm-l6-v2", *AUTO})
SLOW: Final = "server-slow"
NO_DEFAULT: Final = "default-missing"
NOT_HERE = frozenset({"model-not-found", "model-not-on-device"})


@value(frozen=True, slots=True)
class Caller:
    """Who asks, as far as the endpoint can tell: the workspace is an absolute path."""

    workspace: str | None = None
    context: bool = False


@value(frozen=True, slots=True)
class Briefed:
    """A generation with its briefing in it, of which workspace (an absolute path), and how many
    items of each section that holds."""

    generation: Generation
    workspace: str | None = None
    sections: Mapping[str, int] = field(default_factory=dict)


@value(frozen=True, slots=True)
class Coming:
    """An answer that is on its way. `batches` ends with an Ended, or raises; closing it early makes
    the server stop."""

    heading: Heading
    target: Target
    model: Model
    batches: AsyncGenerator[Sequence[Event], None]

    async def aclose(self) -> None:
        """End it."""
        await self.batches.aclose()


@dataclass(frozen=True, slots=True)
class Given:
    """What the gateway is joined with. `found` looks anew where it is told to; `own` gives the
    server that runs one of our own models; `masked` returns a
    text without its secrets and how many there were; `permit` raises where there is no grant;
    `destinations` are addresses beyond this machine that the user has named; `kept` are our own
    models, `embed` is our own embedder."""

    found: Callable[[bool], Awaitable[Found]]
    select: Callable[[str | None, Found], Selection]
    own: Callable[[Own], AbstractAsyncContextManager[Local]]
    brief: Callable[[Generation, Caller, Choice | Away], Awaitable[Briefed]]
    masked: Callable[[Generation], Awaitable[tuple[Generation, int]]]
    permit: Callable[[Leaving, str | None], Awaitable[Permitted]]
    destinations: Callable[[], Sequence[str]]
    kept: Callable[[], Sequence[Model]]
    embed: Callable[[Sequence[str]], Awaitable[tuple[NDArray[np.float32], int]]]
    clock: Callable[[], float] = time.time


class Gateway:
    """One endpoint over every backend. Belongs to one event loop."""

    def __init__(self, given: Given) -> None:
        self._given = given

    async def answer(self, asked: Asked, caller: Caller) -> AbstractAsyncContextManager[Coming]:
        """Return the answer that is coming, to be read within its context.

        Raises SatchelError where no such model is to be had, or leave for it is missing.
        """
        choice, briefed = await self._begun(asked, caller)
        match choice:
            case Chosen(backend=local, model=model) if not asked.generation.outward:
                return aclosing(self._coming(asked, local, model, briefed.generation))
            case Shelved() | Fallback() as own:
                return self._by_own(asked, own, briefed.generation)
            case Chosen(backend=backend, model=model) | Away(backend=backend, model=model):
                permitted, generation = await self._permitted(backend, model, briefed)
                return aclosing(self._coming(asked, permitted, model, generation))

    @asynccontextmanager
    async def _by_own(
        self, asked: Asked, own: Own, generation: Generation
    ) -> AsyncIterator[Coming]:
        """Hold the server of a model of ours for as long as it answers."""
        async with (
            self._given.own(own) as local,
            aclosing(self._coming(asked, local, local.models[0], generation)) as coming,
        ):
            yield coming

    def _coming(self, asked: Asked, target: Target, model: Model, generation: Generation) -> Coming:
        heading = Heading(new_id(), asked.model, int(self._given.clock()))
        batches = stream(target, model, generation, whole=not asked.streamed)
        return Coming(heading, target, model, batches)

    async def count(self, asked: Asked, caller: Caller) -> tuple[int, bool]:
        """Return the tokens of a request, and whether they were counted or estimated.

        Nothing leaves for it, so it needs no leave: for a server elsewhere it is an estimate.
        """
        choice, briefed = await self._begun(asked, caller)
        generation = replace(briefed.generation, outward=())
        match choice:
            case Chosen(backend=local, model=model):
                return await count(local, model, generation)
            case Shelved() | Fallback() as own:
                async with self._given.own(own) as local:
                    return await count(local, local.models[0], generation)
            case Away():
                return await beside(weight(generation), lambda: estimate(generation)), False

    async def offers(self) -> list[Row]:
        """List what may be asked here without leave: names that are unique, the best one first."""
        return offered(await self._given.found(False), self._given.kept())

    async def embed(self, name: str, texts: Sequence[str]) -> tuple[NDArray[np.float32], int]:
        """Return a vector for each text, shape (texts, dimensions), and the tokens of them all.

        Embedding never leaves this machine: our own model, or one of a server here.
        """
        if name.lower() in EMBEDDERS:
            return await self._given.embed(texts)
        for anew in (False, True):
            for local, model in _local(await self._given.found(anew)):
                if matches(name, local.name, model.name):
                    vectors = await embed(local, model, texts)
                    return np.asarray(vectors, dtype=np.float32), sum(map(tokens_of, texts))
        raise Unavailable(
            "model-not-found",
            f"no embedding model {name!r} is on this machine",
            f"name {EMBEDDER}, which is Satchel's own, or see `satchel models`",
        )

    async def _begun(self, asked: Asked, caller: Caller) -> tuple[Choice | Away, Briefed]:
        """Return who is to answer, and what that is to be given."""
        name, context = plain(asked.model)
        choice = await self._chosen(name)
        if context or caller.context:
            return choice, await self._given.brief(asked.generation, caller, choice)
        return choice, Briefed(asked.generation, caller.workspace)

    async def _chosen(self, name: str | None) -> Choice | Away:
        """Resolve a name, looking once more where it is not known."""
        for anew in (False, True):
            found = await self._given.found(anew)
            try:
                return self._answering(name, found)
            except Unavailable as error:
                if error.code in (SLOW, NO_DEFAULT) and not anew:
                    continue
                if error.code not in NOT_HERE or name is None:
                    raise
                elsewhere = away(name, found, self._given.destinations())
                if elsewhere is not None:
                    return elsewhere
                if anew:
                    raise
        raise AssertionError("the second look returns or raises")

    def _answering(self, name: str | None, found: Found) -> Choice:
        """Choose who answers. Raises Unavailable where that would be a server that is too slow to
        say what it has, or where the user's default is not there: a smaller model that answers in
        its place is not what was asked for, and who reads the answer would not see it."""
        known = replace(found, backends=(*found.backends, *found.slow)) if found.slow else found
        selection = self._given.select(name, known)
        choice = selection.choice
        if isinstance(choice, Chosen):
            if choice.backend in found.slow:
                raise _too_slow(choice.backend.name, choice.backend.base_url)
        elif name is None:
            for row in found.rejected:
                if row.slow and row.server:
                    raise _too_slow(row.server, row.address)
        if selection.default:
            raise _no_default(selection.default, choice)
        return choice

    async def _permitted(
        self, backend: Backend, model: Model, briefed: Briefed
    ) -> tuple[Permitted, Generation]:
        """Mask what would leave, say what it is, and ask whether it may."""
        generation, masked = await self._given.masked(briefed.generation)
        leaving = await beside(
            weight(generation),
            lambda: leaves(backend, model, generation, briefed.sections, masked),
        )
        return await self._given.permit(leaving, briefed.workspace), generation


def _too_slow(server: str, address: str) -> Unavailable:
    return Unavailable(
        SLOW,
        f"{server} at {address} is too busy to say which models it has",
        "send it again in a moment, or name another model; `satchel models` lists them",
    )


def _no_default(default: str, choice: Choice) -> Unavailable:
    match choice:
        case Chosen(backend=backend, model=model):
            other = f"{backend.name}/{model.name}"
        case Shelved(model=model):
            other = f"{EMBEDDED}/{model.name}"
        case Fallback():
            other = EMBEDDED
    return Unavailable(
        NO_DEFAULT,
        f"the default model {default!r} is not offered on this machine now; {other} would be next",
        f"start its server, name {other}, or run `satchel models use {other}`; "
        "`satchel models use auto` lets Satchel choose",
    )


def leaves(
    backend: Backend, model: Model, generation: Generation, sections: Mapping[str, int], masked: int
) -> Leaving:
    """Say what would leave with a generation that has been masked."""
    return Leaving(
        backend=backend,
        model=model,
        bytes=size(backend, model, generation),
        sections=tuple(Section(name, items) for name, items in sections.items()),
        masked=masked,
        tools=generation.outward,
    )


def offered(found: Found, kept: Sequence[Model]) -> list[Row]:
    """Return the rows of what is on this machine; a name that two servers have is told apart by
    the server's."""
    models = [(local.name, model) for local, model in _local(found)]
    models += [(EMBEDDED, model) for model in kept]
    names = Counter(model.name for _, model in models)
    best = Row(BEST, EMBEDDED, str(Locality.ON_DEVICE))
    return [
        best,
        replace(best, id=BEST + CONTEXT),
        *(
            Row(
                id=model.name if names[model.name] == 1 else f"{server}/{model.name}",
                owned_by=server,
                locality=str(model.locality),
                context_length=model.context_allocated or model.context_trained,
                capabilities=_able(model),
                loaded=model.loaded,
            )
            for server, model in models
        ),
        Row(EMBEDDER, EMBEDDED, str(Locality.ON_DEVICE), capabilities=("embeddings",)),
    ]


def _local(found: Found) -> Iterator[tuple[Local, Model]]:
    for backend in found.backends:
        if isinstance(backend, Local):
            yield from ((backend, model) for model in backend.models)


def _able(model: Model) -> tuple[str, ...]:
    told = {
        "chat": model.chat,
        "tools": model.tools,
        "vision": model.vision,
        "embeddings": model.embeddings,
    }
    return tuple(name for name, able in told.items() if able)


def plain(name: str) -> tuple[str | None, bool]:
    """Part a model's name from `+context`; None stands for the best model here."""
    context = name.endswith(CONTEXT)
    name = name.removesuffix(CONTEXT)
    return None if name in AUTO else name, context


_RUN: Final = secrets.token_hex(6)
_ANSWERS: Final = itertools.count()


def new_id() -> str:
    """Return 24 letters and digits that nobody was given before."""
    return f"{_RUN}{next(_ANSWERS):012x}"
