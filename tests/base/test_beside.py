"""Work on much at once leaves the event loop free for others."""

from __future__ import annotations

import asyncio
import threading

from satchel.base.beside import LARGE, beside


async def in_what_order(size: int) -> list[str]:
    """Return the order in which work on so much, and another task, come to their ends.

    Large work waits for the other task: in the loop's own thread that would never come.
    """
    order: list[str] = []
    other_is_done = threading.Event()

    def work() -> None:
        if size > LARGE:
            assert other_is_done.wait(60)
        order.append("work")

    async def other() -> None:
        order.append("other")
        other_is_done.set()

    await asyncio.gather(beside(size, work), other())
    return order


def test_large_work_lets_others_come_first() -> None:
    assert asyncio.run(in_what_order(LARGE + 1)) == ["other", "work"]


def test_small_work_is_done_at_once() -> None:
    assert asyncio.run(in_what_order(LARGE)) == ["work", "other"]
