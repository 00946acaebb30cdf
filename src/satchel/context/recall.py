"""The records that a question is about: read by words, by nearness, and beside what was said so.
Whether they would be in a briefing is not asked; their order is `remind`'s."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Final

import numpy as np

from satchel.context.applies import choose, names_of
from satchel.context.reach import Reach, Terms, holding, nearness, slips, weigh
from satchel.context.remind import Found, Question, order, read, speakers, spot
from satchel.context.settle import completed, settled
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import ChosenRecord, Record
from satchel.context.validity import when

MORE: Final = 1.2  # BM25's k1
SHORTER: Final = 0.75  # … its b
USUAL: Final = 20.0  # … and the terms of a usual record
ASKED: Final = 60  # records that a question is held against, by words and again by nearness
BESIDE: Final = 15  # … of each whose neighbours in the conversation are looked at


def remind(
    reach: Reach,
    index: IndexStore,
    stores: Sequence[RecordStore],
    most: int,
    now: str | None = None,
) -> tuple[ChosenRecord, ...]:
    """Find what a question is about, best first.

    `now` is the moment of asking, ISO 8601: what was not yet said then is left out.
    """
    if not (stores := holding(stores)):
        return ()
    terms = weigh(reach.query, index, stores)
    asked = datetime.fromisoformat(now) if now else None
    question = read(reach.query.text, asked)
    found: dict[str, Found] = {}
    for store in stores:
        found |= _found(reach, terms, question, index, store)
    listed = {name: one.record for name, one in found.items()}
    known = settled(listed, index, stores, reach.at, reach.now)
    if asked is not None:
        known = {name: record for name, record in known.items() if not _is_later(record, asked)}
    near = [replace(one, record=known[name]) for name, one in found.items() if name in known]
    ranked = order(near, question, lambda ids: _alike(ids, stores))
    others = [r for name, r in known.items() if name not in found]
    chosen, _ = choose([*ranked, *(ChosenRecord(r, "", -1.0) for r in others)], most, 0.0)
    return completed(chosen, known, stores, most)


def _found(
    reach: Reach, terms: Terms, question: Question, index: IndexStore, store: RecordStore
) -> dict[str, Found]:
    """Read what a question may be about: by words, by nearness, and what was said beside those."""
    said = slips(terms, store).union(terms.rarity)
    hits = store.search(said, ASKED)
    vector = reach.vector()
    near = [] if vector is None else store.nearest(vector, ASKED)
    cosines = {record.id: cosine for record, cosine in near}
    who = speakers([record for record, _ in (*hits, *near)], question)
    if who and (rest := said.difference(index.term_set(" ".join(who)))):
        hits = store.search(rest, ASKED)  # who is addressed is seldom who speaks
    found = {record.id: Found(record, _words(record, said, terms, index)) for record, _ in hits}
    for record, _ in near:
        found.setdefault(record.id, Found(record))
    spoken = [name for name, one in found.items() if spot(one.record) is not None]
    best = {*spoken[:BESIDE], *sorted(spoken, key=lambda name: -cosines.get(name, 0.0))[:BESIDE]}
    places = (spot(found[name].record) for name in best)
    conversations = {place.where for place in places if place is not None}
    for record in store.beside(best):
        if (place := spot(record)) is not None and place.where in conversations:
            found.setdefault(record.id, Found(record))
    if vector is not None:
        cosines |= nearness(store, found.keys() - cosines.keys(), vector)
    return {name: replace(one, cosine=cosines.get(name)) for name, one in found.items()}


def _words(record: Record, said: Collection[str], terms: Terms, index: IndexStore) -> float:
    """Score a record's text and names by BM25 (Robertson and Zaragoza 2009) with the rarity that
    terms have here: a store of three records has none of its own, and what holds everywhere would
    come last."""
    counts = Counter(index.terms(" ".join((record.text, *names_of(record)))))
    long = 1 - SHORTER + SHORTER * counts.total() / USUAL
    rarest = max(terms.rarity.values(), default=1.0)  # of a slip of the pen, which stands nowhere
    return sum(
        terms.rarity.get(term, rarest) * counts[term] * (MORE + 1) / (counts[term] + MORE * long)
        for term in counts.keys() & said
    )


def _alike(ids: Sequence[str], stores: Sequence[RecordStore]) -> dict[tuple[str, str], float]:
    """Return how near each of these records is to each other, where both have a vector."""
    vectors = {name: v for store in stores for name, v in store.vectors.of(ids).items()}
    if not vectors:
        return {}
    rows = np.stack(list(vectors.values()))
    pairs = zip(product(vectors, repeat=2), (rows @ rows.T).ravel().tolist(), strict=True)
    return {(a, b): cosine for (a, b), cosine in pairs if a != b}


def _is_later(record: Record, asked: datetime) -> bool:
    since = when(record.valid_from)
    return since is not None and since > asked
