"""`python -m bench.decisions`: does the product find which older proposal a newer one replaces?

Python's enhancement proposals, 47 supersessions among them: from a newer one's title and abstract,
without any numbers, those that it supersedes among all that are not newer. First the order: recall
among the first 1, 3 and 5. Then the pair: supersession told from mere similarity, the others being
the older proposals that BM25 puts first and that were not superseded by it. Judged by a fit on the
other newer proposals, in ten parts. Beside both, in the same run: BM25.

The shipped weights are fitted on these pairs and on the supersessions among the records of the
developed files of `bench/cases`, and also judged on the held-out files. The numbers of cases are
small: mind the intervals.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from bench import logistic
from bench.bm25 import Bm25
from bench.conflicts import CASES, DEVELOPED, HELD_OUT, record_of
from bench.figures import give, say, stop
from bench.intervals import tally, with_interval
from bench.material import Missing, shared
from satchel.context import supersede
from satchel.context.types import Status

CUTS = (1, 3, 5)
PARTS = 10
NEGATIVES = 10  # most similar older ones that a newer one does not supersede
SEED = 5
RIDGE = 1e-2  # 47 positive pairs do not carry more
THRESHOLDS = (0.3, 0.5, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Pair:
    """A newer text and an older one; `group` names the newer."""

    group: str
    gold: bool
    row: tuple[float, ...]
    plain: float  # BM25, as a share of the best


@dataclass(frozen=True, slots=True)
class Asked:
    """A newer proposal, all older ones measured, and which of them it supersedes."""

    number: str
    gold: frozenset[int]
    rows: tuple[tuple[float, ...], ...]
    plain: tuple[float, ...]

    def pairs(self) -> list[Pair]:
        """Return the superseded ones and the most similar others."""
        best = max(self.plain, default=0.0) or 1.0
        ranked = sorted(range(len(self.rows)), key=lambda i: (-self.plain[i], i))
        others = [i for i in ranked if i not in self.gold][:NEGATIVES]
        return [
            Pair(self.number, i in self.gold, self.rows[i], self.plain[i] / best)
            for i in (*sorted(self.gold), *others)
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where the proposals are not there."""
    argparse.ArgumentParser(prog="python -m bench.decisions", description=__doc__).parse_args(
        arguments
    )
    try:
        asked = list(proposals(shared("peps.json")))
    except Missing as missing:
        return stop(str(missing))
    projects = {
        name: json.loads((CASES / f"{name}.json").read_text("utf-8"))["projects"]
        for name in (*DEVELOPED, *HELD_OUT)
    }
    developed = [pair for name in DEVELOPED for one in told(projects[name]) for pair in one.pairs()]
    scored = by_parts(asked, developed)
    shipped = {one.number: [supersede.likelihood(row) for row in one.rows] for one in asked}
    order = {
        "cross_validated": recalls(asked, scored),
        "shipped_weights": recalls(asked, shipped),
        "bm25": recalls(asked, {one.number: one.plain for one in asked}),
    }
    for name, cuts in order.items():
        say(f"{name:16} " + "  ".join(f"{cut} {written(value)}" for cut, value in cuts.items()))
    pairs = [pair for one in asked for pair in one.pairs()]
    chances = paired(asked, scored)
    figures = {
        "edges": sum(len(one.gold) for one in asked),
        "newer": len(asked),
        "recall": order,
        "pairs": {
            "count": len(pairs),
            "area": with_area(pairs, chances),
            "bm25_area": with_area(pairs, [pair.plain for pair in pairs]),
            "at": {str(at): parted(pairs, chances, at) for at in THRESHOLDS},
            "bm25_at_its_best": best_plain(pairs),
        },
        "records": {name: records_row(projects[name]) for name in projects},
        "fitted": dict(zip((*supersede.NAMES, "intercept"), all_of(pairs, developed), strict=True)),
        "shipped": dict(
            zip(
                (*supersede.NAMES, "intercept"),
                (*supersede.WEIGHTS, supersede.INTERCEPT),
                strict=True,
            )
        ),
    }
    for key in ("pairs", "records", "fitted", "shipped"):
        say(f"{key}: {json.dumps(figures[key])}")
    return give("decisions", figures)


def proposals(rows: Sequence[Mapping[str, Any]]) -> Iterable[Asked]:
    """Measure each newer proposal against all that are not newer."""
    texts = {row["number"]: without_numbers(f"{row['title']}\n{row['abstract']}") for row in rows}
    made = {row["number"]: datetime.strptime(row["created"], "%d-%b-%Y") for row in rows}
    for row in rows:
        number, gold = row["number"], frozenset(row["supersedes"])
        if not gold:
            continue
        # Two say that they replace one with a later date: those are asked about all the same.
        older = [n for n in texts if n != number and (made[n] <= made[number] or n in gold)]
        yield measured(
            str(number),
            texts[number],
            [texts[n] for n in older],
            frozenset(place for place, n in enumerate(older) if n in gold),
        )


def told(projects: Iterable[Mapping[str, Any]]) -> Iterable[Asked]:
    """Measure each record of the cases against the others of its project, superseded or not, that
    it is no older than."""
    for project in projects:
        records = project["records"]
        for record in records:
            older = [
                other
                for other in records
                if other["id"] != record["id"] and other["date"] <= record["date"]
            ]
            gold = frozenset(
                place
                for place, other in enumerate(older)
                if other.get("superseded_by") == record["id"]
            )
            if older:
                texts = [other["text"] for other in older]
                yield measured(record["id"], record["text"], texts, gold)


def measured(name: str, new: str, old: Sequence[str], gold: frozenset[int]) -> Asked:
    """Measure one newer text against older ones, ours and plainly."""
    plain = Bm25([with_title(text) for text in old]).scores(with_title(new))
    return Asked(name, gold, tuple(supersede.measured(new, old)), tuple(plain))


def with_title(text: str) -> str:
    """Count the first line once more, which is better for BM25."""
    return text.partition("\n")[0] + "\n" + text


def without_numbers(text: str) -> str:
    """Take every number out of a text."""
    return re.sub(r"\d+(?:\.\d+)*", " ", text)


def by_parts(asked: Sequence[Asked], more: Sequence[Pair]) -> dict[str, Sequence[float]]:
    """Judge each newer proposal by a fit on those of the other parts, and on what is added."""
    drawn = list(asked)
    random.Random(SEED).shuffle(drawn)
    found: dict[str, Sequence[float]] = {}
    for part in range(PARTS):
        kept = [pair for i, one in enumerate(drawn) if i % PARTS != part for pair in one.pairs()]
        coefficients = fitted([*kept, *more])
        for one in drawn[part::PARTS]:
            found[one.number] = logistic.judge(one.rows, coefficients).tolist()
    return found


def fitted(pairs: Sequence[Pair]) -> logistic.Vector:
    """Fit the weights on pairs."""
    return logistic.fit([p.row for p in pairs], [p.gold for p in pairs], ridge=RIDGE)


def all_of(pairs: Sequence[Pair], developed: Sequence[Pair]) -> list[float]:
    """Fit on everything that may be looked at."""
    return [round(float(value), 2) for value in fitted([*pairs, *developed])]


def recalls(asked: Sequence[Asked], scored: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Return the share of superseded proposals among the first k, keyed like "@1"."""

    def among(cut: int, drawn: Sequence[Asked]) -> float:
        hits = edges = 0
        for one in drawn:
            scores = scored[one.number]
            first = sorted(range(len(scores)), key=lambda i: (-scores[i], i))[:cut]
            hits += len(one.gold & set(first))
            edges += len(one.gold)
        return hits / max(edges, 1)

    return {f"@{cut}": with_interval(asked, partial(among, cut), 1_000) for cut in CUTS}


def paired(asked: Sequence[Asked], scored: Mapping[str, Sequence[float]]) -> list[float]:
    """Return the probabilities of the pairs, in the order of `Asked.pairs`."""
    found = []
    for one in asked:
        places = {row: i for i, row in enumerate(one.rows)}
        found += [scored[one.number][places[pair.row]] for pair in one.pairs()]
    return found


def with_area(pairs: Sequence[Pair], chances: Sequence[float]) -> dict[str, Any]:
    """Return the area under the curve, drawn anew by newer text."""
    by_group: dict[str, list[tuple[float, bool]]] = {}
    for pair, chance in zip(pairs, chances, strict=True):
        by_group.setdefault(pair.group, []).append((chance, pair.gold))

    def value(groups: Sequence[Sequence[tuple[float, bool]]]) -> float:
        flat = [one for group in groups for one in group]
        return logistic.area([chance for chance, _ in flat], [gold for _, gold in flat])

    return with_interval(list(by_group.values()), value, 1_000)


def parted(pairs: Sequence[Pair], chances: Sequence[float], at: float) -> dict[str, Any]:
    """Return precision and recall where a pair is taken from a probability on."""
    by_group: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
    for pair, chance in zip(pairs, chances, strict=True):
        one = frozenset(("it",))
        none: frozenset[str] = frozenset()
        by_group.setdefault(pair.group, []).append(
            (one if chance >= at else none, one if pair.gold else none)
        )
    groups = list(by_group.values())
    return {
        "precision": with_interval(
            groups, lambda drawn: tally(p for g in drawn for p in g).precision, 1_000
        ),
        "recall": with_interval(
            groups, lambda drawn: tally(p for g in drawn for p in g).recall, 1_000
        ),
    }


def best_plain(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Return BM25's precision and recall at the threshold that is best for it, on these pairs."""
    one = frozenset(("it",))
    none: frozenset[str] = frozenset()

    def f1(at: float) -> float:
        return tally((one if p.plain >= at else none, one if p.gold else none) for p in pairs).f1

    at = max({pair.plain for pair in pairs}, key=f1)
    return {"threshold": round(at, 2), **parted(pairs, [pair.plain for pair in pairs], at)}


def records_row(projects: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Ask the product what each record of a file seems to take the place of, none being marked."""
    edges = right = wrong = 0
    for project in projects:
        records = [replace(record_of(row), status=Status.ACTIVE) for row in project["records"]]
        gold = {
            (row["superseded_by"], row["id"])
            for row in project["records"]
            if row.get("superseded_by")
        }
        found = {
            (record.id, other.id)
            for record in records
            for other, _ in supersede.proposed(record, records)
        }
        edges += len(gold)
        right += len(found & gold)
        wrong += len(found - gold)
    return {"edges": edges, "right": right, "wrong": wrong}


def written(value: Mapping[str, Any]) -> str:
    """Write a share with its interval."""
    low, high = value["interval"]
    return f"{value['value']:.1f} ({low:.0f}-{high:.0f})"


if __name__ == "__main__":
    sys.exit(main())
