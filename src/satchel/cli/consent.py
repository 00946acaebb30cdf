"""`satchel consent`: what the user permits to leave this machine, shown before it is asked for.

The file is written here and read anew for each request, so nothing has to be restarted.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from satchel.base.errors import BadInput, Broken, Cancelled
from satchel.base.paths import Home
from satchel.base.text import clean, one_line
from satchel.cli.render import counted, pairs, table
from satchel.cli.terminal import Terminal
from satchel.cli.when import ahead, moment
from satchel.model import destination
from satchel.model.answers import is_plain
from satchel.model.consent import (
    EVERY_MODEL,
    Always,
    Extent,
    Grant,
    InSession,
    InWorkspace,
    Occasion,
    Once,
    ended,
    session_id,
)
from satchel.model.grants import Store, as_json
from satchel.model.keys import exposed, read_key
from satchel.model.leaving import (
    HOLDS,
    Material,
    is_tool,
)

ONCE_LASTS: Final = timedelta(hours=1)  # where no end is named: one that is forgotten ends itself
USAGE: Final = "`satchel consent`, `… grant NAME`, `… revoke ID` or `… revoke --all`"
OF_GRANT: Final = ("model", "data", "scope", "until", "tool", "key_file", "path")


def consent(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """List what is permitted, permit something, or take it back."""
    given = [name for name in OF_GRANT if getattr(args, name) is not None]
    if (given and args.action != "grant") or (args.all and args.action != "revoke"):
        raise BadInput("usage", f"consent {args.action} does not take that option", USAGE)
    match args.action:
        case "grant":
            return _grant(args, terminal, home)
        case "revoke":
            return _revoke(args, terminal, home)
        case _:
            return _list(args, terminal, home)


# --- grant ------------------------------------------------------------------------------------


def _grant(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    if len(args.names) != 1:
        raise BadInput("usage", "consent grant takes one destination", USAGE)
    now = datetime.now(UTC).replace(microsecond=0)
    draft = drafted(args, _extent(args, home), now)
    warnings = warned(draft)
    terminal.say("This would be permitted:")
    terminal.say("\n".join(["", *pairs(told(draft), terminal.paint_err, indent="  "), ""]))
    for line in warnings:
        terminal.say(f"{terminal.paint_err('poor', 'careful:')} {line}")
    if not terminal.confirm(
        "Permit it?",
        cannot="nobody is here to be asked whether to permit it",
        instead="add --yes to permit what is told above",
    ):
        raise Cancelled("not-permitted", "nothing was permitted", "say yes to permit it")
    kept = Store(home).add(draft, Occasion(now, _session(home)))
    if terminal.json:
        terminal.answer({"grant": as_json(kept), "warnings": warnings})
    else:
        terminal.show(f"Permitted as {kept.id}; `satchel consent revoke {kept.id}` takes it back.")
    return 0


def drafted(args: argparse.Namespace, extent: Extent, now: datetime) -> Grant:
    """Read what is to be permitted; what is not named is taken at its narrowest.

    Raises BadInput for a name, a time or a key file that cannot be.
    """
    model = args.model if args.model is not None else EVERY_MODEL
    if model != EVERY_MODEL and not is_plain(model):
        raise BadInput("bad-model", "that is not the name of a model", "see `satchel doctor`")
    for tool in args.tool or ():
        if not is_tool(tool):
            raise BadInput("bad-tool", "that is not the name of a tool", "such as web_search")
    if args.until is not None:
        expires: datetime | None = ahead(args.until, now)
    else:
        expires = now + ONCE_LASTS if isinstance(extent, Once) else None
    return Grant(
        id="",
        destination=destination.destination(args.names[0]),
        model=model,
        material=Material.named(args.data or "prompt"),
        extent=extent,
        created=now,
        expires=expires,
        tools=tuple(dict.fromkeys(args.tool or ())),
        key_file=_key_file(args.key_file),
    )


def _key_file(given: str | None) -> str | None:
    """Return the whole path of a key file that can be read now."""
    if given is None:
        return None
    path = Path(given).expanduser().absolute()
    try:
        read_key(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise BadInput(
            "key-unreadable",
            f"{clean(str(path))} cannot be read as a key: {reason}",
            "put the key alone, on one line, into a file of your own with mode 0600",
        ) from error
    return str(path)


def _extent(args: argparse.Namespace, home: Home) -> Extent:
    if args.path is not None and args.scope != "workspace":
        raise BadInput("usage", "--in is for a grant --for workspace", USAGE)
    match args.scope:
        case "session":
            from satchel.tools.client import Daemon

            about = Daemon.connect(home).call("GET", "/api/status")
            return InSession(session_id(int(about["pid"]), str(about["started"])))
        case "workspace":
            from satchel.wiring.leave import accepted_top

            return InWorkspace(str(accepted_top(args.path or ".", home)))
        case "always":
            return Always()
        case _:
            return Once()


def warned(grant: Grant) -> list[str]:
    """Say what is unwise about a grant."""
    lines = []
    if "://" in grant.destination and destination.is_open(grant.destination):
        lines.append(f"{grant.destination} is not encrypted: whoever is on the way can read it")
    if grant.key_file is not None and exposed(Path(grant.key_file)):
        file = clean(grant.key_file)
        lines.append(f"others on this machine can read {file}; `chmod 600` it")
    return lines


# --- what is shown ----------------------------------------------------------------------------


def told(grant: Grant) -> list[tuple[str, str]]:
    """What a grant permits, for a person: names and what they hold."""
    named = "://" not in grant.destination
    place = f"{grant.destination} on this machine, and where it passes on to"
    rows = [
        ("to", place if named else f"{grant.destination} and what lies below it"),
        ("model", "each of its models" if grant.model == EVERY_MODEL else one_line(grant.model)),
        ("data", HOLDS[grant.material]),
        ("for", lasts(grant.extent)),
        ("until", moment(grant.expires) if grant.expires else "it is revoked"),
    ]
    if grant.tools:
        rows.append(("tools", f"{', '.join(grant.tools)}, run by the server, which reach out"))
    if grant.key_file is not None:
        rows.append(("key", f"{clean(grant.key_file)}, read at each use; only the path is kept"))
    return rows


def lasts(extent: Extent) -> str:
    """How far a grant reaches, for a person."""
    match extent:
        case Once():
            return "one request"
        case InSession():
            return "this session: until the daemon that runs now ends"
        case InWorkspace(path=path):
            return f"requests about {clean(path)}"
        case Always():
            return "every request"


# --- list and revoke --------------------------------------------------------------------------


def _list(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    if args.names:
        raise BadInput("usage", "consent list takes no name", USAGE)
    grants = Store(home).read()
    occasion = Occasion(datetime.now(UTC), _session(home))
    if terminal.json:
        terminal.answer({"grants": [_row(grant, occasion) for grant in grants]})
        return 0
    if not grants:
        terminal.show("Nothing is permitted to leave this machine.")
        return 0
    terminal.show("\n".join(listed(grants, occasion, terminal)))
    for grant in grants:
        for line in warned(grant):
            terminal.say(f"{terminal.paint_err('poor', f'{grant.id}:')} {line}")
    return 0


def listed(grants: Sequence[Grant], occasion: Occasion, terminal: Terminal) -> list[str]:
    """A line a grant, and whether it has ended."""
    rows = []
    for grant in grants:
        why = ended(grant, occasion)
        until = moment(grant.expires) if grant.expires else "revoked"
        rows.append(
            (
                grant.id,
                grant.destination,
                "each" if grant.model == EVERY_MODEL else grant.model,
                str(grant.material),
                lasts(grant.extent),
                f"no more: {why}" if why else until,
                ", ".join([*grant.tools, *(["a key"] if grant.key_file else [])]),
            )
        )
    return table(("id", "to", "model", "data", "for", "until", "with"), rows, terminal.paint)


def _revoke(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    if bool(args.names) == args.all:
        raise BadInput("usage", "consent revoke takes the ids of grants, or --all", USAGE)
    store = Store(home)
    if args.all:
        try:
            ids = [grant.id for grant in store.read()]
        except Broken:
            ids = []  # it can be emptied all the same
        store.revoke_all()
    else:
        ids = [grant.id for grant in store.revoke(set(args.names))]
    if terminal.json:
        terminal.answer({"revoked": ids, "all": args.all})
    elif args.all:
        terminal.show("Every grant is revoked: nothing is permitted to leave this machine.")
    else:
        terminal.show(f"{counted(len(ids), 'grant')} revoked, from the next request on.")
    return 0


def _row(grant: Grant, occasion: Occasion) -> dict[str, Any]:
    return {**as_json(grant), "ended": ended(grant, occasion), "warnings": warned(grant)}


def _session(home: Home) -> str | None:
    """Name the session of the daemon that runs now, starting none.

    Where none runs, every session is over: the empty name is nobody's.
    """
    from satchel.tools.client import find

    daemon = find(home)
    if daemon is None:
        return ""
    about = daemon.call("GET", "/api/status")
    return session_id(int(about["pid"]), str(about["started"]))
