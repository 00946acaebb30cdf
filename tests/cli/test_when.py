"""Times as a user writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from satchel.base.errors import BadInput
from satchel.cli.when import ahead, back, day, moment

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("30m", NOW + timedelta(minutes=30)),
        ("7D", NOW + timedelta(days=7)),
        ("2026-10-02", datetime(2026, 10, 3, tzinfo=UTC)),
        ("2026-10-01", datetime(2026, 10, 2, tzinfo=UTC)),
        ("2026-10-01T14:00+01:00", datetime(2026, 10, 1, 13, tzinfo=UTC)),
        ("2026-10-01T13:00", datetime(2026, 10, 1, 13, tzinfo=UTC)),
        ("2026-10-01 13:00 UTC", datetime(2026, 10, 1, 13, tzinfo=UTC)),
    ],
)
def test_a_time_to_come_is_read(text: str, meant: datetime) -> None:
    assert ahead(text, NOW) == meant


def test_a_time_in_the_past_is_read() -> None:
    assert back("4w", NOW) == NOW - timedelta(weeks=4)
    assert back("2026-10-01", NOW) == datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "soon", "5", "5y", "2026-13-01", "9999-12-31", "0m", "2026-09-30"]
)
def test_what_is_no_time_to_come_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        ahead(text, NOW)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2026-11-22T17:02:46+00:00", "2026-11-22 17:02 UTC"),
        ("2026-11-22T17:02:46.123456Z", "2026-11-22 17:02 UTC"),
        ("2026-11-22T23:30:00-05:00", "2026-11-23 04:30 UTC"),
        (datetime(2026, 11, 22, 17, 2, tzinfo=UTC), "2026-11-22 17:02 UTC"),
        ("2026-11-22T17:02", "2026-11-22 17:02 UTC"),
        ("2026-11-22", "2026-11-22"),
        ("0001-01-01T00:00:00+05:00", "0001-01-01T00:00:00+05:00"),
        ("once upon\x1b[31m a time", "once upon a time"),
        (None, "?"),
    ],
)
def test_a_person_reads_each_moment_the_same_way(given: object, read: str) -> None:
    assert moment(given) == read


def test_a_day_is_the_one_that_was_written() -> None:
    assert (day("2026-11-22T23:30:00-05:00"), day(None)) == ("2026-11-22", "?")
