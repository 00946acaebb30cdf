"""Connections to servers that answer: one pool an event loop, no proxy, no cookie, no redirect."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping
from types import SimpleNamespace
from typing import Any, Final, TypeVar

import aiohttp

from satchel.model.backends.refusals import hangs
from satchel.model.types import Limits

T = TypeVar("T")

BODY_MAX: Final = 64_000_000  # bytes of a body that is no stream; a batch of vectors can be long
IDLE_S: Final = 4.0  # llama-server and LM Studio hang up on a connection that is idle for 5 s
DRAIN_S: Final = 0.05  # what may stand behind an answer's end is the end of its transfer alone

_POOLS: Final[dict[asyncio.AbstractEventLoop, AsyncGenerator[aiohttp.ClientSession, None]]] = {}
_HTTP: Final[dict[asyncio.AbstractEventLoop, aiohttp.ClientSession]] = {}


async def http() -> aiohttp.ClientSession:
    """Return the session of the running loop. It ends with its loop.

    It is kept by an asynchronous generator, which a loop that shuts down closes by itself.
    """
    loop = asyncio.get_running_loop()
    if loop not in _HTTP:
        pool = _pool(loop)
        _POOLS[loop] = pool
        _HTTP[loop] = await anext(pool)
    return _HTTP[loop]


async def _pool(loop: asyncio.AbstractEventLoop) -> AsyncGenerator[aiohttp.ClientSession, None]:
    trace = aiohttp.TraceConfig()
    trace.on_connection_reuseconn.append(_reused)
    try:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S),
            trust_env=False,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": "identity", "Content-Type": "application/json"},
            trace_configs=[trace],
        ) as session:
            yield session
    finally:
        _HTTP.pop(loop, None)
        _POOLS.pop(loop, None)


async def _reused(session: aiohttp.ClientSession, context: SimpleNamespace, params: Any) -> None:
    context.trace_request_ctx["reused"] = True


async def post(url: str, body: bytes, key: str, limits: Limits) -> aiohttp.ClientResponse:
    """Post once and return the open response, on a fresh connection where a kept one was stale."""
    session = await http()
    headers: Mapping[str, str] = {"Authorization": f"Bearer {key}"} if key else {}

    async def once(seen: dict[str, bool]) -> aiohttp.ClientResponse:
        return await session.post(
            url,
            data=body,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_timeout),
            trace_request_ctx=seen,
        )

    seen: dict[str, bool] = {}
    try:
        return await once(seen)
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError):
        if not seen:
            raise
    return await once(seen)


class Clock:
    """How long the next sign of life may take: generous for the first, then shorter."""

    def __init__(self, server: str, limits: Limits) -> None:
        self.server = server
        self._between = limits.between_timeout
        self._deadline = time.monotonic() + limits.first_token_timeout

    def alive(self) -> None:
        """Say that there was a sign."""
        self._deadline = time.monotonic() + self._between

    async def wait(self, coming: Awaitable[T]) -> T:
        """Await what is coming. Raises Unavailable where the server hangs."""
        try:
            async with asyncio.timeout(max(self._deadline - time.monotonic(), 0)):
                return await coming
        except TimeoutError as error:
            raise hangs(self.server) from error


@contextlib.asynccontextmanager
async def closing(response: aiohttp.ClientResponse) -> AsyncIterator[None]:
    """Close the connection unless all of the response was read."""
    try:
        yield
    finally:
        response.close()  # not release(): that would wait for the rest of the answer


async def drain(response: aiohttp.ClientResponse) -> None:
    """Read the end of a transfer, so that its connection can be used again."""
    with contextlib.suppress(TimeoutError, aiohttp.ClientError, ConnectionError):
        async with asyncio.timeout(DRAIN_S):
            await response.content.readany()


async def read(response: aiohttp.ClientResponse) -> bytes:
    """Read a body that is no stream; one beyond its cap is cut, and then is no JSON."""
    body = bytearray()
    async for piece in response.content.iter_chunked(65_536):
        body += piece
        if len(body) > BODY_MAX:
            break
    return bytes(body)
