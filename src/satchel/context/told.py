"""What the messages of a file's commits say, taken together as one text beside the file. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
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
    terms, paths, said = _said(mentions, touches)
    rarity = np.log((count + 1) / (np.bincount(terms, minlength=len(mentions)) + 0.5))
    worth = (np.array(weights) * rarity)[terms]
    scores = np.bincount(paths, worth * said / (said + half[paths]), count).tolist()
    return {path: score for path, score in zip(touches.places, scores, strict=True) if score}


def _said(
    mentions: Sequence[Sequence[int]], touches: Touches
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return what commits say of each term of each path, where they say any: three parallel arrays
    of the terms' places, the paths' numbers, and how much."""
    last = len(touches.starts) - 2
    terms = np.repeat(np.arange(len(mentions)), [len(numbers) for numbers in mentions])
    commits = np.fromiter(chain.from_iterable(mentions), dtype=np.int64)
    terms, commits = terms[commits <= last], commits[commits <= last]
    sizes = touches.starts[commits + 1] - touches.starts[commits]
    ends = np.cumsum(sizes)
    at = np.arange(sizes.sum()) + np.repeat(touches.starts[commits] - ends + sizes, sizes)
    count = len(touches.places)
    places = np.repeat(terms, sizes) * count + touches.paths[at]
    said = np.bincount(places, touches.weights[at]).astype(np.float64, copy=False)
    (told_of,) = said.nonzero()
    return told_of // count, told_of % count, said[told_of]
