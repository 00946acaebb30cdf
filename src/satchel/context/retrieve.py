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
from satchel.context import followed, graph
from satchel.context.catalog import Catalog, by_folder, by_module, by_path_tail
from satchel.context.lead import called
from satchel.context.route import Plan
from satchel.context.said import says
from satchel.context.store.counts import FileCounts
from satchel.context.store.history import StoredRevision
from satchel.context.store.index import IndexStore
from satchel.context.store.packets import Followed
from satchel.context.terms import expand, looks_like_code
from satchel.context.topic import asking
from satchel.context.types import Role, Signal
from satchel.context.understand import Query

VERB: Final = 0.25  # of its weight, what the verb counts by which a request asks
MOST_TERMS: Final = 24
POSTINGS: Final = 12_000  # passages that one search may score: what bounds its time
PASSAGES: Final = 300
FIELDS: Final = (4.0, 1.5, 1.0)  # BM25 weights of symbol, path and body
DEFINERS: Final = 20  # a name with more definers than this points nowhere
USED: Final = 0.2  # what a name that nothing defines gives the files that have it
PROPER: Final = 0.5  # what a class gives that the request spells as it is, with its capital
PLAIN_WORD: Final = 0.1  # what a word that merely is also a definition's name gives
GENERAL: Final = 3  # words; an overview that is asked for with more is about something
INSIDE: Final = 0.4  # what a folder that the request names gives each file in it
MODULE: Final = 0.3  # what it gives a file to be called like a word of the request
MODULES: Final = 2
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


@value(frozen=True, slots=True)
class Hit:
    """One piece of evidence. `why` completes "it …" for a reader."""

    document: int
    passage: int | None
    score: float
    why: str


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
        return Evidence(catalog, {Signal.PATH: _paths(query, catalog)}, terms)
    now = clock()
    lexical = _search(store, terms, set(terms.weight))
    same = len(terms.title) == len(terms.weight)
    rankings: dict[Signal, Sequence[Hit]] = {
        Signal.LEXICAL: lexical,
        Signal.TITLE: lexical if same else _search(store, terms, set(terms.title)),
        Signal.SYMBOL: [
            *_symbols(query, store),
            *_modules(query, catalog),
            *_messages(query, catalog, store),
        ],
        Signal.PATH: _paths(query, catalog),
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


def _symbols(query: Query, store: IndexStore) -> list[Hit]:
    """Find the definitions of names that the request spells: the fewer definers, the more."""
    hits: list[Hit] = []
    for name in query.names:
        qualifier, _, last = name.rpartition(".")
        definitions = store.defining(last, DEFINERS + 1)
        if qualifier:
            owner = qualifier.rpartition(".")[2].lower()
            exact = [d for d in definitions if owner in d.symbol.lower().split(".")[:-1]]
            definitions = exact or definitions
        definitions = [d for d in definitions if d.name == last] or definitions
        if not definitions and looks_like_code(last):
            hits += _uses(last, store)
        if 0 < len(definitions) <= DEFINERS:
            # A word that is no identifier by its shape is most often just a word.
            share = (1.0 if qualifier or looks_like_code(last) else 0.5) / len(definitions)
            hits += [
                Hit(d.document, d.passage, share, f"defines `{d.symbol}`") for d in definitions
            ]
    asked = asking(query)
    for word in query.plain:
        if word.lower() == asked:
            continue
        definitions = store.defining(word, DEFINERS + 1)
        exact = [d for d in definitions if d.symbol.rpartition(".")[2] == word]
        given, meant = (
            (PROPER, exact) if exact and word in query.proper else (PLAIN_WORD, definitions)
        )
        if 0 < len(definitions) <= DEFINERS:
            hits += [
                Hit(d.document, d.passage, given / len(meant), f"defines `{d.symbol}`")
                for d in meant
            ]
    return hits


def _uses(name: str, store: IndexStore) -> list[Hit]:
    """Find the files that use a name which none defines, such as an option, or the key of an
    object. Where more than a few do, it is everybody's."""
    found = store.holding(expand(name), DEFINERS + 1)
    if len(found) > DEFINERS:
        return []
    first = {document: passage for passage, document in reversed(found)}
    return [Hit(document, passage, USED, f"uses `{name}`") for document, passage in first.items()]


def _modules(query: Query, catalog: Catalog) -> list[Hit]:
    """Find the source files that are called like a plain word of the request."""
    hits: list[Hit] = []
    for word in query.plain:
        rows = [r for r in catalog.named.get(word.lower(), ()) if r.role == Role.SOURCE]
        if 0 < len(rows) <= MODULES:
            hits += [Hit(r.id, None, MODULE / len(rows), f"is called {word.lower()}") for r in rows]
    return hits


def _messages(query: Query, catalog: Catalog, store: IndexStore) -> list[Hit]:
    """Find the source files that say what the request quotes of an error."""
    return [
        Hit(said.document, said.passage, said.share, f'says "{one_line(said.message, 64)}"')
        for said in says(query.messages, catalog, store)
    ]


def _paths(query: Query, catalog: Catalog) -> list[Hit]:
    """Find the files that the request names: by path, by dotted module, in a stack trace."""
    hits: list[Hit] = []
    folders = {path: rows for path in query.folders if (rows := by_folder(catalog, path))}
    for path, rows in folders.items():
        hits += [Hit(row.id, None, INSIDE, f"is in {path}") for row in rows]
    for path in query.paths:
        if path in folders:
            continue
        hits += [Hit(r.id, None, 1.0, f"is named: {path}") for r in by_path_tail(catalog, path)]
    depth = 0
    for frame in query.frames:
        rows = [row for row in by_path_tail(catalog, frame) if row.is_at(frame)]
        depth += bool(rows)  # frames of other people's code are no step on the way
        hits += [Hit(r.id, None, 1 / math.sqrt(depth), "is in the stack trace") for r in rows]
    hits += [Hit(row.id, None, 1.0, "is named") for row in called(query, catalog)]
    if query.overview:
        hits += [Hit(r.id, None, 1.0, "says what this is") for r in catalog.rows if r.is_front]
    for name in query.names:
        for row, module, is_package in by_module(catalog, name):
            # A package's own file rarely holds what is asked about.
            what, share = ("package", 0.3) if is_package else ("module", 1.0)
            hits.append(Hit(row.id, None, share, f"is the {what} `{module}`"))
    return hits


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
