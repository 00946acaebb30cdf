"""Walks over the knowledge graph: what belongs to a file, and which tests cover it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Final

from satchel.context.catalog import Catalog, Row
from satchel.context.store.index import IndexStore
from satchel.context.types import Role

NEIGHBOURS: Final = 12
BELONGS: Final = 0.6  # below this a test is not said to belong
ALONE: Final = 0.7  # of the best test's score: then it belongs by its words alone


def spread(
    seeds: Sequence[int], catalog: Catalog, store: IndexStore
) -> list[tuple[int, float, str]]:
    """Walk one step from the seeds; return (document, share, why).

    A seed passes on 1/rank. What changed with it gets a share by how often; what it imports, or
    what imports it, shares the rest by how many there are: a file that everything imports says
    nothing.
    """
    by_path = catalog.by_path
    found: list[tuple[int, float, str]] = []
    for rank, seed in enumerate(seeds, start=1):
        row = catalog.by_id.get(seed)
        if row is None:
            continue
        place = row.path
        together = [
            (by_path[path].id, times)
            for path, times in store.changed_with(place, NEIGHBOURS)
            if path in by_path and times > 1
        ]
        most = max((times for _, times in together), default=1)
        found += [
            (document, times / most / rank, f"changed with {place} in {times} commits")
            for document, times in together
        ]
        for neighbours, how in (
            (store.imported(seed), "is imported by"),
            (store.importers(seed), "imports"),
        ):
            found += [
                (document, 0.5 / len(neighbours) / rank, f"{how} {place}")
                for document in neighbours
                if document in catalog.by_id
            ]
    return found


def tests_of(
    paths: Sequence[str],
    catalog: Catalog,
    store: IndexStore,
    asked: Mapping[int, float],
    most: int,
) -> list[tuple[str, str]]:
    """Return (test, reason) for source files: by name, by what the request says (`asked` holds the
    tests' own scores for it, the best being 1), by changing together, by import."""
    scores: dict[str, float] = {}
    reasons: dict[str, str] = {}

    def add(row: Row | None, score: float, reason: str) -> None:
        if row is not None and row.role == Role.TEST:
            scores[row.path] = scores.get(row.path, 0.0) + score
            reasons.setdefault(row.path, reason)

    for rank, path in enumerate(paths, start=1):
        source = catalog.by_path.get(path)
        if source is None:
            continue
        name = posixpath.basename(source.stem).lower()
        for row in catalog.tested.get(name, ()) if len(name) > 2 else ():
            add(row, 2.0 / rank, f"named after {path}")
        for other, times in store.changed_with(path, 40):
            if times > 1:
                together = f"changed with {path} in {times} commits"
                add(catalog.by_path.get(other), 0.1 * min(times, 10) / rank, together)
        importers = store.importers(source.id)[:40]
        for document in importers:
            add(catalog.by_id.get(document), 1.0 / len(importers) / rank, f"imports {path}")
    for document, share in asked.items():
        test = catalog.by_id.get(document)
        if test is not None and (test.path in scores or share >= ALONE):
            add(test, 1.5 * share, "has the words of the request")
    ranked = sorted(scores, key=lambda test: (-scores[test], test))
    return [(test, reasons[test]) for test in ranked[:most] if scores[test] >= BELONGS]
