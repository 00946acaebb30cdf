"""What in a request only tells what is so."""

from __future__ import annotations

import pytest

from satchel.context.conflict.stance import clauses
from satchel.context.conflict.told import with_told


def parts(request: str) -> list[tuple[bool, str]]:
    return [(clause.told, clause.text) for clause in with_told(clauses(request))]


@pytest.mark.parametrize(
    "request_",
    [
        "The worker crashes after a restart of Redis",
        "The banner is still in Bootstrap. Replace it with Tailwind",
        "Compare our bill with what Heroku would cost",
        "The customer says that Excel opens the export",
    ],
)
def test_a_report_asks_for_nothing(request_: str) -> None:
    assert parts(request_)[0][0]


@pytest.mark.parametrize(
    "request_",
    [
        "Use Redis for the sessions",
        "The export should be in Excel",
        "Let's drop Redis, it crashes",
        "I want Bootstrap for the banner. Replace it everywhere",
    ],
)
def test_a_wish_asks(request_: str) -> None:
    assert not parts(request_)[0][0]


def test_what_breaks_is_parted_from_what_is_asked_for() -> None:
    assert parts("The parser panics on empty input, return an error instead") == [
        (True, "The parser panics on empty input"),
        (False, "return an error instead"),
    ]


def test_a_condition_is_parted_from_what_is_asked_for() -> None:
    assert parts("When somebody sends an Excel file, answer with a hint") == [
        (True, "When somebody sends an Excel file"),
        (False, "answer with a hint"),
    ]


def test_a_request_of_no_clauses_tells_nothing() -> None:
    assert with_told(()) == ()
