"""Connecting clients: what would change, file by file, and then doing it so that it can be undone.

A plan is made without touching anything. To carry it out, the state is written first, then each
file is replaced whole, keeping its mode, through its link. Nothing is started, and nothing that a
project holds says where anything is written: its files must lie within it.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from satchel.base import lock
from satchel.base.errors import Unavailable, unwritable
from satchel.base.paths import Home
from satchel.tools import clients, connected, joining
from satchel.tools.clients import Client, Program
from satchel.tools.connected import Kept, Part, State, Whole
from satchel.tools.edit.change import Append, Put
from satchel.tools.joining import WHOLE, Joined, LeftAlone

MOST_BYTES: Final = 64_000_000  # a configuration that is larger is none


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where clients are looked for: the user's folder, the environment, and the system."""

    person: Path
    environment: Mapping[str, str]
    system: str = sys.platform

    @property
    def roots(self) -> dict[str, Path]:
        """Return the folders that clients keep their own below."""
        return clients.roots(self.person, self.environment, self.system)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file as it was looked at: the path that it really has, and its bytes, None for no file."""

    path: Path
    target: Path
    content: bytes | None


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


@dataclass(frozen=True, slots=True)
class Seen:
    """What is told of one client: whether it is here, and whether we are in its files."""

    client: Client
    installed: bool
    path: Path
    connected: bool
    hooked: bool | None  # None: it has no hooks
    project: bool
    trouble: str


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
        return Program((clients.NAME, "mcp"), ("satchel-hook",))
    found = [_beside(name, executable) for name in (clients.NAME, "satchel-hook")]
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
    if any(path.exists() for path in clients.candidates(client.signs, here.roots, None)):
        return True
    path = here.environment.get("PATH")
    return bool(client.command and path and shutil.which(client.command, path=path))


def survey(here: Surroundings, home: Home, project: Path | None = None) -> list[Seen]:
    """Look at every client, at the user's own files and at those of a project."""
    state = connected.load(home)
    return [_seen(client, here, state, project) for client in clients.CLIENTS]


def _seen(client: Client, here: Surroundings, state: State, project: Path | None) -> Seen:
    program = Program((clients.NAME, "mcp"), ("satchel-hook",))
    told: dict[bool, dict[Path, list[Part]]] = {}
    trouble = ""
    for in_project in (False, True):
        told[in_project] = {}
        if in_project and project is None:
            continue
        top = project if in_project else None
        for path, format_name, parts in wanted(client, here, program, top):
            try:
                content = look(path, top).content
            except LeftAlone as error:
                trouble = trouble or str(error)
                continue
            found = joining.strays(format_name, content, parts) if content is not None else ()
            held = state.files.get(str(path))
            if held is not None and format_name == WHOLE and content is not None:
                found = held.parts
            told[in_project][path] = list(found)
    parts = [part for found in told[False].values() for part in found]
    hooked = [part for part in parts if not isinstance(part.deed, Put)]
    in_projects = [part for found in told[True].values() for part in found]
    path = _first(clients.candidates(client.servers.user, here.roots, None))
    has_hooks = client.hooks is not None or any(page.user for page in client.pages)
    return Seen(
        client=client,
        installed=is_installed(client, here),
        path=path,
        connected=any(isinstance(part.deed, Put) for part in parts),
        hooked=bool(hooked) if has_hooks else None,
        project=bool(in_projects),
        trouble=trouble,
    )


def wanted(
    client: Client, here: Surroundings, program: Program, project: Path | None
) -> list[tuple[Path, str, list[Part]]]:
    """Return what is to be in which files: (path, format, parts)."""
    roots = here.roots
    found: dict[Path, tuple[str, list[Part]]] = {}

    def add(places: tuple[str, ...], format_name: str, deeds: Sequence[connected.Deed]) -> None:
        if not places:
            return
        path = _first(clients.candidates(places, roots, project))
        parts = found.setdefault(path, (format_name, []))[1]
        parts += [Part(client.name, deed) for deed in deeds]

    servers, hooks = client.servers, client.hooks
    entry = clients.entry(client, program, project is not None)
    put = Put((*servers.under, clients.NAME), entry)
    add(servers.project if project else servers.user, servers.format, [put])
    if not found:
        return []  # the client takes none of it there
    if hooks is not None:
        places = hooks.project if project else hooks.user
        if hooks.own:
            add(places, WHOLE, [Whole(clients.hooks_file(client, program))])
        else:
            groups = clients.hook_groups(client, program)
            add(places, "json", [Append(("hooks", event), group) for event, group in groups])
    for page in client.pages:
        text = clients.page_text(page, program)
        add(page.project if project else page.user, WHOLE, [Whole(text)])
    return [(path, format_name, parts) for path, (format_name, parts) in found.items()]


def _first(paths: Sequence[Path]) -> Path:
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
    start = Program((clients.NAME, "mcp"), ("satchel-hook",))
    for client in clients.CLIENTS:
        if names and client.name not in names:
            continue
        for path, format_name, parts in wanted(client, here, start, project):
            if str(path) in state.files:
                continue
            with contextlib.suppress(LeftAlone):
                content = look(path, project).content
                found = joining.strays(format_name, content, parts) if content else ()
                if found and content is not None:
                    stray = joining.as_kept(str(path), format_name, project, content, found)
                    kept_of[path], leaving[path] = stray, list(found)

    def joined(snapshot: Snapshot) -> Joined:
        return joining.part_from(kept_of[snapshot.path], snapshot.content, leaving[snapshot.path])

    projects = {
        path: Path(kept.project) if kept.project else None for path, kept in kept_of.items()
    }
    return _plan(
        {path: _clients(parts) for path, parts in leaving.items()}, projects, joined, False
    )


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
                _check_writable(snapshot)
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


# --- the disk ---------------------------------------------------------------------------------


def look(path: Path, project: Path | None) -> Snapshot:
    """Read a file, through its link. Raises LeftAlone for what is no file of ours to change."""
    try:
        target = Path(os.path.realpath(path))
        top = Path(os.path.realpath(project)) if project else None
        if top is not None and top not in target.parents:
            raise LeftAlone(
                f"it leads out of the project, to {target}",
                "connect for the user, without --project",
            )
        told = target.stat()
    except FileNotFoundError:
        return Snapshot(path, target, None)
    except OSError as error:
        raise LeftAlone(
            f"it cannot be looked at ({error.strerror})", "mend that and run this again"
        ) from error
    if not stat.S_ISREG(told.st_mode):
        raise LeftAlone("it is not a file", "move it away and run this again")
    if told.st_size > MOST_BYTES:
        raise LeftAlone("it is too large for a configuration", "look at what it is")
    try:
        return Snapshot(path, target, target.read_bytes())
    except OSError as error:
        raise LeftAlone(
            f"it cannot be read ({error.strerror})", "change its permissions and run this again"
        ) from error


def _check_writable(snapshot: Snapshot) -> None:
    """Refuse what its owner made read-only, also where the system would not."""
    target = snapshot.target
    if snapshot.content is not None and not (
        target.stat().st_mode & stat.S_IWUSR and os.access(target, os.W_OK)
    ):
        raise LeftAlone("it is read-only", "make it writable and run this again")
    above = next(folder for folder in target.parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise LeftAlone(
            f"nothing can be written in {above}", "change its permissions and run this again"
        )


class Disk:
    """The few things that are done to a user's disk. A test's own crashes between any two."""

    def make_folder(self, folder: Path) -> None:
        """Make one folder."""
        folder.mkdir()

    def write_beside(
        self, beside: Path, content: bytes, mode: int, owner: tuple[int, int] | None
    ) -> None:
        """Write a new file that no program reads."""
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(beside, flags, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if owner is not None and hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):  # only root gives files away
                os.chown(beside, *owner)
        beside.chmod(mode)

    def take_place(self, beside: Path, target: Path) -> None:
        """Have it be the file."""
        beside.replace(target)

    def remove(self, target: Path) -> None:
        """Remove a file."""
        target.unlink()

    def remove_folder(self, folder: Path) -> None:
        """Remove a folder where it is empty."""
        folder.rmdir()

    def keep(self, home: Home, state: State) -> None:
        """Write the state."""
        connected.save(home, state)


@contextlib.contextmanager
def held(home: Home) -> Iterator[None]:
    """Be the only one who connects or disconnects. Raises Unavailable and Broken."""
    folder = connected.place(home).parent
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = lock.take(folder / "lock")
    except OSError as error:
        raise unwritable(home.root, error, "home-not-writable") from error
    if descriptor is None:
        raise Unavailable(
            "connecting-already", "another `satchel connect` is at work", "try again when it ended"
        )
    try:
        yield
    finally:
        os.close(descriptor)
        if not connected.place(home).exists():
            (folder / "lock").unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                folder.rmdir()


def carry_out(plan: Plan, home: Home, disk: Disk | None = None) -> Plan:
    """Do what was planned; return the plan with what could not be done moved to what was left.

    The state is written before each file that is connected, since what may soon be there has to
    be known first, and after each that is disconnected.
    """
    disk = disk or Disk()
    state = connected.load(home)
    done: list[Step] = []
    left = list(plan.left)
    for step in plan.steps:
        try:
            state = (_connect if plan.connecting else _disconnect)(step, state, home, disk)
            done.append(step)
        except LeftAlone as error:
            left.append(Left(step.snapshot.path, step.clients, str(error), error.next_step))
        except OSError as error:
            reason = f"the system refused ({error.strerror or error})"
            left.append(
                Left(step.snapshot.path, step.clients, reason, "mend that and run this again")
            )
    _clear_folders(state, home, disk)
    return Plan(tuple(done), tuple(left), plan.connecting)


def _connect(step: Step, state: State, home: Home, disk: Disk) -> State:
    """Do one step, and return the state that was written for it."""
    kept = step.joined.kept
    assert kept is not None
    folders = _missing(step.snapshot.target)
    new = replace(state, folders=(*state.folders, *folders)).with_file(kept)
    if new != state:
        disk.keep(home, new)
    try:
        for folder in folders:
            disk.make_folder(Path(folder))
        _write(step, disk)
    except (OSError, LeftAlone):
        for folder in reversed(folders):
            with contextlib.suppress(OSError):
                disk.remove_folder(Path(folder))
        disk.keep(home, state)
        raise
    return new


def _disconnect(step: Step, state: State, home: Home, disk: Disk) -> State:
    """Undo one step, and return the state that was written after it."""
    _write(step, disk)
    kept, path = step.joined.kept, str(step.snapshot.path)
    new = state.without_file(path) if kept is None else state.with_file(kept)
    if new != state:
        disk.keep(home, new)
    return new


def _missing(target: Path) -> list[str]:
    """Return the folders that have to be made for a file, the outermost first."""
    return [str(folder) for folder in reversed(target.parents) if not folder.exists()]


def _write(step: Step, disk: Disk) -> None:
    snapshot, content = step.snapshot, step.joined.content
    if content == snapshot.content:
        return
    target = snapshot.target
    beside = target.with_name(f".{target.name}.satchel")
    if content is None:
        _check_unchanged(snapshot)
        disk.remove(target)
        return
    mode, owner = 0o600 if step.private else 0o644, None
    if snapshot.content is not None:
        told = target.stat()
        mode, owner = stat.S_IMODE(told.st_mode), (told.st_uid, told.st_gid)
    try:
        disk.write_beside(beside, content, mode, owner)
        _check_unchanged(snapshot)
        disk.take_place(beside, target)
    except (OSError, LeftAlone):
        beside.unlink(missing_ok=True)
        raise


def _check_unchanged(snapshot: Snapshot) -> None:
    """Refuse where somebody wrote the file since it was looked at."""
    try:
        content = snapshot.target.read_bytes()
    except FileNotFoundError:
        content = None
    if content != snapshot.content:
        raise LeftAlone("it was changed in the meantime", "run this again")


def _clear_folders(state: State, home: Home, disk: Disk) -> None:
    """Remove the folders that were made for files of which none is ours any more."""
    needed = {parent for path in state.files for parent in Path(os.path.realpath(path)).parents}
    idle = [folder for folder in state.folders if Path(folder) not in needed]
    for folder in sorted(idle, key=len, reverse=True):
        with contextlib.suppress(OSError):  # somebody else's files are in it
            disk.remove_folder(Path(folder))
    if idle:
        staying = tuple(folder for folder in state.folders if folder not in idle)
        disk.keep(home, replace(state, folders=staying))
