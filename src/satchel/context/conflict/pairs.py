"""Which records in force contradict each other. Pure.

Two are compared (`among`) only where they share a subject.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from satchel.context.conflict.among import Spread, clashing, drops
from satchel.context.conflict.assigned import assigned
from satchel.context.conflict.days import days
from satchel.context.conflict.position import HELD, Position, position_of
from satchel.context.conflict.stated import quantities
from satchel.context.types import Conflict, Record, Status

RAREST: Final = 8  # of its words, by which a record is told among many
BUCKET: Final = 60  # records that share a subject and are all held against each other


def contradictions(records: Sequence[Record]) -> tuple[Conflict, ...]:
    """Return the pairs of records in force that contradict each other.

    Two are compared only where they share a subject (`_subjects`): with ten thousand records most
    pairs have nothing to do with each other.
    """
    held = [r for r in records if r.status in HELD and r.status is not Status.REJECTED]
    read = [position_of(record) for record in held]
    spread = Spread.over(one.about for one in read)
    found = (
        _between(held[one], held[other], read[one], read[other], spread)
        for one, other in sorted(_candidates(read, spread))
    )
    return tuple(conflict for conflict in found if conflict is not None)


def with_others(record: Record, others: Sequence[Record]) -> tuple[Conflict, ...]:
    """Return the records in force that one contradicts."""
    read = [position_of(other) for other in others]
    mine = position_of(record)
    spread = Spread.over(one.about for one in (mine, *read))
    found = (
        _between(record, other, mine, its, spread)
        for other, its in zip(others, read, strict=True)
        if other.id != record.id and other.status in HELD
    )
    return tuple(conflict for conflict in found if conflict is not None)


def _between(
    one: Record, other: Record, mine: Position, its: Position, spread: Spread
) -> Conflict | None:
    """Oppose two records; one that took the place of the other does not contradict it."""
    if other.id in one.supersedes or one.id in other.supersedes:
        return None
    if one.globs and other.globs and not set(one.globs) & set(other.globs):
        return None
    reason = clashing(mine, its, spread)
    if reason is None:
        return None
    return Conflict(
        (one.id, other.id),
        (one.text, other.text),
        (one.valid_from, other.valid_from),
        (one.source, other.source),
        reason,
    )


def _candidates(read: Sequence[Position], spread: Spread) -> set[tuple[int, int]]:
    """Return the pairs that share a subject; a subject that many share is narrowed by the words
    that fewer of them have."""
    buckets: dict[object, list[int]] = defaultdict(list)
    for at, held in enumerate(read):
        for subject in _subjects(held):
            buckets[subject].append(at)
    pairs: set[tuple[int, int]] = set()
    most = max(BUCKET, len(read) // 10)
    for bucket in buckets.values():
        if len(bucket) <= BUCKET:
            pairs.update(combinations(bucket, 2))
            continue
        narrow: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at in bucket:
            words = [one for one in read[at].about if spread.counts[one] <= most]
            rarest = sorted(words, key=lambda one: (spread.counts[one], one))[:RAREST]
            for both in combinations(sorted(rarest), 2):
                narrow[both].append(at)
        for few in narrow.values():
            if len(few) <= BUCKET:
                pairs.update(combinations(few, 2))
    return pairs


def _subjects(held: Position) -> set[tuple[str, str]]:
    """Return what two records must share to contradict each other: what an option is for, the unit
    of a number, a day, or all that a short sentence says."""
    found = {("purpose", one.option.purpose.name) for one in held.taken}
    for clause in held.clauses:
        found |= {("unit", one.unit) for one in quantities(clause.text)}
        if dropped := drops(clause.text):
            found.add(("unit", dropped[0]))
        if days(clause.text):
            found.add(("day", ""))
        found |= {("assigned", " ".join(sorted(one.what))) for one in assigned(clause.text)}
    said = held.denied | held.affirmed | {whole - kinds for whole, kinds in held.placed}
    return found | {("said", " ".join(sorted(one))) for one in said}
