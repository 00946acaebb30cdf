"""The grants that the user gave, in one JSON file that is read anew for each request.

So a revocation holds from the next request on, without telling the daemon, and no cache can be
older than the file. A file that is damaged, or that somebody else could have written, grants
nothing. Writers take turns by a lock beside it; each write is whole or not at all, and on the disk
before it counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from satchel.base import lock
from satchel.base.errors import BadInput, Broken, Unavailable, unwritable
from satchel.base.paths import Home, write_private
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
    moment,
)
from satchel.model.keys import read_key, read_own
from satchel.model.leaving import (
    Material,
    is_tool,
)

VERSION: Final = 1
FILE_MAX: Final = 1_000_000  # bytes
MOST: Final = 500  # grants; more than that nobody oversees
LOCK_S: Final = 5.0
LOOK_EVERY_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class Store:
    """The grants of a home. Every method reads the file; Broken where it cannot be trusted."""

    home: Home

    def read(self) -> tuple[Grant, ...]:
        """Return every grant, also those that have ended; none where there is no file."""
        path = self.home.grants
        try:
            content = read_own(path, FILE_MAX, closed=0o022).decode("utf-8")
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            raise _damaged(path, error) from error
        try:
            return parse(content)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _damaged(path, error) from error

    def add(self, grant: Grant, occasion: Occasion) -> Grant:
        """Keep a grant under a fresh id and return it so; those that ended are dropped.

        What is returned is what the next reader gets: times are whole seconds. Raises BadInput
        where there are too many, ValueError for what could not be read back.
        """
        with self._alone():
            kept = [each for each in self.read() if ended(each, occasion) is None]
            if len(kept) >= MOST:
                raise BadInput(
                    "too-many-grants",
                    f"{len(kept)} grants are in force, and no more are taken",
                    "see them with `satchel consent`, and revoke what is not needed",
                )
            given = _grant(as_json(replace(grant, id=_fresh({each.id for each in kept}))))
            self._write([*kept, given])
        return given

    def revoke(self, ids: Collection[str]) -> tuple[Grant, ...]:
        """End these grants and return them. Raises BadInput, ending none, for an id that is not
        there."""
        with self._alone():
            kept = self.read()
            unknown = sorted(set(ids) - {grant.id for grant in kept})
            if unknown:
                raise BadInput(
                    "no-such-grant",
                    f"there is no grant {', '.join(map(repr, unknown))}; nothing was revoked",
                    "`satchel consent` lists them",
                )
            self._write([grant for grant in kept if grant.id not in ids])
        return tuple(grant for grant in kept if grant.id in ids)

    def revoke_all(self) -> None:
        """End every grant, also where the file is damaged."""
        with self._alone():
            if self.home.grants.exists():
                self._write([])

    def spend(self, grant: Grant) -> bool:
        """End a grant that is for once; False where it was spent, revoked or changed before."""
        with self._alone():
            kept = self.read()
            if grant not in kept:
                return False
            self._write([each for each in kept if each != grant])
        return True

    def key(self, grant: Grant) -> str:
        """Read the key that goes along from its file, now; empty where the grant names none."""
        if grant.key_file is None:
            return ""
        try:
            return read_key(Path(grant.key_file))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise Unavailable(
                "key-unreadable",
                f"the key of grant {grant.id} cannot be read from {grant.key_file}: {reason}",
                f"put it there, or run `satchel consent revoke {grant.id}`; nothing was sent",
            ) from error

    def _write(self, grants: Sequence[Grant]) -> None:
        content = {"version": VERSION, "grants": [as_json(grant) for grant in grants]}
        try:
            write_private(self.home.grants, json.dumps(content, indent=2) + "\n")
            _settle(self.home.root)
        except OSError as error:
            raise unwritable(self.home.grants, error) from error

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of the file, which the kernel frees where a process dies.

        Raises Unavailable where somebody holds it for seconds.
        """
        path = self.home.root / "grants.lock"
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = _taken(path)
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            yield
        finally:
            os.close(descriptor)


def _taken(path: Path) -> int:
    until = time.monotonic() + LOCK_S
    while (descriptor := lock.take(path)) is None:
        if time.monotonic() > until:
            raise Unavailable(
                "grants-busy",
                f"another process has held the grants for {LOCK_S:.0f} seconds",
                "end the `satchel consent` that hangs, then try again",
            )
        time.sleep(LOOK_EVERY_S)
    return descriptor


# --- the file ---------------------------------------------------------------------------------


def as_json(grant: Grant) -> dict[str, Any]:
    """Return a grant as it stands in the file, and as programs get it."""
    value: dict[str, Any] = {
        "id": grant.id,
        "destination": grant.destination,
        "model": grant.model,
        "data": str(grant.material),
        "for": EXTENTS[type(grant.extent)],
        "created": moment(grant.created),
        "expires": moment(grant.expires) if grant.expires is not None else None,
        "tools": list(grant.tools),
        "key_file": grant.key_file,
    }
    match grant.extent:
        case InSession(id=session):
            value["session"] = session
        case InWorkspace(path=path):
            value["workspace"] = path
        case _:
            pass
    return value


EXTENTS: Final[Mapping[type[Extent], str]] = {
    Once: "once",
    InSession: "session",
    InWorkspace: "workspace",
    Always: "always",
}

_ALWAYS_THERE: Final = frozenset(
    {"id", "destination", "model", "data", "for", "created", "expires", "tools", "key_file"}
)
_MORE: Final = {"session": {"session"}, "workspace": {"workspace"}}


def parse(content: str) -> tuple[Grant, ...]:
    """Read the file's content; ValueError, KeyError or TypeError for anything that is not ours.

    A field that is not known is refused, not ignored: it could be one that narrows the grant.
    """
    value = json.loads(content, object_pairs_hook=_once_each)
    if not isinstance(value, dict) or set(value) != {"version", "grants"}:
        raise ValueError("it is not a list of grants")
    if value["version"] != VERSION:
        raise ValueError(f"it is of version {value['version']!r}, which this Satchel does not know")
    if not isinstance(value["grants"], list):
        raise TypeError("its grants are no list")
    grants = tuple(map(_grant, value["grants"]))
    if len({grant.id for grant in grants}) != len(grants):
        raise ValueError("two grants have one id")
    return grants


def _grant(row: Any) -> Grant:
    if not isinstance(row, dict) or set(row) != _ALWAYS_THERE | _MORE.get(_text(row["for"]), set()):
        raise ValueError("a grant has other fields than it should")
    tools = row["tools"]
    if not isinstance(tools, list) or not all(isinstance(t, str) and is_tool(t) for t in tools):
        raise ValueError("a grant's tools are not plain names")
    where, model, identity = _text(row["destination"]), _text(row["model"]), _text(row["id"])
    if "://" in where and destination.normal(where) != where:
        raise ValueError("a grant's destination is not a plain address")
    if model != EVERY_MODEL and not is_plain(model):
        raise ValueError("a grant's model has no plain name")
    if not (where and identity.isascii() and identity.isalnum()):
        raise ValueError("a grant has no plain id or destination")
    key_file = row["key_file"]
    if key_file is not None and not Path(_text(key_file)).is_absolute():
        raise ValueError("a grant's key file is not a whole path")
    return Grant(
        id=identity,
        destination=where,
        model=model,
        material=Material.named(_text(row["data"])),
        extent=_extent(row),
        created=_moment(row["created"]),
        expires=None if row["expires"] is None else _moment(row["expires"]),
        tools=tuple(tools),
        key_file=key_file,
    )


def _extent(row: Mapping[str, Any]) -> Extent:
    match row["for"]:
        case "once":
            return Once()
        case "session":
            return InSession(_text(row["session"]))
        case "workspace":
            return InWorkspace(_text(row["workspace"]))
        case "always":
            return Always()
        case other:
            raise ValueError(f"a grant is for {other!r}")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a grant has something else where text should be")
    return value


def _moment(value: Any) -> datetime:
    time = datetime.fromisoformat(_text(value))
    if time.tzinfo is None:
        raise ValueError("a grant's time has no zone")
    return time


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: which of the two counts is for a reader to wonder."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice")
    return value


def _damaged(path: Path, error: Exception) -> Broken:
    reason = error.strerror if isinstance(error, OSError) else error
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError | KeyError):
        reason = "it is not what Satchel writes"
    return Broken(
        "grants-unreadable",
        f"{path} cannot be read as grants ({reason}), so nothing may leave",
        "mend that file, or end every grant with `satchel consent revoke --all`",
    )


def _fresh(taken: Collection[str], draw: Callable[[], str] = lambda: secrets.token_hex(3)) -> str:
    while (identity := draw()) in taken:
        pass
    return identity


def _settle(folder: Path) -> None:
    """Have a rename in a folder survive a loss of power: what was revoked stays revoked."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
