"""Connections to servers that answer: one pool an event loop, no proxy, no cookie, no redirect."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import quote, urlsplit

from satchel.base.alarm import alarm
from satchel.base.errors import SatchelError
from satchel.model.backends.refusals import hangs
from satchel.model.types import Limits
from satchel.model.wire import Connection, HungUp

T = TypeVar("T")

BODY_MAX: Final = 64_000_000  # bytes of a body that is no stream; a batch of vectors can be long
IDLE_S: Final = 4.0  # llama-server and LM Studio hang up on a connection that is idle for 5 s
DRAIN_S: Final = 0.05  # what may stand behind an answer's end is the end of its transfer alone
EYEBALLS_S: Final = 0.25  # RFC 8305's wait before the next address of a name is tried


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens."""

    host: str
    port: int
    tls: bool


@functools.lru_cache(maxsize=256)
def parted(url: str) -> tuple[Place, str]:
    """Part an address into where it is, and the first lines of a request there."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    place = Place(parts.hostname or "", parts.port or (443 if tls else 80), tls)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    named = quote(parts.netloc.rpartition("@")[2], safe=":[].-_~%")
    return place, (
        f"POST {path} HTTP/1.1\r\nHost: {named}\r\nUser-Agent: satchel\r\nAccept: */*\r\n"
        "Accept-Encoding: identity\r\nContent-Type: application/json\r\n"
    )


class _Pool:
    """The connections that wait for the next request. Belongs to one event loop."""

    def __init__(self) -> None:
        self._idle: dict[Place, list[Connection]] = {}

    def taken(self, place: Place) -> Connection | None:
        """Return one that is open still: the last one used, as it will live the longest."""
        rows = self._idle.get(place, [])
        while rows:
            connection = rows.pop()
            if connection.rested(IDLE_S):
                return connection
            connection.close()
        return None

    def put_back(self, place: Place, connection: Connection) -> None:
        """End an exchange, and keep the connection where that can be."""
        rows = self._idle.setdefault(place, [])
        while rows and not rows[0].rested(IDLE_S):
            rows.pop(0).close()
        if connection.release():
            rows.append(connection)

    def close(self) -> None:
        """Close all of them."""
        for rows in self._idle.values():
            for connection in rows:
                connection.close()


_POOLS: Final[dict[asyncio.AbstractEventLoop, tuple[_Pool, AsyncGenerator[_Pool, None]]]] = {}


async def _begun(loop: asyncio.AbstractEventLoop) -> _Pool:
    """Return a pool that ends with the running loop.

    It is kept by an asynchronous generator, which a loop that shuts down closes by itself.
    """
    keeping = _keep(loop)
    _POOLS[loop] = await anext(keeping), keeping
    return _POOLS[loop][0]


async def _keep(loop: asyncio.AbstractEventLoop) -> AsyncGenerator[_Pool, None]:
    pool = _Pool()
    try:
        yield pool
    finally:
        _POOLS.pop(loop, None)
        pool.close()
        await asyncio.sleep(0)  # sockets are closed in the loop's next turn


class Response:
    """An answer that has begun; use it under `closing`."""

    def __init__(self, pool: _Pool, place: Place, connection: Connection) -> None:
        self._pool, self._place, self._connection = pool, place, connection
        self.status, self.content_type = connection.status, connection.content_type
        self.read, self.taken = connection.read, connection.taken

    @property
    def over(self) -> bool:
        """Whether all of the answer came, if not all of it was read."""
        return self._connection.over

    def close(self) -> None:
        """Give the connection back where all of the answer was read, else close it."""
        self._pool.put_back(self._place, self._connection)


async def post(url: str, body: bytes, key: str, limits: Limits, *, once: bool = False) -> Response:
    """Post once and return the open response, on a fresh connection where a kept one was stale.

    With `once` no kept one is used, so that what is sent is never sent a second time.
    Raises OSError where the server cannot be reached, hangs up, or does not speak HTTP.
    """
    place, head = parted(url)
    if key:
        head += f"Authorization: Bearer {_one_line(key)}\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    loop = asyncio.get_running_loop()
    pool = _POOLS[loop][0] if loop in _POOLS else await _begun(loop)
    kept = None if once else pool.taken(place)
    if kept is not None:
        try:
            return await _asked(pool, place, kept, request)
        except HungUp:
            pass
    return await _asked(pool, place, await _opened(place, limits), request)


async def _asked(pool: _Pool, place: Place, connection: Connection, request: bytes) -> Response:
    try:
        await connection.ask(request)
    except BaseException:
        connection.close()
        raise
    return Response(pool, place, connection)


async def _opened(place: Place, limits: Limits) -> Connection:
    async with asyncio.timeout(limits.connect_timeout):
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection,
            place.host,
            place.port,
            ssl=_trust() if place.tls else None,
            happy_eyeballs_delay=EYEBALLS_S,
        )
    return connection


@functools.cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _one_line(key: str) -> str:
    if any(sign < " " or sign == "\x7f" for sign in key):
        raise ValueError("a key holds a sign that no header can hold")
    return key


class Clock:
    """How long the next sign of life may take: generous for the first, then shorter.

    `late` makes the error of a server that takes longer.
    """

    def __init__(self, server: str, limits: Limits) -> None:
        self.server = server
        self.late: Callable[[str], SatchelError] = hangs
        self._alarm = alarm()
        self._limits = limits
        self._deadline = self._alarm.now() + limits.first_token_timeout
        self._waits: asyncio.Task[object] | None = None
        self._rang = False

    def alive(self) -> None:
        """Say that there was a sign."""
        self._deadline = self._alarm.now() + self._limits.between_timeout

    async def wait(self, coming: Awaitable[T]) -> T:
        """Await what is coming. Raises what `late` makes where the server takes too long."""
        self._waits = task = asyncio.current_task(self._alarm.loop)
        assert task is not None
        before = task.cancelling()
        self._alarm.set(self._ring, self._deadline)
        try:
            return await coming
        except TimeoutError as error:
            raise self.late(self.server) from error
        except asyncio.CancelledError as error:
            if self._rang and task.uncancel() <= before:
                raise self.late(self.server) from error
            raise
        finally:
            self._alarm.call_off(self._ring)

    def _ring(self) -> None:
        assert self._waits is not None
        self._rang = True
        self._waits.cancel()


async def drain(response: Response) -> None:
    """Read the end of a transfer, so that its connection can be used again."""
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(DRAIN_S):
            await response.read()


async def read(response: Response) -> bytes:
    """Read a body that is no stream; one beyond its cap is cut, and then is no JSON."""
    body = bytearray()
    while piece := await response.read():
        body += piece
        if len(body) > BODY_MAX:
            break
    return bytes(body)
