"""What training reads of commits, and how trees are handed over."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.material import messages
from bench.repositories import git
from bench.train import Asked, mean_recall, nodes, of_tests
from satchel.context.ensemble import ensemble_of

TREE = {
    "split_feature": 0,
    "threshold": 0.5,
    "left_child": {"leaf_value": -1.0},
    "right_child": {
        "split_feature": 1,
        "threshold": 2.25,
        "left_child": {"leaf_value": 0.123456789},
        "right_child": {"leaf_value": 3.0},
    },
}


def test_a_tree_is_handed_over_as_the_product_reads_it() -> None:
    listed = nodes(TREE)
    assert listed == [[0, 0.5, 1, 2], [-1.0], [1, 2.25, 3, 4], [0.123457], [3.0]]
    rows = np.array([[0.5, 9.0], [0.6, 2.0], [0.6, 2.5]], dtype=np.float32)
    scores = ensemble_of(("a", "b"), [listed]).score(rows).tolist()
    assert [round(score, 3) for score in scores] == [-1.0, 0.123, 3.0]


def test_recall_is_the_mean_of_repositories_and_counts_what_was_never_found() -> None:
    def asked(right: list[bool], changed: int) -> Asked:
        return Asked(np.zeros((len(right), 1), np.float32), np.array(right), changed, False)

    one = [(asked([True, False, True], 2), np.array([3.0, 2.0, 1.0]))]
    other = [(asked([True, False], 2), np.array([1.0, 2.0]))] * 3
    assert mean_recall([one, other], False, 1) == 0.25
    assert mean_recall([one, other], False, 3) == 0.75
    assert mean_recall([one, other], True, 3) == 0.0


def test_the_lines_that_a_commit_adds_to_tests_stand_in_for_a_reports_code(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_cart.py").write_text(
        "import cart\n\n\ndef test_total():\n    pass\n"
    )
    (tmp_path / "cart.py").write_text("def total(): ...\n")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Add a total")
    (found,) = messages(tmp_path, 5)
    assert of_tests(tmp_path, found) == "def test_total():\n    pass"
