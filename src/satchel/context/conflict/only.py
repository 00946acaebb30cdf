"""What a record allows in one place alone. Pure.

"XPath is for the importer only" says nothing of how the importer uses it, and rules it out
everywhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from satchel.context.conflict.likeness import concepts, is_common

LONGEST: Final = 160  # characters of a clause in which it is looked for
PHRASE: Final = 4  # words with which a thing is named

_IN: Final = r"(?:in|at|for|on|inside|within|under|while|during|when|where|if|to)"
_IS: Final = (
    r"(?:(?:is|are|may be|can be|stays?|remains?|exists?|appears?|lives?|belongs?)\s)?"
    r"(?:(?:allowed|permitted|accepted|used|kept|left|shown|needed|fine|okay?|meant|reserved|"
    r"there)\s)?"
)
_ONLY: Final = re.compile(r"\b(?:only|alone|solely|exclusively)\b", re.IGNORECASE)
_ALLOWED: Final = (
    # "X is used only in Y", "X only for Y"
    re.compile(
        rf"(?:^|,\s)(?P<what>[^,;:]{{3,60}}?)\s{_IS}(?:only|solely|exclusively)\s{_IN}\s"
        rf"(?P<where>[^;:.]{{2,80}})",
        re.IGNORECASE,
    ),
    # "X is for Y only", "X remains for Y alone"
    re.compile(
        rf"^(?P<what>[^,;:]{{3,60}}?)\s{_IS}{_IN}\s(?P<where>[^,;:.]{{2,60}}?)\s(?:only|alone)\b",
        re.IGNORECASE,
    ),
)
_VAGUE: Final = concepts(
    "edge border boundary end margin"
)  # of such a place a request says nothing
_DONE: Final = re.compile(
    r"\b(?:is|are|was|were|be|it|we|they|\w{3,20}ed|written|asks?|comes?|goes)\b"
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is allowed in a place alone, both by concepts."""

    what: frozenset[str]
    where: frozenset[str]
    shown: str

    @property
    def is_told(self) -> bool:
        """Whether its words tell it, wherever they stand together: "visual snapshots"."""
        return len(self.what) > 1 and not all(map(is_common, self.what))


@lru_cache(maxsize=4_096)
def allowed(sentence: str) -> Allowed | None:
    """Return what a sentence allows in one place alone, where it names a thing and not what is done
    with it ("screens are written in Compose only")."""
    text = sentence[:LONGEST]
    if _ONLY.search(text) is None:
        return None
    for pattern in _ALLOWED:
        match = pattern.search(text)
        if match and len(match["what"].split()) <= PHRASE and not _DONE.search(match["what"]):
            what, where = concepts(match["what"]), concepts(match["where"])
            if what and where - _VAGUE:
                return Allowed(what, where, match.group().strip())
    return None
