"""Walks over the knowledge graph: what belongs to a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.context.catalog import Catalog, Row
from satchel.context.store.index import IndexStore

NEIGHBOURS: Final = 12


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
            for document in sorted(neighbours[row.id]):
                if document in catalog.by_id:
                    share = 1 / len(neighbours[row.id]) / rank
                    yield Step(document, share, f"{how} {row.path}")


def _rows(seeds: Sequence[int], catalog: Catalog) -> Iterator[tuple[int, Row]]:
    """Yield each seed's rank and row."""
    for rank, seed in enumerate(seeds, start=1):
        if seed in catalog.by_id:
            yield rank, catalog.by_id[seed]
