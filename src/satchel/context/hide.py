"""Secrets in what is kept already, or comes from a file: found, counted by kind, masked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from satchel.context.ingest.mask import mask
from satchel.context.types import Record

_MARK: Final = re.compile(r"\[masked ([^\]\n]{1,80})\]")
_TEXTS: Final = ("text", "subject", "attribute", "stance", "reason")
_LISTS: Final = ("aliases", "sources", "globs", "anchors")


@dataclass(frozen=True, slots=True)
class Hit:
    """Where secrets stand: a record of this id, or a turn of this number; how many, by kind."""

    where: str  # "record" or "turn"
    id: str
    kinds: Mapping[str, int]


def hide(text: str) -> tuple[str, Counter[str]]:
    """Mask the secrets of a text; return it, and how many there were of each kind."""
    hidden, count = mask(text)
    if not count:
        return text, Counter()
    return hidden, Counter(_MARK.findall(hidden)) - Counter(_MARK.findall(text))


def shown(record: Record) -> Record:
    """Return a record as it may be handed over: its secrets masked, though it was kept by rules
    that did not know them yet."""
    told = [getattr(record, name) or "" for name in _TEXTS]
    told += [value for name in _LISTS for value in getattr(record, name)]
    return hide_all(record)[0] if mask("\n".join(told))[1] else record


def hide_all(record: Record) -> tuple[Record, Counter[str]]:
    """Mask the secrets in everything that a record says."""
    kinds: Counter[str] = Counter()
    changed: dict[str, object] = {}
    for name in _TEXTS:
        if value := getattr(record, name):
            hidden, found = hide(value)
            if found:
                changed[name] = hidden
                kinds += found
    for name in _LISTS:
        values = [hide(value) for value in getattr(record, name)]
        if any(found for _, found in values):
            changed[name] = tuple(hidden for hidden, _ in values)
            kinds += sum((found for _, found in values), Counter())
    return (replace(record, **changed) if changed else record), kinds  # type: ignore[arg-type] # by name
