"""`satchel up`, `down`, `status`: the one resident process. `mcp` is here for its help alone."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from satchel.base.errors import Unavailable
from satchel.base.paths import Home
from satchel.base.text import clean
from satchel.cli import render
from satchel.cli.terminal import PLAIN, Paint, Terminal
from satchel.cli.when import moment
from satchel.tools.client import Daemon, find


def up(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Start the daemon where it does not run, or replace one of another version."""
    _tell(Daemon.connect(home).call("GET", "/api/status"), terminal)
    return 0


def down(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Stop the daemon; that none runs is fine."""
    stopped = stop(home)
    if terminal.json:
        terminal.answer({"stopped": stopped})
    else:
        terminal.show("The daemon has stopped." if stopped else "No daemon was running.")
    return 0


def status(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Say where the daemon listens; start nothing. That none runs is told with status 3."""
    daemon = find(home)
    if daemon is None:
        none = Unavailable(
            "daemon-not-running",
            "no daemon is running",
            "run `satchel up`, or any command that needs it",
        )
        if terminal.json:
            raise none
        terminal.show("No daemon is running: it starts with the next command that needs it.")
        return none.exit_status
    _tell(daemon.call("GET", "/api/status"), terminal)
    return 0


def mcp(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Serve MCP over stdio; `cli.main` does that without coming here."""
    from satchel.tools import shim

    return shim.main()


def stop(home: Home) -> bool:
    """Stop the daemon of a home; return whether one ran."""
    daemon = find(home)
    if daemon is not None:
        daemon.stop()
    return daemon is not None


def described(value: Mapping[str, Any], paint: Paint = PLAIN) -> list[str]:
    """What the daemon says of itself, for a person."""
    rows = [
        (label, clean(str(value[name])))
        for label, name in (
            ("process", "pid"),
            ("version", "version"),
            ("http", "url"),
            ("mcp", "mcp"),
            ("socket", "socket"),
            ("token", "token_file"),
            ("home", "home"),
        )
        if value.get(name) is not None
    ]
    rows += [("since", moment(value["started"]))] if value.get("started") is not None else []
    tops = [
        clean(str(row.get("path") or row.get("workspace") or row.get("top") or row))
        for row in value.get("workspaces", ())
    ]
    rows += [("accepted", top) for top in tops] or [("accepted", "no folder yet")]
    return render.pairs(rows, paint)


def _tell(value: Mapping[str, Any], terminal: Terminal) -> None:
    if terminal.json:
        terminal.answer(value)
    else:
        terminal.show("\n".join(described(value, terminal.paint)))
