"""Streams of JSON lines: what ends them, and what is told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.types import Message

from satchel.base.errors import Broken
from satchel.daemon.answers import Events, JsonLines, encode


def lines(events: Any, leaves_after: int | None = None) -> list[dict[str, Any]]:
    """Run one stream and return its events; the client leaves after so many of them."""
    sent: list[Message] = []

    async def run() -> None:
        gone = asyncio.Event()

        async def send(message: Message) -> None:
            sent.append(message)
            if leaves_after is not None and len(sent) > leaves_after:
                gone.set()
                await asyncio.sleep(0)

        async def receive() -> Message:
            await gone.wait()
            return {"type": "http.disconnect"}

        await JsonLines(events)({"type": "http"}, receive, send)

    asyncio.run(run())
    bodies = [message["body"] for message in sent if message["type"] == "http.response.body"]
    return [json.loads(body) for body in bodies if body]


def test_events_come_one_a_line() -> None:
    async def events() -> Events:
        yield {"n": 1}
        yield {"n": 2}

    assert lines(events) == [{"n": 1}, {"n": 2}]


def test_an_error_is_the_last_event() -> None:
    async def events() -> Events:
        yield {"n": 1}
        raise Broken("torn", "the store is torn", "index again")

    last = lines(events)[-1]
    assert last["event"] == "error"
    assert last["error"] == {
        "code": "torn",
        "message": "the store is torn",
        "next": "index again",
        "status": 4,
    }


def test_a_fault_tells_no_text() -> None:
    async def events() -> Events:
        yield {"n": 1}
        raise ValueError("the user's words")

    assert "words" not in json.dumps(lines(events))


def test_an_event_that_is_no_json_is_a_fault() -> None:
    async def events() -> Events:
        yield {"n": object()}

    assert [event["event"] for event in lines(events)] == ["error"]


def test_a_client_that_leaves_stops_the_events_and_lets_them_clean_up() -> None:
    cleaned: list[str] = []

    async def events() -> Events:
        try:
            while True:
                yield {"n": 1}
                await asyncio.sleep(0.001)
        finally:
            await asyncio.sleep(0.01)  # what they do to clean up may wait
            cleaned.append("done")

    lines(events, leaves_after=3)
    assert cleaned == ["done"]


def test_what_is_no_json_is_not_sent() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        encode(float("nan"))
