"""Connecting clients: what would change, file by file, and then doing it so that it can be undone.

A plan is made without touching anything; `carry` carries it out. Nothing is started, and nothing
that a project holds says where anything is written: its files must lie within it.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from satchel.base.errors import Unavailable
from satchel.base.paths import Home
from satchel.tools import connected, entries, joining, trusted
from satchel.tools.client_rows import NAME, ON_PATH, Client, Places, Program
from satchel.tools.clients import CLIENTS
from satchel.tools.connected import Kept, Part, Whole
from satchel.tools.disk import Snapshot, check_writable, look
from satchel.tools.edit.change import Append, Put, Unreadable
from satchel.tools.joining import WHOLE, Joined, LeftAlone
from satchel.tools.places import candidates, roots


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where clients are looked for: the user's folder, the environment, and the system."""

    person: Path
    environment: Mapping[str, str]
    system: str = sys.platform

    @property
    def roots(self) -> dict[str, Path]:
        """Return the folders that clients keep their own below."""
        return roots(self.person, self.environment, self.system)


@dataclass(frozen=True, slots=True)
class Step:
    """What one file is to become, and for which clients."""

    snapshot: Snapshot
    joined: Joined
    clients: tuple[str, ...]
    private: bool

    @property
    def changes(self) -> bool:
        """Tell whether the file itself would be another."""
        return self.joined.content != self.snapshot.content

    @property
    def diff(self) -> str:
        """Return the exact unified diff, "" where nothing changes."""
        return difference(self.snapshot, self.joined.content)


@dataclass(frozen=True, slots=True)
class Left:
    """A file that is left alone, and why."""

    path: Path
    clients: tuple[str, ...]
    reason: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would be done, and what cannot be."""

    steps: tuple[Step, ...]
    left: tuple[Left, ...]
    connecting: bool

    @property
    def changes(self) -> bool:
        """Tell whether any file would be another."""
        return any(step.changes for step in self.steps)


# --- what there is ----------------------------------------------------------------------------


def program(
    home: Home, project: bool, environment: Mapping[str, str], executable: str = sys.executable
) -> Program:
    """Return how clients are to start us.

    In a project it is the plain name, since its files go to other machines. For the user it is
    this very Satchel's whole path, and its home, where that is not the usual one. Raises
    Unavailable where there is no such program.
    """
    if project:
        return ON_PATH
    found = [_beside(name, executable) for name in (NAME, "satchel-hook")]
    if None in found:
        raise Unavailable(
            "no-program",
            "there is no `satchel` beside this Python and none on PATH, so nothing could start it",
            "install the package, then run this again",
        )
    serve, hook = map(str, found)
    told = {"SATCHEL_HOME": str(home.root)} if environment.get("SATCHEL_HOME") else {}
    return Program((serve, "mcp"), (hook,), told)


def _beside(name: str, executable: str) -> str | None:
    folder = Path(executable).absolute().parent
    return shutil.which(name, path=str(folder)) or shutil.which(name)


def is_installed(client: Client, here: Surroundings) -> bool:
    """Tell whether a client is on this machine, by its folders or its command. Starts nothing."""
    if any(path.exists() for path in candidates(client.signs, here.roots, None)):
        return True
    path = here.environment.get("PATH")
    return bool(client.command and path and shutil.which(client.command, path=path))


def wanted(
    client: Client, here: Surroundings, program: Program, project: Path | None
) -> list[tuple[Path, str, list[Part]]]:
    """Return what is to be in which files: (path, format, parts)."""
    roots = here.roots
    found: dict[Path, tuple[str, list[Part]]] = {}

    def add(places: Places, format_name: str, deeds: Sequence[connected.Deed]) -> None:
        if not places:
            return
        path = first(candidates(places, roots, project))
        parts = found.setdefault(path, (format_name, []))[1]
        parts += [Part(client.name, deed) for deed in deeds]

    servers, hooks = client.servers, client.hooks
    entry = entries.entry(client, program, project is not None)
    put = Put((*servers.under, NAME), entry)
    add(servers.project if project else servers.user, servers.format, [put])
    if not found:
        return []  # the client takes none of it there
    if hooks is not None:
        places = hooks.project if project else hooks.user
        if hooks.own:
            add(places, WHOLE, [Whole(entries.hooks_file(client, program))])
        else:
            groups = entries.hook_groups(client, program)
            add(places, "json", [Append(("hooks", event), group) for event, group in groups])
    for page in client.pages:
        places = page.project if project else page.user
        text = entries.page_text(page, program)
        if not (page.spare and places and _is_other(places[0], roots, project, text)):
            add(places, WHOLE, [Whole(text)])
    return [(path, format_name, parts) for path, (format_name, parts) in found.items()]


def _is_other(place: str, roots: Mapping[str, Path], project: Path | None, text: str) -> bool:
    """Tell whether somebody else's file is where a spare one of ours would be."""
    [path] = candidates((place,), roots, project)
    try:
        return path.read_bytes() != text.encode("utf-8")
    except OSError:
        return os.path.lexists(path)


def first(paths: Sequence[Path]) -> Path:
    """Return the first path that exists, a link that leads nowhere included, else the first."""
    return next((path for path in paths if os.path.lexists(path)), paths[0])


# --- plans ------------------------------------------------------------------------------------


def plan_connect(
    chosen: Sequence[Client],
    here: Surroundings,
    home: Home,
    project: Path | None,
    overwrite: bool = False,
) -> Plan:
    """Say what connecting these clients would change. Touches nothing."""
    start = program(home, project is not None, here.environment)
    files: dict[Path, tuple[str, list[Part]]] = {}
    for client in chosen:
        for path, format_name, parts in wanted(client, here, start, project):
            files.setdefault(path, (format_name, []))[1].extend(parts)
    state = connected.load(home)

    def joined(snapshot: Snapshot) -> Joined:
        format_name, parts = files[snapshot.path]
        kept = state.files.get(str(snapshot.path))
        top = str(project) if project else None
        return joining.join(
            str(snapshot.path), top, format_name, snapshot.content, kept, parts, overwrite
        )

    names = {path: _clients(parts) for path, (_, parts) in files.items()}
    return _plan(names, dict.fromkeys(files, project), joined, True)


def plan_disconnect(
    here: Surroundings, home: Home, names: Sequence[str] = (), project: Path | None = None
) -> Plan:
    """Say what disconnecting would change: these clients, or all; in a project, or everywhere.

    What an earlier home left behind in the user's own files is found too.
    """
    state = connected.load(home)
    kept_of: dict[Path, Kept] = {}
    leaving: dict[Path, list[Part]] = {}
    for name, kept in state.files.items():
        if project is None or kept.project == str(project):
            ours = [part for part in kept.parts if not names or part.client in names]
            if ours:
                kept_of[Path(name)], leaving[Path(name)] = kept, ours
    for client in CLIENTS:
        if names and client.name not in names:
            continue
        for path, format_name, parts in wanted(client, here, ON_PATH, project):
            if str(path) in state.files:
                continue
            with contextlib.suppress(LeftAlone):
                content = look(path, project).content
                found = joining.strays(format_name, content, parts) if content else ()
                if found and content is not None:
                    stray = joining.as_kept(str(path), format_name, project, content, found)
                    kept_of[path], leaving[path] = stray, list(found)
    for path, found in _notes(here, kept_of).items():
        kept_of[path] = replace(kept_of[path], parts=(*kept_of[path].parts, *found))
        leaving[path] += found

    def joined(snapshot: Snapshot) -> Joined:
        return joining.part_from(kept_of[snapshot.path], snapshot.content, leaving[snapshot.path])

    projects = {
        path: Path(kept.project) if kept.project else None for path, kept in kept_of.items()
    }
    return _plan(
        {path: _clients(parts) for path, parts in leaving.items()}, projects, joined, False
    )


def _notes(here: Surroundings, leaving: Mapping[Path, Kept]) -> dict[Path, tuple[Part, ...]]:
    """Return what clients wrote down about hooks of ours that are leaving, by the file it is in."""
    found = {}
    for client in CLIENTS:
        if client.hooks is None or not client.hooks.trusted:
            continue
        hooks = first(candidates(client.hooks.user, here.roots, None))
        settings = first(candidates(client.servers.user, here.roots, None))
        if hooks not in leaving or settings not in leaving:
            continue
        with contextlib.suppress(LeftAlone, Unreadable, UnicodeDecodeError):
            listed, told = look(hooks, None).content or b"", look(settings, None).content or b""
            found[settings] = trusted.notes(client, hooks, listed.decode(), told.decode())
    return found


def _plan(
    names: Mapping[Path, tuple[str, ...]],
    projects: Mapping[Path, Path | None],
    joined: Callable[[Snapshot], Joined],
    connecting: bool,
) -> Plan:
    steps, left = [], []
    for path, owners in names.items():
        try:
            snapshot = look(path, projects[path])
            step = Step(snapshot, joined(snapshot), owners, projects[path] is None)
            if step.changes:
                check_writable(snapshot)
            steps.append(step)
        except LeftAlone as error:
            left.append(Left(path, owners, str(error), error.next_step))
    return Plan(tuple(steps), tuple(left), connecting)


def _clients(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.client for part in parts))


def difference(snapshot: Snapshot, content: bytes | None) -> str:
    """Return the unified diff from what is there to what is to be there."""
    old = "" if snapshot.content is None else snapshot.content.decode("utf-8", "replace")
    new = "" if content is None else content.decode("utf-8", "replace")
    name = str(snapshot.path)
    ends = (
        "/dev/null" if snapshot.content is None else name,
        "/dev/null" if content is None else name,
    )
    lines = difflib.unified_diff(_split(old), _split(new), *ends, lineterm="")
    told = []
    for line in lines:
        told.append(line.rstrip("\n"))
        if line[:1] in "+- " and not line.endswith("\n") and not line.startswith(("---", "+++")):
            told.append("\\ No newline at end of file")
    return "\n".join(told)


def _split(text: str) -> list[str]:
    """Cut at line feeds alone, as diff does."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
