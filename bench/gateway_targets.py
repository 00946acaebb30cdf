"""The processes that `bench.gateway` measures beside Satchel: `python -m bench.gateway_targets
KIND PORT [UPSTREAM]`, each printing a line once it listens.

mock      an OpenAI-style server that llama.cpp's proofs fit; answers at once
splice    raw asyncio: bytes in, bytes out, nothing read
relay     uvicorn with httptools, aiohttp as client: the least that speaks HTTP on both sides
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import aiohttp
import uvicorn

MODEL = "mock-8b-instruct"


def chunk(text: str | None, finish: str | None = None) -> bytes:
    """One event of a stream, of the size and form that llama.cpp's have."""
    delta: dict[str, str] = {} if text is None else {"content": text}
    value = {
        "choices": [{"finish_reason": finish, "index": 0, "delta": delta}],
        "created": 1790000000,
        "id": "chatcmpl-3vTqfXAWg4oOZGyy8zGZbHtB0m1vYb2t",
        "model": MODEL,
        "system_fingerprint": "b10488-abc1234",
        "object": "chat.completion.chunk",
    }
    return b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"


USAGE = {"prompt_tokens": 31, "completion_tokens": 8, "total_tokens": 39}
WHOLE = json.dumps(
    {
        "choices": [
            {
                "finish_reason": "stop",
                "index": 0,
                "message": {"role": "assistant", "content": "It is read in one place. " * 8},
            }
        ],
        "created": 1790000000,
        "id": "chatcmpl-3vTqfXAWg4oOZGyy8zGZbHtB0m1vYb2t",
        "model": MODEL,
        "object": "chat.completion",
        "usage": USAGE,
    }
).encode()
LISTED = json.dumps({"object": "list", "data": [{"id": MODEL, "owned_by": "llamacpp"}]}).encode()
PROPS = json.dumps(
    {
        "default_generation_settings": {"n_ctx": 32768},
        "total_slots": 4,
        "model_path": "/dev/null",
        "build_info": "b10488-abc1234",
    }
).encode()


async def _mock(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one connection. In a chat request `max_tokens` is how many chunks are sent, and `seed`
    the milliseconds between them (0: all at once)."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *rest = head.split("\r\n")
            fields = dict(row.lower().split(": ", 1) for row in rest if ": " in row)
            body = await reader.readexactly(int(fields.get("content-length", "0")))
            path = line.split()[1]
            if path == "/v1/chat/completions":
                await _chat(writer, json.loads(body))
            else:
                known = {"/v1/models": LISTED, "/props": PROPS, "/health": b'{"status":"ok"}'}
                _whole(writer, known.get(path, b'{"error":{}}'), path in known)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def _whole(writer: asyncio.StreamWriter, body: bytes, found: bool = True) -> None:
    status = b"200 OK" if found else b"404 Not Found"
    writer.write(
        b"HTTP/1.1 " + status + b"\r\nServer: llama.cpp\r\nContent-Type: application/json\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
    )


async def _chat(writer: asyncio.StreamWriter, asked: dict[str, Any]) -> None:
    if not asked.get("stream"):
        _whole(writer, WHOLE)
        return
    writer.write(
        b"HTTP/1.1 200 OK\r\nServer: llama.cpp\r\nContent-Type: text/event-stream\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    pause = (asked.get("seed") or 0) / 1000
    # Two words in turns: LiteLLM ends a stream that repeats itself a hundred times.
    words = chunk(" word"), chunk(" more")
    pieces = [f"{len(word):x}\r\n".encode() + word + b"\r\n" for word in words]
    for number in range(asked.get("max_tokens") or 8):
        writer.write(pieces[number % 2])
        if pause:
            await asyncio.sleep(pause)
        await writer.drain()
    usage = json.dumps({"choices": [], "usage": USAGE, "object": "chat.completion.chunk"}).encode()
    end = chunk(None, "stop") + b"data: " + usage + b"\n\ndata: [DONE]\n\n"
    writer.write(f"{len(end):x}\r\n".encode() + end + b"\r\n0\r\n\r\n")


async def _splice(port: int, upstream: int) -> None:
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", upstream)
        await asyncio.gather(pump(reader, back), pump(there, writer))

    async with await asyncio.start_server(serve, "127.0.0.1", port) as server:
        print("listening", flush=True)
        await server.serve_forever()


def _relay(port: int, upstream: int) -> None:
    http: list[aiohttp.ClientSession] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if not http:
            http.append(aiohttp.ClientSession(f"http://127.0.0.1:{upstream}", trust_env=False))
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        kept = {b"content-type", b"content-length"}
        async with http[0].request(
            scope["method"],
            scope["path"],
            data=body,
            headers={"content-type": "application/json"},
        ) as answer:
            headers = [(k.lower(), v) for k, v in answer.raw_headers if k.lower() in kept]
            start = {"type": "http.response.start", "status": answer.status, "headers": headers}
            await send(start)
            async for data in answer.content.iter_any():
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    print("listening", flush=True)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        http="httptools",
        loop="asyncio",
        log_config=None,
        lifespan="off",
    )


async def _serve_mock(port: int) -> None:
    async with await asyncio.start_server(_mock, "127.0.0.1", port) as server:
        print("listening", flush=True)
        await server.serve_forever()


def main() -> None:
    """Serve until killed."""
    kind, port, *rest = sys.argv[1:]
    if kind == "mock":
        asyncio.run(_serve_mock(int(port)))
    elif kind == "splice":
        asyncio.run(_splice(int(port), int(rest[0])))
    else:
        _relay(int(port), int(rest[0]))


if __name__ == "__main__":
    main()
