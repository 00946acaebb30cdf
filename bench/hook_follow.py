"""`python -m bench.hook_follow --repo DIR …`: is what refers back to the turn before understood?

The `follow_ups` of `cases/hook_sessions.json` are sessions of two turns, each turn one process of
`satchel-hook` before a daemon, with time enough. Counted is whether the second turn hands over a
right file, as a file or as a test; what the first has handed over already is right too where the
second hands over nothing, since nothing is said twice. A second turn that has nothing to be told
is right where it is silent.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.figures import give, say, stop
from bench.hook import ran
from bench.hook_turns import CASES, PATIENT_MS
from bench.material import Missing, scratch_clone, top_of
from bench.silence import called
from satchel.base import settings
from satchel.base.paths import Home
from satchel.tools.client import Daemon
from satchel.tools.hook import DEADLINE

SHOWN: Final = 100  # characters of a prompt
MADE_READY: Final = "Where are the settings read?"


@dataclass(frozen=True, slots=True)
class Second:
    """A second turn: what it is, whether it refers back, and what it was told.

    `right` is None where nothing is to be handed over. `known`: the first turn has handed over
    a right file, and this one nothing.
    """

    kind: str
    refers: bool
    spoke: bool
    right: bool | None
    known: bool = False


def written(repository: str) -> list[dict[str, Any]]:
    """Return a repository's sessions. `repository` is its name without the owner. Raises Missing
    where none was written for it."""
    told = json.loads(CASES.read_text(encoding="utf-8"))["follow_ups"]
    rows = {row["repository"].rpartition("/")[2]: row["sessions"] for row in told}
    if repository not in rows:
        raise Missing(f"follow-ups are written for {', '.join(rows)}, not for {repository}")
    sessions: list[dict[str, Any]] = rows[repository]
    return sessions


def play(top: Path, sessions: Sequence[dict[str, Any]], show: bool) -> list[Second]:
    """Index a clone and say both turns of each session to the hook."""
    with scratch_clone(top) as (clone, folder):
        home = Home(folder)
        os.environ["SATCHEL_HOME"] = str(folder)
        folder.mkdir(parents=True)
        settings.change(home, DEADLINE, str(PATIENT_MS))
        daemon = Daemon.connect(home)
        try:
            for _ in daemon.stream("/api/index", {"path": str(clone), "accept": True}):
                pass
            ran(clone, MADE_READY, uuid.uuid4().hex)
            return [_said(clone, session, show) for session in sessions]
        finally:
            daemon.stop()


def _said(clone: Path, session: dict[str, Any], show: bool) -> Second:
    name = uuid.uuid4().hex
    first, _ = ran(clone, session["first"], name)
    then, _ = ran(clone, session["then"], name)
    wanted = session["right"]
    holds = any(path in then for path in wanted)
    known = not then and any(path in first for path in wanted)
    turn = Second(session["kind"], session["refers"], bool(then), holds if wanted else None, known)
    if show:
        verdict = "right" if _is_right(turn) else "known" if known else "WRONG"
        say(f"  {verdict}: {session['first'][:SHOWN]!r}, {session['then'][:SHOWN]!r}")
        if verdict == "WRONG":
            say("\n".join(f"      {line[:SHOWN]}" for line in then.splitlines()[2:]))
    return turn


def _is_right(turn: Second) -> bool:
    return not turn.spoke if turn.right is None else turn.right


def figures(turns: Sequence[Second]) -> dict[str, Any]:
    """Count the turns that refer back and those that do not."""

    def of(drawn: Sequence[Second]) -> dict[str, int]:
        due = [turn for turn in drawn if turn.right is not None]
        quiet = [turn for turn in drawn if turn.right is None]
        return {
            "to_speak": len(due),
            "right_file": sum(bool(turn.right) for turn in due),
            "known_already": sum(turn.known for turn in due),
            "silent": sum(not turn.spoke and not turn.known for turn in due),
            "to_be_silent": len(quiet),
            "spoke_wrongly": sum(turn.spoke for turn in quiet),
        }

    return {
        "refers": of([turn for turn in turns if turn.refers]),
        "stands_alone": of([turn for turn in turns if not turn.refers]),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where a repository or its sessions are not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.hook_follow", description=__doc__)
    parser.add_argument("--repo", type=Path, required=True, nargs="+", help="only read")
    parser.add_argument("--show", action="store_true", help="name every session")
    chosen = parser.parse_args(arguments)
    rows: dict[str, Any] = {}
    turns: list[Second] = []
    try:
        for top in map(top_of, chosen.repo):
            drawn = play(top, written(called(top)), chosen.show)
            rows[called(top)] = figures(drawn)
            turns += drawn
    except Missing as missing:
        return stop(str(missing))
    whole = figures(turns)
    for name, row in whole.items():
        say(f"{name}: {row}")
    return give("hook_follow", {"repositories": rows, **whole})


if __name__ == "__main__":
    sys.exit(main())
