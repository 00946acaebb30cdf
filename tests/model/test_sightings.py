"""What detection saw lately is used again, and looked for anew when it grows old."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from satchel.model.sightings import FRESH_S, SLOW_S, Sightings
from satchel.model.types import Found, Local, Locality, Model, Rejected


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


def test_an_older_one_is_not_believed_but_looked_for_anew() -> None:
    world, at_once, _ = asyncio.run(_after(FRESH_S))
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


def server(name: str, port: int) -> Local:
    model = Model("m", Locality.ON_DEVICE, "a test says so")
    return Local(name, f"http://127.0.0.1:{port}/v1", (model,))


FIRST, SECOND = server("llama.cpp", 8080), server("vllm", 8000)
BUSY = Rejected("http://127.0.0.1:8080", "does not answer", slow=True)
REPLACED = Rejected("http://127.0.0.1:8080", "answers something that is not HTTP")


async def _seen(*looks: tuple[float, Found]) -> Found:
    """Return what is known after looks at these times."""
    clock = iter([when for when, _ in looks])
    coming = iter([found for _, found in looks])

    async def look() -> Found:
        return next(coming)

    sightings = Sightings(look, lambda: next(clock))
    return [await sightings.again() for _ in looks][-1]


@pytest.mark.parametrize(
    ("later", "seconds", "known"),
    [
        (Found((SECOND,), (BUSY,)), SLOW_S - 1, Found((FIRST, SECOND))),
        (Found((SECOND,), (BUSY,)), SLOW_S, Found((SECOND,), (BUSY,), slow=(FIRST,))),
        (Found((SECOND,), (REPLACED,)), 1, Found((SECOND,), (REPLACED,))),
        (Found((SECOND,), silent=(BUSY.address,)), 1, Found((SECOND,), silent=(BUSY.address,))),
        (Found((SECOND, FIRST)), 1, Found((SECOND, FIRST))),
    ],
    ids=["slow", "slow for long", "another program", "gone", "both answer"],
)
def test_a_server_that_is_slow_to_answer_stays_where_it_was(
    later: Found, seconds: float, known: Found
) -> None:
    assert asyncio.run(_seen((0.0, Found((FIRST, SECOND))), (seconds, later))) == known


def test_a_server_that_never_answers_again_is_known_but_not_believed() -> None:
    slow = Found((), (BUSY,))
    looks = [(0.0, Found((FIRST,))), (SLOW_S - 1, slow), (SLOW_S, slow), (9 * SLOW_S, slow)]
    assert asyncio.run(_seen(*looks)) == Found((), (BUSY,), slow=(FIRST,))
    assert asyncio.run(_seen(*looks, (9 * SLOW_S + 1, Found()))) == Found()
