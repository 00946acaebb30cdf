"""A client that leaves stops the server behind: each endpoint, whole and streamed, each backend.

The clients of test_client_errors leave as they do; here the socket itself is closed, which is what
an agent that is killed does.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from tests.e2e.clients.conftest import Endpoint, Spare
from tests.model import fakes

NAMES = (f"left{number}" for number in itertools.count())
TURNS = [{"role": "user", "content": "hi"}]
CONTENTS = [{"role": "user", "parts": [{"text": "hi"}]}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": TURNS},
    "/v1/completions": {"prompt": "hi", "max_tokens": 2000},
    "/v1/responses": {"input": "hi"},
    "/v1/messages": {"messages": TURNS, "max_tokens": 2000},
    "/v1beta/models/{model}:generateContent": {"contents": CONTENTS},
}
SAID = {
    "/api/chat": b'{"message":{"role":"assistant","content":"on and "},"done":false}\n',
    "/api/generate": b'{"response":"on and ","done":false}\n',
    "/v1/chat/completions": b'data: {"choices":[{"index":0,"delta":{"content":"on and "}}]}\n\n',
    "/v1/completions": b'data: {"choices":[{"index":0,"text":"on and "}]}\n\n',
}
BACKENDS = {
    "ollama": fakes.ollama,
    "lm-studio": fakes.lm_studio,
    "llama.cpp": fakes.llama_server,
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("path", ASKED)
@pytest.mark.parametrize("serve", BACKENDS.values(), ids=BACKENDS)
def test_who_hangs_up_stops_the_server(
    endpoint: Endpoint, spare: Spare, serve: Any, path: str, stream: bool
) -> None:
    begun = threading.Event()

    async def endless(request: web.BaseRequest, fake: fakes.Fake) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        while True:
            await response.write(SAID[request.path])
            begun.set()
            await asyncio.sleep(0.02)

    name = next(NAMES)
    with spare(serve, name, posts=dict.fromkeys(SAID, endless)) as fake:
        with socket.create_connection(_place(endpoint), timeout=20) as connection:
            connection.sendall(_request(endpoint, path, name, stream))
            assert begun.wait(20)
            if stream:
                said = b""
                while b"on and" not in said:
                    said += (piece := connection.recv(65536))
                    assert piece, said
            assert not fake.hung_up.is_set()
        assert fake.hung_up.wait(20)


def _place(endpoint: Endpoint) -> tuple[str, int]:
    parts = urlsplit(endpoint.url)
    return parts.hostname or "", parts.port or 0


def _request(endpoint: Endpoint, path: str, name: str, stream: bool) -> bytes:
    asked = dict(ASKED[path])
    if "{model}" not in path:
        asked |= {"model": name, "stream": stream}
    elif stream:
        path = path.replace(":generateContent", ":streamGenerateContent") + "?alt=sse"
    body = json.dumps(asked).encode()
    head = [
        f"POST {path.format(model=name)} HTTP/1.1",
        f"Host: {urlsplit(endpoint.url).netloc}",
        f"Authorization: Bearer {endpoint.key}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body
