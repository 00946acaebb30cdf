"""Which files there are: what git lists, or what a plain folder holds. Nothing is opened here."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from satchel.context.ingest.skip import by_place, is_vendored
from satchel.context.types import Stamp

# What is built: a folder of this name, beside a file whose name ends like one of these.
_BUILT = {
    "target": ("Cargo.toml", "pom.xml", "build.sbt"),
    "dist": ("package.json", "pyproject.toml", "setup.py"),
    "build": ("package.json", "pyproject.toml", "setup.py", ".gradle", ".kts", "CMakeLists.txt"),
    "out": ("package.json", "tsconfig.json", "CMakeLists.txt"),
    "bin": (".csproj", ".sln"),
    "obj": (".csproj", ".sln"),
    "coverage": ("package.json",),
    "htmlcov": ("",),
}
# Hidden folders that are read all the same: what is in them is written for whoever works here.
_READ = (".github/", ".clinerules/", ".cursor/rules/", ".claude/rules/", ".windsurf/rules/")


@dataclass(frozen=True, slots=True)
class Seen:
    """A path of the workspace. `stamp` is how it looks now; its digest is known if unchanged.

    `skipped` is None, or why the file is not to be opened: "symlink", "outside" (a link that
    leads out of the root), "special" (a pipe, a socket, a device), "submodule", "vendored",
    "secret" (a file that holds keys), "name" (not UTF-8), "unreadable".
    """

    path: str
    stamp: Stamp
    unchanged: bool = False
    skipped: str | None = None


UNREAD = Stamp(0, 0, 0, "")


def walk(
    top: Path,
    listed: Iterable[str] | None,
    known: Mapping[str, Stamp],
    apart: Path | None = None,
) -> Iterator[Seen]:
    """Yield the files below `top`: those listed (by git), or all of a plain folder's.

    A file whose size, time and inode are as `known` is unchanged. No link is followed.
    A listed file that is gone is not mentioned, nor is what lies in the folder `apart`.
    """
    root = os.path.realpath(top)
    without = _below(root, apart)
    if listed is None:
        return _folder(root, known, without)
    if without is not None:
        listed = [path for path in listed if not f"{path}/".startswith(f"{without}/")]
    return _listed(root, listed, known)


def _below(root: str, apart: Path | None) -> str | None:
    """Return a folder as a path below `root`, or None where it lies elsewhere."""
    place = os.path.realpath(apart) if apart is not None else root
    return place[len(root) :].lstrip(os.sep) if place.startswith(root + os.sep) else None


def _listed(root: str, listed: Iterable[str], known: Mapping[str, Stamp]) -> Iterator[Seen]:
    inside: dict[str, bool] = {"": True}
    for path in listed:
        skipped = by_place(path)
        if skipped is None:
            folder = path.rpartition("/")[0]
            if folder not in inside:
                place = f"{root}/{folder}"
                inside[folder] = os.path.realpath(place) == os.path.normpath(place)
            if not inside[folder]:
                skipped = "outside"
        if skipped is not None:
            yield Seen(printable(path), UNREAD, skipped=skipped)
            continue
        try:
            look = os.lstat(f"{root}/{path}")
        except FileNotFoundError:
            continue
        except OSError:
            yield Seen(path, UNREAD, skipped="unreadable")
            continue
        yield _seen(root, path, look, known)


def _folder(root: str, known: Mapping[str, Stamp], without: str | None) -> Iterator[Seen]:
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(f"{root}/{folder}") as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            yield Seen(printable(folder or "."), UNREAD, skipped="unreadable")
            continue
        names = {entry.name for entry in entries}
        folders = []
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                look = entry.stat(follow_symlinks=False)
            except OSError:
                continue  # it went while the folder was read
            if path == without:
                continue
            if stat.S_ISDIR(look.st_mode):
                skipped = _left_folder(entry.name, folder, names)
                if skipped is None:
                    folders.append(path)
                elif skipped:
                    yield Seen(printable(path) + "/", UNREAD, skipped=skipped)
            elif skipped := by_place(path):
                yield Seen(printable(path), UNREAD, skipped=skipped)
            elif is_entered(path):
                yield _seen(root, path, look, known)
        waiting.extend(reversed(folders))


def is_entered(path: str) -> bool:
    """Tell whether a plain folder is walked down to a path: its hidden folders are not, but those
    that hold rules."""
    tail = _hidden(path.rpartition("/")[0] + "/")
    return not tail or (tail.startswith(_READ) and "/." not in tail)


def _hidden(folders: str) -> str:
    """Return a folder's path, which ends in a slash, from its first hidden folder on."""
    at = f"/{folders}".find("/.")
    return folders[at:] if at >= 0 else ""


def _left_folder(name: str, folder: str, beside: set[str]) -> str | None:
    """Say why a folder is not entered: "" where that is not worth counting, None to enter it."""
    tail = _hidden(f"{folder}/{name}/".lstrip("/"))
    if tail and (
        "/." in tail or not any(one.startswith(tail) or tail.startswith(one) for one in _READ)
    ):
        return ""
    if is_vendored(f"{folder}/{name}/".lstrip("/")):
        return "vendored"
    if name in _BUILT and any(other.endswith(_BUILT[name]) for other in beside):
        return "built"
    return None


def _seen(root: str, path: str, look: os.stat_result, known: Mapping[str, Stamp]) -> Seen:
    """Judge one entry by what lstat says of it."""
    mode = look.st_mode
    if stat.S_ISREG(mode):
        before = known.get(path)
        if (
            before is not None
            and before.mtime_ns == look.st_mtime_ns
            and before.size == look.st_size
            and before.inode == look.st_ino
        ):
            return Seen(path, before, unchanged=True)
        return Seen(path, Stamp(look.st_size, look.st_mtime_ns, look.st_ino, ""))
    if stat.S_ISLNK(mode):
        target = os.path.realpath(f"{root}/{path}")
        within = target == root or target.startswith(root + os.sep)
        return Seen(path, UNREAD, skipped="symlink" if within else "outside")
    return Seen(path, UNREAD, skipped="submodule" if stat.S_ISDIR(mode) else "special")


def printable(path: str) -> str:
    """Spell a name that is not UTF-8 so that it can be stored and shown."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")
