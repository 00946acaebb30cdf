"""From the signals' evidence to an order of files and, within them, of passages. Pure.

What a file's own signals give it is weighed by the plan. Among source files, the order then comes
from a plain formula over the features and from a ranker that was trained on commits, half and half
in spirit: docs/ranker.md has what each gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.context.catalog import Row
from satchel.context.ensemble import ranker
from satchel.context.features import NAMES, featured
from satchel.context.retrieve import Evidence, Hit
from satchel.context.route import Plan
from satchel.context.types import Role, Signal

# How a file's passages add up: the best one whole, the next two in part.
DEPTH: Final = (1.0, 0.3, 0.15)
SURE: Final = 0.99  # of what a path gives: the request names this very file
JOURNAL: Final = 0.2  # what a changelog's score counts, unless the request names it
# Signals whose many small hits on one file add up instead.
ADDITIVE: Final = frozenset({Signal.HISTORY, Signal.TOGETHER, Signal.IMPORT, Signal.SYMBOL})
# Signals whose scores mean the same for every request; the others count relative to their best.
ABSOLUTE: Final = frozenset({Signal.SYMBOL, Signal.PATH})
# The plain formula, over columns of the features.
FORMULA: Final = {
    "request_whole": 1.0,
    "lexical_best": 1.0,
    "title_best": 0.5,
    "request_names": 0.3,
    "symbol_best": 0.3,
}
NAMED: Final = 0.5  # what a path or a stack frame adds to the formula, where it is spelled in full
LEARNED: Final = 2.0  # what the ranker counts beside the formula, both standardised
SPELLED: Final = 1.0  # and what such a path adds to both: messages of commits rarely name one
FADES: Final = 5.9  # the difference by which a file's score falls to 1/e of the best one's


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file with its score, what each signal gave it (0 to 1), its passages, and why.

    `passages` are (id, score), best first; `why` holds each signal's reasons, best first;
    `features` are what the ranker read, by name.
    """

    row: Row
    score: float
    signals: Mapping[Signal, float]
    passages: tuple[tuple[int, float], ...]
    why: Mapping[Signal, tuple[str, ...]]
    features: Mapping[str, float] = field(default_factory=dict)


def rank(evidence: Evidence, plan: Plan) -> list[Candidate]:
    """Order the files, best first; ties keep the order of paths."""
    shares = {signal: _shares(signal, hits) for signal, hits in evidence.rankings.items() if hits}
    passages, whys = _passages(evidence), _whys(evidence)
    found = []
    for document in set().union(*shares.values()) & evidence.catalog.by_id.keys():
        row = evidence.catalog.by_id[document]
        signals = {s: shares[s][document] for s in shares if document in shares[s]}
        score = _weighed(row, signals, plan)
        if score > 0:
            of_it = tuple(passages.get(document, ()))
            found.append(Candidate(row, score, signals, of_it, whys.get(document, {})))
    found.sort(key=lambda candidate: candidate.row.path)
    ordered = _in_order(found, evidence)
    ordered.sort(key=lambda candidate: (-candidate.score, candidate.row.path))
    return ordered


def _weighed(row: Row, signals: Mapping[Signal, float], plan: Plan) -> float:
    """Weigh what the signals give a file by the plan, times what the plan gives its role."""
    weights = {signal: weight for signal, weight in plan.weights.items() if weight > 0}
    total = sum(weights.values()) or 1.0
    score = sum(weights.get(signal, 0.0) * share for signal, share in signals.items()) / total
    if signals.get(Signal.PATH, 0.0) >= SURE:  # named itself: its role is no reason against it
        return score
    return score * (JOURNAL if row.is_journal else plan.roles.get(Role(row.role), 1.0))


def _in_order(candidates: Sequence[Candidate], evidence: Evidence) -> list[Candidate]:
    """Give source files the order of the formula and the ranker: the first of them the highest of
    their scores, the others less by how far they stand behind it."""
    sources = [c for c in candidates if c.row.role == Role.SOURCE and c.row.id in evidence.files]
    if not sources:
        return list(candidates)
    rows = featured(evidence, [candidate.row.id for candidate in sources])
    spelled = np.array([candidate.signals.get(Signal.PATH, 0.0) for candidate in sources])
    points = standard(formula(rows) + NAMED * spelled) + LEARNED * standard(ranker().score(rows))
    points += SPELLED * spelled
    scores = max(c.score for c in sources) * np.exp((points - points.max()) / FADES)
    ordered = {
        candidate.row.id: replace(
            candidate,
            score=float(score),
            features=dict(zip(NAMES, row.tolist(), strict=True)),
        )
        for candidate, score, row in zip(sources, scores, rows, strict=True)
    }
    return [ordered.get(candidate.row.id, candidate) for candidate in candidates]


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
        for hit in sorted(hits, key=lambda hit: -hit.score):
            if hit.why:
                reasons = whys.setdefault(hit.document, {})
                given = reasons.get(signal, ())
                if hit.why not in given:
                    reasons[signal] = (*given, hit.why)
    return whys
