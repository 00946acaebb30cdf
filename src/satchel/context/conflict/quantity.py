"""Numbers that a text states, with their unit and whether they are a limit. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Bound(StrEnum):
    """What a number says of the values that it allows."""

    EXACT = "exact"
    MOST = "most"
    LEAST = "least"

    @property
    def opposite(self) -> Bound:
        """What stands for it where the number counts the other way round."""
        return {Bound.MOST: Bound.LEAST, Bound.LEAST: Bound.MOST}.get(self, self)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in its base unit (seconds, bytes, or the counted thing itself).

    `unit` is "duration", "bytes", "percent", "number", a label ("level"), "named NAME",
    "version NAME", or the stem of what is counted; a version's `value` orders like the version.
    """

    value: float
    unit: str
    bound: Bound
    spelled: str
    number: float = 0.0  # as it is written, without its unit

    @property
    def is_limit(self) -> bool:
        """Whether it bounds what is allowed."""
        return self.bound is not Bound.EXACT

    def bare(self) -> Quantity:
        """Return the number as it is written: code seldom says its unit."""
        value = self.value if self.unit.startswith("version") else self.number
        return replace(self, value=value, unit="number")


CLOSE: Final = 0.02  # share by which months and days may differ
TIME: Final = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "millisecond": 1e-3, "s": 1.0, "sec": 1.0,
    "second": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0,
    "d": 86400.0, "day": 86400.0, "week": 604800.0, "month": 2629800.0, "year": 31557600.0,
}  # fmt: skip
SIZE: Final = {
    "b": 1.0, "byte": 1.0, "kb": 1e3, "kib": 1024.0, "mb": 1e6, "mib": 1048576.0, "gb": 1e9,
    "gib": 1073741824.0, "tb": 1e12, "k": 1e3, "m": 1e6, "g": 1e9,
}  # fmt: skip
LENGTH: Final = {
    "mm": 1e-3, "cm": 1e-2, "m": 1.0, "metre": 1.0, "meter": 1.0, "km": 1e3, "kilometre": 1e3,
    "kilometer": 1e3, "mile": 1609.344,
}  # fmt: skip
UNITS: Final = frozenset({*TIME, *SIZE, "time", "size", "version", "number"})


def opposed(stated: Quantity, asked: Quantity) -> bool:
    """Tell whether a number that is asked for passes what is stated."""
    if not comparable(stated, asked) or same(stated, asked):
        return False
    match stated.bound:
        case Bound.MOST:
            return asked.value > stated.value
        case Bound.LEAST:
            # A higher minimum is stricter, but leaves out a version that is to be supported.
            raised = asked.bound is Bound.LEAST and stated.unit.startswith("version")
            return asked.value < stated.value or raised
        case _:
            return True


def same(one: Quantity, other: Quantity) -> bool:
    """Tell whether two numbers are equal; a month is thirty days."""
    near = CLOSE * one.value if one.unit == other.unit == "duration" else 0.0
    return abs(one.value - other.value) <= near


def comparable(one: Quantity, other: Quantity) -> bool:
    """Tell whether two numbers count the same kind of thing, as far as that is said."""
    units = {one.unit, other.unit}
    bare = "number" in units and any(unit.startswith("named") for unit in units)
    return len(units) == 1 or bare


def version(digits: str) -> float:
    """Order versions: 3.9 before 3.11. Three parts of up to four digits."""
    numbers = [int(part or 0) for part in digits.split(".")[:3]]
    return sum(min(n, 9_999) / 10_000.0**place for place, n in enumerate(numbers))
