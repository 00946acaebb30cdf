"""`python -m bench.conflicts`: is what contradicts a decision or a rule told from what does not?

The cases are requests, plans and diffs that were written against decisions and rules, about half
of them true conflicts and half near-misses: the same words in another scope, a compatible stance,
what was superseded, what agrees, what only asks. The files named "…held_out" were never looked at
while `context/conflict` was made; "plain" is how people write, "conflicts" deliberately oblique.
"fresh" ones are everyday cases again: two authors, a file each and blind to the code, wrote them
after it had been tuned on all the others. "domains" are everyday ones from fields that the others
do not touch, written before the reasons were given a strength. "domains_fields" was drawn by chance
from those that were written, field by field, before the rows of `choices.txt` that they ask for.
"sayings" are 120 rules as they stand in decision records and in files for agents, with a request
each, parted by a coin, project by project. "real" are what was raised wrongly, and rightly, in
public repositories with rules files, in other words. "blind" are 120 from eight fields, written by
somebody who had not read the code, and first measured as they were committed.

Beside it, in the same run: BM25 over the same records, the first one above a threshold that is
chosen on the developed files being "in conflict". `--show` names what was wrong and what was
missed, of the developed files alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.bm25 import Bm25
from bench.figures import give, lap, say, spread, stop
from bench.intervals import in_percent, tally, with_interval
from satchel.context.conflict import ask, contradictions, held_against
from satchel.context.conflict.diff import edits
from satchel.context.types import Record, RecordKind, Status

CASES = Path(__file__).parent / "cases"
FRESH_TUNE = ("fresh_tune_a", "fresh_tune_b")
DEVELOPED = (
    *("plain_tune", "plain_more", "plain_further", "conflicts_tune"),
    *(*FRESH_TUNE, "domains_tune", "domains_more", "domains_plans", "domains_everyday"),
    *("domains_fields", "domains_sayings", "domains_real", "domains_blind"),
)
FRESH = ("fresh_held_out_a", "fresh_held_out_b")
HELD_OUT = (
    *("plain_held_out", "conflicts_held_out", *FRESH, "domains_held_out"),
    "domains_sayings_held_out",
)
GROUPS = {
    "developed": DEVELOPED,
    "held_out": HELD_OUT,
    "fresh tune": FRESH_TUNE,
    "fresh everyday": FRESH,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A case of one file, which records it contradicts and which were found to be contradicted.

    `first` is the record that BM25 puts first, with its score.
    """

    file: str
    id: str
    kind: str
    miss: str | None
    text: str
    gold: frozenset[str]
    found: Mapping[str, str]  # record id -> reason
    first: tuple[str, float]
    ms: float

    @property
    def pair(self) -> tuple[frozenset[str], frozenset[str]]:
        """What was found, and what is right."""
        return frozenset(self.found), self.gold


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where the cases are not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.conflicts", description=__doc__)
    parser.add_argument("--show", action="store_true", help="name errors of the developed files")
    chosen = parser.parse_args(arguments)
    names = (*DEVELOPED, *HELD_OUT)
    if absent := [name for name in names if not (CASES / f"{name}.json").is_file()]:
        return stop(f"{CASES} has no {', '.join(absent)}")
    files = {name: json.loads((CASES / f"{name}.json").read_text("utf-8")) for name in names}
    judged = {name: list(judge(name, file["projects"])) for name, file in files.items()}
    if chosen.show:
        show([case for name in DEVELOPED for case in judged[name]])
    threshold = best_threshold([case for name in DEVELOPED for case in judged[name]])
    groups = {
        **judged,
        **{of: [case for name in names for case in judged[name]] for of, names in GROUPS.items()},
    }
    rows = {name: row(cases, threshold) for name, cases in groups.items()}
    for name, figures in rows.items():
        say_row(name, figures)
    stored = {
        name: among_stored(file["projects"])
        for name, file in files.items()
        if all("pairs" in project for project in file["projects"])  # the fresh ones name none
    }
    say(f"contradictions among stored records: {stored}")
    figures = {
        "files": rows,
        "stored": stored,
        "ms": spread([case.ms for cases in judged.values() for case in cases]),
        "baseline_threshold": round(threshold, 2),
    }
    return give("conflicts", figures)


def judge(name: str, projects: Iterable[Mapping[str, Any]]) -> Iterable[Judged]:
    """Hold every case against its project's records, as a briefing does."""
    for project in projects:
        records = [record_of(row) for row in project["records"]]
        plain = Bm25([record.text for record in records])
        for case in project["cases"]:
            is_diff = case["kind"] == "diff"
            with lap() as taken:
                asked = ask(
                    "" if is_diff else case["text"],
                    case["files"],
                    edits(case["text"]) if is_diff else (),
                )
                found = {record.id: why for record, why in held_against(asked, records)}
            scores = plain.scores(case["text"])
            best = max(range(len(records)), key=scores.__getitem__)
            yield Judged(
                name,
                case["id"],
                case["kind"],
                case["miss"],
                case["text"],
                frozenset(case["conflicts"]),
                found,
                (records[best].id, scores[best]),
                taken.seconds * 1000,
            )


def record_of(row: Mapping[str, Any]) -> Record:
    """Make a record of one that stands in a file of cases."""
    return Record(
        id=row["id"],
        kind=RecordKind(row["kind"]),
        text=row["text"],
        workspace="/w",
        sources=("user",),
        learned=row["date"],
        valid_from=row["date"],
        globs=tuple(row["globs"]),
        status=Status(row["status"]),
        superseded_by=row.get("superseded_by"),
    )


def by_bm25(case: Judged, threshold: float) -> frozenset[str]:
    """Take the first record to be contradicted where its score is high enough."""
    name, score = case.first
    return frozenset((name,)) if score >= threshold else frozenset()


def best_threshold(cases: Sequence[Judged]) -> float:
    """Choose the threshold with which BM25 has the best F1."""
    scores = sorted({case.first[1] for case in cases})
    return max(scores, key=lambda at: tally((by_bm25(c, at), c.gold) for c in cases).f1)


def row(cases: Sequence[Judged], threshold: float) -> dict[str, Any]:
    """Return the figures of some cases: by record and by case, by kind, and the baseline's."""
    true = [case for case in cases if case.gold]
    near = [case for case in cases if not case.gold]
    plain = [(by_bm25(case, threshold), case.gold) for case in cases]
    near_kinds = Counter(str(case.miss) for case in near)
    fired = Counter(str(case.miss) for case in near if case.found)
    return {
        "cases": len(cases),
        "conflicts": len(true),
        "precision": with_interval(cases, lambda drawn: tally(c.pair for c in drawn).precision),
        "recall": with_interval(cases, lambda drawn: tally(c.pair for c in drawn).recall),
        "case_precision": with_interval(cases, case_precision),
        "case_recall": with_interval(true, case_recall),
        "near_misses_fired": {
            kind: [fired[kind], count] for kind, count in sorted(near_kinds.items())
        },
        "kinds": {
            kind: kind_row([case for case in cases if case.kind == kind])
            for kind in sorted({case.kind for case in cases})
        },
        "baseline": {
            "precision": with_interval(plain, lambda drawn: tally(drawn).precision),
            "recall": with_interval(plain, lambda drawn: tally(drawn).recall),
            "near_misses_fired": [
                sum(bool(by_bm25(case, threshold)) for case in near),
                len(near),
            ],
        },
    }


def case_precision(cases: Sequence[Judged]) -> float:
    """Of the cases in which something was raised, the share in which a right record was."""
    raised = [case for case in cases if case.found]
    return sum(bool(case.gold & case.found.keys()) for case in raised) / max(len(raised), 1)


def case_recall(cases: Sequence[Judged]) -> float:
    """Of the cases that contradict something, the share in which a right record was raised."""
    return sum(bool(case.gold & case.found.keys()) for case in cases) / max(len(cases), 1)


def kind_row(cases: Sequence[Judged]) -> dict[str, Any]:
    """Return the figures of one kind of case, in percent."""
    counts = tally(case.pair for case in cases)
    return {
        "cases": len(cases),
        "precision": in_percent(counts.precision),
        "recall": in_percent(counts.recall),
    }


def among_stored(projects: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Count the contradictions among each project's own records: right, wrong, missed."""
    pairs = []
    for project in projects:
        records = [record_of(row) for row in project["records"]]
        found = {" ".join(sorted(one.ids)) for one in contradictions(records)}
        gold = {" ".join(sorted(pair)) for pair in project["pairs"]}
        pairs.append((frozenset(found), frozenset(gold)))
    counts = tally(pairs)
    return {"right": counts.right, "wrong": counts.wrong, "missed": counts.missed}


def say_row(name: str, figures: Mapping[str, Any]) -> None:
    """Print one file's figures for people."""

    def written(key: str, of: Mapping[str, Any] = figures) -> str:
        low, high = of[key]["interval"]
        return f"{of[key]['value']:5.1f} ({low:.0f}-{high:.0f})"

    fired = sum(pair[0] for pair in figures["near_misses_fired"].values())
    near = sum(pair[1] for pair in figures["near_misses_fired"].values())
    plain = figures["baseline"]
    say(
        f"{name:20} n {figures['cases']:4}  precision {written('precision')}"
        f"  recall {written('recall')}  by case {written('case_precision')}"
        f" {written('case_recall')}  near-misses {fired}/{near}"
        f"  BM25 {written('precision', plain)} {written('recall', plain)}"
    )


def show(cases: Iterable[Judged]) -> None:
    """Name what was wrong and what was missed."""
    for case in cases:
        for name in sorted(case.found.keys() - case.gold):
            say(f"wrong  {case.id} ({case.miss or case.kind}) {name}: {case.found[name]}")
        for name in sorted(case.gold - case.found.keys()):
            say(f"missed {case.id} ({case.kind}) {name}: {case.text[:200]!r}")


if __name__ == "__main__":
    sys.exit(main())
