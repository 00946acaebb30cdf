"""`python -m bench.peers --repos DIR`: Satchel beside other local code-context tools, in one run.

Each tool reads each repository at the commit before the change and ranks files for the issue; only
source files that are no tests, of the suffixes that the dataset's files have, are counted, as in
`bench.localise`, whose draw this takes. Beside the ranking, at the tool's own defaults: what it
prints for a model, in tokens by our estimate, and how long that takes, asked warm where it has a
server. Each works on a clone and in a home of its own. A tool that fails on an issue has missed it.

With `--install` each peer is put into an environment of its own by the user's own pip, below
`--environments`; nothing is added to ours. Each is first tried on a repository of two files: one
that cannot be installed, or cannot run there, is reported with what it says, and so is one that
wants a model or a program from a place that cannot be reached.
"""

from __future__ import annotations

import argparse
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.figures import give, lap, say, spread, stop
from bench.localise import CUTS, Drawn, draw, in_order
from bench.material import Missing, Task, check_out, scratch_clone
from bench.peer_tools.installing import install, installed
from bench.peer_tools.known import KNOWN, Peer
from bench.peer_tools.lines import Failed, OutOfTime
from bench.peer_tools.place import Place, Session
from bench.peer_tools.processes import Peak
from bench.peer_tools.ranking import sources
from bench.repositories import cache_folder, git
from bench.scores import Answer, reached
from satchel.context import tokens

TASKS = 50
RANKED = "ranked"  # the one way of an answer here: each peer has its own answers
INDEX_SECONDS = 600
ASK_SECONDS = 180
TRY_SECONDS = 90  # of anything on the two files: whoever waits longer waits for a network
TRIED = {
    "carts.py": "def total_price(cart):\n    return sum(item.price for item in cart)\n",
    "ships.py": "def send_parcel(address):\n    return address.street\n",
}
TRIED_REQUEST = "`total_price` is wrong for an empty cart"


@dataclass(frozen=True, slots=True)
class Asked:
    """How one task went: the files, the milliseconds and tokens of an answer at the defaults,
    the seconds of bringing the index to the commit, and whether there was none before."""

    answer: Answer
    ask_ms: float
    tokens: int
    index_s: float
    fresh: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all peers: the folder of their environments, the suffixes that are ranked,
    and the seconds that an index and an answer may take."""

    environments: Path
    suffixes: frozenset[str]
    index_seconds: float
    ask_seconds: float


@dataclass(slots=True)
class Tally:
    """What one peer did. `why_not` is set where it cannot run here at all; `missed` are tasks that
    it failed on, by its reason."""

    peer: Peer
    versions: Mapping[str, str] = field(default_factory=dict)
    why_not: str | None = None
    asked: list[Asked] = field(default_factory=list)
    missed: list[tuple[Task, str]] = field(default_factory=list)
    peak_mb: float = 0.0

    def answers(self) -> list[Answer]:
        """Return how every task went; one that it failed on got no file."""
        none = [Answer(frozenset(task.files), {RANKED: ()}) for task, _ in self.missed]
        return [one.answer for one in self.asked] + none


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where no task can be asked."""
    names = [peer.name for peer in KNOWN]
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--dataset", default="swebench_lite.json", help="a path, or its name there")
    parser.add_argument("--repos", type=Path, required=True, help="a folder of clones")
    parser.add_argument("--n", type=int, default=TASKS, help="how many tasks, drawn with a seed")
    parser.add_argument("--repo-filter", default="", help="only repositories whose name has this")
    parser.add_argument("--peers", default=",".join(names), help="some of " + ", ".join(names))
    parser.add_argument("--install", action="store_true", help="install what is not there")
    parser.add_argument("--python", default=sys.executable, help="what makes their environments")
    parser.add_argument("--environments", type=Path, default=cache_folder() / "peers")
    parser.add_argument("--index-seconds", type=float, default=INDEX_SECONDS)
    parser.add_argument("--ask-seconds", type=float, default=ASK_SECONDS)
    chosen = parser.parse_args(arguments)
    wanted = chosen.peers.split(",")
    if unknown := sorted(set(wanted) - set(names)):
        return stop(f"no such peer: {', '.join(unknown)}; there are {', '.join(names)}")
    try:
        drawn = draw(chosen.dataset, chosen.repos, chosen.n, chosen.repo_filter)
        terms = Terms(
            chosen.environments.resolve(),
            drawn.suffixes,
            chosen.index_seconds,
            chosen.ask_seconds,
        )
        tallies = [Tally(peer) for peer in KNOWN if peer.name in wanted]
        with lap() as whole:
            for tally in tallies:
                prepare(tally, terms, chosen.python if chosen.install else None)
            absent: dict[str, str] = {}
            for name, clone in drawn.clones.items():
                mine = in_order(clone, [task for task in drawn.tasks if task.repository == name])
                mine = whole_ones(clone, mine, absent)
                for tally in tallies:
                    if mine and tally.why_not is None:
                        with lap() as taken:
                            ask(tally, clone, mine, terms)
                        say(f"  {name}, {tally.peer.name}: {taken.seconds:.0f} s")
    except Missing as missing:
        return stop(str(missing))
    return report(tallies, drawn, absent, whole.seconds)


def prepare(tally: Tally, terms: Terms, python: str | None) -> None:
    """Install a peer with an interpreter, where one is given, and try it on two files; note why it
    cannot run."""
    peer = tally.peer
    try:
        if peer.environment is not None:
            folder = terms.environments / peer.environment
            if python is not None:
                install(folder, peer.requirements, python)
            tally.versions = installed(folder, peer.requirements)
            if not tally.versions:
                raise Failed("it is not installed; try --install")
        briefly = replace(terms, index_seconds=TRY_SECONDS, ask_seconds=TRY_SECONDS)
        with (
            TemporaryDirectory(prefix="satchel-bench-") as scratch,
            opened(tally, two_files(Path(scratch)), briefly) as session,
        ):
            session.index()
            session.ask(TRIED_REQUEST)
            if "carts.py" not in session.rank(TRIED_REQUEST):
                raise Failed("of two files it did not find the one that defines the name")
    except Failed as failed:
        tally.why_not = str(failed)
        say(f"  {peer.name} cannot be run: {failed}")
    tally.peak_mb = 0.0


def two_files(folder: Path) -> Path:
    """Make a repository in which there is one right answer."""
    top = folder / "tried"
    top.mkdir()
    for name, text in TRIED.items():
        (top / name).write_text(text, encoding="utf-8")
    git(top, "init", "--quiet")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--no-verify", "--message", "Sell things")
    return top


@contextmanager
def opened(tally: Tally, clone: Path, terms: Terms) -> Iterator[Session]:
    """Open a peer on a clone, in a home beside it, and watch what it holds."""
    mark = uuid.uuid4().hex
    peak = Peak(mark)
    environment = tally.peer.environment
    place = Place(
        clone=clone,
        home=clone.with_name("home"),
        environment=terms.environments / environment if environment else Path(sys.prefix),
        mark=mark,
        peak=peak,
        suffixes=terms.suffixes,
        index_seconds=terms.index_seconds,
        ask_seconds=terms.ask_seconds,
    )
    place.home.mkdir(mode=0o700)
    try:
        with peak.watching(), tally.peer.opened(place) as session:
            yield session
    finally:
        tally.peak_mb = max(tally.peak_mb, peak.mb)


def whole_ones(repository: Path, mine: Sequence[Task], absent: dict[str, str]) -> list[Task]:
    """Return the tasks whose commit can be checked out; note why the others cannot."""
    whole = []
    with scratch_clone(repository) as (clone, _):
        for task in mine:
            try:
                check_out(clone, task.commit)
                whole.append(task)
            except Missing as missing:
                absent[task.id] = str(missing)
    return whole


def ask(tally: Tally, repository: Path, mine: Sequence[Task], terms: Terms) -> None:
    """Ask a repository's tasks one after the other. One that ran out of time is not waited for
    again in this repository."""
    left = list(mine)
    fresh = True
    with scratch_clone(repository, mine[0].commit) as (clone, _):
        try:
            with opened(tally, clone, terms) as session:
                while left:
                    check_out(clone, left[0].commit)
                    try:
                        tally.asked.append(ask_one(session, left[0], terms.suffixes, fresh))
                        fresh = False
                    except OutOfTime:
                        raise
                    except Failed as failed:
                        miss(tally, left[:1], str(failed))
                    left.pop(0)
        except Failed as failed:
            miss(tally, left, str(failed))


def ask_one(session: Session, task: Task, suffixes: frozenset[str], fresh: bool) -> Asked:
    """Index, ask at the defaults and take the ranking; raises Failed."""
    with lap() as indexed:
        session.index()
    with lap() as asking:
        printed = session.ask(task.request)
    ranked = sources(session.rank(task.request), suffixes)
    return Asked(
        answer=Answer(frozenset(task.files), {RANKED: ranked[: max(CUTS)]}),
        ask_ms=asking.seconds * 1000,
        tokens=tokens.count(printed),
        index_s=indexed.seconds,
        fresh=fresh,
    )


def miss(tally: Tally, missed: Sequence[Task], why: str) -> None:
    """Note tasks that a peer failed on."""
    for task in missed:
        tally.missed.append((task, why))
        say(f"  {tally.peer.name}, {task.id}: {why}")


def report(
    tallies: Sequence[Tally], drawn: Drawn, absent: Mapping[str, str], seconds: float
) -> int:
    """Print what each peer reached."""
    rows = {tally.peer.name: row_of(tally) for tally in tallies}
    say(f"{'':16} {HEAD}")
    for name, row in rows.items():
        say(f"{name:16} {line_of(row)}")
    figures = {
        "tasks": len(drawn.tasks) - len(absent),
        "of": drawn.of,
        "absent": drawn.absent,
        "failed": dict(absent),
        "peers": rows,
        "seconds": seconds,
    }
    return give("peers", figures)


HEAD = (
    "  @1   @3   @5  @10  (95% of @1, @10)            ms p50    p95"
    "  tokens  index s, next     MB  failed"
)


def row_of(tally: Tally) -> dict[str, Any]:
    """Return a peer's figures; only the reason where it cannot run."""
    peer = tally.peer
    row: dict[str, Any] = {"versions": dict(tally.versions)}
    if tally.why_not is not None:
        return {**row, "cannot_run": tally.why_not}
    if not tally.asked:
        return {**row, "cannot_run": f"it failed on every task: {tally.missed[0][1]}"}
    fresh = [one.index_s for one in tally.asked if one.fresh]
    later = [one.index_s for one in tally.asked if not one.fresh]
    seconds = {"full": spread(fresh), "incremental": spread(later) if later else None}
    return {
        **row,
        **reached(tally.answers(), RANKED, CUTS),
        "ask_ms": spread([one.ask_ms for one in tally.asked]),
        "tokens": spread([one.tokens for one in tally.asked]) if peer.prints else None,
        "index_s": seconds if peer.indexes else None,
        "peak_mb": tally.peak_mb,
        "failed": {task.id: why for task, why in tally.missed},
    }


def line_of(row: Mapping[str, Any]) -> str:
    """Write a peer's figures on one line."""
    if "cannot_run" in row:
        return f"cannot be run here: {row['cannot_run']}"
    shares = " ".join(f"{value:4.0f}" for value in row["accuracy"].values())
    ends = (row["intervals"][f"@{cut}"] for cut in (CUTS[0], CUTS[-1]))
    sure = ", ".join(f"{low:.0f} to {high:.0f}" for low, high in ends)
    tokens_p50 = f"{row['tokens']['p50']:7.0f}" if row["tokens"] else f"{'paths':>7}"
    index = row["index_s"]
    seconds = "none"
    if index:
        later = f"{index['incremental']['p50']:.1f}" if index["incremental"] else "-"
        seconds = f"{index['full']['p50']:.1f}, {later}"
    return (
        f"{shares}  {f'({sure})':24} {row['ask_ms']['p50']:9.1f} {row['ask_ms']['p95']:6.0f} "
        f"{tokens_p50}  {seconds:>14} {row['peak_mb']:6.0f}  {len(row['failed'])}"
    )


if __name__ == "__main__":
    sys.exit(main())
