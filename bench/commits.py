"""`python -m bench.commits --repo DIR`: does a commit's message lead to the files it changed?

The newest commits that say what they change and change one to four source files (tests and
releases, merges and reverts apart), each asked with the index at its parent, so that nothing newer
is read; from the oldest to the newest, so that the index moves forward. Only source files that are
no tests are ranked. Beside it, on the same commits in the same run: BM25 over whole source files,
identifiers split, and the files that most commits changed before. Each message is asked twice: for
the first files, and at default settings, for what a packet then holds.

`--remember` asks once more with what earlier messages led to: each packet is kept and followed by
the edits that its commit made, as in use. `--history 0` leaves git's own history out.

A repository is a clone that `--repo` names, or one below `--repos` that `--names` names: `name`,
`owner+name` or `owner__name`, bare or not. The names that stand there by default are those that the
weights were set on: name others for a fair test.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.baselines import Bm25Files, tracked
from bench.figures import give, lap, say, spread, stop
from bench.history import MostChanged, Step, latest
from bench.localise import ASKED, names_any
from bench.material import SET_ON, Missing, check_out, is_source, must_have, scratch_clone, top_of
from bench.scores import (
    OURS,
    PLAIN,
    Answer,
    averaged,
    by_way,
    given_by,
    handed_over,
    lead,
    share_of,
    written,
)
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.aftermath import Asker, Door
from satchel.context.ingest.languages import language_of
from satchel.wiring import Satchel

CUTS = (1, 3, 5)
OFTEN = "most_changed"
REMEMBERING = "satchel_remembering"
WAYS = (OURS, PLAIN, OFTEN, REMEMBERING)
APART = 3_600.0  # seconds that are made to pass between two requests


@dataclass(frozen=True, slots=True)
class Asked:
    """How one message went, the milliseconds of its briefing at default settings, and the seconds
    of bringing the index to its parent."""

    answer: Answer
    names_path: bool
    brief_ms: float
    index_s: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where a repository is not there, or none has commits."""
    parser = argparse.ArgumentParser(prog="python -m bench.commits", description=__doc__)
    parser.add_argument("--repo", type=Path, action="append", default=[], help="a clone")
    parser.add_argument("--repos", type=Path, help="a folder of clones")
    parser.add_argument("--names", default=",".join(SET_ON), help="which of them, comma-separated")
    parser.add_argument("--n", type=int, default=100, help="commits of each, the newest")
    parser.add_argument("--since", help="only later ones: a date as git reads it")
    parser.add_argument("--history", type=int, help="commits of git's history that are read")
    parser.add_argument(
        "--remember", action="store_true", help="ask also with what earlier requests led to"
    )
    chosen = parser.parse_args(arguments)
    kept = {} if chosen.history is None else {"index.history": chosen.history}
    try:
        tops = {name_of(path): top_of(path) for path in chosen.repo}
        if chosen.repos is not None:
            for name in chosen.names.split(","):
                tops[name] = must_have(chosen.repos, name)
        if not tops:
            raise Missing("name a clone with --repo, or a folder of them with --repos")
        with lap() as whole:
            asked: list[Asked] = []
            rows: dict[str, Any] = {}
            absent: dict[str, str] = {}
            for name, top in tops.items():
                mine = ask(
                    name, top, chosen.n, chosen.since, absent, Settings(kept), chosen.remember
                )
                if not mine:
                    say(f"{name}: left out, {absent.setdefault(name, 'no commits to ask about')}")
                    continue
                asked += mine
                rows[name] = {"language": language(mine), **summary(mine)}
                say_row(name, rows[name])
        if not asked:
            raise Missing("there is no commit to ask about")
    except Missing as missing:
        return stop(str(missing))
    figures = {
        "commits": len(asked),
        "repositories": rows,
        "mean": averaged(list(rows.values())),
        "better_than_bm25": sum(row["lead"][PLAIN]["value"] > 0 for row in rows.values()),
        "all": summary(asked),
        "absent": absent,
        "since": chosen.since,
        "history": Settings(kept).number("index.history"),
        "seconds": whole.seconds,
    }
    if len(rows) > 1:
        say_row(f"mean of {len(rows)} repositories", figures["mean"])
        say_row("all commits", figures["all"])
    return give("commits", figures)


def name_of(path: Path) -> str:
    """Name a clone by its folder, or by the folder above one that only says that it is a clone."""
    top = path.resolve()
    return (top.parent if top.name in {"repo", ".git"} else top).name.removesuffix(".git")


def ask(
    name: str,
    repository: Path,
    count: int,
    since: str | None,
    absent: dict[str, str],
    settings: Settings,
    remember: bool,
) -> list[Asked]:
    """Ask for the files of a repository's newest commits, each at its parent; what cannot be
    checked out goes to `absent`, with why."""
    asked: list[Asked] = []
    try:
        with scratch_clone(repository) as (clone, home):
            satchel = Satchel(Home(home), Settings({**settings.chosen, "packets.days": 0}))
            ranking = Settings({**settings.chosen, "packets.rank": 1})
            memory = Memory(home, ranking) if remember else None
            plain, often = Bm25Files(), MostChanged(clone)
            try:
                for step in latest(clone, count, since):
                    try:
                        check_out(clone, step.parent)
                    except Missing as missing:
                        absent[f"{name} {step.parent}"] = str(missing)
                        continue
                    asked.append(ask_one(step, clone, satchel, plain, often, memory))
            finally:
                if memory is not None:
                    memory.satchel.close()
                satchel.close()
    except Missing as missing:
        absent[name] = str(missing)
    return asked


class Memory:
    """The product over the same index, with what earlier requests led to."""

    def __init__(self, home: Path, settings: Settings) -> None:
        self._ahead = 0.0
        self.satchel = Satchel(Home(home), settings, lambda: time.time() + self._ahead)

    def rank(self, step: Step, clone: Path) -> list[str]:
        """Ask a request, have its edits follow it, and return what was ranked before they did."""
        self._ahead += APART  # what happens next belongs to one request
        top, packets = str(clone), self.satchel.packets
        full = self.satchel.brief(step.request, top, files=ASKED, asker=Asker(Door.CLI))
        packets.edited(Path(full.workspace), step.files)
        packets.write()
        return [file.path for file in full.files if is_source(file.path)]


def ask_one(
    step: Step,
    clone: Path,
    satchel: Satchel,
    plain: Bm25Files,
    often: MostChanged,
    memory: Memory | None,
) -> Asked:
    """Bring all that is read of a clone to a commit's parent, where it stands, and ask each way."""
    with lap() as indexed:
        satchel.index(str(clone), lambda _: None, True)
    full = satchel.brief(step.request, str(clone), files=ASKED)
    packet = satchel.brief(step.request, str(clone))
    held = [path for path in tracked(clone) if is_source(path)]
    plain.read(clone, held)
    often.move(step.parent)
    ranked = {
        OURS: [file.path for file in full.files if is_source(file.path)],
        PLAIN: plain.rank(step.request, max(CUTS)),
        OFTEN: often.rank(held, max(CUTS)),
    }
    if memory is not None:
        ranked[REMEMBERING] = memory.rank(step, clone)
    return Asked(
        Answer(step.files, ranked, given_by(packet)),
        names_any(step.request, sorted(step.files)),
        packet.ms["total"],
        indexed.seconds,
    )


def language(asked: Sequence[Asked]) -> str:
    """Return the language of most of the files that are right."""
    found = Counter(language_of(path) or "other" for one in asked for path in one.answer.right)
    return min(found, key=lambda name: (-found[name], name))


def summary(asked: Sequence[Asked]) -> dict[str, Any]:
    """Return the figures of these commits: each way's in percent, our lead in points."""
    answers = [one.answer for one in asked]
    told = [way for way in WAYS if way in answers[0].ranked]
    ways = by_way(answers, told, CUTS)
    return {
        "asked": len(asked),
        **ways[OURS],
        "baseline": {way: ways[way] for way in told[1:]},
        "lead": {way: lead(answers, way) for way in told[1:]},
        "packet": handed_over(answers),
        "names_path": share_of(asked, lambda one: one.names_path),
        "brief_ms": spread([one.brief_ms for one in asked]),
        "index_s": spread([one.index_s for one in asked]),
    }


def say_row(name: str, row: Mapping[str, Any]) -> None:
    """Print what was reached in a repository, or on average."""
    packet, ms = row["packet"], row["brief_ms"]
    say(f"{name}  {row.get('language', '')} n={row['asked']:g}")
    for way in (OURS, *row["baseline"]):
        figures = row if way == OURS else row["baseline"][way]
        beside = "" if way == OURS else f"  lead {row['lead'][way]['value']:+.1f}"
        say(f"  {way:17} {written(figures)}{beside}")
    say(
        f"  packet: {packet['files']} files, precision {packet['precision']}, recall "
        f"{packet['recall']}, empty {packet['empty']}; ms {ms['p50']:.0f}/{ms['p95']:.0f}"
    )


if __name__ == "__main__":
    sys.exit(main())
