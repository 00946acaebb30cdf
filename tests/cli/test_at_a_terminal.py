"""With a real terminal on the other side: questions, colours, progress."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from satchel.demo.repository import build
from tests.cli.conftest import User, at_home

pty = pytest.importorskip("pty", reason="pseudo-terminals are a thing of POSIX")


@pytest.fixture
def person(tmp_path: Path) -> Iterator[User]:
    build(tmp_path / "shop")
    with at_home(tmp_path / "home") as home:
        yield User(home, tmp_path / "shop")


@dataclass(frozen=True)
class Seen:
    """What stood on the screen at the end."""

    status: int
    screen: str


def at_a_terminal(user: User, *words: str, typed: str) -> Seen:
    """Run a command in a terminal of its own, and type when it asks."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "satchel.cli", *words],
        cwd=user.folder,
        env={
            **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
            "SATCHEL_HOME": str(user.home),
            "TERM": "xterm-256color",
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    screen = b""
    asked = False
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # EIO: the other side has closed
            break
        if not piece:
            break
        screen += piece
        if not asked and b"[y/N]" in screen:
            asked = True
            os.write(ours, typed.encode())
    os.close(ours)
    return Seen(process.wait(timeout=60), screen.decode("utf-8", "replace"))


def test_a_yes_indexes_with_progress_and_briefs_in_colour(person: User) -> None:
    seen = at_a_terminal(person, "brief", "switch sessions to JWT", typed="y\n")
    assert seen.status == 0, seen.screen
    assert f"Index {person.folder}?" in seen.screen
    assert "Read " in seen.screen
    assert "\x1b[36m`" in seen.screen
    assert "shop/sessions.py" in seen.screen


def test_a_no_reads_nothing(person: User) -> None:
    seen = at_a_terminal(person, "brief", "switch sessions to JWT", typed="\n")
    assert seen.status == 130
    assert "was not accepted, so it was not read" in seen.screen
    assert not list(person.home.glob("workspaces/*/index.db"))


def test_the_demo_offers_the_same_for_the_repository_at_hand(person: User) -> None:
    seen = at_a_terminal(person, "demo", typed="y\n")
    assert seen.status == 0, seen.screen
    assert f"Do the same in {person.folder}?" in seen.screen.replace("\r\n", "\n")
    assert "where does this program start?" in seen.screen
