"""`satchel prove`: start the closed world, and print what the kernel counted in it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from satchel.base.errors import SatchelError
from satchel.base.interrupts import held_back, scratch_folder
from satchel.base.paths import Home
from satchel.base.text import clean, one_line
from satchel.cli import render
from satchel.cli.terminal import PLAIN, Paint, Terminal

CLOSED_WORLD = ("unshare", "--map-root-user", "--net", "--mount")
STOP_SECONDS = 45  # for a child to stop its command (10) and its daemon (15), with room
SHOWN = 20  # connections that are named in the table; --json names all
FAMILIES = (("ipv4", "IPv4"), ("ipv6", "IPv6"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run showed. `proved` needs no escape, a whole walk, and a control that was seen."""

    proved: bool
    method: str  # "kernel" or "witness"
    escapes: int
    sentence: str


def prove(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Run the whole walk where only loopback exists; exit 0 only for a proof."""
    why_not = closed_world_refused()
    if why_not and not terminal.json:
        terminal.say(
            f"The kernel cannot be the witness here ({why_not}). Falling back to what Python sees:"
        )
    elif not terminal.json:
        terminal.say("Walking in a network namespace where only loopback exists:")
    with scratch_folder("satchel-prove-") as scratch:
        result = _child(scratch, home, closed=not why_not)
    verdict = judge(result, "witness" if why_not else "kernel")
    if terminal.json:
        terminal.answer(
            {
                "proved": verdict.proved,
                "method": verdict.method,
                "escapes": verdict.escapes,
                "verdict": verdict.sentence,
                "no_closed_world_because": why_not,
                **result,
            }
        )
    else:
        terminal.show("\n".join(table(result, verdict, terminal.paint)))
    return 0 if verdict.proved else 1


def closed_world_refused() -> str | None:
    """Try an empty program in a closed world; return None, or why that was refused."""
    if not sys.platform.startswith("linux"):
        return f"this is {sys.platform}, and the proof needs Linux"
    try:
        done = subprocess.run(
            [*CLOSED_WORLD, "true"], capture_output=True, text=True, check=False, timeout=30
        )
    except FileNotFoundError:
        return "`unshare` of util-linux is not installed"
    except subprocess.TimeoutExpired:
        return "`unshare` did not end"
    if done.returncode:
        return one_line(done.stderr) or f"`unshare` ended with status {done.returncode}"
    return None


def _child(scratch: Path, home: Home, closed: bool) -> dict[str, Any]:
    """Run satchel.prove; its steps show on standard error as they are done.

    Ctrl-C at the terminal is for this process alone. It has the child stop what it started, and
    waits until it has: nobody could reach that afterwards.
    """
    words = [sys.executable, "-P", "-m", "satchel.prove", "walk", str(scratch), str(home.assets)]
    words = [*CLOSED_WORLD, *words] if closed else [*words, "--open"]
    with held_back():
        child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        out, _ = child.communicate()
    except KeyboardInterrupt:
        with held_back():
            child.terminate()
            try:
                child.communicate(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
        raise
    if child.returncode:
        raise SatchelError(
            "walk-failed",
            f"the walk itself failed with status {child.returncode}, so it proves nothing",
            "run `satchel doctor`, then try again",
        )
    result: dict[str, Any] = json.loads(out)
    return result


# --- what it shows ----------------------------------------------------------------------------


def judge(result: Mapping[str, Any], method: str) -> Verdict:
    """Decide what a run proves. Pure."""
    steps = result["steps"]
    failed = [step["name"] for step in steps if step["done"] is False]
    left_out = [step["name"] for step in steps if step["done"] is None]
    elsewhere = list(result["connections"]["elsewhere"])
    if method == "kernel":
        counted = [name for name, _ in FAMILIES if result["before"][name] is not None]
        escapes = sum(result["after"][name] - result["before"][name] for name in counted)
        control = bool(counted) and all(
            result["control"][name] > result["after"][name] for name in counted
        )
        seen = "packets tried to leave this machine, by the kernel's own count"
    else:
        escapes = len(elsewhere)
        control = bool(result["control_seen"])
        seen = "connections left loopback, as far as Python saw (native code is not seen)"
    if failed:
        sentence = f"Not proved: these steps failed: {', '.join(failed)}."
    elif escapes:
        sentence = f"NOT private: {escapes} {seen}."
    elif not control:
        sentence = "Not proved: the control was not counted, so a count of 0 says nothing."
    else:
        sentence = f"0 {seen}; the control, which tried on purpose, was counted."
        if left_out:
            sentence += f" Not walked: {', '.join(left_out)}."
    return Verdict(not failed and not escapes and control, method, escapes, clean(sentence))


def table(result: Mapping[str, Any], verdict: Verdict, paint: Paint = PLAIN) -> list[str]:
    """The counters before and after, the control, and the verdict."""
    lines = [""]
    if verdict.method == "kernel":
        rows = [
            [f"{label} packets without a route", *_counts(result, name)]
            for name, label in FAMILIES
            if result["before"][name] is not None
        ]
        head = ["the kernel's count", "before", "after the walk", "after the control"]
        lines += render.table(head, rows, paint)
        lookups = "counted like any packet" if result["lookups_counted"] else "NOT counted here"
        lines.append(paint("dim", f"name lookups: {lookups}"))
    connections = result["connections"]
    lines.append(
        paint(
            "dim",
            f"seen by Python besides: {len(connections['loopback'])} connections to loopback, "
            f"{len(connections['unix'])} to the daemon's own socket, "
            f"{len(connections['elsewhere'])} elsewhere",
        )
    )
    named: Sequence[str] = connections["elsewhere"]
    if verdict.method == "witness":
        named = [*named, *sorted(set(connections["loopback"] + connections["unix"]))]
    lines += [f"  {one_line(line)}" for line in named[:SHOWN]]
    if len(named) > SHOWN:
        lines.append(f"  and {len(named) - SHOWN} more (--json names them all)")
    style = "good" if verdict.proved else "bad"
    return [*lines, "", paint(style, verdict.sentence)]


def _counts(result: Mapping[str, Any], name: str) -> list[str]:
    return [str(result[when][name]) for when in ("before", "after", "control_lookup")]
