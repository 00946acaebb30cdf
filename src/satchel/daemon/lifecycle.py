"""One daemon from start to end: take the lock, listen, say where, serve, clean up.

    starting --lock taken--> listening --app is up--> ready --idle, signal, shutdown--> ended
        \\--lock held by another--> nothing to do, exit 0

The address file is written only when requests are answered and removed before they no longer
are. Whatever a killed daemon left behind (lock file, socket, address) is replaced: only the lock
itself counts, and the kernel frees it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import uvicorn

from satchel import __version__
from satchel.base import lock
from satchel.base.errors import SatchelError
from satchel.base.paths import Home, write_private
from satchel.daemon.activity import Activity
from satchel.daemon.answers import as_error, encode, error_json
from satchel.daemon.app import build
from satchel.daemon.connection import Connection, raise_file_limit
from satchel.daemon.guard import Keys
from satchel.daemon.seam import Engine
from satchel.tools.client import failure_file

if TYPE_CHECKING:
    from satchel.daemon.app import Extend

LOG = logging.getLogger("satchel.daemon")

GRACE = 3  # seconds that requests in progress have to end after a stop was asked for
LAST_WORD = 6.0  # seconds after which a stop that hangs is forced


@dataclass(frozen=True, slots=True)
class Terms:
    """What a daemon runs: its engine, the seconds without use after which it ends, the port that
    it would have, which another program may hold (0: any), and since when it runs (RFC 3339).

    `hooked` are those seconds where a hook has called: a prompt that finds none is not briefed.

    `extend` is set by tests alone: the product's own entry leaves it out.
    """

    engine: Engine
    idle: float
    port: int = 0
    started: str = ""
    hooked: float = 0.0
    extend: Extend | None = None


Open: TypeAlias = Callable[[], Terms]


def serve(home: Home, opening: Open) -> int:
    """Run the daemon of `home` until it is told to end or nobody used it for long enough.

    Returns an exit status: 0 also where another daemon of this home runs already.
    """
    os.umask(0o077)
    raise_file_limit()
    home.run.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        home.run.chmod(0o700)
    held = lock.take(home.lock)
    if held is None:
        return 0
    try:
        return _serve_locked(home, opening)
    finally:
        os.close(held)


def _serve_locked(home: Home, opening: Open) -> int:
    home.address.unlink(missing_ok=True)
    failure_file(home).unlink(missing_ok=True)
    try:
        terms = opening()
    except Exception as raised:
        error = as_error(raised)
        _leave_failure(home, error)
        return error.exit_status
    try:
        with _listening(home, terms.port) as sockets:
            _Daemon(home, terms, sockets).run()
    except OSError as raised:
        error = as_error(raised)
        _leave_failure(home, error)
        return error.exit_status
    finally:
        terms.engine.close()
        LOG.info("ended")
    return 0


class _Daemon(uvicorn.Server):
    """The server, the address that it published, and its idle clock."""

    def __init__(self, home: Home, terms: Terms, sockets: list[socket.socket]) -> None:
        self.home = home
        self.terms = terms
        self.sockets = sockets
        port = int(sockets[0].getsockname()[1])
        token = secrets.token_urlsafe(32)
        write_private(home.token, token)
        url = f"http://127.0.0.1:{port}"
        self.address: dict[str, Any] = {
            "pid": os.getpid(),
            "url": url,
            "mcp": f"{url}/mcp",
            "endpoint": f"{url}/v1",
            "key_file": str(home.key),
            "socket": str(home.socket) if len(sockets) > 1 else None,
            "token_file": str(home.token),
            "version": __version__,
            "home": str(home.root),
            "started": terms.started,
        }
        self.app: Activity = build(
            terms.engine,
            keys=Keys(token, _kept_key(home)),
            port=port,
            about=lambda: self.address,
            stop=self.stop,
            extend=terms.extend,
        )
        super().__init__(
            uvicorn.Config(
                self.app,
                loop="asyncio",
                http=Connection,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE,
            )
        )

    def stop(self) -> None:
        """Stop taking requests, let those in progress end, and return from `run`."""
        self.should_exit = True
        self._no_longer_here()
        forced = threading.Timer(LAST_WORD, _force)
        forced.daemon = True
        forced.start()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until stopped."""
        for each in (signal.SIGINT, signal.SIGTERM):
            # The server raises a signal that it took once more at its end: by then it is no news.
            signal.signal(each, lambda *_: None)
        asyncio.run(self._run())

    async def _run(self) -> None:
        idling = asyncio.create_task(self._end_when_idle())
        try:
            await self.serve(sockets=self.sockets)
        finally:
            idling.cancel()
            self.app.write()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then say where."""
        await super().startup(sockets)
        write_private(self.home.address, encode(self.address).decode("ascii"))
        LOG.info("ready, version %s, process %d", __version__, os.getpid())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what is in progress; the address is gone before the last answer."""
        self.stop()
        await super().shutdown(sockets)

    async def _end_when_idle(self) -> None:
        while (left := self._most_idle() - self.app.idle_seconds()) > 0:  # noqa: ASYNC110 - a clock
            await asyncio.sleep(min(left, 30.0))
        LOG.info("idle for %.0f seconds", self._most_idle())
        self.stop()

    def _most_idle(self) -> float:
        idle, hooked = self.terms.idle, self.terms.hooked
        return max(idle, hooked) if self.app.hooked else idle

    def _no_longer_here(self) -> None:
        with contextlib.suppress(OSError):  # it stays, and is believed no more once nobody answers
            self.home.address.unlink(missing_ok=True)


@contextlib.contextmanager
def _listening(home: Home, port: int) -> Iterator[list[socket.socket]]:
    """Bind a loopback port, and a unix socket where there can be one; the port comes first."""
    with contextlib.ExitStack() as stack:
        # With its protocol named, asyncio sends small answers at once (TCP_NODELAY).
        tcp = stack.enter_context(
            socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        )
        if os.name == "posix":  # connections of a daemon that ended may linger on its port
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tcp.bind(("127.0.0.1", port))
        except OSError:
            LOG.info("port %d is taken", port)
            tcp.bind(("127.0.0.1", 0))
        sockets = [tcp]
        if home.socket is not None and hasattr(socket, "AF_UNIX"):
            home.socket.unlink(missing_ok=True)
            unix = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            unix.bind(str(home.socket))
            stack.callback(home.socket.unlink, missing_ok=True)
            sockets.append(unix)
        for each in sockets:
            each.listen(128)
        stack.callback(home.token.unlink, missing_ok=True)
        yield sockets


def _kept_key(home: Home) -> str:
    """Return the key of the model endpoint, made once."""
    with contextlib.suppress(FileNotFoundError):
        if kept := home.key.read_text(encoding="ascii").strip():
            return kept
    made = f"sk-satchel-{secrets.token_urlsafe(24)}"
    write_private(home.key, made)
    return made


def _leave_failure(home: Home, error: SatchelError) -> None:
    """Leave word for the client that started us: it waits, and has no other way to hear it."""
    LOG.error("could not start: %s", error.code)
    told = {"pid": os.getpid(), "error": error_json(error)}
    with contextlib.suppress(OSError):
        write_private(failure_file(home), encode(told).decode("ascii"))


def _force() -> None:
    LOG.error("the stop took too long and was forced")
    logging.shutdown()
    os._exit(1)
