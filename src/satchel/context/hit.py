"""One piece of evidence that a file is meant."""

from __future__ import annotations

from satchel.base.values import value


@value(frozen=True, slots=True)
class Hit:
    """One piece of evidence. `why` completes "it …" for a reader."""

    document: int
    passage: int | None
    score: float
    why: str
