"""What a record cites of the code, and whether that is still there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from satchel.context.catalog import by_path_tail
from satchel.context.mine.choice import choice
from satchel.context.store.index import IndexStore
from satchel.context.types import CURRENT, Origin, Record, Status

MOST: Final = 12  # anchors of one record
READ: Final = 20_000  # characters of a record
FEW: Final = 3  # definers of a name; one with more is a common word
_SPAN: Final = re.compile(r"`([^`\n]{2,120})`")
_CALL: Final = re.compile(r"\b([A-Za-z_][\w.]{2,80})\(\)")
_PATH: Final = re.compile(r"(?<![\w/.-])(?:[\w.@-]+/){1,12}[\w.@-]+\.[A-Za-z]\w{0,7}\b")
_NAME: Final = re.compile(r"[A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*){0,5}(?:\(\))?")


def anchors(text: str, index: IndexStore) -> tuple[str, ...]:
    """Return the files and symbols that a text cites and that are there now.

    Only what is written as code counts: a path, a name in backticks, a call.
    """
    catalog = index.catalog()
    found: dict[str, None] = {}
    text = text[:READ]
    for path in [*_PATH.findall(text), *(span for span in _SPAN.findall(text) if "." in span)]:
        rows = by_path_tail(catalog, path)
        if len(rows) == 1:
            found[rows[0].path] = None
    for name in [*_SPAN.findall(text), *_CALL.findall(text)]:
        if _NAME.fullmatch(name) and name not in found:
            last = re.split(r"\.|::", name.removesuffix("()"))[-1]
            if 0 < len(index.defining(last, FEW + 1)) <= FEW:
                found[last] = None
    return tuple(found)[:MOST]


def standing(record: Record, index: IndexStore) -> Record:
    """Return the record as it stands now: stale, with the reason, where an anchor is gone, or where
    what a commit chose is.

    An index that holds nothing (yet) says nothing about what is gone.
    """
    if record.status not in CURRENT or not index.catalog().rows:
        return record
    reason = _gone(record, index) or _outlived(record, index)
    return replace(record, status=Status.STALE, reason=reason) if reason else record


def _gone(record: Record, index: IndexStore) -> str | None:
    paths = index.catalog().by_path
    for anchor in record.anchors:
        if "/" in anchor or "." in anchor:
            gone = anchor not in paths
        else:
            gone = not index.defining(anchor, 1)
        if gone:
            return f"cites `{anchor}`, which is gone"
    return None


def _outlived(record: Record, index: IndexStore) -> str | None:
    """Say what speaks against it that a choice which only commits tell of still holds: what was
    chosen stands nowhere any more, or a manifest lists what was left."""
    if record.origin is not Origin.HISTORY or record.confirmed or record.pinned:
        return None
    if not all(source.startswith("commit ") for source in record.sources):
        return None
    chosen = choice(record.text)
    if chosen.taken:
        if any(map(index.is_in_use, chosen.taken)):
            return None
        return f"chose `{chosen.taken[0]}`, which is in no source and no manifest any more"
    listed = index.listing(chosen.left) if chosen.left else None
    return listed and f"left `{chosen.left}`, which {listed} lists"
