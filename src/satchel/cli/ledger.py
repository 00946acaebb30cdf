"""`satchel ledger`: every attempt to send something off this machine, allowed or refused."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from satchel.base.paths import Home
from satchel.cli.render import counted, table
from satchel.cli.terminal import PLAIN, Paint, Terminal
from satchel.cli.when import back, moment
from satchel.model.consent import Entry
from satchel.model.leaving import listed
from satchel.model.ledger import Ledger, as_json


def ledger(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Show the last attempts, the newest at the end."""
    since = back(args.since, datetime.now(UTC)) if args.since is not None else None
    entries = Ledger(home).read(args.limit, since)
    if terminal.json:
        terminal.answer({"entries": [as_json(entry) for entry in entries]})
    elif entries:
        terminal.show("\n".join(lines(entries, terminal.paint)))
    else:
        terminal.show(
            "Nothing has tried to leave this machine" + (" since then." if since else ".")
        )
    return 0


def lines(entries: Sequence[Entry], paint: Paint = PLAIN) -> list[str]:
    """A line an attempt, and how many there were of each kind."""
    rows = [
        (
            moment(entry.time),
            "allowed" if entry.allowed else "refused",
            (entry.grant if entry.allowed else entry.reason) or "",
            entry.destination,
            entry.model,
            f"{entry.bytes:,}",
            ", ".join([str(entry.material), *filter(None, [listed(entry.sections)]), *entry.tools]),
        )
        for entry in entries
    ]
    allowed = sum(entry.allowed for entry in entries)
    head = ("when", "", "by", "to", "model", "bytes", "what")
    return [
        *table(head, rows, paint),
        "",
        paint(
            "dim",
            f"{counted(len(entries), 'attempt')}: {allowed:,} allowed, "
            f"{len(entries) - allowed:,} refused",
        ),
    ]
