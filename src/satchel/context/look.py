"""Reads the text of what was ranked: where in a file the request is answered, and what to quote."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.context.excerpt import Spot, introduction, opening, spots
from satchel.context.lead import lines_of
from satchel.context.place import Placed, at_lines, order
from satchel.context.rank import Candidate
from satchel.context.retrieve import Evidence
from satchel.context.silence import confidence, features
from satchel.context.sought import forms_of
from satchel.context.store.index import IndexStore
from satchel.context.types import Role, Signal
from satchel.context.understand import Query

FILES: Final = 8  # ranked files whose passages are read
PASSAGES: Final = 8  # of each
OPENING: Final = 2  # passages of a file that is named and has none of the words
QUOTED: Final = 10  # ranked files that are read for what to quote
SPELLED: Final = 0.3  # a name with at most three definers points at each of them

_NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """The places in each file, by its number and best first, and how sure (0 to 1) it is that they
    matter."""

    places: Mapping[int, Sequence[Placed]]
    sure: float


def look(
    candidates: Sequence[Candidate],
    evidence: Evidence,
    query: Query,
    index: IndexStore,
    most: int,
    is_newest: bool = False,
) -> Seen:
    """Read the passages of the best files that the signals found: FILES of them, or `most`. What
    `is_newest` of a journal stands at its head: what is asked for, and what is added to it."""
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
        at_head = is_newest and candidate.row.is_journal
        if is_named(candidate) and (at_head or not places[number]):
            # Named as a whole: what it says first stands for it.
            first = index.passages_of(number)[:OPENING]
            places[number] = [
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
    """Read the files of a packet, and unless the request names them those that are ranked next:
    where in them to quote. Who cannot open a file is helped by the right line of the tenth more
    than by all of the first."""
    kept = [candidate for candidate in candidates if candidate.row.path in paths]
    if not all(map(is_named, kept)):
        kept = [*kept, *(c for c in candidates[:QUOTED] if c.row.path not in paths)]
    has = _hint(evidence.rarity)

    def stem(text: str) -> frozenset[str]:
        return index.term_set(text) if has(text) else _NONE

    forms = forms_of(query.text)
    found: list[Spot] = []
    for candidate in kept:
        row = candidate.row
        passages = index.passages_of(row.id)
        score = candidate.score / candidates[0].score
        if query.overview and row.is_front:
            first = introduction if row.role == Role.MANIFEST else opening
            found += first(row.path, score, passages)
            continue
        places = order(
            passages, evidence.rarity, stem, frozenset(), dict(candidate.passages), shortest=1
        )
        found += spots(row.path, score, places, evidence.rarity, stem, forms)
    return found


def _hint(rarity: Mapping[str, float]) -> Callable[[str], bool]:
    """Tell at a glance a text that has none of some terms: a stem differs from the beginning of
    its words in the last letter at most. What is not ASCII has to be looked at."""
    beginnings = sorted({re.escape(term[:-1] or term) for term in rarity})
    pattern = re.compile("|".join(beginnings) or "(?!)")
    return lambda text: not text.isascii() or pattern.search(text.lower()) is not None
