"""A tree ensemble, read from a file and scored: all of a ranker that is needed at run time. Pure.

The trees are trained elsewhere (`python -m bench.train`); scoring asks all of their questions at
once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

RANKER: Final = "ranker.json"
LEAVES: Final = 16  # a tree: as many bits as a mask has
ROWS: Final = 48  # that are scored at one time: their arrays stay in the cache of the processor


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Trees over the columns that `names` name, their questions side by side in arrays.

    A question asks whether `columns` of a row is at most `thresholds`; where it is not, the leaves
    that are left of it are out, which its mask of `kept` has no bit for. Of the leaves that no
    question of a tree puts out, the first is where the row falls (QuickScorer: Lucchese et al.
    2015). The first axis of these is a tree's questions, the second the trees, and where a tree
    has fewer of them, one that puts out nothing. `values` are those of each tree's leaves.
    """

    names: tuple[str, ...]
    columns: NDArray[np.intp]
    thresholds: NDArray[np.float32]
    kept: NDArray[np.uint16]
    values: NDArray[np.float32]

    def score(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the sum of the trees' values for each row."""
        scores = [self._scored(rows[at : at + ROWS]) for at in range(0, len(rows), ROWS)]
        return np.concatenate(scores) if scores else np.zeros(0, dtype=np.float32)

    def _scored(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        asked = np.ascontiguousarray(rows.T).take(self.columns.ravel(), axis=0)
        is_low = asked <= self.thresholds.reshape(-1, 1)
        kept = (-is_low.astype(np.int16)).view(np.uint16) | self.kept.reshape(-1, 1)
        trees, leaves = self.values.shape
        left = np.bitwise_and.reduce(kept.reshape(len(self.columns), trees * len(rows)), axis=0)
        at = _first_bits(leaves).take(left & (1 << leaves) - 1).reshape(trees, len(rows))
        at += (leaves * np.arange(trees))[:, np.newaxis]
        # Added row by row: float32 sums depend on their order.
        total: NDArray[np.float32] = np.ascontiguousarray(self.values.ravel().take(at).T).sum(
            axis=1
        )
        return total


@cache
def _first_bits(leaves: int) -> NDArray[np.intp]:
    """Return the place of the lowest bit of each number of so many bits (of 0, -1)."""
    return np.array([(n & -n).bit_length() - 1 for n in range(1 << leaves)], dtype=np.intp)


def ensemble_of(names: Sequence[str], trees: Sequence[Sequence[Sequence[float]]]) -> Ensemble:
    """Read trees, each a list of nodes with its root first: [column, threshold, low, high], where
    the last two are later places in that list, or [value] for a leaf; at most LEAVES a tree.

    Raises ValueError where a tree is not of that form.
    """
    read = [_read(tree, len(names)) for tree in trees]
    leaves = max((len(values) for _, values in read), default=1)
    every = (1 << leaves) - 1
    none = (0, np.inf, 0)
    asked = np.array(
        [[*questions, *[none] * (leaves - 1 - len(questions))] for questions, _ in read]
    ).reshape(len(read), leaves - 1, 3)
    columns, thresholds, out = asked.transpose(2, 1, 0)
    values = np.array([[*values, *[0.0] * (leaves - len(values))] for _, values in read])
    return Ensemble(
        tuple(names),
        columns.astype(np.intp),
        thresholds.astype(np.float32),
        (every & ~out.astype(np.int64)).astype(np.uint16),
        values.reshape(len(read), leaves).astype(np.float32),
    )


Question = tuple[float, float, int]  # column, threshold, the bits of the leaves left of it


def _read(tree: Sequence[Sequence[float]], columns: int) -> tuple[list[Question], list[float]]:
    """Read a tree's questions and the values of its leaves, from left (low) to right."""
    questions: list[Question] = []
    values: list[float] = []

    def walk(place: int) -> int:
        node = tree[place]
        if len(node) == 1:
            values.append(node[0])
            return 1 << (len(values) - 1)
        column, threshold, low, high = node
        is_below = place < low < len(tree) and place < high < len(tree)
        if not (is_below and 0 <= column < columns):
            raise ValueError(f"node {place} leads out of its tree, or asks an unknown column")
        left, right = walk(int(low)), walk(int(high))
        questions.append((column, threshold, left))
        return left | right

    walk(0)
    if len(values) > LEAVES:
        raise ValueError(f"a tree has {len(values)} leaves, and may have {LEAVES}")
    return questions, values


@cache
def ranker() -> Ensemble:
    """Return the ranker that ships with Satchel."""
    text = resources.files("satchel.context").joinpath(RANKER).read_text(encoding="utf-8")
    kept: dict[str, Any] = json.loads(text)
    return ensemble_of(kept["features"], kept["trees"])
