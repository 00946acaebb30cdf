"""How sure a share is: percentile bootstrap intervals (Efron 1979)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

Unit = TypeVar("Unit")
DRAWS = 2_000
SEED = 11
COVERED = 0.95


@dataclass(frozen=True, slots=True)
class Tally:
    """What was found and right, found and wrong, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Of what was found, how much is right; 1 where nothing was found."""
        found = self.right + self.wrong
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        """Of what is right, how much was found; 1 where nothing is."""
        there = self.right + self.missed
        return self.right / there if there else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0


def tally(pairs: Iterable[tuple[frozenset[str], frozenset[str]]]) -> Tally:
    """Add up (what was found, what is right) over all cases."""
    right = wrong = missed = 0
    for found, gold in pairs:
        right += len(found & gold)
        wrong += len(found - gold)
        missed += len(gold - found)
    return Tally(right, wrong, missed)


def interval(
    units: Sequence[Unit], statistic: Callable[[Sequence[Unit]], float], draws: int = DRAWS
) -> tuple[float, float]:
    """Return the 95% interval of a statistic over units that are drawn anew, with a fixed seed."""
    if not units:
        return (0.0, 0.0)
    drawn = random.Random(SEED)
    found = sorted(statistic(drawn.choices(units, k=len(units))) for _ in range(draws))
    tail = (1 - COVERED) / 2
    return (found[int(tail * draws)], found[min(draws - 1, int((1 - tail) * draws))])


def with_interval(
    units: Sequence[Unit], statistic: Callable[[Sequence[Unit]], float], draws: int = DRAWS
) -> dict[str, float | list[float]]:
    """Return a share in percent with its interval: {"value": 97.1, "interval": [94.0, 99.3]}."""
    low, high = interval(units, statistic, draws)
    return {"value": in_percent(statistic(units)), "interval": [in_percent(low), in_percent(high)]}


def in_percent(share: float) -> float:
    """Return a share in percent, to a tenth."""
    return round(100 * share, 1)
