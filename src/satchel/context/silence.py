"""Whether the evidence is about this workspace at all. Pure.

A logistic model of four features, fitted on commit messages of six repositories (and their first
two to four content words, for short requests) against everyday prompts and general programming
questions, each judged with the other five repositories' fit; docs/adr/0007-silence.md has the
figures. A briefing that fires for nothing is worse than one that stays silent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from satchel.context.rank import Candidate
from satchel.context.store.index import StoredPassage
from satchel.context.types import Signal

INTERCEPT: Final = -2.75
SHARE: Final = 1.68  # of the request's rarity, found in one passage
MATCHED: Final = 0.88  # a distinct term of the request in that passage
MOST_MATCHED: Final = 8
NAMED: Final = 6.78  # a definition that the request spells, shared among its definers
UNKNOWN: Final = -1.57  # share of the request's rarity in words that stand nowhere here
LEAST: Final = 0.5
LOOKED_AT: Final = (5, 3)  # files, and passages of each
SPELLED: Final = 0.5  # a path or a stack frame that points at few files is proof by itself


def confidence(
    candidates: Sequence[Candidate],
    passages: Mapping[int, StoredPassage],
    rarity: Mapping[str, float],
    unknown: frozenset[str],
    stem: Callable[[str], frozenset[str]],
) -> float:
    """Return how sure it is (0 to 1) that the best candidates are about the request."""
    files, each = LOOKED_AT
    total = sum(rarity.values()) or 1.0
    best = -math.inf
    for candidate in candidates[:files]:
        if candidate.signals.get(Signal.PATH, 0.0) >= SPELLED:
            return 1.0
        for number, _ in candidate.passages[:each]:
            if number not in passages:
                continue
            passage = passages[number]
            have = stem(f"{candidate.row.path} {passage.symbol} {passage.text}") & rarity.keys()
            share = sum(rarity[term] for term in have) / total
            best = max(best, SHARE * share + MATCHED * min(len(have), MOST_MATCHED))
    if best == -math.inf:
        return 0.0
    named = max(c.signals.get(Signal.SYMBOL, 0.0) for c in candidates[:files])
    missing = sum(rarity[term] for term in unknown) / total
    return 1 / (1 + math.exp(-(INTERCEPT + best + NAMED * named + UNKNOWN * missing)))
