"""What goes back over HTTP: JSON values, errors, and streams of JSON lines."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, ClassVar, TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from satchel.base.alarm import alarm
from satchel.base.errors import (
    OUT_OF_ROOM,
    BadInput,
    Broken,
    Cancelled,
    NeedsAnswer,
    NotAccepted,
    SatchelError,
    TooLarge,
    Unavailable,
    unwritable,
)
from satchel.daemon.log import where

LOG = logging.getLogger("satchel.daemon")

Events: TypeAlias = AsyncGenerator[dict[str, Any], None]
Handle: TypeAlias = Callable[[Request], Awaitable[Response]]

HTTP_STATUS: dict[type[SatchelError], int] = {
    BadInput: 400,
    TooLarge: 413,
    NeedsAnswer: 409,
    NotAccepted: 403,
    Unavailable: 503,
    Broken: 500,
    Cancelled: 499,  # nginx's number for a client that left
}


def encode(value: object) -> bytes:
    """Encode JSON as ASCII: a path that is not UTF-8 travels as lone surrogates and comes back."""
    return _ENCODER.encode(value).encode("ascii")


_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def answer(value: object, status: int = 200) -> Response:
    """Answer with one JSON value."""
    return Response(encode(value), status, media_type="application/json")


def failure(error: SatchelError, status: int | None = None) -> Response:
    """Answer with an error, by the status of its kind unless told otherwise."""
    return answer({"error": error_json(error)}, status or HTTP_STATUS.get(type(error), 500))


def error_json(error: SatchelError) -> dict[str, Any]:
    """Return what stands under `error`: the error's own JSON and the exit status it asks for."""
    return {**error.as_json(), "status": error.exit_status}


def unexpected(error: BaseException) -> SatchelError:
    """Turn a fault of ours into an error that tells nothing; its place goes to the log."""
    LOG.error("internal: %s", where(error))
    return SatchelError(
        "internal",
        f"something went wrong inside Satchel ({type(error).__name__})",
        "the daemon's log names the place; run `satchel doctor`",
    )


def as_error(error: Exception) -> SatchelError:
    """Return the error that a client may see for whatever was raised."""
    if isinstance(error, SatchelError):
        return error
    if isinstance(error, OSError) and error.errno in OUT_OF_ROOM:
        LOG.error("no room on the disk: %s", where(error))
        return unwritable("what Satchel keeps", error)
    return unexpected(error)


def answering(route: Handle) -> Handle:
    """Turn whatever a route raises into an answer: our errors as they are, others without text."""

    async def answered(request: Request) -> Response:
        try:
            return await route(request)
        except ClientDisconnect:
            return failure(Cancelled("cancelled", "the client left", "send it again"))
        except Exception as error:
            return failure(as_error(error))

    return answered


class WhileThere:
    """An ASGI app whose answer is worth making only while its client is there to read it.

    It is cancelled once, when the client leaves: what it does to clean up may wait. Nobody looks
    for `unwatched_s` seconds: most of what is done by then costs less than to look.
    """

    unwatched_s: ClassVar[float] = 0.0

    async def send_all(self, send: Send) -> None:
        """Make the answer and send it, as ASGI messages."""
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end or until nobody listens."""
        alarms = alarm()
        sending = asyncio.current_task(alarms.loop)
        assert sending is not None
        before = sending.cancelling()
        left = over = False
        watching: asyncio.Task[None] | None = None

        async def cancel_once_gone() -> None:
            nonlocal left
            try:
                while (await receive())["type"] != "http.disconnect":
                    pass
            finally:
                if not over:
                    left = True
                    sending.cancel()

        def watch() -> None:
            nonlocal watching
            watching = alarms.loop.create_task(cancel_once_gone())

        alarms.set(watch, alarms.now() + self.unwatched_s)
        try:
            await self.send_all(send)
        except asyncio.CancelledError:
            if not left or sending.cancelling() > before + 1:  # somebody else cancels too
                raise
        finally:
            over = True
            alarms.call_off(watch)
            if watching is not None:
                watching.cancel()
            if left:
                sending.uncancel()


class JsonLines(WhileThere, Response):
    """A stream of events, one JSON object a line. When the client leaves, the events are closed."""

    media_type = "application/x-ndjson"

    def __init__(self, events: Callable[[], Events]) -> None:
        Response.__init__(self, headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self.events = events

    async def send_all(self, send: Send) -> None:
        """Send events as they come; an error becomes the last event."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async with aclosing(self._guarded()) as events:
            async for line in events:
                await send({"type": "http.response.body", "body": line, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _guarded(self) -> AsyncGenerator[bytes, None]:
        try:
            async with aclosing(self.events()) as events:
                async for event in events:
                    yield encode(event) + b"\n"
        except Exception as error:
            yield encode({"event": "error", "error": error_json(as_error(error))}) + b"\n"
