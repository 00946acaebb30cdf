"""The options of the commands that are about records. argparse alone."""

from __future__ import annotations

from satchel.cli.options import Parser, as_json, count, where, yes

KINDS = ("decision", "preference", "rule", "fact", "note")
STATUSES = ("active", "open", "unconfirmed", "stale", "later", "superseded", "rejected")
ID = "a record's id, or its first characters (4 at least)"


def remember(parser: Parser) -> None:
    """Options of `remember`."""
    parser.add_argument("text", nargs="+", help="what to remember, or - to read it from stdin")
    parser.add_argument(
        "--kind", choices=KINDS, help="what it is (default: told from its words, else a note)"
    )
    where(parser)
    parser.add_argument(
        "--everywhere", action="store_true", help="it holds in every workspace, not in this alone"
    )
    parser.add_argument(
        "--files",
        action="append",
        metavar="GLOB",
        help="it holds for these files alone, such as 'src/api/*'; may be given again",
    )
    parser.add_argument("--about", metavar="SUBJECT", help="what it is about, in a word or two")
    parser.add_argument(
        "--alias",
        dest="aliases",
        action="append",
        metavar="NAME",
        help="another name for what it is about, such as 'the client'; may be given again",
    )
    parser.add_argument("--pin", action="store_true", help="in every briefing that is not empty")
    parser.add_argument("--open", action="store_true", help="it is not decided yet")
    parser.add_argument(
        "--since", metavar="DATE", help="when it began to hold, such as 2026-03-31 (default: now)"
    )
    parser.add_argument(
        "--supersedes",
        action="append",
        metavar="ID",
        help="the record whose place it takes; may be given again",
    )
    yes(parser, "accept a folder that is new")
    as_json(parser)


def recall(parser: Parser) -> None:
    """Options of `recall`."""
    parser.add_argument("query", nargs="*", help="what it was about; nothing lists the latest")
    parser.add_argument("--limit", type=count, default=10, metavar="N", help="at most N (10)")
    _as_of(parser)
    parser.add_argument(
        "--all", action="store_true", help="also those that were superseded or rejected"
    )
    where(parser)
    yes(parser, "accept a folder that is new")
    as_json(parser)


def records(parser: Parser) -> None:
    """Options of `records`."""
    parser.add_argument("--kind", choices=KINDS, help="of this kind alone")
    parser.add_argument(
        "--status",
        choices=(*STATUSES, "any"),
        help="of this status alone (default: all that still hold)",
    )
    _as_of(parser)
    parser.add_argument(
        "--history",
        metavar="ID",
        help="one record whole: what it replaced, what replaced it, its sources, dates and scope",
    )
    parser.add_argument(
        "--scan",
        action="store_true",
        help="look for secrets, by the rules of today, in records and conversations, and offer to "
        "mask them in place",
    )
    where(parser)
    yes(parser, "accept a folder that is new; mask what --scan finds")
    as_json(parser)


def forget(parser: Parser) -> None:
    """Options of `forget`."""
    parser.add_argument("id", nargs="*", help=ID)
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
    where(parser)
    yes(parser, "delete what is shown (with --folder)")
    as_json(parser)


def confirm(parser: Parser) -> None:
    """Options of `confirm`."""
    parser.add_argument("id", nargs="+", help=ID)
    where(parser)
    as_json(parser)


def pin(parser: Parser) -> None:
    """Options of `pin`."""
    parser.add_argument("id", nargs="+", help=ID)
    parser.add_argument("--off", action="store_true", help="no more")
    where(parser)
    as_json(parser)


def supersede(parser: Parser) -> None:
    """Options of `supersede`."""
    parser.add_argument("old", help=f"what holds no more: {ID}")
    parser.add_argument(
        "new", nargs="+", help="what holds now: an id, or else a text, which is remembered"
    )
    where(parser)
    as_json(parser)


def conflicts(parser: Parser) -> None:
    """Options of `conflicts`."""
    where(parser)
    yes(parser, "accept a folder that is new")
    as_json(parser)


def export(parser: Parser) -> None:
    """Options of `export`."""
    parser.add_argument(
        "file",
        nargs="?",
        default="-",
        help="the file or pipe to write (default: -, standard output)",
    )
    parser.add_argument(
        "--everywhere", action="store_true", help="also the records that hold everywhere"
    )
    where(parser)
    yes(parser, "write over a file that is there")
    as_json(parser)


def take_in(parser: Parser) -> None:
    """Options of `import`."""
    parser.add_argument("file", help="the file to read, or - for standard input")
    parser.add_argument(
        "--trust",
        action="store_true",
        help="take the file's word for what is confirmed, pinned, or holds everywhere, though this "
        "Satchel did not write it, and what was read in another folder's files",
    )
    where(parser)
    yes(parser, "accept a folder that is new")
    as_json(parser)


def _as_of(parser: Parser) -> None:
    parser.add_argument(
        "--as-of",
        metavar="DATE",
        help="what held then, whatever became of it since; a bare day means its end (UTC)",
    )
