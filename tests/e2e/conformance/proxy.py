"""A proxy on a loopback port that adds what the daemon wants of every client.

The suite sends neither a token nor the folder that it works in. All else passes as it came; where
a request names the proxy as Host or Origin, the daemon is named instead, so that a foreign name
reaches the daemon's own guard.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

LIMIT = 1 << 16


def rewritten(head: bytes, own: int, daemon: int, added: Mapping[str, str]) -> bytes:
    """Return a request's head for the daemon; one request a connection, so that this is all."""
    request, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = []
    for line in lines:
        name = line.partition(b":")[0].lower()
        if name in (b"host", b"origin"):
            line = _renamed(line, own, daemon)
        if name != b"connection":
            kept.append(line)
    extra = {"Connection": "close", **added}
    kept += [f"{name}: {value}".encode("latin-1") for name, value in extra.items()]
    return b"\r\n".join([request, *kept]) + b"\r\n\r\n"


def _renamed(line: bytes, own: int, daemon: int) -> bytes:
    for name in (b"localhost", b"127.0.0.1"):
        old = b"%s:%d" % (name, own)
        if line.endswith((b" " + old, b"//" + old)):
            return line.removesuffix(old) + b"%s:%d" % (name, daemon)
    return line


@contextmanager
def before(daemon: int, added: Mapping[str, str]) -> Iterator[int]:
    """Stand before the daemon's port, on one of our own, which is given."""
    ready: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = []
    up = threading.Event()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ends = [writer]
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                head = await reader.readuntil(b"\r\n\r\n")
                there, onward = await asyncio.open_connection("127.0.0.1", daemon)
                open_ends.append(onward)
                onward.write(rewritten(head, ready[0][2], daemon, added))
                up_way = asyncio.create_task(pumped(reader, onward))
                await pumped(there, writer)
                up_way.cancel()
            for end in open_ends:
                end.close()
        except asyncio.CancelledError:  # the test is over, and a stream was open
            for end in open_ends:
                end.transport.abort()
            raise

    async def pumped(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Copy until the source ends; the reader of an answer that left ends the request."""
        with suppress(OSError):
            while data := await source.read(LIMIT):
                sink.write(data)
                await sink.drain()
        if not sink.is_closing():
            with suppress(OSError):
                sink.close()

    async def serve() -> None:
        ended = asyncio.Event()
        server = await asyncio.start_server(pass_on, "127.0.0.1", 0, limit=LIMIT)
        port = int(server.sockets[0].getsockname()[1])
        ready.append((asyncio.get_running_loop(), ended, port))
        up.set()
        async with server:
            await ended.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    up.wait()
    loop, ended, port = ready[0]
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(5)
