"""What a question wants to be told shows in its words, and in how a line looks that tells it."""

from __future__ import annotations

import pytest

from satchel.context.sought import forms_of, weighed

LINES = [
    "basket limit is a matter of taste",
    "BASKET_MAX = 40  # items",
    'raise Full("the basket is full")',
    'BASKET_ENV = env("SHOP_BASKET")',
    "parser.add('--basket-file')",
    "def basket_of(customer):",
    'log.warning("basket of %s is nearly full")',
    "basket = next_basket(basket)",
]


def best(request: str) -> str:
    """Return the line that scores best where a term of the request is in all alike."""
    scores = weighed(LINES, [1.0] * len(LINES), forms_of(request), 4.0)
    return LINES[max(range(len(LINES)), key=lambda n: scores[n])]


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        ("How many things fit into a basket at most?", 1),
        ("Which exception is thrown when there is no room left?", 2),
        ("Which environment variable names the basket?", 3),
        ("Which command line flag reads a basket?", 4),
        ("Which function finds the basket of a customer?", 5),
        ("What is logged when a basket is nearly full?", 6),
    ],
)
def test_a_line_that_looks_like_the_answer_comes_first(request_: str, line: int) -> None:
    assert best(request_) == LINES[line]


def test_a_request_that_asks_for_no_form_leaves_the_scores_as_they_are() -> None:
    assert forms_of("Rename the basket") == ()
    assert forms_of("At most how many? " + "The basket is full. " * 40) == ()
    assert weighed(LINES, [0.5] * len(LINES), (), 4.0) == [0.5] * len(LINES)


def test_a_line_that_nothing_of_the_request_is_near_is_not_raised_by_its_looks_alone() -> None:
    forms = forms_of("How many items at most?")
    assert weighed(["limit = 40"], [0.0], forms, 4.0) == [0.0]


def test_a_word_of_the_trade_is_known_within_an_identifier_and_not_within_a_word() -> None:
    forms = forms_of("How many are there at most?")
    for line in ("maxItems = 4", "item_max = 4", "isMax = 4", "MAX_ITEMS = 4", "max = 4"):
        assert weighed([line], [1.0], forms, 4.0)[0] > weighed(["x = 4"], [1.0], forms, 4.0)[0]
    for line in ("maxim = 4", "climax = 4", "CLIMAX = 4"):
        assert weighed([line], [1.0], forms, 4.0) == weighed(["x = 4"], [1.0], forms, 4.0)
