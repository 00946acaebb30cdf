"""From the signals' evidence to an order of files and, within them, of passages. Pure.

What a file's own signals give it is weighed by the plan. Among source files, the order then comes
from a plain formula over the features and from a ranker that was trained on commits, half and half
in spirit: docs/ranker.md has what each gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.base.values import value
from satchel.context.catalog import Row
from satchel.context.ensemble import ranker
from satchel.context.features import NAMES, featured
from satchel.context.hit import Hit
from satchel.context.lead import Leads
from satchel.context.retrieve import Evidence
from satchel.context.route import Plan
from satchel.context.types import Role, Signal

# How a file's passages add up: the best one whole, the next two in part.
DEPTH: Final = (1.0, 0.3, 0.15)
SURE: Final = 0.99  # of what a path gives: the request names this very file
JOURNAL: Final = 0.2  # what a changelog's score counts, unless the request names it
# Signals whose many small hits on one file add up instead.
ADDITIVE: Final = frozenset({Signal.HISTORY, Signal.TOGETHER, Signal.IMPORT, Signal.SYMBOL})
# Signals whose scores mean the same for every request; the others count relative to their best.
ABSOLUTE: Final = frozenset({Signal.SYMBOL, Signal.PATH, Signal.FOLLOWED})
# The plain formula, over columns of the features; its weights were chosen on the commits that the
# ranker was trained on.
FORMULA: Final = {
    "request_whole": 1.0,
    "lexical_best": 1.0,
    "title_best": 0.5,
    "request_names": 0.3,
    "symbol_best": 0.3,
    "history_rate": 0.8,
    "title_about": 0.5,
    "together_sum": 0.5,
    "import_sum": 0.3,
}
NAMED: Final = 0.6  # what a path or a stack frame adds to the formula, where it is spelled in full
LEARNED: Final = 2.0  # what the ranker counts beside the formula, both standardised
SPELLED: Final = 1.0  # and what such a path adds to both: messages of commits rarely name one
LED: Final = 2.0  # and what a request that is wholly alike adds to the files that it led to
FADES: Final = 5.9  # the difference by which a file's score falls to 1/e of the best one's


@value(frozen=True, slots=True)
class Candidate:
    """A file with its score, what each signal gave it (0 to 1), its passages, and why.

    `passages` are (id, score), best first; `why` holds each signal's reasons, best first;
    `features` are what the ranker read, in the order of its NAMES, or none. `leads` tells that the
    request is about this very file.
    """

    row: Row
    score: float
    signals: Mapping[Signal, float]
    passages: tuple[tuple[int, float], ...]
    why: Mapping[Signal, tuple[str, ...]]
    features: Sequence[float] = ()
    leads: bool = False


def rank(evidence: Evidence, plan: Plan, about: Leads | None = None) -> list[Candidate]:
    """Order the files, best first; ties keep the order of paths. The documents that a request is
    `about` come first, and none scores more."""
    about = about or Leads({})
    leads = about.why
    rows = evidence.catalog.by_id
    shares = {signal: _shares(signal, hits) for signal, hits in evidence.rankings.items() if hits}
    found = {}
    for document in sorted(
        leads.keys() | set().union(*shares.values()) & rows.keys(),
        key=lambda document: rows[document].path,
    ):
        signals = {s: share[document] for s, share in shares.items() if document in share}
        score = _weighed(rows[document], signals, plan)
        if score > 0 or document in leads:
            found[document] = (score, signals)
    learned = _learned(found, evidence)
    passages, whys = _passages(evidence), _whys(evidence)
    candidates = []
    for document, (score, signals) in found.items():
        score, features = learned.get(document, (score, ()))
        of_it, why = tuple(passages.get(document, ())), whys.get(document, {})
        candidates.append(Candidate(rows[document], score, signals, of_it, why, features))
    candidates.sort(key=lambda candidate: (-candidate.score, candidate.row.path))
    first = [_leading(c, leads[c.row.id], candidates[0]) for c in candidates if c.row.id in leads]
    place = {document: n for n, document in enumerate(about.ordered)}
    first.sort(key=lambda candidate: place.get(candidate.row.id, len(place)))
    return [*first, *(c for c in candidates if c.row.id not in leads)]


def _leading(candidate: Candidate, reason: str, best: Candidate) -> Candidate:
    """Put a file before all that was ranked, for this reason."""
    why = {**candidate.why, Signal.PATH: (reason,)}
    return replace(candidate, score=best.score, why=why, leads=True)


def _weighed(row: Row, signals: Mapping[Signal, float], plan: Plan) -> float:
    """Weigh what the signals give a file by the plan, times what the plan gives its role."""
    score = sum(plan.weights.get(signal, 0.0) * share for signal, share in signals.items())
    score /= sum(plan.weights.values()) or 1.0
    if signals.get(Signal.PATH, 0.0) >= SURE:  # named itself: its role is no reason against it
        return score
    return score * (JOURNAL if row.is_journal else plan.roles.get(row.role, 1.0))


def _learned(
    found: Mapping[int, tuple[float, Mapping[Signal, float]]], evidence: Evidence
) -> dict[int, tuple[float, Sequence[float]]]:
    """Give source files the order of the formula and the ranker, each with what that read: the
    first of them the highest of their scores, the others less by how far they stand behind it."""
    rows = evidence.catalog.by_id
    sources = [d for d in found if rows[d].role == Role.SOURCE and d in evidence.files]
    if not sources:
        return {}
    read = featured(evidence, sources)
    spelled = np.array([found[document][1].get(Signal.PATH, 0.0) for document in sources])
    points = standard(formula(read) + NAMED * spelled) + LEARNED * standard(ranker().score(read))
    points += SPELLED * spelled
    points += LED * np.array([found[d][1].get(Signal.FOLLOWED, 0.0) for d in sources])
    scores = max(found[d][0] for d in sources) * np.exp((points - points.max()) / FADES)
    return dict(zip(sources, zip(scores.tolist(), read.tolist(), strict=True), strict=True))


def formula(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Score rows of features by the plain formula."""
    weights = np.array([FORMULA.get(name, 0.0) for name in NAMES])
    scores: NDArray[np.float64] = rows @ weights
    return scores


def standard(values: NDArray[np.float32] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values with mean 0 and deviation 1; zeros where all are the same."""
    spread: NDArray[np.float64] = values.astype(np.float64) - values.mean(dtype=np.float64)
    deviation = float(spread.std())
    return spread / deviation if deviation > 0 else spread


def _shares(signal: Signal, hits: Sequence[Hit]) -> dict[int, float]:
    """Fold a signal's hits into one share a document, at most 1."""
    scores: dict[int, list[float]] = {}
    for hit in hits:
        scores.setdefault(hit.document, []).append(hit.score)
    if signal in ADDITIVE:
        folded = {document: sum(values) for document, values in scores.items()}
    else:
        folded = {
            document: sum(
                weight * value
                for weight, value in zip(DEPTH, sorted(values, reverse=True), strict=False)
            )
            for document, values in scores.items()
        }
    if signal in ABSOLUTE:
        return {document: min(1.0, value) for document, value in folded.items()}
    most = max(folded.values())
    return {document: value / most for document, value in folded.items()} if most > 0 else {}


def _passages(evidence: Evidence) -> dict[int, list[tuple[int, float]]]:
    """Order each document's passages by what lexical, title, symbol and vector hits give them."""
    scores: dict[int, dict[int, float]] = {}
    for signal in (Signal.LEXICAL, Signal.TITLE, Signal.SYMBOL, Signal.VECTOR):
        hits = evidence.rankings.get(signal, ())
        most = max((hit.score for hit in hits), default=0.0)
        for hit in hits:
            if hit.passage is not None and most > 0:
                of_document = scores.setdefault(hit.document, {})
                share = hit.score / most
                of_document[hit.passage] = of_document.get(hit.passage, 0.0) + share
    return {
        document: sorted(found.items(), key=lambda item: (-item[1], item[0]))
        for document, found in scores.items()
    }


def _whys(evidence: Evidence) -> dict[int, dict[Signal, tuple[str, ...]]]:
    """Collect each document's reasons by signal, a signal's best first, each once."""
    whys: dict[int, dict[Signal, tuple[str, ...]]] = {}
    for signal, hits in evidence.rankings.items():
        telling = [hit for hit in hits if hit.why]
        for hit in sorted(telling, key=lambda hit: -hit.score):
            reasons = whys.setdefault(hit.document, {})
            given = reasons.get(signal, ())
            if hit.why not in given:
                reasons[signal] = (*given, hit.why)
    return whys
