"""HTTP/1.1 towards a model server: one exchange after another on one connection.

A parser in C, and nothing of what a general client does besides (redirects, cookies, proxies,
compression): a request costs a third of what aiohttp takes for one, a piece of a stream a half.
"""

from __future__ import annotations

import asyncio
from typing import Final, cast

import httptools

FRAME_MAX: Final = 65_536  # bytes of an answer that bring none of its body: heads, trailers
HELD_MAX: Final = 262_144  # bytes of a body that wait to be read before the server has to wait


class HungUp(ConnectionError):
    """The server closed the connection before its answer was whole."""


class NotHttp(ConnectionError):
    """What came is not HTTP, or a frame of it is beyond all measure."""


class Connection(asyncio.Protocol):
    """A connection, which carries one exchange at a time. Belongs to one event loop.

    `status` and `content_type` (lower case, without parameters) are those of the answer that has
    begun; `over` says that all of it came.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._waiting: asyncio.Future[None] | None = None
        self._rests_since = 0.0
        self._error: ConnectionError | None = None
        self._pieces: list[bytes] = []
        self._held = self._framing = 0
        self.on_body = (
            self._pieces.append
        )  # what the parser calls, as it does what stands last here
        self._parser = httptools.HttpResponseParser(self)
        self._begun = self._framed = self._keeps = self._paused = False
        self.lost = False
        self.over = True
        self.status = 0
        self.content_type = ""

    # --- what its user does

    async def ask(self, request: bytes) -> None:
        """Send a request, and wait until something of the answer's body came, or all there is.

        Raises HungUp and NotHttp, as `read` does; where the head did come, only `read` does.
        """
        self._begun = self.over = False
        self._framing = 0
        self._transport.write(request)
        while not (self._begun and (self._pieces or self.over or self._error)):
            await self._news()

    async def read(self) -> bytes:
        """Return what came of the body since the last time, waiting for it; b"" at its end."""
        while not self._pieces:
            if self.over:
                return b""
            await self._news()
        return self.taken()

    def taken(self) -> bytes:
        """Return what came of the body since the last time; b"" where nothing did."""
        body = b"".join(self._pieces)
        self._pieces.clear()
        self._held = 0
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        return body

    def release(self) -> bool:
        """End the exchange, and tell whether another may follow.

        Where the answer was not read to its end the connection is closed, so that the server stops.
        """
        kept = self.over and self._keeps and not self.lost and not self._pieces
        if kept and not self._transport.get_write_buffer_size():
            self._rests_since = self._loop.time()
            return True
        self.close()
        return False

    def rested(self, most_s: float) -> bool:
        """Tell whether it can carry another exchange: it is open and did not rest for longer."""
        return not self.lost and self._loop.time() - self._rests_since < most_s

    def close(self) -> None:
        """Close the connection at once."""
        self.lost = True
        self._transport.abort()

    async def _news(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiting = self._loop.create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None

    # --- what the event loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take what is written to."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self.over:  # nothing was asked
            self.close()
            return
        pieces = len(self._pieces)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(NotHttp(str(error)))
            return
        self._framing = self._framing + len(data) if len(self._pieces) == pieces else 0
        self._held += len(data)
        if self._framing > FRAME_MAX and not self.over:
            self._fail(NotHttp("a head is too long"))
        elif self._held > HELD_MAX and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        if self._pieces or self.over:  # of a head alone nobody has any use
            self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """Take it that nothing more comes, which may be how a body ends."""
        self.lost = True
        if self._begun and not self._framed and error is None:
            self.over = True
        elif not self.over and self._error is None:
            self._error = HungUp("the server hung up")
            self._error.__cause__ = error
        self._wake()

    def _fail(self, error: ConnectionError) -> None:
        self._error = error
        self.close()
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    # --- what the parser tells

    def on_message_begin(self) -> None:
        """Forget the answer before. Raises NotHttp for a second one to the same request."""
        if self.over:
            raise NotHttp("nothing was asked")
        self.status, self.content_type, self._framed = 0, "", False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep what is needed of a header."""
        match name.lower():
            case b"content-type":
                kind = value.decode("latin-1").partition(";")[0]
                self.content_type = kind.strip().lower()
            case b"content-length" | b"transfer-encoding":
                self._framed = True

    def on_headers_complete(self) -> None:
        """Take the status; what is only a word in between (100 to 199) begins nothing."""
        self.status = self._parser.get_status_code()
        self._keeps = self._parser.should_keep_alive()
        self._begun = self.status >= 200

    def on_message_complete(self) -> None:
        """Take it that all of the answer came."""
        self.over = self._begun
