"""Reads the text of what was ranked: where in a file the request is answered, and what to quote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.context.excerpt import Spot, introduction, opening, spots
from satchel.context.lead import lines_of
from satchel.context.place import Placed, at_lines, order
from satchel.context.rank import Candidate
from satchel.context.retrieve import Evidence
from satchel.context.silence import confidence, features
from satchel.context.store.index import IndexStore
from satchel.context.types import Role, Signal
from satchel.context.understand import Query

FILES: Final = 8  # ranked files whose passages are read
PASSAGES: Final = 8  # of each
OPENING: Final = 2  # passages of a file that is named and has none of the words
SPELLED: Final = 0.3  # a name with at most three definers points at each of them


@dataclass(frozen=True, slots=True)
class Seen:
    """The places in each file, by its number and best first, and how sure (0 to 1) it is that they
    matter."""

    places: Mapping[int, Sequence[Placed]]
    sure: float


def look(
    candidates: Sequence[Candidate], evidence: Evidence, query: Query, index: IndexStore, most: int
) -> Seen:
    """Read the passages of the best files that the signals found: FILES of them, or `most`."""
    best = candidates[: max(FILES, most)]
    spelled = frozenset(
        hit.passage
        for hit in evidence.rankings.get(Signal.SYMBOL, ())
        if hit.passage is not None and hit.score >= SPELLED
    )
    wanted = {c.row.id: [number for number, _ in c.passages[:PASSAGES]] for c in best}
    texts = index.passages([number for numbers in wanted.values() for number in numbers])
    places = {
        c.row.id: order(
            [texts[number] for number in wanted[c.row.id] if number in texts],
            evidence.rarity,
            index.term_set,
            spelled,
            dict(c.passages),
        )
        for c in best
    }
    pointed = lines_of(query, evidence.catalog)
    for candidate in best:
        number = candidate.row.id
        if number in pointed:
            passages = index.passages_of(number)
            places[number] = at_lines(pointed[number], passages, places[number])
        if not places[candidate.row.id] and is_named(candidate):
            # Named as a whole: what it says first stands for it.
            first = index.passages_of(candidate.row.id)[:OPENING]
            places[candidate.row.id] = [
                Placed(passage, 1 / n, frozenset()) for n, passage in enumerate(first, 1)
            ]
    seen = features(candidates, texts, evidence, query, index.terms, index.term_set)
    return Seen(places, confidence(seen))


def is_named(candidate: Candidate) -> bool:
    """Tell whether the request names a file outright."""
    return candidate.leads or candidate.signals.get(Signal.PATH, 0.0) >= SPELLED


def quotable(
    candidates: Sequence[Candidate],
    paths: Sequence[str],
    query: Query,
    evidence: Evidence,
    index: IndexStore,
) -> list[Spot]:
    """Read these files whole: where in them to quote."""
    found: list[Spot] = []
    for candidate in candidates:
        row = candidate.row
        if row.path not in paths:
            continue
        passages = index.passages_of(row.id)
        score = candidate.score / candidates[0].score
        if query.overview and row.is_front:
            first = introduction if row.role == Role.MANIFEST else opening
            found += first(row.path, score, passages)
            continue
        places = order(
            passages, evidence.rarity, index.term_set, frozenset(), dict(candidate.passages)
        )
        found += spots(row.path, score, places, evidence.rarity, index.term_set)
    return found
