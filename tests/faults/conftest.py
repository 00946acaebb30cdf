"""Users whose world has something wrong with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.wiring import Satchel
from tests.cli.conftest import Said, User, at_home

CART = "def add_to_cart(item):\n    return [item]\n"
GIT = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org")


def git(top: Path, *words: str, stdin: bytes = b"") -> str:
    """Run git in a folder; its output."""
    local = ("-c", "protocol.file.allow=always")
    done = subprocess.run(
        [*GIT, *local, *words], cwd=top, check=True, capture_output=True, input=stdin
    )
    return done.stdout.decode("utf-8", "replace").strip()


def commit(top: Path, message: str) -> None:
    git(top, "add", "--all", "--", ".")
    git(top, "commit", "--quiet", "--message", message)


def until(holds: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait until something holds, and return it; fail after a generous while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := holds():
            return value
        time.sleep(0.02)
    raise AssertionError("it did not come to hold")


class Make(Protocol):
    """Makes a repository of one commit, named, with the given files."""

    def __call__(self, name: str = "shop", **files: str) -> Path: ...


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def make(name: str = "shop", **files: str) -> Path:
        top = tmp_path / name
        top.mkdir(parents=True)
        git(top, "init", "--quiet", "--initial-branch=main")
        for stem, text in (files or {"cart": CART}).items():
            (top / f"{stem}.py").write_text(text)
        commit(top, "Begin")
        return top

    return make


@pytest.fixture
def satchel(tmp_path: Path) -> Iterator[Satchel]:
    """The composition root in this process."""
    opened = Satchel(Home(tmp_path / "inner"), Settings({}))
    yield opened
    opened.close()


@pytest.fixture
def user(tmp_path: Path) -> Iterator[User]:
    """Somebody in an empty folder, with a home of their own."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with at_home(tmp_path / "home") as home:
        yield User(home, folder)


@pytest.fixture
def owner(tmp_path: Path, make: Make) -> Iterator[User]:
    """Somebody in a repository that holds a cart."""
    with at_home(tmp_path / "home") as home:
        yield User(home, make())


# --- a world with other mounts, or without a network --------------------------------------------


@dataclass(frozen=True)
class World:
    """Namespaces of a process that waits; commands can be run there and its files be reached."""

    pid: int
    kinds: tuple[str, ...]

    def runs(self, user: User, *words: str, stdin: bytes = b"", **environment: str) -> Said:
        """Run `satchel` there as the user would."""
        entered = ["nsenter", f"--target={self.pid}", "--user", "--preserve-credentials"]
        # nsenter leaves the folder behind where it changes the mounts.
        there = ["sh", "-c", 'cd "$0" && exec "$@"', str(user.folder)]
        done = subprocess.run(
            [*entered, *self.kinds, "--", *there, sys.executable, "-m", "satchel.cli", *words],
            input=stdin,
            env={**os.environ, "SATCHEL_HOME": str(user.home), **environment},
            capture_output=True,
            check=False,
            timeout=120,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def place(self, path: Path) -> Path:
        """Return a path of that world as it can be reached from here."""
        return Path(f"/proc/{self.pid}/root{path}")


@contextlib.contextmanager
def world(setup: str) -> Iterator[World]:
    """Enter a world with mounts of its own, which a shell script prepares."""
    refused = refusal()
    if refused:
        pytest.skip(refused)
    process = subprocess.Popen(
        [
            "unshare",
            "--map-root-user",
            "--mount",
            "sh",
            "-e",
            "-c",
            f"{setup}\necho ready\nexec cat",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"ready\n"
        yield World(process.pid, ("--mount",))
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=20)


def refusal() -> str:
    """Say why this machine lets nobody have mounts of their own; empty where it does."""
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return "no unshare and nsenter here"
    tried = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "true"], capture_output=True, check=False
    )
    return "" if tried.returncode == 0 else "no mount namespaces here"
