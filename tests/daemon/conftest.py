"""A fake daemon to call, and raw bytes to call it with."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from satchel.base.paths import Home
from satchel.tools.client import Daemon, connect, find
from satchel.tools.loopback import Address, dial

FAKE = (sys.executable, "-P", str(Path(__file__).with_name("fake_daemon.py")))


@pytest.fixture
def fake() -> tuple[str, ...]:
    return FAKE


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A fresh home; whatever daemon runs there at the end is stopped."""
    made = Home(tmp_path / "h")
    yield made
    daemon = find(made)
    if daemon is not None:
        daemon.stop()


@pytest.fixture
def spawn(home: Home) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start the fake daemon as a child of the test, with further words and environment."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            (*FAKE, *words), env={**os.environ, "SATCHEL_HOME": str(home.root), **environment}
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One fake daemon that tests share: none of them may stop it."""
    daemon = connect(Home(tmp_path_factory.mktemp("shared") / "h"), command=FAKE)
    yield daemon
    daemon.stop()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Wait until something holds, and return it; fail after a generous while."""

    def wait(holds: Callable[[], Any]) -> Any:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if value := holds():
                return value
            time.sleep(0.02)
        raise AssertionError("it did not come to hold")

    return wait


@pytest.fixture
def raw() -> Callable[[Address, bytes], tuple[int, str, bytes]]:
    """Send bytes as they are; return the status, the head and the body of what comes back."""

    def exchange(address: Address, request: bytes) -> tuple[int, str, bytes]:
        with dial(address) as connection:
            connection.sendall(request)
            answer = b""
            try:
                while block := connection.recv(65536):
                    answer += block
            except ConnectionResetError:
                pass  # it had said enough
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode("latin-1").lower(), body

    return exchange


@pytest.fixture
def tcp(running: Daemon) -> tuple[str, int]:
    host, port = running.url.removeprefix("http://").split(":")
    assert socket.gethostbyname(host) == "127.0.0.1"
    return host, int(port)
