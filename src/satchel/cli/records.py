"""`satchel remember`, `recall`, `forget`: what the user wants kept, found and dropped."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.base.text import clean, one_line
from satchel.cli import render
from satchel.cli.terminal import PLAIN, Paint, Terminal
from satchel.cli.workspace import accepted, folder, text_of
from satchel.tools.client import Daemon


def remember(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Keep a record for this workspace, or everywhere."""
    body: dict[str, Any] = {"text": text_of(args.text, terminal, "record")}
    if args.kind:
        body["kind"] = args.kind
    if args.files:
        body["globs"] = args.files
    path = folder(args.path)
    if not args.everywhere:
        body["path"] = path
    daemon = Daemon.connect(home)
    kept = accepted(daemon, path, terminal, lambda: daemon.call("POST", "/api/remember", body))
    if terminal.json:
        terminal.answer(kept)
        return 0
    record = kept["record"]
    where = clean(str(record.get("workspace", path)))
    kind = clean(str(record.get("kind", "record")))
    terminal.show(f"Remembered as {kind} {clean(str(record['id']))} (holds in: {where}).")
    for conflict in kept.get("conflicts", ()):
        terminal.show("\n".join(disagreement(conflict, terminal.paint)))
    return 0


def recall(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Find records, best first."""
    path = folder(args.path)
    query = text_of(args.query, terminal, "query") if args.query else ""
    body = {"query": query, "path": path, "limit": args.limit}
    daemon = Daemon.connect(home)
    found = accepted(daemon, path, terminal, lambda: daemon.call("POST", "/api/recall", body))
    if terminal.json:
        terminal.answer(found)
        return 0
    if not found["records"]:
        terminal.show("Nothing is remembered here that fits.")
    else:
        terminal.show("\n".join(listed(found["records"], terminal.paint)))
    return 0


def forget(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Drop a record by its id, or the conversations held in this folder."""
    if bool(args.id) == args.conversation:
        raise BadInput(
            "usage", "name one record, or --conversation", "`satchel recall` prints the ids"
        )
    body: dict[str, Any] = {"path": folder(args.path)}
    body |= {"conversations": True} if args.conversation else {"id": args.id}
    gone = Daemon.connect(home).call("POST", "/api/forget", body)
    if terminal.json:
        terminal.answer(gone)
    else:
        turns = render.counted(gone["forgotten_turns"], "turn") if args.conversation else ""
        what = f"the conversations held here ({turns})" if args.conversation else args.id
        terminal.show(f"Forgotten: {clean(what)}.")
    return 0


def listed(records: Sequence[Mapping[str, Any]], paint: Paint = PLAIN) -> list[str]:
    """Records for a person: what it is, since when, its text, why it fits, where it is from."""
    lines = []
    for record in records:
        head = [str(record.get(name) or "") for name in ("id", "kind")]
        date = str(record.get("date") or record.get("valid_from") or "")[:10]
        lines.append(paint("head", one_line("  ".join([*head, date]))))
        lines += [f"  {line}" for line in clean(str(record.get("text", ""))).splitlines()]
        why = [
            f"{label}: {one_line(str(record[name]))}"
            for label, name in (("why", "reason"), ("from", "source"))
            if record.get(name)
        ]
        if why:
            lines.append("  " + paint("dim", " · ".join(why)))
    return lines


def disagreement(conflict: Mapping[str, Any], paint: Paint = PLAIN) -> list[str]:
    """Two statements that contradict each other, both with their dates."""
    lines = [paint("poor", f"This contradicts: {one_line(str(conflict.get('reason', '')))}")]
    for date, text in zip(conflict["dates"], conflict["statements"], strict=True):
        lines.append(f"  {str(date)[:10]}  {one_line(str(text))}")
    return lines
