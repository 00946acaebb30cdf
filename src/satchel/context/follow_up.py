"""Whether a prompt refers back to what was asked before it, and what is asked then. Pure.

"now the same for refresh tokens" says what, and not of what; "where is the test for that" says
neither. Such a prompt is asked with the request before it behind it: its own words lead, the
earlier ones tell the place. What is said of the work at hand ("undo that", "make it shorter") goes
to who does it and names no other place: it is asked alone, as is what can be understood by itself.

Where a file that was handed over has a sibling that is called by a word of the prompt, that file is
named too: beside "bcrypt.go" the same "for argon2id" is asked of "argon2id.go".
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from satchel.context.classify import classify
from satchel.context.silence import is_at_hand, is_printed
from satchel.context.terms import STOPWORDS, words_of
from satchel.context.topic import LANGUAGES, is_asking
from satchel.context.types import IntentKind, Packet
from satchel.context.understand import understand

LONGEST: Final = 200  # characters of a prompt that refers back; who writes more says it all
MOST_OWN: Final = 3  # words of its own, likewise
FEW: Final = 2  # of them beside a word like "that", which may else stand for one of them
KEPT: Final = 600  # characters of a request that a later one may refer to
FILES: Final = 4  # that were handed over, whose siblings are looked for
SIBLINGS: Final = 2
PIECE: Final = 3  # letters of a name's end that its sibling shares
FEWEST: Final = 3  # words of its own by which a request that nothing was found for is a new topic


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CLAUSES: Final = re.compile(r"(?<=[.!?;:,\n])\s")
_BEGINS: Final = r"^\W{0,4}(?:(?:also|and|but|now|ok(?:ay)?|or|please|so|then)\W{1,3}){0,3}"
_POLITE: Final = r"(?:(?:can|could|would) (?:we|you) |let'?s )?(?:please )?"
_POINTS: Final = r"(?:it|its|that|them|these|they|this|those)"
_BE: Final = r"(?:are|can|could|did|do|does|has|have|is|should|was|were|would)"
# It names another place, for which the same is asked.
_ELSEWHERE: Final = re.compile(
    r"\bsame\b.{0,40}\b(?:at|for|from|in|on|to|with)\b"
    rf"|{_BEGINS}{_BE}\b.{{0,60}}\b(?:also|likewise|same)\b"
    rf"|{_BEGINS}(?:how|what) about\b"
    r"|^\W{0,4}(?:(?:also|and|now|or|then)\W{1,3}){1,3}(?:at|for|in|inside|on)\b"
    r"|\b(?:as well|likewise|too)\W{0,4}$"
    r"|\b(?:at|for|from|in|on|to|with)\b.{1,60}\binstead\W{0,4}$",
    re.IGNORECASE,
)
# What is said of something, rather than asked for: "that's broken on main as well".
_SAID_OF_IT: Final = re.compile(rf"{_BEGINS}{_POINTS}\b", re.IGNORECASE)
# A few words after "and", of which none asks or does anything: "and the fish one?"
_BARE: Final = re.compile(r"^\W{0,4}(?:and|or)(?: [^\s?]{1,40}){1,5}\?\W{0,3}$", re.IGNORECASE)
_ASKED: Final = _words(
    """am are be can could did do does had has have how is may might must shall should was were
    what when where which who whom whose why will would"""
)
# It asks for a place of what was said: where that is done, who calls it, which setting rules it.
_WHERE: Final = re.compile(
    rf"{_BEGINS}(?:where|who|which(?! of\b))\b.{{0,80}}\b{_POINTS}\b", re.IGNORECASE
)
# It wants a test of what was said, new or where it is; to run one is work at hand.
_NEW_TEST: Final = re.compile(
    rf"{_BEGINS}{_POLITE}(?:add|create|extend|update|write)\b.{{0,40}}\b(?:spec|test)s?\b",
    re.IGNORECASE,
)
_ITS_TEST: Final = re.compile(
    rf"{_BEGINS}(?:(?:where|which|what|is|are|was|were|do|does)\b.{{0,60}}"
    r"\b(?:spec|test|tested)s?\b|cover\b)",
    re.IGNORECASE,
)
_POINTING: Final = re.compile(
    rf"(?<!test )(?<!tests )\b(?:{_POINTS}\b(?! (?:spec|test)s?\b)"
    r"|there (?:a|any|specs?|tests?)\b)",
    re.IGNORECASE,
)
_PERSONAL: Final = frozenset(("i", "me", "mine", "my", "you", "your", "yours", "yourself"))
_PIECES: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
# What is said of an agent's work, of any request and of any test, and tells no place in the code.
_PLACELESS: Final = _words(
    """anywhere approach back before better branch bug bugs case change changes commit cover
    coverage covered covers diff error fine good great idea integration later message nice
    ones option perfect plan question questions regression right somewhere spec specs step
    steps summary test tested tests time today tomorrow undo unit way yet"""
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a session asked before, newest first: what referred back last, if anything did, and
    the request that it referred to, each of at most KEPT characters; and the best files that were
    handed over for it."""

    requests: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


NOTHING: Final = Earlier()


def joined(prompt: str, earlier: Earlier, paths: Container[str] = ()) -> str:
    """Return what is asked for a prompt: its words, and those that it refers to behind them.
    `paths` are those of the workspace."""
    if not (earlier.requests and refers_back(prompt)):
        return prompt
    siblings = dict.fromkeys(_siblings(_own(prompt), earlier.files, paths))
    named = islice(siblings, SIBLINGS)
    return "\n\n".join((prompt, *named, *earlier.requests))


def after(prompt: str, earlier: Earlier, packet: Packet) -> Earlier:
    """Return what the next prompt may refer to, once this one got a packet.

    A request takes the place of what was asked before it; so does a new topic for which nothing
    was found, since what is said after it is said of that.
    """
    found, begins = bool(packet.markdown), prompt[:KEPT]
    files = tuple(file.path for file in packet.files if file.in_packet)
    if refers_back(prompt):
        if not (found and earlier.requests):
            return earlier
        known = dict.fromkeys((*earlier.files, *files))
        return Earlier((begins, earlier.requests[-1]), tuple(known)[:FILES])
    if found or (not _is_of_work(begins) and len(_own(begins)) >= FEWEST):
        return Earlier((begins,), files[:FILES])
    return earlier


def refers_back(prompt: str) -> bool:
    """Tell whether a prompt asks for something of which only the request before it tells where."""
    if len(prompt) > LONGEST or len(_own(prompt)) > MOST_OWN or _is_of_work(prompt):
        return False
    first, *others = _CLAUSES.split(prompt)
    return _points_elsewhere(first) or (not _own(first) and any(map(_points_elsewhere, others)))


def _points_elsewhere(clause: str) -> bool:
    """Tell whether a clause asks for another place, or for a place or a test of what was said."""
    own = _own(clause)
    points = _POINTING.search(clause) is not None
    if _NEW_TEST.match(clause):
        return not own or (points and len(own) <= FEW)
    is_personal = not _PERSONAL.isdisjoint(words_of(clause.lower()))
    if is_personal:
        return False
    if (_ITS_TEST.match(clause) and points and not own) or _WHERE.match(clause):
        return len(own) <= FEW
    if not own or _SAID_OF_IT.match(clause):
        return False
    if _BARE.match(clause):
        return _ASKED.isdisjoint(words_of(clause.lower()))
    return _ELSEWHERE.search(clause) is not None


def _is_of_work(prompt: str) -> bool:
    """Tell whether a prompt is small talk, a command to run, what a program printed, or what is to
    become of the work at hand."""
    if is_at_hand(prompt) or is_printed(prompt):
        return True
    return classify(understand(prompt)).kind in {IntentKind.NONE, IntentKind.OPERATE}


def _own(text: str) -> list[str]:
    """Return the words of a text that may tell a place in the code."""
    return [
        word
        for word in words_of(text.lower())
        if len(word) > 1
        and not word.isdigit()
        and word not in STOPWORDS
        and word not in _PLACELESS
        and word not in LANGUAGES
        and not is_asking(word)
    ]


def _siblings(own: Sequence[str], files: Sequence[str], paths: Container[str]) -> Iterator[str]:
    """Yield the paths that differ from one of these files by a word of one's own in place of a
    piece of its name, or of its folder's too where that is called the same."""
    for path in files:
        folder, slash, name = path.rpartition("/")
        stem, dot, suffix = name.partition(".")
        for old in _replaceable(stem):
            for word in own:
                for new in (word, word.removesuffix("s")):
                    new = new.capitalize() if old[0].isupper() else new
                    other = f"{stem.replace(old, new, 1)}{dot}{suffix}"
                    for sibling in (
                        f"{folder}{slash}{other}",
                        f"{folder.replace(old, new)}{slash}{other}",
                    ):
                        if sibling != path and sibling in paths:
                            yield sibling


def _replaceable(stem: str) -> Iterator[str]:
    """Yield what another word may stand for in a file's name: the whole, the pieces that it is
    written of, and its beginnings, since "filewriter" is written as one."""
    pieces = _PIECES.findall(stem)
    yield stem
    yield from (piece for piece in pieces if piece != stem)
    if len(pieces) == 1:
        yield from (stem[:end] for end in range(2, len(stem) - PIECE + 1))
