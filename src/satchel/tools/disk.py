"""Looking at a user's file, and the few things that are done to their disk."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from satchel.base.paths import Home
from satchel.tools import connected
from satchel.tools.connected import State
from satchel.tools.joining import LeftAlone

MOST_BYTES: Final = 64_000_000  # a configuration that is larger is none


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A file as it was looked at: the path that it really has, and its bytes, None for no file."""

    path: Path
    target: Path
    content: bytes | None


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


def check_writable(snapshot: Snapshot) -> None:
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
