"""A request's body as tools send it: JSON, whole or chunked, plain or compressed, within bounds."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from satchel.base.errors import BadInput, TooLarge
from satchel.daemon.guard import body_limit

STALL_S = 20.0  # without a further byte of the body, before it is given up
PIECE = 1 << 16


async def json_of(request: Request, stall_s: float = STALL_S) -> Mapping[str, Any]:
    """Return the body's JSON object. Raises BadInput, TooLarge once unpacked, ClientDisconnect."""
    packed = bytearray()
    pieces = request.stream()
    try:
        while True:
            async with asyncio.timeout(stall_s):
                packed += await anext(pieces)
    except StopAsyncIteration:
        pass
    except TimeoutError as error:
        message = f"the body stopped coming for {stall_s:.0f} seconds"
        raise BadInput("body-stalled", message, "send it again, whole") from error
    raw = unpack(packed, request.headers.get("content-encoding", ""), body_limit(request.url.path))
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadInput("bad-json", "the body is not JSON", "send one JSON object") from error
    if not isinstance(body, dict):
        raise BadInput("bad-json", "the body is not a JSON object", "send one JSON object")
    return body


def unpack(packed: bytes | bytearray, encoding: str, limit: int) -> bytes | bytearray:
    """Undo a body's compression, never past `limit` bytes."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return packed
    if encoding not in ("gzip", "x-gzip", "deflate"):
        message = f"a body cannot be packed as {encoding!r} here"
        raise BadInput("bad-encoding", message, "send it plain, or with gzip")
    # 32 tells gzip's header from zlib's by itself.
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    plain = bytearray()
    rest: bytes | bytearray = packed
    try:
        while rest and not unpacker.eof:
            plain += unpacker.decompress(rest, PIECE)
            rest = unpacker.unconsumed_tail
            if len(plain) > limit:
                raise TooLarge(limit)
        whole = unpacker.eof
    except zlib.error:
        whole = False
    if not whole:
        raise BadInput("bad-encoding", "the body's compression is broken", "send it plain")
    return plain
