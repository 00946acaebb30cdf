"""How a number that a record states and one that a request asks for are opposed. Pure.

The rarer what is counted, the less both must share beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from satchel.context.conflict.act import is_asked_for
from satchel.context.conflict.asked import Asked
from satchel.context.conflict.constants import passes
from satchel.context.conflict.contrast import apart
from satchel.context.conflict.likeness import concepts, is_common, weigh
from satchel.context.conflict.position import Position
from satchel.context.conflict.quantity import Bound, Quantity, comparable, opposed
from satchel.context.conflict.stance import Clause
from satchel.context.conflict.stated import bounded, quantities

TOLD: Final = 2.5  # weight of what a number and another must share: 1.5 for a word that is uncommon
MOSTLY: Final = 0.66  # share of what a record says of its number that is enough
TOLD_VERSION: Final = 0.5  # … where both say of what they are the version


def by_number(held: Position, asked: Asked) -> str | None:
    """Oppose a number and another of the same kind."""
    if not (asked.changes or any(_is_counted(theirs.text) for theirs in asked.acting)):
        return None
    numbers = [(ours, stated) for ours in held.clauses for stated in quantities(ours.text)]
    wanted = tuple(_wanted(asked)) if numbers else ()
    for ours, stated in numbers:
        reason = _other_number(held, ours, bounded(stated, held.text), asked, wanted)
        if reason is not None:
            return reason
    return None


@lru_cache(maxsize=2_048)
def _is_counted(text: str) -> bool:
    """Tell whether a clause has a number, or gives one up: `_other_number` asks for no more."""
    return bool(quantities(text)) or re.search(_DROPS, text.lower()) is not None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A number that a clause of a request asks for, and the concepts of what is said around it."""

    number: Quantity
    text: str
    says: frozenset[str]
    near: frozenset[str]


def _wanted(asked: Asked) -> Iterator[_Wanted]:
    """Yield the numbers that a request asks for, and not those that it was told or has measured."""
    for clause, done, near in zip(asked.clauses, asked.deeds, asked.around, strict=True):
        for one in () if clause.told else quantities(clause.text):
            if _is_wanted(clause, one) and not any(
                one.spelled in part and _MEASURED.search(part) for part in clause.text.split(", ")
            ):
                yield _Wanted(one, clause.text, done.concepts, near)


def _other_number(
    held: Position, ours: Clause, stated: Quantity, asked: Asked, wanted: Sequence[_Wanted]
) -> str | None:
    if all(stated.value != it.number.value for it in wanted if comparable(stated, it.number)):
        for it in wanted:
            if opposed(stated, it.number) and _is_of_one(ours.text, stated, it):
                return f"{stated.spelled} was stated, not {it.number.spelled}"
    if _is_dropped(held, stated, asked):
        return f"{stated.spelled} is to be supported"
    for made in asked.changes:
        for given in made.constants:
            if passes(stated, given, concepts(ours.text), held.about):
                return f"{stated.spelled} was stated, not {given.now.spelled}"
    return None


def _is_of_one(ours: str, stated: Quantity, wanted: _Wanted) -> bool:
    """Tell whether a number that is asked for is of what a record states the other of: by the
    weight of what both texts share, and of how they put it."""
    one = wanted.number
    shared = concepts(ours) & wanted.near - concepts(f"{stated.spelled} {one.spelled}")
    said = concepts(ours) - concepts(stated.spelled) - _STAYING
    told = weigh(shared)
    asks = weigh(wanted.says - concepts(one.spelled))
    if told >= MOSTLY * min(weigh(said), asks) > 0 and shared & wanted.says:
        told = max(told, TOLD)  # it says no more than that
    is_version = one.unit.startswith("version")
    unusual = one.unit not in _USUAL and not (is_version or one.unit.startswith("named"))
    sets = stated.is_limit and _SETS.search(wanted.text) is not None
    raised = is_version and stated.bound is one.bound is Bound.LEAST
    told += stated.is_limit and one.bound is stated.bound
    told += 1.5 * (stated.is_limit and unusual) + 1.5 * sets
    told += bool(_KEEPS.search(ours) and _KEEPS.search(wanted.text))  # how long
    told += raised
    enough = 1.5 if unusual else 2.0
    least = TOLD_VERSION if is_version else TOLD
    if _of_subject(ours, stated, wanted.near, least=enough):
        least = min(least, enough)
    elif stated.is_limit and _is_subject(ours, stated, wanted.near):
        least = min(least, 1.5)
    is_alike = bool(shared or not said or raised or (unusual and sets))
    return is_alike and told >= least and not apart(ours, wanted.text)


def _is_dropped(held: Position, stated: Quantity, asked: Asked) -> bool:
    """Tell whether a request gives up a version that is to be supported."""
    product = stated.unit.removeprefix("version ")
    if product == stated.unit:
        return False
    if stated.bound is not Bound.LEAST and _SUPPORTS.search(held.text) is None:
        return False
    given_up = re.compile(rf"{_DROPS}[^.;]{{0,30}}?(?<![\w.]){re.escape(stated.spelled)}(?![\w.])")
    texts = (theirs.text.lower() for theirs in asked.acting)
    return any(
        ("." in stated.spelled or product in text) and given_up.search(text) for text in texts
    )


def _is_wanted(clause: Clause, number: Quantity) -> bool:
    at = clause.text.find(number.spelled)
    end = at + len(number.spelled)
    if roughly := _ROUGHLY.search(clause.text[:at]):
        at = roughly.start()
    before, after = clause.text[max(0, at - 160) : at], clause.text[end:]
    if _SPAN.search(before):
        return False
    return (
        is_asked_for(clause.text, at, end, is_item=clause.is_item, is_done=True)
        or _UNTIL_GONE.search(before) is not None
        or _ACCEPTED.match(after) is not None
        or _CONCEDED.search(before) is not None
    )


_ROUGHLY: Final = re.compile(
    r"\b(?:about|around|roughly|some|approximately|circa|nearly|almost|maybe|like)\s$", re.I
)
# A time that something is taken from is no time that is set: "the rows of the last two weeks".
_SPAN: Final = re.compile(
    r"\b(?:of|from|in|over|during|within|for) the (?:last|past|previous|next|first)\s$",
    re.IGNORECASE,
)
# "drop what is older than a year"
_UNTIL_GONE: Final = re.compile(
    r"(?:^|\b(?:and|then|to|please|just|that|job|which)\s)(?:drop|delete|remove|purge|discard|"
    r"expire|archive|thin)s?\b[^,;]{0,60}?\b(?:after|older than|out to|to|beyond|past)\s?$",
    re.IGNORECASE,
)
# "two seconds are fine", "even though it takes 110 ms"
_ACCEPTED: Final = re.compile(
    r"[^,.;:]{0,30}?\s(?:(?:is|are) (?:fine|ok|okay|enough|acceptable|plenty|good enough)|"
    r"(?:will|should|must|has to|have to|ought to) (?:do|be enough|suffice)|suffices?)\b",
    re.IGNORECASE,
)
_CONCEDED: Final = re.compile(r"\b(?:even though|even if|although|despite|accept)\b", re.IGNORECASE)


_SETS: Final = re.compile(
    r"\b(?:lower|raise|set|bump|reduce|increase|extend|allow|change|shorten|relax|grow|shrink|"
    r"widen|let|(?:down|up) to|cut(?=.{0,40}\bto\b))\b",
    re.IGNORECASE,
)
_SUPPORTS: Final = re.compile(r"\bsupport(?:s|ed)?\b", re.IGNORECASE)
_DROPS: Final = r"\b(?:drop|dropping|remove|removing|retire|stop supporting|end support for)\b"
_MEASURED: Final = re.compile(  # "it needs 13 minutes by now" does not ask for that
    r"\b(?:by now|currently|at the moment|right now|these days|so far|measured|as of (?:now|today)|"
    r"we (?:saw|had|got)|(?:it|which|that|file|function|class|method) (?:has|have|took|takes)|"
    r"there (?:is|are|was|were)|how (?:many|much|long|often)|"
    r"t(?:ook|akes?|aking) (?:longer|more|less))\b",
    re.IGNORECASE,
)
_KEEPS: Final = re.compile(
    r"\b(?:keeps?|kept|keeping|retain\w*|retention|ttl|expir\w+|history)\b", re.IGNORECASE
)
_STAYING: Final = concepts("stay stays remain remains keep least most longest exceed limited limit")
_USUAL: Final = frozenset({"duration", "interval", "bytes", "percent", "number", "clock"})


def _of_subject(text: str, stated: Quantity, near: frozenset[str], least: float = 0.0) -> bool:
    """Tell whether a request speaks of what a number is said of: "the crawler sends at most …"."""
    head = concepts(text[: max(0, text.find(stated.spelled))])
    return (not head and not least) or weigh(head & near) >= max(least, 1.0)


def _is_subject(text: str, stated: Quantity, near: frozenset[str]) -> bool:
    """Tell whether a request speaks of all that a limit is set to: "a discount is at most …"."""
    head = concepts(text[: max(0, text.find(stated.spelled))]) - _STAYING
    return bool(head) and head <= near and any(not is_common(one) for one in head)
