"""What requests led to before, as evidence of a signal of its own. Pure.

A request that edits followed is like a commit message with the files that it changed: it counts by
how much of this request it says, the less the older it is and the more files there were. Requests
that are a little alike mislead, and among the commits of the history signal all of them do
(docs/ranker.md): so it stands apart, and starts where two are nearly one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from satchel.base.text import one_line
from satchel.context.store.packets import Followed

REQUESTS: Final = 50  # that are compared with one
LEAST: Final = 0.5  # of a score; below it requests mislead
MOST_FILES: Final = 30  # after more edits than this a request says nothing about each


def likeness(
    asked: AbstractSet[str], before: AbstractSet[str], weight: Mapping[str, float]
) -> float:
    """Tell how alike two requests are by their terms, 0 to 1: the share of this one's `weight` that
    the other has, times the share of the other's terms that are in this one, and the root of it."""
    shared = asked & before
    whole = sum(weight.get(term, 0.0) for term in asked)
    if not shared or whole <= 0:
        return 0.0
    covered = sum(weight.get(term, 0.0) for term in shared) / whole
    return math.sqrt(covered * len(shared) / len(before))


def evidence(
    requests: Sequence[Followed],
    weight: Mapping[str, float],
    terms: Callable[[str], AbstractSet[str]],
    now: float,
    fades: float,
) -> list[tuple[str, float, str]]:
    """Return (path, score, why) of the files that were edited after requests like this one.

    `weight` is what each of this request's terms counts, `terms` tells those of another; a score
    falls to 1/e in `fades` seconds.
    """
    asked = weight.keys()
    best: dict[str, tuple[float, str]] = {}
    for one in requests:
        if not one.paths or len(one.paths) > MOST_FILES:
            continue
        like = likeness(asked, terms(one.request), weight)
        score = like * math.exp(-max(0.0, now - one.time) / fades) / math.sqrt(len(one.paths))
        for path in one.paths:
            if score >= LEAST and score > best.get(path, (0.0, ""))[0]:
                best[path] = (score, one.request)
    return [
        (path, score, f'was edited after "{one_line(request, 64)}"')
        for path, (score, request) in best.items()
    ]
