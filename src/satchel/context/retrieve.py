"""The one stage that reads the store: every signal's evidence for a request.

Each signal is a function from the query to hits. A hit names a document, the passage where
there is one, a score that only its own signal can compare, and a few words of why.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from satchel.base.text import one_line
from satchel.base.values import value
from satchel.context import followed, graph, spelled
from satchel.context.catalog import Catalog
from satchel.context.hit import Hit
from satchel.context.route import Plan
from satchel.context.store.counts import FileCounts
from satchel.context.store.history import StoredRevision
from satchel.context.store.index import IndexStore
from satchel.context.store.packets import Followed
from satchel.context.topic import asking
from satchel.context.types import Role, Signal
from satchel.context.understand import Query

VERB: Final = 0.25  # of its weight, what the verb counts by which a request asks
MOST_TERMS: Final = 24
POSTINGS: Final = 12_000  # passages that one search may score: what bounds its time
PASSAGES: Final = 300
FIELDS: Final = (4.0, 1.5, 1.0)  # BM25 weights of symbol, path and body
GENERAL: Final = 3  # words; an overview that is asked for with more is about something
POOL: Final = 160  # documents that are looked at closely
# What a signal's best hit counts for a place among them, where it is not 1.
TELLING: Final = {Signal.PATH: 5.0, Signal.TOGETHER: 0.3, Signal.IMPORT: 0.1}
PAPERS: Final = 10  # documents of prose that may speak for the decision that they hold
REVISIONS: Final = 100
SAID: Final = 16  # terms of a request that are looked for in messages
HALF_FORGOTTEN: Final = 5 * 365 * 86_400  # seconds in which a commit's say falls to 1/e
COMMIT_FILES: Final = 10  # a commit of more files says less about each
SEEDS: Final = 8
YEAR: Final = 365.25 * 86_400  # seconds
OLDEST: Final = 10.0  # years; a file that no kept commit touched counts as that old
NEAR_PASSAGES: Final = 20
NEAR: Final = 0.3  # cosine; unrelated English stays below


Rankings: TypeAlias = Mapping[Signal, Sequence[Hit]]
Asked: TypeAlias = Callable[[], NDArray[np.float32] | None]
"""Returns the request's vector, and waits for it where it is not there yet."""
Followers: TypeAlias = Callable[[str, int], Sequence[Followed]]
"""Searches the requests that edits followed, for at most so many."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The request's stemmed terms: their weight in the request, in how many passages they stand,
    their inverse document frequency in nats (the highest for one that never occurs), and the word
    that each is of. `title` are those of its first line, `prose` those of its sentences, `code`
    those of what is written as code; `unknown` stand nowhere here. `written` are words as the
    request writes them, `verb` is the one by which it asks."""

    weight: Mapping[str, float]
    frequency: Mapping[str, int]
    rarity: Mapping[str, float]
    spelled: Mapping[str, str]
    title: frozenset[str] = frozenset()
    prose: frozenset[str] = frozenset()
    code: frozenset[str] = frozenset()
    written: Mapping[str, str] = field(default_factory=dict)
    verb: str = ""

    @property
    def unknown(self) -> frozenset[str]:
        """The terms that stand nowhere here. An identifier's parts speak for it: as a whole it is
        new in many a request that belongs here."""
        return frozenset(t for t in self.weight.keys() - self.frequency.keys() if "_" not in t)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the store knows about a request.

    `rankings` are the signals' hits; `files` is what is known of each file that has one.
    """

    catalog: Catalog
    rankings: Rankings
    terms: Terms
    files: Mapping[int, FileEvidence] = field(default_factory=dict)
    average_length: float = 1.0  # of a file, in terms

    @property
    def rarity(self) -> Mapping[str, float]:
        """Each term's inverse document frequency here, in nats."""
        return self.terms.rarity

    @property
    def unknown(self) -> frozenset[str]:
        """The terms that stand nowhere here."""
        return self.terms.unknown

    def papers(self) -> dict[str, int]:
        """Return the documents of prose that have the request's words, best first: path to the
        number of the best passage."""
        found: dict[str, int] = {}
        for hit in self.rankings.get(Signal.LEXICAL, ()):
            row = self.catalog.by_id.get(hit.document)
            if row is not None and row.role == Role.PROSE and hit.passage is not None:
                found.setdefault(row.path, hit.passage)
            if len(found) == PAPERS:
                break
        return found

    @property
    def spelled(self) -> Mapping[str, str]:
        """Terms as the request spells them."""
        return self.terms.spelled


def nothing(catalog: Catalog) -> Evidence:
    """Return the evidence of a request for which nothing is looked up."""
    return Evidence(catalog, {}, Terms({}, {}, {}, {}))


@value(frozen=True, slots=True)
class FileEvidence:
    """What is known of one file, whatever is asked: the terms of its own name, its counted terms,
    how many commits touched it, the years since the last one, and how many files import it."""

    name: frozenset[str]
    counts: FileCounts
    touched: int
    age: float
    importers: int


def weigh_terms(query: Query, store: IndexStore) -> Terms:
    """Spell the request's words as the index does, and look up how rare each is here. The verb by
    which it asks tells least of where."""
    weight: dict[str, float] = {}
    spelled: dict[str, str] = {}
    verb = asking(query)
    for word, said in query.words.items():
        given = said * VERB if word == verb else said
        for stem in store.stem(word):
            weight[stem] = max(given, weight.get(stem, 0.0))
            spelled.setdefault(stem, word)
    frequency = store.frequencies(weight)
    passages = store.catalog().passages
    rarity = {t: math.log((passages + 1) / (frequency.get(t, 0) + 0.5)) for t in weight}
    title, prose, code = (
        frozenset(stem for word in words for stem in store.stem(word))
        for words in (query.title, query.prose, query.code)
    )
    return Terms(weight, frequency, rarity, spelled, title, prose, code, query.written, verb)


def retrieve(
    query: Query,
    plan: Plan,
    store: IndexStore,
    asked: Asked | None,
    clock: Callable[[], float] = time.time,
    followers: Followers | None = None,
) -> Evidence:
    """Ask the store for every signal that the plan weighs; `asked` waits for the request's vector,
    `followers` finds what edits followed before."""
    catalog = store.catalog()
    terms = weigh_terms(query, store)
    if query.overview and len(query.plain) <= GENERAL and not query.names:
        return Evidence(catalog, {Signal.PATH: spelled.paths(query, catalog)}, terms)
    now = clock()
    lexical = _search(store, terms, set(terms.weight))
    same = len(terms.title) == len(terms.weight)
    rankings: dict[Signal, Sequence[Hit]] = {
        Signal.LEXICAL: lexical,
        Signal.TITLE: lexical if same else _search(store, terms, set(terms.title)),
        Signal.SYMBOL: [
            *spelled.symbols(query, store),
            *spelled.modules(query, catalog),
            *spelled.messages(query, catalog, store),
        ],
        Signal.PATH: spelled.paths(query, catalog),
        Signal.HISTORY: _history(_revisions(terms, store), catalog, now),
    }
    if followers is not None:
        rankings[Signal.FOLLOWED] = _followed(followers, terms, store, catalog, now)
    if asked is not None and plan.weights.get(Signal.VECTOR):
        rankings[Signal.VECTOR] = _vectors(asked, store)
    seeds = _seeds(rankings)
    rankings |= {
        Signal.TOGETHER: _hits(graph.together(seeds, catalog, store)),
        Signal.IMPORT: _hits(graph.imports(seeds, catalog, store)),
    }
    rankings = _pooled(rankings, catalog)
    found = {hit.document for hits in rankings.values() for hit in hits}
    files = _files(found, catalog, store, now)
    return Evidence(catalog, rankings, terms, files, store.summary().length)


def _hits(steps: Iterable[graph.Step]) -> list[Hit]:
    return [Hit(step.document, None, step.share, step.why) for step in steps]


def _pooled(
    rankings: Mapping[Signal, Sequence[Hit]], catalog: Catalog
) -> dict[Signal, Sequence[Hit]]:
    """Keep the hits of the POOL documents that have most for them, each signal's best hit there as
    a share of its best of all. What the request spells out weighs as much as all else."""
    points: dict[int, float] = {}
    for signal, hits in rankings.items():
        most = max((hit.score for hit in hits), default=0.0) or 1.0
        best: dict[int, float] = {}
        for hit in hits:
            if hit.score > best.get(hit.document, 0.0) and hit.document in catalog.by_id:
                best[hit.document] = hit.score
        weight = TELLING.get(signal, 1.0)
        for document, score in best.items():
            points[document] = points.get(document, 0.0) + weight * score / most
    kept = frozenset(sorted(points, key=lambda d: (-points[d], d))[:POOL])
    return {
        signal: [hit for hit in hits if hit.document in kept] for signal, hits in rankings.items()
    }


def _files(
    documents: Collection[int], catalog: Catalog, store: IndexStore, now: float
) -> dict[int, FileEvidence]:
    """Look up what is known of these files, whatever is asked."""
    known, names = store.summary(), store.names(catalog.by_id[one] for one in documents)
    files = {}
    for document, counts in store.counts_of(documents).items():
        times, last = known.touches.get(catalog.by_id[document].path, (0, 0))
        age = min(max(0.0, now - last) / YEAR, OLDEST)
        importers = known.importers.get(document, 0)
        files[document] = FileEvidence(names[document], counts, times, age, importers)
    return files


def _search(store: IndexStore, terms: Terms, among: set[str]) -> list[Hit]:
    """Search the passages for those of `among` that tell most, within the bound on postings."""
    frequency = terms.frequency
    known = sorted(
        (term for term in among if term in frequency),
        key=lambda term: (-terms.weight[term] * terms.rarity[term], term),
    )
    chosen: list[str] = []
    postings = 0
    for term in known[:MOST_TERMS]:
        if chosen and postings + frequency[term] > POSTINGS:
            continue
        postings += frequency[term]
        chosen.append(term)
    if not chosen:
        return []
    match = " OR ".join(f'"{store.spell(term)}"' for term in chosen)
    return [
        Hit(document, passage, score, "")
        for passage, document, score in store.search(match, PASSAGES, FIELDS)
    ]


def _revisions(terms: Terms, store: IndexStore) -> list[StoredRevision]:
    """Find the commits with similar messages, best first."""
    said = _said(terms, store)
    return store.history.alike(said, REVISIONS) if said else []


def _said(terms: Terms, store: IndexStore) -> str:
    """Spell a search for the terms that tell most."""
    said = sorted(terms.weight, key=lambda t: (-terms.weight[t] * terms.rarity[t], t))[:SAID]
    return " OR ".join(f'"{store.spell(t)}"' for t in said)


def _followed(
    followers: Followers, terms: Terms, store: IndexStore, catalog: Catalog, now: float
) -> list[Hit]:
    """Find the files that were edited after requests like this one, of those that are still
    there."""
    said = _said(terms, store)
    requests = followers(said, followed.REQUESTS) if said else ()
    weight = {t: terms.weight[t] * terms.rarity[t] for t in terms.weight}
    return [
        Hit(catalog.by_path[path].id, None, score, why)
        for path, score, why in followed.evidence(
            requests, weight, store.term_set, now, HALF_FORGOTTEN
        )
        if path in catalog.by_path
    ]


def _history(revisions: Sequence[StoredRevision], catalog: Catalog, now: float) -> list[Hit]:
    """Find the files that these commits touched."""
    best = max((revision.score for revision in revisions), default=0.0)
    hits = []
    for revision in revisions:
        touched = [catalog.by_path[p].id for p in revision.paths if p in catalog.by_path]
        if not touched or len(revision.paths) > COMMIT_FILES * 3 or best <= 0:
            continue
        age = max(0.0, now - revision.time)
        score = (revision.score / best) ** 2 * math.exp(-age / HALF_FORGOTTEN)
        why = f'changed in {revision.sha[:8]} "{one_line(revision.subject, 64)}"'
        hits += [Hit(document, None, score / math.sqrt(len(touched)), why) for document in touched]
    return hits


def _vectors(asked: Asked, store: IndexStore) -> list[Hit]:
    """Find the prose that is near in meaning."""
    table = store.vectors.table()
    vector = asked() if table.passages else None
    if vector is None:
        return []
    scores = table.matrix @ vector
    best = np.argsort(-scores, kind="stable")[:NEAR_PASSAGES]
    return [
        Hit(table.documents[i], table.passages[i], float(scores[i]), "is near in meaning")
        for i in best.tolist()
        if scores[i] > NEAR
    ]


def _seeds(rankings: Rankings) -> list[int]:
    """Return the documents that lexical and symbol evidence put first: where walks start."""
    scores: dict[int, float] = {}
    for signal in (Signal.LEXICAL, Signal.SYMBOL, Signal.PATH):
        hits = rankings[signal]
        most = max((hit.score for hit in hits), default=0.0) or 1.0
        seen: dict[int, float] = {}
        for hit in hits:
            seen[hit.document] = max(seen.get(hit.document, 0.0), hit.score / most)
        for document, score in seen.items():
            scores[document] = scores.get(document, 0.0) + score
    return sorted(scores, key=lambda d: (-scores[d], d))[:SEEDS]
