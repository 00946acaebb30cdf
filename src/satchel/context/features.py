"""What is known of each file beside a request, as one row of numbers: what the ranker reads. Pure.

Scores that only their own signal can compare are given as shares of the best file's, and as
reciprocal ranks; the rest are counts, logarithms and shares that mean the same for every request.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.context.catalog import UNNAMED, Row
from satchel.context.hit import Hit
from satchel.context.retrieve import Evidence
from satchel.context.store.counts import counted, keys_of, totals
from satchel.context.types import Signal

# BM25F: Robertson, Zaragoza and Taylor 2004, "Simple BM25 Extension to Multiple Weighted Fields".
K1: Final = 1.2
B: Final = 0.6
FIELDS: Final = (1.0, 3.0, 5.0)  # body, names, path
HITS: Final = (
    Signal.LEXICAL,
    Signal.TITLE,
    Signal.SYMBOL,
    Signal.HISTORY,
    Signal.TOGETHER,
    Signal.IMPORT,
)
_OF_HITS: Final = ("best", "sum", "place")
PARTS: Final = ("request", "title", "prose", "code")
_OF_WORDS: Final = ("whole", "body", "names", "path", "covered")
NAMES: Final = (
    *(f"{signal}_{what}" for signal in HITS for what in _OF_HITS),
    *(f"{part}_{what}" for part in PARTS for what in _OF_WORDS),
    *("whole_place", "title_whole_place", "neighbours", "length", "definitions", "depth"),
    *("history_rate", "about", "title_about", "package", "touched", "age", "importers"),
    *("words", "title_words", "symbol_given"),
)


def featured(evidence: Evidence, documents: Sequence[int]) -> NDArray[np.float32]:
    """Return a row for each of these documents, a column for each of NAMES."""
    place = {document: row for row, document in enumerate(documents)}
    columns = _words(evidence, documents)
    columns["whole_place"] = _places(columns["request_whole"])
    columns["title_whole_place"] = _places(columns["title_whole"])
    for signal in HITS:
        found = _hits(evidence.rankings.get(signal, ()), place)
        columns.update(zip((f"{signal}_{what}" for what in _OF_HITS), found, strict=True))
    columns["symbol_given"] = _given(evidence.rankings.get(Signal.SYMBOL, ()), place)
    columns.update(_known(evidence, documents))
    rows = [evidence.catalog.by_id[document] for document in documents]
    columns["depth"] = np.array([row.path.count("/") + 1 for row in rows], dtype=float)
    columns["package"] = np.array([row.name in UNNAMED for row in rows], dtype=float)
    columns["neighbours"] = _neighbours(rows, columns["request_whole"])
    whole = np.ones(len(documents))
    columns["words"] = whole * math.log1p(len(evidence.terms.weight))
    columns["title_words"] = whole * math.log1p(len(evidence.terms.title))
    return np.stack([columns[name] for name in NAMES], axis=1).astype(np.float32)


def _known(evidence: Evidence, documents: Sequence[int]) -> dict[str, NDArray[np.float64]]:
    """Return what is known of each file itself, the share of its own name that the request and its
    title say, and what commits give it, less where every commit touches it."""
    files = [evidence.files[document] for document in documents]
    told: dict[int, float] = {}
    for hit in evidence.rankings.get(Signal.HISTORY, ()):
        told[hit.document] = told.get(hit.document, 0.0) + hit.score
    rates = [
        told.get(document, 0.0) / math.sqrt(1 + file.touched)
        for document, file in zip(documents, files, strict=True)
    ]
    named = totals([file.counts for file in files], 1)
    said, title = evidence.terms.weight.keys(), evidence.terms.title
    columns = {
        "about": [len(file.name & said) / max(len(file.name), 1) for file in files],
        "title_about": [len(file.name & title) / max(len(file.name), 1) for file in files],
        "length": [math.log1p(file.counts.length) for file in files],
        "definitions": [math.log1p(count) for count in named.tolist()],
        "touched": [math.log1p(file.touched) for file in files],
        "age": [file.age for file in files],
        "importers": [math.log1p(file.importers) for file in files],
    }
    return {
        "history_rate": _share(np.array(rates)),
        **{name: np.array(values) for name, values in columns.items()},
    }


def _hits(hits: Iterable[Hit], place: Mapping[int, int]) -> tuple[NDArray[np.float64], ...]:
    """Return a signal's best hit and its three best together on each document, as shares of the
    best document's, and the reciprocal rank by the best hit."""
    scores: dict[int, list[float]] = {}
    for hit in hits:
        if hit.document in place:
            scores.setdefault(hit.document, []).append(hit.score)
    best, summed = np.zeros(len(place)), np.zeros(len(place))
    for document, values in scores.items():
        values.sort(reverse=True)
        best[place[document]] = values[0]
        summed[place[document]] = sum(values[:3])
    return _share(best), _share(summed), _places(best)


def _given(hits: Iterable[Hit], place: Mapping[int, int]) -> NDArray[np.float64]:
    """Return what a signal's hits give each document together, at most 1: how sure it is, which a
    share of the best document's does not tell."""
    given = np.zeros(len(place))
    for hit in hits:
        if hit.document in place:
            given[place[hit.document]] += hit.score
    return np.minimum(given, 1.0)


def _share(values: NDArray[np.float64]) -> NDArray[np.float64]:
    most = values.max(initial=0.0)
    return values / most if most > 0 else values


def _places(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 for the highest value, 1/2 for the next, and 0 for what has none; ties share."""
    order = np.sort(values)[::-1]
    ranks = 1 + np.searchsorted(-order, -values, side="left")
    return np.where(values > 0, 1 / ranks, 0.0)


def _words(evidence: Evidence, documents: Sequence[int]) -> dict[str, NDArray[np.float64]]:
    """Score the request's words in whole files: BM25F over all fields, in each field alone, and
    the share of the words' rarity that the file has; for the whole request and for its title."""
    terms = evidence.terms
    known = [term for term in terms.weight if term in terms.frequency]
    rarity = np.array([terms.rarity[term] for term in known])
    weight = np.array([terms.weight[term] for term in known]) * rarity
    files = [evidence.files[document].counts for document in documents]
    found = counted(files, keys_of(known)).astype(float)
    lengths = np.array([counts.length for counts in files])
    norm = 1 - B + B * lengths / max(evidence.average_length, 1.0)
    body = found[:, :, 0] / norm[:, None]
    weighed = FIELDS[0] * body + FIELDS[1] * found[:, :, 1] + FIELDS[2] * found[:, :, 2]
    columns = {}
    for part, wanted in zip(
        PARTS, (terms.weight.keys(), terms.title, terms.prose, terms.code), strict=True
    ):
        chosen = np.array([term in wanted for term in known], dtype=float)
        total = sum(terms.rarity.get(term, 0.0) for term in wanted) or 1.0
        idf = weight * chosen
        columns[f"{part}_whole"] = _share((weighed / (K1 + weighed)) @ idf)
        columns[f"{part}_body"] = _share((body / (K1 + body)) @ idf)
        columns[f"{part}_names"] = _share((found[:, :, 1] > 0) @ idf)
        columns[f"{part}_path"] = _share((found[:, :, 2] > 0) @ idf)
        columns[f"{part}_covered"] = (found.any(axis=2) @ (rarity * chosen)) / total
    return columns


def _neighbours(rows: Sequence[Row], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the best score among the other files of each file's folder."""
    folders = [row.path.rpartition("/")[0] for row in rows]
    best: dict[str, list[tuple[float, int]]] = {}
    for place, (folder, score) in enumerate(zip(folders, scores.tolist(), strict=True)):
        best.setdefault(folder, []).append((score, place))
    for found in best.values():
        found.sort(reverse=True)
    near = np.zeros(len(rows))
    for place, folder in enumerate(folders):
        others = [score for score, other in best[folder][:2] if other != place]
        near[place] = others[0] if others else 0.0
    return near
