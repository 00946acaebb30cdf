"""A command line, read. argparse alone: this runs before each command.

Only the subcommand that was named gets its options built; the help of `satchel` lists them all.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn, TypeAlias

from satchel import __version__
from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.cli.commands import BY_NAME, COMMANDS
from satchel.cli.terminal import Terminal

Parser: TypeAlias = argparse.ArgumentParser
Run: TypeAlias = Callable[[argparse.Namespace, Terminal, Home], int]

ABOUT = """\
Satchel answers questions about your own repositories on your own machine: a local model,
the small slice of context that a request needs, and the tools you already use.
Nothing leaves this machine unless you permit it (`satchel consent`); `satchel prove` shows it."""

EXIT = """\
exit status: 0 done · 1 something is left to do (doctor; connect and disconnect, where a file was
left alone; records --scan; prove) or an error of ours · 2 the request needs changing, or an answer
that nobody could give · 3 something needed is not there · 4 a file of Satchel's is damaged, or the
system refused to read or write one (its rights, a full disk) · 130 stopped by you"""

LONGEST = max(map(len, BY_NAME))  # characters of a command's name


class Words(argparse.ArgumentParser):
    """A parser whose complaints are errors like every other."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing usage and ending the process."""
        raise BadInput("usage", message, f"see `{self.prog} --help`")


class Columns(argparse.RawDescriptionHelpFormatter):
    """Help whose list of commands has room for the longest name beside what it does."""

    def start_section(self, heading: str | None) -> None:
        """Begin a section; argparse forgets that the names in it are indented further."""
        super().start_section(heading)
        self._action_max_length = max(self._action_max_length, LONGEST + 2 * self._indent_increment)


def tree(only: str | None = None) -> Parser:
    """Build the parser; with `only`, the one subcommand that will be needed."""
    parser = Words(
        prog="satchel",
        description=ABOUT,
        epilog=EXIT,
        formatter_class=Columns,
    )
    parser.add_argument("--version", action="version", version=f"satchel {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in COMMANDS:
        if only in (None, command.name):
            child = commands.add_parser(
                command.name,
                help=command.help,
                description=command.more or command.help[0].upper() + command.help[1:] + ".",
            )
            command.options(child)
    return parser


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Parse a command line.

    Raises BadInput for anything that does not fit; `--help` and `--version` print and end.
    """
    named = next((word for word in words if word in BY_NAME), None)
    first = words[0] if words else None
    if first and not first.startswith("-") and first not in BY_NAME:
        lists = f"{_meant(first, BY_NAME)}`satchel --help` lists them all"
        raise BadInput("usage", f"there is no command {first!r}", lists)
    parser = tree(only=named if named == first else None)
    chosen, rest = parser.parse_known_args(words)
    if chosen.command is None and not rest:
        parser.print_help()
        raise SystemExit(0)
    if rest:
        program = " ".join(filter(None, (parser.prog, chosen.command)))
        unknown = " ".join(map(repr, rest))
        see = f"{_meant(rest[0], _options(chosen.command))}see `{program} --help`"
        raise BadInput("usage", f"`{program}` takes no {unknown}", see)
    return chosen


def _meant(word: str, known: Iterable[str]) -> str:
    """Ask after the one that is nearest to a word; empty where none is near."""
    import difflib  # costs milliseconds, and only a mistake needs it

    near = difflib.get_close_matches(word, known, n=1, cutoff=0.7)
    return f"did you mean `{near[0]}`? " if near else ""


def _options(name: str | None) -> list[str]:
    """The long options of a command, as its usage line names them."""
    parser = Words(prog="satchel")
    if name is not None:
        BY_NAME[name].options(parser)
    words = [word.strip("[]") for word in parser.format_usage().split()]
    return [word for word in words if word.startswith("--")]


def command(chosen: argparse.Namespace) -> Run:
    """Import the code of the command that was chosen, and nothing else."""
    row = BY_NAME[chosen.command]
    run: Run = getattr(importlib.import_module(row.module), row.function)
    return run
