"""Words that part what a rule is about from what it is not: a draft is no issued invoice. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

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
store stores stored save saved persist persisted column columns | show shows shown display displayed
prose chapter chapters manuscript | code
""".strip().splitlines()
)
_WORD: Final = re.compile(r"[a-z][a-z-]*")


@lru_cache(maxsize=8_192)
def words(text: str) -> frozenset[str]:
    """Return the words of a text that may part."""
    return frozenset(_WORD.findall(text.lower())) & _ALL


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
