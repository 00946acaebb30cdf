"""What `connect` wrote, and what it takes to undo it: one file of JSON in the Satchel home.

It holds the old bytes of configurations, so it is private, and it is written before any of them
is: whenever a crash comes, `disconnect` knows what may be there. Standard library alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from satchel.base.errors import Broken
from satchel.base.paths import Home, write_private
from satchel.tools.edit.change import Append, Put, Trace

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Whole:
    """Have the file hold this text and nothing else."""

    text: str


Deed: TypeAlias = Put | Append | Whole


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is in a file on behalf of a client, and how it was worked in."""

    client: str
    deed: Deed
    trace: Trace = field(default_factory=Trace)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one file: what is ours in it, the old bytes, and what it was left as.

    `before` is None where there was no file. `after` is the SHA-256 of what was last written;
    while the file has it, nobody else touched it. `project` is the folder of a project's file.
    """

    path: str
    format: str
    project: str | None
    before: bytes | None
    after: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class State:
    """All that is connected: files by their paths, and folders that were made for them."""

    files: Mapping[str, Kept]
    folders: tuple[str, ...] = ()

    def with_file(self, kept: Kept) -> State:
        """Return the state with one file's new place in it."""
        return replace(self, files={**self.files, kept.path: kept})

    def without_file(self, path: str) -> State:
        """Return the state without one file."""
        left = {name: kept for name, kept in self.files.items() if name != path}
        return replace(self, files=left)


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes."""
    return hashlib.sha256(content).hexdigest()


def place(home: Home) -> Path:
    """Return where the state is kept."""
    return home.root / "connected" / "state.json"


def load(home: Home) -> State:
    """Read the state; none means that nothing is connected. Raises Broken where it is damaged."""
    try:
        told = json.loads(place(home).read_text(encoding="utf-8"))
        if told["version"] != VERSION:
            raise ValueError("another version")
        files = {one["path"]: _kept(one) for one in told["files"]}
        return State(files, tuple(map(str, told["folders"])))
    except FileNotFoundError:
        return State({})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Broken(
            "connections-unreadable",
            f"{place(home)} cannot be read, so what was connected is not known",
            "move it away; `satchel disconnect` then looks into each client's file itself",
        ) from error


def save(home: Home, state: State) -> None:
    """Write the state whole or not at all; an empty one is no file."""
    if not state.files and not state.folders:
        place(home).unlink(missing_ok=True)
        return
    told = {
        "version": VERSION,
        "files": [_file_json(kept) for kept in state.files.values()],
        "folders": list(state.folders),
    }
    write_private(place(home), json.dumps(told, indent=1) + "\n")


def _file_json(kept: Kept) -> dict[str, Any]:
    before = kept.before
    return {
        "path": kept.path,
        "format": kept.format,
        "project": kept.project,
        "before": None if before is None else base64.b64encode(before).decode("ascii"),
        "after": kept.after,
        "parts": [_part_json(part) for part in kept.parts],
    }


def _part_json(part: Part) -> dict[str, Any]:
    match part.deed:
        case Whole(text=text):
            deed: dict[str, Any] = {"whole": text}
        case Put(path=path, value=value):
            deed = {"put": list(path), "value": value}
        case Append(path=path, value=value):
            deed = {"append": list(path), "value": value}
    trace = part.trace
    how = {"made": trace.made, "hollow": trace.hollow, "replaced": trace.replaced}
    return {"client": part.client, **deed, **how}


def _kept(told: Mapping[str, Any]) -> Kept:
    before = told["before"]
    return Kept(
        path=str(told["path"]),
        format=str(told["format"]),
        project=told["project"],
        before=None if before is None else base64.b64decode(before, validate=True),
        after=str(told["after"]),
        parts=tuple(_part(one) for one in told["parts"]),
    )


def _part(told: Mapping[str, Any]) -> Part:
    deed: Deed
    if "whole" in told:
        deed = Whole(str(told["whole"]))
    elif "put" in told:
        deed = Put(tuple(map(str, told["put"])), told["value"])
    else:
        deed = Append(tuple(map(str, told["append"])), told["value"])
    trace = Trace(int(told["made"]), told["hollow"], told["replaced"])
    return Part(str(told["client"]), deed, trace)
