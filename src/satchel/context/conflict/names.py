"""What is written as a name in a sentence, and how a text spells it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from satchel.context.english import common, stem
from satchel.context.terms import STOPWORDS


@dataclass(frozen=True, slots=True)
class Spelled:
    """A name that a clause spells, in lower case, from one character to another."""

    name: str
    start: int
    end: int
    written: str = ""  # … as it is written there


def spelled_names(sentence: str) -> Iterator[Spelled]:
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
        ) and not (_COUNT.search(before[-3:]) or VERSION.match(sentence, end)):
            plain = word.removesuffix(")")
            yield Spelled(plain.lower(), start, end, plain)


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
# "drop Python 3.7" turns that version away, and no Python.
VERSION: Final = re.compile(r"[`'\"]?\s(?:versions?\s|v)?\d{1,4}\b(?!-)")
