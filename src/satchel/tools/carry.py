"""Doing what was planned, so that a crash at any point can be undone.

The state is written first, then each file is replaced whole, keeping its mode, through its link.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from satchel.base import lock
from satchel.base.errors import Unavailable, unwritable
from satchel.base.paths import Home
from satchel.tools import connected
from satchel.tools.connect import Left, Plan, Step
from satchel.tools.connected import State
from satchel.tools.disk import Disk, Snapshot
from satchel.tools.joining import LeftAlone


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
            with contextlib.suppress(OSError):  # a home that holds nothing else was made here
                folder.rmdir()
                home.root.rmdir()


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
            _beside(step.snapshot).unlink(missing_ok=True)  # begun by one that was ended
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
    beside = _beside(snapshot)
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


def _beside(snapshot: Snapshot) -> Path:
    """Where the new file is written before it takes the old one's place."""
    return snapshot.target.with_name(f".{snapshot.target.name}.satchel")


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
