"""What detection saw last, so that a request does not wait for it each time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from satchel.model.types import Backend, Found, Rejected

FRESH_S = 5.0  # where a model runs is not believed for longer: LM Link may be switched on
SLOW_S = 60.0  # a server that was only too slow to answer is kept for this long


class Sightings:
    """Belongs to one event loop."""

    def __init__(
        self, look: Callable[[], Awaitable[Found]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look = look
        self._clock = clock
        self._seen: tuple[float, Found] | None = None
        self._looking: asyncio.Task[Found] | None = None
        self._answered: Mapping[Backend, float] = {}

    async def found(self) -> Found:
        """Return what was seen just now, else look."""
        if self._seen is not None and self._clock() - self._seen[0] < FRESH_S:
            return self._seen[1]
        return await self.again()

    async def again(self) -> Found:
        """Look now; who asks meanwhile gets the same sighting."""
        return await asyncio.shield(self._begin())

    def _begin(self) -> asyncio.Task[Found]:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._run())
        return self._looking

    async def _run(self) -> Found:
        looked, now = await self._look(), self._clock()
        found = with_the_slow(looked, self._answered, now)
        self._answered = {
            backend: now if backend in looked.backends else self._answered[backend]
            for backend in (*found.backends, *found.slow)
        }
        self._seen = (now, found)
        return found


def with_the_slow(found: Found, answered: Mapping[Backend, float], now: float) -> Found:
    """Return a sighting with those servers that were too slow this time but answered before.

    `answered` says when each did last, in their order. A server that has a long prompt to read, on
    a machine that has nothing else to do, is slow to say what it is; another model must not
    answer in its place for that. What it said longer ago than SLOW_S is not believed any more.
    """
    slow = [row for row in found.rejected if row.slow]
    missed = [each for each in answered if any(_is_at(each, row) for row in slow)]
    kept = [backend for backend in missed if now - answered[backend] < SLOW_S]
    found = replace(found, slow=tuple(backend for backend in missed if backend not in kept))
    if not kept:
        return found
    places = {backend.base_url: place for place, backend in enumerate(answered)}
    backends = [*found.backends, *kept]
    backends.sort(key=lambda backend: places.get(backend.base_url, len(places)))
    still = {row for row in slow if any(_is_at(backend, row) for backend in kept)}
    rejected = tuple(row for row in found.rejected if row not in still)
    return replace(found, backends=tuple(backends), rejected=rejected)


def _is_at(backend: Backend, row: Rejected) -> bool:
    return f"{backend.base_url}/".startswith(f"{row.address}/")
