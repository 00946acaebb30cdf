"""What the messages of a file's commits say, taken together as one text beside the file. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.context.store.history import Touches

# BM25 (Robertson and Zaragoza 2009), over what all of a file's commits say: K1 is what half the
# say of a term takes, B how far that grows with the number of commits.
K1: Final = 1.2
B: Final = 0.7


def told(
    weights: Sequence[float], mentions: Sequence[Sequence[int]], touches: Touches
) -> Mapping[str, float]:
    """Score every path by how often, and how alone, its commits' messages have the terms whose
    `weights` these are. `mentions` are, for each term, the numbers of the commits that have it.

    A term's rarity is by the paths that commits tell it of; paths without any are left out.
    """
    count = len(touches.places)
    if not count:
        return {}
    say = np.bincount(touches.paths, touches.weights, count)
    half = K1 * (1 - B + B * say / say.mean())
    said = _said(mentions, touches)
    rarity = np.log((count + 1) / (np.count_nonzero(said, axis=1) + 0.5))
    scores = (np.array(weights) * rarity) @ (said / (said + half))
    return {path: float(scores[place]) for path, place in touches.places.items() if scores[place]}


def _said(mentions: Sequence[Sequence[int]], touches: Touches) -> NDArray[np.float64]:
    """Return what commits say of each term of each path: an array of terms by paths."""
    last = len(touches.starts) - 2
    found = [(term, n) for term, numbers in enumerate(mentions) for n in numbers if n <= last]
    terms, commits = np.array(found, dtype=np.int64).reshape(-1, 2).T
    sizes = touches.starts[commits + 1] - touches.starts[commits]
    ends = np.cumsum(sizes)
    at = np.arange(sizes.sum()) + np.repeat(touches.starts[commits] - ends + sizes, sizes)
    shape = (len(mentions), len(touches.places))
    places = np.repeat(terms, sizes) * shape[1] + touches.paths[at]
    said = np.bincount(places, touches.weights[at], shape[0] * shape[1])
    return said.reshape(shape).astype(np.float64, copy=False)
