"""`python -m bench.alarms --repo DIR …`: how often is a conflict raised where hardly any is one?

What a repository's team committed seldom contradicts what that same team wrote down. So its newest
commits, by their messages and by their diffs, are asked as requests beside what is mined out of its
decision records, rules files, manifests and history as they stand now: whatever is raised is nearly
always a false alarm, and the share that is not wrong is not told here (`bench.conflicts` does).

Beside it, on the same requests: BM25 over the records that hold, the first one above the threshold
at which it is best on the developed cases of `bench.conflicts`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.bm25 import Bm25
from bench.conflicts import CASES, DEVELOPED, best_threshold, judge
from bench.figures import give, say, stop
from bench.intervals import with_interval
from bench.material import Missing, as_request, messages, scratch_clone, top_of
from bench.repositories import git
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.wiring import Satchel

LONGEST: Final = 30_000  # characters of a diff: of a longer one nobody asks at once


@dataclass(frozen=True, slots=True)
class Asked:
    """A commit as it was asked: by its diff or its message, what was raised, and BM25's score of
    the record that it puts first."""

    by_diff: bool
    text: str
    raised: tuple[str, ...]
    plain: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 with the reason where something is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.alarms", description=__doc__)
    parser.add_argument("--repo", type=Path, nargs="+", required=True, help="git repositories")
    parser.add_argument("--n", type=int, default=60, help="commits of each (default: 60)")
    parser.add_argument("--show", action="store_true", help="tell what was raised")
    chosen = parser.parse_args(arguments)
    rows: dict[str, Any] = {}
    every: list[Asked] = []
    threshold = plain_threshold()
    try:
        for top in map(top_of, chosen.repo):
            asked = list(commits_asked(top, chosen.n))
            every += asked
            name = top.parent.name if top.name == "repo" else top.name
            rows[name] = figures(asked, threshold)
            say(f"{name:32} {rows[name]}")
            for one in asked if chosen.show else ():
                for why in one.raised:
                    say(f"  {'diff' if one.by_diff else 'message'} {one.text[:80]!r}: {why}")
    except Missing as missing:
        return stop(str(missing))
    return give("alarms", {"repositories": rows, "all": figures(every, threshold)})


def commits_asked(top: Path, count: int) -> Iterator[Asked]:
    """Index a clone, with what is mined there, and ask for its newest commits."""
    with scratch_clone(top) as (clone, folder):
        folder.mkdir(parents=True)
        satchel = Satchel(Home(folder), Settings({}))
        satchel.index(str(clone), lambda _: None, True)
        held = satchel.memory.records(str(clone), status="active")
        plain = Bm25([record.text for record in held])
        for message in messages(clone, count):
            request = as_request(message, with_body=False)
            shown = git(clone, "show", "--format=", "--no-color", message.sha)
            for text, diff in ((request, None), ("", shown)):
                if text or 0 < len(shown) <= LONGEST:
                    packet = satchel.brief(text, str(clone), diff=diff)
                    raised = tuple(
                        f"{one.statements[0][:160]!r}: {one.reason}" for one in packet.conflicts
                    )
                    best = max(plain.scores(text or shown), default=0.0)
                    yield Asked(diff is not None, request, raised, best)
        satchel.close()


def figures(asked: Sequence[Asked], threshold: float) -> dict[str, Any]:
    """Return the shares of messages and of diffs for which something was raised."""
    found = {}
    for kind, of in (
        ("messages", [one for one in asked if not one.by_diff]),
        ("diffs", [one for one in asked if one.by_diff]),
    ):
        found[kind] = {
            "asked": len(of),
            "alarms": with_interval(of, lambda drawn: _share([bool(o.raised) for o in drawn])),
            "bm25": with_interval(of, lambda drawn: _share([o.plain >= threshold for o in drawn])),
        }
    return found


def _share(of: Sequence[bool]) -> float:
    return sum(of) / max(len(of), 1)


def plain_threshold() -> float:
    """Return the score from which BM25 is best on the developed cases of `bench.conflicts`."""
    files = (json.loads((CASES / f"{name}.json").read_text("utf-8")) for name in DEVELOPED)
    cases = [case for file in files for case in judge("", file["projects"])]
    return best_threshold(cases)


if __name__ == "__main__":
    sys.exit(main())
