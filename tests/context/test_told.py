"""What the messages of a file's commits say, taken together."""

from __future__ import annotations

import numpy as np
import pytest

from satchel.context.store.history import Touches
from satchel.context.told import told


def touches(*commits: tuple[str, ...]) -> Touches:
    """Return which paths commits 1, 2, … touched."""
    places: dict[str, int] = {}
    paths = [places.setdefault(path, len(places)) for commit in commits for path in commit]
    sizes = np.array([0, *map(len, commits)])
    return Touches(
        places,
        np.concatenate([[0], np.cumsum(sizes)]),
        np.array(paths, dtype=np.int64),
        1 / np.sqrt(np.repeat(sizes, sizes)),
    )


def test_the_more_of_a_files_commits_say_a_term_the_more_speaks_for_it() -> None:
    scores = told([1.0], [[1, 2, 3]], touches(("a",), ("a",), ("b",), ("b",), ("c",)))
    assert scores["a"] > scores["b"] > 0
    assert "c" not in scores


def test_a_file_that_every_commit_touches_needs_more_of_them() -> None:
    busy = touches(("busy",), ("calm",), ("busy",), ("busy",), ("busy",))
    scores = told([1.0], [[1, 2]], busy)
    assert scores["calm"] > scores["busy"]


def test_a_commit_says_less_of_each_of_many_files() -> None:
    scores = told([1.0], [[1, 2]], touches(("a",), ("b", "c"), ("d",), ("d",), ("d",)))
    assert scores["a"] > scores["b"] == scores["c"]


def test_a_term_counts_by_its_weight_and_by_how_few_files_it_is_said_of() -> None:
    history = touches(("a",), ("b",), ("c",), ("d",))
    rare = told([1.0, 1.0], [[1], [2, 3]], history)
    assert rare["a"] > rare["b"]
    heavy = told([1.0, 3.0], [[1], [2, 3]], history)
    assert heavy["b"] == pytest.approx(3 * rare["b"])


def test_commits_that_touch_nothing_or_too_much_say_nothing() -> None:
    assert told([1.0], [[1, 7]], touches((), ("a",))) == {}
    assert told([1.0], [[1]], touches()) == {}
    assert told([], [], touches(("a",))) == {}
