"""`python -m bench.localise --repos DIR`: does the right file stand among the first k?

Takes issues with the files that were changed for them, puts each repository to the commit before
the change, indexes what differs, and asks. Only source files that are no tests are ranked. Beside
it: BM25 over whole files with identifiers split, on the same files in the same run.

DIR holds a clone of each repository, named `name`, `owner+name` or `owner__name`.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.baselines import WholeFiles, accuracy, tracked
from bench.figures import give, lap, say, spread, stop
from bench.material import (
    Missing,
    Task,
    clone_of,
    first_right,
    is_source,
    scratch_clone,
    tasks,
)
from bench.repositories import git
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.wiring import Satchel

CUTS = (1, 3, 5, 10)
ASKED = 25  # files asked for: the first ten sources stand among them
SEED = 7


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where no repository of the tasks is there."""
    parser = argparse.ArgumentParser(prog="python -m bench.localise", description=__doc__)
    parser.add_argument("--dataset", default="swebench_lite.json", help="a file of shared/bench")
    parser.add_argument("--repos", type=Path, required=True, help="a folder of clones")
    parser.add_argument("--n", type=int, default=30, help="how many tasks, drawn with a seed")
    parser.add_argument("--repo-filter", default="", help="only repositories whose name has this")
    parser.add_argument("--misses", action="store_true", help="name each task that was missed")
    chosen = parser.parse_args(arguments)
    try:
        wanted = [t for t in tasks(chosen.dataset) if chosen.repo_filter in t.repository]
        clones = {t.repository: clone_of(chosen.repos, t.repository) for t in wanted}
        there = [task for task in wanted if clones[task.repository] is not None]
        if not there:
            raise Missing(f"no repository of {chosen.dataset} was found below {chosen.repos}")
        drawn = random.Random(SEED).sample(there, min(chosen.n, len(there)))
        say(f"{len(drawn)} of {len(wanted)} tasks, {len(there)} of them with a clone here")
        return measure(drawn, {name: path for name, path in clones.items() if path}, chosen.misses)
    except Missing as missing:
        return stop(str(missing))


def measure(drawn: Sequence[Task], clones: dict[str, Path], misses: bool) -> int:
    """Ask every task at its commit, oldest first, and print what was reached."""
    ours = dict.fromkeys(CUTS, 0)
    plain = dict.fromkeys(CUTS, 0)
    packets = 0
    milliseconds: list[float] = []
    with lap() as whole:
        for repository in sorted({task.repository for task in drawn}):
            mine = [task for task in drawn if task.repository == repository]
            with scratch_clone(clones[repository]) as (clone, home):
                satchel = Satchel(Home(home), Settings({}))
                baseline = WholeFiles()
                for task in in_order(clone, mine):
                    git(clone, "checkout", "--quiet", "--force", "--detach", task.commit)
                    satchel.index(str(clone), lambda _: None, True)
                    packet = satchel.brief(
                        task.request, str(clone), budget=None, files=ASKED, explain=False
                    )
                    milliseconds.append(packet.ms["total"])
                    ranked = [file.path for file in packet.files if is_source(file.path)]
                    given = {file.path for file in packet.files if file.in_packet}
                    packets += set(task.files) <= given
                    paths = [path for path in tracked(clone) if is_source(path)]
                    baseline.read(clone, [path for path in paths if path.endswith(".py")])
                    by_words = baseline.rank(task.request, max(CUTS))
                    for cut in CUTS:
                        ours[cut] += first_right(ranked, task.files, cut)
                        plain[cut] += first_right(by_words, task.files, cut)
                    place = ranked.index(task.files[0]) + 1 if task.files[0] in ranked else 0
                    if misses and not 1 <= place <= CUTS[1]:
                        say(f"  {task.id}: {task.files[0]} at {place or '-'}, {ranked[:3]}")
                satchel.close()
            say(f"{repository}: so far {accuracy(ours, len(milliseconds))}")
    figures = {
        "tasks": len(drawn),
        "accuracy": accuracy(ours, len(drawn)),
        "in_packet": round(100 * packets / len(drawn), 1),
        "brief_ms": spread(milliseconds),
        "seconds": whole.seconds,
        "baseline": {"bm25_whole_files": accuracy(plain, len(drawn))},
    }
    say(f"ours {figures['accuracy']}, in the packet {figures['in_packet']} %")
    say(f"BM25 {figures['baseline']}")
    return give("localise", figures)


def in_order(clone: Path, mine: Sequence[Task]) -> list[Task]:
    """Sort tasks by their commit's date, so that the index changes little between them."""
    dates = {t.id: git(clone, "show", "-s", "--format=%ct", t.commit).strip() for t in mine}
    return sorted(mine, key=lambda task: (int(dates[task.id]), task.id))


if __name__ == "__main__":
    sys.exit(main())
