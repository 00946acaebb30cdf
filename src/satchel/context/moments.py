"""Which time a question is about: "in May", "last week", "on 3 March 2026". Pure.

Relative words count from the moment of asking. A month or a day without a year is the last one
before that moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_MONTH: Final = "|".join(f"{name}|{name[:3]}" for name in MONTHS if name != "may") + "|may|sept"
_WEEKDAYS: Final = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
_SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_COUNTS: Final = {
    **{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6},
    **{"a couple of": 2, "a few": 3, "several": 4},
}
_UNITS: Final = {"day": 1, "week": 7, "month": 30, "year": 365}

_ISO: Final = re.compile(r"\b(\d{4})-(\d{2})(?:-(\d{2}))?\b", re.ASCII)
# "May" is a month where a preposition or a day stands before it; it is a verb everywhere else.
_DAY_MONTH: Final = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<month>{_MONTH})"
    rf"|(?P<month2>{_MONTH})\s(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?)\b(?:,?\s(?P<year>\d{{4}}))?",
    re.IGNORECASE | re.ASCII,
)
_IN_MONTH: Final = re.compile(
    rf"\b(?:in|of|during|since|until|by|last|this|early|late|mid|from|for|back in)[\s-]"
    rf"(?P<month>{_MONTH})\b(?:\s(?:of\s)?(?P<year>\d{{4}}|last year|this year))?",
    re.IGNORECASE | re.ASCII,
)
_IN_SEASON: Final = re.compile(
    r"\b(?:in|during|last|this|the)\s(?:the\s)?(?P<season>spring|summer|autumn|fall|winter)\b"
    r"(?:\s(?:of\s)?(?P<year>\d{4}))?",
    re.IGNORECASE | re.ASCII,
)
_IN_YEAR: Final = re.compile(r"\b(?:in|during|since|of)\s(\d{4})\b", re.IGNORECASE | re.ASCII)
_AGO: Final = re.compile(
    r"\b(?P<count>\d{1,3}|an?|one|two|three|four|five|six|a couple of|a few|several)\s"
    r"(?P<unit>day|week|month|year)s?\s(?:ago|back|earlier)\b",
    re.IGNORECASE | re.ASCII,
)
_LAST: Final = re.compile(
    rf"\b(?P<which>last|this|past|previous)\s(?P<unit>week|month|year|night|{'|'.join(_WEEKDAYS)})"
    r"\b",
    re.IGNORECASE,
)
_DAY_WORD: Final = re.compile(r"\b(today|yesterday|the day before yesterday)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: from `start` up to, not including, `end`; both in UTC."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        """Tell whether a moment lies in it."""
        return self.start <= at < self.end

    def holds_all_of(self, other: Span) -> bool:
        """Tell whether a narrower stretch lies in it."""
        return self != other and self.start <= other.start and other.end <= self.end


def spans(text: str, now: datetime | None) -> tuple[Span, ...]:
    """Return the times that a text names; relative ones only where `now` is known."""
    text = text[:2_000]
    found = []
    for one in (_named(text, now), _relative(text, now)):
        try:
            found += list(one)
        except (ValueError, OverflowError):  # the 31st of February
            continue
    narrow = [one for one in found if not any(one.holds_all_of(other) for other in found)]
    return tuple(dict.fromkeys(narrow))


def _named(text: str, now: datetime | None) -> Iterator[Span]:
    for year, month, day in _ISO.findall(text):
        begins = datetime(int(year), int(month), int(day or 1), tzinfo=UTC)
        yield Span(begins, begins + timedelta(days=1) if day else _after(begins))
    days = [*_DAY_MONTH.finditer(text)]
    for match in days:
        start = _placed(
            match["year"], _number(match["month"] or match["month2"]), now, match["day"] or
            match["day2"]
        )  # fmt: skip
        if start is not None:
            yield Span(start, start + timedelta(days=1))
    for match in _IN_MONTH.finditer(text):
        if any(day.start() <= match.start("month") < day.end() for day in days):
            continue
        year = match["year"]
        if year and not year.isdigit():
            year = str(now.year - (year.lower() == "last year")) if now else None
        start = _placed(year, _number(match["month"]), now)
        if start is not None:
            yield Span(start, _after(start))
    for match in _IN_SEASON.finditer(text):
        start = _placed(match["year"], _SEASONS[match["season"].lower()], now)
        if start is not None:
            yield Span(start, _after(start, 3))
    for year in _IN_YEAR.findall(text):
        if 1900 <= int(year) <= 2200:
            yield Span(
                datetime(int(year), 1, 1, tzinfo=UTC), datetime(int(year) + 1, 1, 1, tzinfo=UTC)
            )


def _relative(text: str, now: datetime | None) -> Iterator[Span]:
    if now is None:
        return
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for match in _AGO.finditer(text):
        count = _COUNTS.get(match["count"].lower()) or int(match["count"])
        length = _UNITS[match["unit"].lower()]
        at = today - timedelta(days=count * length)
        slack = timedelta(days=length // 2)
        yield Span(at - slack, at + slack + timedelta(days=1))
    for match in _LAST.finditer(text):
        unit, is_this = match["unit"].lower(), match["which"].lower() == "this"
        if unit == "night":
            yield Span(today - timedelta(days=1), today + timedelta(days=1))
        elif unit in _WEEKDAYS:
            back = (today.weekday() - _WEEKDAYS.index(unit)) % 7
            at = today - timedelta(days=back if is_this else back or 7)
            yield Span(at, at + timedelta(days=1))
        elif unit == "week":
            monday = today - timedelta(days=today.weekday() + (0 if is_this else 7))
            yield Span(monday, monday + timedelta(days=7))
        elif unit == "month":
            first = today.replace(day=1)
            start = first if is_this else (first - timedelta(days=1)).replace(day=1)
            yield Span(start, _after(start))
        else:
            start = today.replace(month=1, day=1, year=today.year - (0 if is_this else 1))
            yield Span(start, _after(start, 12))
    for word in _DAY_WORD.findall(text):
        back = {"today": 0, "yesterday": 1}.get(word.lower(), 2)
        yield Span(today - timedelta(days=back), today - timedelta(days=back - 1))


def _number(month: str) -> int:
    return next(n for n, name in enumerate(MONTHS, 1) if name.startswith(month.lower()[:3]))


def _placed(
    year: str | None, month: int, now: datetime | None, day: str | None = None
) -> datetime | None:
    """Return the start of a month or a day; without a year, the last one that has begun."""
    if year is None and now is None:
        return None
    if year is not None:
        return datetime(int(year), month, int(day or 1), tzinfo=UTC)
    assert now is not None
    start = datetime(now.year, month, int(day or 1), tzinfo=UTC)
    return start if start <= now else start.replace(year=now.year - 1)


def _after(start: datetime, months: int = 1) -> datetime:
    """Return the first moment so many months later."""
    month = start.month - 1 + months
    return start.replace(year=start.year + month // 12, month=month % 12 + 1, day=1)
