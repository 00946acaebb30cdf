"""Writes commands.md and settings.md from the tables in the code: `python docs/make.py`.

`--check` writes nothing and fails where a page differs from what it would write.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from satchel.base import settings
from satchel.cli import arguments, commands

HERE = Path(__file__).resolve().parent
NOTE = "<!-- Written by docs/make.py from the code; change it there. -->"


def commands_page() -> str:
    """Return the page of the commands and their options."""
    lines = ["# Commands", "", NOTE, "", arguments.ABOUT, ""]
    for command in commands.COMMANDS:
        parser = argparse.ArgumentParser(prog=f"satchel {command.name}", add_help=False)
        command.options(parser)
        lines += [f"## satchel {command.name}", ""]
        lines += [command.more or command.help[0].upper() + command.help[1:] + ".", ""]
        options = list(options_of(parser))
        if options:
            lines += ["| option | meaning |", "|---|---|", *options, ""]
    return "\n".join(lines) + "\n" + fenced(arguments.EXIT)


def options_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield a row a positional or option, in the order of the parser."""
    for action in parser._actions:
        shape = action.metavar or (
            action.dest if not action.option_strings else action.dest.upper()
        )
        if action.choices:
            shape = " or ".join(str(choice) for choice in action.choices)
        shown = ", ".join(action.option_strings)
        if action.nargs != 0:
            shown = f"{shown} {shape}".strip()
        meaning = (action.help or "").replace("|", "\\|")
        yield f"| `{shown}` | {meaning} |"


def fenced(text: str) -> str:
    """Return text as it stands, in a block of its own."""
    return f"```text\n{text}\n```\n"


def settings_page() -> str:
    """Return the page of the settings."""
    lines = ["# Settings", "", NOTE, ""]
    lines += [
        "`satchel config` lists them with the values in force; `satchel config set NAME VALUE`"
    ]
    lines += ["changes one and `satchel config unset NAME` puts it back.", ""]
    lines += ["| setting | default | meaning |", "|---|---|---|"]
    for row in settings.TABLE:
        default = f"`{row.default}`" if row.default != "" else "nothing"
        lines.append(f"| `{row.name}` | {default} | {row.meaning} |")
    return "\n".join(lines) + "\n"


PAGES = {"commands.md": commands_page, "settings.md": settings_page}


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, tell what differs")
    check = parser.parse_args().check
    stale = []
    for name, page in PAGES.items():
        path = HERE / name
        written = page()
        if check:
            there = path.read_text(encoding="utf-8") if path.exists() else ""
            stale += [name] if there != written else []
        else:
            path.write_text(written, encoding="utf-8")
    if stale:
        print(f"docs/{', docs/'.join(stale)} differ from the code; run: python docs/make.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
