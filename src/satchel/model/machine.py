"""What this machine has: processor cores and memory."""

from __future__ import annotations

import functools
import os


def cores() -> int:
    """Return the cores that this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return max(len(os.sched_getaffinity(0)), 1)
    return os.cpu_count() or 1


def threads(setting: int) -> int:
    """Return how many threads a model gets: the setting, or all cores but one.

    Two threads on two busy cores were 20 times slower than one: they wait for each other.
    """
    return setting if setting > 0 else max(cores() - 1, 1)


@functools.cache
def memory_bytes() -> int | None:
    """Return the machine's memory, or None where it cannot be told."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return None
