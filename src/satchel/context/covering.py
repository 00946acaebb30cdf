"""Which tests cover what was ranked: by the name of a source file, by what the request says, by
changing together, by import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from satchel.context.catalog import Catalog, Row
from satchel.context.rank import Candidate
from satchel.context.retrieve import Evidence
from satchel.context.store.index import IndexStore
from satchel.context.types import RankedTest, Role, Signal

MOST: Final = 3
IMPORTERS: Final = 40
BELONGS: Final = 0.6  # below this a test is not said to belong
OF_TESTS: Final = frozenset(("spec", "test", "unit"))  # in the names of tests, as they are stemmed
ALONE: Final = 0.7  # of the best test's score: then it belongs by its words alone
HAS_THE_WORDS: Final = 0.9  # of the best title: then a test is meant by itself


def covering(
    paths: Sequence[str], candidates: Sequence[Candidate], evidence: Evidence, index: IndexStore
) -> tuple[RankedTest, ...]:
    """Find the tests of the files in a packet, those first that the request itself ranks. Without
    a file that it covers, a test is as likely to be noise as the file was."""
    if not paths:
        return ()
    ranked = [c for c in candidates if c.row.role == Role.TEST][: MOST * 5]
    asked = {test.row.id: test.score / ranked[0].score for test in ranked}
    terms = {t for t in evidence.rarity if evidence.spelled.get(t) != evidence.terms.verb}
    found = tests_of(paths, evidence.catalog, index, asked, terms, MOST)
    return tuple(RankedTest(path, reason) for path, reason in found)


def with_test(
    candidates: Sequence[Candidate], evidence: Evidence, index: IndexStore
) -> list[Candidate]:
    """Put a test before the best file: who asks for one looks for where to write it. It is the test
    that has the words of the request, else that of the file."""
    if not candidates or candidates[0].row.role != Role.SOURCE:
        return list(candidates)
    best = candidates[0]
    first = next((c for c in candidates if c.row.role == Role.TEST), None)
    if first is None or first.signals.get(Signal.TITLE, 0.0) < HAS_THE_WORDS:
        tests = covering([best.row.path], candidates, evidence, index)
        if not tests:
            return list(candidates)
        row = evidence.catalog.by_path[tests[0].path]
        known = next((c for c in candidates if c.row is row), Candidate(row, 0.0, {}, (), {}))
        first = replace(known, why={**known.why, Signal.PATH: (tests[0].reason,)})
    first = replace(first, score=best.score, leads=best.leads)
    return [first, *(c for c in candidates if c.row is not first.row)]


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
