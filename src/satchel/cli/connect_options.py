"""The options of `connect`, `disconnect` and `clients`. argparse alone."""

from __future__ import annotations

from satchel.cli.options import Parser, as_json, where, yes

_NAMES = (
    "claude-code, codex, gemini, copilot, opencode, qwen, cursor, vscode, claude-desktop, "
    "windsurf, zed, cline, goose, lm-studio"
)


def connect(parser: Parser) -> None:
    """Options of `connect`."""
    parser.add_argument(
        "clients",
        nargs="*",
        metavar="CLIENT",
        help=f"which ones (default: all that are installed): {_NAMES}",
    )
    parser.add_argument(
        "--project",
        action="store_true",
        help="in this project's own files instead of yours, for all who work on it",
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="take the place of an entry of our name that is not ours; disconnecting puts it back",
    )
    parser.add_argument(
        "--print",
        dest="show",
        action="store_true",
        help="print what to paste, and links that open a client; change nothing",
    )
    parser.add_argument("--dry-run", action="store_true", help="show the changes, make none")
    where(parser)
    yes(parser, "make the changes that are shown")
    as_json(parser)


def disconnect(parser: Parser) -> None:
    """Options of `disconnect`."""
    parser.add_argument(
        "clients", nargs="*", metavar="CLIENT", help="which ones (default: all, everywhere)"
    )
    parser.add_argument("--project", action="store_true", help="in this project alone")
    parser.add_argument("--dry-run", action="store_true", help="show the changes, make none")
    where(parser)
    yes(parser, "make the changes that are shown")
    as_json(parser)


def clients(parser: Parser) -> None:
    """Options of `clients`."""
    where(parser)
    as_json(parser)
