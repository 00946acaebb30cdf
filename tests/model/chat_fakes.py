"""Fakes that say what a test has them say, in the shapes that servers were seen to write."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aiohttp import web

from satchel.model.types import Dialect, Local, Locality, Model
from tests.model.fakes import Fake, serving

SSE = "text/event-stream"
NDJSON = "application/x-ndjson"

# What Ollama's /api/show tells of a model that thinks.
SHOWN = {
    "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 262144},
    "capabilities": ["completion", "tools", "thinking"],
}


@contextlib.contextmanager
def saying(
    lines: Iterable[bytes],
    kind: str = SSE,
    *,
    status: int = 200,
    answers: Mapping[str, Any] | None = None,
) -> Iterator[Fake]:
    """Answer every other POST with these bytes; `answers` maps paths to JSON, or to a status."""
    body = b"".join(lines)
    told = {"/api/show": SHOWN, **(answers or {})}

    async def respond(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
        if request.path in told:
            answer = told[request.path]
            if isinstance(answer, int):
                return web.json_response({"error": {"message": "no"}}, status=answer)
            return web.json_response(answer)
        return web.Response(status=status, body=body, content_type=kind)

    with serving(respond) as fake:
        yield fake


def server(fake: Fake, name: str = "llama.cpp", dialect: Dialect = "openai", **more: Any) -> Local:
    """Return the backend behind a fake, with one model named "m"."""
    return local(fake.url, name, dialect, **more)


def local(
    url: str = "http://127.0.0.1:9",
    name: str = "llama.cpp",
    dialect: Dialect = "openai",
    **more: Any,
) -> Local:
    """Return a backend at an address, with one model named "m"."""
    model = Model("m", Locality.ON_DEVICE, "a test says so", **more)
    return Local(name, url, (model,), dialect, "key-of-a-test")


def chunk(delta: Mapping[str, Any] | None = None, **choice: Any) -> bytes:
    """Write one event of a chat stream."""
    made = {"index": 0, "delta": delta or {}, "logprobs": None, "finish_reason": None} | choice
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1766000000}
    return event(head | {"model": "m", "choices": [made]})


def event(value: Any) -> bytes:
    """Write one event of a stream of events."""
    return f"data: {json.dumps(value)}\n\n".encode()


def usage(**counts: Any) -> bytes:
    """Write the event that tells what an answer cost."""
    return event({"object": "chat.completion.chunk", "choices": [], "usage": counts})


def call(index: int | None, id: str = "", name: str = "", arguments: Any = "") -> dict[str, Any]:
    """Write one entry of `tool_calls`; empty fields are left out."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value}
    entry: dict[str, Any] = {"type": "function", "function": function}
    if index is not None:
        entry["index"] = index
    return entry | ({"id": id} if id else {})


def ollama_line(done: bool = False, **fields: Any) -> bytes:
    """Write one line of Ollama's own stream; `fields` are those of the message unless done."""
    head = {"model": "m", "created_at": "2026-08-20T10:00:00Z"}
    turn = {"role": "assistant", "content": ""} | ({} if done else fields)
    rest = fields if done else {}
    return json.dumps(head | {"message": turn, "done": done} | rest).encode() + b"\n"


DONE = b"data: [DONE]\n\n"
END = [chunk({}, finish_reason="stop"), DONE]
