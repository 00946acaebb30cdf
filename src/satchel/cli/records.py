"""`satchel remember`, `recall`, `forget`: what the user wants kept, found and dropped."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from typing import Any

from satchel.base.errors import BadInput, Cancelled
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
    if kept.get("masked"):
        terminal.show(f"{masked(kept['masked'])} before it was kept.")
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
    """Drop a record by its id, the conversations held in this folder, or the folder itself."""
    if bool(args.id) + args.conversation + (args.folder is not None) != 1:
        raise BadInput(
            "usage",
            "name one record, or --conversation, or --folder",
            "`satchel recall` prints the ids",
        )
    if args.folder is not None:
        return forget_folder(args.folder, terminal, home)
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


def forget_folder(given: str, terminal: Terminal, home: Home) -> int:
    """Show what is kept of a folder, ask, and delete it; the folder itself may be gone."""
    body = {"folder": os.path.abspath(os.path.expanduser(given))}  # noqa: PTH100, PTH111
    daemon = Daemon.connect(home)
    kept = daemon.call("POST", "/api/forget", {**body, "dry_run": True})
    top = clean(str(kept["workspace"]))
    if not terminal.json:
        terminal.say("\n".join(goes(kept, terminal.paint_err)))
    if not terminal.confirm(
        "Delete all of this?",
        cannot=f"nobody is here to be asked whether to forget {top}",
        instead="add --yes to forget it",
    ):
        raise Cancelled("kept", "nothing was forgotten", "say yes to forget it")
    gone = daemon.call("POST", "/api/forget", body)
    if terminal.json:
        terminal.answer(gone)
    else:
        terminal.show(f"Forgotten: {top}. It is not read again until you index it.")
    return 0


def masked(count: int) -> str:
    """Say how many secrets were masked: "1 secret was masked"."""
    return f"{render.counted(count, 'secret')} {'was' if count == 1 else 'were'} masked"


def goes(kept: Mapping[str, Any], paint: Paint = PLAIN) -> list[str]:
    """What goes with a folder that is forgotten."""
    if kept["records"] is None:
        held = "records that cannot be read"
    else:
        turns = render.counted(kept["turns"], "turn of conversation", "turns of conversation")
        held = f"{render.counted(kept['records'], 'record')}, {turns}"
    return [
        f"{paint('head', 'Kept of ' + clean(str(kept['workspace'])))}, and deleted with your leave "
        "to read it:",
        f"  its index, {held} ({render.size(kept['bytes'])} in all)",
        "  The folder itself is not touched.",
    ]


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
