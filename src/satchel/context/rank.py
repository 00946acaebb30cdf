"""From the signals' evidence to an order of files and, within them, of passages. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.context.catalog import Row
from satchel.context.retrieve import Evidence, Hit
from satchel.context.route import Plan
from satchel.context.types import Role, Signal

# How a file's passages add up: the best one whole, the next two in part.
DEPTH: Final = (1.0, 0.3, 0.15)
JOURNAL: Final = 0.2  # what a changelog's score counts, unless the request names it
# Signals whose many small hits on one file add up instead.
ADDITIVE: Final = frozenset({Signal.HISTORY, Signal.GRAPH, Signal.SYMBOL})
# Signals whose scores mean the same for every request; the others count relative to their best.
ABSOLUTE: Final = frozenset({Signal.SYMBOL, Signal.PATH})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file with its score, what each signal gave it (0 to 1), its passages, and why.

    `passages` are (id, score), best first; `why` holds each signal's reasons, best first.
    """

    row: Row
    score: float
    signals: Mapping[Signal, float]
    passages: tuple[tuple[int, float], ...]
    why: Mapping[Signal, tuple[str, ...]]


def rank(evidence: Evidence, plan: Plan) -> list[Candidate]:
    """Order the files: each signal's scores as shares of its best, weighed by the plan, times
    what the plan gives a file's role. Ties keep the order of paths."""
    shares = {signal: _shares(signal, hits) for signal, hits in evidence.rankings.items() if hits}
    weights = {signal: weight for signal, weight in plan.weights.items() if weight > 0}
    total = sum(weights.values()) or 1.0
    candidates = []
    by_id = evidence.catalog.by_id
    for document in set().union(*shares.values()):
        row = by_id.get(document)
        if row is None:
            continue
        signals = {s: shares[s][document] for s in shares if document in shares[s]}
        score = sum(weights.get(signal, 0.0) * share for signal, share in signals.items()) / total
        if not _is_named(signals):
            score *= JOURNAL if row.is_journal else plan.roles.get(Role(row.role), 1.0)
        if score > 0:
            candidates.append((row, score, signals))
    candidates.sort(key=lambda found: (-found[1], found[0].path))
    passages = _passages(evidence)
    whys = _whys(evidence)
    return [
        Candidate(row, score, signals, tuple(passages.get(row.id, ())), whys.get(row.id, {}))
        for row, score, signals in candidates
    ]


def _is_named(signals: Mapping[Signal, float]) -> bool:
    """Tell whether the request names this very file: then its role is no reason against it."""
    return signals.get(Signal.PATH, 0.0) >= 0.99


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
