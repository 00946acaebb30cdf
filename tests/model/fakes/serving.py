"""Faithful fakes of local inference servers: field names, orders and quirks as they were seen.

Each is a context manager that gives a Fake with its base URL and the requests that it got; they
run in a thread of their own, so that tests, child processes and daemons can all call them.
This part is what all share: a table path → answer, served on a loopback port.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web

ANYWHERE = ("127.0.0.1", 0)


@dataclass(slots=True)
class Request:
    """One request that a fake got."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(slots=True)
class Fake:
    """A running fake."""

    url: str
    requests: list[Request] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)

    def posted(self, path: str) -> list[Any]:
        """Return the bodies that were posted to a path."""
        return [one.body for one in self.requests if one.method == "POST" and one.path == path]


Respond: TypeAlias = Callable[[web.BaseRequest, Fake], Awaitable[web.StreamResponse]]


@contextlib.contextmanager
def _looping(start: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> Iterator[None]:
    """Run `start` in a loop of its own until the block ends; it gets the event that says so."""
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(start(over))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(timeout=20)
        assert not thread.is_alive()


@contextlib.contextmanager
def serving(
    respond: Respond, server: str | None = None, *, at: tuple[str, int] = ANYWHERE
) -> Iterator[Fake]:
    """Serve HTTP on a loopback address; port 0 is a random one."""
    taken = _listener(at)
    fake = Fake(_url(taken))
    ready = threading.Event()

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        raw = await request.read()
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw
        fake.requests.append(Request(request.method, request.path, dict(request.headers), body))
        try:
            response = await respond(request, fake)
        except (ConnectionResetError, asyncio.CancelledError):
            fake.hung_up.set()
            raise
        if server is not None and not response.prepared:
            response.headers["Server"] = server
        return response

    async def start(over: asyncio.Event) -> None:
        runner = web.ServerRunner(
            web.Server(handle, handler_cancellation=True, access_log=None), shutdown_timeout=0.1
        )
        await runner.setup()
        await web.SockSite(runner, taken).start()
        ready.set()
        await over.wait()
        await runner.cleanup()

    with _looping(start):
        assert ready.wait(10)
        yield fake


def _listener(at: tuple[str, int] = ANYWHERE) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(at)
    listener.listen(64)
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


Table: TypeAlias = Mapping[str, tuple[int, Mapping[str, str], str]]


def ok(body: Any) -> tuple[int, Mapping[str, str], str]:
    """Answer 200, with JSON or with a plain text."""
    if isinstance(body, str):
        return 200, {"Content-Type": "text/plain; charset=utf-8"}, body
    return 200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(body)


def failing(status: int, body: Any) -> tuple[int, Mapping[str, str], str]:
    """Answer with an error."""
    return (status, *ok(body)[1:])


def from_table(table: Table, unknown: Callable[[web.BaseRequest], Any]) -> Respond:
    """Answer from a table, and by `unknown` where it has no row."""

    async def respond(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
        status, headers, text = table.get(request.path) or unknown(request)
        return web.Response(status=status, headers=headers, text=text)

    return respond


def not_found(request: web.BaseRequest) -> Any:
    """Answer as Go's router does."""
    return failing(404, "404 page not found")


@contextlib.contextmanager
def answering_all(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Iterator[Fake]:
    """A server that gives the same answer to any path."""
    made = (status, {**ok(body)[1], **(headers or {})}, ok(body)[2])
    with serving(from_table({}, lambda request: made)) as fake:
        yield fake


@contextlib.contextmanager
def endless_body() -> Iterator[Fake]:
    """A server whose answers never end."""

    async def respond(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b'{"models":[' * 8192)
            await asyncio.sleep(0)

    with serving(respond) as fake:
        yield fake


@contextlib.contextmanager
def raw(answer: bytes | None) -> Iterator[str]:
    """A port that sends bytes to whoever connects and closes; None accepts and stays silent."""
    taken = _listener()
    ready = threading.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with _closed(writer):
            with contextlib.suppress(ConnectionError):
                if answer is None:
                    await reader.read()  # until the other side gives up
                else:
                    await reader.read(1)
                    writer.write(answer)
                    await writer.drain()

    async def start(over: asyncio.Event) -> None:
        server = await asyncio.start_server(handle, sock=taken)
        ready.set()
        await over.wait()
        server.close()

    with _looping(start):
        assert ready.wait(10)
        yield _url(taken)


@contextlib.asynccontextmanager
async def _closed(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
