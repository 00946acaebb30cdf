"""Days of the week that a text names, and whether it is for them or against them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from satchel.context.conflict.side import Side, side_at

NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY: Final = "|".join(NAMES)
_MENTION: Final = re.compile(
    rf"\b(?P<first>{_DAY})s?(?:\s{{0,2}}(?:to|till|until|through|-|"
    rf"\u2013)\s{{0,2}}(?P<last>{_DAY})s?)?\b"
    r"|\b(?P<week>weekdays?|working days?|business days?)\b|\b(?P<end>week-?ends?)\b",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(r"\b(?:before|ahead of)\s(?:the |a )?$", re.IGNORECASE)
WORDS: Final = frozenset({*NAMES, "weekday", "weekend", "day", "week", "morning", "evening"})


@dataclass(frozen=True, slots=True)
class Days:
    """Days, 0 for Monday to 6 for Sunday, and the side on which they stand."""

    days: frozenset[int]
    side: Side
    spelled: str


@lru_cache(maxsize=8_192)
def days(sentence: str) -> tuple[Days, ...]:
    """Find the days of the week that a sentence names."""
    found = []
    for match in _MENTION.finditer(sentence):
        if match["week"]:
            named = set(range(5))
        elif match["end"]:
            named = {4} if _BEFORE.search(sentence[: match.start()]) else {5, 6}
        else:
            first = NAMES.index(match["first"].lower())
            last = NAMES.index(match["last"].lower()) if match["last"] else first
            named = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
        side = side_at(sentence, match.start(), match.end())
        found.append(Days(frozenset(named), side, match.group()))
    return tuple(found)


def clash(stated: tuple[Days, ...], asked: tuple[Days, ...]) -> str | None:
    """Say which day is asked for though it was ruled out, or is none of those that were set."""
    barred = frozenset().union(*(one.days for one in stated if one.side is Side.AGAINST))
    allowed = frozenset().union(*(one.days for one in stated if one.side is Side.FOR))
    for one in asked:
        if one.side is not Side.FOR:
            continue
        if one.days <= barred:
            return f"{one.spelled} is ruled out"
        if allowed and not one.days & allowed:
            told = " and ".join(held.spelled for held in stated if held.side is Side.FOR)
            return f"{told} was set, not {one.spelled}"
    return None
