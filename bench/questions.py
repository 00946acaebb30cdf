"""`python -m bench.questions --repos DIR`: does a plain question lead to the files that answer it?

The questions are those that MinishLab/semble publishes (`benchmarks/annotations/*.json` and
`benchmarks/repos.json`, MIT), measured as there: NDCG at 10, where a file that answers and one that
helps count alike; the folder of the repository that is named there is all that is read, at its
revision. It is indexed and asked through the product, whose whole order counts. A question is asked
once, warm, in the process. Beside it: BM25 over whole files of the same folder that are no tests,
documents or manifests, with identifiers split, in the same run.

DIR holds a clone of each repository, named `name`, `owner+name` or `owner__name`; what is absent is
counted. The annotations lie in a folder with `repos.json` beside it: the one that is named, else
that of a clone of semble below DIR, else that of shared/bench/questions.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.annotations import Question, Repository, Target, annotations_of, is_same, read
from bench.baselines import Bm25Files, tracked
from bench.figures import give, lap, say, spread, stop
from bench.intervals import interval
from bench.material import Missing, clone_of, scratch_clone
from bench.repositories import git
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.ingest.languages import language_of, role_of
from satchel.context.types import Packet, RankedFile, Role
from satchel.wiring import Satchel

CUT = 10
RANKED = frozenset({Role.SOURCE, Role.TEXT})  # what the baseline ranks
SHOWN = 3  # files that stand in front of a miss


@dataclass(frozen=True, slots=True)
class Asked:
    """How one question went: each figure is an NDCG (0 to 1), but for the milliseconds.

    `by_lines` counts a target with lines only where a place of the file meets them; `best` is what
    can be had, as a target may name a file that the folder does not hold. `first` is the place of
    the first file that answers, from 1, or None below `CUT`; `given` tells that the packet holds
    one.
    """

    language: str
    category: str
    ours: float
    by_lines: float
    plain: float
    best: float
    milliseconds: float
    first: int | None
    given: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where there are no questions, or no repository of theirs."""
    parser = argparse.ArgumentParser(prog="python -m bench.questions", description=__doc__)
    parser.add_argument("--repos", type=Path, required=True, help="a folder of clones")
    parser.add_argument("--annotations", type=Path, help="a folder of questions")
    parser.add_argument("--names", default="", help="which repositories, comma-separated")
    parser.add_argument("--misses", action="store_true", help="show what stood before an answer")
    chosen = parser.parse_args(arguments)
    try:
        if not chosen.repos.is_dir():
            raise Missing(f"{chosen.repos} is not a folder of clones")
        with annotations_of(chosen.annotations, chosen.repos) as folder:
            wanted = read(folder, [name for name in chosen.names.split(",") if name])
        return measure(wanted, chosen.repos, chosen.misses)
    except Missing as missing:
        return stop(str(missing))


def measure(wanted: Sequence[Repository], repos: Path, misses: bool) -> int:
    """Ask all questions of every repository that is there, and print."""
    asked: list[Asked] = []
    rows: dict[str, Any] = {}
    absent: dict[str, str] = {}
    with lap() as whole:
        for repository in wanted:
            try:
                found, row = ask(repository, repos, misses)
            except Missing as missing:
                absent[repository.name] = str(missing)
                say(f"{repository.name}: left out, {missing}")
                continue
            asked += found
            rows[repository.name] = row
            say_row(repository.name, row)
    if not asked:
        raise Missing(f"no repository of the {len(wanted)} that are asked about is below {repos}")
    total = summary(asked)
    figures = {
        **total,
        "interval": [round(end, 3) for end in interval(asked, _ours)],
        "mean_of_repositories": round(fmean(row["ndcg10"] for row in rows.values()), 3),
        "by_language": by(asked, lambda one: one.language),
        "by_category": by(asked, lambda one: one.category),
        "repositories": rows,
        "absent": absent,
        "index_s": spread([row["index_s"] for row in rows.values()]),
        "seconds": whole.seconds,
    }
    for group in ("by_language", "by_category"):
        for name, row in figures[group].items():
            say_row(name, row)
    say_row(f"all {len(rows)} of {len(wanted)}", total)
    return give("questions", figures)


def ask(repository: Repository, repos: Path, misses: bool) -> tuple[list[Asked], dict[str, Any]]:
    """Index the folder that is asked about, at its revision, and ask; raises Missing."""
    clone = clone_of(repos, repository.name) or clone_of(repos, repository.origin)
    if clone is None:
        raise Missing(f"there is no clone of it below {repos}")
    with scratch_clone(clone, repository.revision) as (top, home):
        held = tracked(top)
        if repository.root:
            held = [path for path in held if path.startswith(f"{repository.root}/")]
            git(top, "sparse-checkout", "set", "--no-cone", f"/{repository.root}/")
        if not held or not repository.questions:
            raise Missing("its revision has no such folder, or nothing is asked about it")
        plain = Bm25Files()
        plain.read(top, [path for path in held if role_of(path, language_of(path)) in RANKED])
        satchel = Satchel(Home(home), Settings({}))
        try:
            with lap() as indexed:
                satchel.index(str(top), lambda _: None, True)
            asked = []
            for question in repository.questions:
                packet = satchel.brief(question.text, str(top), files=CUT)
                by_words = plain.rank(question.text, CUT)
                asked.append(judged(repository.language, question, packet, by_words, held))
                if misses and asked[-1].first != 1:
                    say_miss(question, packet)
        finally:
            satchel.close()
    targets = {target for question in repository.questions for target in question.targets}
    gone = sorted({target.path for target in targets if place_of(held, target) is None})
    row = {**summary(asked), "files": len(held), "index_s": indexed.seconds, "gone": gone}
    return asked, row


def judged(
    language: str,
    question: Question,
    packet: Packet,
    by_words: Sequence[str],
    held: Sequence[str],
) -> Asked:
    """Measure a packet, and the baseline's order, by a question's targets; `held` are all files
    that there are to find."""
    files = packet.files[:CUT]
    ranked = [file.path for file in files]
    given = [file.path for file in files if file.in_packet]
    count = len(question.targets)
    places = [place_of(ranked, target) for target in question.answers]
    there = sum(place_of(held, target) is not None for target in question.targets)
    return Asked(
        language=language,
        category=question.category,
        ours=ndcg([place_of(ranked, target) for target in question.targets], count),
        by_lines=ndcg([place_of_lines(files, target) for target in question.targets], count),
        plain=ndcg([place_of(by_words, target) for target in question.targets], count),
        best=ndcg(list(range(1, there + 1)), count),
        milliseconds=packet.ms["total"],
        first=min((place for place in places if place), default=None),
        given=any(place_of(given, target) for target in question.answers),
    )


def ndcg(places: Sequence[int | None], targets: int) -> float:
    """Return the normalised discounted cumulative gain among the first `CUT` (Järvelin and
    Kekäläinen 2002) of targets at these places, from 1, None where one was not found; a place
    that two targets share counts once."""
    found = {place for place in places if place is not None and place <= CUT}
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(CUT, targets) + 1))
    return sum(1 / math.log2(place + 1) for place in found) / ideal if ideal else 0.0


def place_of(paths: Sequence[str], target: Target) -> int | None:
    """Return the place of the first path that is the target's, from 1, or None."""
    return next((n for n, path in enumerate(paths, 1) if is_same(path, target.path)), None)


def place_of_lines(files: Sequence[RankedFile], target: Target) -> int | None:
    """Return the place of the first file that is the target's, a place in which meets its lines
    where it has any."""
    for number, file in enumerate(files, 1):
        if is_same(file.path, target.path) and (
            target.lines is None
            or any(p.start <= target.lines[1] and p.end >= target.lines[0] for p in file.places)
        ):
            return number
    return None


def summary(asked: Sequence[Asked]) -> dict[str, Any]:
    """Return the means over questions."""
    return {
        "asked": len(asked),
        "ndcg10": round(_ours(asked), 3),
        "ndcg10_lines": round(fmean(one.by_lines for one in asked), 3),
        "first": round(fmean(one.first == 1 for one in asked), 3),
        "among_ten": round(fmean(one.first is not None for one in asked), 3),
        "in_packet": round(fmean(one.given for one in asked), 3),
        "best": round(fmean(one.best for one in asked), 3),
        "brief_ms": spread([one.milliseconds for one in asked]),
        "baseline": {"bm25_whole_files": round(fmean(one.plain for one in asked), 3)},
    }


def by(asked: Sequence[Asked], key: Callable[[Asked], str]) -> dict[str, dict[str, Any]]:
    """Return the means of each group, by name."""
    return {
        group: summary([one for one in asked if key(one) == group])
        for group in sorted(set(map(key, asked)))
    }


def say_row(name: str, row: Mapping[str, Any]) -> None:
    """Print one line of the table."""
    ms = row["brief_ms"]
    index = f"  index {row['index_s']:.1f} s, {row['files']} files" if "index_s" in row else ""
    say(
        f"{name:18} n={row['asked']:<4} ours {row['ndcg10']:.3f} of {row['best']:.3f}  "
        f"BM25 {row['baseline']['bm25_whole_files']:.3f}  first {row['first']:.2f}  among ten "
        f"{row['among_ten']:.2f}  in the packet {row['in_packet']:.2f}  "
        f"ms {ms['p50']:.0f}/{ms['p95']:.0f}{index}"
    )


def say_miss(question: Question, packet: Packet) -> None:
    """Print where the answers stand, and with which signals the files before them do."""
    ranked = [file.path for file in packet.files]
    wanted = ", ".join(f"{t.path} at {place_of(ranked, t) or '-'}" for t in question.answers)
    say(f"  {question.category}: {question.text!r} → {wanted}")
    for place, file in enumerate(packet.files, 1):
        if place <= SHOWN or any(is_same(file.path, target.path) for target in question.answers):
            signals = " ".join(f"{name} {share:.2f}" for name, share in file.signals.items())
            say(f"    {place:>2} {file.path}  {file.score:.3f}: {signals}")


def _ours(asked: Sequence[Asked]) -> float:
    return fmean(one.ours for one in asked)


if __name__ == "__main__":
    sys.exit(main())
