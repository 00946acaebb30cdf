"""The ledger: one JSON line an attempt to send something off this machine. Never the text of it.

A line is appended by a single write and is on the disk before anything leaves; where it cannot be
written, nothing does. A line that a loss of power tore is passed over when the ledger is read, and
does not touch the next one.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from satchel.base.errors import Broken, unwritable
from satchel.base.paths import Home
from satchel.model.consent import (
    Entry,
    moment,
)
from satchel.model.leaving import (
    Material,
    Section,
)

LINE_MAX: Final = 16_384  # bytes of one line; ours are some hundred


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of a home."""

    home: Home

    def note(self, entry: Entry) -> None:
        """Append one attempt, durably. Raises Broken where it cannot be written."""
        path = self.home.ledger
        line = json.dumps(as_json(entry), separators=(",", ":")).encode("ascii") + b"\n"
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                if _is_torn(descriptor):
                    line = b"\n" + line
                if os.write(descriptor, line) != len(line):
                    raise OSError("the line was not written whole")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise unwritable(path, error, "ledger-not-writable") from error

    def read(self, limit: int | None = None, since: datetime | None = None) -> list[Entry]:
        """Return the attempts, oldest first: the last `limit`, those at `since` or after it."""
        try:
            with self.home.ledger.open("rb") as file:
                entries = _entries(file)
                kept = (entry for entry in entries if since is None or entry.time >= since)
                return list(deque(kept, maxlen=limit))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(self.home.ledger, error) from error


def as_json(entry: Entry) -> dict[str, Any]:
    """Return an attempt as it stands on its line, and as programs get it."""
    return {
        "time": moment(entry.time),
        "destination": entry.destination,
        "server": entry.server,
        "model": entry.model,
        "data": str(entry.material),
        "bytes": entry.bytes,
        "allowed": entry.allowed,
        "grant": entry.grant,
        "reason": entry.reason,
        "tools": list(entry.tools),
        "sections": {section.name: section.items for section in entry.sections},
    }


def parse(line: bytes) -> Entry | None:
    """Read one line; None where it is torn or not ours."""
    try:
        row = json.loads(line)
        return Entry(
            time=datetime.fromisoformat(row["time"]),
            destination=str(row["destination"]),
            server=str(row["server"]),
            model=str(row["model"]),
            material=Material.named(row["data"]),
            bytes=int(row["bytes"]),
            allowed=bool(row["allowed"]),
            grant=row["grant"],
            reason=row["reason"],
            tools=tuple(map(str, row["tools"])),
            sections=tuple(Section(str(name), int(n)) for name, n in row["sections"].items()),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _entries(file: Any) -> Iterator[Entry]:
    while line := file.readline(LINE_MAX):
        entry = parse(line)
        if entry is not None and entry.time.tzinfo is not None:
            yield entry


def _is_torn(descriptor: int) -> bool:
    """Tell whether the last line has no end."""
    if os.fstat(descriptor).st_size == 0:
        return False
    os.lseek(descriptor, -1, os.SEEK_END)
    return os.read(descriptor, 1) != b"\n"


def _unreadable(path: Path, error: OSError) -> Broken:
    return Broken(
        "ledger-unreadable",
        f"{path} cannot be read ({error.strerror or error})",
        "look at its permissions",
    )
