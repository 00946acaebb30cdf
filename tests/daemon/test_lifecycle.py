"""One daemon a home, however it is started and however it ended before."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from satchel.base.errors import Broken, SatchelError, Unavailable
from satchel.base.paths import Home
from satchel.tools.client import connect, find

Spawn = Callable[..., subprocess.Popen[bytes]]
Until = Callable[[Callable[[], Any]], Any]

posix = pytest.mark.skipif(os.name != "posix", reason="signals and modes of POSIX")


def test_two_starting_at_once_end_as_one(home: Home, spawn: Spawn, until: Until) -> None:
    pair = [spawn(), spawn()]
    ended = until(lambda: [each for each in pair if each.poll() is not None])
    assert [each.returncode for each in ended] == [0]
    daemon = until(lambda: find(home))
    assert daemon.pid in {each.pid for each in pair if each.poll() is None}
    assert daemon.call("GET", "/api/status")["pid"] == daemon.pid


def test_clients_starting_at_once_reach_the_same_one(home: Home, fake: tuple[str, ...]) -> None:
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(connect(home, command=fake).pid))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


@posix
def test_a_killed_daemon_leaves_nothing_in_the_way(
    home: Home, fake: tuple[str, ...], spawn: Spawn, until: Until
) -> None:
    first = spawn()
    until(lambda: find(home))
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert home.address.exists()
    assert home.socket is not None
    assert home.socket.exists()
    assert find(home) is None
    assert connect(home, command=fake).pid != first.pid


def test_an_address_that_is_garbage_is_no_obstacle(home: Home, fake: tuple[str, ...]) -> None:
    home.run.mkdir(parents=True)
    home.address.write_text('{"pid": 1, "url": []')
    assert home.socket is not None
    home.socket.write_text("not a socket")
    home.lock.write_text("not a lock")
    assert connect(home, command=fake).call("GET", "/api/status")["version"]


def test_a_daemon_of_another_version_is_replaced(home: Home, fake: tuple[str, ...]) -> None:
    old = connect(home, command=fake)
    assert connect(home, command=fake).pid == old.pid
    assert connect(home, command=fake, version="99.0").pid != old.pid
    assert "closed" in (home.root / "seen").read_text()


def test_it_ends_when_nobody_uses_it(home: Home, spawn: Spawn) -> None:
    assert spawn(FAKE_IDLE="0.2").wait(timeout=30) == 0
    assert not home.address.exists()
    assert (home.root / "seen").read_text() == "models ended\nclosed\n"


def test_a_request_in_progress_keeps_it_alive(home: Home, spawn: Spawn, until: Until) -> None:
    process = spawn(FAKE_IDLE="0.2")
    daemon = until(lambda: find(home))
    events = daemon.stream("/api/index", {"path": "/slow", "accept": True})
    for _ in range(12):
        next(events)
    assert process.poll() is None
    events.close()
    assert process.wait(timeout=30) == 0


@posix
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(
    home: Home, spawn: Spawn, until: Until, sign: signal.Signals
) -> None:
    process = spawn()
    until(lambda: find(home))
    process.send_signal(sign)
    assert process.wait(timeout=30) == 0
    assert (home.root / "seen").read_text() == "models ended\nclosed\n"
    assert sorted(path.name for path in home.run.iterdir()) == [home.lock.name]


def test_a_stop_ends_it_cleanly(home: Home, fake: tuple[str, ...]) -> None:
    connect(home, command=fake).stop()
    assert find(home) is None
    assert sorted(path.name for path in home.run.iterdir()) == [home.lock.name]


def test_a_stop_ends_it_though_its_address_cannot_be_removed(
    home: Home, fake: tuple[str, ...]
) -> None:
    daemon = connect(home, command=fake)
    home.address.unlink()
    home.address.mkdir()
    daemon.stop()  # it raises where the daemon does not end
    assert find(home) is None


@posix
def test_what_it_keeps_is_its_owners_alone(home: Home, fake: tuple[str, ...]) -> None:
    connect(home, command=fake)
    assert home.socket is not None
    for path, mode in [
        (home.root, 0o700),
        (home.run, 0o700),
        (home.token, 0o600),
        (home.address, 0o600),
        (home.socket, 0o700),
        (home.log, 0o600),
    ]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o777 & ~mode == 0, path


def test_the_address_file_tells_all(home: Home, fake: tuple[str, ...]) -> None:
    daemon = connect(home, command=fake)
    told = json.loads(home.address.read_text())
    assert {"pid", "url", "mcp", "socket", "token_file", "version", "started"} <= set(told)
    status = daemon.call("GET", "/api/status")
    assert status.items() >= told.items()
    assert status["workspaces"] == []


def test_a_home_with_a_long_path_is_served_without_a_socket(
    tmp_path: Path, fake: tuple[str, ...]
) -> None:
    home = Home(tmp_path / ("long" * 30))
    assert home.socket is None
    daemon = connect(home, command=fake)
    try:
        assert not isinstance(daemon.address, str)
        assert daemon.call("GET", "/api/status")["socket"] is None
    finally:
        daemon.stop()


def test_why_it_could_not_start_reaches_the_caller(home: Home, fake: tuple[str, ...]) -> None:
    with pytest.raises(Broken, match="the settings are damaged") as raised:
        connect(home, command=(*fake, "--broken"))
    assert raised.value.code == "settings-unreadable"


def test_a_daemon_that_dies_at_once_names_its_log(home: Home, fake: tuple[str, ...]) -> None:
    with pytest.raises(Unavailable, match="exit status 7") as raised:
        connect(home, command=(*fake, "--dies"))
    assert str(home.log) in raised.value.next_step


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path, fake: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Broken, match="cannot be written") as raised:
        connect(Home(tmp_path / "file" / "h"), command=fake)
    assert "SATCHEL_HOME" in raised.value.next_step


def test_nothing_is_started_unasked(home: Home) -> None:
    with pytest.raises(Unavailable) as raised:
        connect(home, start=False)
    assert raised.value.code == "daemon-not-running"
    assert not home.root.exists()


@posix
def test_a_daemon_killed_during_a_call_is_told(
    home: Home, fake: tuple[str, ...], until: Until
) -> None:
    daemon = connect(home, command=fake)
    errors: list[SatchelError] = []

    def call() -> None:
        try:
            daemon.call("POST", "/api/brief", {"request": "hang", "path": "/tmp"})
        except SatchelError as error:
            errors.append(error)

    calling = threading.Thread(target=call)
    calling.start()
    until(lambda: (home.root / "seen").exists())
    os.kill(daemon.pid, signal.SIGKILL)
    calling.join()
    assert [error.code for error in errors] == ["daemon-gone"]


@posix
def test_a_request_that_hangs_does_not_keep_it(home: Home, spawn: Spawn, until: Until) -> None:
    process = spawn()
    daemon = until(lambda: find(home))

    def call() -> None:
        with pytest.raises(Unavailable):
            daemon.call("POST", "/api/brief", {"request": "hang", "path": "/tmp"})

    calling = threading.Thread(target=call)
    calling.start()
    until(lambda: (home.root / "seen").exists())
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) is not None
    calling.join()
    assert find(home) is None
