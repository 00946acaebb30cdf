"""`satchel config`: every setting with its value, its default and its meaning."""

from __future__ import annotations

import argparse
from typing import Any

from satchel.base import settings
from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.base.settings import Setting, Settings
from satchel.base.text import clean
from satchel.cli.terminal import Terminal

USAGE = "`satchel config`, `… get NAME`, `… set NAME VALUE`, `… unset NAME`"
WORDS = {"list": 0, "get": 1, "set": 2, "unset": 1}


def config(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """List, read or change settings. The daemon reads them when it starts."""
    given = [word for word in (args.name, args.value) if word is not None]
    if len(given) != WORDS[args.action]:
        raise BadInput("usage", f"config {args.action} takes {_wanted(args.action)}", USAGE)
    if args.action == "list":
        return _list(settings.load(home), terminal)
    if args.action == "get":
        settings.parse(args.name, settings.BY_NAME[args.name].default if _known(args.name) else "")
        now = settings.load(home)
    else:
        now = settings.change(home, args.name, args.value if args.action == "set" else None)
    row = describe(settings.BY_NAME[args.name], now)
    if terminal.json:
        terminal.answer(row)
    elif args.action == "get":
        terminal.show(clean(str(row["value"])))
    else:
        terminal.show(f"{row['name']} = {clean(str(row['value']))}")
        terminal.say("A running daemon takes it up after `satchel down`.")
    return 0


def describe(setting: Setting, now: Settings) -> dict[str, Any]:
    """One setting as JSON: its value, whether it was chosen, its default and its meaning."""
    return {
        "name": setting.name,
        "value": now.chosen.get(setting.name, setting.default),
        "chosen": setting.name in now.chosen,
        "default": setting.default,
        "meaning": setting.meaning,
    }


def _list(now: Settings, terminal: Terminal) -> int:
    rows = [describe(setting, now) for setting in settings.TABLE]
    if terminal.json:
        terminal.answer({"settings": rows})
        return 0
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        value = clean(str(row["value"])) or '""'
        default = row["default"] if row["default"] != "" else '""'
        mark = f" (default {default})" if row["chosen"] else ""
        name = row["name"].ljust(width)
        terminal.show(f"{terminal.paint('place', name)}  {value}{mark}")
        terminal.show(f"{' ' * width}  {terminal.paint('dim', row['meaning'])}")
    return 0


def _known(name: str) -> bool:
    return name in settings.BY_NAME


def _wanted(action: str) -> str:
    return {0: "nothing more", 1: "a NAME", 2: "a NAME and a VALUE"}[WORDS[action]]
