"""Days of the week."""

from __future__ import annotations

import pytest

from satchel.context.conflict.days import clash, days


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("on Mondays", {0}),
        ("Tuesday to Thursday", {1, 2, 3}),
        ("from Friday through Monday", {4, 5, 6, 0}),
        ("on weekdays", {0, 1, 2, 3, 4}),
        ("at the weekend", {5, 6}),
        ("before a weekend", {4}),
    ],
)
def test_days_are_read(text: str, named: set[int]) -> None:
    (found,) = days(text)
    assert found.days == named


@pytest.mark.parametrize(
    ("stated", "asked", "is_opposed"),
    [
        ("never on Sundays", "on Sunday morning", True),
        ("never on Sundays", "on Monday", False),
        ("only Tuesday to Thursday", "this Friday", True),
        ("on weekdays", "next Wednesday", False),
        ("never on Sundays", "not on Sunday", False),
    ],
)
def test_a_day_is_opposed_where_it_is_ruled_out(stated: str, asked: str, is_opposed: bool) -> None:
    assert (clash(days(stated), days(asked)) is not None) is is_opposed
