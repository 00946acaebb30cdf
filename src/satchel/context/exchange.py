"""What becomes of records that come from a file. Pure; `bundle` reads and writes the file.

A file that this Satchel sealed, or that the user trusts, comes back as it went out. Any other is a
stranger's: what it says is kept as something to confirm, never as the user's own word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from satchel.context.bundle import Bundle
from satchel.context.mine.keep import place_of, record_id
from satchel.context.remember import BY_AGENT
from satchel.context.types import CURRENT, EVERYWHERE, SAID, Origin, Record, Status

FROM_AFAR: Final = "imported: "  # before a source that a stranger's file names
_OF_FILES: Final = frozenset({Origin.DECISIONS, Origin.RULES, Origin.MANIFESTS, Origin.HISTORY})

Here: TypeAlias = Callable[[AbstractSet[str]], int]
"""How many of these files, and of these commits ("commit 1a2b3c4d"), a workspace knows."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file, in numbers of records."""

    added: int
    changed: int  # known, and given a source, a name or a link more
    unchanged: int
    masked: int  # secrets
    trusted: bool
    elsewhere: int = 0  # left out: read out of another folder's files
    ids: tuple[str, ...] = ()  # of what is new: forgetting them takes the import back


def of_this_folder(bundle: Bundle, workspace: str, here: Here) -> tuple[Bundle, int]:
    """Leave out what was read out of the files and the history of another folder, and nobody stood
    by: it says nothing of this one. Return the rest, with how many those were.

    A folder of which most of the files and commits are `here` is this one, wherever it lay.
    """
    mined = {record.id for record in bundle.records if _is_read(record)}
    places = {place_of(s) for r in bundle.records if r.id in mined for s in r.sources}
    if bundle.workspace == workspace or 2 * here(places) > len(places):
        return bundle, 0
    kept = tuple(record for record in bundle.records if record.id not in mined)
    return replace(bundle, records=kept), len(bundle.records) - len(kept)


def _is_read(record: Record) -> bool:
    """Tell whether a record is but what a miner read in files or commits."""
    said = record.confirmed or record.pinned or not SAID.isdisjoint(record.sources)
    return record.origin in _OF_FILES and not said


def placed(bundle: Bundle, workspace: str, now: str, trusted: bool) -> list[Record]:
    """Set a file's records into a workspace: theirs become its own, those that hold everywhere
    stay so where the file is trusted."""
    moved = not trusted or bundle.workspace != workspace
    ids: dict[str, str] = {}
    made: list[Record] = []
    for record in bundle.records:
        where = EVERYWHERE if trusted and record.workspace == EVERYWHERE else workspace
        name = record_id(where, record.globs, record.text) if moved else record.id
        ids[record.id] = name
        made.append(replace(record, id=name, workspace=where))
    linked = [_linked(record, ids, keep=trusted) for record in made] if moved else made
    settled = linked if trusted else [_strange(record, now) for record in linked]
    return list({record.id: record for record in reversed(settled)}.values())[::-1]


def merged(
    coming: Sequence[Record], known: Mapping[str, Record], trusted: bool
) -> tuple[list[Record], Imported]:
    """Decide what to put: what is new, and what a trusted file adds to what is known.

    What stands here stays as it stands: a stranger's file changes none of it, and a trusted one
    adds sources, names and links, or the user's confirmation.
    """
    put: list[Record] = []
    new_ids: list[str] = []
    changed = 0
    fresh = {record.id for record in coming} - known.keys()
    own = {record.id for record in known.values() if record.confirmed}
    for record in coming:
        old = known.get(record.id)
        if old is None:
            put.append(record if trusted else _apart(record, own))
            new_ids.append(record.id)
        elif trusted and (new := _joined(old, record, fresh)) != old:
            put.append(new)
            changed += 1
    added = len(new_ids)
    unchanged = len(coming) - added - changed
    return put, Imported(added, changed, unchanged, 0, trusted, ids=tuple(new_ids))


def _apart(record: Record, own: set[str]) -> Record:
    """Untie a stranger's record from those that the user confirmed: to confirm the one is not to
    end the other."""
    return replace(
        record,
        supersedes=tuple(one for one in record.supersedes if one not in own),
        related=tuple(one for one in record.related if one not in own),
        superseded_by=None if record.superseded_by in own else record.superseded_by,
    )


def _joined(old: Record, new: Record, fresh: set[str]) -> Record:
    base = new if new.confirmed and not old.confirmed else old
    other = old if base is new else new
    joined = replace(
        base,
        sources=_both(base.sources, other.sources),
        aliases=_both(base.aliases, other.aliases),
        supersedes=_both(base.supersedes, [one for one in other.supersedes if one in fresh]),
    )
    if base is old and old.superseded_by is None and new.superseded_by in fresh:
        # Its successor comes back with this file.
        return replace(
            joined,
            superseded_by=new.superseded_by,
            status=new.status,
            valid_to=new.valid_to,
            reason=new.reason,
        )
    return joined


def _strange(record: Record, now: str) -> Record:
    """Keep what a stranger's file says as something that waits to be confirmed."""
    return replace(
        record,
        sources=tuple(
            dict.fromkeys(FROM_AFAR + one.removeprefix(FROM_AFAR) for one in record.sources)
        ),
        learned=now,
        pinned=False,
        confirmed=False,
        origin=Origin.AGENT if record.origin is Origin.USER else record.origin,
        confidence=min(record.confidence, BY_AGENT),
        status=Status.UNCONFIRMED if record.status in CURRENT else record.status,
    )


def _linked(record: Record, ids: Mapping[str, str], keep: bool) -> Record:
    """Let links follow the ids; those that lead out of the file are kept, or dropped."""

    def follow(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(ids.get(one, one) for one in names if keep or one in ids)

    after = follow([record.superseded_by] if record.superseded_by else [])
    return replace(
        record,
        supersedes=follow(record.supersedes),
        related=follow(record.related),
        superseded_by=after[0] if after else None,
    )


def _both(one: tuple[str, ...], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))
