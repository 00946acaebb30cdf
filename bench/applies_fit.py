"""`python -m bench.applies_fit [--assets DIR]`: fits the model of `context/ground.py` anew.

The requests and records of the cases that may be looked at, labelled with the records that a good
briefing would show before there was code; beside them, for each project, requests that nothing in
it can help: everyday prompts, general programming questions and issues of foreign repositories,
one half of each. A project is judged by a fit on the others. Beside it, in the same run: BM25 over
the project's records, at the threshold that is best for it on these very cases.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.bm25 import Bm25
from bench.embedding import Counted, embedder
from bench.figures import give, say, stop
from bench.logistic import fit, judge
from bench.material import Missing, halves, issue_halves
from satchel.context.applies import LEAST
from satchel.context.conflict import Asked, ask
from satchel.context.conflict.diff import described, edits
from satchel.context.ground import (
    WITH_VECTORS,
    WITHOUT_VECTORS,
    Known,
    Wanted,
    features,
    likelihood,
)
from satchel.context.store.index import IndexStore
from satchel.context.terms import expand
from satchel.context.topic import asking
from satchel.context.types import Record, RecordKind, Status
from satchel.context.understand import understand

CASES = Path(__file__).parent / "cases"
LOOKED_AT = ("plain_tune", "plain_more", "plain_further", "conflicts_tune")
FOREIGN = 12  # requests of each foreign kind, a project
READ = 2_000  # characters of a request that are embedded


@dataclass(frozen=True, slots=True)
class Pair:
    """One request and one record: what both have in common, and whether it should be shown."""

    project: str
    kind: str  # request | plan | diff, or the kind of foreign request
    request: int  # the place of the request among all
    bare: tuple[float, ...]
    whole: tuple[float, ...] | None  # with the cosine
    bm25: float
    applies: bool


def main(words: Sequence[str] | None = None) -> int:
    """Print the fit and its figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.applies_fit", description=__doc__)
    parser.add_argument("--assets", type=Path, help="the folder with MiniLM's files")
    chosen = parser.parse_args(words)
    try:
        foreign = foreign_requests()
        embed = embedder(chosen.assets)
    except Missing as missing:
        return stop(str(missing))
    with tempfile.TemporaryDirectory() as folder:
        index = IndexStore(Path(folder) / "index.db")
        found = list(pairs(index, embed, foreign))
        index.close()
    figures: dict[str, object] = {"requests": len({pair.request for pair in found})}
    for name, weights in (("without_vectors", WITHOUT_VECTORS), ("with_vectors", WITH_VECTORS)):
        rows = [pair.bare if name == "without_vectors" else pair.whole for pair in found]
        if any(row is None for row in rows):
            say(f"{name}: MiniLM's files are not here")
            continue
        told = [row for row in rows if row is not None]
        figures[name] = {
            "shipped": outcome(found, [likelihood(row) for row in told]),
            "fitted_on_the_others": outcome(found, by_project(found, told)),
            "coefficients": coefficients(found, told),
            "in_force": list(weights),
        }
        say(f"{name}: {figures[name]}")
    figures["baseline"] = best_threshold(found)
    say(f"BM25: {figures['baseline']}")
    return give("applies_fit", figures)


def foreign_requests() -> Mapping[str, Sequence[str]]:
    """Return the first halves of what is asked of no project here, by kind."""
    prompts, _ = halves()
    issues, _ = issue_halves()
    return {
        "everyday": prompts.everyday,
        "general": prompts.foreign,
        "issue": [issue.request for issue in issues],
    }


def pairs(
    index: IndexStore, embed: Counted | None, foreign: Mapping[str, Sequence[str]]
) -> Iterator[Pair]:
    """Hold every request of a project, and foreign ones, against every record of it."""
    projects = [
        project
        for name in LOOKED_AT
        for project in json.loads((CASES / f"{name}.json").read_text("utf-8"))["projects"]
    ]
    number = 0
    counts, total = document_frequencies(index, projects)
    for project in projects:
        records = [record for one in project["records"] if (record := current(one)) is not None]
        asked = [(case, *as_request(case)) for case in project["cases"]]
        draw = random.Random(project["name"])
        for kind, texts in foreign.items():
            for text in draw.sample(list(texts), FOREIGN):
                asked.append(({"kind": kind, "bears_on": []}, text, ask(text)))
        baseline = Bm25([record.text for record in records])
        near = cosines(embed, records, [text for _, text, _ in asked])
        for place, (case, text, read) in enumerate(asked):
            number += 1
            query = understand(text)
            spelled = {term: word for word in query.words for term in index.stem(word)}
            rarity = {w: math.log((total + 1) / (counts[w] + 0.5)) for w in spelled}
            wanted = Wanted(read, (), rarity, spelled, verb=asking(query))
            scores = baseline.scores(text[:READ])
            for at, record in enumerate(records):
                terms = frozenset(index.stem(expand(record.text)))
                yield Pair(
                    project["name"],
                    case["kind"],
                    number,
                    features(Known(record, terms), wanted),
                    None
                    if near is None
                    else features(Known(record, terms, float(near[place, at])), wanted),
                    scores[at],
                    record.id in case["bears_on"],
                )


def document_frequencies(
    index: IndexStore, projects: Sequence[Mapping[str, list[dict[str, str]]]]
) -> tuple[Counter[str], int]:
    """Count in how many records and requests each term stands: what an index would know."""
    texts = [one["text"] for p in projects for one in (*p["records"], *p["cases"])]
    counts = Counter(term for text in texts for term in set(index.stem(expand(text[:READ]))))
    return counts, len(texts)


def current(one: Mapping[str, str]) -> Record | None:
    """Make a record of a case file's; None for one that holds no more."""
    status, day = Status(one["status"]), one["date"]
    if status in {Status.SUPERSEDED, Status.REJECTED}:
        return None
    kind = RecordKind(one["kind"])
    return Record(one["id"], kind, one["text"], "/w", ("user",), day, day, status=status)


def as_request(case: Mapping[str, str]) -> tuple[str, Asked]:
    """Return a case's words and how it is read; a diff's words are its paths and lines."""
    if case["kind"] != "diff":
        return case["text"], ask(case["text"])
    edited = edits(case["text"])
    return described(edited), ask("", (), edited)


def cosines(
    embed: Counted | None, records: Sequence[Record], texts: Sequence[str]
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]] | None:
    """Return the nearness of every text (rows) to every record (columns)."""
    if embed is None:
        return None
    theirs = embed([record.text for record in records])
    found: np.ndarray[tuple[int, int], np.dtype[np.float32]] = (
        embed([text[:READ] for text in texts]) @ theirs.T
    )
    return found


def by_project(found: Sequence[Pair], rows: Sequence[tuple[float, ...]]) -> list[float]:
    """Judge each project's pairs by a fit on the others."""
    probabilities = np.zeros(len(rows))
    names = np.asarray([pair.project for pair in found])
    answers = np.asarray([pair.applies for pair in found])
    table = np.asarray(rows)
    for name in dict.fromkeys(names.tolist()):
        rest = names != name
        model = fit(table[rest].tolist(), answers[rest].tolist())
        probabilities[~rest] = judge(table[~rest].tolist(), model)
    return [float(p) for p in probabilities]


def coefficients(found: Sequence[Pair], rows: Sequence[tuple[float, ...]]) -> list[float]:
    """Fit on everything: the intercept first, as `context/ground.py` spells them."""
    model = fit(list(rows), [pair.applies for pair in found])
    return [round(float(c), 2) for c in (model[-1], *model[:-1])]


def outcome(
    found: Sequence[Pair], scores: Sequence[float], least: float = LEAST
) -> dict[str, object]:
    """Return precision and recall of the pairs at a threshold, and how many of the foreign
    requests got a record, in percent."""
    shown = [(pair, score >= least) for pair, score in zip(found, scores, strict=True)]
    right = sum(pair.applies for pair, is_shown in shown if is_shown)
    handed = sum(is_shown for _, is_shown in shown)
    fired: dict[str, float] = {}
    for kind in ("everyday", "general", "issue"):
        asked = {pair.request for pair in found if pair.kind == kind}
        got = {pair.request for pair, is_shown in shown if is_shown and pair.kind == kind}
        fired[kind] = round(100 * len(got) / max(len(asked), 1), 1)
    return {
        "precision": round(right / max(handed, 1), 3),
        "recall": round(right / max(sum(pair.applies for pair in found), 1), 3),
        "foreign_percent": fired,
    }


def best_threshold(found: Sequence[Pair]) -> dict[str, object]:
    """Return BM25's figures at the threshold with the best F1 on these very pairs."""
    best: tuple[float, dict[str, object]] = (-1.0, {})
    scores = [pair.bm25 for pair in found]
    for least in np.quantile([s for s in scores if s > 0], np.linspace(0.5, 0.999, 60)):
        figures = outcome(found, scores, float(least))
        precision, recall = float(str(figures["precision"])), float(str(figures["recall"]))
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        if f1 > best[0]:
            best = (f1, {"least": round(float(least), 2), **figures})
    return best[1]


if __name__ == "__main__":
    sys.exit(main())
