"""What a request reaches among the records by its own words and by what it means, whatever files
answer it. To read this in a thread, beside the search for those, took longer: what Python does of
it holds up the other, 1.5 ms with 10,000 records."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.context import handles
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import Record
from satchel.context.understand import Query

NEAREST: Final = 30  # records that are looked at by words, and again by nearness


@dataclass(frozen=True, slots=True)
class Terms:
    """A request's terms: how it spells each, how rare each is in passages and records together
    (inverse document frequency), and those that stand nowhere."""

    spelled: Mapping[str, str]
    rarity: Mapping[str, float]
    unknown: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A request's terms, and of each store the records that it reaches by words and by nearness,
    best first; how near each of them is, where both have a vector."""

    terms: Terms
    by_words: Sequence[Sequence[Record]]
    near: Sequence[Sequence[Record]]
    cosines: Mapping[str, float]


def ahead(
    query: Query,
    index: IndexStore,
    stores: Sequence[RecordStore],
    vector: NDArray[np.float32] | None,
) -> Ahead:
    """Read what a request reaches, by nearness where it has a vector."""
    terms = weigh(query, index, stores)
    by_words = [
        [record for record, _ in store.search(slips(terms, store).union(terms.rarity), NEAREST)]
        for store in stores
    ]
    if vector is None:
        return Ahead(terms, by_words, [()] * len(by_words), {})
    nearest = [store.nearest(vector, NEAREST) for store in stores]
    cosines = {record.id: cosine for near in nearest for record, cosine in near}
    for store, listed in zip(stores, by_words, strict=True):
        cosines |= nearness(store, {record.id for record in listed} - cosines.keys(), vector)
    return Ahead(terms, by_words, [[record for record, _ in near] for near in nearest], cosines)


def nearness(
    store: RecordStore, ids: Collection[str], asked: NDArray[np.float32]
) -> dict[str, float]:
    """Return how near each of these records is to a request, of those that have a vector."""
    return {name: float(vector @ asked) for name, vector in store.vectors(ids).items()}


def weigh(query: Query, index: IndexStore, stores: Sequence[RecordStore]) -> Terms:
    """Weigh a request's terms."""
    spelled: dict[str, str] = {}
    for word in query.words:
        for term in index.stem(word):
            spelled.setdefault(term, word)
    passages = index.frequencies(spelled)
    total = index.catalog().passages
    frequency = {term: passages.get(term, 0) for term in spelled}
    for store in stores:
        total += store.size()
        for term, count in store.frequencies(spelled).items():
            frequency[term] += count
    rarity = {term: math.log((total + 1) / (frequency[term] + 0.5)) for term in spelled}
    unknown = frozenset(term for term, count in frequency.items() if not count)
    return Terms(spelled, rarity, unknown)


def slips(terms: Terms, store: RecordStore) -> set[str]:
    """Return the terms of records of which one that stands nowhere is a slip of the pen."""
    return {near for term in terms.unknown for near in _meant(term, store)}


def _meant(term: str, store: RecordStore) -> Iterable[str]:
    if len(term) >= handles.DOUBLED:
        yield from (near for near in store.beginning(term[:2]) if handles.slipped(near, term))
