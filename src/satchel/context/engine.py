"""The whole walk, top to bottom: a request comes in, a packet goes out.

    classify → route → retrieve → rank → conflict → pack

Only `retrieve` reads the store, but for fetching the text of what was ranked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from satchel.context.applies import Known, applying, pinned
from satchel.context.classify import classify
from satchel.context.conflict import ask, held_against
from satchel.context.diff import edits
from satchel.context.graph import tests_of
from satchel.context.pack import select, write
from satchel.context.place import Placed, order
from satchel.context.rank import Candidate, rank
from satchel.context.remember import held, moment
from satchel.context.retrieve import Evidence, retrieve, weigh_terms
from satchel.context.route import route
from satchel.context.silence import confidence
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.terms import expand
from satchel.context.types import (
    ChosenRecord,
    Conflict,
    Embed,
    Packet,
    RankedTest,
    Record,
    Request,
    Role,
    Signal,
    Status,
)
from satchel.context.understand import understand

READ_FILES = 8  # ranked files whose passages are read
OPENING = 2  # passages of a file that is named and has none of the words
READ_PASSAGES = 8  # of each
SPELLED = 0.3  # a name with at most three definers points at each of them
MOST_TESTS = 3
NEAREST = 50  # records that are looked at by words, and again by nearness
STANDING = 500  # pinned or scoped records that are looked at
EMBEDDED_CHARACTERS = 2_000  # of a request: the model reads about 256 tokens
ASKED_FOR = 0.2  # who recalls wants to see what a briefing would leave out


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a request may look: one workspace's index and records, and those held everywhere."""

    index: IndexStore
    records: Sequence[RecordStore]
    embed: Embed | None = None
    catching_up: bool = False


def brief(request: Request, sources: Sources, clock: Callable[[], float] = time.time) -> Packet:
    """Answer a request with the smallest context that earns its place."""
    watch = _Watch()
    query = understand(request.text)
    intent = classify(query)
    plan = route(intent)
    watch.lap("classify")
    asked, late = None, False
    if plan.silent and not request.files:
        evidence = Evidence(sources.index.catalog(), {}, {})
    else:
        asked, late = _embed(request.text, sources)
        evidence = retrieve(query, plan, sources.index, asked, clock)
    known = [] if plan.silent else _known_records(evidence.rarity, asked, sources)
    watch.lap("retrieve")
    candidates = rank(evidence, plan)
    # Tests are listed as what covers the files, unless they are what is asked about.
    changeable = [c for c in candidates if c.row.role != Role.TEST or "test" in query.words]
    places, sure = _look(changeable, evidence, sources.index, max(READ_FILES, request.files))
    selection = select(changeable, places, plan, evidence, sure, request.files)
    paths = [file.path for file in selection.files if file.in_packet]
    watch.lap("rank")
    chosen = applying(known, evidence.rarity, paths, plan.records, evidence.spelled)
    conflicts = _conflicts(request, paths, chosen)
    watch.lap("conflict")
    if paths or chosen:
        chosen += pinned(known, chosen)
    tests = tuple(
        RankedTest(path, reason)
        for path, reason in tests_of(
            paths, evidence.catalog, sources.index, _tests_asked(candidates), MOST_TESTS
        )
    )
    written = write(request, selection, tests, chosen, conflicts)
    watch.lap("pack")
    return Packet(
        request=request.text,
        workspace=request.workspace,
        intent=intent,
        files=written.files,
        symbols=selection.symbols,
        tests=written.tests,
        records=written.records,
        conflicts=conflicts,
        markdown=written.markdown,
        tokens=written.tokens,
        budget=request.budget,
        empty_reason=None
        if written.markdown
        else selection.empty_reason or "nothing fits the budget",
        catching_up=sources.catching_up or late,
        ms=watch.total(),
        left_out=written.left_out,
    )


def _conflicts(
    request: Request, paths: Sequence[str], chosen: Sequence[ChosenRecord]
) -> tuple[Conflict, ...]:
    """Hold a request and its pending edit against the records that apply."""
    asked = ask(request.text, paths, edits(request.diff) if request.diff else ())
    return tuple(
        Conflict(
            ("request", record.id),
            (request.text, record.text),
            (record.learned, record.valid_from),
            ("request", record.source),
            reason,
        )
        for record, reason in held_against(asked, [one.record for one in chosen])
    )


def recall(text: str, sources: Sources, limit: int, as_of: str | None = None) -> list[ChosenRecord]:
    """Find the records that a question is about, best first; with `as_of` (ISO 8601) those that
    held at that moment, whatever became of them since."""
    terms = weigh_terms(understand(text), sources.index)
    asked, _ = _embed(text, sources)
    found = _known_records(terms.rarity, asked, sources)
    if as_of is not None:
        then = {k.record.id: k for k in found if held(k.record, moment(as_of, end=True))}
        found = [replace(k, record=replace(k.record, status=Status.ACTIVE)) for k in then.values()]
    chosen = applying(found, terms.rarity, (), limit, terms.spelled, least=ASKED_FOR, together=1)
    if as_of is None:
        return chosen
    return [replace(one, record=then[one.record.id].record) for one in chosen]


def _embed(text: str, sources: Sources) -> tuple[NDArray[np.float32] | None, bool]:
    """Return the request's vector where there are any to compare it with, and whether it is
    missing only because it would have made the answer wait."""
    has_any = sources.index.vectors().passages or any(s.has_vectors() for s in sources.records)
    if sources.embed is None or not has_any:
        return None, False
    vectors = sources.embed([text[:EMBEDDED_CHARACTERS]])
    return (None, True) if vectors is None else (vectors[0], False)


def _known_records(
    rarity: Mapping[str, float], asked: NDArray[np.float32] | None, sources: Sources
) -> list[Known]:
    """Gather the records in reach: by words, by nearness, and those that need neither."""
    stem = _stemmer(sources.index)
    known: list[Known] = []
    for store in sources.records:
        found = {record.id: record for record in store.standing(STANDING)}
        found |= {record.id: record for record, _ in store.search(rarity, NEAREST)}
        near = store.nearest(asked, NEAREST) if asked is not None else []
        found |= {record.id: record for record, _ in near}
        cosines = {record.id: cosine for record, cosine in near}
        known += [
            Known(record, _record_terms(record, stem), cosines.get(record.id, 0.0))
            for record in found.values()
        ]
    return known


def _tests_asked(candidates: Sequence[Candidate]) -> dict[int, float]:
    """Return the tests that the request itself ranks, as shares of the best of them."""
    tests = [candidate for candidate in candidates if candidate.row.role == Role.TEST]
    return {test.row.id: test.score / tests[0].score for test in tests[: MOST_TESTS * 5]}


def _record_terms(record: Record, stem: Callable[[str], frozenset[str]]) -> frozenset[str]:
    names = [name for name in (record.subject, record.attribute, *record.aliases) if name]
    return stem(" ".join([record.text, *names]))


def _look(
    candidates: Sequence[Candidate], evidence: Evidence, index: IndexStore, most: int
) -> tuple[dict[int, list[Placed]], float]:
    """Read the best files' passages: the places in each, and how sure it is that they matter."""
    spelled = frozenset(
        hit.passage
        for hit in evidence.rankings.get(Signal.SYMBOL, ())
        if hit.passage is not None and hit.score >= SPELLED
    )
    wanted = {
        c.row.id: [number for number, _ in c.passages[:READ_PASSAGES]] for c in candidates[:most]
    }
    texts = index.passages([number for numbers in wanted.values() for number in numbers])
    stem = _stemmer(index)
    places = {
        candidate.row.id: order(
            [texts[number] for number in wanted[candidate.row.id] if number in texts],
            evidence.rarity,
            stem,
            spelled,
            dict(candidate.passages),
        )
        for candidate in candidates[:most]
    }
    for candidate in candidates[:most]:
        if not places[candidate.row.id] and candidate.signals.get(Signal.PATH, 0.0) >= SPELLED:
            # Named as a whole: what it says first stands for it.
            opening = index.passages_of(candidate.row.id)[:OPENING]
            places[candidate.row.id] = [
                Placed(p, 1 / n, frozenset()) for n, p in enumerate(opening, 1)
            ]
    return places, confidence(candidates, texts, evidence.rarity, evidence.unknown, stem)


def _stemmer(index: IndexStore) -> Callable[[str], frozenset[str]]:
    """Return a function from text to the terms of the index; it remembers what it has seen."""
    return cache(lambda text: frozenset(index.stem(expand(text))))


class _Watch:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._laps[stage] = round((now - self._last) * 1000, 2)
        self._last = now

    def total(self) -> dict[str, float]:
        whole = (time.perf_counter() - self._started) * 1000
        return {**self._laps, "total": round(whole, 2)}
