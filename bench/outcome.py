"""`python -m bench.outcome --repos DIR`: does the briefing help the model?

Questions about real repositories, each at a fixed commit, whose answers stand verbatim in one of
their files; they were written before anything was measured with them. For each the model is given
nothing, a dump (the README, then the tracked text files in the order of their paths), BM25's best
passages (windows of lines, identifiers split), and the packet, all cut to the tokens that the
product gives its embedded model. Is the answer in what was handed over, and did the model say it?
The model is asked the way `satchel ask` asks it, with the same words whatever it is given.

DIR holds a clone of each repository, named `name`, `owner+name` or `owner__name`; those that are
not there are counted. `--no-model` measures only what is handed over. `--check` measures nothing:
it looks that every answer stands where it is said to. What is quoted was developed on the questions
about one half of the repositories (`halves`, drawn by a hash of their names); both are told.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.baselines import tracked
from bench.figures import give, lap, say, spread, stop
from bench.handed import Windows, dump, holds
from bench.intervals import in_percent, interval, with_interval
from bench.material import Missing, clone_of, scratch_clone
from bench.repositories import cache_folder, git
from bench.voice import Voice
from satchel.base.errors import SatchelError
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context import tokens
from satchel.context.types import Packet
from satchel.model.select import EMBEDDED
from satchel.wiring import Satchel
from satchel.wiring.ask import FALLBACK_BUDGET

CASES = Path(__file__).with_name("cases") / "outcome.json"
WAYS = ("nothing", "dump", "bm25", "packet")
SEED = 7
# The product keeps the embedded model silent where there is no text at all; here it may guess.
NO_TEXT = "Nothing is quoted."


@dataclass(frozen=True, slots=True)
class Question:
    """What a developer asks; the first of `answers` stands verbatim in `path` at `commit`, the
    others are spellings that are as right."""

    repository: str
    commit: str
    kind: str
    text: str
    answers: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Handed:
    """What one way handed over for a question; `said` is None where no model was asked."""

    tokens: int
    holds: bool
    named: bool  # the path of the file that the answer stands in
    ms: float
    said: str | None = None
    right: bool = False
    seconds: float = 0.0

    @property
    def placed(self) -> bool:
        """Whether the answer is there beside the path that it stands in, hardly by chance."""
        return self.holds and self.named


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question and what came of each way."""

    question: Question
    by_way: Mapping[str, Handed]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where nothing can be measured, 1 where a case is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.outcome", description=__doc__)
    parser.add_argument("--repos", type=Path, required=True, help="a folder of clones")
    parser.add_argument("--n", type=int, help="how many questions, drawn with a seed; else all")
    parser.add_argument("--model", default=EMBEDDED, help="one of a server on this machine")
    parser.add_argument("--servers", default="", help="where else one runs, comma-separated")
    parser.add_argument("--no-model", action="store_true", help="only what is handed over")
    parser.add_argument("--budget", type=int, default=FALLBACK_BUDGET, help="tokens handed over")
    parser.add_argument("--assets", type=Path, default=cache_folder() / "assets")
    parser.add_argument("--check", action="store_true", help="only look at the cases")
    parser.add_argument("--misses", action="store_true", help="name what the packet left out")
    chosen = parser.parse_args(arguments)
    try:
        asked = questions()
        clones = {q.repository: clone_of(chosen.repos, q.repository) for q in asked}
        tops = {name: top for name, top in clones.items() if top is not None}
        there = [question for question in asked if question.repository in tops]
        if not there:
            raise Missing(f"no repository of {CASES.name} was found below {chosen.repos}")
        if chosen.check:
            return checked(there, tops, len(asked))
        drawn = random.Random(SEED).sample(there, min(chosen.n or len(there), len(there)))
        say(f"{len(drawn)} of {len(asked)} questions, {len(there)} of them with a clone here")
        with ExitStack() as stack, lap() as whole:
            voice = None
            if not chosen.no_model:
                voice = Voice(chosen.model, chosen.assets, chosen.servers)
                stack.callback(voice.close)
            outcomes = measure(drawn, tops, voice, chosen.budget)
        if chosen.misses:
            tell(outcomes)
        row = figures(outcomes)
        say_rows(row)
        return give(
            "outcome",
            {
                "questions": len(drawn),
                "without_clone": len(asked) - len(there),
                "kinds": dict(Counter(question.kind for question in drawn)),
                "budget": chosen.budget,
                "model": None if chosen.no_model else chosen.model,
                **row,
                "seconds": whole.seconds,
            },
        )
    except (Missing, SatchelError) as problem:
        return stop(str(problem))


def questions(path: Path = CASES) -> list[Question]:
    """Read the questions."""
    cases = json.loads(path.read_text(encoding="utf-8"))
    return [
        Question(
            row["repository"],
            cases["commits"][row["repository"]],
            row["kind"],
            row["question"],
            tuple(row["answers"]),
            row["path"],
        )
        for row in cases["questions"]
    ]


def checked(asked: Sequence[Question], tops: Mapping[str, Path], of: int) -> int:
    """Look that every answer stands verbatim in its file and not in its question."""
    wrong = []
    for question in asked:
        try:
            place = f"{question.commit}:{question.path}"
            text = git(tops[question.repository], "show", place)
        except subprocess.CalledProcessError:
            wrong.append(f"{question.repository}: there is no {question.path}")
            continue
        if question.answers[0] not in text:
            wrong.append(f"{question.repository}: {question.path} lacks {question.answers[0]}")
        if holds(question.text, question.answers):
            wrong.append(f"{question.repository}: the question holds {question.answers[0]}")
    for line in wrong:
        say(line)
    give("outcome", {"checked": len(asked), "without_clone": of - len(asked), "wrong": len(wrong)})
    return 1 if wrong else 0


def measure(
    drawn: Sequence[Question], tops: Mapping[str, Path], voice: Voice | None, budget: int
) -> list[Outcome]:
    """Ask every question in each way, a repository after the other."""
    outcomes: list[Outcome] = []
    for repository in sorted({question.repository for question in drawn}):
        mine = [question for question in drawn if question.repository == repository]
        with scratch_clone(tops[repository], mine[0].commit) as (clone, home):
            satchel = Satchel(Home(home), Settings({}))
            try:
                satchel.index(str(clone), lambda _: None, accept=True)
                paths = tracked(clone)
                dumped = dump(clone, paths, budget)
                windows = Windows(clone, paths)
                for question in mine:
                    brief = partial(satchel.brief, question.text, str(clone), budget=budget)
                    outcomes.append(ask(question, brief, dumped, windows, voice, budget))
            finally:
                satchel.close()
        so_far = {way: round(fmean(o.by_way[way].holds for o in outcomes), 2) for way in WAYS}
        say(f"{repository}: {len(mine)} questions; handed over so far {so_far}")
    return outcomes


def ask(
    question: Question,
    brief: Callable[..., Packet],
    dumped: str,
    windows: Windows,
    voice: Voice | None,
    budget: int,
) -> Outcome:
    """Hand over in each way, and ask the model where there is one."""
    with lap() as briefing:
        packet = brief(with_text=True)
    with lap() as searching:
        found = windows.best(question.text, budget)
    texts = {
        "nothing": ("", 0.0),
        "dump": (dumped, 0.0),
        "bm25": (found, searching.seconds),
        "packet": (tokens.cut(packet.markdown, budget), briefing.seconds),
    }
    by_way = {}
    for way, (text, seconds) in texts.items():
        handed = Handed(
            tokens.count(text),
            holds(text, question.answers),
            question.path in text,
            round(seconds * 1000, 1),
        )
        if voice is not None:
            shown = NO_TEXT if way == "nothing" and voice.is_embedded else text
            with lap() as answering:
                said = voice.say(question.text, replace(packet, markdown=shown), budget)
            right = holds(said, question.answers)
            handed = replace(handed, said=said, right=right, seconds=answering.seconds)
        by_way[way] = handed
    return Outcome(question, by_way)


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the shares of each way with their intervals, and what the packet has over BM25."""
    asked = any(handed.said is not None for o in outcomes for handed in o.by_way.values())
    ways = {}
    for way in WAYS:
        rows = [outcome.by_way[way] for outcome in outcomes]
        ways[way] = {
            "handed_over": with_interval(rows, partial(share, of="holds")),
            "with_its_path": with_interval(rows, partial(share, of="placed")),
            "path_named": with_interval(rows, partial(share, of="named")),
            "by_kind": by_kind(outcomes, way),
            "tokens": round(fmean(row.tokens for row in rows), 1),
            "silent": in_percent(fmean(row.tokens == 0 for row in rows)),
            "ms": spread([row.ms for row in rows]),
        }
        if asked:
            ways[way] |= {
                "answered": with_interval(rows, partial(share, of="right")),
                "answer_s": round(fmean(row.seconds for row in rows), 2),
            }
    ahead = {"handed_over": over(outcomes, "holds")}
    if asked:
        ahead["answered"] = over(outcomes, "right")
    return {"ways": ways, "packet_over_bm25": ahead, "by_half": by_half(outcomes)}


def halves() -> dict[str, frozenset[str]]:
    """Return the repositories on whose questions the quoting was developed, and the others."""
    names = {question.repository for question in questions()}
    ordered = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return {"developed": frozenset(ordered[::2]), "held_out": frozenset(ordered[1::2])}


def by_half(outcomes: Sequence[Outcome]) -> dict[str, dict[str, Any]]:
    """Return of each half how many were asked and the share that each way handed over, with
    intervals."""
    found: dict[str, dict[str, Any]] = {}
    for half, names in halves().items():
        mine = [outcome for outcome in outcomes if outcome.question.repository in names]
        if mine:
            shares = {
                way: with_interval([o.by_way[way] for o in mine], partial(share, of="holds"))
                for way in WAYS
            }
            found[half] = {"questions": len(mine), **shares}
    return found


def share(rows: Sequence[Handed], of: str) -> float:
    """Return the share of rows for which something holds."""
    return fmean(getattr(row, of) for row in rows)


def by_kind(outcomes: Sequence[Outcome], way: str) -> dict[str, float]:
    """Return the share handed over of each kind of question, in percent."""
    kinds = sorted({outcome.question.kind for outcome in outcomes})
    return {
        kind: in_percent(fmean(o.by_way[way].holds for o in outcomes if o.question.kind == kind))
        for kind in kinds
    }


def over(outcomes: Sequence[Outcome], of: str) -> dict[str, Any]:
    """Return by how many points the packet is ahead of BM25 on the same questions."""

    def ahead(units: Sequence[Outcome]) -> float:
        pairs = ((unit.by_way["packet"], unit.by_way["bm25"]) for unit in units)
        return fmean(getattr(ours, of) - getattr(plain, of) for ours, plain in pairs)

    low, high = interval(outcomes, ahead)
    return {
        "value": in_percent(ahead(outcomes)),
        "interval": [in_percent(low), in_percent(high)],
    }


def say_rows(row: Mapping[str, Any]) -> None:
    """Print one line a way."""
    for way, found in row["ways"].items():
        answered = f"  answered {found['answered']}" if "answered" in found else ""
        say(
            f"{way:8} handed over {found['handed_over']}  with its path "
            f"{found['with_its_path']['value']}  path {found['path_named']['value']}  "
            f"tokens {found['tokens']}{answered}"
        )
    for half, found in row["by_half"].items():
        say(f"{half}: packet {found['packet']}, BM25 {found['bm25']}, n {found['questions']}")
    say(f"the packet over BM25 {row['packet_over_bm25']}")


def tell(outcomes: Sequence[Outcome]) -> None:
    """Name the questions whose answer the packet left out."""
    for outcome in outcomes:
        packet, asked = outcome.by_way["packet"], outcome.question
        if not packet.holds:
            why = "silent" if packet.tokens == 0 else f"{packet.tokens} tokens"
            rival = "bm25 has it" if outcome.by_way["bm25"].holds else ""
            say(f"  {asked.repository} {asked.path} ({why}) {rival}: {asked.text}")


if __name__ == "__main__":
    sys.exit(main())
