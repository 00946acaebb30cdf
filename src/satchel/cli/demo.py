"""`satchel demo`: the first minute, in a made-up shop; then the same in the user's repository."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from satchel.base.errors import SatchelError
from satchel.base.interrupts import held_back, scratch_folder
from satchel.base.paths import Home
from satchel.base.text import clean
from satchel.cli import render
from satchel.cli.index import one_sentence, read_folder
from satchel.cli.terminal import Terminal
from satchel.cli.workspace import accepted, folder
from satchel.demo import repository
from satchel.demo.requests import REMEMBERED, REQUESTS
from satchel.tools.client import Daemon


def demo(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Show what a briefing is. Everything is in a scratch folder, which goes away at the end."""
    if args.path is not None:
        shown = own(folder(args.path), terminal, home)
        if terminal.json:
            terminal.answer({"workspace": args.path, "requests": shown})
        return 0
    with scratch_folder("satchel-demo-", keep=args.keep) as scratch:
        shown = made_up(scratch, terminal)
    if terminal.json:
        terminal.answer({"kept": str(scratch) if args.keep else None, "requests": shown})
        return 0
    if args.keep:
        shop = clean(str(scratch / repository.NAME))
        terminal.show(f"Kept: {shop}; SATCHEL_HOME={clean(str(scratch / 'home'))} holds its index.")
    return offer(terminal, home)


def made_up(scratch: Path, terminal: Terminal) -> list[dict[str, Any]]:
    """Build the shop, index it, remember a few things, and ask; return the packets."""
    shop = scratch / repository.NAME
    sha = repository.build(shop)
    _say(
        terminal, f"A made-up shop for lamps, with {len(repository.commits())} commits ({sha[:7]}),"
    )
    _say(terminal, f"a decision record and rules for agents, in {clean(str(shop))}")
    daemon = Daemon.connect(Home(scratch / "home"))
    try:
        _prompt(terminal, "satchel index")
        summary = read_folder(daemon, str(shop), terminal, say_summary=False)
        _say(terminal, one_sentence(summary))
        for kind, text in REMEMBERED:
            _prompt(terminal, f'satchel remember --kind {kind} "{text}"')
            body = {"text": text, "kind": kind, "path": str(shop)}
            daemon.call("POST", "/api/remember", body)
        return [_ask(daemon, request, str(shop), terminal) for request in REQUESTS]
    finally:
        with held_back():
            daemon.stop()


def own(path: str, terminal: Terminal, home: Home) -> list[dict[str, Any]]:
    """Brief a few requests that fit any repository, in the user's own."""
    daemon = Daemon.connect(home)
    requests = ("where does this program start?", "what do the tests cover?", "thanks!")
    accepted(daemon, path, terminal, lambda: daemon.call("POST", "/api/brief", _body("hi", path)))
    shown = [_ask(daemon, request, path, terminal) for request in requests]
    _say(terminal, "")
    _say(terminal, f'Now your own: satchel brief "…" --in {clean(path)}')
    return shown


def offer(terminal: Terminal, home: Home) -> int:
    """Offer the same in the folder that the user stands in; without a terminal, say how."""
    here = folder(None)
    terminal.show("")
    if not terminal.answers or not Path(here, ".git").exists():
        terminal.show("The same in a repository of yours: satchel demo --in PATH")
        return 0
    if terminal.confirm(
        f"Do the same in {clean(here)}? It is then indexed; nothing is written into it.",
        cannot="nobody is here to be asked",
        instead="run `satchel demo --in PATH`",
    ):
        summary = read_folder(Daemon.connect(home), here, terminal)
        assert summary
        own(here, terminal, home)
    return 0


def _ask(daemon: Daemon, request: str, path: str, terminal: Terminal) -> dict[str, Any]:
    _prompt(terminal, f'satchel brief "{request}"')
    try:
        packet = daemon.call("POST", "/api/brief", _body(request, path))
    except SatchelError as error:
        error.message = f"{request!r}: {error.message}"
        raise
    _say(terminal, render.packet(packet, terminal.paint))
    _say(terminal, "\n" + render.footer(packet, terminal.paint))
    return packet


def _body(request: str, path: str) -> dict[str, Any]:
    return {"request": request, "path": path}


def _prompt(terminal: Terminal, line: str) -> None:
    _say(terminal, f"\n{terminal.paint('good', '$')} {terminal.paint('head', clean(line))}")


def _say(terminal: Terminal, text: str) -> None:
    if not terminal.json:
        terminal.show(text)
