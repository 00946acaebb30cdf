"""`satchel brief`: the briefing for a request, without a model."""

from __future__ import annotations

import argparse
from typing import Any

from satchel.base.paths import Home
from satchel.cli.terminal import Terminal
from satchel.cli.workspace import accepted, folder, text_of
from satchel.tools.client import Daemon

EXPLAINED = 5  # files at least, also where the briefing stays silent


def brief(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Print the packet: JSON for a program, Markdown and a line of figures for a person."""
    path = folder(args.path)
    body: dict[str, Any] = {"request": text_of(args.request, terminal, "request"), "path": path}
    if args.budget:
        body["budget"] = args.budget
    if args.files or args.explain:
        body["files"] = max(args.files, EXPLAINED if args.explain else 0)
    if args.explain:
        body["explain"] = True
    daemon = Daemon.connect(home)
    packet = accepted(daemon, path, terminal, lambda: daemon.call("POST", "/api/brief", body))
    if terminal.json:
        terminal.answer(packet)
        return 0
    from satchel.cli import render

    terminal.show(render.packet(packet, terminal.paint))
    if args.explain:
        terminal.show("\n" + "\n".join(render.explained(packet, terminal.paint)))
    elif args.files:
        terminal.show("\n" + "\n".join(render.ranked(packet, terminal.paint)))
    terminal.show("\n" + render.footer(packet, terminal.paint))
    return 0
