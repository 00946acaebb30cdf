"""A rule that is held against a request or an edit."""

from __future__ import annotations

from satchel.context.conflict import ask, held_against
from satchel.context.conflict.diff import edits
from satchel.context.types import Record, RecordKind

DAY = "2026-01-01"


def rule(text: str) -> Record:
    """Return a rule of the user's that says this."""
    return Record("r", RecordKind.RULE, text, "/w", ("user",), DAY, DAY)


def is_opposed(text: str, request: str) -> bool:
    """Tell whether a request, or a diff, goes against a rule of this text."""
    edited = edits(request) if request.startswith("---") else ()
    return bool(held_against(ask("" if edited else request, (), edited), [rule(text)]))
