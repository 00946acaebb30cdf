"""Records of which nothing but the text matters."""

from __future__ import annotations

from satchel.context.types import Record, RecordKind

DAY = "2025-01-01T00:00:00+00:00"


def fact(name: str, text: str) -> Record:
    """Return a fact of this id and text."""
    return Record(name, RecordKind.FACT, text, "/w", ("notes.md:1",), DAY, DAY)


def facts(*texts: str) -> list[Record]:
    """Return facts of these texts: r0, r1, …"""
    return [fact(f"r{number}", text) for number, text in enumerate(texts)]
