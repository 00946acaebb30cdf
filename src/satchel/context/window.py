"""Which lines of a passage a request concerns, and how far to quote around them. Pure.

A line tells by the rare terms of the request that stand in it and close by: what explains a line
is most often the line above it. Lines are counted from 0 here.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

REACH: Final = 6  # lines over which a term speaks for its neighbours, less by each
HEAD: Final = 0.4  # of a term that stands in the passage's name, and not close by
IMPORTED: Final = 0.4  # of a term in a line that only says where a name comes from
EVERYWHERE: Final = 0.3  # of a term's rarity, where it stands in every line that was read
OF_PATH: Final = 0.25  # of a term that stands in the path: the request may mean the whole file
APART: Final = 4  # lines between two peaks
_IMPORT = re.compile(r"[ \t]{0,16}(?:pub )?(?:use|import|from|#include|package|using|require)\b")


def within(
    lines: Iterable[frozenset[str]], rarity: Mapping[str, float], path: frozenset[str]
) -> dict[str, float]:
    """Weigh a request's terms for a place in one file: the more of its lines (as terms) have a
    term, the less it tells them apart; those of the file's own path tell little."""
    count: Counter[str] = Counter()
    total = 1
    for terms in lines:
        total += 1
        count.update(terms & rarity.keys())
    return {
        term: weight
        * (OF_PATH if term in path else 1.0)
        * (EVERYWHERE + (1 - EVERYWHERE) * (1 - math.log(1 + count[term]) / math.log(1 + total)))
        for term, weight in rarity.items()
    }


def near(
    lines: Sequence[str],
    terms: Sequence[frozenset[str]],
    weights: Mapping[str, float],
    head: frozenset[str],
) -> list[float]:
    """Score each line by the weights of the request's terms that are near it.

    `terms` are those of each line, `head` those of the passage's own name. A term counts whole
    on its own line, less by a part of `REACH` with each line away from it.
    """
    scores = [0.0] * len(lines)
    standing = head.union(*terms) & weights.keys()
    loud = [IMPORTED if _IMPORT.match(line) else 1.0 for line in lines]
    for term in sorted(standing):
        heard = [HEAD if term in head else 0.0] * len(lines)
        for place, stand in enumerate(terms):
            if term in stand:
                for other in range(max(0, place - REACH + 1), min(len(lines), place + REACH)):
                    faded = loud[place] * (1 - abs(other - place) / REACH)
                    heard[other] = max(heard[other], faded)
        scores = [score + weights[term] * part for score, part in zip(scores, heard, strict=True)]
    return scores


def peaks(scores: Sequence[float], most: int) -> list[int]:
    """Return the lines that score best, more than `APART` from each other; ties keep the order of
    lines."""
    found: list[int] = []
    for line in sorted(range(len(scores)), key=lambda line: (-scores[line], line)):
        if len(found) == most or scores[line] <= 0:
            break
        if all(abs(line - other) > APART for other in found):
            found.append(line)
    return found


def grow(
    scores: Sequence[float], cost: Callable[[int], int], peak: int, room: int, least: float
) -> range:
    """Grow from a line to the neighbours that score best, while they fit into `room` tokens, as
    `cost` tells of each line, and have `least` (0 to 1) of its own score. The line itself is always
    taken."""
    first = last = peak
    spent = cost(peak)
    while first > 0 or last < len(scores) - 1:
        above = scores[first - 1] if first > 0 else -1.0
        below = scores[last + 1] if last < len(scores) - 1 else -1.0
        step = first - 1 if above > below else last + 1
        spent += cost(step)
        if spent > room or scores[step] < least * scores[peak]:
            break
        first, last = min(first, step), max(last, step)
    return range(first, last + 1)


def runs(lines: Iterable[int]) -> list[tuple[int, int]]:
    """Return the first and last line of each run of consecutive lines, in order."""
    found: list[tuple[int, int]] = []
    for line in sorted(lines):
        if found and found[-1][1] == line - 1:
            found[-1] = (found[-1][0], line)
        else:
            found.append((line, line))
    return found
