"""What of a request may be a proposal, which records speak for or against. Pure."""

from __future__ import annotations

import re
from typing import Final

from satchel.context.conflict.stance import proposes
from satchel.context.types import Intent, IntentKind

REPORT: Final = 120  # words from which a request is a report
OPENS_WITH: Final = 60  # words of a report that are read for what it asks for
PROPOSAL: Final = 40  # words; what is longer tells of many things

PLAIN: Final = 0.9  # confidence of an intent that no cue speaks against
_ASKS: Final = re.compile(  # by itself, or with a question mark
    r"\W{0,4}(?:(?P<asks>what|where|which|who|whose|why|how|explain|describe)"
    r"|when|is|are|was|were|do|does|did|has|have)\b",
    re.IGNORECASE,
)


def asked_for(text: str) -> str:
    """Return what a request asks for: of a long report, its opening. The rest tells what happened,
    with names of all that was there; none of them is a proposal."""
    if len(text.split(maxsplit=REPORT)) <= REPORT:
        return text
    rest = text.split(maxsplit=OPENS_WITH)[OPENS_WITH]
    return text[: len(text.rstrip()) - len(rest.rstrip())]


def is_proposal(text: str, intent: Intent) -> bool:
    """Tell whether a request is a proposal by its form: brief, and no mere question."""
    if len(text.split(maxsplit=PROPOSAL)) > PROPOSAL:
        return False
    return intent.kind is not IntentKind.QUESTION or proposes(text)


def is_mere_question(text: str, intent: Intent) -> bool:
    """Tell whether a request wants to know something and changes nothing: it asks, proposes
    nothing, and tells of no fault that is to be mended. "Can you …" asks for anything."""
    if intent.kind is IntentKind.RECALL:
        return True
    if intent.kind is not IntentKind.QUESTION or intent.confidence < PLAIN or proposes(text):
        return False
    found = _ASKS.match(text)
    return found is not None and (found["asks"] is not None or text.rstrip().endswith("?"))
