"""The whole walk, top to bottom: a request comes in, a packet goes out.

    classify → route → retrieve → rank → recollect (conflict, applies) → pack

`retrieve` reads the index, `recollect` the records; nothing else does, but for fetching the text
of what was ranked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.context.classify import classify
from satchel.context.conflict import ask
from satchel.context.conflict.diff import described, edits
from satchel.context.conflict.stance import proposes
from satchel.context.excerpt import Spot, opening, spots
from satchel.context.graph import tests_of
from satchel.context.pack import Selection, select, write
from satchel.context.place import Placed, order
from satchel.context.rank import Candidate, rank
from satchel.context.recollect import (
    Reach,
    Recollection,
    recollect,
    remind,
    with_pinned,
)
from satchel.context.retrieve import Evidence, Terms, retrieve
from satchel.context.route import route
from satchel.context.silence import confidence, features
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import (
    ChosenRecord,
    Embed,
    Intent,
    IntentKind,
    Packet,
    RankedTest,
    Request,
    Role,
    Signal,
)
from satchel.context.understand import Query, understand

READ_FILES = 8  # ranked files whose passages are read
OPENING = 2  # passages of a file that is named and has none of the words
READ_PASSAGES = 8  # of each
REPORT = 120  # words from which a request is a report
PROPOSAL = 40  # words; what is longer tells of many things
OPENS_WITH = 60  # words of a report that are read for what it asks for
SPELLED = 0.3  # a name with at most three definers points at each of them
MOST_TESTS = 3
MOST_RECORDS = 6  # of an edit that nobody put a request to
EMBEDDED_CHARACTERS = 2_000  # of a request: the model reads about 256 tokens


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
    edited = edits(request.diff) if request.diff else ()
    query = understand(request.text if request.text.strip() else described(edited))
    intent = classify(query)
    plan = route(intent)
    watch.lap("classify")
    embedding = _Embedding()
    if plan.silent and not (request.files or edited):
        evidence = Evidence(sources.index.catalog(), {}, Terms({}, {}, {}, {}))
    else:
        embedding = _Embedding.of(query.text, sources)
        weighed = embedding.vector() if plan.weights.get(Signal.VECTOR) else None
        evidence = retrieve(query, plan, sources.index, weighed, clock)
    watch.lap("retrieve")
    candidates = rank(evidence, plan)
    # Tests are listed as what covers the files, unless they are what is asked about.
    changeable = [c for c in candidates if c.row.role != Role.TEST or "test" in query.words]
    most = max(READ_FILES, request.files)
    places, sure = _look(changeable, evidence, query, sources.index, most)
    selection = select(changeable, places, plan, evidence, sure, request)
    paths = [file.path for file in selection.files if file.in_packet]
    watch.lap("rank")
    tests = tuple(
        RankedTest(path, reason)
        for path, reason in tests_of(
            paths, evidence.catalog, sources.index, _tests_asked(candidates), MOST_TESTS
        )
        if paths  # without a file that it covers, a test is as likely to be noise as the file was
    )
    remembered = Recollection()
    if edited or not plan.silent:
        # A clear request names its files; an edit is made to them.
        tested = [test.path for test in tests if "test" in query.words]
        touched = tuple(dict.fromkeys([*(edit.path for edit in edited), *tested, *paths]))
        named = _named(candidates) if not edited else ()
        asked = ask(_asked_for(request.text), named, edited)
        now = datetime.fromtimestamp(clock(), UTC).isoformat(timespec="seconds")
        reach = Reach(
            query,
            asked,
            touched,
            embedding.vector(),
            alone=not touched and evidence.catalog.passages > 0,
            proposes=_proposes(request.text, intent),
            now=now,
        )
        remembered = recollect(reach, sources.index, sources.records, plan.records or MOST_RECORDS)
    watch.lap("conflict")
    if paths or remembered.chosen:
        remembered = with_pinned(remembered, sources.index, sources.records)
    found = (
        _quotable(changeable, paths, query, evidence, sources.index) if request.with_text else ()
    )
    written = write(request, selection, tests, remembered, found)
    watch.lap("pack")
    return Packet(
        request=request.text,
        workspace=request.workspace,
        intent=intent,
        files=written.files,
        symbols=selection.symbols,
        tests=written.tests,
        records=written.records,
        conflicts=remembered.conflicts,
        markdown=written.markdown,
        tokens=written.tokens,
        budget=request.budget,
        empty_reason=None if written.markdown else _why_empty(request, selection, remembered),
        catching_up=sources.catching_up or embedding.is_late,
        ms=watch.total(),
        left_out=written.left_out,
    )


def _asked_for(text: str) -> str:
    """Return what a request asks for: of a long report, its opening. The rest tells what happened,
    with names of all that was there; none of them is a proposal."""
    if len(text.split(maxsplit=REPORT)) <= REPORT:
        return text
    rest = text.split(maxsplit=OPENS_WITH)[OPENS_WITH]
    return text[: len(text.rstrip()) - len(rest.rstrip())]


def _proposes(text: str, intent: Intent) -> bool:
    """Tell whether a request is a proposal by its form: brief, and no mere question."""
    if len(text.split(maxsplit=PROPOSAL)) > PROPOSAL:
        return False
    return intent.kind is not IntentKind.QUESTION or proposes(text)


def _why_empty(request: Request, selection: Selection, remembered: Recollection) -> str:
    """Say why a packet holds nothing: never that nothing matches where it only has no room."""
    count = len(remembered.conflicts)
    if count:
        what = "a conflict" if count == 1 else f"{count} conflicts"
        return f"{what} with what was decided, and {request.budget} tokens hold none of it"
    if remembered.chosen:
        return f"what applies does not fit into {request.budget} tokens"
    return selection.empty_reason or "nothing fits the budget"


def recall(
    text: str,
    sources: Sources,
    limit: int,
    as_of: str | None = None,
    now: str | None = None,
) -> list[ChosenRecord]:
    """Find the records that a question is about, best first; with `as_of` (ISO 8601) those that
    held then. `now` is the moment of asking, from which "last week" is told."""
    vector = _Embedding.of(text, sources).vector()
    reach = Reach(understand(text), ask(""), (), vector, as_of)
    return list(remind(reach, sources.index, sources.records, limit, now).chosen)


@dataclass(frozen=True, slots=True)
class _Embedding:
    """A request's vector, which is made in another process while the index is read in this one.

    `making` is None where there are no vectors to compare it with.
    """

    making: Future[NDArray[np.float32] | None] | None = None

    @classmethod
    def of(cls, text: str, sources: Sources) -> _Embedding:
        """Begin to embed a text."""
        has_any = sources.index.vectors().passages or any(s.has_vectors() for s in sources.records)
        if sources.embed is None or not has_any or not text.strip():
            return cls()
        return cls(_EMBEDS.submit(sources.embed, [text[:EMBEDDED_CHARACTERS]]))

    def vector(self) -> NDArray[np.float32] | None:
        """Wait for the vector; None where there is none."""
        vectors = self.making.result() if self.making is not None else None
        return None if vectors is None else vectors[0]

    @property
    def is_late(self) -> bool:
        """Whether there is none only because it would have made the answer wait."""
        return self.making is not None and self.vector() is None


_EMBEDS: Final = ThreadPoolExecutor(4, "satchel-embed")  # threads that wait for the embedder


def _named(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Return the files that the request names outright."""
    return tuple(c.row.path for c in candidates if c.signals.get(Signal.PATH, 0.0) >= SPELLED)


def _tests_asked(candidates: Sequence[Candidate]) -> dict[int, float]:
    """Return the tests that the request itself ranks, as shares of the best of them."""
    tests = [candidate for candidate in candidates if candidate.row.role == Role.TEST]
    return {test.row.id: test.score / tests[0].score for test in tests[: MOST_TESTS * 5]}


def _look(
    candidates: Sequence[Candidate], evidence: Evidence, query: Query, index: IndexStore, most: int
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
    stem = cache(index.term_set)
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
    return places, confidence(features(candidates, texts, evidence, query, index.terms))


def _quotable(
    candidates: Sequence[Candidate],
    paths: Sequence[str],
    query: Query,
    evidence: Evidence,
    index: IndexStore,
) -> list[Spot]:
    """Read the files of the packet whole: where in them to quote."""
    found: list[Spot] = []
    stem = cache(lambda text: frozenset(index.terms(text)))
    for candidate in candidates:
        if candidate.row.path in paths:
            passages = index.passages_of(candidate.row.id)
            score = candidate.score / candidates[0].score
            if query.overview and candidate.row.is_front and candidate.row.role == Role.PROSE:
                found += opening(candidate.row.path, score, passages)
                continue
            places = order(passages, evidence.rarity, stem, frozenset(), dict(candidate.passages))
            found += spots(candidate.row.path, score, places, evidence.rarity, stem)
    return found


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
