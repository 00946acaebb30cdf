"""What a sentence gives one thing to, or makes the default of a kind. Pure.

"Jonas owns the billing code" and "Priya owns the billing code" cannot both hold, nor can two
defaults of one kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from satchel.context.conflict.likeness import concepts

LONGEST: Final = 120  # characters of a sentence that says no more than that


@dataclass(frozen=True, slots=True)
class Assigned:
    """One thing of which there is one, and what it is said to be; both by concepts."""

    what: frozenset[str]
    to: frozenset[str]
    spelled: str


@lru_cache(maxsize=4_096)
def assigned(sentence: str) -> tuple[Assigned, ...]:
    """Return what a short sentence assigns: an owner of something, a default of a kind."""
    text = sentence.strip().rstrip(".!")
    if len(text) > LONGEST or _MORE.search(text):
        return ()
    return tuple(_owners(text)) + tuple(_defaults(text))


def differ(ours: tuple[Assigned, ...], theirs: tuple[Assigned, ...]) -> str | None:
    """Say what is assigned to two."""
    for one in ours:
        for other in theirs:
            if one.what == other.what and not one.to & other.to:
                return f"{one.spelled} in one, {other.spelled} in the other"
    return None


def _owners(text: str) -> Iterator[Assigned]:
    if match := _OWNS.fullmatch(text):
        what = concepts(match["what"])
        if what:
            yield Assigned(what | {_OWNER}, frozenset({match["who"].lower()}), match["who"])


def _defaults(text: str) -> Iterator[Assigned]:
    for form in _DEFAULTS:
        if match := form.fullmatch(text):
            what, to = concepts(match["what"]), concepts(match["to"])
            if what and to and not to <= what:
                yield Assigned(what | {_DEFAULT}, to - what, match["to"])
                return


_OWNER: Final = "an owner"
_DEFAULT: Final = "a default"
_MORE: Final = re.compile(
    r"\b(?:and|or|not|never|no|unless|except|if|when|until|was|were|used to|would|could|may|might|"
    r"for|in|on|at|with|during)\b|[;:?,]",
    re.IGNORECASE,
)
_OWNS: Final = re.compile(
    r"(?P<who>(?!(?:This|That|It|We|They|He|She|You|Nobody|Everyone|Who|One|Each|Every)\b)"
    r"[A-Z][\w-]{1,30})\s"
    r"(?:owns|maintains|leads|(?:looks after|takes care of)|is (?:the owner of|responsible))\s"
    r"(?P<what>[^,;:]{2,60})"
)
_DEFAULTS: Final = (
    # "the dark theme is the default"
    re.compile(
        r"(?:the\s)?(?P<to>[\w.+#-]{1,30})\s(?P<what>[\w-]{2,30})\s"
        r"(?:is|stays|remains) the default",
        re.IGNORECASE,
    ),
    # "the default theme is the light one"
    re.compile(
        r"(?:the|our)\sdefault\s(?P<what>[\w-]{2,30})\s(?:is|stays|remains)\s(?:the\s)?"
        r"(?P<to>[\w.+#-]{1,30})(?:\sone|\s(?P=what))?",
        re.IGNORECASE,
    ),
    # "dark is the default theme"
    re.compile(
        r"(?:the\s)?(?P<to>[\w.+#-]{1,30})\s(?:is|stays|remains) the default\s"
        r"(?P<what>[\w-]{2,30})",
        re.IGNORECASE,
    ),
)
