"""One connection to the daemon: uvicorn's, with an end to whatever it could wait or grow for.

    head --all of it within HEAD_S, HEAD_MAX bytes--> body --no pause of STALL_S--> answer --> head

uvicorn bounds neither the size of a head nor the time that it takes to come, answers as many
requests in a row as were sent, and takes connections until no file can be opened any more. Here
the oldest connection that asks nothing makes room for a new one. What is refused is told why, and
what else its client sends is dropped for a moment: a socket that is closed over unread bytes may
take the answer with it.
"""

from __future__ import annotations

import asyncio
import sys
from functools import cache
from typing import Any, ClassVar, Final, cast

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from satchel.base.errors import BadInput, SatchelError, Unavailable
from satchel.daemon.answers import encode
from satchel.daemon.tongues import told

HEAD_MAX: Final = 65_536  # bytes of the request line, the headers and the trailers
HEAD_S: Final = 15.0  # from the first byte of a head, or the connection's beginning, to its end
STALL_S: Final = 30.0  # without a byte of the body
BODY_S: Final = 300.0  # for a whole body, however steadily it drips
LINGER_S: Final = 2.0  # that bytes are dropped for, once an answer is final
MOST_WAITING: Final = 16  # requests that were sent before the one in progress was answered
MOST_CONNECTIONS: Final = 1000
FILES: Final = 4096  # that may be open at once, where the system lets us choose


def raise_file_limit() -> None:
    """Let this process open more files than a shell's default, as far as it may."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@cache
def most_connections() -> int:
    """Return how many connections are kept: half of the files that may be open, at most."""
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft < 0 else min(MOST_CONNECTIONS, max(soft // 2, 1))


class HeadHeld:
    """A transport that sends the head of an answer with what follows in the same turn of the loop.

    uvicorn writes them one after the other: the client would be woken twice for a small answer.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send, or hold what begins an answer until there is more of it."""
        if data.startswith(b"HTTP/1.1 ") and not self._held:
            self._held = data
            self._loop.call_soon(self._let_go)
        else:
            self._transport.write(self._held + data)
            self._held = b""

    def write_eof(self) -> None:
        """Say that nothing more comes."""
        self._let_go()
        self._transport.write_eof()

    def close(self) -> None:
        """Close once everything is sent."""
        self._let_go()
        self._transport.close()

    def _let_go(self) -> None:
        if self._held:
            self.write(b"")


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, bounded. Times are seconds."""

    head_s: ClassVar[float] = HEAD_S
    stall_s: ClassVar[float] = STALL_S
    body_s: ClassVar[float] = BODY_S
    linger_s: ClassVar[float] = LINGER_S

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.begun = False  # a head has begun and is not whole
        self.in_body = False
        self.since = self.heard = self.loop.time()  # of the part that is read; of the last byte
        self.head_bytes = 0
        self.unread_bytes = 0  # since the parser last had a piece whole
        self.refusal: SatchelError | None = None
        self.is_over = False
        self.unanswered: list[RequestResponseCycle] = []
        self.looking: asyncio.TimerHandle | None = None

    # --- what asyncio says

    def connection_made(  # type: ignore[override]  # narrower, as uvicorn has it
        self, transport: asyncio.Transport
    ) -> None:
        """Take the connection, and make room for it."""
        super().connection_made(cast(asyncio.Transport, HeadHeld(transport, self.loop)))
        self.looking = self.loop.call_later(self.head_s, self._look)
        if len(self.connections) > most_connections():
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell every request of it that its client left: uvicorn tells the latest alone."""
        if self.looking is not None:
            self.looking.cancel()
        self._forsake()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless there is nothing more to say."""
        if self.is_over:
            return
        self.heard = self.loop.time()
        self.unread_bytes += len(data)
        super().data_received(data)
        if self.unread_bytes > HEAD_MAX and not self.is_over:
            self._refuse(431, _too_long())

    def eof_received(  # type: ignore[override]  # asyncio reads what it gives, uvicorn gives none
        self,
    ) -> bool:
        """Take it that the client left, which ends what it asked for; one that closed its side
        alone, and still reads, is told so."""
        if self.is_over or not (self.begun or self.in_body or self._is_answering):
            return False
        what = "the client closed its side before it was answered"
        self._refuse(400, BadInput("half-closed", what, "keep it open until the answer is there"))
        return True  # `_refuse` closes, once that is sent

    # --- what the parser says; what is raised here ends the reading

    def on_message_begin(self) -> None:
        """Begin to count a head."""
        super().on_message_begin()
        self.begun, self.since, self.head_bytes = True, self.heard, 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request line."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer."""
        self._count(len(name) + len(value) + 4)  # ": " and the line's end
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Go on to the body."""
        self.unread_bytes = 0
        self.begun, self.in_body, self.since = False, True, self.heard
        super().on_headers_complete()
        self.unanswered = [each for each in self.unanswered if not each.response_complete]
        self.unanswered.append(self.cycle)
        if len(self.pipeline) > MOST_WAITING:
            self._stop_reading(
                Unavailable("too-many", "too many requests were sent at once", "await the answers")
            )

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self.unread_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Go on to the next head."""
        self.unread_bytes = 0
        self.in_body, self.since = False, self.heard
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request from now on."""
        self.since = self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong with the bytes that came."""
        if self.refusal is None:
            self.refusal = BadInput("bad-http", "that is not an HTTP request", "send one")
        self._refuse(431 if self.refusal.code == "head-too-long" else 400, self.refusal)

    # --- bounds

    def _count(self, size: int) -> None:
        self.unread_bytes = 0
        self.head_bytes += size
        if self.head_bytes > HEAD_MAX:
            self._stop_reading(_too_long())

    def _stop_reading(self, error: SatchelError) -> None:
        """Have the parser stop: it tells of it by way of `send_400_response`."""
        self.refusal = error
        raise error

    @property
    def _is_answering(self) -> bool:
        return any(not each.response_complete for each in self.unanswered)

    def _forsake(self) -> None:
        for each in self.unanswered:
            if not each.response_complete:
                each.disconnected = True
                each.message_event.set()

    def _look(self) -> None:
        """End the connection where what is awaited did not come in time; else look again."""
        due, now = self._due(), self.loop.time()
        if due is None or now < due:
            self.looking = self.loop.call_at(due or now + self.head_s, self._look)
        elif self.begun or self._is_answering:
            what = "body" if self.in_body else "head"
            slow = Unavailable("too-slow", f"the {what} came too slowly", "send it whole")
            self._refuse(408, slow)
        else:
            self.transport.close()

    def _due(self) -> float | None:
        """Return when what is awaited has to have come, or None where nothing is."""
        if not self.in_body:
            return None if self._is_answering else self.since + self.head_s
        if self.pipeline or self.flow.read_paused:
            return None  # it is we who do not read
        if not self._is_answering:
            return self.since + self.linger_s  # the answer is made, and the body still comes
        return min(self.heard + self.stall_s, self.since + self.body_s)

    def _make_room(self) -> None:
        idle = [
            other
            for other in self.connections
            if isinstance(other, Connection)
            and other is not self
            and not (other._is_answering or other.is_over)
        ]
        if idle:
            oldest = min(idle, key=lambda other: other.heard)
            oldest.is_over = True
            oldest.transport.close()
        else:
            busy = Unavailable("server-busy", "too many requests are in progress", "try it later")
            self._refuse(503, busy)

    def _refuse(self, status: int, error: SatchelError) -> None:
        """Say why, where nothing else was being said, and end the connection."""
        self.is_over = True
        self._unset_keepalive_if_required()
        self.pipeline.clear()
        is_said = any(
            each.response_started and not each.response_complete for each in self.unanswered
        )
        self._forsake()
        if is_said or self.transport.is_closing():
            self.transport.close()
            return
        body = encode(told(dict(self.scope) if self.in_body else {}, error, status))
        head = STATUS_LINE[status] + (
            b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        ) % len(body)
        self.flow.resume_reading()
        self.transport.write(head + body)
        self.transport.write_eof()
        self.loop.call_later(self.linger_s, self.transport.close)


def _too_long() -> SatchelError:
    return BadInput(
        "head-too-long",
        f"the line and the headers of a request may have {HEAD_MAX:,} bytes",
        "send fewer headers",
    )
