"""What a record cites, and whether that is still there."""

from __future__ import annotations

from satchel.context.store.index import IndexStore
from satchel.context.types import Record


def anchors(text: str, index: IndexStore) -> tuple[str, ...]:
    """Return the files and symbols that a text cites and that are there."""
    del text, index
    return ()


def standing(record: Record, index: IndexStore) -> Record:
    """Return a record as it stands now: stale, and why, where what it cites is gone."""
    del index
    return record
