"""Lines are scored by the rare terms near them, and windows grow where they tell."""

from __future__ import annotations

from satchel.context.window import grow, near, peaks, runs, within

NONE: frozenset[str] = frozenset()
WEIGHTS = {"depth": 3.0, "import": 2.0}


def scores(*lines: str, head: str = "") -> list[float]:
    terms = [frozenset(line.split()) for line in lines]
    return near(lines, terms, WEIGHTS, frozenset(head.split()))


def test_a_line_tells_most_where_terms_meet() -> None:
    found = scores("import", "", "the import depth", "", "", "depth")
    assert peaks(found, 1) == [2]


def test_a_neighbour_is_told_by_the_line_beside_it() -> None:
    found = scores("depth", "limit = 5", "x", "y", "z", "v", "w", "u")
    assert found[0] > found[1] > found[2] > found[-1] == 0.0


def test_a_passages_own_name_counts_for_all_its_lines() -> None:
    assert scores("one", "two", head="depth") == [WEIGHTS["depth"] * 0.4] * 2


def test_a_line_that_imports_a_name_tells_less_than_one_that_uses_it() -> None:
    assert scores("use depth")[0] < scores("set depth")[0]


def test_a_term_of_every_line_and_one_of_the_path_tell_little() -> None:
    lines = [frozenset({"depth"})] * 9 + [frozenset({"import"})]
    told = within(lines, {"depth": 1.0, "import": 1.0}, NONE)
    assert told["depth"] < told["import"]
    assert within(lines, {"import": 1.0}, frozenset({"import"}))["import"] < told["import"]


def test_peaks_keep_apart_and_ties_keep_the_order_of_lines() -> None:
    assert peaks([1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0], 3) == [0, 6]
    assert peaks([0.0, 0.0], 3) == []


def test_a_window_grows_to_the_better_side_within_its_room() -> None:
    assert grow([0.1, 0.8, 1.0, 0.2], lambda _: 5, 2, 10, 0.0) == range(1, 3)
    assert grow([0.1, 0.8, 1.0, 0.2], lambda _: 5, 2, 99, 0.5) == range(1, 3)
    assert grow([1.0], lambda _: 500, 0, 10, 0.0) == range(0, 1)


def test_runs_are_of_consecutive_lines() -> None:
    assert runs({7, 1, 2, 4}) == [(1, 2), (4, 4), (7, 7)]
