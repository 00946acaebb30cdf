"""Records between being found and being handed over: what took the place of those that were
superseded is added, each stands as it does at the moment that is asked for, and what is chosen
comes with what it is about, masked anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from satchel.context.anchors import standing
from satchel.context.applies import with_related
from satchel.context.ingest.mask import mask
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import ChosenRecord, Record, Status
from satchel.context.validity import held, present


def settled(
    found: Mapping[str, Record],
    index: IndexStore,
    stores: Sequence[RecordStore],
    at: str | None,
    now: str = "",
) -> dict[str, Record]:
    """Return what was found, by id, with what took its place, each as it stands `now`, or stood
    `at` a moment of the past (ISO 8601)."""
    known = dict(found)
    for store in stores:
        known |= {record.id: record for record in _successors(known, store)}
    if at is None:
        return {
            name: standing(present(record, now, known.get), index) for name, record in known.items()
        }
    return {name: _then(record, at) for name, record in known.items()}


def completed(
    chosen: Sequence[ChosenRecord],
    known: Mapping[str, Record],
    stores: Sequence[RecordStore],
    most: int,
) -> tuple[ChosenRecord, ...]:
    """Return what was chosen with the records that it is about, `most` of them, masked."""
    related = {name for one in chosen for name in one.record.related}
    by_id = {**known, **{r.id: r for store in stores for r in store.some(related)}}
    return tuple(map(masked, with_related(chosen, by_id, most)))


def masked(chosen: ChosenRecord) -> ChosenRecord:
    """Mask again what is handed over: the rules may be newer than the record."""
    return replace(
        chosen, record=mask_record(chosen.record), before=tuple(map(mask_record, chosen.before))
    )


def mask_record(record: Record) -> Record:
    """Mask what a record says."""
    text, count = mask(record.text)
    return replace(record, text=text) if count else record


def _successors(found: Mapping[str, Record], store: RecordStore) -> Iterable[Record]:
    """Follow the links from superseded records to what holds now."""
    wanted = {r.superseded_by for r in found.values() if r.superseded_by}
    seen = set(found)
    while more := wanted - seen:
        records = store.some(more)
        yield from records
        seen |= more
        wanted = {r.superseded_by for r in records if r.superseded_by}


def _then(record: Record, at: str) -> Record:
    """Return a record as it stood at a moment: active if it held, closed if not."""
    if held(record, datetime.fromisoformat(at)):
        status = Status.ACTIVE if record.status is Status.SUPERSEDED else record.status
        return replace(record, status=status)
    return replace(record, status=Status.STALE, reason=f"did not hold on {at[:10]}")
