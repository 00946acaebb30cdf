"""`satchel records`: what is remembered, now or at a time; one record whole; secrets among them."""

from __future__ import annotations

import argparse
from typing import Any

from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.base.text import one_line
from satchel.cli import record_lines, render
from satchel.cli.terminal import Terminal
from satchel.cli.workspace import accepted, folder
from satchel.tools.client import Daemon


def records(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """List records, or show one with its history, or look for secrets."""
    narrowed = bool(args.kind or args.status) or args.as_of is not None
    if (args.history is not None) + args.scan + narrowed > 1:
        raise BadInput(
            "usage",
            "--history, --scan and a narrowed list are three different things",
            "ask for one of them",
        )
    if args.history is not None:
        return _history(args, terminal, home)
    return _scan(args, terminal, home) if args.scan else _list(args, terminal, home)


def _list(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    default = "any" if args.as_of is not None else "current"
    body = {"status": args.status or default, "kind": args.kind, "as_of": args.as_of}
    found = _call("/api/records", body, args, terminal, home)
    if terminal.json:
        terminal.answer(found)
        return 0
    if not found["records"]:
        asked = f" as of {one_line(args.as_of, 40)}" if args.as_of else ""
        terminal.show(f"Nothing is remembered here{asked} that fits.")
        return 0
    terminal.show("\n".join(record_lines.table(found["records"], terminal.paint)))
    terminal.show("\n" + terminal.paint("dim", record_lines.tally(found["records"])))
    return 0


def _history(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    told = _call("/api/history", {"id": args.history}, args, terminal, home)
    if terminal.json:
        terminal.answer(told)
    else:
        terminal.show("\n".join(record_lines.history(told, terminal.paint)))
    return 0


def _scan(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Say where secrets stand; mask them where the user says so."""
    found = _call("/api/scan", {}, args, terminal, home)
    hits = found["found"]
    if hits and (terminal.yes or (terminal.answers and not terminal.json)):
        if not terminal.json:
            terminal.say("Secrets stand in:")
            terminal.say("\n".join(record_lines.found_secrets(hits)))
        if terminal.confirm("Mask them in place?", cannot="", instead=""):
            found = _call("/api/scan", {"mask": True}, args, terminal, home)
    if terminal.json:
        terminal.answer(found)
    elif not hits:
        terminal.show("No secret was found in what is kept.")
    elif found["masked"]:
        count = sum(sum(hit["kinds"].values()) for hit in found["found"])
        terminal.show(f"{record_lines.masked(count)} in place; the old bytes are gone.")
    else:
        terminal.show("\n".join(["Secrets stand in:", *record_lines.found_secrets(hits)]))
        terminal.show(f"{render.counted(len(hits), 'place')}; --yes masks them in place.")
    return 1 if hits and not found["masked"] else 0


def _call(
    route: str, body: dict[str, Any], args: argparse.Namespace, terminal: Terminal, home: Home
) -> dict[str, Any]:
    path = folder(args.path)
    daemon = Daemon.connect(home)
    sent = {"path": path, **{name: value for name, value in body.items() if value is not None}}
    return accepted(daemon, path, terminal, lambda: daemon.call("POST", route, sent))
