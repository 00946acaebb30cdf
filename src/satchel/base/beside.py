"""Work that would hold up the event loop, done beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from anyio.to_thread import run_sync

T = TypeVar("T")

LARGE: Final = 1_000_000  # bytes or characters: a few milliseconds to read or to write as JSON


async def beside(size: int, work: Callable[[], T]) -> T:
    """Return what `work` on so many bytes returns: in a thread where they are many."""
    return await run_sync(work) if size > LARGE else work()
