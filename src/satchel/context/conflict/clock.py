"""Times of the day that a sentence states: "16:30", "4 pm", "noon". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from satchel.context.conflict.bound import NOT, bound_of
from satchel.context.conflict.quantity import Bound, Quantity

NOON: Final = 12 * 60


def times_of_day(sentence: str) -> Iterator[Quantity]:
    """Find the times of the day, in minutes."""
    for match in _CLOCK.finditer(sentence):
        minutes = NOON if match["noon"] else int(match["hour"] or 0) % 24 * 60
        minutes += int(match["minute"] or 0)
        if (match["half"] or "").lower() == "p" and minutes < NOON:
            minutes += NOON
        before = sentence[: match.start()]
        bound = bound_of(None, before, "", "")
        if limit := _BY_CLOCK.search(before[-20:]):
            bound = Bound.LEAST if limit["least"] else Bound.MOST
            if _NOT_AT.search(before[-70:]):
                bound = bound.opposite
        yield Quantity(minutes, "clock", bound, match.group(), minutes)


_BY_CLOCK: Final = re.compile(
    r"\b(?:(?P<least>after|past|from)|before|until|till|by)\s$", re.IGNORECASE
)
_NOT_AT: Final = re.compile(NOT + r"(?:after|past|before|until|till|from|by)\s$", re.IGNORECASE)
_CLOCK: Final = re.compile(
    r"\b(?:(?P<noon>noon|midday)|midnight)\b|\b(?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d)(?![:\d])|(?::[0-5]\d)?\s?(?P<half>[ap])\.?m\b|"
    r"\so'clock\b)",
    re.IGNORECASE,
)
