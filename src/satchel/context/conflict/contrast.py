"""Words that part what a rule is about from what it is not: a draft is no issued invoice. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from satchel.context.conflict.act import is_verb
from satchel.context.conflict.likeness import concept, concepts, is_action

# Each line: two sides, and the words for each. A rule about one side says nothing of the other.
_SIDES: Final = tuple(
    tuple(frozenset(side.split()) for side in line.split("|"))
    for line in """
issued published submitted sent finalized released signed | draft drafts unsent unpublished
public external outside customer-facing | internal private in-house intranet
inbound incoming received | outbound outgoing
client clients browser frontend front-end | server servers backend back-end
client clients browser frontend front-end mobile app | server-side
read reads reading | writes writing
desktop | mobile phone phones tablet
ios iphone | android
paid paying premium | free trial
adult adults | child children minor minors
employee employees staff | customer customers guest guests
main master trunk | feature fork
input inputs | output outputs
upload uploads uploaded | download downloads downloaded
store stores stored save saved persist persisted column columns lake | show shows shown display
prose chapter chapters manuscript | code
""".strip().splitlines()
)
_WORD: Final = re.compile(r"[a-z][a-z-]*")


@lru_cache(maxsize=8_192)
def words(text: str) -> frozenset[str]:
    """Return the words of a text that may part."""
    return frozenset(_WORD.findall(text.lower())) & _ALL


def apart(one: str, other: str) -> bool:
    """Tell whether two sentences say the same of two things, told by the word before it: the
    payment API and the search API, what ACME pays and what another does, free users and others."""
    if parted(words(one), words(other)):
        return True
    ours, theirs = _told_by(one), _told_by(other)
    said, answered = concepts(one), concepts(other)
    return any(
        not (ours[head] & answered or theirs[head] & said) for head in ours.keys() & theirs.keys()
    )


@lru_cache(maxsize=4_096)
def _told_by(text: str) -> dict[str, frozenset[str]]:
    """Return which words stand right before each word that tells something."""
    found: dict[str, set[str]] = {}
    for match in _TWO.finditer(text):
        before, word = match["before"], match["word"]
        if before.lower() in _USUAL:
            continue
        if (is_verb(before) or is_action(concept(before))) and not _OF.search(
            text, max(0, match.start() - 8), match.start()
        ):
            continue  # "keep logs", and not "the search API"
        head, kind = concepts(word), concepts(before)
        if head and kind and head != kind:
            found.setdefault(next(iter(head)), set()).update(kind)
    return {head: frozenset(kinds) for head, kinds in found.items()}


_OF: Final = re.compile(r"\b(?:the|an?|our|each|every|all|its|of|for|in|on)\s$", re.IGNORECASE)
_TWO: Final = re.compile(
    r"(?<![\w'-])(?P<before>[A-Za-z][\w'-]{1,30})(?=\s(?P<word>[A-Za-z][\w'-]{1,30}))"
)
# What says how much, or of which time, and not of what.
_USUAL: Final = frozenset(
    """default maximum minimum max min total overall global general usual current new upper lower
    longest shortest average single per request requests hard soft strict one two three four five
    six seven eight nine ten twelve fifteen twenty thirty forty fifty sixty hundred""".split()  # noqa: SIM905
)
_ALL: Final = frozenset().union(*(side for sides in _SIDES for side in sides))


def parted(held: frozenset[str], asked: frozenset[str]) -> bool:
    """Tell whether one text is on one side of what parts them, and the other on the other."""
    if not (held and asked):
        return False
    for one, other in _SIDES:
        for ours, theirs in ((one, other), (other, one)):
            if held & ours and not held & theirs and asked & theirs and not asked & ours:
                return True
    return False
