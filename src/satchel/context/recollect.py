"""The records' part of a walk: which are within reach of a request, which it contradicts, which
apply. Reads the record stores; the choice itself is pure (`conflict`, `applies`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.context import handles
from satchel.context.ahead import (
    NEAREST,
    Terms,
    ahead,
    nearness,
    slips,
    weigh,
)
from satchel.context.anchors import standing
from satchel.context.applies import (
    LEAST,
    TOGETHER,
    Known,
    Paper,
    Wanted,
    choose,
    heeded,
    judge,
    pinned,
    with_related,
)
from satchel.context.catalog import Row
from satchel.context.conflict import Asked, held_against
from satchel.context.english import content
from satchel.context.globs import covers
from satchel.context.ingest.mask import mask
from satchel.context.page import place_of
from satchel.context.remember import held, when
from satchel.context.remind import (
    Found,
    Question,
    order,
    read,
    speakers,
    spot,
)
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import ChosenRecord, Conflict, Origin, Record, Status
from satchel.context.understand import Query

SCOPED: Final = 30  # … whose globs cover a file
READ_ALL: Final = 40  # records that are all read for what they take and rule out; of more,
READ: Final = 10  # … so many of each list
PINNED: Final = 20
ASKED: Final = 60  # records that a question is held against, by words and again by nearness
BESIDE: Final = 15  # … of each whose neighbours in the conversation are looked at
MOST_CONFLICTS: Final = 5
MOSTLY: Final = 0.6  # of the files, from which a scope says nothing of a request
SAMPLED: Final = 300
FEW_FILES: Final = 20  # files of a workspace in which any scope may cover most
MOST_SHARES: Final = 1_000
COVERED: Final = 0.7  # of a question, by rarity, that a passage has which speaks for its decision
SURE: Final = 0.75  # confidence from which a commit message is held against a request


@dataclass(frozen=True, slots=True)
class Reach:
    """What a request reaches: its words, its files, its options, its vector where there is one."""

    query: Query
    asked: Asked
    files: tuple[str, ...] = ()
    vector: NDArray[np.float32] | None = None
    at: str | None = None  # a moment of the past, ISO 8601: what held then is asked for
    now: str = ""  # the moment of asking, ISO 8601
    alone: bool = False  # no file answers it, in a workspace that has some
    proposes: bool = True  # whether it is a proposal by its form
    papers: Mapping[str, int] = field(default_factory=dict)  # documents, each with its best passage


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
    before = ahead(reach.query, index, stores, reach.vector)
    wanted = _wanted(reach, before.terms)
    of_stores = zip(stores, before.by_words, before.near, strict=True)
    lists = [listed for one in of_stores for listed in _near(reach, *one)]
    told = _told(reach, wanted, index)
    lists += [_of(told, store) for store in stores if told]
    found = {record.id: record for listed in lists for record in listed}
    # To read a text for what it takes and rules out takes a while: the front of each list is.
    front = {r.id for listed in lists for r in listed[: READ if len(found) > READ_ALL else None]}
    cosines = dict(before.cosines)
    if reach.vector is not None:
        for store in stores:
            cosines |= nearness(store, found.keys() - cosines.keys(), reach.vector)
    for store in stores:  # what took the place of the others must be at hand as well
        found |= {record.id: record for record in _successors(found, store)}
    if reach.at is None:
        found = {name: standing(record, index) for name, record in found.items()}
    else:
        found = {name: _then(record, reach.at) for name, record in found.items()}
    known = [
        Known(
            record,
            stores[0].terms(_text_of(record)),
            cosines.get(name),
            name in front,
            told.get(_document(record)),
        )
        for name, record in found.items()
    ]
    scopes = {entry.record.globs for entry in known if entry.record.globs}
    wide = frozenset(globs for globs in scopes if _covered(index, globs) > MOSTLY)
    alone = sum(store.size() for store in stores) if reach.alone else 0
    wanted = replace(wanted, wide=wide, alone=alone, proposes=reach.proposes)
    opposed = dict(_opposed(reach, [entry for entry in known if entry.is_read]))
    opposed = heeded(opposed, known, wanted)
    chosen, left = choose(judge(known, wanted, opposed), most, least)
    by_id = {**found, **{r.id: r for store in stores for r in store.some(_related(chosen))}}
    chosen = with_related(chosen, by_id, most)
    conflicts = tuple(
        _conflict(reach, found[name], reason)
        for name, reason in list(opposed.items())[:MOST_CONFLICTS]
    )
    return Recollection(tuple(map(_masked, chosen)), conflicts, tuple(left))


def remind(
    reach: Reach,
    index: IndexStore,
    stores: Sequence[RecordStore],
    most: int,
    now: str | None = None,
) -> Recollection:
    """Find what a question is about, best first, whether or not it would be in a briefing.

    `now` is the moment of asking, ISO 8601: what was not yet said then is left out.
    """
    terms = weigh(reach.query, index, stores)
    asked = datetime.fromisoformat(now) if now else None
    found: dict[str, Found] = {}
    question = read(reach.query.text, asked)
    for store in stores:
        found |= _found(reach, terms, question, index, store)
    known = {name: one.record for name, one in found.items()}
    for store in stores:
        known |= {record.id: record for record in _successors(known, store)}
    known = {
        name: _then(record, reach.at) if reach.at else standing(record, index)
        for name, record in known.items()
        if asked is None or not _is_later(record, asked)
    }
    near = [replace(one, record=known[name]) for name, one in found.items() if name in known]
    ranked = order(near, question, lambda ids: _alike(ids, stores))
    others = [r for name, r in known.items() if name not in found]
    chosen, left = choose([*ranked, *(ChosenRecord(r, "", -1.0) for r in others)], most, 0.0)
    by_id = {**known, **{r.id: r for store in stores for r in store.some(_related(chosen))}}
    return Recollection(tuple(map(_masked, with_related(chosen, by_id, most))), (), tuple(left))


def _found(
    reach: Reach, terms: Terms, question: Question, index: IndexStore, store: RecordStore
) -> dict[str, Found]:
    """Read what a question may be about: by words, by nearness, and what was said beside those."""
    said = slips(terms, store).union(terms.rarity)
    hits = store.search(said, ASKED)
    near = [] if reach.vector is None else store.nearest(reach.vector, ASKED)
    cosines = {record.id: cosine for record, cosine in near}
    who = speakers([record for record, _ in (*hits, *near)], question)
    if who and (rest := said.difference(index.term_set(" ".join(who)))):
        hits = store.search(rest, ASKED)  # who is addressed is seldom who speaks
    found = {record.id: Found(record, score) for record, score in hits}
    for record, _ in near:
        found.setdefault(record.id, Found(record))
    spoken = [name for name, one in found.items() if spot(one.record) is not None]
    best = {*spoken[:BESIDE], *sorted(spoken, key=lambda name: -cosines.get(name, 0.0))[:BESIDE]}
    for record in store.beside(best):
        found.setdefault(record.id, Found(record))
    if reach.vector is not None:
        cosines |= nearness(store, found.keys() - cosines.keys(), reach.vector)
    return {name: replace(one, cosine=cosines.get(name)) for name, one in found.items()}


def _alike(ids: Sequence[str], stores: Sequence[RecordStore]) -> dict[tuple[str, str], float]:
    """Return how near each of these records is to each other, where both have a vector."""
    vectors = {name: v for store in stores for name, v in store.vectors(ids).items()}
    if not vectors:
        return {}
    rows = np.stack(list(vectors.values()))
    pairs = zip(product(vectors, repeat=2), (rows @ rows.T).ravel().tolist(), strict=True)
    return {(a, b): cosine for (a, b), cosine in pairs if a != b}


def _is_later(record: Record, asked: datetime) -> bool:
    since = when(record.valid_from)
    return since is not None and since > asked


def with_pinned(
    recollection: Recollection, index: IndexStore, stores: Sequence[RecordStore]
) -> Recollection:
    """Add the pinned records to what a packet already holds."""
    records = [standing(r, index) for store in stores for r in store.pinned(PINNED)]
    more = pinned([Known(record, frozenset()) for record in records], recollection.chosen)
    return replace(recollection, chosen=(*recollection.chosen, *map(_masked, more)))


def _wanted(reach: Reach, terms: Terms) -> Wanted:
    return Wanted(
        reach.asked,
        handles.words(reach.query.text),
        terms.rarity,
        terms.spelled,
        reach.files,
        terms.unknown,
    )


def _near(
    reach: Reach,
    store: RecordStore,
    by_words: Sequence[Record],
    near: Sequence[Record],
) -> Iterable[Sequence[Record]]:
    """Read the records that a request may be about: by words, by what its options are for, by
    scope, by nearness; each list best first."""
    yield by_words
    purposes = {term for t in reach.asked.taken for term in content(t.option.purpose.name)}
    if purposes:
        yield [record for record, _ in store.search(purposes, NEAREST, names_only=True)]
    if reach.files:
        yield store.scoped(reach.files, SCOPED)
    if near:
        yield near


def _told(reach: Reach, wanted: Wanted, index: IndexStore) -> dict[str, Paper]:
    """Return the documents of which one passage has most of the request: a decision is kept in its
    first sentences, and why something was not chosen stands further down."""
    passages = index.passages(list(reach.papers.values()))
    told = {}
    for path, number in reach.papers.items():
        if (passage := passages.get(number)) is None:
            continue
        shared = index.term_set(passage.text) & wanted.telling
        covered = sum(wanted.rarity[term] for term in shared)
        if len(shared) >= TOGETHER and covered >= COVERED * wanted.total:
            told[path] = Paper(passage.start, shared)
    return told


def _of(told: Mapping[str, Paper], store: RecordStore) -> list[Record]:
    """Read the decisions that these documents hold."""
    return [record for record in store.given(Origin.DECISIONS) if _document(record) in told]


def _document(record: Record) -> str:
    """Return the path of the document that holds a decision; "" for any other record."""
    return record.source.rpartition(":")[0] if record.origin is Origin.DECISIONS else ""


def _successors(found: Mapping[str, Record], store: RecordStore) -> Iterable[Record]:
    """Follow the links from superseded records to what holds now."""
    wanted = {r.superseded_by for r in found.values() if r.superseded_by}
    seen = set(found)
    while more := wanted - seen:
        records = store.some(more)
        yield from records
        seen |= more
        wanted = {r.superseded_by for r in records if r.superseded_by}


def _covered(index: IndexStore, globs: tuple[str, ...]) -> float:
    """Return the share of a workspace's files that globs cover, on a sample of them."""
    catalog = index.catalog()
    return _share(catalog.generation, str(index.path), globs, catalog.rows)


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


def _then(record: Record, at: str) -> Record:
    """Return a record as it stood at a moment: active if it held, closed if not."""
    if held(record, datetime.fromisoformat(at)):
        status = Status.ACTIVE if record.status is Status.SUPERSEDED else record.status
        return replace(record, status=status)
    return replace(record, status=Status.STALE, reason=f"did not hold on {at[:10]}")


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
    statement = reach.query.text.strip() or "the pending edit of " + ", ".join(reach.files[:3])
    record = _mask_record(record)
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


def _related(chosen: Sequence[ChosenRecord]) -> set[str]:
    return {name for one in chosen for name in one.record.related}


def _text_of(record: Record) -> str:
    names = [name for name in (record.subject, record.attribute, *record.aliases) if name]
    return " ".join([record.text, *names])


def _masked(chosen: ChosenRecord) -> ChosenRecord:
    """Mask again what is handed over: the rules may be newer than the record."""
    return replace(
        chosen,
        record=_mask_record(chosen.record),
        before=tuple(map(_mask_record, chosen.before)),
    )


def _mask_record(record: Record) -> Record:
    text, count = mask(record.text)
    return replace(record, text=text) if count else record
