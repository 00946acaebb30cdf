"""The child: walk, count, try to leave, and print what came of it as one JSON object."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from satchel.base import witness
from satchel.base.errors import Cancelled
from satchel.prove.kernel import (
    count_lookups,
    raise_loopback,
    read_counters,
    try_to_connect,
    try_to_look_up,
)
from satchel.prove.seen import sort_connections
from satchel.prove.walk import PYTHON, STEP_SECONDS, Step, command, walk

ANSWER_TOKENS = 48


def main(argv: Sequence[str] | None = None) -> int:
    """Walk, count, try to leave, and print one JSON object; or be one of the controls."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("walk", "connect", "lookup"))
    parser.add_argument("scratch", type=Path, nargs="?")
    parser.add_argument("assets", type=Path, nargs="?")
    parser.add_argument("--open", action="store_true")
    args = parser.parse_args(argv)
    if args.what == "connect":
        try_to_connect()
    elif args.what == "lookup":
        try_to_look_up()
    else:
        # How `satchel prove` stops it: once only, so what it does at its end is left in peace.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            print(json.dumps(proof(args.scratch, args.assets, closed=not args.open)))
        except KeyboardInterrupt:
            return Cancelled.exit_status
    return 0


def proof(scratch: Path, assets: Path, closed: bool) -> dict[str, Any]:
    """Walk with a home of its own in `scratch`, and return what was counted and seen.

    Steps are told on standard error as they are done.
    """
    home = scratch / "home"
    home.mkdir(mode=0o700)
    if assets.is_dir():
        (home / "assets").symlink_to(assets)
    (home / "settings.json").write_text(json.dumps({"ask.answer_tokens": ANSWER_TOKENS}))
    seen = scratch / "witness.jsonl"
    environment = {**os.environ, "SATCHEL_HOME": str(home), witness.FILE: str(seen)}

    lookups = False
    if closed:
        raise_loopback()
        lookups = count_lookups(scratch)
    before = now = read_counters()
    steps: list[dict[str, Any]] = []
    try:
        for step in walk(scratch, environment):
            earlier, now = now, read_counters()
            left = now.total - earlier.total
            steps.append({**asdict(step), "left": left if closed else None})
            print(_told(step, left if closed else 0), file=sys.stderr, flush=True)
    finally:
        ended = command(environment, "stop the daemon", "down")
    after = read_counters()
    connections = sort_connections(_lines(seen), str(scratch))
    if not closed:
        environment[witness.REFUSE] = "1"
    control(environment, "connect")
    tried = read_counters()
    control(environment, "lookup")
    looked_up = read_counters()
    both = sort_connections(_lines(seen), str(scratch))["elsewhere"]
    return {
        "steps": [*steps, {**asdict(ended), "left": None}],
        "before": asdict(before),
        "after": asdict(after),
        "control": asdict(tried),
        "control_lookup": asdict(looked_up),
        "lookups_counted": lookups,
        "connections": connections,
        "control_seen": both[len(connections["elsewhere"]) :],
    }


def _told(step: Step, left: int) -> str:
    mark = {True: "done", False: "FAIL", None: "skip"}[step.done]
    line = f"  {mark}  {step.name}  {step.detail}"
    return line + (f"  {left} PACKETS TRIED TO LEAVE" if left else "")


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def control(environment: Mapping[str, str], what: str) -> None:
    """Try on purpose to leave, in a child like every other."""
    subprocess.run(
        [*PYTHON, "satchel.prove", what],
        env={**environment, "RES_OPTIONS": "timeout:1 attempts:1"},
        check=False,
        capture_output=True,
        timeout=STEP_SECONDS,
    )


if __name__ == "__main__":
    sys.exit(main())
