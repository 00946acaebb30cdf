"""A lock on a file, such as the one that makes the daemon one: held for as long as its process
lives, freed by the kernel.

The file itself says nothing; only the lock on it counts, so a file left by a kill is no obstacle.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def take(path: Path) -> int | None:
    """Take the lock and return its descriptor, or None where another process holds it.

    The descriptor is not inherited by child processes, so none of them can outlive the lock.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
