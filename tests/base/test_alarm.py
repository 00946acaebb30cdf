"""One timer wakes all that may have to be woken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import TypeVarTuple

from satchel.base.alarm import Alarm, alarm

Ts = TypeVarTuple("Ts")


async def rung(*bells: tuple[str, float], off: str = "") -> list[str]:
    """Return the names of bells in the order in which they ring, each after so many seconds; the
    first calls off the one that is named, and the last ends it."""
    alarms, rings, over = alarm(), list[str](), asyncio.Event()
    by_name: dict[str, Callable[[], None]] = {}

    def bell(name: str) -> Callable[[], None]:
        def ring() -> None:
            rings.append(name)
            if off and len(rings) == 1:
                alarms.call_off(by_name[off])
            if name == bells[-1][0]:
                over.set()

        return ring

    began = alarms.now()
    for name, after in bells:
        by_name[name] = bell(name)
        alarms.set(by_name[name], began + after)
    await over.wait()
    return rings


def test_bells_ring_when_they_are_due_however_they_were_set() -> None:
    bells = (("second", 0.01), ("first", 0.0), ("last", 0.02))
    assert asyncio.run(rung(*bells)) == ["first", "second", "last"]


def test_a_bell_can_call_off_another_that_is_due() -> None:
    bells = (("first", 0.0), ("other", 0.0), ("last", 0.001))
    assert asyncio.run(rung(*bells, off="other")) == ["first", "last"]


def test_a_bell_that_is_set_again_rings_at_its_new_time() -> None:
    async def again() -> tuple[float, float]:
        alarms = alarm()
        rang: asyncio.Future[float] = asyncio.get_running_loop().create_future()

        def bell() -> None:
            rang.set_result(alarms.now())

        alarms.set(bell, alarms.now())
        due = alarms.now() + 0.01
        alarms.set(bell, due)
        return due, await rang

    due, rang = asyncio.run(again())
    assert rang >= due


class Counting(asyncio.SelectorEventLoop):
    """A loop that counts its timers."""

    timers = 0

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Count one more."""
        self.timers += 1
        return super().call_at(when, callback, *args, context=context)


def test_a_thousand_waits_that_end_in_time_take_one_timer() -> None:
    loop = Counting()
    alarms = Alarm(loop)
    for number in range(1_000):

        def bell() -> None:
            raise AssertionError

        alarms.set(bell, alarms.now() + 60 + number)
        alarms.call_off(bell)
    assert loop.timers == 1
    loop.close()


def test_each_loop_has_an_alarm_of_its_own() -> None:
    async def own() -> Alarm:
        assert alarm() is alarm()
        return alarm()

    assert asyncio.run(own()) is not asyncio.run(own())
