"""Which records answer a question, best first. Pure.

A briefing asks whether a record applies; who recalls something asks which one comes nearest. So
words and meaning are weighed against the best that there is, then what surrounds a record counts:
the turn beside it in its conversation, who said it, the time that the question names, and whether
something later says the same thing anew. The weights were chosen on one half of the dialogues of
`python -m bench.recall`; bench/README.md has the figures of the other half.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from satchel.context import handles
from satchel.context.applies import names_of
from satchel.context.moments import Span, spans
from satchel.context.terms import STOPWORDS, words_of
from satchel.context.types import ChosenRecord, Origin, Record
from satchel.context.validity import when

SPOKEN: Final = frozenset({Origin.TRANSCRIPTS, Origin.CONVERSATIONS})
STEP: Final = 1e-6
RENEWED: Final = 20  # records at the top that are held against each other
READ: Final = 2_000  # characters of a question
BRIEF: Final = 120  # characters
LATE: Final = timedelta(days=3)
NEAR: Final = 0.3  # cosine from which a record without a word of the question may answer it
FAINT: Final = 0.15  # cosine of the nearest from which it may answer where no word is shared


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence is worth, beside the best words and the nearest meaning."""

    words: float = 0.4
    meaning: float = 0.6
    named: float = 0.5
    beside: float = 0.15  # of the better neighbour
    answered: float = 0.2  # … where that one is a question and comes right before
    asking: float = -0.3  # it is a question itself, and little else
    speaker: float = 0.2
    timed: float = 0.4
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
    r"|list|mention|explain|g(?:i|a)ve|describ|provid|shar|wr(?:i|o)te|creat|remind)\w{0,6}\b",
    re.IGNORECASE,
)
_USERS: Final = frozenset({"user", "human"})
_ASSISTANTS: Final = frozenset({"assistant", "ai", "bot", "model"})
# As a source spells it: "conversation 3fa2 turn 4", with "by Noor" where it tells who spoke.
_PLACE: Final = re.compile(
    r"(?P<where>.{1,300}?)(?: turn |:)(?P<at>\d{1,9})(?: by (?P<who>.{1,100}))?"
)


def read(text: str, now: datetime | None) -> Question:
    """Read a question, put at a moment."""
    return Question(
        text=text,
        words=handles.words(text[:READ]),
        spans=spans(text, now),
        is_past=_PAST.search(text, 0, READ) is not None,
        by_user=_MINE.search(text, 0, READ) is not None,
        by_assistant=_YOURS.search(text, 0, READ) is not None,
    )


def order(
    found: Sequence[Found],
    question: Question,
    alike: Callable[[Sequence[str]], Mapping[tuple[str, str], float]],
    weights: Weights = WEIGHTS,
) -> list[ChosenRecord]:
    """Rank what was found; what has nothing to do with the question is left out.

    `alike` maps pairs of the ids near the top to the cosine of the two.
    """
    most = max((one.words for one in found), default=0.0)
    cosines = [one.cosine for one in found if one.cosine is not None]
    nearest = max(cosines, default=0.0)
    own: dict[str, float] = {}
    for one in found:
        lexical = one.words / most if most else 0.0
        if one.cosine is None:
            near = lexical  # its vector is still to come
        else:
            near = max(one.cosine, 0.0) / nearest if nearest > 0 else 0.0
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
    if not most and nearest < FAINT and not any(_is_spoken_of(one, question) for one in found):
        return []
    ranked = sorted(
        (one for one in found if _is_near(one, question)),
        key=lambda one: (-scores[one.record.id], one.record.id),
    )
    if not question.spans:
        pairs = alike([one.record.id for one in ranked[:RENEWED]])
        ranked = _renewed(ranked, scores, pairs, question.is_past, weights)
    chosen: list[ChosenRecord] = []
    telling = _telling(question)
    best = 1.0
    for one in ranked:  # scores fall in the order of the ranks, whatever put a record there
        best = min(best - STEP, max(scores[one.record.id], 0.0) / (1 + weights.named))
        chosen.append(ChosenRecord(one.record, _reason(one, telling), best))
    return chosen


def _is_near(one: Found, question: Question) -> bool:
    """Tell whether a record has a word of the question, comes near it, is named by it, or was said
    in a conversation, where what stands beside it may speak for it."""
    return (
        one.words > 0
        or (one.cosine or 0.0) >= NEAR
        or one.record.origin in SPOKEN
        or _is_spoken_of(one, question)
    )


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something was said: the conversation, its turn, and who spoke ("" where unknown)."""

    where: str
    turn: int
    who: str


def spot(record: Record) -> Spot | None:
    """Return where a record was said, if it was."""
    if record.origin not in SPOKEN:
        return None
    match = _PLACE.fullmatch(record.source)
    return Spot(match["where"], int(match["at"]), match["who"] or "") if match else None


def _around(record: Record, question: Question, weights: Weights) -> float:
    """Return what a record gets for what is not in its words: names, who said it, when."""
    score = 0.0
    if handles.called(names_of(record), question.words) is not None:
        score += weights.named
    if len(record.text) <= BRIEF and record.text.rstrip().endswith("?"):
        score += weights.asking
    said = spot(record)
    if said is not None and said.who:
        score += weights.speaker * _is_meant(said.who.lower(), question)
    if question.spans:
        at = when(record.valid_from)
        score += weights.timed * max(_told(span, at) for span in question.spans) if at else 0.0
    return score


def _told(span: Span, at: datetime) -> float:
    """Return how well the moment of a statement fits a time that is asked about; what happened is
    often told a day or two later."""
    if span.holds(at):
        return 1.0
    return 0.5 if span.end <= at < span.end + LATE else 0.0


def speakers(records: Iterable[Record], question: Question) -> frozenset[str]:
    """Return the words of a question that name who said something: not what it is about."""
    named = {said.who.lower() for record in records if (said := spot(record)) is not None}
    others = named - _USERS - _ASSISTANTS - {""}
    return frozenset(
        word for who in others if handles.called([who], question.words) for word in who.split()
    )


def _is_spoken_of(one: Found, question: Question) -> bool:
    said = spot(one.record)
    return said is not None and bool(said.who) and _is_meant(said.who.lower(), question)


def _pairs(found: Sequence[Found]) -> list[tuple[Record, Record]]:
    """Return the records that follow each other in a conversation."""
    at: dict[tuple[str, int], Record] = {}
    for one in found:
        said = spot(one.record)
        if said is not None:
            at[(said.where, said.turn)] = one.record
    return [
        (record, at[(where, turn + 1)])
        for (where, turn), record in at.items()
        if (where, turn + 1) in at
    ]


def _is_meant(speaker: str, question: Question) -> bool:
    """Tell whether a question is about what this speaker said."""
    if speaker in _ASSISTANTS:
        return question.by_assistant
    if speaker in _USERS:
        return question.by_user and not question.by_assistant
    return handles.called([speaker], question.words) is not None


def _renewed(
    ranked: Sequence[Found],
    scores: Mapping[str, float],
    alike: Mapping[tuple[str, str], float],
    is_past: bool,
    weights: Weights,
) -> list[Found]:
    """Put the later of two statements of one thing right before the earlier."""
    renewed: list[Found] = []
    waiting = list(ranked[:RENEWED])
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
    return [*renewed, *ranked[RENEWED:]]


def _telling(question: Question) -> dict[str, tuple[str, ...]]:
    """Return the words of a question that tell something, in order, each with what it is held
    against a record by."""
    return {
        word: handles.words(word)
        for word in words_of(question.text[:READ])
        if word.lower() not in STOPWORDS
    }


def _reason(one: Found, telling: Mapping[str, Sequence[str]]) -> str:
    """Name what a record and the question have in common, words as the question spells them."""
    said = set(handles.words(f"{one.record.text} {' '.join(names_of(one.record))}"))
    spelled = [word for word, words in telling.items() if said.issuperset(words)]
    parts = [f"shares {', '.join(spelled[:4])} with the question"] if spelled else []
    if one.cosine is not None and one.cosine >= NEAR:
        parts.append(f"is near in meaning ({one.cosine:.2f})")
    beside = one.record.origin in SPOKEN
    other = (
        "was said beside what the question is about" if beside else "has its words in other forms"
    )
    return " and ".join(parts) or other
