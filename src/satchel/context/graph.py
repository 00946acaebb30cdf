"""Walks over the knowledge graph: what belongs to a file, and which tests cover it."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.context.catalog import Catalog, Row, subject_of_test
from satchel.context.store.index import IndexStore
from satchel.context.types import Role

NEIGHBOURS: Final = 12
NAMESAKES: Final = 4  # files of one name; a test named after more says nothing
BELONGS: Final = 0.6  # below this a test is not said to belong
ALONE: Final = 0.7  # of the best test's score: then it belongs by its words alone


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a walk: where it leads, how much of the seed's say it takes there, and why."""

    document: int
    passage: int | None
    share: float
    why: str


def together(seeds: Sequence[int], catalog: Catalog, store: IndexStore) -> Iterator[Step]:
    """Walk from the seeds, best first, to what changed in the same commits: a seed passes on
    1/rank, to each by how often."""
    by_path = catalog.by_path
    for rank, row in _rows(seeds, catalog):
        near = [
            (by_path[path].id, times)
            for path, times in store.changed_with(row.path, NEIGHBOURS)
            if path in by_path and times > 1
        ]
        most = max((times for _, times in near), default=1)
        for document, times in near:
            why = f"changed with {row.path} in {times} commits"
            yield Step(document, None, times / most / rank, why)


def imports(seeds: Sequence[int], catalog: Catalog, store: IndexStore) -> Iterator[Step]:
    """Walk from the seeds, best first, along imports, both ways: a seed passes on 1/rank, shared
    by how many there are. A file that everything imports says nothing."""
    for rank, row in _rows(seeds, catalog):
        for neighbours, how in (
            (store.imported(row.id), "is imported by"),
            (store.importers(row.id), "imports"),
        ):
            for document in neighbours:
                if document in catalog.by_id:
                    share = 1 / len(neighbours) / rank
                    yield Step(document, None, share, f"{how} {row.path}")


def called(
    passages: Mapping[int, float], catalog: Catalog, store: IndexStore, most: int
) -> Iterator[Step]:
    """Walk from passages, each with its share, to the definitions of the names that they use: a
    symptom is often described where the name stands, and mended where it is defined.

    A name passes on its passage's share, divided by its definers and, for a name that is in use
    everywhere, by the root of its uses; one with more than `most` definers passes on nothing.
    """
    used: dict[str, float] = {}
    for passage, name in store.used_in(list(passages)):
        used[name.lower()] = max(used.get(name.lower(), 0.0), passages[passage])
    definers = store.definers(list(used), most)
    for name, (definitions, uses) in definers.items():
        share = used[name] / len(definitions) / math.sqrt(max(uses, 1))
        for definition in definitions:
            if definition.passage not in passages and definition.document in catalog.by_id:
                why = f"defines `{definition.symbol}`, which what matches uses"
                yield Step(definition.document, definition.passage, share, why)


def tested(tests: Mapping[int, float], catalog: Catalog, store: IndexStore) -> Iterator[Step]:
    """Walk from tests, each with its share, to what they are named after, and to what they
    import, shared by how many that is."""
    for test, share in tests.items():
        row = catalog.by_id[test]
        about = subject_of_test(row)
        named = [r for r in catalog.named.get(about, ()) if r.role == Role.SOURCE]
        for source in named[:NAMESAKES] if len(named) <= NAMESAKES else ():
            yield Step(source.id, None, share / len(named), f"is what {row.path} is named after")
        imported = [d for d in store.imported(test) if d in catalog.by_id]
        for document in imported:
            if catalog.by_id[document].role == Role.SOURCE:
                yield Step(document, None, share / len(imported), f"is imported by {row.path}")


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
