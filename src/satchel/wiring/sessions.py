"""What was handed over in which session, kept beside the records of each workspace.

Names and digests alone, a small file a session: a daemon that ended in between does not repeat
itself. It is deleted with whatever else is kept of the workspace. What was asked last is held in
memory alone, so that the next prompt may refer to it.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from satchel.base.paths import write_private
from satchel.context.follow_up import NOTHING, Earlier

MOST_SESSIONS: Final = 64  # in memory, and of each workspace on the disk
MOST_ITEMS: Final = 4_000  # of one session; the oldest are let go


class Sessions:
    """The items of sessions. Safe from any thread. `folder` is where a workspace's are kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[Path, dict[str, str]] = OrderedDict()
        self._asked: OrderedDict[Path, Earlier] = OrderedDict()

    def seen(self, folder: Path, session: str) -> Mapping[str, str]:
        """Return the digests of what was handed over in a session, by an item's name."""
        with self._lock:
            return dict(self._of(_file(folder, session))) if session else {}

    def add(self, folder: Path, session: str, items: Mapping[str, str]) -> None:
        """Note what was handed over."""
        if not (session and items):
            return
        file = _file(folder, session)
        with self._lock:
            held = self._of(file)
            for name in items:
                held.pop(name, None)
            held |= items
            for name in list(held)[: max(0, len(held) - MOST_ITEMS)]:
                del held[name]

    def begin(self, folder: Path, session: str) -> None:
        """Forget what was handed over: it is before the model no more."""
        if session:
            file = _file(folder, session)
            with self._lock:
                self._seen[file] = {}
                self._asked.pop(file, None)
                with suppress(OSError):
                    file.unlink(missing_ok=True)

    def earlier(self, folder: Path, session: str) -> Earlier:
        """Return what a session asked before."""
        with self._lock:
            return self._asked.get(_file(folder, session), NOTHING)

    def asked(self, folder: Path, session: str, earlier: Earlier) -> None:
        """Hold what the next prompt of a session may refer to."""
        if not session:
            return
        file = _file(folder, session)
        with self._lock:
            self._asked[file] = earlier
            self._asked.move_to_end(file)
            while len(self._asked) > MOST_SESSIONS:
                self._asked.popitem(last=False)

    def keep(self, folder: Path, session: str) -> None:
        """Write a session's items down, where the workspace is still kept."""
        file = _file(folder, session)
        with self._lock:
            held = dict(self._seen.get(file, {}))
        if not (held and folder.is_dir()):
            return
        with suppress(OSError):  # no room: it is repeated after a restart, and nothing else
            write_private(file, json.dumps(held))
            old = sorted(file.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)
            for one in old[:-MOST_SESSIONS]:
                one.unlink(missing_ok=True)

    def _of(self, file: Path) -> dict[str, str]:
        held = self._seen.get(file)
        if held is None:
            held = self._seen[file] = _read(file)
        self._seen.move_to_end(file)
        while len(self._seen) > MOST_SESSIONS:
            self._seen.popitem(last=False)
        return held


def _file(folder: Path, session: str) -> Path:
    """Name a session's file by a digest: its id is whatever a client says."""
    name = hashlib.blake2b(session.encode("utf-8", "replace"), digest_size=12).hexdigest()
    return folder / "sessions" / f"{name}.json"


def _read(file: Path) -> dict[str, str]:
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(digest) for name, digest in held.items()} if type(held) is dict else {}
