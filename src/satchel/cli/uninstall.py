"""`satchel uninstall`: show and remove what Satchel keeps outside its package, and nothing else."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from satchel.base.errors import BadInput, Broken, Cancelled
from satchel.base.paths import Home
from satchel.base.text import clean
from satchel.cli.render import counted, size
from satchel.cli.terminal import Terminal

MOST_FILES = 100_000  # more than this under SATCHEL_HOME is not ours


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of file that Satchel keeps; patterns are relative to its home, a segment each."""

    patterns: tuple[str, ...]
    meaning: str


KEPT = (
    Kept(("settings.json",), "your settings"),
    Kept(("gateway.key",), "the key of the model endpoint"),
    Kept(("grants.json", "grants.lock"), "what you permitted to leave this machine"),
    Kept(("ledger.jsonl",), "the ledger of what left or was refused (never its text)"),
    Kept(("assets/*", "assets/*/*", "assets/*/*/*"), "model files that were fetched"),
    Kept(("models/*", "models/*/*"), "models that you pulled"),
    Kept(
        ("workspaces/*/records.db*", "records.db*", "everywhere/records.db*"),
        "what you had it remember, and conversations",
    ),
    Kept(("workspaces/*/packets.db*",), "which briefings were given, and what was edited after"),
    Kept(("workspaces/*/sessions/*.json",), "which names a session was given already"),
    Kept(("workspaces/*/*",), "indexes of your folders"),
    Kept(("connected/*",), "what your AI tools' files were before `satchel connect`"),
    Kept(("cache/*", "cache/*/*"), "what can be made again: rules that find secrets, compiled"),
    Kept(("run/*", "run/*/*"), "the daemon's address and token"),
    Kept(("daemon.log*",), "the daemon's log (never a request's or a file's text)"),
    Kept((".*.[0-9]*",), "a file that was being written"),
)

SIGNS = (
    "settings.json",
    "gateway.key",
    "grants.json",
    "ledger.jsonl",
    "workspaces",
    "run/token",
    "run/daemon.lock",
    "daemon.log",
    "assets",
    "models/blobs",
    "connected/state.json",
    "cache/secret-rules",
)
"""One of these must be there before anything of a folder is called ours."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file under the home: what it is to us (None: not ours), and its bytes."""

    path: Path
    meaning: str | None
    bytes: int


def uninstall(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Show everything, ask, stop the daemon, remove it, and say how to remove the package."""
    refuse_strange(home)
    found = list(survey(home))
    ours = [file for file in found if file.meaning is not None]
    strange = [file for file in found if file.meaning is None]
    connections = _connected(home)
    if not terminal.json:
        _show(home, ours, strange, terminal)
        if connections:
            terminal.show("Your AI tools are disconnected first, in these files:")
            for path in connections:
                terminal.show(f"            {clean(path)}")
    removed = False
    if ours and not args.dry_run:
        if not terminal.confirm(
            "Remove all of it?",
            cannot="nobody is here to be asked whether to remove it",
            instead="add --yes to remove it, or --dry-run to see it",
        ):
            raise Cancelled("kept", "nothing was removed", "say yes to remove it")
        _disconnect(home)
        _stop_daemon(home)
        removed = True
        remove(home)
    if terminal.json:
        terminal.answer(
            {
                "home": str(home.root),
                "removed": removed,
                "bytes": sum(file.bytes for file in ours),
                "files": [_row(file) for file in ours],
                "disconnected": connections if removed else [],
                "not_ours": [str(file.path) for file in strange],
                "package": package_line(),
            }
        )
        return 0
    if removed:
        terminal.show(f"Removed {size(sum(file.bytes for file in ours))}.")
    if not args.dry_run:
        terminal.show(f"The package itself goes the way it came: {package_line()}")
    return 0


def refuse_strange(home: Home) -> None:
    """Refuse a home that is plainly something else: a root, the user's folder, a repository."""
    root = home.root
    persons = Path.home()
    if root == persons or root in persons.parents or (root / ".git").exists():
        raise BadInput(
            "not-our-folder",
            f"{root} is not a folder of Satchel's own, so nothing in it is removed",
            "point SATCHEL_HOME at Satchel's own folder, or unset it",
        )


def meaning_of(relative: PurePosixPath) -> str | None:
    """Tell what a file is to us by its place in the home; None where it is not ours."""
    parts = relative.parts
    for kept in KEPT:
        for pattern in kept.patterns:
            wanted = pattern.split("/")
            if len(wanted) == len(parts) and all(map(fnmatchcase, parts, wanted)):
                return kept.meaning
    return None


def survey(home: Home) -> Iterator[Found]:
    """List every file of the home, following no link. Raises BadInput where there are too many."""
    root = home.root
    ours = any((root / sign).exists() for sign in SIGNS)
    seen = 0
    for folder, folders, files in os.walk(root):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in sorted(files + links):
            seen += 1
            if seen > MOST_FILES:
                raise BadInput(
                    "not-our-folder",
                    f"{root} holds more than {MOST_FILES:,} files, so it is not Satchel's",
                    "point SATCHEL_HOME at Satchel's own folder, or unset it",
                )
            path = Path(folder) / name
            relative = PurePosixPath(path.relative_to(root).as_posix())
            linked_assets = name in links and str(relative) == "assets"
            meaning = "a link to model files" if linked_assets else meaning_of(relative)
            with contextlib.suppress(FileNotFoundError):
                yield Found(path, meaning if ours else None, path.lstat().st_size)


def remove(home: Home) -> None:
    """Remove what is ours, then the folders that this left empty.

    Looks again, because the daemon that just ended removed and wrote files. Raises Broken where
    the file system refuses.
    """
    try:
        for file in list(survey(home)):
            if file.meaning is not None:
                file.path.unlink(missing_ok=True)
        for folder, _, _ in list(os.walk(home.root, topdown=False)):
            with contextlib.suppress(OSError):  # not empty: something in it is not ours
                Path(folder).rmdir()
    except OSError as error:
        raise Broken(
            "cannot-remove",
            f"{error.filename or home.root} could not be removed: {error.strerror}",
            "change its permissions and run `satchel uninstall` again",
        ) from error


def package_line() -> str:
    """Say how to remove the package, by how it seems to have been installed."""
    place = Path(sys.prefix).as_posix()
    if "/pipx/" in place:
        return "pipx uninstall satchel"
    if "/uv/tools/" in place:
        return "uv tool uninstall satchel"
    if sys.prefix != sys.base_prefix:
        return f"{sys.executable} -m pip uninstall satchel (or delete the environment {sys.prefix})"
    return f"{sys.executable} -m pip uninstall satchel"


def _show(home: Home, ours: list[Found], strange: list[Found], terminal: Terminal) -> None:
    if not ours and not strange:
        terminal.show(f"Satchel keeps nothing in {clean(str(home.root))}.")
        return
    terminal.show(f"Satchel keeps this in {clean(str(home.root))}:")
    for kept in [*(kept.meaning for kept in KEPT), "a link to model files"]:
        files = [file for file in ours if file.meaning == kept]
        if files:
            total = size(sum(file.bytes for file in files))
            terminal.show(f"  {total:>8}  {kept}")
            for file in files[:8]:
                shown = clean(str(file.path))
                terminal.show(f"            {terminal.paint('dim', shown)}")
            if len(files) > 8:
                terminal.show(f"            and {counted(len(files) - 8, 'file')} more")
    if strange:
        terminal.show("Not Satchel's, and left alone:")
        for file in strange[:8]:
            terminal.show(f"            {clean(str(file.path))}")
        if len(strange) > 8:
            terminal.show(f"            and {counted(len(strange) - 8, 'file')} more")


def _row(file: Found) -> dict[str, Any]:
    return {"path": str(file.path), "bytes": file.bytes, "meaning": file.meaning}


def _connected(home: Home) -> list[str]:
    from satchel.tools import connected

    return list(connected.load(home).files)


def _disconnect(home: Home) -> None:
    """Take out of clients what was put in. Raises Broken where one cannot be read any more."""
    if not _connected(home):
        return
    from satchel.cli.connect import disconnect_all

    left = disconnect_all(home)
    if left:
        raise Broken(
            "still-connected",
            f"{left[0].path} names Satchel and was left alone: {left[0].reason}",
            left[0].next_step,
        )


def _stop_daemon(home: Home) -> None:
    from satchel.cli.resident import stop

    stop(home)
