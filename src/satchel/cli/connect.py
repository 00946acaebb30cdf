"""`satchel connect`, `disconnect` and `clients`: what would change is shown before it is done."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from satchel.base.errors import BadInput, Cancelled
from satchel.base.paths import Home
from satchel.base.text import clean
from satchel.cli.render import counted, table
from satchel.cli.terminal import Terminal
from satchel.tools import clients as known
from satchel.tools import connect as tool
from satchel.tools import entries
from satchel.tools.carry import carry_out, held
from satchel.tools.client_rows import Client
from satchel.tools.connect import Left, Plan, Step, Surroundings
from satchel.tools.edit.change import Put
from satchel.tools.survey import Seen, survey

SOME_LEFT = 1  # the exit status where a file was left alone


def connect(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Show what would change in the clients' files, ask, and change it."""
    here = _here()
    project = _project(args)
    chosen = _chosen(args.clients, here, project)
    if args.show:
        return _print(chosen, here, home, project, terminal)
    with held(home):
        plan = tool.plan_connect(chosen, here, home, project, args.replace)
        return _follow(plan, args, terminal, home, chosen)


def disconnect(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Show what would be taken out of the clients' files, ask, and take it out."""
    names = [known.named(name).name for name in args.clients]
    with held(home):
        plan = tool.plan_disconnect(_here(), home, names, _project(args))
        return _follow(plan, args, terminal, home, [known.BY_NAME[name] for name in names])


def clients(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """List every client: whether it is installed, whether it is connected, and by which file."""
    seen = survey(_here(), home, _folder(args.path))
    if terminal.json:
        terminal.answer({"clients": [_seen_json(one) for one in seen]})
        return 0
    rows = [
        (
            one.client.name,
            one.client.title,
            "yes" if one.installed else "no",
            connection(one),
            _short(one.path),
        )
        for one in seen
    ]
    terminal.show("\n".join(table(("name", "client", "installed", "connected", "file"), rows)))
    return 0


def connection(seen: Seen) -> str:
    """Say how far a client is connected."""
    if seen.trouble:
        return "cannot tell"
    ways = []
    if seen.connected:
        ways.append("yes, without hooks" if seen.hooked is False else "yes")
    elif seen.hooked:
        ways.append("hooks alone")
    if seen.project:
        ways.append("in this project")
    return ", ".join(ways) or "no"


def disconnect_all(home: Home) -> list[Left]:
    """Disconnect everything without asking; return what could not be."""
    with held(home):
        return list(carry_out(tool.plan_disconnect(_here(), home), home).left)


# --- the walk that connecting and disconnecting share -----------------------------------------


def _follow(
    plan: Plan,
    args: argparse.Namespace,
    terminal: Terminal,
    home: Home,
    chosen: Sequence[Client],
) -> int:
    changed = [step for step in plan.steps if step.changes]
    show = terminal.say if terminal.json else terminal.show
    if not terminal.json:
        for step in changed:
            show(_coloured(step, terminal))
    done = False
    if changed and not args.dry_run:
        doing = "Make these changes" if plan.connecting else "Take this out"
        if not terminal.confirm(
            f"{doing} ({counted(len(changed), 'file')})?",
            cannot="nobody is here to be asked whether to change these files",
            instead="add --yes to change them, or --dry-run to see the changes",
        ):
            raise Cancelled("kept", "nothing was changed", "say yes to change the files")
    if not args.dry_run and plan.steps:
        plan = carry_out(plan, home)
        done = True
    notes = [(step, note) for step in plan.steps for note in step.joined.notes]
    if terminal.json:
        terminal.answer(
            {
                "done": done,
                "changes": [_step_json(step) for step in plan.steps if step.changes],
                "left": [_left_json(left) for left in plan.left],
                "notes": [{"path": str(s.snapshot.path), "note": note} for s, note in notes],
            }
        )
    else:
        for step, note in notes:
            terminal.say(f"{_short(step.snapshot.path)}: {clean(note)}.")
        _conclude(plan, chosen, done, home, terminal)
    for left in plan.left:
        where = clean(_short(left.path))
        terminal.say(f"{terminal.paint_err('poor', 'left alone:')} {where}: {clean(left.reason)}.")
        terminal.say(f"  {terminal.paint_err('dim', 'next:')} {clean(left.next_step)}")
    return SOME_LEFT if plan.left else 0


def _conclude(
    plan: Plan, chosen: Sequence[Client], done: bool, home: Home, terminal: Terminal
) -> None:
    changed = [step for step in plan.steps if step.changes]
    names = _titles(step for step in plan.steps)
    if not plan.steps and not plan.left:
        if plan.connecting:
            terminal.show("No client was found here that could be connected.")
            terminal.say(
                "  `satchel clients` lists those that Satchel knows; name one to connect it."
            )
        else:
            terminal.show("Nothing is connected.")
        return
    if not changed:
        if plan.connecting and names:
            terminal.show(f"Connected already: {names}.")
        elif names:
            terminal.show(f"Disconnected: {names}.")
        return
    if not done:
        terminal.show(f"Nothing was changed; this would be {counted(len(changed), 'file')}.")
        return
    terminal.show(f"{'Connected' if plan.connecting else 'Disconnected'}: {names}.")
    if plan.connecting:
        touched = {name for step in plan.steps for name in step.clients}
        for client in chosen:
            if client.after and client.name in touched:
                terminal.say(f"  {client.title}: {client.after}.")
        if not any(home.workspaces.glob("*/workspace.json")):
            terminal.say(
                "  Nothing of a folder is told until you accept it: run `satchel index` there."
            )
        terminal.say("  `satchel disconnect` takes all of it out again.")


def _titles(steps: Iterable[Step]) -> str:
    names = dict.fromkeys(name for step in steps for name in step.clients)
    return ", ".join(known.BY_NAME[name].title for name in names if name in known.BY_NAME)


def _coloured(step: Step, terminal: Terminal) -> str:
    styles = {"+": "good", "-": "bad", "@": "place"}
    lines = [f"# {known.BY_NAME[name].title}" for name in step.clients if name in known.BY_NAME]
    if step.snapshot.target != step.snapshot.path:
        lines.append(f"# written through to {clean(str(step.snapshot.target))}")
    for line in step.diff.split("\n"):
        told = clean(line)
        style = styles.get(told[:1])
        lines.append(terminal.paint(style, told) if style else told)
    return "\n".join([*lines, ""])


# --- what to paste ----------------------------------------------------------------------------


def _print(
    chosen: Sequence[Client],
    here: Surroundings,
    home: Home,
    project: Path | None,
    terminal: Terminal,
) -> int:
    start = tool.program(home, project is not None, here.environment)
    rows: list[dict[str, Any]] = []
    for client in chosen:
        files = tool.wanted(client, here, start, project)
        rows.append(
            {
                "client": client.name,
                "title": client.title,
                "files": [str(path) for path, _, _ in files],
                "text": entries.snippet(client, start, project is not None),
                "link": entries.link(client, start),
                "beside": [
                    str(path)
                    for path, _, parts in files
                    if not all(isinstance(part.deed, Put) for part in parts)
                ],
            }
        )
    other = entries.other(start)
    if terminal.json:
        terminal.answer({"clients": rows, "other": other})
        return 0
    for row in rows:
        terminal.show(terminal.paint("head", str(row["title"])))
        if row["files"]:
            terminal.show(f"# {clean(str(row['files'][0]))}")
        terminal.show(clean(str(row["text"])))
        if row["beside"]:
            which = f"{row['client']} --project" if project else row["client"]
            where = ", ".join(clean(_short(Path(path))) for path in row["beside"])
            told = f"This is the MCP server alone; `satchel connect {which}` also writes {where}"
            what = " (hooks)" if known.BY_NAME[row["client"]].hooks else ""
            terminal.show(terminal.paint("dim", f"{told}{what}.") + "\n")
        if row["link"]:
            terminal.show(f"{row['link']}\n")
    terminal.show(terminal.paint("head", "Any other client that starts MCP servers"))
    terminal.show(other)
    return 0


# --- where, and which -------------------------------------------------------------------------


def _here() -> Surroundings:
    return Surroundings(Path.home(), os.environ)


def _folder(path: str | None) -> Path:
    folder = Path(path or ".").expanduser().absolute()
    if not folder.is_dir():
        raise BadInput("no-folder", f"{folder} is not a folder", "name one that is there")
    return next((top for top in (folder, *folder.parents) if (top / ".git").exists()), folder)


def _project(args: argparse.Namespace) -> Path | None:
    if not args.project:
        if args.path is not None:
            raise BadInput("usage", "--in is for --project", "add --project")
        return None
    return _folder(args.path)


def _chosen(names: Sequence[str], here: Surroundings, project: Path | None) -> list[Client]:
    """Return the clients that are meant. Raises BadInput for one that a project cannot connect."""
    if not names:
        found = [client for client in known.CLIENTS if tool.is_installed(client, here)]
        return [one for one in found if project is None or one.servers.project]
    chosen = [known.named(name) for name in dict.fromkeys(names)]
    for client in chosen:
        if project is not None and not client.servers.project:
            raise BadInput(
                "no-project-file",
                f"{client.title} keeps no servers in a project",
                f"connect it for yourself: `satchel connect {client.name}`",
            )
    return chosen


def _short(path: Path) -> str:
    """Spell a path as a person would: with `~` for their own folder."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except ValueError:
        return str(path)


# --- JSON -------------------------------------------------------------------------------------


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "path": str(step.snapshot.path),
        "target": str(step.snapshot.target),
        "clients": list(step.clients),
        "creates": step.snapshot.content is None,
        "removes": step.joined.content is None,
        "diff": step.diff,
    }


def _left_json(left: Left) -> dict[str, Any]:
    return {
        "path": str(left.path),
        "clients": list(left.clients),
        "reason": left.reason,
        "next": left.next_step,
    }


def _seen_json(seen: Seen) -> dict[str, Any]:
    return {
        "name": seen.client.name,
        "title": seen.client.title,
        "installed": seen.installed,
        "connected": seen.connected,
        "hooks": seen.hooked,
        "in_project": seen.project,
        "file": str(seen.path),
        "trouble": seen.trouble or None,
    }
