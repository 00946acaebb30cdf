"""What counts as use."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import pytest
from starlette.types import Message, Receive, Scope, Send

from satchel.daemon.activity import Activity


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def receive() -> Message:
    return {"type": "http.request"}


async def send(message: Message) -> None:
    pass


SCOPE = {"type": "http", "method": "GET", "path": "/"}


def idle_during(content_type: bytes) -> float:
    """Return how idle the daemon seems an hour into an answer of this type."""
    clock = Clock()
    seen: list[float] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", content_type)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        clock.now += 3600
        seen.append(activity.idle_seconds())

    activity = Activity(app, clock)
    asyncio.run(activity(dict(SCOPE), receive, send))
    assert activity.idle_seconds() == 0
    clock.now += 5
    assert activity.idle_seconds() == 5
    return seen[0]


def test_a_request_in_progress_is_use() -> None:
    assert idle_during(b"application/x-ndjson") == 0


def test_an_open_event_stream_is_not() -> None:
    assert idle_during(b"text/event-stream; charset=utf-8") == 3600


def test_a_request_that_fails_ends_too() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError

    clock = Clock()
    activity = Activity(app, clock)

    async def run() -> None:
        with contextlib.suppress(RuntimeError):
            await activity(dict(SCOPE), receive, send)

    asyncio.run(run())
    clock.now += 7
    assert activity.idle_seconds() == 7


def test_it_knows_whether_a_hook_ever_called() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        pass

    activity = Activity(app)
    for path, hooked in (("/api/brief", False), ("/api/hook", True), ("/mcp", True)):
        asyncio.run(activity(SCOPE | {"path": path}, receive, send))
        assert activity.hooked is hooked


def test_the_lines_of_the_endpoint_wait_for_any_other(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        pass

    activity = Activity(app)

    async def run(*paths: str) -> list[str]:
        for path in paths:
            await activity(SCOPE | {"path": path}, receive, send)
        return caplog.messages[:]

    caplog.set_level(logging.INFO, "satchel.requests")
    assert asyncio.run(run("/v1/models", "/v1beta/models")) == []
    (said,) = asyncio.run(run("/api/status"))
    lines = said.splitlines()
    assert len(lines) == 3
    assert all(row.endswith(" info GET (no route) 0 0ms") for row in lines)
    activity.write()
    assert len(caplog.messages) == 1
