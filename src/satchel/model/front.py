"""Read the header of a GGUF that lies on this machine."""

from __future__ import annotations

from pathlib import Path

from satchel.model.gguf import MAX_HEADER, Header, Malformed, Short, parse

__all__ = ["Malformed", "read"]

FIRST = 1 << 20  # bytes that are read at first; each time more than were missing
STEPS = 4


def read(path: Path) -> Header:
    """Return the header of a file. Raises Malformed where it is not to be loaded, and OSError."""
    total = path.stat().st_size
    head = b""
    wanted = FIRST
    with path.open("rb") as file:
        while True:
            head += file.read(wanted - len(head))
            try:
                return parse(head, total)
            except Short as short:
                if len(head) < wanted:
                    raise Malformed("ends within its header") from short
                wanted = further(wanted, short)


def further(had: int, short: Short) -> int:
    """Return how many bytes of the front to have next, where `had` were too few. Pure."""
    return min(max(had * STEPS, short.needed), MAX_HEADER)
