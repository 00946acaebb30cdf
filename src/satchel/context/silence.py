"""Whether the evidence is about this workspace at all. Pure.

A logistic model of four features, fitted on commit messages of six repositories (and their first
two to four content words, for short requests) against everyday prompts and general programming
questions by `python -m bench.silence_fit`; docs/adr/0007-silence.md has the figures. A briefing
that fires for nothing is worse than one that stays silent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.context.rank import Candidate
from satchel.context.store.index import StoredPassage
from satchel.context.types import Signal

INTERCEPT: Final = -2.75
SHARE: Final = 1.68
MATCHED: Final = 0.88
NAMED: Final = 6.78
UNKNOWN: Final = -1.57
MOST_MATCHED: Final = 8
LEAST: Final = 0.5
LOOKED_AT: Final = (5, 3)  # files, and passages of each
SPELLED: Final = 0.5  # a path or a stack frame that points at few files is proof by itself


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of a request and the best candidates for it.

    `share` is how much of the request's rarity (0 to 1) stands in one passage, `matched` how many
    of its distinct terms do, at most MOST_MATCHED; of all passages it is the one that speaks most
    for the candidates. `named` is what a definition that the request spells gives, shared among
    its definers (0 to 1); `unknown` the share of the rarity in words that stand nowhere here.
    `spelled` tells of a path or a stack frame: nothing else is looked at then.
    """

    spelled: bool
    share: float
    matched: int
    named: float
    unknown: float


def features(
    candidates: Sequence[Candidate],
    passages: Mapping[int, StoredPassage],
    rarity: Mapping[str, float],
    unknown: frozenset[str],
    stem: Callable[[str], frozenset[str]],
) -> Features | None:
    """Look at the best candidates; None where none of them has a passage or is spelled out."""
    files, each = LOOKED_AT
    if any(c.signals.get(Signal.PATH, 0.0) >= SPELLED for c in candidates[:files]):
        return Features(True, 0.0, 0, 0.0, 0.0)
    total = sum(rarity.values()) or 1.0
    found: list[tuple[float, int]] = []
    for candidate in candidates[:files]:
        for number, _ in candidate.passages[:each]:
            if number in passages:
                passage = passages[number]
                parts = (candidate.row.path, passage.symbol, passage.text)
                have = frozenset().union(*map(stem, parts)) & rarity.keys()
                share = sum(rarity[term] for term in have) / total
                found.append((share, min(len(have), MOST_MATCHED)))
    if not found:
        return None
    share, matched = max(found, key=lambda one: SHARE * one[0] + MATCHED * one[1])
    named = max(c.signals.get(Signal.SYMBOL, 0.0) for c in candidates[:files])
    missing = sum(rarity[term] for term in unknown) / total
    return Features(False, share, matched, named, missing)


def confidence(
    candidates: Sequence[Candidate],
    passages: Mapping[int, StoredPassage],
    rarity: Mapping[str, float],
    unknown: frozenset[str],
    stem: Callable[[str], frozenset[str]],
) -> float:
    """Return how sure it is (0 to 1) that the best candidates are about the request."""
    seen = features(candidates, passages, rarity, unknown, stem)
    if seen is None:
        return 0.0
    if seen.spelled:
        return 1.0
    best = SHARE * seen.share + MATCHED * seen.matched
    return 1 / (1 + math.exp(-(INTERCEPT + best + NAMED * seen.named + UNKNOWN * seen.unknown)))
