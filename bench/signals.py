"""`python -m bench.signals --repos DIR`: what does each signal add, from messages to files?

Each repository is indexed at a commit before all those that are asked about, so their messages
are in no history; 1 to 4 source files are right. Ranked with passages alone, with the plan's
weights, and with one signal taken away at a time; and what a packet would hold if its files were
kept from other shares of the best one's score. Beside it: BM25 over whole source files with
identifiers split. `bench.commits` measures the whole.

DIR holds a clone of each repository, named `name`, `owner+name` or `owner__name`. The repositories
named by default are those that the weights were set on.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.baselines import Bm25Files, tracked
from bench.evidence import find, indexed
from bench.figures import give, say, stop
from bench.intervals import in_percent
from bench.material import (
    BEHIND,
    SET_ON,
    Change,
    Missing,
    about_clones,
    changes,
    is_source,
    must_have,
    scratch_clone,
)
from bench.scores import PLAIN, averaged, recall
from satchel.base.paths import Home
from satchel.context.engine import Sources, brief
from satchel.context.route import WEIGHTS, Plan
from satchel.context.store.index import IndexStore
from satchel.context.types import Packet, Request, Signal

CUTS = (1, 3, 5, 10)
BUDGET = 1200
KEEPS = (0.4, 0.5, 0.6, 0.7)  # shares of the best file's score from which a file might be kept
PASSAGES_ALONE = "passages alone"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where a repository is not there."""
    chosen = about_clones("bench.signals", __doc__, SET_ON).parse_args(arguments)
    try:
        rows = {name: measure(chosen.repos, name, chosen.n) for name in chosen.names.split(",")}
    except Missing as missing:
        return stop(str(missing))
    mean = averaged(list(rows.values()))
    for name, shares in mean["signals"].items():
        say(f"{name:17} " + " ".join(f"{key} {value:.1f}" for key, value in shares.items()))
    for share, held in mean["keep"].items():
        say(f"kept from {share} of the best: right {held['right']}, precision {held['precision']}")
    return give("signals", {"repositories": rows, "mean": mean})


def measure(repos: Path, name: str, count: int) -> dict[str, Any]:
    """Index one repository and ask for the files of its later commits."""
    repository = must_have(repos, name)
    base, asked = changes(repository, BEHIND, count)
    if not asked:
        raise Missing(f"{repository} has no commits to ask about")
    with scratch_clone(repository, base) as (clone, home), indexed(clone, Home(home)) as store:
        sources = Sources(store, ())
        packets = [
            brief(Request(change.request, str(clone), BUDGET, files=max(CUTS)), sources)
            for change in asked
        ]
        plain = Bm25Files()
        plain.read(clone, [path for path in tracked(clone) if is_source(path)])
        by_words = [plain.rank(change.request, max(CUTS)) for change in asked]
        say(f"{name}: {len(asked)} asked")
        return {
            "asked": len(asked),
            "keep": {str(share): kept(asked, packets, share) for share in KEEPS},
            "signals": {PLAIN: recalls(asked, by_words), **by_signal(asked, store)},
        }


def recalls(asked: Sequence[Change], ranked: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return the mean share of the right files among the first k, in percent, keyed like "@1"."""
    pairs = list(zip(asked, ranked, strict=True))
    return {
        f"@{cut}": in_percent(fmean(recall(change.files, paths[:cut]) for change, paths in pairs))
        for cut in CUTS
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
    """Return the share of packets with a right file, and the precision of those with any file,
    in percent."""
    pairs = [(change.files & set(paths), paths) for change, paths in zip(asked, given, strict=True)]
    precision = [len(right) / len(paths) for right, paths in pairs if paths]
    return {
        "right": in_percent(fmean(bool(right) for right, _ in pairs)) if pairs else 0.0,
        "precision": in_percent(fmean(precision)) if precision else 0.0,
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


if __name__ == "__main__":
    sys.exit(main())
