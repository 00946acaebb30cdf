"""Streamed answers, with one thing going wrong in the middle if a test wants it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from aiohttp import web

WORDS = ("The ", "sessions ", "are ", "kept ", "in ", "`store.py`.")
Fault: TypeAlias = Literal["none", "die", "error", "hang", "garbage", "silence", "endless"]


async def stream_lines(
    request: web.BaseRequest,
    kind: str,
    lines: Iterator[bytes],
    last: list[bytes],
    wrong: bytes,
    fault: Fault,
    delay_s: float,
) -> web.StreamResponse:
    """Stream lines, with one thing going wrong after the third."""
    response = web.StreamResponse(headers={"Content-Type": kind})
    await response.prepare(request)
    if fault == "silence":
        await asyncio.sleep(3600)
    for at, line in enumerate(lines):
        if at == 3 and fault == "die":
            assert request.transport is not None
            request.transport.abort()
            raise ConnectionResetError
        if at == 3 and fault == "hang":
            await asyncio.sleep(3600)
        if at == 3 and fault == "garbage":
            await response.write(b"\x00\xffnot a protocol\n")
        if at == 3 and fault == "error":
            await response.write(wrong)
            return response
        await response.write(line)
        await asyncio.sleep(delay_s)
        while at == 3 and fault == "endless":
            await response.write(line)
            await asyncio.sleep(0.01)
    for line in last:
        await response.write(line)
    return response


async def whole_chat(
    request: web.BaseRequest,
    body: Mapping[str, Any],
    words: tuple[str, ...],
    fault: Fault,
    thinking: tuple[str, ...],
) -> web.Response:
    """Answer in one piece, or let one thing go wrong before."""
    if fault in ("silence", "hang", "endless"):
        await asyncio.sleep(3600)
    if fault == "die":
        assert request.transport is not None
        request.transport.abort()
        raise ConnectionResetError
    if fault == "garbage":
        return web.Response(body=b"\x00\xffnot a protocol\n", content_type="application/json")
    if fault == "error":
        return web.json_response({"error": {"message": "The model has crashed"}})
    said = {"role": "assistant", "content": "".join(words)}
    thought = {"reasoning_content": "".join(thinking)} if thinking else {}
    made = {
        "id": "chatcmpl-x",
        "object": "chat.completion",
        "created": 1766000000,
        "model": body["model"],
        "choices": [{"index": 0, "message": said | thought, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 31, "completion_tokens": len(words), "total_tokens": 37},
    }
    return web.json_response(made, dumps=lambda value: json.dumps(value, indent=2))


async def openai_chat(
    request: web.BaseRequest,
    body: Mapping[str, Any],
    words: tuple[str, ...],
    fault: Fault,
    delay_s: float,
    *,
    thinking: tuple[str, ...] = (),
    usage: Mapping[str, int] | None = None,
) -> web.StreamResponse:
    """Answer /v1/chat/completions: with SSE, or with one object where no stream was asked for."""
    if body.get("stream") is False:
        return await whole_chat(request, body, words, fault, thinking)
    head = {"id": "chatcmpl-x", "object": "chat.completion.chunk", "created": 1766000000}

    def event(choices: list[Any], **more: Any) -> bytes:
        made = head | {"model": body["model"], "choices": choices} | more
        return f"data: {json.dumps(made)}\n\n".encode()

    def delta(content: Mapping[str, Any], finish: str | None = None) -> bytes:
        return event([{"index": 0, "delta": content, "logprobs": None, "finish_reason": finish}])

    def lines() -> Iterator[bytes]:
        yield delta({"role": "assistant", "content": None})
        yield b": ping\n\n"
        for word in thinking:
            yield delta({"reasoning_content": word})
        for word in words:
            yield delta({"content": word})

    counted = {"prompt_tokens": 31, "completion_tokens": len(words), "total_tokens": 37}
    last = [
        delta({}, "stop"),
        event([], usage=usage or counted),
        b"data: [DONE]\n\n",
    ]
    wrong = b'event: error\ndata: {"error":{"message":"The model has crashed"}}\n\n'
    return await stream_lines(request, "text/event-stream", lines(), last, wrong, fault, delay_s)
