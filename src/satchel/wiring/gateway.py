"""Join the model endpoint with detection, the embedded engine, briefings, masks and consent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import numpy as np
from anyio.to_thread import run_sync
from numpy.typing import NDArray

from satchel.base.paths import Home
from satchel.model.away import Away
from satchel.model.gateway import Briefed, Caller, Gateway, Given
from satchel.model.select import Choice, Fallback, Own
from satchel.model.sightings import Sightings
from satchel.model.turns import Generation
from satchel.model.types import Found, Local
from satchel.wiring.ask import FALLBACK_BUDGET
from satchel.wiring.engine import Engine
from satchel.wiring.gateway_brief import Packets, briefed
from satchel.wiring.leave import accepted
from satchel.wiring.outgoing import Consent, without_secrets

T = TypeVar("T")


def build(
    home: Home,
    engine: Engine,
    sightings: Sightings,
    packets: Packets,
    vectors: Callable[[Sequence[str]], tuple[NDArray[np.float32], int]],
    used: Callable[[], None],
    consent: Consent,
) -> Gateway:
    """Assemble the endpoint. `packets` briefs a request, `vectors` embeds texts;
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

    async def brief(generation: Generation, caller: Caller, choice: Choice | Away) -> Briefed:
        tops = [top for top, _ in await run_sync(accepted, home)]
        most = FALLBACK_BUDGET if isinstance(choice, Fallback) else None
        return await briefed(generation, caller, tops, packets, most)

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
