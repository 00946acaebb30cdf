"""A request's body as tools send it: JSON, whole or chunked, plain or compressed, within bounds."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.types import Scope

from satchel.base.beside import LARGE, beside
from satchel.base.errors import BadInput, TooLarge
from satchel.daemon.guard import body_limit

T = TypeVar("T")

PIECE = 1 << 16
DEEPEST = 100  # objects and lists within each other
MOST_MARKS = 2_000_000  # commas and brackets: each may become an object of a hundred bytes


async def json_of(request: Request) -> Mapping[str, Any]:
    """Return the body's JSON object. Raises BadInput, TooLarge once unpacked, ClientDisconnect."""
    return await read_of(request, lambda body: body)


async def read_of(request: Request, read: Callable[[Mapping[str, Any]], T]) -> T:
    """Return what `read` makes of the body's JSON object, beside the event loop where it is large.

    Raises as `json_of` does, and what `read` raises.
    """
    packed = await _whole(request)
    encoding = header(request.scope, b"content-encoding")
    if not encoding:
        return await beside(len(packed), lambda: read(parse(packed)))
    limit = body_limit(request.scope["path"])  # what is packed may be large
    return await beside(LARGE + 1, lambda: read(parse(unpack(packed, encoding, limit))))


async def _whole(request: Request) -> bytearray:
    packed, more = bytearray(), True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        packed += message.get("body", b"")
        more = message.get("more_body", False)
    return packed


def header(scope: Scope, name: bytes) -> str:
    """Return the first header of that lower-case name, empty where there is none."""
    for known, value in scope["headers"]:
        if known == name:
            told: str = value.decode("latin-1")
            return told
    return ""


def parse(raw: bytes | bytearray) -> Mapping[str, Any]:
    """Read one JSON object, strictly: no NaN, no number beyond a float, nothing nested without end.

    Raises BadInput.
    """
    opened = raw.count(b"[") + raw.count(b"{")
    if len(raw) > MOST_MARKS and opened + raw.count(b",") > MOST_MARKS:
        raise BadInput("bad-json", "the body has too many values", "send less at once")
    try:
        body = _DECODER.decode(raw.decode().removeprefix("\ufeff"))
        if opened > DEEPEST and _is_deep(body):
            raise RecursionError
    except RecursionError as error:
        message = f"the body nests more than {DEEPEST} objects and lists"
        raise BadInput("bad-json", message, "send a flatter one") from error
    except ValueError as error:
        raise BadInput("bad-json", "the body is not JSON", "send one JSON object") from error
    if not isinstance(body, dict):
        raise BadInput("bad-json", "the body is not a JSON object", "send one JSON object")
    return body


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError("that is beyond every float")
    return value


_DECODER = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite)


def _is_deep(value: Any) -> bool:
    """Tell whether objects and lists stand in each other more than DEEPEST deep."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


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
