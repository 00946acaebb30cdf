"""Files that must be the user's own, and the key of a remote: read when needed, kept nowhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

KEY_MAX: Final = 8_192  # bytes; a signed token can be long


def read_own(path: Path, most: int, closed: int = 0) -> bytes:
    """Return up to `most` bytes of a regular file of the user's own.

    Raises OSError where it cannot be read, and ValueError where it is longer, no regular file,
    somebody else's, or has a bit of the mode `closed`.
    """
    with open(path, "rb", opener=_at_once) as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise ValueError("it is no regular file")
        if hasattr(os, "getuid") and about.st_uid != os.getuid():
            raise ValueError("it is not yours")
        if os.name == "posix" and about.st_mode & closed:
            raise ValueError("others than you may write it")
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError("it is too long")
    return content


def _at_once(path: str, flags: int) -> int:
    """Open without waiting: a pipe in the file's place would have no end."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_key(path: Path) -> str:
    """Return the key that a file holds: its one line.

    Raises OSError where it cannot be read, and ValueError, which never quotes it, where it is not
    the user's own regular file or holds anything but one line without spaces.
    """
    key = read_own(path, KEY_MAX).decode("ascii", "replace").strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("it does not hold a key alone, on one line")
    return key


def exposed(path: Path) -> bool:
    """Tell whether others than the owner may read or write a file."""
    try:
        return os.name == "posix" and bool(path.stat().st_mode & 0o077)
    except OSError:
        return False
