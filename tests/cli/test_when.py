"""Times as a user writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from satchel.base.errors import BadInput
from satchel.cli.when import ahead, back

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
