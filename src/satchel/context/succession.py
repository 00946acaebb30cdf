"""What takes the place of what: the links between records, made and followed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from satchel.base.errors import BadInput
from satchel.context.types import CURRENT, EVERYWHERE, Record, Status
from satchel.context.validity import Lookup, when


@dataclass(frozen=True, slots=True)
class History:
    """A record, what it took the place of (oldest first) and what took its place since."""

    record: Record
    before: tuple[Record, ...] = ()
    after: tuple[Record, ...] = ()


def succeeded(old: Record, new: Record, lookup: Lookup, now: str) -> tuple[Record, Record]:
    """Link a record to the one that takes its place, both ways, and end the time that it held.

    Raises BadInput where that cannot be: itself, a ring, another successor, another reach.
    """
    if old.id == new.id:
        raise BadInput(
            "supersedes-itself",
            f"{old.id} cannot take its own place",
            "name two different records",
        )
    if old.superseded_by == new.id:
        return old, _naming(new, old.id)
    if old.superseded_by is not None and lookup(old.superseded_by) is not None:
        last = next(one for one in reversed(successors(old, lookup)) if one.id != new.id)
        instead = new.id if lookup(new.id) is not None else "TEXT"
        raise BadInput(
            "superseded-already",
            f"{old.id} was superseded by {old.superseded_by} already",
            f"run `satchel supersede {last.id} {instead}` to go on from there",
        )
    if any(after.id == old.id for after in successors(new, lookup)):
        raise BadInput(
            "ring",
            f"{new.id} was itself superseded by {old.id}: neither would hold any more",
            f"run `satchel records --history {old.id}` to see the chain",
        )
    if old.workspace != new.workspace and old.workspace == EVERYWHERE:
        raise BadInput(
            "wider-than-successor",
            f"{old.id} holds everywhere, and {new.id} in one workspace alone",
            "remember the new one with --everywhere first",
        )
    since = (when(old.valid_from), when(new.valid_from))
    begun = since[0] is not None and since[1] is not None and since[0] < since[1]
    ended = new.valid_from if begun else max(now, old.valid_from)
    closed = replace(
        old,
        status=Status.REJECTED if old.status is Status.REJECTED else Status.SUPERSEDED,
        superseded_by=new.id,
        valid_to=ended if old.valid_to is None else min(ended, old.valid_to),
        reason=None,
    )
    return closed, _naming(new, old.id)


def confirmed(record: Record, lookup: Lookup) -> Record:
    """Return a record that the user stands by. Raises BadInput where another took its place."""
    if record.superseded_by is not None and lookup(record.superseded_by) is not None:
        raise BadInput(
            "superseded-already",
            f"{record.id} was superseded by {record.superseded_by}",
            f"run `satchel supersede {record.superseded_by} TEXT` with what holds now",
        )
    if record.status in {Status.REJECTED, Status.OPEN}:
        return replace(record, confirmed=True, confidence=1.0)
    return replace(
        record,
        status=Status.ACTIVE,
        confirmed=True,
        confidence=1.0,
        valid_to=None,
        superseded_by=None,
        reason=None,
    )


def must_hold(record: Record, lookup: Lookup, command: str) -> None:
    """Raise BadInput for a record that holds no more, naming what took its place as that which
    `command` can be run with."""
    if record.status in CURRENT:
        return
    after = successors(record, lookup)
    if not after:
        raise BadInput(
            "holds-no-more",
            f"{record.id} is {record.status}, so it does not hold",
            "run `satchel remember TEXT` with what holds now",
        )
    raise BadInput(
        "superseded-already",
        f"{record.id} holds no more: {after[-1].id} took its place",
        f"run `{command} {after[-1].id}`",
    )


def successors(record: Record, lookup: Lookup) -> list[Record]:
    """Follow what took a record's place, and then that one's, to the end."""
    seen = {record.id}
    chain: list[Record] = []
    at = record.superseded_by
    while at is not None and at not in seen and (found := lookup(at)) is not None:
        seen.add(at)
        chain.append(found)
        at = found.superseded_by
    return chain


def history(record: Record, lookup: Lookup) -> History:
    """Gather what a record took the place of, and what took its place."""
    seen = {record.id}
    before: list[Record] = []
    waiting = list(record.supersedes)
    while waiting:
        name = waiting.pop()
        if name not in seen and (found := lookup(name)) is not None:
            before.append(found)
            waiting += found.supersedes
        seen.add(name)
    before.sort(key=lambda old: (old.valid_from, old.learned, old.id))
    return History(record, tuple(before), tuple(successors(record, lookup)))


def _naming(new: Record, old: str) -> Record:
    return new if old in new.supersedes else replace(new, supersedes=(*new.supersedes, old))
