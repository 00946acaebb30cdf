"""`satchel remember`, `recall`, `forget`: what the user wants kept, found and dropped."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import Any

from satchel.base.errors import BadInput, Cancelled
from satchel.base.paths import Home
from satchel.base.text import clean, one_line
from satchel.cli import record_lines, render
from satchel.cli.terminal import PLAIN, Paint, Terminal
from satchel.cli.workspace import accepted, folder, text_of
from satchel.tools.client import Daemon


def remember(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Keep a record for this workspace, or everywhere."""
    path = folder(args.path)
    given = {
        "text": text_of(args.text, terminal, "record"),
        "kind": args.kind,
        "globs": args.files,
        "subject": args.about,
        "aliases": args.aliases,
        "pinned": args.pin,
        "open": args.open,
        "since": args.since,
        "supersedes": args.supersedes,
        "everywhere": args.everywhere,
        "path": path,
    }
    body = {name: value for name, value in given.items() if value or value == ""}
    daemon = Daemon.connect(home)
    kept = accepted(daemon, path, terminal, lambda: daemon.call("POST", "/api/remember", body))
    if terminal.json:
        terminal.answer(kept)
    else:
        terminal.show("\n".join(record_lines.remembered(kept, path, terminal.paint)))
    return 0


def recall(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Find records, best first."""
    path = folder(args.path)
    query = text_of(args.query, terminal, "query") if "".join(args.query).strip() else ""
    body: dict[str, Any] = {"query": query, "path": path, "limit": args.limit}
    if args.as_of is not None:
        body["as_of"] = args.as_of
    if args.all:
        body["all"] = True
    daemon = Daemon.connect(home)
    found = accepted(daemon, path, terminal, lambda: daemon.call("POST", "/api/recall", body))
    if terminal.json:
        terminal.answer(found)
    elif not found["records"]:
        then = f" as of {one_line(args.as_of, 40)}" if args.as_of else ""
        terminal.show(f"Nothing is remembered here that fits{then}.")
    else:
        terminal.show("\n".join(record_lines.listed(found["records"], terminal.paint)))
    return 0


def forget(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Drop records by their ids, the conversations held in this folder, or the folder itself."""
    given = [
        name
        for name, is_given in (
            ("records", args.id),
            ("--conversation", args.conversation),
            ("--folder", args.folder is not None),
            ("--in", args.folder is not None and args.path is not None),
        )
        if is_given
    ]
    if not given:
        raise BadInput(
            "usage",
            "name records, or --conversation, or --folder",
            "`satchel records` prints the ids",
        )
    if len(given) > 1:
        raise BadInput(
            "usage",
            f"{' and '.join(given)} do not go together",
            "ask for one: `satchel forget ID`, `… --folder PATH`, or `… --conversation` for all "
            "that were held here",
        )
    if args.folder is not None:
        return forget_folder(args.folder, terminal, home)
    body: dict[str, Any] = {"path": folder(args.path)}
    body |= {"conversations": True} if args.conversation else {"ids": args.id}
    gone = Daemon.connect(home).call("POST", "/api/forget", body)
    if terminal.json:
        terminal.answer(gone)
    elif args.conversation:
        turns = render.counted(gone["forgotten_turns"], "turn")
        terminal.show(f"Forgotten: the conversations held here ({turns}).")
    else:
        terminal.show(f"Forgotten: {clean(', '.join(gone['forgotten']))}.")
        for name, source in gone["mined_from"].items():
            terminal.show(
                f"{one_line(source)} still says what {clean(name)} said; it is not mined again."
            )
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
        f"  its index, {held}, its packets ({render.size(kept['bytes'])} in all)",
        "  The folder itself is not touched.",
    ]
