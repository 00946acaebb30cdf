"""How two records contradict each other. Pure.

Stricter than with a request: neither is meant as an answer to the other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from satchel.context.conflict.assigned import assigned, differ
from satchel.context.conflict.contrast import apart
from satchel.context.conflict.days import WORDS, Days, clash, days
from satchel.context.conflict.likeness import concepts, is_common
from satchel.context.conflict.position import Position
from satchel.context.conflict.quantity import comparable, opposed, same
from satchel.context.conflict.side import Side
from satchel.context.conflict.stance import Clause
from satchel.context.conflict.stated import quantities
from satchel.context.conflict.taken import Taken
from satchel.context.english import content, stem

SPREAD: Final = 3  # records that may have a common word before it counts for half
BRIEF: Final = 2  # words, beside the option, of a statement that says no more than "we use it"


@dataclass(frozen=True, slots=True)
class Spread:
    """How many records have a concept; from `many` on it tells little."""

    counts: Mapping[str, int]
    many: int

    @classmethod
    def over(cls, records: Iterable[frozenset[str]]) -> Spread:
        """Count concepts over records."""
        held = list(records)
        return cls(Counter(one for about in held for one in about), max(SPREAD, len(held) // 50))

    def weight(self, shared: Iterable[str]) -> float:
        """Weigh what two records share."""
        return sum(
            1.0 if self.counts.get(one, 0) <= self.many else 0.25 if is_common(one) else 0.5
            for one in shared
            if not one.isdigit()  # "9:00" and "17:00" share no subject
        )


def clashing(one: Position, other: Position, spread: Spread) -> str | None:
    """Say why two records cannot both hold. Stricter than with a request: what they speak of must
    be the same, as neither is meant as an answer to the other."""
    for ours in one.clauses:
        for theirs in other.clauses:
            if ours.where and theirs.where and not ours.where & theirs.where:
                continue
            told = max(
                spread.weight(concepts(ours.text) & concepts(theirs.text)),
                spread.weight(one.about & other.about) - 1,  # "log groups: retention 30 days"
            )
            timed = _timed(ours.text)
            if timed and timed == _timed(theirs.text):
                told = max(told, 2.0)  # a time, or days, is all that both say of it
            reason = (
                _two_numbers(ours, theirs, told)
                or _two_versions(ours.text, theirs.text)
                or differ(assigned(ours.text), assigned(theirs.text))
            )
            if reason is None and told >= 2:
                reason = _two_days(days(ours.text), days(theirs.text))
            if reason is not None:
                return reason
    if _is_denied(one.denied, other) or _is_denied(other.denied, one):
        return "one says what the other denies"
    for mine in one.firm:
        for its in other.firm:
            if mine.option.purpose == its.option.purpose and (reason := _two_options(mine, its)):
                return reason
    return None


def _two_days(ours: tuple[Days, ...], theirs: tuple[Days, ...]) -> str | None:
    """Oppose days of which the one set holds none of the other."""
    mine, its = (
        frozenset().union(*(one.days for one in named if one.side is Side.FOR))
        for named in (ours, theirs)
    )
    return None if mine & its else clash(ours, theirs)


def _is_denied(denied: frozenset[frozenset[str]], other: Position) -> bool:
    """Tell whether a record states what is denied, or that of one kind of the place that is denied
    for all: unit tests are tests."""
    if denied & other.affirmed:
        return True
    return any(no < said and said - no <= kinds for no in denied for said, kinds in other.placed)


@lru_cache(maxsize=4_096)
def _timed(text: str) -> frozenset[str]:
    """Return what a sentence sets a time of the day or days for, where it says no more than that;
    nothing where it sets none."""
    if not days(text) and not any(one.unit == "clock" for one in quantities(text)):
        return frozenset()
    return frozenset(
        one for one in concepts(text) - _OF_TIME if not any(sign.isdigit() for sign in one)
    )


_OF_TIME: Final = concepts(
    f"{' '.join(WORDS)} days weekdays weekends daily weekly start starts begin begins out held "
    "happen happens takes place am pm noon midnight clock"
)


def _two_options(mine: Taken, its: Taken) -> str | None:
    if mine.where and its.where and not mine.where & its.where:
        return None
    if not (_holds_for(mine, its) and _holds_for(its, mine)):
        return None
    names = content(mine.option.name) | content(its.option.name)
    about = {one for one in mine.about & its.about if not any(one in name for name in names)}
    if mine.option == its.option:
        if mine.side is its.side or not (about or mine.option.purpose.exclusive):
            return None
        chosen, other = ("is in use", "was ruled out")
        return f"{mine.option.name} {chosen} in one, and {other} in the other"
    if mine.side is Side.AGAINST or its.side is Side.AGAINST or not mine.option.purpose.exclusive:
        return None
    brief = all(len(one.about - names) <= BRIEF for one in (mine, its))
    if about - _FILLING or brief:
        return f"{mine.option.name} in one, {its.option.name} in the other"
    return None


def drops(text: str) -> tuple[str, str] | None:
    """Return the unit and the digits of the version that a sentence says is no longer supported."""
    match = _DROPPED.search(text)
    return (f"version {stem(match['of'].lower())}", match["version"]) if match else None


def _two_versions(one: str, other: str) -> str | None:
    """Oppose a version that is supported and the same one where it was dropped."""
    for gone, kept in ((drops(one), other), (drops(other), one)):
        if gone is not None and _SUPPORTED.search(kept) and not drops(kept):
            for it in quantities(kept):
                if it.unit == gone[0] and it.spelled.removeprefix("v") == gone[1]:
                    return f"{gone[1]} is supported in one, and dropped in the other"
    return None


_DROPPED: Final = re.compile(
    r"\b(?:drop(?:s|ped)?|end(?:ed)?|remov(?:e|ed)|no longer|not)\s(?:support(?:s|ed|ing)?\s)?"
    r"(?:for\s)?"
    r"(?P<of>[A-Z][A-Za-z.]{1,20})\s(?P<version>\d{1,4}(?:\.\d{1,4}){0,2})(?![.\d]*\+)",
)
_SUPPORTED: Final = re.compile(
    r"\b(?:support(?:s|ed)?|runs? on|works? (?:on|with))\b", re.IGNORECASE
)


def _holds_for(ours: Taken, theirs: Taken) -> bool:
    """Tell whether what another record says is all that one is for: "REST for the public API" is no
    matter between services, and what is turned away in one folder is not in the others."""
    return not ours.places and all(one & concepts(theirs.clause) for one in ours.reach)


_FILLING: Final = content("stay stays remain remains require requires ensure allow")


def _two_numbers(ours: Clause, theirs: Clause, told: float) -> str | None:
    mine, its = quantities(ours.text), quantities(theirs.text)
    if (
        told < 2
        or apart(ours.text, theirs.text)
        or any(comparable(a, b) and same(a, b) for a in mine for b in its)
    ):
        return None
    for a in mine:
        for b in its:
            if comparable(a, b) and (a.bound is b.bound or opposed(a, b) or opposed(b, a)):
                return f"{a.spelled} in one, {b.spelled} in the other"
    return None
