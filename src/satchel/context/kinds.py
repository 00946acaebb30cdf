"""What the words of a saying tell of it: its kind, that nothing is decided yet. Pure."""

from __future__ import annotations

import re
from typing import Final

from satchel.context.mine.sentences import sentences
from satchel.context.types import RecordKind

GUESSED_FROM: Final = 2_000  # characters of a text

# The word that stands first tells; what a person asks to be kept is short and says itself what
# it is.
_KINDS: Final = (
    (
        RecordKind.RULE,
        re.compile(r"\b(?:must|mustn't|never|always|shall|do not|don't|forbidden)\b", re.I),
    ),
    (
        RecordKind.PREFERENCE,
        re.compile(r"\b(?:prefers?|preferred|preferably|i like|we like|favou?rs?)\b", re.I),
    ),
    (
        RecordKind.DECISION,
        re.compile(
            r"\b(?:decided?|decision|chose|chosen|choose|picked|settled on|ruled out|agreed"
            r"|switch(?:ed)? (?:from|to)|migrated? to|instead)\b"
            r"|^(?:let's |we(?:'ll| will)? )?(?:use|adopt|drop|replace|go with|stay with)\b",
            re.I,
        ),
    ),
)
_CHOOSE: Final = (
    r"(?:use|using|adopt|drop|replace|go|going|stay|stick|switch|switching|move|moving|migrate"
    r"|migrating|change|choose|pick|try|keep|rewrite|upgrade|introduce|remove|add|allow|ban"
    r"|support|require|consider)"
)
_CHOICE: Final = re.compile(rf"\b{_CHOOSE}\b", re.I)
_WE: Final = r"(?:we|i|you|the\s+team|our\s+team|it)"
# A sentence that weighs something, rather than saying that it is so.
_WEIGHS: Final = re.compile(
    rf"(?:(?:so|and|but|or|well|hmm+|ok(?:ay)?|then|for\s[^,.]{{2,40}}|in\s[^,.]{{2,40}}),?\s+)?"
    rf"(?:{_WE}\s+(?:might|could)\s+(?!not\b)(?:\w+\s+){{0,2}}?{_CHOOSE}\b"
    rf"|(?:maybe|perhaps|possibly),?\s+(?:{_WE}|let's|should|{_CHOOSE})\b"
    r"|(?:i'm|i\s+am|we're|we\s+are|the\s+team\s+is)\s+(?:still\s+|really\s+)?"
    r"(?:not\s+(?:yet\s+)?(?:sure|certain|convinced)|unsure|undecided|uncertain|torn|thinking"
    r"\s+(?:about|of)|considering|wondering|debating|discussing|weighing)\b"
    r"|(?:i|we)\s+(?:wonder|(?:don't|do\s+not)\s+know)\s+(?:if|whether|which)\b"
    rf"|(?:should|shall|could|can|do|would)\s+(?:we|i|it)\b[^?]{{2,400}}\?"
    r"|(?:what|how)\s+about\b[^?]{2,400}\?|(?:open\s+question|tbd|to\s+be\s+decided)\b)",
    re.I,
)
_UNDECIDED: Final = re.compile(  # … wherever in it this stands
    r"\b(?:(?:not|nothing(?:\s+is|'s)?|n't\s+been)\s+(?:yet\s+)?decided|(?:haven't|have\s+not"
    r"|hasn't|has\s+not)\s+(?:yet\s+|been\s+){0,2}(?:decided|settled|agreed)|undecided"
    r"|no\s+decision\s+yet|decision\s+is\s+(?:still\s+)?(?:open|pending)|up\s+for\s+debate"
    r"|still\s+(?:open|discussing|debating|deciding|undecided))\b",
    re.I,
)


def guess_kind(text: str) -> tuple[RecordKind, str]:
    """Tell a kind from the words, and the word that told; a note where none does."""
    found = [
        (match.start(), kind, match[0].lower())
        for kind, pattern in _KINDS
        if (match := pattern.search(text, 0, GUESSED_FROM))
    ]
    return min(found, key=lambda hit: hit[0])[1:] if found else (RecordKind.NOTE, "")


def opened(text: str) -> tuple[RecordKind, str] | None:
    """Return the kind of a saying that leaves something open, a decision where it names a choice,
    and the words by which it does; None where it says that something is so."""
    words = undecided(text)
    if not words:
        return None
    kind, _ = guess_kind(text)
    is_choice = kind is RecordKind.NOTE and _CHOICE.search(text, 0, GUESSED_FROM) is not None
    return (RecordKind.DECISION if is_choice else kind), words


def undecided(text: str) -> str:
    """Return the words by which a saying weighs something and leaves it open; "" where it says
    that something is so, in whatever sentence."""
    found = ""
    for sentence in sentences(text[:GUESSED_FROM].replace("\u2019", "'")):
        told = _WEIGHS.match(sentence) or _UNDECIDED.search(sentence)
        if told is not None:
            found = found or " ".join(told[0].split())
        elif guess_kind(sentence)[0] is not RecordKind.NOTE:
            return ""
    return found
