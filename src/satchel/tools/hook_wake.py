"""Starting the daemon beside a prompt that found none, for the next one.

`start_soon` is called on the way of a prompt: it only starts `main`, which waits for the daemon.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from satchel.base.paths import Home
from satchel.tools.hook import here, note

if TYPE_CHECKING:
    from subprocess import Popen

AGAIN = 20.0  # seconds between two tries: what fails is not tried on every prompt
WAKE = (sys.executable, "-P", "-m", "satchel.tools.hook_wake")


def start_soon(home: str, folder: str, command: Sequence[str] = WAKE) -> Popen[bytes] | None:
    """Start beside this prompt what starts the daemon, or replaces one of another version, and has
    it open a folder. Returns None where it was not, or was tried just now."""
    tried = Home(Path(home)).run / "woken"
    try:
        if abs(time.time() - tried.stat().st_mtime) < AGAIN:
            return None
    except OSError:
        pass
    from satchel.tools.client import spawn

    try:
        tried.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        tried.touch()
        return spawn(Home(Path(home)), [*command, folder])
    except OSError:
        return None


def folder_of(told: bytes) -> str:
    """Return the folder that a client named, else the one that this runs in."""
    try:
        named = json.loads(told).get("cwd")
    except (ValueError, AttributeError, RecursionError):
        named = None
    return named if isinstance(named, str) and named else here()


def main(folder: str) -> int:
    """Start the daemon and have it open a folder."""
    from satchel.base import paths
    from satchel.base.errors import SatchelError
    from satchel.tools.client import connect

    home = paths.home()
    try:
        connect(home).call("POST", "/api/hook/warm", {"path": folder})
    except SatchelError as error:
        if error.code != "not-accepted":
            note(str(home.root), f"waking: {error.code}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
