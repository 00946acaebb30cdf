"""Whether a saying is about how to answer. Pure.

"Answer in English" shares no word with any request and bears on each of them. It is told by its
words: one speaks of answers, and no other of its clause is about anything else. English, and the
commonest German.
"""

from __future__ import annotations

import re
from typing import Final

from satchel.context.english import stem
from satchel.context.terms import STOPWORDS
from satchel.context.types import Origin, Record

LONGEST: Final = 200  # characters of such a saying
_PEOPLE: Final = frozenset({Origin.TRANSCRIPTS, Origin.CONVERSATIONS})
_CLAUSE: Final = re.compile(
    r"[.,;:!](?=\s|$)|[()\u2013\u2014]|\s-\s|\b(?:because|since|so that|weil|denn)\b"
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, text.split()))


# One of these has to be there; stores are searched by them.
SPEAKING: Final = (
    "answer answering explain explanation emoji reply respond response "
    "antwort antworte antworten emojis erkläre erklären erklärung"
)
_SPEAKING: Final = _stems(SPEAKING)
_BESIDE: Final = (
    _SPEAKING
    | frozenset(map(stem, STOPWORDS))
    | _stems(
        """always ask avoid begin don't drop end give include keep leave like never prefer show skip
    start stay stop tell use want write i'd i'm before after first last unless least
    blunt brief clear concise detailed direct formal friendly honest informal lengthy long longer
    plain polite precise short shorter simple technical terse verbose
    bullet bulleted exclamation filler format heading jargon language line list markdown
    paragraph point preamble prose sentence step style table text tone voice word
    beginner developer engineer expert junior senior one two three four five
    code diff detail example option reason reasoning recommendation source summary
    chat conversation prompt question request user
    act anything change edit everything file something touch
    american british english chinese dutch french german italian japanese korean polish portuguese
    russian spanish turkish
    als an auf bevor bitte das deine dein der die du ein eine halte immer in ist keine keinen kurz
    knapp mir mit nie nicht nur ohne stets und was
    deutsch englisch französisch spanisch"""
    )
)


def is_of_answers(text: str) -> bool:
    """Tell whether a saying is about how to answer, and about nothing besides as far as it speaks
    of that."""
    if len(text) > LONGEST or "?" in text:
        return False
    for clause in _CLAUSE.split(text.lower().strip()):
        words = _stems(" ".join(_WORD.findall(clause)))
        if not words <= _BESIDE:
            return False
        if words & _SPEAKING:
            return True
    return False


def is_of_every_answer(record: Record) -> bool:
    """Tell whether a record is what somebody said of how to answer, whatever the files."""
    return (
        (record.confirmed or record.origin in _PEOPLE)
        and not record.globs
        and is_of_answers(record.text)
    )
