"""Walks over the knowledge graph: what belongs to a file, and which tests cover it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from satchel.context.catalog import Catalog, Row
from satchel.context.store.index import IndexStore
from satchel.context.types import Role

NEIGHBOURS: Final = 12
IMPORTERS: Final = 40
BELONGS: Final = 0.6  # below this a test is not said to belong
OF_TESTS: Final = frozenset(("spec", "test", "unit"))  # in the names of tests, as they are stemmed
ALONE: Final = 0.7  # of the best test's score: then it belongs by its words alone


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a walk: where it leads, how much of the seed's say it takes there, and why."""

    document: int
    share: float
    why: str


def together(seeds: Sequence[int], catalog: Catalog, store: IndexStore) -> Iterator[Step]:
    """Walk from the seeds, best first, to what changed in the same commits: a seed passes on
    1/rank, to each by how often."""
    by_path = catalog.by_path
    rows = list(_rows(seeds, catalog))
    changed = store.changed_with([row.path for _, row in rows])
    for rank, row in rows:
        near = [
            (by_path[path].id, times)
            for path, times in changed[row.path][:NEIGHBOURS]
            if path in by_path and times > 1
        ]
        most = max((times for _, times in near), default=1)
        for document, times in near:
            why = f"changed with {row.path} in {times} commits"
            yield Step(document, times / most / rank, why)


def imports(seeds: Sequence[int], catalog: Catalog, store: IndexStore) -> Iterator[Step]:
    """Walk from the seeds, best first, along imports, both ways: a seed passes on 1/rank, shared
    by how many there are. A file that everything imports says nothing."""
    rows = list(_rows(seeds, catalog))
    ids = [row.id for _, row in rows]
    both = ((store.imported(ids), "is imported by"), (store.importers(ids), "imports"))
    for rank, row in rows:
        for neighbours, how in both:
            for document in neighbours[row.id]:
                if document in catalog.by_id:
                    share = 1 / len(neighbours[row.id]) / rank
                    yield Step(document, share, f"{how} {row.path}")


def _rows(seeds: Sequence[int], catalog: Catalog) -> Iterator[tuple[int, Row]]:
    """Yield each seed's rank and row."""
    for rank, seed in enumerate(seeds, start=1):
        if seed in catalog.by_id:
            yield rank, catalog.by_id[seed]


def tests_of(
    paths: Sequence[str],
    catalog: Catalog,
    store: IndexStore,
    asked: Mapping[int, float],
    terms: AbstractSet[str],
    most: int,
) -> list[tuple[str, str]]:
    """Return (test, reason) for files, none of which is told again: by the name of a source file,
    by what the request says (`asked` holds the tests' own scores for it, the best being 1; that
    alone does where one of its `terms` stands in the test's name), by changing together, by import.
    No test covers prose, or what else is about the workspace itself."""
    rows = [catalog.by_path[path] for path in paths if path in catalog.by_path]
    covered = [
        r for r in rows if r.role not in {Role.PROSE, Role.MANIFEST} and r not in catalog.documents
    ]
    if not covered:
        return []
    scores: dict[str, float] = {}
    reasons: dict[str, str] = {}

    def add(row: Row | None, score: float, reason: str) -> None:
        if row is not None and row.role == Role.TEST and row.path not in paths:
            scores[row.path] = scores.get(row.path, 0.0) + score
            reasons.setdefault(row.path, reason)

    changed = store.changed_with([row.path for row in covered])
    importing = store.importers([row.id for row in covered])
    for rank, source in enumerate(covered, start=1):
        path = source.path
        name = source.subject.lower()
        is_tested = source.role == Role.SOURCE and len(name) > 2
        for row in catalog.tested.get(name, ()) if is_tested else ():
            if _is_nearest(source, row, catalog):
                add(row, 2.0 / rank, f"named after {path}")
        for other, times in changed[path]:
            if times > 1:
                together = f"changed with {path} in {times} commits"
                add(catalog.by_path.get(other), 0.1 * min(times, 10) / rank, together)
        importers = importing[source.id][:IMPORTERS]
        for document in importers:
            add(catalog.by_id.get(document), 1.0 / len(importers) / rank, f"imports {path}")
    names = store.names(catalog.by_id[document] for document in asked)
    named = {document for document in asked if not names[document].isdisjoint(terms - OF_TESTS)}
    for document, share in asked.items():
        test = catalog.by_id.get(document)
        if test is not None and (test.path in scores or (share >= ALONE and test.id in named)):
            add(test, 1.5 * share, "has the words of the request")
    ranked = sorted(scores, key=lambda test: (-scores[test], test))
    return [(test, reasons[test]) for test in ranked[:most] if scores[test] >= BELONGS]


def _is_nearest(source: Row, test: Row, catalog: Catalog) -> bool:
    """Tell whether no other source file of that name stands nearer to a test: beside it, or with
    more folders in common."""
    alike = (row for row in catalog.named.get(source.name, ()) if row.role == Role.SOURCE)
    near = _nearness(source, test)
    return source.name != source.subject or all(_nearness(row, test) <= near for row in alike)


def _nearness(one: Row, other: Row) -> tuple[bool, int]:
    folders, others = one.path.split("/")[:-1], other.path.split("/")[:-1]
    return folders == others, len(set(folders) & set(others))
