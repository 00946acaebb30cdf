"""`satchel confirm`, `pin`, `supersede`, `conflicts`: what the user settles about records."""

from __future__ import annotations

import argparse
from typing import Any

from satchel.base.paths import Home
from satchel.base.text import one_line
from satchel.cli import record_lines, render
from satchel.cli.terminal import Terminal
from satchel.cli.workspace import accepted, folder, text_of
from satchel.tools.client import Daemon


def confirm(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Stand by what was mined, or what an agent proposed."""
    body = {"ids": args.id, "path": folder(args.path)}
    told = Daemon.connect(home).call("POST", "/api/confirm", body)
    if terminal.json:
        terminal.answer(told)
        return 0
    for kept in told["confirmed"]:
        record = kept["record"]
        terminal.show(f"Confirmed: {_named(record)}")
        lines = record_lines.ended(kept, terminal.paint)
        for conflict in kept["conflicts"]:
            lines += record_lines.disagreement(conflict, terminal.paint)
        if lines:
            terminal.show("\n".join(lines))
    return 0


def pin(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Have records in every briefing that is not empty, or no more."""
    body: dict[str, Any] = {"ids": args.id, "path": folder(args.path), "off": args.off}
    told = Daemon.connect(home).call("POST", "/api/pin", body)
    if terminal.json:
        terminal.answer(told)
        return 0
    for record in told["records"]:
        terminal.show(f"{'No longer pinned' if args.off else 'Pinned'}: {_named(record)}")
    return 0


def supersede(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Let one record take another's place; a text is remembered first."""
    new = text_of(args.new, terminal, "record")
    body = {"old": args.old, "new": new, "path": folder(args.path)}
    kept = Daemon.connect(home).call("POST", "/api/supersede", body)
    if terminal.json:
        terminal.answer(kept)
        return 0
    lines = [f"Now holds: {_named(kept['record'])}", *record_lines.ended(kept, terminal.paint)]
    if kept["masked"]:
        lines.append(f"{record_lines.masked(kept['masked'])} before it was kept.")
    for conflict in kept["conflicts"]:
        lines += record_lines.disagreement(conflict, terminal.paint)
    terminal.show("\n".join(lines))
    return 0


def conflicts(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Find records that contradict each other."""
    path = folder(args.path)
    daemon = Daemon.connect(home)
    body = {"path": path}
    told = accepted(daemon, path, terminal, lambda: daemon.call("POST", "/api/conflicts", body))
    if terminal.json:
        terminal.answer(told)
        return 0
    found = told["conflicts"]
    if not found:
        terminal.show("No two records contradict each other.")
        return 0
    told_once = record_lines.disagreements(found, terminal.paint)
    for lines in told_once:
        terminal.show("\n".join([*lines, ""]))
    terminal.show(render.counted(len(told_once), "contradiction") + ".")
    return 0


def _named(record: dict[str, Any]) -> str:
    return f"{one_line(str(record['kind']))} {one_line(str(record['id']))}: " + one_line(
        str(record["text"])
    )
