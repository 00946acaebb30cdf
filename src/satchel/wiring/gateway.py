"""Join the model endpoint with detection, the embedded engine, briefings, masks and consent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

import numpy as np
from anyio.to_thread import run_sync
from numpy.typing import NDArray

from satchel.base.paths import Home
from satchel.context.ingest.mask import mask
from satchel.context.types import Packet
from satchel.model.consent import Occasion, Permitted, permit
from satchel.model.gateway import Briefed, Caller, Gateway, Given
from satchel.model.grants import Store
from satchel.model.leaving import Leaving
from satchel.model.ledger import Ledger
from satchel.model.select import Own
from satchel.model.sightings import Sightings
from satchel.model.turns import Call, Generation, Part, Result, Text, Thought
from satchel.model.types import Found, Local
from satchel.wiring.engine import Engine
from satchel.wiring.gateway_brief import briefed
from satchel.wiring.leave import accepted

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Consent:
    """The user's grants and the ledger of a home, as one session of the daemon asks them."""

    home: Home
    session: str

    async def permit(self, leaving: Leaving, workspace: str | None) -> Permitted:
        """Let through what a grant covers. Raises ConsentNeeded, and Broken."""
        occasion = Occasion(datetime.now(UTC), self.session, workspace)
        store, ledger = Store(self.home), Ledger(self.home)
        return await run_sync(permit, leaving, occasion, store, ledger.note)

    def destinations(self) -> list[str]:
        """Return the addresses that grants name."""
        return [row.destination for row in Store(self.home).read() if "://" in row.destination]


def build(
    home: Home,
    engine: Engine,
    sightings: Sightings,
    packets: Callable[[str, str], Packet],
    vectors: Callable[[Sequence[str]], tuple[NDArray[np.float32], int]],
    used: Callable[[], None],
    consent: Consent,
) -> Gateway:
    """Assemble the endpoint. `packets` briefs a request on a workspace, `vectors` embeds texts;
    `used` is told each time that one of our own models has answered."""

    async def found(anew: bool) -> Found:
        return await (sightings.again() if anew else sightings.found())

    @asynccontextmanager
    async def own(choice: Own) -> AsyncIterator[Local]:
        try:
            async with engine.in_use(choice) as local:
                yield local
        finally:
            used()

    async def brief(generation: Generation, caller: Caller) -> Briefed:
        tops = [top for top, _ in await run_sync(accepted, home)]
        return await briefed(generation, caller, tops, packets)

    async def embed(texts: Sequence[str]) -> tuple[NDArray[np.float32], int]:
        return await run_sync(vectors, texts)

    async def masked(generation: Generation) -> tuple[Generation, int]:
        return await run_sync(without_secrets, generation)

    return Gateway(
        Given(
            found=found,
            select=engine.select,
            own=own,
            brief=brief,
            masked=masked,
            permit=consent.permit,
            destinations=consent.destinations,
            kept=engine.own,
            embed=embed,
        )
    )


def without_secrets(generation: Generation) -> tuple[Generation, int]:
    """Mask every text that a generation would send, and count what was masked."""
    count = 0

    def hide(text: str) -> str:
        nonlocal count
        hidden, found = mask(text)
        count += found
        return hidden

    def hide_part(part: Part) -> Part:
        match part:
            case Text(text=text) | Thought(text=text):
                return replace(part, text=hide(text))
            case Call(arguments=arguments):
                return replace(part, arguments=hide(arguments))
            case Result(parts=inner):
                shown = (
                    replace(each, text=hide(each.text)) if isinstance(each, Text) else each
                    for each in inner
                )
                return replace(part, parts=tuple(shown))
            case _:
                return part

    turns = tuple(
        replace(turn, parts=tuple(map(hide_part, turn.parts))) for turn in generation.turns
    )
    prompt = None if generation.prompt is None else hide(generation.prompt)
    tools = tuple(replace(tool, description=hide(tool.description)) for tool in generation.tools)
    return replace(generation, turns=turns, prompt=prompt, tools=tools), count
