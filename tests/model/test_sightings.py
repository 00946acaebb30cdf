"""What detection saw lately is used again, and looked for anew when it grows old."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from satchel.model.sightings import FRESH_S, STALE_S, Sightings
from satchel.model.types import Found


@dataclass
class World:
    """A clock that is set by hand, and how often somebody looked."""

    now: float = 0.0
    looks: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    async def look(self) -> Found:
        self.looks.append(self.now)
        await asyncio.sleep(0)
        return Found(silent=(f"look {len(self.looks)}",))


async def _after(age: float) -> tuple[World, Found, Found]:
    world = World()
    sightings = Sightings(world.look, world.clock)
    await sightings.found()
    world.now = age
    at_once = await sightings.found()
    await asyncio.sleep(0.01)
    return world, at_once, await sightings.found()


def test_a_young_sighting_is_taken_as_it_is() -> None:
    world, at_once, later = asyncio.run(_after(FRESH_S - 0.1))
    assert world.looks == [0.0]
    assert at_once == later


def test_an_older_one_is_taken_and_renewed_meanwhile() -> None:
    world, at_once, later = asyncio.run(_after(FRESH_S + 0.1))
    assert len(world.looks) == 2
    assert at_once.silent == ("look 1",)
    assert later.silent == ("look 2",)


def test_a_stale_one_is_waited_for() -> None:
    world, at_once, _ = asyncio.run(_after(STALE_S))
    assert at_once.silent == ("look 2",)
    assert len(world.looks) == 2


def test_all_who_ask_at_once_share_one_look() -> None:
    async def run() -> World:
        world = World()
        sightings = Sightings(world.look, world.clock)
        await asyncio.gather(*(sightings.found() for _ in range(20)))
        return world

    assert asyncio.run(run()).looks == [0.0]


def test_one_who_stops_waiting_does_not_stop_the_look() -> None:
    async def run() -> tuple[World, Found]:
        world = World()
        sightings = Sightings(world.look, world.clock)
        waiting = asyncio.create_task(sightings.found())
        await asyncio.sleep(0)
        waiting.cancel()
        return world, await sightings.found()

    world, found = asyncio.run(run())
    assert world.looks == [0.0]
    assert found.silent == ("look 1",)
