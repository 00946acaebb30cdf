"""When the daemon was last of use: the clock by which it ends itself, and a line a request."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from satchel.daemon.log import REQUESTS, line
from satchel.daemon.tongues import ENDPOINT

STREAM = b"text/event-stream"
HOOKS = "/api/hook"
HELD_S = 1.0
LOG = logging.getLogger(REQUESTS)


class Activity:
    """ASGI middleware that knows since when nothing happens, and whether a hook ever called.

    A request in progress is use. An open event stream is not: a client may hold one for days,
    so only what is sent on it counts. The lines of the model endpoint wait for HELD_S seconds, or
    for any other line: to write one for itself takes a fifth of the time of a whole request.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self.clock = clock
        self.busy = 0
        self.hooked = False
        self.last = clock()
        self._lines: list[str] = []

    def idle_seconds(self) -> float:
        """Return the seconds since the last sign of use; 0 while a request is in progress."""
        return 0.0 if self.busy else self.clock() - self.last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, watching its answer go out."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = self.clock()
        status = 0
        holds = True
        self.busy += 1
        self.hooked |= scope["path"].startswith(HOOKS)

        async def watched(message: Message) -> None:
            nonlocal status, holds
            self.last = self.clock()
            if message["type"] == "http.response.start":
                status = message["status"]
                if holds and _is_stream(message):
                    holds = False
                    self.busy -= 1
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            self.busy -= holds
            self.last = self.clock()
            route = getattr(scope.get("route"), "path", "(no route)")
            ms = (self.last - began) * 1000
            text = f"{scope['method']} {route} {status} {ms:.0f}ms"
            self._note(line(time.time(), "info", text), scope["path"].startswith(ENDPOINT))

    def _note(self, row: str, may_wait: bool) -> None:
        self._lines.append(row)
        if not may_wait:
            self.write()
        elif len(self._lines) == 1:
            asyncio.get_running_loop().call_later(HELD_S, self.write)

    def write(self) -> None:
        """Write the lines of the requests that have ended."""
        lines, self._lines = self._lines, []
        if lines:
            LOG.info("\n".join(lines))


def _is_stream(message: Message) -> bool:
    for name, value in message.get("headers", ()):
        if name == b"content-type":
            told: bytes = value
            return told.startswith(STREAM)
    return False
