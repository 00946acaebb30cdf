"""Whether a record chooses what it names, or but speaks of it. Pure.

"Use Prisma", "our database is PostgreSQL" and "Package manager: pnpm" choose; "run `pnpm check`
first", "the Prisma model name" and "the old site is still on Heroku" do not. A request is answered
for less; two records, of which neither answers the other, contradict each other by choices alone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from satchel.context.conflict.likeness import concepts, is_generic
from satchel.context.conflict.mention import is_mere

_QUOTE: Final = r"[`'\"*]{0,2}"
# What takes up the name that follows it, at most two words further on …
_TAKES: Final = re.compile(
    r"(?:[(,]\s?|\b(?:use[sd]?|using|adopt(?:s|ed|ing)?|cho(?:ose|se|sen)|prefer(?:s|red)?|"
    r"pick(?:s|ed)?|select(?:s|ed)?|keep|install(?:s|ed)?|add(?:s|ed)?|introduc(?:e|ed|es)|"
    r"is|are|be|with|in|on|by|via|through|to|into|runs?|requires?|stay(?:s|ed)?|be(?:comes?)?|"
    r"only|and|or|over|favou?r of|hits?|go(?:es)?|ha(?:s|ve)|behind|under|at|"
    r"(?:decided?|opt(?:ed)?|settled?|w[eo]nt?|voted?) for)\s)"
    r"(?:(?:the|an?|our|plain|only|now|just|always)\s)?"
    r"(?:(?!(?:from|than|like|unlike|between|against)\s)[\w'-]+\s){0,2}" + _QUOTE + "$",
    re.IGNORECASE,
)
# … or the name begins the sentence …
_BEGINS: Final = re.compile(r"\W{0,3}(?:(?:the|an?|our|all|plain|only)\s)?" + _QUOTE, re.IGNORECASE)
# … and what may follow it: the end, or what opens another part of the sentence.
_AFTER: Final = re.compile(
    _QUOTE + r"\)?(?:\s(?:(?:v|version\s)?\d[\w.]*|slim|lts|stable|cluster|cloud))?"
    r"(?:\W*$|[.,:;!?)]|\s[(\u2013\u2014-]|"
    r"\s(?:(?:for|in|as|on|with|to|and|or|over|instead|because|since|everywhere|only|is|are|was|"
    r"from|not|when|where|which|that|by|at|across|throughout|here|alone|directly|stays|"
    r"remains|has|holds|keeps|stores|serves|manages|handles|does|sends|powers|backs|processes|takes|"
    r"drives|provides|renders|formats|collects|delivers|hosts|runs|lives|goes|"
    r"comes|writes|reads|may|must|will|should|can)\b|"
    r"(?P<head>[a-z][a-z-]{2,30})\b))",
)
_THEN: Final = re.compile(
    r"\b(?:still|old|legacy|former(?:ly)?|existing|for now|currently|until|used to|was|were|"
    r"replac\w+|warns?|errors?)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4_096)
def is_chosen(text: str, start: int, end: int, kind: str) -> bool:
    """Tell whether a record's clause chooses what stands at these characters; `kind` is what that
    is for, in words: "Redis" of "the Redis cache" is what is chosen, of "the Redis dump" not."""
    before = text[:start]
    if _THEN.search(before) or is_mere(text, start, end):
        return False
    follows = _AFTER.match(text, end)
    begins = _BEGINS.fullmatch(before) is not None
    if follows is None or not (begins or _TAKES.search(before)):
        return False
    if follows["head"] is None:
        return True
    head = concepts(follows["head"])
    return bool(head) and all(is_generic(one) for one in head - concepts(kind))
