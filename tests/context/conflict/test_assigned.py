"""Pairs of records of which only one can hold, and pairs that both can."""

from dataclasses import replace

import pytest

from satchel.context.conflict import contradictions
from tests.context.conflict.rules import rule


def are_opposed(one: str, other: str) -> bool:
    return bool(contradictions([rule(one), replace(rule(other), id="other")]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Never mock the database in tests", "Mock the database in unit tests"),
        ("Releases go out on Tuesdays, never on a Friday", "Releases go out on Wednesdays"),
        ("The dark theme is the default", "The default theme is the light one"),
        ("English is the default language.", "The default language is German."),
        ("Jonas owns the billing code", "Priya owns the billing code"),
        ("Mei looks after the translations", "Anna looks after the translations."),
        ("Stand-up is at 9:30", "The stand-up starts at 10:00"),
        ("The daily stand-up is at 9:30", "Stand-up is at 10:00"),
    ],
)
def test_of_these_only_one_can_hold(one: str, other: str) -> None:
    assert are_opposed(one, other)
    assert are_opposed(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Never mock the database in unit tests", "Mock the network in unit tests"),
        ("Never mock the database in tests", "Mock the clock in unit tests"),
        ("Never cache user data in tests", "Cache public data in memory"),
        ("Releases go out on Tuesdays", "Release notes go out on Wednesdays"),
        ("Releases go out on Tuesdays", "The retrospective is on Wednesdays"),
        ("Releases go out on Tuesdays", "Releases go out on Tuesdays and Thursdays"),
        ("The dark theme is the default", "The default language is German"),
        ("The dark theme is the default", "Dark is the default theme"),
        ("The dark theme is the default", "The default theme is the dark one"),
        ("The dark theme is the default on mobile", "The default theme is the light one"),
        ("The dark theme was the default", "The default theme is the light one"),
        ("Jonas owns the billing code", "Priya owns the search code"),
        ("Jonas owns the billing code", "Jonas owns the search code"),
        ("Jonas and Priya own the billing code", "Priya owns the billing code"),
        ("Jonas owns the billing code", "Priya reviews the billing code"),
        ("Jonas owns the billing code", "The billing code is in Go"),
        ("Stand-up is at 9:30", "The demo starts at 10:00"),
        ("Stand-up is at 9:30", "Stand-up is at 9:30 am"),
        ("Stand-up is at 9:30 in Berlin", "Stand-up is at 10:00 in London"),
        ("The office opens at 9:00", "The office closes at 17:00"),
    ],
)
def test_these_can_both_hold(one: str, other: str) -> None:
    assert not are_opposed(one, other)
    assert not are_opposed(other, one)
