"""An app that comes late: requests wait for it, and hear when it does not come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.responses import PlainTextResponse
from starlette.types import Message

from satchel.daemon.late import Built, Late

SCOPE = {"type": "http", "method": "POST", "path": "/mcp", "headers": []}


def answers(late: Late, wait: bool = True) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def run() -> None:
        serving = asyncio.create_task(late.run())
        if wait:
            await late(dict(SCOPE), receive, send)
        else:
            await late.settled.wait()
        serving.cancel()
        await asyncio.wait({serving})

    asyncio.run(run())
    return sent


def test_the_first_request_waits_for_it_and_it_lives_in_its_lifespan() -> None:
    lived: list[str] = []

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        lived.append("began")
        try:
            yield
        finally:
            lived.append("ended")

    def build() -> Built:
        return PlainTextResponse("here"), lifespan()

    assert answers(Late(build, quiet=3600))[-1]["body"] == b"here"
    assert lived == ["began", "ended"]


def test_it_is_built_unasked_after_a_quiet_moment() -> None:
    built: list[str] = []

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        built.append("built")
        yield

    def build() -> Built:
        return PlainTextResponse("here"), lifespan()

    answers(Late(build, quiet=0), wait=False)
    assert built == ["built"]


def test_one_that_cannot_be_built_answers_with_a_fault_and_no_text() -> None:
    def build() -> Built:
        raise ImportError("private path")

    start, body = answers(Late(build))
    assert start["status"] == 500
    assert json.loads(body["body"])["error"]["code"] == "internal"
    assert b"private" not in body["body"]
