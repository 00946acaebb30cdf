"""Whether a number is the most or the least that is allowed, by the words around it. Pure."""

from __future__ import annotations

import re
from typing import Final

from satchel.context.conflict.quantity import Bound

_MOST: Final = re.compile(
    r"\b(?:at most|max(?:imum)?|up to|no more than|not more than|under|below|within|fits? into|"
    r"exceeds?|limit(?:ed)?|cap(?:ped)?|less than|fewer than|no longer than|or less|or fewer|"
    r"shorter than|never over|not over|longest|upper)\b",
    re.IGNORECASE,
)
_LEAST: Final = re.compile(
    r"\b(?:at least|min(?:imum)?|no less than|not less than|or (?:later|newer|more|higher|above)|"
    r"above|more than|over|not below|never below|longer than|requires?|lowest|msrv|raise|"
    r"rust-version|requires-python|python_requires|"
    r"drop(?: support)?|deployment target)\b",
    re.IGNORECASE,
)
# Comparatives: "more than" is a least, "never more than" a most, and "anything over 200 lines is
# split" a most as well, as to raise that number is to ask for less.
_UP: Final = (
    r"(?:faster|longer|larger|bigger|hotter|taller|thicker|brighter|higher|older|later|deeper|wider|heavier|warmer|louder|greater|"
    r"more|further|above|over|beyond|past|exceed(?:s|ing)?)(?: than)?"
)
_DOWN: Final = (
    r"(?:slower|shorter|smaller|lower|cooler|thinner|closer|younger|earlier|narrower|colder|fewer|less|below|under)"
    r"(?: than)?"
)
NOT: Final = r"\b(?:never|not|no|none|nothing|nobody|cannot|\w{2,6}n't|without)\b[^,;:]{0,40}?\b"
_NOT_OVER: Final = re.compile(NOT + _UP + r"\s{0,2}$", re.IGNORECASE)
_NOT_UNDER: Final = re.compile(NOT + _DOWN + r"\s{0,2}$", re.IGNORECASE)
_OVER: Final = re.compile(rf"\b{_UP}\s{{0,2}}$", re.IGNORECASE)
_UNDER: Final = re.compile(rf"\b{_DOWN}\s{{0,2}}$", re.IGNORECASE)
_THEN: Final = re.compile(
    r"^[^.;:]{0,40}?\b(?:must|needs?|requires?|get|gets|goes?|(?:is|are) (?!required|needed|"
    r"mandatory|"
    r"the\b|our\b|enforced|expected)\w+)\b",
    re.IGNORECASE,
)
_STOPS: Final = re.compile(  # "is stopped above 25 m/s"
    r"\b(?:is|are|gets?|be)\s(?:stopped|refused|rejected|closed|blocked|split|denied|paused|"
    r"throttled|cut(?: off)?|shut(?: down)?|dropped|skipped|aborted|killed)\s\w+\s{0,2}$",
    re.IGNORECASE,
)
_CLOSES: Final = re.compile(
    r"\s(?:(?P<most>at (?:the )?(?:most|longest|latest)|or (?:less|fewer|older|earlier|below)|"
    r"and (?:older|earlier|below))|at (?:the )?(?:least|earliest)|or (?:more|longer|newer|later|"
    r"higher|above)|and (?:newer|later|up|higher|above))\b",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(r"^[^.;:,]{0,30}\b(?:before|first|until)\b", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"\bbetween \S{1,12}(?: \w{1,12})? and\s{0,2}$", re.IGNORECASE)
_FOR: Final = re.compile(r"\bfor(?: at least)?\s{0,2}$", re.IGNORECASE)


def bound_of(sign: str | None, before: str, after: str, beyond: str) -> Bound:
    """Tell what a number is of, by its sign, the words before and after it, and those beyond what
    it counts."""
    near = before[-40:]
    if sign in {">=", ">", "≥"}:
        return Bound.LEAST
    if sign in {"<=", "<", "≤"}:
        return Bound.MOST
    if after.startswith("+") and not after[1:2].isalnum():
        return Bound.LEAST
    if _NOT_OVER.search(before[-70:]):
        return Bound.MOST
    if _NOT_UNDER.search(before[-70:]):
        return Bound.LEAST
    if _OVER.search(near):
        stops = _THEN.search(after[:60]) or _STOPS.search(before[-60:])
        return Bound.MOST if stops else Bound.LEAST
    if _UNDER.search(near):
        return Bound.MOST
    if _BETWEEN.search(near):
        return Bound.MOST
    if closes := _CLOSES.match(beyond):
        return Bound.MOST if closes["most"] else Bound.LEAST
    if _FOR.search(near) and _FIRST.search(after[:40]):
        return Bound.LEAST
    most, least = _MOST.search(near + " " + after[:14]), _LEAST.search(near + " " + after[:14])
    if most and not least:
        return Bound.MOST
    if least and not most:
        return Bound.LEAST
    return Bound.EXACT
