"""The user's turns of sessions through the hook: is it silent where it should be, and only there?

The sessions of `cases/hook_sessions.json` were written for a checkout of each repository that they
name. Each turn is one process of `satchel-hook` before a daemon, with time enough: what comes too
late is counted by `bench.hook`. A session's turns share its id, so what was handed over is not
handed over again.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.figures import say
from bench.hook import ran
from bench.intervals import with_interval
from bench.material import Missing, scratch_clone
from satchel.base import settings
from satchel.base.paths import Home
from satchel.tools.client import Daemon
from satchel.tools.hook import DEADLINE

CASES: Final = Path(__file__).parent / "cases" / "hook_sessions.json"
HELD_OUT: Final = "held out"
PATIENT_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Turn:
    """What a user said, whether this workspace has something to say to it, and whether it did."""

    half: str
    kind: str
    should: bool
    spoke: bool

    @property
    def is_wrong(self) -> bool:
        """Whether it spoke where it should not, or did not where it should."""
        return self.should != self.spoke


def written(repository: str) -> tuple[str, list[list[dict[str, Any]]]]:
    """Return the half that a repository's sessions belong to, and their turns. `repository` is its
    name without the owner. Raises Missing where no session was written for it."""
    told = json.loads(CASES.read_text(encoding="utf-8"))["repositories"]
    rows = {row["repository"].rpartition("/")[2]: row for row in told}
    if repository not in rows:
        raise Missing(f"sessions are written for {', '.join(rows)}, not for {repository}")
    return rows[repository]["half"], rows[repository]["sessions"]


def play(top: Path, repository: str, assets: Path | None, show: bool) -> list[Turn]:
    """Index a clone and say every turn to the hook. What went wrong is named where `show` has it,
    but never of what is held out."""
    half, sessions = written(repository)
    with scratch_clone(top) as (clone, folder):
        home = Home(folder)
        os.environ["SATCHEL_HOME"] = str(folder)
        folder.mkdir(parents=True)
        if assets is not None:
            home.assets.symlink_to(assets.resolve(strict=True))
        settings.change(home, DEADLINE, str(PATIENT_MS))
        daemon = Daemon.connect(home)
        try:
            for _ in daemon.stream("/api/index", {"path": str(clone), "accept": True}):
                pass
            turns = []
            for session in sessions:
                name = uuid.uuid4().hex
                for turn in session:
                    text, _ = ran(clone, turn["text"], name)
                    turns.append(Turn(half, turn["kind"], turn["speaks"], bool(text)))
                    if show and turns[-1].is_wrong and half != HELD_OUT:
                        say(f"  {'spoke' if text else 'silent'}: {turn['text'][:100]!r}")
        finally:
            daemon.stop()
    return turns


def figures(turns: Sequence[Turn]) -> dict[str, Any]:
    """Return the shares that spoke wrongly and rightly, and what went wrong by kind of turn."""
    quiet = [turn for turn in turns if not turn.should]
    due = [turn for turn in turns if turn.should]

    def spoken(drawn: Sequence[Turn]) -> float:
        return sum(turn.spoke for turn in drawn) / max(len(drawn), 1)

    return {
        "to_be_silent": len(quiet),
        "spoke_wrongly": with_interval(quiet, spoken),
        "to_speak": len(due),
        "spoke_rightly": with_interval(due, spoken),
        "wrong_of": {
            kind: [sum(turn.is_wrong for turn in of), len(of)]
            for kind in sorted({turn.kind for turn in turns})
            if (of := [turn for turn in turns if turn.kind == kind])
        },
    }


def measure(tops: Sequence[tuple[Path, str]], assets: Path | None, show: bool) -> dict[str, Any]:
    """Play the sessions of each repository (its folder, its name); return figures by repository and
    by half."""
    rows: dict[str, Any] = {}
    halves: dict[str, list[Turn]] = {}
    for top, name in tops:
        turns = play(top, name, assets, show)
        halves.setdefault(turns[0].half, []).extend(turns)
        rows[name] = {"half": turns[0].half, **figures(turns)}
        _say(name, rows[name])
    found = {half: figures(turns) for half, turns in halves.items()}
    for half, row in found.items():
        _say(half, row)
    return {"repositories": rows, "halves": found}


def _say(name: str, row: dict[str, Any]) -> None:
    wrong, right = row["spoke_wrongly"], row["spoke_rightly"]
    say(
        f"{name:12} spoke at {wrong['value']:.1f} {wrong['interval']} of {row['to_be_silent']}"
        f" turns where it should not, at {right['value']:.1f} {right['interval']} of"
        f" {row['to_speak']} where it should; wrong of each kind: {row['wrong_of']}"
    )
