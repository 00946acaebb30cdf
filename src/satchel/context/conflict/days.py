"""Days that a text names, of the week and of the year, and whether it is for them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from satchel.context.conflict.side import Side, side_at

NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY: Final = "|".join(NAMES)
_TO: Final = r"\s{0,2}(?:to|till|until|through|and|-|\u2013)\s{0,2}(?:the\s)?"
_MENTION: Final = re.compile(
    rf"\b(?P<first>{_DAY})s?(?:{_TO.replace('and|', '')}(?P<last>{_DAY})s?)?\b"
    r"|\b(?P<week>weekdays?|working days?|business days?)\b|\b(?P<end>week-?ends?)\b",
    re.IGNORECASE,
)
WORDS: Final = frozenset({*NAMES, "weekday", "weekend", "day", "week", "morning", "evening"})
# How many days a month has at most: a day is told by how many may stand before it in a year.
_LENGTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            *(
                "jan january",
                "feb february",
                "mar march",
                "apr april",
                "may",
                "jun june",
                "jul july",
            ),
            *("aug august", "sep sept september", "oct october", "nov november", "dec december"),
        )
    )
    for name in names.split()
}
_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NTH: Final = r"[0-3]?\d(?:st|nd|rd|th)?"
_DATE: Final = re.compile(
    rf"\b(?:(?:(?P<open>{_NTH})\.?{_TO})?(?P<day>{_NTH})(?:\.|\sof)?\s(?P<month>{_MONTH})|(?P<name>{_MONTH})\.?\s(?P<nth>{_NTH})|"
    r"\d{4}-(?P<mm>[01]\d)-(?P<dd>[0-3]\d))\b(?!\s?(?:%|[ap]m\b)|[:.\d]\d)",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(r"\b(?:after|past|later than)\s(?:the |a )?$", re.IGNORECASE)
_SINCE: Final = re.compile(r"\b(?:from|since|starting)\s(?:on )?(?:the )?$", re.IGNORECASE)
_BEFORE: Final = re.compile(
    r"\b(?:before|ahead of|until|till|earlier than)\s(?:the |a )?$", re.IGNORECASE
)
_SPAN: Final = re.compile(_TO, re.IGNORECASE)
_PLANNED: Final = re.compile(
    r"\b(?:(?:planned|scheduled|due|booked|dated)(?: for| on)?|of)\s$", re.I
)
_FROZEN: Final = re.compile(r"\b(?:freeze|frozen|blackout|moratorium|closed)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Days:
    """Days and the side on which they stand: 0 for Monday to 6 for Sunday, and below those of the
    year, -1 for its first."""

    days: frozenset[int]
    side: Side
    spelled: str


@lru_cache(maxsize=8_192)
def days(sentence: str) -> tuple[Days, ...]:
    """Find the days of the week, and those of the year, that a sentence names."""
    return (*_of_week(sentence), *_of_year(sentence))


def _of_week(sentence: str) -> Iterator[Days]:
    for match in _MENTION.finditer(sentence):
        before = sentence[: match.start()]
        bound = _AFTER.search(before) or _BEFORE.search(before)
        side = side_at(sentence, (bound or match).start(), match.end())
        if match["week"]:
            named = set(range(5))
        elif match["end"]:
            named = {4} if bound else {5, 6}
        else:
            first = NAMES.index(match["first"].lower())
            last = NAMES.index(match["last"].lower()) if match["last"] else first
            named = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
            if side is Side.AGAINST and bound:
                rest = range(last + 1, 7) if _AFTER.search(before) else range(first)
                named = set(rest) or named
        yield Days(frozenset(named), side, match.group())


def _of_year(sentence: str) -> Iterator[Days]:
    found = [(match, day) for match in _DATE.finditer(sentence) if (day := _day(match))]
    frozen = _FROZEN.search(sentence) is not None if found else False
    year = sum(_LENGTHS)
    at = 0
    while at < len(found):
        match, first = found[at]
        before, last, end = sentence[: match.start()], first, match.end()
        start = match.start()
        if match["open"]:  # "15 to 31 December"
            first -= max(0, _number(match["day"]) - _number(match["open"]))
        elif at + 1 < len(found) and _SPAN.fullmatch(sentence, end, found[at + 1][0].start()):
            at += 1
            last, end = found[at][1], found[at][0].end()
        elif bound := _AFTER.search(before):
            start, first, last = bound.start(), first + 1, year
        elif bound := _BEFORE.search(before):
            start, first, last = bound.start(), 1, first - 1
        elif bound := _SINCE.search(before):
            start, last = bound.start(), year
        at += 1
        if _PLANNED.search(before):
            continue
        named = {(first + step - 1) % year + 1 for step in range((last - first) % year + 1)}
        side = Side.AGAINST if frozen else side_at(sentence, start, end)
        yield Days(frozenset(-day for day in named), side, sentence[match.start() : end])


def _day(match: re.Match[str]) -> int:
    """Return which day of the year a date is; 0 where there is none of that name."""
    spelled = match["dd"] or match["day"] or match["nth"]
    number = _number(spelled)
    named = match["month"] or match["name"]
    month = int(match["mm"]) - 1 if match["mm"] else _MONTHS[named.lower()]
    if not 0 <= month < len(_LENGTHS) or not 0 < number <= _LENGTHS[month]:
        return 0
    return sum(_LENGTHS[:month]) + number


def _number(spelled: str) -> int:
    return int(spelled.rstrip("stndrhSTNDRH"))


def is_month(word: str) -> bool:
    """Tell whether a word names a month."""
    return word.lower() in _MONTHS


def clash(stated: tuple[Days, ...], asked: tuple[Days, ...]) -> str | None:
    """Say which day is asked for though it was ruled out, or is none of those that were set."""
    barred = frozenset().union(*(one.days for one in stated if one.side is Side.AGAINST))
    # Of a date that is set another part of the work may have another.
    allowed = frozenset(
        day for one in stated if one.side is Side.FOR for day in one.days if day >= 0
    )
    for one in asked:
        if one.side is not Side.FOR:
            continue
        if one.days <= barred:
            return f"{one.spelled} is ruled out"
        if allowed and min(one.days) >= 0 and not one.days & allowed:
            told = " and ".join(held.spelled for held in stated if held.side is Side.FOR)
            return f"{told} was set, not {one.spelled}"
    return None
