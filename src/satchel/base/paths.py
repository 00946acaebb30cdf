"""Where Satchel keeps what it keeps: one folder, `$SATCHEL_HOME` or `~/.satchel`.

Standard library alone: the shim and the command line start with this.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

SOCKET_PATH_LIMIT = 100  # bytes; sun_path holds 108 on Linux and 104 on macOS


@dataclass(frozen=True, slots=True)
class Home:
    """The layout of Satchel's folder. Nothing is created by naming it."""

    root: Path

    @property
    def settings(self) -> Path:
        """The user's settings, JSON."""
        return self.root / "settings.json"

    @property
    def assets(self) -> Path:
        """Model files that were fetched once."""
        return self.root / "assets"

    @property
    def models(self) -> Path:
        """Language models that the user pulled."""
        return self.root / "models"

    @property
    def workspaces(self) -> Path:
        """One folder a workspace: `index.db` (rebuildable), `records.db` (precious) and
        `packets.db` (what was handed over)."""
        return self.root / "workspaces"

    @property
    def run(self) -> Path:
        """What exists only while the daemon runs: lock, socket, token, address."""
        return self.root / "run"

    @property
    def lock(self) -> Path:
        """Held by the one daemon for as long as it lives."""
        return self.run / "daemon.lock"

    @property
    def address(self) -> Path:
        """JSON that tells clients where the daemon listens."""
        return self.run / "daemon.json"

    @property
    def token(self) -> Path:
        """The bearer token, mode 0600."""
        return self.run / "token"

    @property
    def socket(self) -> Path | None:
        """The unix socket, or None where the path would be too long for one."""
        path = self.run / "s"
        return path if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT else None

    @property
    def key(self) -> Path:
        """The key of the model endpoint, mode 0600: unlike the token it stays from start to start,
        since tools keep it in their own settings."""
        return self.root / "gateway.key"

    @property
    def log(self) -> Path:
        """The daemon's log. It never holds a request's or a file's text."""
        return self.root / "daemon.log"

    @property
    def grants(self) -> Path:
        """What the user permitted to leave this machine, JSON."""
        return self.root / "grants.json"

    @property
    def ledger(self) -> Path:
        """Every attempt at sending something off this machine, a JSON line each; never its text."""
        return self.root / "ledger.jsonl"

    def workspace(self, top: Path) -> Path:
        """The folder that holds what Satchel knows of the workspace at `top`."""
        return self.workspaces / workspace_id(top)


def home() -> Home:
    """Return the home that the environment names."""
    named = os.environ.get("SATCHEL_HOME")
    return Home(Path(named).expanduser().absolute() if named else Path.home() / ".satchel")


def workspace_id(top: Path) -> str:
    """Name a workspace's folder: readable, and unique by its absolute path."""
    digest = hashlib.sha256(os.fsencode(top)).hexdigest()[:12]
    readable = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in top.name)
    return f"{readable[:32].strip('-') or 'workspace'}-{digest}"


def write_private(path: Path, content: str) -> None:
    """Write a file whole or not at all, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
