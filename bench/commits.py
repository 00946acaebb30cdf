"""`python -m bench.commits --repos DIR`: does a commit's message lead to the files it changed?

Each repository is indexed at a commit before all those that are asked about, so their messages
are in no history; 1 to 4 source files are right. Beside it: BM25 over whole source files with
identifiers split, in the same run, and our own ranking with one signal taken away at a time.

DIR holds a clone of each repository, named `name`, `owner+name` or `owner__name`. The repositories
named by default are those that the weights were set on; name others for a fair test.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.baselines import WholeFiles, tracked
from bench.evidence import find, indexed
from bench.figures import give, say, stop
from bench.material import Change, Missing, changes, clone_of, is_source, scratch_clone
from satchel.base.paths import Home
from satchel.context.engine import Sources, brief
from satchel.context.route import WEIGHTS, Plan
from satchel.context.store.index import IndexStore
from satchel.context.types import Packet, Request, Signal

# What context/route.py's weights and context/silence.py's coefficients were set on.
SET_ON = ("datasette", "httpx", "tornado", "ripgrep", "gin", "express")
BEHIND = 240  # commits before the newest where the index stands
CUTS = (1, 3, 5, 10)
BUDGET = 1200
KEEPS = (0.4, 0.5, 0.6, 0.7)  # shares of the best file's score from which a file might be kept
PASSAGES_ALONE = "passages alone"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where a repository is not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.commits", description=__doc__)
    parser.add_argument("--repos", type=Path, required=True, help="a folder of clones")
    parser.add_argument("--names", default=",".join(SET_ON), help="which of them, comma-separated")
    parser.add_argument("--n", type=int, default=60, help="commits of each, drawn with a seed")
    chosen = parser.parse_args(arguments)
    try:
        rows = {name: measure(chosen.repos, name, chosen.n) for name in chosen.names.split(",")}
    except Missing as missing:
        return stop(str(missing))
    mean = averaged(list(rows.values()))
    mean["asked"] = sum(row["asked"] for row in rows.values())
    say_row("mean", mean)
    for name, recall in mean["signals"].items():
        say(f"  {name:16} {written(recall)}")
    for share, kept in mean["keep"].items():
        say(
            f"  kept from {share} of the best: right {kept['right']}, precision {kept['precision']}"
        )
    return give("commits", {"repositories": rows, "mean": mean})


def measure(repos: Path, name: str, count: int) -> dict[str, Any]:
    """Index one repository and ask for the files of its later commits."""
    repository = clone_of(repos, name)
    if repository is None:
        raise Missing(f"there is no clone of {name} below {repos}")
    base, asked = changes(repository, BEHIND, count)
    if not asked:
        raise Missing(f"{repository} has no commits to ask about")
    with scratch_clone(repository, base) as (clone, home), indexed(clone, Home(home)) as store:
        plain = WholeFiles()
        plain.read(clone, [path for path in tracked(clone) if is_source(path)])
        sources = Sources(store, ())
        packets = [
            brief(Request(change.request, str(clone), BUDGET, files=max(CUTS)), sources)
            for change in asked
        ]
        row = {
            "asked": len(asked),
            "recall": recalls(asked, [[file.path for file in p.files] for p in packets]),
            **packed(asked, packets),
            "keep": {str(share): kept(asked, packets, share) for share in KEEPS},
            "signals": by_signal(asked, store),
            "baseline": {
                "bm25_whole_files": recalls(
                    asked, [plain.rank(change.request, max(CUTS)) for change in asked]
                )
            },
        }
    say_row(name, row)
    return row


def recalls(asked: Sequence[Change], ranked: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return the mean share of the right files among the first k, keyed like "@1"."""
    pairs = list(zip(asked, ranked, strict=True))
    return {
        f"@{cut}": round(fmean(recall(change.files, paths[:cut]) for change, paths in pairs), 3)
        for cut in CUTS
    }


def recall(right: Collection[str], given: Sequence[str]) -> float:
    """Return the share of the right files that were given."""
    return len(set(right) & set(given)) / len(right)


def packed(asked: Sequence[Change], packets: Sequence[Packet]) -> dict[str, float]:
    """Say what the packets hold: whether any, how many files, how many of them right."""
    given = [[file.path for file in packet.files if file.in_packet] for packet in packets]
    return {
        **precise(asked, given),
        "empty": round(fmean(not paths for paths in given), 3),
        "files": round(fmean(map(len, given)), 2),
    }


def kept(asked: Sequence[Change], packets: Sequence[Packet], share: float) -> dict[str, float]:
    """Say what the packets would hold if files were kept from that share of the best one's score,
    6 at most."""
    given = []
    for packet in packets:
        best = max((file.score for file in packet.files), default=0.0)
        speaks = any(file.in_packet for file in packet.files)
        given.append([f.path for f in packet.files if speaks and f.score >= share * best][:6])
    return precise(asked, given)


def precise(asked: Sequence[Change], given: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return the share of packets with a right file, and the precision of those with any file."""
    pairs = [(change.files & set(paths), paths) for change, paths in zip(asked, given, strict=True)]
    precision = [len(right) / len(paths) for right, paths in pairs if paths]
    return {
        "right": round(fmean(bool(right) for right, _ in pairs), 3) if pairs else 0.0,
        "precision": round(fmean(precision), 3) if precision else 0.0,
    }


def by_signal(asked: Sequence[Change], store: IndexStore) -> dict[str, dict[str, float]]:
    """Rank with passages alone, and with each signal taken away."""
    ranked: dict[str, list[list[str]]] = {}
    for change in asked:
        found = find(change.request, store)
        for name, weights in variants().items():
            paths: list[str] = []
            if found is not None:
                plan: Plan = replace(found.plan, weights=weights)
                paths = [candidate.row.path for candidate in found.ranked(plan)[: max(CUTS)]]
            ranked.setdefault(name, []).append(paths)
    return {name: recalls(asked, paths) for name, paths in ranked.items()}


def variants() -> dict[str, Mapping[Signal, float]]:
    """Return the weights to compare; without vectors, which changes do not use."""
    plain = {signal: weight for signal, weight in WEIGHTS.items() if weight > 0}
    without = {
        f"without {signal}": {s: weight for s, weight in plain.items() if s != signal}
        for signal in plain
        if signal != Signal.LEXICAL
    }
    return {PASSAGES_ALONE: {Signal.LEXICAL: 1.0}, "all": plain, **without}


def averaged(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean over repositories of every figure, however deep it lies."""
    mean: dict[str, Any] = {}
    for key, value in rows[0].items():
        values = [row[key] for row in rows]
        mean[key] = averaged(values) if isinstance(value, Mapping) else round(fmean(values), 3)
    return mean


def say_row(name: str, row: Mapping[str, Any]) -> None:
    """Print one line of the table."""
    say(
        f"{name:10} n={row['asked']:<3} ours {written(row['recall'])}  "
        f"BM25 {written(row['baseline']['bm25_whole_files'])}  right {row['right']:.2f} "
        f"precision {row['precision']:.2f} empty {row['empty']:.2f} files {row['files']:.1f}"
    )


def written(recall: Mapping[str, float]) -> str:
    """Write recall at every cut."""
    return " ".join(f"{key} {value:.3f}" for key, value in recall.items())


if __name__ == "__main__":
    sys.exit(main())
