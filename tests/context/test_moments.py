"""Which time a question is about."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from satchel.context.moments import spans

NOW = datetime(2026, 5, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("What did I say about money in February?", "2026-02-01", "2026-03-01"),
        ("in December", "2025-12-01", "2026-01-01"),
        ("in May last year", "2025-05-01", "2025-06-01"),
        ("in May 2024", "2024-05-01", "2024-06-01"),
        ("on March 5th, 2024", "2024-03-05", "2024-03-06"),
        ("on 3 March", "2026-03-03", "2026-03-04"),
        ("as of 2026-03", "2026-03-01", "2026-04-01"),
        ("on 2026-03-09", "2026-03-09", "2026-03-10"),
        ("in summer 2025", "2025-06-01", "2025-09-01"),
        ("in 2023", "2023-01-01", "2024-01-01"),
        ("last week", "2026-04-20", "2026-04-27"),
        ("last month", "2026-04-01", "2026-05-01"),
        ("last Tuesday", "2026-04-28", "2026-04-29"),
        ("yesterday", "2026-05-01", "2026-05-02"),
        ("two weeks ago", "2026-04-15", "2026-04-22"),
    ],
)
def test_a_time_is_read_from_the_moment_of_asking(text: str, start: str, end: str) -> None:
    (span,) = spans(text, NOW)
    assert (span.start.date().isoformat(), span.end.date().isoformat()) == (start, end)


@pytest.mark.parametrize(
    "text", ["what may I eat", "march on", "31 February", "the second of many", "in 0000", ""]
)
def test_what_is_no_time_gives_none(text: str) -> None:
    assert spans(text, NOW) == ()


def test_relative_times_are_told_only_where_the_moment_is_known() -> None:
    assert spans("last week, in May, yesterday", None) == ()
    assert len(spans("in May 2024", None)) == 1


def test_hostile_text_is_read_in_a_moment() -> None:
    assert spans("in " * 100_000 + "1 " * 100_000, NOW) == ()
