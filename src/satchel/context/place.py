"""Which passages of a ranked file the request concerns, best first. Pure.

A file is found by the sum of its evidence; the place in it by how much of the request one
definition covers. BM25 alone puts the shortest passage that has the words first, which is often a
wrapper around the one that does the work. The weights were chosen on 342 (message, file) pairs of
the six repositories of docs/adr/0006-first-weights.md: a definition that the commit changed came
first in .58 of them (by BM25 alone .49), among the first three in .75 (.71).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from satchel.base.values import value
from satchel.context.store.index import StoredPassage
from satchel.context.types import PassageKind, Place

IN_NAME: Final = 0.75  # of the rarity of the terms that stand in a definition's own name
LENGTH: Final = 0.1  # for a passage of 64 lines, less by the logarithm of its lines
NAMED: Final = 0.3  # for the definition of a name that the request spells as code
BETWEEN: Final = 0.5  # the code between definitions counts this much
AMONG: Final = 0.5  # the tests that stand in the file itself, unless they are asked for
EVIDENCE: Final = 0.15  # for the passage that the signals put first

_TESTS: Final = re.compile(r"(?:^|\.)tests?\.")


@value(frozen=True, slots=True)
class Placed:
    """A passage with its score in its file, and the request's terms that stand in it."""

    passage: StoredPassage
    score: float
    terms: frozenset[str]


def order(
    passages: Iterable[StoredPassage],
    rarity: Mapping[str, float],
    stem: Callable[[str], frozenset[str]],
    spelled: frozenset[int],
    evidence: Mapping[int, float],
    shortest: int = 2,
) -> list[Placed]:
    """Order a file's passages by the share of the request's rarity that each covers.

    `spelled` are the passages that define a name which the request spells. Passages of fewer lines
    than `shortest` say nothing by themselves and are left out unless they are spelled. `evidence`
    is what the signals gave each passage. Ties keep the file's order.
    """
    total = sum(rarity.values()) or 1.0
    most = max(evidence.values(), default=0.0) or 1.0
    scored = []
    for passage in passages:
        lines = passage.stop - passage.start + 1
        if lines < shortest and passage.id not in spelled:
            continue
        name = stem(passage.symbol) & rarity.keys()
        have = name | (stem(passage.text) & rarity.keys())
        if not have and passage.id not in spelled:
            continue
        score = sum(rarity[term] for term in have) / total
        score += IN_NAME * sum(rarity[term] for term in name) / total
        score += LENGTH * min(1.0, math.log2(lines) / 6)
        if passage.kind == PassageKind.MODULE:
            score *= BETWEEN
        if _TESTS.search(passage.symbol) and "test" not in rarity:
            score *= AMONG
        if passage.id in spelled:
            score += NAMED
        score += EVIDENCE * evidence.get(passage.id, 0.0) / most
        scored.append(Placed(passage, score, frozenset(have)))
    scored.sort(key=lambda placed: (-placed.score, placed.passage.start))
    return scored


def at_lines(
    lines: Iterable[int], passages: Sequence[StoredPassage], placed: Sequence[Placed]
) -> list[Placed]:
    """Put those of a file's passages first that hold these lines, in the lines' order: of several
    around a line the shortest."""
    known = {one.passage.id: one for one in placed}
    most = max((one.score for one in placed), default=1.0)
    first: dict[int, Placed] = {}
    for line in lines:
        around = [one for one in passages if one.start <= line <= one.stop]
        if around:
            holds = min(around, key=lambda one: (one.stop - one.start, one.id))
            one = known.get(holds.id, Placed(holds, most, frozenset()))
            first.setdefault(holds.id, replace(one, score=most))
    return [*first.values(), *(one for one in placed if one.passage.id not in first)]


def place_of(passage: StoredPassage) -> Place:
    """Name a passage: a definition by its full name, a section by its heading."""
    name = passage.symbol if passage.kind == PassageKind.DEFINITION else passage.name
    return Place(passage.start, passage.stop, name)
