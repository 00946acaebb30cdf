"""A hundred streams at once, of every endpoint: none waits for another, each is told its own."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
from aiohttp import web

from tests.e2e.clients.conftest import Endpoint, Spare
from tests.model import fakes

EACH = 20
NAME = "crowded"
ENDS = {  # what each endpoint's stream ends with
    "/v1/chat/completions": "data: [DONE]\n\n",
    "/v1/completions": "data: [DONE]\n\n",
    "/v1/responses": '"type":"response.completed"',
    "/v1/messages": '"type":"message_stop"',
    f"/v1beta/models/{NAME}:streamGenerateContent?alt=sse": '"finishReason":"STOP"',
}


def body(path: str, words: str) -> dict[str, Any]:
    turns = [{"role": "user", "content": words}]
    named = {"model": NAME, "stream": True}
    match path:
        case "/v1/completions":
            return named | {"prompt": words, "max_tokens": 999}
        case "/v1/responses":
            return named | {"input": words}
        case "/v1/messages":
            return named | {"messages": turns, "max_tokens": 999}
        case "/v1/chat/completions":
            return named | {"messages": turns}
    return {"contents": [{"role": "user", "parts": [{"text": words}]}]}


def test_a_hundred_streams_are_held_open_at_once(endpoint: Endpoint, spare: Spare) -> None:
    here: list[str] = []
    all_here = asyncio.Event()  # of the loop that the server runs in

    async def when_all_are_here(request: web.BaseRequest, fake: fakes.Fake) -> web.StreamResponse:
        """Begin every answer, and go on with none before the last one has come."""
        asked = fake.requests[-1].body
        words = asked.get("prompt") or asked["messages"][-1]["content"]
        field = "text" if "prompt" in asked else "delta"
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)

        async def say(text: str, finish: str | None = None) -> None:
            said = text if field == "text" else {"content": text}
            row = {"index": 0, field: said, "finish_reason": finish}
            await response.write(f"data: {json.dumps({'choices': [row]})}\n\n".encode())

        await say("You said: ")
        here.append(words)
        if len(here) == EACH * len(ENDS):
            all_here.set()
        await all_here.wait()
        for letter in words:
            await say(letter)
        await say("", "stop")
        await response.write(b"data: [DONE]\n\n")
        return response

    async def ask(http: aiohttp.ClientSession, path: str, words: str) -> str:
        async with http.post(endpoint.url + path, json=body(path, words)) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def ask_all() -> dict[str, tuple[str, str]]:
        asked = {f"<{at}.{n}>": path for at, path in enumerate(ENDS) for n in range(EACH)}
        key = {"Authorization": f"Bearer {endpoint.key}"}
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(headers=key, connector=connector) as http:
            said = await asyncio.gather(*(ask(http, path, one) for one, path in asked.items()))
        return {one: (asked[one], text) for one, text in zip(asked, said, strict=True)}

    posts = dict.fromkeys(("/v1/chat/completions", "/v1/completions"), when_all_are_here)
    with spare(fakes.lm_studio, NAME, posts=posts):
        told = asyncio.run(asyncio.wait_for(ask_all(), 120))
    assert len(here) == EACH * len(ENDS)
    for words, (path, text) in told.items():
        assert ENDS[path] in text.replace('": ', '":'), text
        assert words in spoken(text), (words, text)


def spoken(text: str) -> str:
    """Return the words of a stream's pieces, in whichever dialect they are, once or more often."""
    said = ""
    for line in text.splitlines():
        if line.startswith("data: {"):
            told = json.loads(line.removeprefix("data: "))
            for row in told.get("choices", ()):
                said += row.get("text") or row.get("delta", {}).get("content") or ""
            for row in told.get("candidates", ()):
                said += "".join(part.get("text", "") for part in row["content"].get("parts", ()))
            delta = told.get("delta")
            said += delta if isinstance(delta, str) else (delta or {}).get("text", "")
    return said
