"""What detection saw last, so that a request does not wait for it each time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from satchel.model.types import Found

FRESH_S = 5.0  # a sighting this young is taken as it is
STALE_S = 60.0  # up to this age it is taken too, and looked again meanwhile


class Sightings:
    """Belongs to one event loop."""

    def __init__(
        self, look: Callable[[], Awaitable[Found]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look = look
        self._clock = clock
        self._seen: tuple[float, Found] | None = None
        self._looking: asyncio.Task[Found] | None = None

    async def found(self) -> Found:
        """Return what was seen lately, looking now only where that is long ago."""
        age = self._clock() - self._seen[0] if self._seen is not None else STALE_S
        if self._seen is None or age >= STALE_S:
            return await self.again()
        if age >= FRESH_S:
            self._begin()
        return self._seen[1]

    async def again(self) -> Found:
        """Look now; who asks meanwhile gets the same sighting."""
        return await asyncio.shield(self._begin())

    def _begin(self) -> asyncio.Task[Found]:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._run())
        return self._looking

    async def _run(self) -> Found:
        found = await self._look()
        self._seen = (self._clock(), found)
        return found
