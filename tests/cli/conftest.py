"""Commands as a user runs them: a process each, with a home of their own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from satchel.base.paths import Home
from satchel.demo.repository import build
from satchel.tools.client import find


@dataclass(frozen=True)
class Said:
    """What one command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output, and nothing else there."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


@dataclass(frozen=True)
class User:
    """Somebody at a shell without a terminal."""

    home: Path
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def runs(
        self, *words: str, stdin: bytes = b"", folder: Path | None = None, **environment: str
    ) -> Said:
        """Run `satchel` with these words and wait for it."""
        done = subprocess.run(
            [sys.executable, "-m", "satchel.cli", *words],
            input=stdin,
            cwd=folder or self.folder,
            env={
                **os.environ,
                "SATCHEL_HOME": str(self.home),
                **self.environment,
                **environment,
            },
            capture_output=True,
            check=False,
            timeout=120,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextlib.contextmanager
def at_home(home: Path) -> Iterator[Path]:
    """End the daemon of a home afterwards."""
    try:
        yield home
    finally:
        daemon = find(Home(home))
        if daemon is not None:
            daemon.stop()


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    """A newcomer in an empty folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with at_home(tmp_path / "home") as home:
        yield User(home, folder)


@pytest.fixture(scope="module")
def regular(tmp_path_factory: pytest.TempPathFactory) -> Iterator[User]:
    """Somebody in the demo's shop, which is indexed; one daemon for all tests of a file."""
    scratch = tmp_path_factory.mktemp("regular")
    build(scratch / "shop")
    with at_home(scratch / "home") as home:
        regular = User(home, scratch / "shop")
        said = regular.runs("index", "--json")
        assert said.status == 0, said
        yield regular
