"""`python -m bench.localise --repos DIR`: do the right file and function stand among the first k?

Takes issues with the files that were changed for them, puts each repository to the commit before
the change, indexes what differs, and asks; the scratch clone's HEAD is that commit, so nothing
newer is read. Only source files that are no tests are ranked. Beside it, on the same commits in the
same run: BM25 over whole files, identifiers split, of the suffixes that the dataset's files have.

Functions: which ones a change touched is told from the repository's own history
(`bench/definitions.py`); where it cannot be told the issue is counted and left out. Beside the
packet's symbols: BM25 over all definitions of those files.

Each issue is asked twice: for the first files, as an evaluation wants them, and at default
settings, for what a packet then holds and how long it takes once the index is warm.

DIR holds a clone of each repository, named `owner__name`, `owner+name` or `name`, bare or not; what
is absent is counted. The dataset is a path, or a file of shared/bench: rows of `id`, `repo`,
`base_commit`, `request` and `files`.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from bench.baselines import Bm25Files, tracked
from bench.definitions import changed_definitions, counted_definitions, named
from bench.figures import give, lap, say, spread, stop
from bench.material import (
    Missing,
    Task,
    check_out,
    clone_of,
    has_commit,
    is_source,
    scratch_clone,
    tasks,
)
from bench.repositories import git
from bench.scores import OURS, PLAIN, Answer, by_way, given_by, handed_over, share_of, written
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.types import Packet
from satchel.wiring import Satchel

CUTS = (1, 3, 5, 10)
SYMBOL_CUTS = (5, 10)
ASKED = 25  # files asked for: the first ten sources stand among them
SEED = 7
BY_DEFINITION = "bm25_definitions"
DEFAULT = "satchel_default"  # the symbols of a packet at default settings


@dataclass(frozen=True, slots=True)
class Drawn:
    """The tasks that are asked, the clones of their repositories in the order of their names, the
    suffixes of the right files of the whole dataset, its size, and what of it is absent."""

    tasks: tuple[Task, ...]
    clones: Mapping[str, Path]
    suffixes: frozenset[str]
    of: int
    absent: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tried:
    """How one task went.

    `answer.ranked` are paths; `symbols` are definitions by each way, `changed` those that the
    change touched, empty where that cannot be told. Milliseconds are of a briefing at default
    settings and of one that ranks `ASKED` files; seconds are of bringing the index to the commit,
    `fresh` tells that there was none before.
    """

    task: Task
    answer: Answer
    changed: frozenset[str]
    symbols: Mapping[str, Sequence[str]]
    brief_ms: float
    ranked_ms: float
    index_s: float
    fresh: bool
    names_path: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where no task can be asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.localise", description=__doc__)
    parser.add_argument("--dataset", default="swebench_lite.json", help="a path, or its name there")
    parser.add_argument("--repos", type=Path, required=True, help="a folder of clones")
    parser.add_argument("--n", type=int, help="how many tasks, drawn with a seed; else all")
    parser.add_argument("--repo-filter", default="", help="only repositories whose name has this")
    parser.add_argument("--no-functions", action="store_true", help="only files; takes less time")
    parser.add_argument("--misses", action="store_true", help="name each task that was missed")
    chosen = parser.parse_args(arguments)
    try:
        drawn = draw(chosen.dataset, chosen.repos, chosen.n, chosen.repo_filter)
        with lap() as whole:
            tried: list[Tried] = []
            failed: dict[str, str] = {}
            for name, clone in drawn.clones.items():
                mine = in_order(clone, [t for t in drawn.tasks if t.repository == name])
                tried += ask(clone, mine, drawn.suffixes, not chosen.no_functions, failed)
                say_row(name, summary([t for t in tried if t.task.repository == name], sure=False))
        if not tried:
            raise Missing(f"no task could be asked: {'; '.join(failed.values())}")
    except Missing as missing:
        return stop(str(missing))
    if chosen.misses:
        say_misses(tried)
    counted = {"of": drawn.of, "absent": drawn.absent, "failed": failed}
    return report(tried, counted, whole.seconds)


def draw(dataset: str, repos: Path, count: int | None, repository: str = "") -> Drawn:
    """Draw tasks whose commits are in a clone below a folder, with a seed, or take them all.

    `repository` is a part of their repositories' names. Raises Missing where there are none.
    """
    wanted = [task for task in tasks(dataset) if repository in task.repository]
    found = {task.repository: clone_of(repos, task.repository) for task in wanted}
    clones = {name: path for name, path in found.items() if path is not None}
    cloned = [task for task in wanted if task.repository in clones]
    there = [task for task in cloned if has_commit(clones[task.repository], task.commit)]
    if not there:
        raise Missing(f"no commit of {dataset} was found below {repos}")
    count = len(there) if count is None else min(count, len(there))
    drawn = random.Random(SEED).sample(there, count)
    absent = {
        "clone": len(wanted) - len(cloned),
        "commit": len(cloned) - len(there),
        "repositories": sorted(set(found) - set(clones)),
    }
    say(
        f"n = {count} of {len(wanted)} tasks; {absent['clone']} have no clone here, "
        f"{absent['commit']} no commit in it"
    )
    return Drawn(
        tasks=tuple(drawn),
        clones={name: clones[name] for name in sorted({task.repository for task in drawn})},
        suffixes=frozenset(PurePosixPath(path).suffix for t in wanted for path in t.files),
        of=len(wanted),
        absent=absent,
    )


def in_order(clone: Path, mine: Sequence[Task]) -> list[Task]:
    """Sort tasks by their commit's date, so that the index changes little between them."""
    dates = {t.id: git(clone, "show", "-s", "--format=%ct", t.commit).strip() for t in mine}
    return sorted(mine, key=lambda task: (int(dates[task.id]), task.id))


def ask(
    repository: Path,
    mine: Sequence[Task],
    suffixes: frozenset[str],
    functions: bool,
    failed: dict[str, str],
) -> list[Tried]:
    """Ask a repository's tasks one after the other, each at its commit; one whose commit cannot
    be checked out goes to `failed`, with why."""
    tried: list[Tried] = []
    with scratch_clone(repository, mine[0].commit) as (clone, home):
        satchel = Satchel(Home(home), Settings({}))
        files, definitions = Bm25Files(), Bm25Files(counted_definitions)
        try:
            for task in mine:
                try:
                    check_out(clone, task.commit)
                except Missing as missing:
                    failed[task.id] = str(missing)
                    continue
                with lap() as indexed:
                    satchel.index(str(clone), lambda _: None, True)
                full = satchel.brief(task.request, str(clone), files=ASKED)
                packet = satchel.brief(task.request, str(clone))
                held = [p for p in tracked(clone) if is_source(p)]
                held = [path for path in held if PurePosixPath(path).suffix in suffixes]
                files.read(clone, held)
                symbols: dict[str, Sequence[str]] = {}
                changed: frozenset[str] = frozenset()
                if functions and (changed := changed_definitions(task, repository)):
                    definitions.read(clone, held)
                    symbols = {
                        OURS: symbols_of(full),
                        DEFAULT: symbols_of(packet),
                        BY_DEFINITION: definitions.rank(task.request, max(SYMBOL_CUTS)),
                    }
                ranked = {
                    OURS: [file.path for file in full.files if is_source(file.path)],
                    PLAIN: files.rank(task.request, max(CUTS)),
                }
                tried.append(
                    Tried(
                        task=task,
                        answer=Answer(frozenset(task.files), ranked, given_by(packet)),
                        changed=changed,
                        symbols=symbols,
                        brief_ms=packet.ms["total"],
                        ranked_ms=full.ms["total"],
                        index_s=indexed.seconds,
                        fresh=not tried,
                        names_path=names_any(task.request, task.files),
                    )
                )
        finally:
            satchel.close()
    return tried


def symbols_of(packet: Packet) -> list[str]:
    """Return a packet's symbols of source files that are no tests, best first."""
    return [named(s.path, s.name) for s in packet.symbols if is_source(s.path)]


def names_any(request: str, paths: Sequence[str]) -> bool:
    """Tell whether a request spells one of the paths, or the end of one, its folder at the least.

    A path as a traceback has it counts, and one with the other slash; a bare file name does only
    where the path is no more than that.
    """
    spelled = request.replace("\\", "/")
    for path in paths:
        tail = "/".join(path.split("/")[-2:])
        if re.search(rf"(?<![\w-]){re.escape(tail)}(?![\w-])", spelled):
            return True
    return False


def summary(tried: Sequence[Tried], sure: bool) -> dict[str, Any]:
    """Return the figures of these tasks, with intervals where `sure`."""
    answers = [one.answer for one in tried]
    ways = by_way(answers, (OURS, PLAIN), CUTS, sure)
    fresh = [one.index_s for one in tried if one.fresh]
    return {
        "tasks": len(tried),
        **ways[OURS],
        "baseline": {PLAIN: ways[PLAIN]},
        "packet": handed_over(answers),
        "functions": functions_of(tried, sure),
        "brief_ms": spread([one.brief_ms for one in tried]),
        "ranked_ms": spread([one.ranked_ms for one in tried]),
        "index_s": {
            "full": spread(fresh),
            "incremental": spread([one.index_s for one in tried if not one.fresh]),
        },
    }


def functions_of(tried: Sequence[Tried], sure: bool) -> dict[str, Any]:
    """Return how often one of the changed definitions is among a way's first symbols, in percent,
    over the tasks where it can be told which those are."""
    told = [one for one in tried if one.changed]
    figures: dict[str, Any] = {"tasks": len(told), "not_told": len(tried) - len(told)}
    if not told:
        return figures
    figures["changed"] = round(sum(len(one.changed) for one in told) / len(told), 2)
    for way in (OURS, DEFAULT, BY_DEFINITION):
        figures[way] = {}
        for cut in SYMBOL_CUTS:
            share = share_of(told, partial(has_one, way=way, cut=cut))
            figures[way][f"@{cut}"] = share if sure else share["value"]
    return figures


def has_one(one: Tried, way: str, cut: int) -> bool:
    """Tell whether one of the changed definitions is among a way's first `cut`."""
    return bool(one.changed & set(one.symbols[way][:cut]))


def report(tried: Sequence[Tried], counted: Mapping[str, Any], seconds: float) -> int:
    """Print what was reached."""
    unnamed = [one for one in tried if not one.names_path]
    names = Counter(one.task.repository for one in tried)
    figures = {
        **summary(tried, sure=True),
        **counted,
        "names_path": share_of(tried, lambda one: one.names_path),
        "without_named_path": {
            "tasks": len(unnamed),
            **by_way([one.answer for one in unnamed], (OURS, PLAIN), CUTS),
        },
        "repositories": {
            name: summary([one for one in tried if one.task.repository == name], sure=False)
            for name in sorted(names)
        },
        "seconds": seconds,
    }
    say_row("all", figures)
    say(f"  intervals {figures['intervals']}")
    say(f"  without the {len(tried) - len(unnamed)} that name a path:")
    for way in (OURS, PLAIN):
        say(f"    {way:17} {written(figures['without_named_path'][way])}")
    return give("localise", figures)


def say_row(name: str, row: Mapping[str, Any]) -> None:
    """Print what was reached in a repository, or in all."""
    packet, functions, ms, index = (
        row[key] for key in ("packet", "functions", "brief_ms", "index_s")
    )
    say(f"{name}  n={row['tasks']}")
    say(f"  {OURS:17} {written(row)}")
    say(f"  {PLAIN:17} {written(row['baseline'][PLAIN])}")
    if functions["tasks"]:
        ways = ((way, functions[way]) for way in (OURS, DEFAULT, BY_DEFINITION))
        shares = ", ".join(f"{way} {_values(shares)}" for way, shares in ways)
        say(f"  functions, n={functions['tasks']} ({functions['not_told']} not told): {shares}")
    say(
        f"  packet: {packet['files']} files, precision {packet['precision']}, recall "
        f"{packet['recall']}, empty {packet['empty']}; ms {ms['p50']:.0f}/{ms['p95']:.0f}; "
        f"index s {index['full']['p50']:.1f}, then {index['incremental']['p50']:.1f}"
    )


def _values(shares: Mapping[str, Any]) -> str:
    plain = {k: share["value"] if isinstance(share, dict) else share for k, share in shares.items()}
    return " ".join(f"{key} {value:.1f}" for key, value in plain.items())


def say_misses(tried: Sequence[Tried]) -> None:
    """Name each task whose files are not all among the first three, and what stands there."""
    for one in tried:
        ranked = list(one.answer.ranked[OURS])
        places = {p: ranked.index(p) + 1 if p in ranked else 0 for p in one.task.files}
        if not all(1 <= place <= CUTS[1] for place in places.values()):
            wanted = ", ".join(f"{path} at {place or '-'}" for path, place in places.items())
            say(f"  {one.task.id}: {wanted}; first {ranked[:3]}")


if __name__ == "__main__":
    sys.exit(main())
