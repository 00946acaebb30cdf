"""What a text is for and what it is against: clauses with their side, their scope, their words.

English, by cues; a text in another language simply has no side. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from satchel.context.conflict.choices import Found, named, spelled
from satchel.context.conflict.side import AGAINST, TURN, Side, is_mere, side_at
from satchel.context.english import common, content, stem
from satchel.context.terms import STOPWORDS

READ: Final = 4_000  # characters of a text


@dataclass(frozen=True, slots=True)
class Named:
    """An option that a clause names, and the side on which it stands."""

    found: Found
    side: Side
    past: bool  # told, and not asked for: "it was in the Podfile", "it doesn't take pandas"


@dataclass(frozen=True, slots=True)
class Spelled:
    """A name that a clause spells, in lower case, from one character to another."""

    name: str
    start: int
    end: int


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
        return frozenset() if AGAINST.search(self.text) else _excepted(self.text)

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
            or not (is_sign or _VERSION.match(self.text, one.end))
        )

    @cached_property
    def names(self) -> tuple[Spelled, ...]:
        """What is written as a name in it."""
        return tuple(_names(self.text))


# A setting and the words that name it.
SETTINGS: Final = {
    "tests": "tests testing spec specs e2e fixture fixtures unittest tox",
    "production": "production prod live",
    "development": "development dev locally laptop",
    "documentation": "docs documentation readme doc guide glossary changelog",
    "ci": "ci workflow workflows",
    "notebooks": "notebook notebooks ipynb jupyter",
    "prototypes": "prototype prototypes throw-away throwaway spike poc experiment hackathon demo",
    "benchmarks": "benchmark benchmarks bench",
    "tools": "tool tools script scripts tooling",
    "examples": "example examples sample samples",
    "staging": "staging stage",
}
_SETTING_OF: Final = {word: name for name, words in SETTINGS.items() for word in words.split()}

_BINDING: Final = re.compile(
    r"\b(?:must|never|always|forbidden|banned|required?|requires|mandatory|shall|"
    r"(?:do|may|can|must|should)(?:n't| not)|cannot|don't|not allowed|no exceptions?|only|"
    r"every|each|all|any|no|stays?|keep|has to|have to|needs? to|at (?:most|least)|pinned|"
    r"immutable|ensure|make sure)\b",
    re.IGNORECASE,
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
        kept = _QUOTED.sub(lambda match: match.group().replace(" ", _BLANK), kept)
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


def settings(text: str) -> frozenset[str]:
    """Return the settings that a text names: tests, production, notebooks, …"""
    lowered = (
        word.lower()
        for word in _SETTING.findall(_WHENCE.sub("", text) if "aptop" in text else text)
    )
    return frozenset(_SETTING_OF[word] for word in lowered if word in _SETTING_OF)


def is_everywhere(text: str) -> bool:
    """Tell whether a text says that it holds in all settings."""
    return _EVERYWHERE.search(text) is not None


_EVERYWHERE: Final = re.compile(
    r"\b(?:everywhere|anywhere|(?:all|every|any|each) (?:environment|stage|machine|build)s?)\b",
    re.IGNORECASE,
)
_SETTING: Final = re.compile(r"[\w-]+")
_WHENCE: Final = re.compile(r"\bfrom (?:my|your|his|her|a|the) (?:own )?laptop\b", re.IGNORECASE)


def _is_turned(sentence: str) -> bool:
    """Tell whether a sentence turns away what it speaks of."""
    cue = AGAINST.search(sentence)
    if cue is None:
        return False
    end = TURN.search(sentence, cue.end())
    rest = sentence[cue.end() : end.start() if end else len(sentence)]
    return cue.start() > 0 or bool(content(rest))


def without_code(sentence: str) -> str:
    """Leave out what is quoted as code: `except Exception` makes no exception."""
    return _QUOTED.sub(" ", sentence)


_QUOTED: Final = re.compile(r"`[^`\n]{0,120}`")
_BLANK: Final = "\ue000"  # stands for a blank inside of code while a text is split


# "drop Python 3.7" turns that version away, and no Python.
_VERSION: Final = re.compile(r"[`'\"]?\s(?:versions?\s|v)?\d{1,4}\b(?!-)")


def _excepted(sentence: str) -> frozenset[str]:
    """Return the words of the place that a clause makes an exception for."""
    plain = without_code(sentence)
    if _EXCEPTION.search(plain) is None:
        return frozenset()
    for match in _PERMITS.finditer(plain):
        if found := content(match["place"] or match["who"] or ""):
            return found
    return frozenset()


def shapes(text: str) -> frozenset[str]:
    """Return how the identifiers of a text are written: "snake_case", "camelCase", …"""
    found = set()
    for word in re.findall(r"[A-Za-z][\w-]*", text):
        for shape, pattern in _SHAPES.items():
            if pattern.fullmatch(word):
                found.add(shape)
    return frozenset(found)


_SHAPES: Final = {
    "snake_case": re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+"),
    "camelCase": re.compile(r"[a-z][a-z0-9]*(?:[A-Z][a-z0-9]+)+"),
    "PascalCase": re.compile(r"(?:[A-Z][a-z0-9]+){2,}"),
}


def _names(sentence: str) -> Iterator[Spelled]:
    """Find what is written as a name: with a capital or a sign inside, or as the first word where
    that is no common one."""
    for match in _NAME.finditer(sentence):
        word, start, end = match.group(), *match.span()
        if sentence[start - 1 : start] in _SIGNS and (
            sign := _SIGN.search(sentence, start - 2, start)
        ):
            start = sign.start()
            word = sentence[start:end]
        if word.islower() and word.isalpha():  # most words are: neither capital nor sign
            continue
        if len(word) < 3 or word.lower() in STOPWORDS:
            continue
        if word in {"e.g", "i.e"} or (word.isupper() and word.lower() in _STRESSED):
            continue
        before = sentence[:start]
        first = not before.strip(" `'\"(")
        if (
            not (word[0].isalnum() and word[-1].isalnum())
            or (_ODD.search(word, 1) and not word.islower())
            or _JOINT.search(word, 1)
            or (word[0].isupper() and not (first and _is_english(match)))
        ) and not (_COUNT.search(before[-3:]) or _VERSION.match(sentence, end)):
            yield Spelled(word.removesuffix(")").lower(), start, end)


@lru_cache(maxsize=1_024)
def spelling(name: str) -> re.Pattern[str]:
    """Return how a text spells a name, which is in lower case: by itself, or as the first part of
    an identifier ("LightningModule" of Lightning)."""
    begins = r"(?<![\w-])" if name[0].isalnum() else ""
    ends = r"(?:(?i:s|es)?(?![\w-])|(?=[A-Z][a-z]))" if name[-1].isalnum() else ""
    return re.compile(f"{begins}(?i:{re.escape(name)}){ends}")


def _is_english(first: re.Match[str]) -> bool:
    """Tell whether the first word of a sentence has its capital from that alone."""
    word = first.group().lower()
    many = word.endswith("s") and _ARE.match(first.string, first.end()) is not None
    return many or stem(word) in common() or word.endswith(("ed", "ing", "ly"))


# What is written in capitals for stress: "If not, STOP and FIX".
_STRESSED: Final = frozenset(
    """always before after critical default deprecated ensure fix important mandatory may must never
    none note only optional recommended required shall should stop strict todo warning
    wrong""".split()  # noqa: SIM905
)
_ARE: Final = re.compile(r"\s(?:are|were|have|do|don't|go|stay|come|must|may|can|never)\b")


_ODD: Final = re.compile(r"[A-Z./_+#-]")
_JOINT: Final = re.compile(r"[/_.]")
_COUNT: Final = re.compile(r"\d\s?$")  # what follows is a unit
# … with the signs that belong to it: `:latest`, `--no-verify`, `@ts-ignore`, `eval()`, `SELECT *`.
_NAME: Final = re.compile(r"[A-Za-z][\w+#]*(?:[./-][\w+#]+)*(?:\(\)|\s\*(?![\w*]))?")
_SIGNS: Final = frozenset(":@!.-")
_SIGN: Final = re.compile(r"(?<![\w./:@-])(?:--|[:@!.])$")


def asks(sentence: str) -> bool:
    """Tell a question about what is from a request, however that is put."""
    if _PROPOSES.search(sentence):
        return False
    return sentence.rstrip().endswith("?") or _ASKS.search(sentence) is not None
