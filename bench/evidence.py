"""The first half of a briefing, for measurements that look inside: what was found, and how it is
weighed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context import silence
from satchel.context.classify import classify
from satchel.context.rank import Candidate, rank
from satchel.context.retrieve import Evidence, retrieve
from satchel.context.route import Plan, route
from satchel.context.store.index import IndexStore
from satchel.context.types import Role
from satchel.context.understand import Query, understand
from satchel.wiring import Satchel


@contextmanager
def indexed(clone: Path, home: Home) -> Iterator[IndexStore]:
    """Index a clone and open its index."""
    satchel = Satchel(home, Settings({}))
    satchel.index(str(clone), lambda _: None, True)
    satchel.close()
    store = IndexStore(home.workspace(clone) / "index.db")
    try:
        yield store
    finally:
        store.close()


@dataclass(frozen=True, slots=True)
class Found:
    """What the store knows about a request, and the plan that its kind calls for."""

    query: Query
    plan: Plan
    evidence: Evidence

    def ranked(self, plan: Plan) -> Sequence[Candidate]:
        """Order the files by a plan, as a briefing does: tests only where they are asked about."""
        return [
            candidate
            for candidate in rank(self.evidence, plan)
            if candidate.row.role != Role.TEST or "test" in self.query.words
        ]


def find(request: str, store: IndexStore) -> Found | None:
    """Gather the evidence without vectors; None where the request's kind needs no context."""
    query = understand(request)
    plan = route(classify(query))
    return None if plan.silent else Found(query, plan, retrieve(query, plan, store, None))


def features(request: str, store: IndexStore) -> silence.Features | None:
    """Return what the verdict on a request rests on; None where there is nothing at all."""
    found = find(request, store)
    if found is None:
        return None
    files, each = silence.LOOKED_AT
    candidates = found.ranked(found.plan)[:files]
    wanted = [number for one in candidates for number, _ in one.passages[:each]]
    return silence.features(
        candidates,
        store.passages(wanted),
        found.evidence,
        found.query,
        store.terms,
        store.term_set,
    )
