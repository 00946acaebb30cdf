"""The whole walk, top to bottom: a request comes in, a packet goes out.

    classify → route → retrieve → rank → look → recollect (conflict, applies) → pack

`retrieve` reads the index, `look` the text of what was ranked, `recollect` the records; of the
rest, only `bump`, `covering` and the embedding touch a store.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from satchel.context.bump import bumped
from satchel.context.chores import NEWS, chore_of
from satchel.context.classify import classify
from satchel.context.conflict import ask
from satchel.context.conflict.diff import described, edits
from satchel.context.covering import covering, with_test
from satchel.context.embedding import Embedding
from satchel.context.lead import leads, meant
from satchel.context.look import is_named, look, quotable
from satchel.context.mend import mended
from satchel.context.pack import Selection, select, write
from satchel.context.proposal import asked_for, is_mere_question, is_proposal
from satchel.context.rank import rank
from satchel.context.reach import Reach
from satchel.context.recall import remind
from satchel.context.recollect import Recollection, recollect, with_manner, with_pinned
from satchel.context.retrieve import Followers, nothing, retrieve
from satchel.context.route import route
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.topic import asks_for_documents
from satchel.context.types import (
    ChosenRecord,
    Embed,
    IntentKind,
    Packet,
    Request,
    Role,
)
from satchel.context.understand import understand, without_printed

TESTS: Final = frozenset(("test", "tests", "testing", "spec", "specs"))
MOST_RECORDS: Final = 6  # of an edit that nobody put a request to
ASKS: Final = frozenset({IntentKind.QUESTION, IntentKind.PLAN, IntentKind.RECALL})


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a request may look: one workspace's index and records, and those held everywhere."""

    index: IndexStore
    records: Sequence[RecordStore]
    embed: Embed | None = None
    catching_up: bool = False
    followed: Followers | None = None  # what requests like this one led to


def brief(request: Request, sources: Sources, clock: Callable[[], float] = time.time) -> Packet:
    """Answer a request with the smallest context that earns its place."""
    watch = _Watch()
    index, stores = sources.index, sources.records

    edited = edits(request.diff) if request.diff else ()
    query = understand(request.text if request.text.strip() else described(edited))
    query = mended(query, index)
    about_tests = not TESTS.isdisjoint(query.title)
    intent = classify(query)
    is_change = intent.kind is IntentKind.CHANGE
    plan = route(intent, is_change and asks_for_documents(query))
    watch.lap("classify")

    is_silent = plan.silent and not (request.files or edited)
    embedding = Embedding.of("" if is_silent else query.text, sources.embed, index, stores)
    if is_silent:
        evidence = nothing(index.catalog())
    else:
        evidence = retrieve(query, plan, index, embedding.vector, clock, sources.followed)
    watch.lap("retrieve")

    listed = None if edited or is_silent else bumped(query, evidence.catalog, index)
    about = leads(query, [edit.path for edit in edited], evidence.catalog, listed)
    candidates = rank(evidence, plan, about)
    # Tests are listed as what covers the files, unless they are what is asked about.
    changeable = [c for c in candidates if c.row.role != Role.TEST or about_tests or c.leads]
    if about_tests and not (about.alone or any(meant(p, evidence.catalog) for p in query.paths)):
        changeable = with_test(changeable, evidence, index)
    is_newest = is_change or chore_of(query.text) is NEWS
    seen = look(changeable, evidence, query, index, request.files, is_newest)
    selection = select(changeable, seen.places, plan, evidence, seen.sure, request, about.alone)
    paths = [file.path for file in selection.files if file.in_packet]
    tests = covering(paths, candidates, evidence, index)
    watch.lap("rank")

    remembered = Recollection()
    now = datetime.fromtimestamp(clock(), UTC).isoformat(timespec="seconds")
    if edited or not plan.silent:
        # A clear request names its files; an edit is made to them.
        tested = [test.path for test in tests if about_tests]
        touched = tuple(dict.fromkeys([*(edit.path for edit in edited), *tested, *paths]))
        named = () if edited else tuple(c.row.path for c in candidates if is_named(c))
        reach = Reach(
            query,
            ask(asked_for(without_printed(request.text)), named, edited),
            touched,
            embedding.vector,
            now=now,
            alone=not touched and evidence.catalog.passages > 0,
            proposes=is_proposal(request.text, intent),
            changes=bool(edited) or not is_mere_question(request.text, intent),
            papers=evidence.papers() if intent.kind in ASKS else {},
        )
        remembered = recollect(reach, index, stores, plan.records or MOST_RECORDS)
    if paths or remembered.chosen:
        remembered = with_pinned(remembered, index, stores, now)
        remembered = with_manner(remembered, index, stores, now)
    watch.lap("conflict")

    quotes = quotable(changeable, paths, query, evidence, index) if request.with_text else ()
    written = write(request, selection, tests, remembered, quotes)
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
        catching_up=sources.catching_up,
        ms=watch.total(),
        left_out=written.left_out,
    )


def recall(
    text: str,
    sources: Sources,
    limit: int,
    as_of: str | None = None,
    now: str | None = None,
    today: str = "",
) -> list[ChosenRecord]:
    """Find the records that a question is about, best first; with `as_of` (ISO 8601) those that
    held then. `now` is the moment of asking, from which "last week" is told; what is to hold only
    after `today` is left out."""
    index, stores = sources.index, sources.records
    vector = Embedding.of(text, sources.embed, index, stores).vector
    reach = Reach(understand(text), ask(""), (), vector, as_of, today)
    return list(remind(reach, index, stores, limit, now))


def _why_empty(request: Request, selection: Selection, remembered: Recollection) -> str:
    """Say why a packet holds nothing: never that nothing matches where it only has no room."""
    count = len(remembered.conflicts)
    if count:
        what = "a conflict" if count == 1 else f"{count} conflicts"
        return f"{what} with what was decided, and {request.budget} tokens hold none of it"
    if remembered.chosen:
        return f"what applies does not fit into {request.budget} tokens"
    return selection.empty_reason or "nothing fits the budget"


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
