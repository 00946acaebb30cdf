"""What a request reaches: what it is about, how much each of its terms tells, and how near records
are to it. What is reached among the records is read by `recollect` for a briefing, and by `recall`
for a question."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from satchel.context import handles
from satchel.context.conflict import Asked
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.understand import Query


@dataclass(frozen=True, slots=True)
class Reach:
    """What a request reaches: its words, its files, its options, its vector where there is one,
    which another process may still be making: who asks for it waits."""

    query: Query
    asked: Asked
    files: tuple[str, ...] = ()
    vector: Callable[[], NDArray[np.float32] | None] = lambda: None
    at: str | None = None  # a moment of the past, ISO 8601: what held then is asked for
    now: str = ""  # the moment of asking, ISO 8601
    alone: bool = False  # no file answers it, in a workspace that has some
    proposes: bool = True  # whether it is a proposal by its form
    changes: bool = True  # whether it may change a file
    papers: Mapping[str, int] = field(default_factory=dict)  # documents, each with its best passage


@dataclass(frozen=True, slots=True)
class Terms:
    """A request's terms: how it spells each, how rare each is in passages and records together
    (inverse document frequency), and those that stand nowhere."""

    spelled: Mapping[str, str]
    rarity: Mapping[str, float]
    unknown: frozenset[str]


def holding(stores: Sequence[RecordStore]) -> list[RecordStore]:
    """Return the stores that hold any record: most users keep none for everywhere."""
    return [store for store in stores if store.size()]


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


def nearness(
    store: RecordStore, ids: Collection[str], asked: NDArray[np.float32]
) -> dict[str, float]:
    """Return how near each of these records is to a request, of those that have a vector."""
    return {name: float(vector @ asked) for name, vector in store.vectors.of(ids).items()}
