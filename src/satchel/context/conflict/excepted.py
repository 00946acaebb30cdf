"""What a sentence leaves out: "except in tests", "scripts may". Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from satchel.context.conflict.deed import phrase
from satchel.context.conflict.likeness import concepts
from satchel.context.conflict.setting import settings
from satchel.context.english import content


def is_outside(sentence: str, where: frozenset[str], pool: frozenset[str]) -> bool:
    """Tell whether a request is at the place that a sentence leaves out: "no unwrap outside
    tests"."""
    return any(named & where or (place and place <= pool) for named, place in left_out(sentence))


@lru_cache(maxsize=8_192)
def left_out(sentence: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Return the settings, and the concepts, of each place that a sentence leaves out."""
    return tuple(
        (settings(match[1]), concepts(phrase(match[1])))
        for match in _OUTSIDE.finditer(without_code(sentence))
    )


_OUTSIDE: Final = re.compile(
    r"\b(?:outside(?: of)?|except(?: in| for)?|apart from|other than)\s(.{3,50})", re.IGNORECASE
)
_PERMITS: Final = re.compile(
    r"\b(?P<after>except(?:ion|ions|ing)?(?: for| of)?|apart from|other than|remains? for|"
    r"only (?:in|at|for|inside|within)|in|for|inside)\b"
    r"(?P<place>[^,;]{3,80}?)(?:\b(?:alone|only|do as you like|is fine|are fine|it is fine|"
    r"up to you|may|exempt|excluded)\b|$)|^(?P<who>[^,;]{3,60}?)\b(?:may do|may use|may|are exempt|"
    r"is exempt|do what they want|(?:is|are) the (?:one|only|sole) exceptions?)\b",
    re.IGNORECASE,
)
_EXCEPTION: Final = re.compile(
    r"\b(?:except\w*|apart from|other than|remains? for|only (?:in|at|for|inside|within)|alone|"
    r"do as you like|fine|up to you|may|exempt|excluded|do what they want|"
    r"exceptions?)\b|\bonly\W*$",
    re.IGNORECASE,
)


def excepted(sentence: str) -> frozenset[str]:
    """Return the words of the place that a clause makes an exception for."""
    plain = without_code(sentence)
    if _EXCEPTION.search(plain) is None:
        return frozenset()
    for match in _PERMITS.finditer(plain):
        if found := content(match["place"] or match["who"] or ""):
            return found
    return frozenset()


def without_code(sentence: str) -> str:
    """Leave out what is quoted as code: `except Exception` makes no exception."""
    return QUOTED.sub(" ", sentence)


QUOTED: Final = re.compile(r"`[^`\n]{0,120}`")
