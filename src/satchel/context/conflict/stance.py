"""What a text is for and what it is against: clauses with their side, their scope, their words.

English, by cues; a text in another language simply has no side. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from satchel.context.conflict.choices import Found, named, spelled
from satchel.context.conflict.excepted import QUOTED, excepted
from satchel.context.conflict.mention import is_mere
from satchel.context.conflict.names import VERSION, Spelled, spelled_names
from satchel.context.conflict.setting import is_everywhere, settings
from satchel.context.conflict.side import AGAINST, TURN, Side, side_at
from satchel.context.english import content

READ: Final = 4_000  # characters of a text


@dataclass(frozen=True, slots=True)
class Named:
    """An option that a clause names, and the side on which it stands."""

    found: Found
    side: Side
    past: bool  # told, and not asked for: "it was in the Podfile", "it doesn't take pandas"


@dataclass(frozen=True)  # without slots: what is read of it is kept in it
class Clause:
    """One clause of a text. What it says is read from its words when that is first asked for:
    of most records little is."""

    text: str
    runs_on: bool = False  # a question that goes on from the one before it
    told: bool = False  # of what is so, in a request: it asks for nothing by itself
    is_item: bool = False  # of several lines: a plan names what it takes up

    @cached_property
    def about(self) -> frozenset[str]:
        """Its content words."""
        return content(self.text)

    @cached_property
    def where(self) -> frozenset[str]:
        """The settings that it holds in: tests, production, …; none where it holds in all."""
        named = settings(self.text)
        return frozenset() if named and is_everywhere(self.text) else named

    @cached_property
    def excepted(self) -> frozenset[str]:
        """The words of what it leaves out or permits."""
        return frozenset() if AGAINST.search(self.text) else excepted(self.text)

    @cached_property
    def asks(self) -> bool:
        """Whether it asks what is so."""
        return self.runs_on or asks(self.text)

    @cached_property
    def binds(self) -> bool:
        """Whether it is put as what must be, or must never be."""
        return _BINDING.search(self.text) is not None

    @cached_property
    def universal(self) -> bool:
        """Whether it holds for all of something."""
        return _EVERY.search(self.text) is not None and not _is_turned(self.text)

    @cached_property
    def found(self) -> tuple[tuple[Found, bool], ...]:
        """The options that it may name, and whether that is by a sign; on which side is not asked,
        which takes longer."""
        signs = ((one, True) for one in spelled(self.text))
        return (*((one, False) for one in named(self.text)), *signs)

    @cached_property
    def options(self) -> tuple[Named, ...]:
        """The options that it names, or whose signs it spells out."""
        return tuple(
            Named(one, side, is_mere(self.text, one.start, one.end))
            for one, is_sign in self.found
            # To take out a file or a call is not to give up what it belongs to.
            if (side := side_at(self.text, one.start, one.end)) is Side.FOR
            or not (is_sign or VERSION.match(self.text, one.end))
        )

    @cached_property
    def names(self) -> tuple[Spelled, ...]:
        """What is written as a name in it."""
        return tuple(spelled_names(self.text))


_BINDING: Final = re.compile(
    r"\b(?:must|never|always|forbidden|banned|required?|requires|mandatory|shall|"
    r"(?:do|may|can|must|should)(?:n't| not)|cannot|don't|not allowed|no exceptions?|only|"
    r"every|each|all|any|no|stays?|keep|has to|have to|needs? to|at (?:most|least)|pinned|"
    r"immutable|ensure|make sure)\b",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"^\W*(?:why|what|which|who|(?:when|where) (?:do|does|did|is|are|was|were|will|should|can|has|"
    r"have)|how (?:come|many|much|long|does|do|is|are|did|was)|"
    r"remind me|explain|is there|are there|was there|were there|does|did|is|are|was|were|has|have|"
    r"do we|tell me|someone asks?|whats|what's|show me)\b",
    re.IGNORECASE,
)
_EVERY: Final = re.compile(
    r"\b(?:all|every)\s+[\w-]+(?:\s+[\w-]+)?\b(?!\s+(?:that|which|who|with|of)\b)|"
    r"\beverything\b",
    re.IGNORECASE,
)
_PROPOSES: Final = re.compile(
    r"\b(?:can|could|would) you\b|\b(?:should|could|can|may|shall) (?:we|i)\b|\bhow about\b|"
    r"\bwhat about\b|\blet'?s\b|\bwhy (?:don't|not)\b|\bwhat if\b|\bwould it\b|\bplease\b|"
    r"\bi want\b",
    re.IGNORECASE,
)
# A full stop ends a sentence only before white space: not in "v1.2", "package.json".
_SENTENCE: Final = re.compile(
    r"(?<=[.!?])\s+(?=\S)|\n+|;\s+|\s[\u2013\u2014]\s|(?<=[a-z)]):\s+(?=\S)|,\s+(?:and|"
    r"but)\s+(?!never|not\b)(?=\S+\s\S+\s\S)"
)
_RUNS_ON: Final = re.compile(
    r"(?:and\s|or\s)?(?:why|what about|how about|which|what)\b", re.IGNORECASE
)
_BULLET: Final = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+")
# A heading that its items carry: "Don't: default exports" is one thing that is turned away.
_LABEL: Final = re.compile(r"\b(don't|do not|never|avoid)s?\s{0,2}:\s{1,2}", re.IGNORECASE)
# "Functions are pure, no exceptions." says nothing of exceptions.
_FLAT: Final = re.compile(
    r"(?:^|(?<=[.:;,\u2013\u2014-]\s))no exceptions?(?=\s?[.!;,)]|$)", re.I | re.M
)
_CODE: Final = re.compile(r"```.{0,2000}?```", re.DOTALL)


@lru_cache(maxsize=4_096)
def clauses(text: str) -> tuple[Clause, ...]:
    """Split a text into clauses and take each one's side. Reads the first READ characters."""
    kept = text[:READ]
    if "`" in kept:
        kept = _CODE.sub(" ", kept)
        kept = QUOTED.sub(lambda match: match.group().replace(" ", _BLANK), kept)
    if "xception" in kept or "XCEPTION" in kept:
        kept = _FLAT.sub("", kept)
    if ":" in kept:
        kept = _LABEL.sub(r"\1 ", kept)
    found: list[Clause] = []
    lines = kept.strip().split("\n")
    for line in lines:
        asked: Clause | None = None
        for part in _SENTENCE.split(_BULLET.sub("", line)):
            sentence = part.strip().replace(_BLANK, " ")
            if not sentence:
                continue
            # "Which one do we use, and why not the other?"
            goes_on = sentence.endswith("?") and _RUNS_ON.match(sentence) is not None
            goes_on = goes_on and asked is not None and asked.asks
            found.append(Clause(sentence, runs_on=goes_on, is_item=len(lines) > 1))
            asked = found[-1]
    return tuple(found)


def proposes(text: str) -> bool:
    """Tell whether a text puts something forward in so many words: "could we …", "let's …"."""
    return _PROPOSES.search(text) is not None


def _is_turned(sentence: str) -> bool:
    """Tell whether a sentence turns away what it speaks of."""
    cue = AGAINST.search(sentence)
    if cue is None:
        return False
    end = TURN.search(sentence, cue.end())
    rest = sentence[cue.end() : end.start() if end else len(sentence)]
    return cue.start() > 0 or bool(content(rest))


_BLANK: Final = "\ue000"  # stands for a blank inside of code while a text is split


def asks(sentence: str) -> bool:
    """Tell a question about what is from a request, however that is put."""
    if _PROPOSES.search(sentence):
        return False
    return sentence.rstrip().endswith("?") or _ASKS.search(sentence) is not None
