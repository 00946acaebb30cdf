"""Walks over the knowledge graph: what belongs to a file, and which tests cover it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from typing import Final

from satchel.context.store.index import IndexStore, Row
from satchel.context.types import Role

NEIGHBOURS: Final = 12
_TEST_AFFIX: Final = re.compile(
    r"^(?:tests?[_-])|(?:[_.-](?:tests?|spec|specs))$|(?<=[a-z0-9])(?:Tests?|Spec|TestCase)$"
)


def spread(
    seeds: Sequence[int], rows: Sequence[Row], store: IndexStore
) -> list[tuple[int, float, str]]:
    """Walk one step from the seeds; return (document, share, why).

    A seed passes on 1/rank. What changed with it gets a share by how often; what it imports, or
    what imports it, shares the rest by how many there are: a file that everything imports says
    nothing.
    """
    by_path = {row.path: row.id for row in rows}
    paths = {row.id: row.path for row in rows}
    found: list[tuple[int, float, str]] = []
    for rank, seed in enumerate(seeds, start=1):
        if seed not in paths:
            continue
        place = paths[seed]
        together = [
            (by_path[path], times)
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
                if document in paths
            ]
    return found


def tests_of(
    paths: Sequence[str], rows: Sequence[Row], store: IndexStore, most: int
) -> list[tuple[str, str]]:
    """Return (test, reason) for source files: by import, by name, by changing together."""
    tests = {row.path: row for row in rows if row.role == Role.TEST}
    ids = {row.path: row.id for row in rows}
    by_id = {row.id: row.path for row in tests.values()}
    scores: dict[str, float] = {}
    reasons: dict[str, str] = {}

    def add(test: str, score: float, reason: str) -> None:
        scores[test] = scores.get(test, 0.0) + score
        reasons.setdefault(test, reason)

    for rank, path in enumerate(paths, start=1):
        stem = posixpath.splitext(posixpath.basename(path))[0].lower()
        for test in tests:
            plain = posixpath.splitext(posixpath.basename(test))[0]
            if len(stem) > 2 and _TEST_AFFIX.sub("", plain).strip("_.-").lower() == stem:
                add(test, 2.0 / rank, f"named after {path}")
        for other, times in store.changed_with(path, 40):
            if other in tests and times > 1:
                add(other, 0.2 * min(times, 5) / rank, f"changed with {path} in {times} commits")
        importers = [d for d in store.importers(ids[path]) if d in by_id] if path in ids else []
        for document in importers[:20]:
            add(by_id[document], 1.0 / len(importers) / rank, f"imports {path}")
    ranked = sorted(scores, key=lambda test: (-scores[test], test))
    return [(test, reasons[test]) for test in ranked[:most] if scores[test] >= 0.5]
