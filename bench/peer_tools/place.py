"""Where a peer works and what is asked of it there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.peer_tools.processes import MARK, Peak

RESULTS = 50  # passages asked for: ten files stand among them, mostly


@dataclass(frozen=True, slots=True)
class Place:
    """Where a peer works: the clone, a home of its own, its environment, the mark that its
    processes carry, what watches them, the suffixes that are ranked, and the seconds that an
    index and an answer may take."""

    clone: Path
    home: Path
    environment: Path
    mark: str
    peak: Peak
    suffixes: frozenset[str]
    index_seconds: float
    ask_seconds: float

    def env(self) -> dict[str, str]:
        """Return the variables of its processes: its own home, programs and mark.

        Models that the user has from a hub may be used; nobody is told that they are.
        """
        real = Path.home() / ".cache" / "huggingface"
        return {
            "HF_HOME": str(real),
            **os.environ,
            "HOME": str(self.home),
            "PATH": f"{self.environment / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONPATH": "",
            "XDG_CACHE_HOME": str(self.home / ".cache"),
            "COCOINDEX_DISABLE_USAGE_TRACKING": "1",
            "DO_NOT_TRACK": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            MARK: self.mark,
        }

    def program(self, name: str) -> str:
        """Return a program of the environment."""
        return str(self.environment / "bin" / name)


class Session(Protocol):
    """A peer at work on one clone."""

    def index(self) -> None:
        """Read what is checked out now."""
        ...

    def ask(self, request: str) -> str:
        """Return what the tool prints for a model at its defaults."""
        ...

    def rank(self, request: str) -> list[str]:
        """Return files for the request `ask` was last called with, best first; they may be no
        sources, or come twice."""
        ...
