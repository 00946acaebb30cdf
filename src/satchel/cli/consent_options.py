"""The options of `consent` and `ledger`. argparse alone."""

from __future__ import annotations

from satchel.cli.options import Parser, as_json, count, where, yes

WHEN = "a day (2026-12-31), a moment (2026-12-31T18:00Z), or a time from now (30m, 12h, 7d, 4w)"


def consent(parser: Parser) -> None:
    """Options of `consent`."""
    parser.add_argument(
        "action",
        nargs="?",
        default="list",
        choices=("list", "grant", "revoke"),
        help="what to do (default: list)",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="grant: where to, a server's name such as ollama or an address such as "
        "https://host/v1; revoke: the ids of grants",
    )
    parser.add_argument(
        "--model", metavar="NAME", help="grant: the one model that may be asked (default: each)"
    )
    parser.add_argument(
        "--data",
        choices=("prompt", "context", "records"),
        help="grant: the most that may leave: the prompt only, with context from files, with "
        "records as well (default: prompt)",
    )
    parser.add_argument(
        "--for",
        dest="scope",
        choices=("once", "session", "workspace", "always"),
        help="grant: one request, until the daemon ends, one workspace, or until it is revoked "
        "(default: once)",
    )
    parser.add_argument(
        "--until",
        metavar="WHEN",
        help=f"grant: when it ends: {WHEN}; a bare day means its end, in UTC (default: an hour "
        "for once, else never)",
    )
    parser.add_argument(
        "--tool",
        action="append",
        metavar="TOOL",
        help="grant: a tool that the server runs by itself and that reaches out, such as "
        "web_search; may be given again",
    )
    parser.add_argument(
        "--key-file",
        metavar="PATH",
        help="grant: a file with the key that the server asks for; read at each use, and only its "
        "path is kept",
    )
    parser.add_argument("--all", action="store_true", help="revoke: every grant")
    where(parser)
    yes(parser, "permit what is shown")
    as_json(parser)


def ledger(parser: Parser) -> None:
    """Options of `ledger`."""
    parser.add_argument(
        "--limit", type=count, default=20, metavar="N", help="the last N attempts (default: 20)"
    )
    parser.add_argument(
        "--since", metavar="WHEN", help="those since then: " + WHEN.replace("from now", "back")
    )
    as_json(parser)
