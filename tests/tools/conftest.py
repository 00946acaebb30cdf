"""The fake daemon of tests/daemon, for the clients that stand before it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.base.paths import Home
from satchel.tools.client import Daemon, connect, find

FAKE_DAEMON = Path(__file__).parents[1] / "daemon" / "fake_daemon.py"
COMMAND = (sys.executable, "-P", str(FAKE_DAEMON))


@pytest.fixture
def fake() -> tuple[str, ...]:
    return COMMAND


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One fake daemon that tests share: none of them may stop it."""
    started = connect(Home(tmp_path_factory.mktemp("tools") / "h"), command=COMMAND)
    yield started
    started.stop()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "h")
    yield made
    daemon = find(made)
    if daemon is not None:
        daemon.stop()
