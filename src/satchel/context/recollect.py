"""The records' part of a walk: which are within reach of a request, which it contradicts, which
apply. Reads the record stores; the choice itself is pure (`conflict`, `applies`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Final

from satchel.context import handles
from satchel.context.applies import LEAST, NEAREST_FILES, TOGETHER, choose, heeded, judge, pinned
from satchel.context.catalog import Row
from satchel.context.conflict import held_against, quoted_from
from satchel.context.english import content
from satchel.context.globs import covers
from satchel.context.ground import Known, Paper, Wanted
from satchel.context.manner import SPEAKING, is_of_every_answer
from satchel.context.page import place_of
from satchel.context.reach import Reach, Terms, holding, nearness, slips, weigh
from satchel.context.settle import completed, mask_record, masked, settled
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.topic import asking, is_general
from satchel.context.types import CURRENT, ChosenRecord, Conflict, Origin, Record, Status
from satchel.context.validity import opposes

NEAREST: Final = 30  # records that are looked at by words, and again by nearness
SCOPED: Final = 30  # … whose globs cover a file
READ_ALL: Final = 40  # records that are all read for what they take and rule out; of more,
READ: Final = 10  # … so many of each list
PINNED: Final = 20
MOST_CONFLICTS: Final = 5
MOST_MANNERS: Final = 3  # of what was said of how to answer
MOSTLY: Final = 0.6  # of the files, from which a scope says nothing of a request
SAMPLED: Final = 300
FEW_FILES: Final = 20  # files of a workspace in which any scope may cover most
MOST_SHARES: Final = 1_000
COVERED: Final = 0.7  # of a question, by rarity, that a passage has which speaks for its decision
SURE: Final = 0.75  # confidence from which a commit message is held against a request


@dataclass(frozen=True, slots=True)
class Recollection:
    """What was chosen, what is contradicted, and what was left out with the reason."""

    chosen: tuple[ChosenRecord, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    left_out: tuple[str, ...] = ()


def recollect(
    reach: Reach,
    index: IndexStore,
    stores: Sequence[RecordStore],
    most: int,
    least: float = LEAST,
) -> Recollection:
    """Find what applies to a request among the records of a workspace and those held everywhere."""
    if not (stores := holding(stores)):
        return Recollection()
    terms = weigh(reach.query, index, stores)
    wanted = _wanted(reach, terms)
    found = _found(reach, terms, wanted, index, stores)
    records = settled(found.records, index, stores, reach.at, reach.now)
    known = [
        Known(
            record,
            index.term_set(_text_of(record)),
            found.cosines.get(name),
            name in found.front,
            found.told.get(_document(record)),
        )
        for name, record in records.items()
    ]
    wide = _wide(index, {entry.record.globs for entry in known if entry.record.globs})
    alone = sum(store.size() for store in stores) if reach.alone else 0
    wanted = replace(wanted, wide=wide, alone=alone, proposes=reach.proposes)
    opposed = dict(_opposed(reach, [entry for entry in known if entry.is_read]))
    opposed = heeded(opposed, known, wanted)
    chosen, left = choose(judge(known, wanted, opposed), most, least)
    conflicts = tuple(
        _conflict(reach, records[name], reason)
        for name, reason in list(opposed.items())[:MOST_CONFLICTS]
    )
    return Recollection(completed(chosen, records, stores, most), conflicts, tuple(left))


@dataclass(frozen=True, slots=True)
class _Found:
    """The records within reach by id, how near those are that have a vector, those at the front of
    the lists, and what documents say that hold a decision, by path."""

    records: Mapping[str, Record]
    cosines: Mapping[str, float]
    front: frozenset[str]
    told: Mapping[str, Paper]


def _found(
    reach: Reach, terms: Terms, wanted: Wanted, index: IndexStore, stores: Sequence[RecordStore]
) -> _Found:
    """Read what a request may be about, by every way there is."""
    reached = [list(_listed(reach, terms, store)) for store in stores]
    vector = reach.vector()  # what needs none is read first
    lists: list[Sequence[Record]] = []
    cosines: dict[str, float] = {}
    for store, listed in zip(stores, reached, strict=True):
        near = [] if vector is None else store.nearest(vector, NEAREST)
        cosines |= {record.id: cosine for record, cosine in near}
        lists += [*listed, [record for record, _ in near]]
    decided = [store.decided(reach.papers) for store in stores] if reach.papers else []
    told = _told(reach, wanted, index, map(_document, chain(*lists, *decided)))
    lists += [[record for record in listed if _document(record) in told] for listed in decided]
    records = {record.id: record for listed in lists for record in listed}
    if vector is not None:
        for store in stores:
            cosines |= nearness(store, records.keys() - cosines.keys(), vector)
    # To read a text for what it takes and rules out takes a while: the front of each list is.
    most = READ if len(records) > READ_ALL else None
    front = frozenset(record.id for listed in lists for record in listed[:most])
    return _Found(records, cosines, front, told)


def with_pinned(
    recollection: Recollection, index: IndexStore, stores: Sequence[RecordStore], now: str = ""
) -> Recollection:
    """Add the pinned records to what a packet already holds."""
    found = {record.id: record for store in stores for record in store.pinned(PINNED)}
    records = settled(found, index, stores, None, now).values()
    more = pinned([Known(record, frozenset()) for record in records], recollection.chosen)
    return replace(recollection, chosen=(*recollection.chosen, *map(masked, more)))


def with_manner(
    recollection: Recollection, index: IndexStore, stores: Sequence[RecordStore], now: str = ""
) -> Recollection:
    """Add what was said of how to answer to what a packet already holds: it shares no word with a
    request, and bears on each."""

    def read(store: RecordStore) -> list[Record]:
        hits = store.search(index.stem(SPEAKING), NEAREST)
        return [record for record, _ in hits if is_of_every_answer(record)]

    found = {
        record.id: record
        for store in holding(stores)
        for record in store.until_changed("manner", partial(read, store))
    }
    have = {one.record.id for one in recollection.chosen}
    said = [
        record
        for record in settled(found, index, stores, None, now).values()
        if record.status in CURRENT and is_of_every_answer(record) and record.id not in have
    ]
    said.sort(key=lambda record: (record.learned, record.id), reverse=True)
    more = (ChosenRecord(record, "is about every answer", LEAST) for record in said[:MOST_MANNERS])
    return replace(recollection, chosen=(*recollection.chosen, *map(masked, more)))


def _wanted(reach: Reach, terms: Terms) -> Wanted:
    return Wanted(
        reach.asked,
        handles.words(reach.query.text),
        terms.rarity,
        terms.spelled,
        reach.files,
        terms.unknown,
        is_general=reach.alone and is_general(reach.query.text),
        by_scope=reach.changes,
        verb=asking(reach.query),
        written=reach.query.written,
    )


def _listed(reach: Reach, terms: Terms, store: RecordStore) -> Iterator[list[Record]]:
    """Read the records that a request may be about: by words, by what its options are for, by
    scope, by the files that they name; each list best first."""
    yield [r for r, _ in store.search(slips(terms, store).union(terms.rarity), NEAREST)]
    purposes = {term for t in reach.asked.taken for term in content(t.option.purpose.name)}
    if purposes:
        yield [record for record, _ in store.search(purposes, NEAREST, names_only=True)]
    if reach.files:
        yield store.scoped(reach.files, SCOPED)
        yield store.citing(reach.files[:NEAREST_FILES], SCOPED)


def _told(
    reach: Reach, wanted: Wanted, index: IndexStore, documents: Iterable[str]
) -> dict[str, Paper]:
    """Return those of these documents of which one passage has most of the request: a decision is
    kept in its first sentences, and why something was not chosen stands further down."""
    papers = {path: reach.papers[path] for path in documents if path in reach.papers}
    passages = index.passages(list(papers.values())) if papers else {}
    told = {}
    for path, number in papers.items():
        if (passage := passages.get(number)) is None:
            continue
        shared = index.term_set(passage.text) & wanted.telling
        covered = sum(wanted.rarity[term] for term in shared)
        if len(shared) >= TOGETHER and covered >= COVERED * wanted.total:
            told[path] = Paper(passage.start, shared)
    return told


def _document(record: Record) -> str:
    """Return the path of the document that holds a decision; "" for any other record."""
    return record.source.rpartition(":")[0] if record.origin is Origin.DECISIONS else ""


def _wide(index: IndexStore, scopes: Iterable[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    """Return the globs that cover most of a workspace's files, on a sample of them."""
    catalog, path = index.catalog(), str(index.path)
    shares = {globs: _share(catalog.generation, path, globs, catalog.rows) for globs in scopes}
    return frozenset(globs for globs, share in shares.items() if share > MOSTLY)


def _share(generation: str, path: str, globs: tuple[str, ...], rows: Sequence[Row]) -> float:
    key = (generation, path, globs)
    if key not in _SHARES:
        if len(_SHARES) > MOST_SHARES:
            _SHARES.clear()
        sample = rows[:: max(1, len(rows) // SAMPLED)]
        covered = sum(covers(globs, row.path) for row in sample)
        _SHARES[key] = covered / len(sample) if len(sample) >= FEW_FILES else 0.0
    return _SHARES[key]


_SHARES: dict[tuple[str, str, tuple[str, ...]], float] = {}


def _opposed(reach: Reach, known: Sequence[Known]) -> list[tuple[str, str]]:
    if reach.at is not None or not (reach.asked.clauses or reach.asked.edits):
        return []
    records = [
        entry.record
        for entry in known
        if stands(entry.record) and _is_meant_for(entry.record, reach.files)
    ]
    return [(record.id, reason) for record, reason in held_against(reach.asked, records)]


def _is_meant_for(record: Record, files: Sequence[str]) -> bool:
    """Tell whether a record's scope covers any of the files that a request is about."""
    return not (record.globs and files) or any(covers(record.globs, path) for path in files)


def stands(record: Record) -> bool:
    """Tell whether a record is held against requests and other records: what a manifest says of the
    present forbids no change, a commit that drops a version or takes another one back does not
    rule for good, and what a model proposed is nobody's decision yet."""
    if not opposes(record):
        return False
    if record.confirmed:
        return True
    if record.origin is Origin.HISTORY:
        return record.confidence >= SURE or _PASSING.search(record.text) is None
    return record.origin not in {Origin.AGENT, Origin.MANIFESTS}


_PASSING: Final = re.compile(
    r"\b(?:support\w*|deprecat\w*|revert\w*|versions?|minimum|requires?|bump\w*|upgrad\w*)\b"
    r"|\d\.\d",
    re.IGNORECASE,
)


def _conflict(reach: Reach, record: Record, reason: str) -> Conflict:
    """Put a record and the request that contradicts it side by side."""
    asked = reach.asked
    statement = quoted_from(asked.edits, record) if asked.edits and not asked.clauses else None
    statement = statement or reach.query.text.strip()
    statement = statement or "the pending edit of " + ", ".join(reach.files[:3])
    record = mask_record(record)
    return Conflict(
        (record.id, "request"),
        (record.text, statement),
        (record.valid_from, reach.now),
        (_told_source(record), "this request"),
        reason,
    )


def _told_source(record: Record) -> str:
    """Name a record's source and id, so that it can be opened and settled."""
    stands = "" if record.status is Status.ACTIVE else f", {record.status}"
    return f"{place_of(record)}, record {record.id}{stands}"


def _text_of(record: Record) -> str:
    names = [name for name in (record.subject, record.attribute, *record.aliases) if name]
    return " ".join([record.text, *names])
