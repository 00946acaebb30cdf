"""What a clause of a request does, and what it gives up. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from satchel.context.conflict.likeness import Word, concepts, words


@dataclass(frozen=True, slots=True)
class Deed:
    """A clause of a request: its words, and what it gives up, phrase by phrase."""

    text: str
    words: tuple[Word, ...]
    concepts: frozenset[str]
    given_up: tuple[frozenset[str], ...]
    undone: frozenset[str] = frozenset()  # what it wants un-: "unsigned"
    told: bool = False  # it tells what is so, and asks for nothing
    is_item: bool = False  # … of a plan
    meant: frozenset[str] = frozenset()  # what "them" and "the rest" stand for in it


_GIVES_UP: Final = re.compile(
    r"\b(?:skip(?:s|ping)?|drop(?:s|ping)?|remov(?:e|es|ing)|disabl(?:e|es|ing)|"
    r"turn(?:s|ing)? off|switch(?:es|ing)? off|get(?:ting)? rid of|without|"
    r"no need (?:for|of|to)|"
    r"leav(?:e|es|ing) (?:out|off|away)|omit(?:s|ting)?|ditch(?:es|ing)?|"
    r"bypass(?:es|ing)?|"
    r"ignor(?:e|es|ing)|suppress(?:es|ing)?|forget(?: about)?|do away with|strip(?:s|ped)?|"
    r"relax(?:es|ing)?|loosen|weaken|comment(?:ed|ing)? out|(?:don't|do not|doesn't|needn't) "
    r"(?:need|bother|have to|require|want|add|write|use|run|check|wait)|no longer|instead of|"
    r"rather than|kill|delet(?:e|es|ing)|no|tak(?:e|es|ing) out)\b",
    re.IGNORECASE,
)
_FLAG: Final = re.compile(r"--(?:no|skip|disable|without)-([a-z-]{3,30})")
_APART: Final = re.compile(  # "take the login off", "turn the check off"
    r"\b(?:tak(?:e|es|ing)|turn(?:s|ing)?|switch(?:es|ing)?|leav(?:e|es|ing)|throw(?:s|ing)?)\s"
    r"(.{3,60}?)\s(?:off|out|away|aside)\b",
    re.IGNORECASE,
)
_NEEDLESS: Final = re.compile(
    r"(.{3,60}?)\s(?:can go|can wait|isn't needed|is not needed|aren't needed|are not needed|"
    r"is optional|isn't necessary|is not required|isn't required|should be optional)\b",
    re.IGNORECASE,
)
_UN: Final = re.compile(r"\b(?:un|non-?)([a-z]{4,20}ed|set|locked|bound)\b", re.IGNORECASE)
_PHRASE: Final = re.compile(
    r"[,;:.!?](?:\s|$)|\b(?:so|as|and|from|in|on|at|after|before|it|they|there|when|where|while|"
    r"for|"
    r"because|of|until|if|to|that|with|by|just|but|then)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=2_048)
def deed(sentence: str) -> Deed:
    """Read a clause of a request."""
    guards = _GUARDS.search(sentence)
    stands = guards.start() if guards else len(sentence)
    phrases = [sentence[m.end() :] for m in _GIVES_UP.finditer(sentence) if m.start() < stands]
    phrases += [m[1] for m in _APART.finditer(sentence)]
    phrases += [m[1] for m in _FLAG.finditer(sentence)]
    given = [concepts(phrase(one)) for one in phrases[:40]]
    given += [concepts(m[1]) for m in _NEEDLESS.finditer(sentence)]
    found = words(sentence)
    return Deed(
        sentence,
        found,
        frozenset(word.concept for word in found),
        tuple(dict.fromkeys(one for one in given if one)),
        frozenset().union(*(concepts(m[1]) for m in _UN.finditer(sentence))),
    )


def refers(sentence: str) -> bool:
    """Tell whether a sentence does something to what the one before it names: "delete the rest"."""
    return _REST.search(sentence) is not None


_REST: Final = re.compile(
    r"\b(?:the (?:others?|rest|remaining|older|old ones?|oldest|newest|duplicates)|everything|"
    r"all of (?:them|it|those)|them|those|these|(?:\w{3,12})\sit(?=\W|$))",
    re.IGNORECASE,
)
# Verbs with which one looks for what is wrong, or keeps it out: what follows is no deed.
_GUARDS: Final = re.compile(
    r"\b(?:warn|detect|fail(?:s|ing)?|blocks|blocking|flags|flagging|search for|look for|complain|"
    r"prevent|refus(?:e|es|ing)|reject(?:s|ing)?|forbid|grep|hunt|clean up)\b|"
    # … which are nouns elsewhere
    r"(?:^\W{0,4}|,\s|\b(?:to|and|or|then|please|should|must|can|could|will|would|that|which|we|i|you|"
    r"let's|just|also|it|not|never|plan:)\s)(?:list|find|report|block|flag|count|catch|alert|lint|audit|"
    r"spot|scan|fix)\b",
    re.IGNORECASE,
)


def guards(sentence: str) -> bool:
    """Tell whether a sentence looks for what is wrong, or keeps it out."""
    return _GUARDS.search(sentence) is not None


def phrase(text: str) -> str:
    """Return the noun phrase with which a text begins."""
    text = text[:90].lstrip(" `'\"")
    end = _PHRASE.search(text, 1)
    return text[: end.start()] if end else text
