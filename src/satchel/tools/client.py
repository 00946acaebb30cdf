"""Calls the daemon, and starts it where none runs. Standard library alone, quick to import.

The address file says where the daemon listens and which version it is. It is believed only as
far as a connection succeeds: a daemon that was killed leaves the file behind. A daemon of another
version is asked to end, and one of ours takes its place.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from satchel import __version__
from satchel.base.errors import SatchelError, TooLarge, Unavailable, from_json, unwritable
from satchel.base.paths import Home
from satchel.tools.loopback import Address, Exchange, Gone, dial

if TYPE_CHECKING:
    import subprocess

START_SECONDS = 15.0
STOP_SECONDS = 15.0
BODY_LIMIT = 8_000_000  # bytes that a call may bring
ROOM = 65_536  # bytes that must be free for a daemon to start
LOOK_EVERY = 0.01  # seconds between two looks for the address file
TRY_AGAIN = 0.25  # seconds before another start, where the first found the old daemon ending
COMMAND = (sys.executable, "-P", "-m", "satchel.daemon")  # -P: nothing of the folder we are in


def failure_file(home: Home) -> Path:
    """Where a daemon that could not start leaves the reason."""
    return home.run / "failure.json"


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running daemon: where it listens and how to be let in."""

    home: Home
    pid: int
    version: str
    url: str
    address: Address
    token: str

    @classmethod
    def connect(cls, home: Home, start: bool = True) -> Daemon:
        """Return the daemon of `home`, started or replaced where needed; see `connect`."""
        return connect(home, start=start)

    def call(self, method: str, route: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make one call and return its JSON; raise the SatchelError that it answers with."""
        with Exchange(self.address) as exchange:
            return self._send(exchange, method, route, body)

    def stream(self, route: str, body: dict[str, Any]) -> Generator[dict[str, Any], None, None]:
        """POST and yield the events as they come.

        Closing the iterator, also by an exception such as Ctrl-C, closes the connection, and the
        daemon stops. Raises the SatchelError of an error event, or of the call itself.
        """
        with Exchange(self.address) as exchange:
            self._open(exchange, "POST", route, body)
            if exchange.status >= 400:
                raise _error(exchange)
            try:
                for line in exchange.lines():
                    event = json.loads(line)
                    if event.get("event") == "error":
                        raise from_json(event["error"])
                    yield event
            except Gone as gone:
                raise self._gone() from gone

    def stop(self) -> None:
        """Ask the daemon to end and wait until it has. Raises Unavailable where it hangs."""
        try:
            self.call("POST", "/api/shutdown", {})
        except SatchelError as error:
            if error.code != "daemon-gone":
                raise
        until = time.monotonic() + STOP_SECONDS
        # Where processes can be asked after, the socket says nothing: one that was just starting
        # may have taken it over.
        while _answers(self.address) if sys.platform == "win32" else _lives(self.pid):
            if time.monotonic() > until:
                if not _answers(self.address):
                    return  # nothing of it is left to call
                raise Unavailable(
                    "daemon-hangs",
                    f"the daemon (process {self.pid}, version {self.version}) does not end",
                    f"end process {self.pid}, then try again",
                )
            time.sleep(LOOK_EVERY)

    def headers(self) -> dict[str, str]:
        """Return the headers that every request carries."""
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

    def _send(
        self, exchange: Exchange, method: str, route: str, body: dict[str, Any] | None
    ) -> dict[str, Any]:
        self._open(exchange, method, route, body)
        if exchange.status >= 400:
            raise _error(exchange)
        try:
            answer: dict[str, Any] = json.loads(exchange.body())
        except Gone as gone:
            raise self._gone() from gone
        return answer

    def _open(
        self, exchange: Exchange, method: str, route: str, body: dict[str, Any] | None
    ) -> None:
        content = b"" if body is None else json.dumps(body).encode("ascii")
        if len(content) > BODY_LIMIT:
            raise TooLarge(BODY_LIMIT)  # the daemon would hang up before it had all of it
        try:
            exchange.send(method, route, self.headers(), content)
        except Gone as gone:
            raise self._gone() from gone

    def _gone(self) -> SatchelError:
        return Unavailable(
            "daemon-gone",
            "the daemon ended before it had answered",
            f"run it again; if that happens again, {self.home.log} says why",
        )


def find(home: Home) -> Daemon | None:
    """Return the daemon of `home` where one answers, whatever its version; start nothing."""
    try:
        told = json.loads(home.address.read_text(encoding="utf-8"))
        token = Path(told["token_file"]).read_text(encoding="utf-8").strip()
        host, port = str(told["url"]).removeprefix("http://").split(":")
        pid, version = int(told["pid"]), str(told["version"])
        unix = told["socket"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    addresses: list[Address] = [(host, int(port))]
    if unix is not None and hasattr(socket, "AF_UNIX"):
        addresses.insert(0, str(unix))
    for address in addresses:
        # A killed daemon's port may be another program's by now: it gets no request of ours.
        safe = isinstance(address, str) or sys.platform == "win32" or _lives(pid)
        if safe and _answers(address):
            return Daemon(home, pid, version, str(told["url"]), address, token)
    return None


def connect(
    home: Home, start: bool = True, command: Sequence[str] = COMMAND, version: str = __version__
) -> Daemon:
    """Return the daemon of `home`, started where none runs, replaced where its version differs.

    Raises Unavailable where it does not start (the log is named) or where `start` is False and
    none runs, and Broken where the home cannot be written.
    """
    daemon = find(home)
    if daemon is not None and daemon.version == version:
        return daemon
    if not start:
        if daemon is not None:
            return daemon
        raise Unavailable("daemon-not-running", "the daemon is not running", "run `satchel up`")
    if daemon is not None:
        daemon.stop()
    return _start(home, command)


def _start(home: Home, command: Sequence[str]) -> Daemon:
    from satchel.base.interrupts import held_back

    _make_writable(home)
    until = time.monotonic() + START_SECONDS
    again = 0.0
    started: subprocess.Popen[bytes] | None = None
    try:
        while time.monotonic() < until:
            # Where another daemon holds the lock, it is about to answer, or about to end.
            if started is None or (again and time.monotonic() > again):
                with held_back():
                    started, again = spawn(home, command), 0.0
            daemon = find(home)
            if daemon is not None:
                return daemon
            status = started.poll()
            if status:
                raise _start_failure(home, started.pid, status)
            if status == 0:
                again = again or time.monotonic() + TRY_AGAIN
            time.sleep(LOOK_EVERY)
    except KeyboardInterrupt:
        # Nobody else can: until it has said where it is, `satchel down` finds nothing to stop.
        if started is not None:
            with held_back():
                _kill(started)
        raise
    raise Unavailable(
        "daemon-slow",
        f"the daemon was not ready within {START_SECONDS:.0f} seconds",
        f"try again; {home.log} says what it is doing",
    )


def _kill(started: subprocess.Popen[bytes]) -> None:
    """End a daemon that was only just starting, and what it started."""
    import signal

    if started.poll() is None:
        if sys.platform == "win32":
            started.kill()
        else:
            os.killpg(started.pid, signal.SIGKILL)
        started.wait()


def spawn(home: Home, command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a program of ours, detached from this process, its terminal and its folder.

    What it prints goes to the log of `home`. Raises OSError.
    """
    import subprocess
    import threading

    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        detached = {"creationflags": flags}
    log = os.open(home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        started = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=home.root,
            env={**os.environ, "SATCHEL_HOME": str(home.root)},
            **detached,
        )
    finally:
        os.close(log)
    # It outlives a command, but not a shim: whoever lives longer must collect its exit status.
    threading.Thread(target=started.wait, daemon=True).start()
    return started


def _make_writable(home: Home) -> None:
    try:
        home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        home.run.mkdir(exist_ok=True, mode=0o700)
        os.close(os.open(home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        # What the daemon writes before it can tell anybody that it could not.
        room = home.run / f".room.{os.getpid()}"
        try:
            room.write_bytes(bytes(ROOM))
        finally:
            room.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(home.root, error, "home-not-writable") from error


def _start_failure(home: Home, pid: int, status: int) -> SatchelError:
    """Return what the daemon left word of, or that it left none."""
    try:
        told = json.loads(failure_file(home).read_text(encoding="utf-8"))
        if told["pid"] == pid:
            return from_json(told["error"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return Unavailable(
        "daemon-failed",
        f"the daemon did not start (exit status {status})",
        f"{home.log} says why; `satchel doctor` looks at the usual causes",
    )


def _error(exchange: Exchange) -> SatchelError:
    try:
        return from_json(json.loads(exchange.body())["error"])
    except (Gone, ValueError, KeyError, TypeError):
        return Unavailable(
            "daemon-answer",
            f"the daemon answered with HTTP status {exchange.status}",
            "run `satchel down`, then try again",
        )


def _answers(address: Address) -> bool:
    try:
        dial(address).close()
    except OSError:
        return False
    return True


def _lives(pid: int) -> bool:
    """Tell whether a process runs. One that ended and that nobody collected does not."""
    if sys.platform == "win32":
        return False  # a signal of 0 would end it there, so only the connection tells
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1]
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's process, or no /proc to ask
    return state != b"Z"
