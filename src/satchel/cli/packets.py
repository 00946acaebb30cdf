"""`satchel packets`: what was handed over, what happened next, and forgetting it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.base.text import one_line
from satchel.cli import render
from satchel.cli.terminal import PLAIN, Paint, Terminal
from satchel.cli.when import moment
from satchel.cli.workspace import accepted, folder
from satchel.tools.client import Daemon

ALL = "all"
REQUEST = 60  # characters of a request in a list
NOTHING = "nothing happened to it since"

Json = Mapping[str, Any]


def packets(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """List packets, tell of one, or forget them."""
    if (args.id is not None) + args.last + (args.forget is not None) > 1:
        raise BadInput(
            "usage", "a number, --last and --forget are three different things", "ask for one"
        )
    path = folder(args.path)
    daemon = Daemon.connect(home)
    if args.forget is not None:
        body = {"path": path, "packets": ALL if args.forget == ALL else _number(args.forget)}
        gone = daemon.call("POST", "/api/forget", body)
        if terminal.json:
            terminal.answer(gone)
        else:
            count = render.counted(gone["forgotten_packets"], "packet")
            terminal.show(f"Forgotten: {count}, and what happened after.")
        return 0
    body = {"path": path, "limit": 1 if args.last else args.limit}
    if args.id is not None:
        body["id"] = _number(args.id)
    found = accepted(daemon, path, terminal, lambda: daemon.call("POST", "/api/packets", body))
    if terminal.json:
        terminal.answer(found)
    elif not found["packets"]:
        terminal.show("No packet is kept of this folder. `satchel brief` hands one over.")
    elif args.last or args.id is not None:
        terminal.show("\n".join(whole(found["packets"][0], terminal.paint)))
    else:
        terminal.show("\n".join(table(found["packets"], terminal.paint)))
        terminal.show("\n" + terminal.paint("dim", "`satchel packets NUMBER` tells more of one."))
    return 0


def table(packets: list[Json], paint: Paint = PLAIN) -> list[str]:
    """One line a packet: what it held, how much of it was used, and what it missed."""
    rows = [
        [
            str(each["id"]),
            moment(each["time"]),
            _asker(each),
            str(sum(item["kind"] == "file" for item in each["items"])),
            str(sum(item["kind"] == "record" for item in each["items"])),
            str(sum(bool(item["happened"]) for item in each["items"])),
            str(len(each["missed"])),
            one_line(str(each["request"]), REQUEST),
        ]
        for each in packets
    ]
    head = ["no.", "when", "asked by", "files", "records", "used", "missed", "request"]
    return render.table(head, rows, paint)


def whole(packet: Json, paint: Paint = PLAIN) -> list[str]:
    """A packet with what happened to each item, and what was edited that it did not hold."""
    told = [f"packet {packet['id']}", moment(packet["time"]), f"asked by {_asker(packet)}"]
    if packet["session"]:
        told.append(f"session {one_line(str(packet['session']), 40)}")
    lines = [paint("head", " · ".join(told)), f"  {one_line(str(packet['request']), 300)}"]
    for kind, title in (("file", "files"), ("test", "tests"), ("record", "records")):
        items = [item for item in packet["items"] if item["kind"] == kind]
        if items:
            lines += ["", paint("head", title)]
            lines += [f"  {line}" for item in items for line in _item(item, paint)]
    if not packet["items"]:
        lines += ["", "It held nothing."]
    if packet["missed"]:
        lines += ["", paint("head", "edited after it, and not in it")]
        lines += [f"  {line}" for item in packet["missed"] for line in _item(item, paint)]
    return lines


def _item(item: Json, paint: Paint) -> Iterator[str]:
    """An item, and below it what it holds and what happened."""
    yield paint("place", one_line(str(item["name"])))
    held = item.get("text") or ", ".join(item.get("symbols", ()))
    if held:
        yield f"  {one_line(str(held), 120)}"
    happened = [f"{each['what']} {_after(each['after'])}" for each in item["happened"]]
    yield paint("good", f"  {', '.join(happened)}") if happened else paint("dim", f"  {NOTHING}")


def _after(seconds: int) -> str:
    """How long after a packet something happened."""
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"after {seconds // size} {name}"
    return f"after {max(0, seconds)} s"


def _asker(packet: Json) -> str:
    client = one_line(str(packet["client"] or ""), 20)
    return f"{packet['door']} ({client})" if client else str(packet["door"])


def _number(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        raise BadInput(
            "usage",
            f"{one_line(given, 40)!r} is no packet's number",
            "`satchel packets` prints them",
        )
    return int(given)
