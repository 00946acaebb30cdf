"""The errors that a user can meet. Each says what happened and what to do next.

SatchelError
├── BadInput          the request itself is wrong: a path, a flag, a value    (exit 2)
├── NeedsAnswer       a question would be asked and nobody can answer it      (exit 2)
├── NotAccepted       the folder was never indexed or accepted by the user    (exit 2)
├── Unavailable       something needed is not there: a model, the daemon, git (exit 3)
├── Broken            a file of ours is damaged or cannot be written          (exit 4)
└── Cancelled         the user stopped it                                     (exit 130)
"""

from __future__ import annotations

import errno
from typing import Any


class SatchelError(Exception):
    """A failure with one sentence and a next step.

    `code` is stable and kebab-case; programs may match on it. `extra` holds further JSON
    values for programs, never text of the user's files or requests.
    """

    exit_status = 1

    def __init__(self, code: str, message: str, next_step: str, **extra: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next_step = next_step
        self.extra = extra

    def as_json(self) -> dict[str, Any]:
        """Return the value that stands under `error` in every JSON answer."""
        return {"code": self.code, "message": self.message, "next": self.next_step, **self.extra}


class BadInput(SatchelError):
    """The request itself is wrong."""

    exit_status = 2


class TooLarge(BadInput):
    """The request brings more than may be sent at once."""

    def __init__(self, limit: int) -> None:
        message = f"a request may bring at most {limit:,} bytes"
        super().__init__("too-large", message, "send less at once")


class NeedsAnswer(SatchelError):
    """A question would be asked, and there is no terminal and no --yes."""

    exit_status = 2


class NotAccepted(SatchelError):
    """The folder was never indexed or accepted, so it is not read."""

    exit_status = 2


class Unavailable(SatchelError):
    """Something that the request needs is not there."""

    exit_status = 3


class Broken(SatchelError):
    """A file that Satchel keeps is damaged or cannot be written."""

    exit_status = 4


class Cancelled(SatchelError):
    """The user stopped it."""

    exit_status = 130


OUT_OF_ROOM = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


def unwritable(place: object, error: OSError, code: str = "store-not-writable") -> Broken:
    """Say that something of ours cannot be written, and whether that is for want of room."""
    if error.errno in OUT_OF_ROOM:
        return Broken(
            "disk-full",
            f"{place} cannot be written: the disk is full; nothing acknowledged was lost",
            "free some disk space and run the command again",
        )
    return Broken(
        code,
        f"{place} cannot be written ({error.strerror or error})",
        "make it writable, or set SATCHEL_HOME to a folder that is",
    )


def no_room(place: object, needed: float, free: float) -> Broken:
    """Say, before anything is written, that a disk lacks room for so many bytes."""
    return Broken(
        "disk-full",
        f"{needed / 1e6:,.0f} MB are needed in {place} and {free / 1e6:,.0f} MB are free",
        "make room, or set SATCHEL_HOME to a folder on another disk",
    )


BY_STATUS: dict[int, type[SatchelError]] = {
    kind.exit_status: kind for kind in (NeedsAnswer, BadInput, Unavailable, Broken, Cancelled)
}


def from_json(error: dict[str, Any], status: int = 1) -> SatchelError:
    """Rebuild an error that came over the wire as `as_json()` with its exit status."""
    known = {"code", "message", "next", "status"}
    extra = {key: value for key, value in error.items() if key not in known}
    kind = BY_STATUS.get(int(error.get("status", status)), SatchelError)
    return kind(
        str(error.get("code", "error")),
        str(error.get("message", "unknown error")),
        str(error.get("next", "run `satchel doctor`")),
        **extra,
    )
