"""`satchel brief`: the briefing for a request, without a model."""

from __future__ import annotations

import argparse
from typing import Any

from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.cli.terminal import Terminal
from satchel.cli.workspace import accepted, folder, text_of
from satchel.tools.client import Daemon

LONGEST_DIFF = 5_000_000  # bytes
EXPLAINED = 5  # files at least, also where the briefing stays silent


def diff_of(given: str, terminal: Terminal) -> str:
    """Read a pending edit from a file, or from standard input for a lone `-`."""
    source = getattr(terminal.input, "buffer", terminal.input)
    try:
        if given == "-":
            raw = source.read(LONGEST_DIFF + 1)
        else:
            with open(given, "rb") as file:  # noqa: PTH123 - each brief pays for what is imported
                raw = file.read(LONGEST_DIFF + 1)
    except OSError as error:
        raise BadInput(
            "no-such-file",
            f"{given!r} cannot be read: {(error.strerror or str(error)).lower()}",
            "name a file that holds a diff, or - for standard input",
        ) from error
    if len(raw) > LONGEST_DIFF:
        raise BadInput(
            "diff-too-long",
            f"a diff may have {LONGEST_DIFF:,} bytes",
            "hold the files one by one, such as `git diff -- FILE | satchel brief --diff -`",
        )
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def brief(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Print the packet: JSON for a program, Markdown and a line of figures for a person."""
    path = folder(args.path)
    body: dict[str, Any] = {"path": path}
    if args.diff is not None:
        if args.diff == "-" and args.request == ["-"]:
            raise BadInput(
                "usage", "standard input holds one thing", "give the request or the diff in words"
            )
        body["diff"] = diff_of(args.diff, terminal)
    if args.request or args.diff is None:
        body["request"] = text_of(args.request, terminal, "request")
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
