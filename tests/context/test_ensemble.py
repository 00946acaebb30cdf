"""The tree ensemble and its scores."""

from __future__ import annotations

import numpy as np
import pytest

from satchel.context.ensemble import ensemble_of, ranker
from satchel.context.features import NAMES

STUMP = [[0, 0.5, 1, 2], [-1.0], [1.0]]
DEEPER = [[1, 2.0, 1, 2], [0.25], [0, 0.5, 3, 4], [0.5], [0.75]]


def scores(rows: list[list[float]]) -> list[float]:
    trees = ensemble_of(("a", "b"), [STUMP, DEEPER])
    return [float(value) for value in trees.score(np.array(rows, dtype=np.float32))]


def test_every_row_falls_to_one_leaf_of_each_tree_and_their_values_add_up() -> None:
    rows = [[0.0, 0.0], [0.5, 2.0], [0.5, 3.0], [0.6, 3.0]]
    assert scores(rows) == [-0.75, -0.75, -0.5, 1.75]


def test_a_tree_may_be_one_leaf_and_a_score_does_not_depend_on_the_rows_beside_it() -> None:
    assert ensemble_of(("a",), [[[0.5]]]).score(np.zeros((2, 1), "f4")).tolist() == [0.5, 0.5]
    rows = [[place % 5 / 4, place % 7 / 2] for place in range(100)]
    assert scores(rows) == [scores([row])[0] for row in rows]


def test_a_tree_of_too_many_leaves_is_refused() -> None:
    chain = [node for at in range(0, 32, 2) for node in ([0, at, at + 1, at + 2], [1.0])]
    with pytest.raises(ValueError, match="17 leaves"):
        ensemble_of(("a",), [[*chain, [2.0]]])


def test_no_rows_have_no_scores() -> None:
    trees = ensemble_of(("a",), [STUMP])
    assert trees.score(np.zeros((0, 1), dtype=np.float32)).tolist() == []


@pytest.mark.parametrize("node", [[0, 0.5, 1, 9], [0, 0.5, 0, 1], [-1, 0.5, 1, 2], [5, 0.5, 1, 2]])
def test_a_node_that_leads_out_of_its_tree_or_columns_is_refused(node: list[float]) -> None:
    with pytest.raises(ValueError, match="node 0"):
        ensemble_of(("a",), [[node, [-1.0], [1.0]]])


def test_the_ranker_that_ships_reads_the_features_that_are_made() -> None:
    assert ranker().names == NAMES
    spread = ranker().score(np.stack([np.zeros(len(NAMES)), np.ones(len(NAMES))]).astype("f4"))
    assert spread[1] > spread[0]
