"""Which records apply to a request. Pure: records, terms and vectors come in, choices go out."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.context.types import ChosenRecord, Record, RecordKind, Status

BY_WORDS: Final = 0.34  # share of the shorter side's rarity that record and request must share
BY_MEANING: Final = 0.45  # cosine of MiniLM vectors; unrelated sentences stay below about 0.3
CURRENT: Final = frozenset({Status.ACTIVE, Status.OPEN, Status.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class Known:
    """A record with its stemmed terms and its nearness to the request (0 where unknown)."""

    record: Record
    terms: frozenset[str]
    cosine: float = 0.0


def applying(
    known: Sequence[Known],
    rarity: Mapping[str, float],
    files: Sequence[str],
    most: int,
    spelled: Mapping[str, str] | None = None,
    least: float = BY_WORDS,
    together: int = 2,
) -> list[ChosenRecord]:
    """Choose current records: by scope first, then by words or by meaning; best first.

    `rarity` maps the request's terms to their inverse document frequency, `spelled` to how the
    request spells them; `least` is the share of rarity that words alone must reach, with `together`
    words at the least.
    """
    chosen = []
    for entry in known:
        if entry.record.status not in CURRENT:
            continue
        covered = _covered(entry.record, files)
        if entry.record.globs and covered is None:
            continue
        shared = sorted(entry.terms & rarity.keys(), key=lambda term: -rarity[term])
        overlap = _overlap(shared, entry.terms, rarity)
        if covered is not None and entry.record.kind in {RecordKind.RULE, RecordKind.PREFERENCE}:
            chosen.append(ChosenRecord(entry.record, f"its scope covers {covered}", 1.0 + overlap))
        elif overlap >= least and len(shared) >= min(together, len(entry.terms), len(rarity)):
            words = [(spelled or {}).get(term, term) for term in shared[:4]]
            reason = f"shares {', '.join(words)} with the request"
            chosen.append(ChosenRecord(entry.record, reason, overlap))
        elif entry.cosine >= BY_MEANING:
            chosen.append(ChosenRecord(entry.record, "is near in meaning", entry.cosine))
    chosen.sort(key=lambda c: (-c.score, c.record.learned, c.record.id))
    return chosen[:most]


def pinned(known: Sequence[Known], chosen: Sequence[ChosenRecord]) -> list[ChosenRecord]:
    """Return the current pinned records that are not among the chosen."""
    have = {c.record.id for c in chosen}
    return [
        ChosenRecord(entry.record, "is pinned", 1.0)
        for entry in known
        if entry.record.pinned and entry.record.status in CURRENT and entry.record.id not in have
    ]


def _covered(record: Record, files: Sequence[str]) -> str | None:
    """Return the first file that the record's globs cover."""
    for path in files:
        if any(fnmatch.fnmatchcase(path, glob) for glob in record.globs):
            return path
    return None


def _overlap(shared: Sequence[str], terms: frozenset[str], rarity: Mapping[str, float]) -> float:
    """Return the shared rarity as a share of the rarer-worded side's (overlap coefficient).

    A record's terms that the request lacks count with the request's mean rarity.
    """
    if not shared:
        return 0.0
    mean = sum(rarity.values()) / len(rarity)
    asked = sum(rarity.values())
    stated = sum(rarity.get(term, mean) for term in terms)
    return sum(rarity[term] for term in shared) / max(min(asked, stated), 1e-9)
