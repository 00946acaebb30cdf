"""Statements to records: duplicates fold, what a source no longer says is closed, links are made.

Nothing that the user said, confirmed or forgot is undone by what a file says.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from satchel.context.conflict import told
from satchel.context.store.records import RecordStore
from satchel.context.types import CURRENT, SAID, Mined, Origin, Record, Statement, Status

ID_LENGTH: Final = 12  # hexadecimal digits
SPOKEN: Final = "conversation "  # how a source begins that is a turn of a conversation
REWORDED: Final = 0.4  # share of words that a statement and the one in its place have in common
_WORD: Final = re.compile(r"[^\W_]+(?:[._'+#/-]+[^\W_]+)*[+#]*")
_FILLER: Final = frozenset({"a", "an", "the", "please", "note", "that", "remember", "so"})

Anchor = Callable[[str], tuple[str, ...]]
"""A text to the files and symbols that it cites and that are there now."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one source's statements, in numbers of records."""

    added: int
    folded: int  # known from elsewhere: one source more
    closed: int  # no longer stated anywhere


def record_id(workspace: str, globs: Iterable[str], text: str) -> str:
    """Name a record by what it says and where it holds, so that duplicates are one record."""
    words = [word for word in _words(text) if word not in _FILLER]
    spelled = "\0".join((workspace, "\1".join(sorted(globs)), " ".join(words) or text))
    return hashlib.sha256(spelled.encode("utf-8", "replace")).hexdigest()[:ID_LENGTH]


def take_in(
    source: str,
    digest: str,
    mined: Mined,
    store: RecordStore,
    workspace: str,
    now: str,
    anchor: Anchor,
    *,
    append: bool = False,
) -> Taken:
    """Bring the records to what a source says now.

    `source` names the unit that is read as a whole ("rules", one transcript); `append` tells that
    `mined` holds only what is new in it. `now` is ISO 8601 UTC.
    """
    before = store.given(source)
    ids: dict[str, list[Statement]] = {}
    for statement in mined.statements:
        name = record_id(workspace, statement.globs, statement.text)
        ids.setdefault(name, []).append(statement)
    for one in [one for one in ids if store.is_forgotten(one)]:
        del ids[one]
    known = {record.id: record for record in store.some(ids.keys())}
    made: dict[str, Record] = {}
    for one, statements in ids.items():
        record = known.get(one) or _record(one, statements[0], workspace, now, anchor)
        if one in known and not append and store.givers(one) == [source]:
            # Only here was it read, and here it is read anew.
            record = replace(record, sources=tuple(s for s in record.sources if s in SAID))
        for statement in statements:
            record = _folded(record, statement)
        made[one] = record
    _link({one: statements[0] for one, statements in ids.items()}, made)
    gone = [] if append else [record for record in before if record.id not in ids]
    fresh = [made[one] for one in ids if one not in known]
    closed = [_closed(r, source, store.givers(r.id), fresh, now) for r in gone]
    for old in closed:
        new = made.get(old.superseded_by) if old.superseded_by is not None else None
        if new is not None:  # else it was superseded before, by one that is no longer stated either
            made[new.id] = replace(new, supersedes=_joined(new.supersedes, (old.id,)))
    changed = [record for record in made.values() if record != known.get(record.id)]
    changed += [new for new, old in zip(closed, gone, strict=True) if new != old]
    given = [record.id for record in before] if append else []
    store.take_in(source, digest, [*given, *ids], changed)
    return Taken(len(fresh), len(known), sum(r.status not in CURRENT for r in closed))


def let_go(source: str, store: RecordStore, now: str) -> int:
    """Close what only a source that is gone has stated; return how many records that were."""
    gone = store.given(source)
    closed = [_closed(r, source, store.givers(r.id), (), now) for r in gone]
    changed = [new for new, old in zip(closed, gone, strict=True) if new != old]
    store.take_in(source, None, (), changed)
    return len(changed)


def unsay(store: RecordStore) -> None:
    """Forget what was mined out of conversations alone, now that they are forgotten.

    What the user confirmed, or another source states as well, stays without them.
    """
    for record in store.all():
        others = tuple(one for one in record.sources if not one.startswith(SPOKEN))
        if len(others) == len(record.sources):
            continue
        if others or record.confirmed:
            store.put(replace(record, sources=others or (str(Origin.USER),)))
        else:
            store.forget(record.id)


def _record(name: str, statement: Statement, workspace: str, now: str, anchor: Anchor) -> Record:
    attribute, stance = told(statement.text)
    return Record(
        id=name,
        kind=statement.kind,
        text=statement.text,
        workspace=workspace,
        sources=(statement.source,),
        learned=now,
        valid_from=statement.date or now,
        subject=statement.subject,
        attribute=statement.attribute or attribute,
        stance=statement.stance or stance,
        globs=statement.globs,
        aliases=statement.aliases,
        anchors=anchor(statement.text),
        status=statement.status,
        confidence=statement.confidence,
        origin=statement.origin,
        confirmed=False,
    )


def _folded(known: Record, statement: Statement) -> Record:
    """Add a source to a record that is known; one that was closed holds again."""
    place = place_of(statement.source)
    others = [s for s in known.sources if place_of(s) != place]
    at = [s for s in known.sources if place_of(s) == place]
    sources = (*known.sources,) if statement.source in at else (*others, statement.source)
    folded = replace(
        known,
        sources=tuple(dict.fromkeys(sources)),
        confidence=max(known.confidence, statement.confidence),
        aliases=_joined(known.aliases, statement.aliases),
    )
    if known.confirmed or known.superseded_by is not None:
        return folded
    return replace(folded, status=statement.status, valid_to=None, reason=None)


def _link(ids: Mapping[str, Statement], made: dict[str, Record]) -> None:
    """Turn the keys that statements name into links between their records, both ways."""
    by_key = {statement.key: one for one, statement in ids.items() if statement.key}
    pairs = [
        (by_key[old], one)
        for one, statement in ids.items()
        for old in statement.supersedes
        if old in by_key
    ]
    pairs += [
        (one, by_key[statement.superseded_by])
        for one, statement in ids.items()
        if statement.superseded_by in by_key
    ]
    for old, new in pairs:
        if old == new or _leads_to(made, new, old):
            continue
        ended = max(made[new].valid_from, made[old].valid_from)
        if made[old].superseded_by is None:
            made[old] = replace(
                made[old], status=Status.SUPERSEDED, superseded_by=new, valid_to=ended
            )
        made[new] = replace(made[new], supersedes=_joined(made[new].supersedes, (old,)))


def _leads_to(made: Mapping[str, Record], start: str, goal: str) -> bool:
    """Tell whether a chain of successors comes to a record: no chain may close to a ring."""
    seen: set[str] = set()
    at: str | None = start
    while at is not None and at in made and at not in seen:
        if at == goal:
            return True
        seen.add(at)
        at = made[at].superseded_by
    return False


def _closed(
    record: Record, source: str, givers: Sequence[str], fresh: Sequence[Record], now: str
) -> Record:
    """End a record that its source states no more; what stands in its place is its successor."""
    if record.confirmed or record.valid_to is not None or set(givers) - {source}:
        return record
    place = place_of(record.source)
    near = [r for r in fresh if place_of(r.source) == place and r.globs == record.globs]
    best = max(near, key=lambda r: _alike(r.text, record.text), default=None)
    successor = best.id if best and _alike(best.text, record.text) >= REWORDED else None
    return replace(
        record,
        status=Status.SUPERSEDED,
        valid_to=max(now, record.valid_from),
        superseded_by=successor,
        reason=None if successor else f"is no longer in {place}",
    )


def _alike(one: str, other: str) -> float:
    """Return the share of words that two texts have in common (Jaccard)."""
    ours, theirs = set(_words(one)), set(_words(other))
    return len(ours & theirs) / max(len(ours | theirs), 1)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def place_of(source: str) -> str:
    """Return a place without its line: "CLAUDE.md:12" → "CLAUDE.md"."""
    head, _, line = source.rpartition(":")
    return head if head and line.split("-")[0].isdigit() else source


def _joined(one: tuple[str, ...], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def said(
    text: str,
    workspace: str,
    now: str,
    origin: Origin,
    known: Record | None,
    blank: Record,
) -> Record:
    """Make the record of something that was said, or fold it into the one that says the same.

    `blank` carries what else was given with it. What a model says is unconfirmed, and takes
    nothing from what the user confirmed.
    """
    source = str(origin)
    if known is None:
        return replace(
            blank,
            text=text,
            workspace=workspace,
            sources=(source,),
            learned=now,
            origin=origin,
            confirmed=origin is Origin.USER,
        )
    sources = _joined(known.sources, (source,))
    if origin is not Origin.USER:
        return replace(known, sources=sources)
    return replace(
        known,
        kind=blank.kind,
        sources=sources,
        aliases=_joined(known.aliases, blank.aliases),
        related=_joined(known.related, blank.related),
        subject=blank.subject or known.subject,
        attribute=blank.attribute or known.attribute,
        stance=blank.stance or known.stance,
        pinned=known.pinned or blank.pinned,
        status=blank.status,
        confidence=1.0,
        confirmed=True,
        valid_from=blank.valid_from if known.valid_to is not None else known.valid_from,
        valid_to=None,
        superseded_by=None,
        reason=None,
    )
