"""Which records answer a question, best first. Pure.

A briefing asks whether a record applies; who recalls something asks which one comes nearest. So
words and meaning are weighed against the best that there is, then what surrounds a record counts:
the turn beside it in its conversation, who said it, the time that the question names, and whether
something later says the same thing anew. The weights were chosen on one half of the dialogues of
`python -m bench.recall`; docs/adr/0009-records.md has the figures of the other half.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from satchel.context import handles
from satchel.context.applies import names_of
from satchel.context.moments import Span, spans
from satchel.context.remember import when
from satchel.context.types import ChosenRecord, Origin, Record

SPOKEN: Final = frozenset({Origin.TRANSCRIPTS, Origin.CONVERSATIONS})
STEP: Final = 1e-6
FAINT: Final = 0.2  # cosine from which a record that shares no word with a question may answer it


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence is worth, beside the best words and the nearest meaning."""

    words: float = 0.4
    meaning: float = 0.6
    named: float = 0.5
    beside: float = 0.15  # of the better neighbour
    answered: float = 0.3  # … where that one is a question and comes right before
    asking: float = -0.1  # it is a question itself
    speaker: float = 0.1
    timed: float = 0.3
    recent: float = 0.05
    anew: float = 0.7  # share of an earlier statement's score from which a later one goes before it
    alike: float = 0.6  # cosine of two statements of one thing


WEIGHTS: Final = Weights()


@dataclass(frozen=True, slots=True)
class Found:
    """A record as it was found: its BM25 (0: none of the words), its cosine where it is known."""

    record: Record
    words: float = 0.0
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: its words in order, the times that it names, whether it is about the past."""

    text: str
    words: tuple[str, ...]
    spans: tuple[Span, ...]
    is_past: bool
    by_user: bool
    by_assistant: bool


_PAST: Final = re.compile(
    r"\b(?:originally|initially|at first|first|formerly|previously|earlier|earliest|used to"
    r"|before (?:that|the change|it changed)|in the beginning|back then)\b",
    re.IGNORECASE,
)
_MINE: Final = re.compile(r"\b(?:i|i'm|i've|i'd|me|my|mine|we|our|us)\b", re.IGNORECASE)
_YOURS: Final = re.compile(
    r"\b(?:you|your)\b.{0,40}\b(?:recommend|suggest|sa(?:y|id)|t(?:ell|old)|advi[cs]e|answer|propos"
    r"|list|mention|explain|g(?:i|a)ve|describe)\w{0,6}\b",
    re.IGNORECASE,
)
_USERS: Final = frozenset({"user", "human"})
_ASSISTANTS: Final = frozenset({"assistant", "ai", "bot", "model"})
_PLACE: Final = re.compile(r"(?P<where>.{1,300}?)[ :#](?P<at>\d{1,9})")


def read(text: str, now: datetime | None) -> Question:
    """Read a question, put at a moment."""
    return Question(
        text=text,
        words=handles.words(text[:2_000]),
        spans=spans(text, now),
        is_past=_PAST.search(text, 0, 2_000) is not None,
        by_user=_MINE.search(text, 0, 2_000) is not None,
        by_assistant=_YOURS.search(text, 0, 2_000) is not None,
    )


def order(
    found: Sequence[Found],
    question: Question,
    alike: Mapping[tuple[str, str], float],
    weights: Weights = WEIGHTS,
) -> list[ChosenRecord]:
    """Rank what was found; what has nothing to do with the question is left out.

    `alike` maps pairs of ids to the cosine of the two, for those near the top.
    """
    most = max((one.words for one in found), default=0.0)
    cosines = [one.cosine for one in found if one.cosine is not None]
    nearest = max(cosines, default=0.0)
    own: dict[str, float] = {}
    for one in found:
        lexical = one.words / most if most else 0.0
        near = max(one.cosine or 0.0, 0.0) / nearest if nearest > 0 else 0.0
        own[one.record.id] = (
            weights.words * lexical + weights.meaning * near
            if cosines
            else (weights.words + weights.meaning) * lexical
        )
    scores = {
        one.record.id: own[one.record.id] + _around(one.record, question, weights) for one in found
    }
    for earlier, later in _pairs(found):
        follows = earlier.text.rstrip().endswith("?") and not later.text.rstrip().endswith("?")
        share = weights.answered if follows else weights.beside
        scores[later.id] += share * own[earlier.id]
        scores[earlier.id] += weights.beside * own[later.id]
    times = sorted({one.record.valid_from for one in found})
    if len(times) > 1 and not question.spans:
        sign = -1 if question.is_past else 1
        for one in found:
            place = times.index(one.record.valid_from) / (len(times) - 1)
            scores[one.record.id] += sign * weights.recent * place
    kept = [one for one in found if one.words > 0 or (one.cosine or 0.0) >= FAINT]
    ranked = sorted(kept, key=lambda one: (-scores[one.record.id], one.record.id))
    if not question.spans:
        ranked = _renewed(ranked, scores, alike, question.is_past, weights)
    chosen: list[ChosenRecord] = []
    best = 1.0
    for one in ranked:  # scores fall in the order of the ranks, whatever put a record there
        best = min(best - STEP, max(scores[one.record.id], 0.0) / (1 + weights.named))
        chosen.append(ChosenRecord(one.record, _reason(one), best))
    return chosen


def place_of(record: Record) -> tuple[str, int] | None:
    """Return the conversation that a record was spoken in, and its turn there."""
    if record.origin not in SPOKEN:
        return None
    match = _PLACE.fullmatch(record.source)
    return (match["where"], int(match["at"])) if match else None


def _around(record: Record, question: Question, weights: Weights) -> float:
    """Return what a record gets for what is not in its words: names, who said it, when."""
    score = 0.0
    if handles.called(names_of(record), question.words) is not None:
        score += weights.named
    if record.text.rstrip().endswith("?"):
        score += weights.asking
    speaker = (record.attribute or "").lower()
    if speaker in _USERS:
        score += weights.speaker * question.by_user * (not question.by_assistant)
    elif speaker in _ASSISTANTS:
        score += weights.speaker * question.by_assistant
    elif speaker and record.origin in SPOKEN:
        score += weights.speaker * (handles.called([speaker], question.words) is not None)
    if question.spans:
        at = when(record.valid_from)
        if at is not None and any(span.holds(at) for span in question.spans):
            score += weights.timed
    return score


def _pairs(found: Sequence[Found]) -> list[tuple[Record, Record]]:
    """Return the records that follow each other in a conversation."""
    at = {place: one.record for one in found if (place := place_of(one.record)) is not None}
    return [
        (record, at[(where, turn + 1)])
        for (where, turn), record in at.items()
        if (where, turn + 1) in at
    ]


def _renewed(
    ranked: Sequence[Found],
    scores: Mapping[str, float],
    alike: Mapping[tuple[str, str], float],
    is_past: bool,
    weights: Weights,
) -> list[Found]:
    """Put the later of two statements of one thing right before the earlier."""
    renewed: list[Found] = []
    waiting = list(ranked)
    while waiting:
        first = waiting.pop(0)
        later = [
            one
            for one in waiting
            if (one.record.valid_from > first.record.valid_from) is not is_past
            and one.record.valid_from != first.record.valid_from
            and scores[one.record.id] >= weights.anew * scores[first.record.id]
            and alike.get((first.record.id, one.record.id), 0.0) >= weights.alike
        ]
        if later:
            best = later[0]
            waiting.remove(best)
            waiting.insert(0, first)
            first = best
        renewed.append(first)
    return renewed


def _reason(one: Found) -> str:
    if one.words > 0 and one.cosine is not None:
        return f"shares words with the question, and is near in meaning ({one.cosine:.2f})"
    return "shares words with the question" if one.words > 0 else "is near in meaning"
