"""Bodies as tools send them: packed, in pieces, too large once unpacked, broken."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import zlib
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from satchel.base.beside import LARGE
from satchel.base.errors import BadInput, TooLarge
from satchel.daemon.bodies import DEEPEST, MOST_MARKS, json_of, read_of, unpack


def request(pieces: Iterable[bytes], encoding: str = "") -> Request:
    """A request whose body comes in these pieces."""
    coming = iter(pieces)

    async def receive() -> Message:
        for piece in coming:
            return {"type": "http.request", "body": piece, "more_body": True}
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"content-encoding", encoding.encode())] if encoding else []
    scope = {
        "type": "http",
        "path": "/v1/messages",
        "query_string": b"",
        "headers": headers,
        "server": ("127.0.0.1", 1),
        "scheme": "http",
    }
    return Request(scope, receive)


@given(st.binary(max_size=5000), st.sampled_from(["gzip", "deflate", "x-gzip", "", "identity"]))
def test_what_was_packed_comes_out_as_it_was(body: bytes, encoding: str) -> None:
    packed: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "x-gzip": gzip.compress,
        "deflate": zlib.compress,
    }
    sent = packed.get(encoding, bytes)(body)
    assert unpack(sent, encoding, 1_000_000) == body


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    with pytest.raises(TooLarge):
        unpack(bomb, "gzip", 1_000_000)


@pytest.mark.parametrize("broken", [b"", b"no gzip at all", gzip.compress(b"x" * 100)[:-9]])
def test_a_body_that_cannot_be_unpacked_is_told(broken: bytes) -> None:
    with pytest.raises(BadInput, match="compression is broken"):
        unpack(broken, "gzip", 1000)


def test_an_encoding_that_is_not_known_is_told() -> None:
    with pytest.raises(BadInput, match="'br'"):
        unpack(b"x", "br", 1000)


async def _read(asked: Request) -> object:
    return await json_of(asked)


def test_a_body_in_pieces_is_read_whole() -> None:
    sent = gzip.compress(json.dumps({"model": "m", "input": "ü" * 500}).encode())
    asked = request([sent[at : at + 7] for at in range(0, len(sent), 7)], "gzip")
    assert asyncio.run(_read(asked)) == {"model": "m", "input": "ü" * 500}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1]",
        b"\xff\xfe",
        b'{"a": "\xff"}',
        b"[" * 100_000,
        b'{"a": ' * DEEPEST + b"[1]" + b"}" * DEEPEST,
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": [' + b"[]," * MOST_MARKS + b"1]}",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_garbage_is_told(body: bytes) -> None:
    with pytest.raises(BadInput):
        asyncio.run(_read(request([body])))


def test_what_nests_as_deep_as_may_be_is_read() -> None:
    body = b'{"a": ' * (DEEPEST - 1) + b"[1]" + b"}" * (DEEPEST - 1)
    assert asyncio.run(_read(request([body])))
    wide = json.dumps({"a": [{"b": number} for number in range(10 * DEEPEST)]}).encode()
    assert asyncio.run(_read(request([wide])))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_small_body_that_comes_later_is_read_before_a_large_one(packed: bool) -> None:
    order: list[str] = []
    small_is_read = threading.Event()

    def large(body: object) -> None:
        assert small_is_read.wait(60)  # in the loop's own thread that would never come
        order.append("large")

    def small(body: object) -> None:
        order.append("small")
        small_is_read.set()

    sent = json.dumps({"input": "x" * LARGE}).encode()
    first = request([gzip.compress(sent)], "gzip") if packed else request([sent])

    async def both() -> None:
        await asyncio.gather(read_of(first, large), read_of(request([b"{}"]), small))

    asyncio.run(both())
    assert order == ["small", "large"]
