"""What a connection may wait for, and how many there may be, with less patience than in use."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from satchel.base.paths import Home
from satchel.daemon.connection import HEAD_MAX, MOST_WAITING, Connection
from satchel.tools.client import connect, find
from satchel.tools.loopback import dial

HEAD = b"POST /x HTTP/1.1\r\nHost: h\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"


class Hasty(Connection):
    head_s = 0.2
    stall_s = 0.2
    body_s = 0.5
    linger_s = 0.2


class Seen:
    """An app that reads the body, waits where it is told to, and notes who left."""

    def __init__(self) -> None:
        self.left = threading.Event()
        self.calls = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        while (message := await receive())["type"] == "http.request" and message.get("more_body"):
            pass
        if scope["path"] == "/wait":
            while (await receive())["type"] != "http.disconnect":
                pass
        if message["type"] == "http.disconnect" or scope["path"] == "/wait":
            self.left.set()
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"answered"})


@contextmanager
def serving(app: Seen, protocol: type[Connection] = Hasty) -> Iterator[tuple[str, int]]:
    server = uvicorn.Server(
        uvicorn.Config(
            app, http=protocol, ws="none", lifespan="off", log_config=None, access_log=False
        )
    )
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            server.should_exit = True
            thread.join()


def until_closed(connection: socket.socket) -> bytes:
    """Read what comes until the other side closes."""
    connection.settimeout(30)
    said = b""
    try:
        while piece := connection.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


def exchanged(place: tuple[str, int], sent: bytes) -> bytes:
    with socket.create_connection(place) as connection:
        connection.sendall(sent)
        return until_closed(connection)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b"\r\n", b"", id="an empty line"),
        pytest.param(b"GET /x HT", b" 408 ", id="half a line"),
        pytest.param(HEAD, b" 408 ", id="half a head"),
        pytest.param(HEAD + b"Content-Length: 9\r\n\r\n", b" 408 ", id="no body"),
        pytest.param(HEAD + b"Content-Length: 9\r\n\r\nabc", b" 408 ", id="half a body"),
        pytest.param(CHUNKED + b"5\r\nab", b" 408 ", id="half a chunk"),
        pytest.param(WHOLE + b"GET", b"answered", id="half of a second one"),
    ],
)
def test_what_stops_coming_is_given_up(sent: bytes, told: bytes) -> None:
    with serving(Seen()) as place:
        assert told in exchanged(place, sent)


@pytest.mark.parametrize("drip", [b"X: y\r\n", b"z"], ids=["header by header", "byte by byte"])
def test_a_head_that_drips_is_given_up(drip: bytes) -> None:
    with serving(Seen()) as place, socket.create_connection(place) as connection:
        connection.sendall(HEAD)
        stop = threading.Event()

        def go_on() -> None:
            try:
                while not stop.wait(0.02):
                    connection.sendall(drip)
            except OSError:
                pass

        dripping = threading.Thread(target=go_on)
        dripping.start()
        assert b" 408 " in until_closed(connection)
        stop.set()
        dripping.join()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET /" + b"x" * HEAD_MAX + b" HTTP/1.1\r\n\r\n", id="the address"),
        pytest.param(HEAD + b"X: " + b"y" * HEAD_MAX + b"\r\n\r\n", id="one header"),
        pytest.param(HEAD + b"X: " + b"y" * 400_000, id="one header without an end"),
        pytest.param(HEAD + b"a: b\r\n" * (HEAD_MAX // 5) + b"\r\n", id="many headers"),
        pytest.param(
            CHUNKED + b"0\r\n" + b"a: b\r\n" * HEAD_MAX,
            id="trailers",
        ),
        pytest.param(
            CHUNKED + b"5;" + b"x" * 400_000,
            id="a chunk's extension",
        ),
    ],
)
def test_a_head_beyond_64_kb_is_refused(sent: bytes) -> None:
    with serving(Seen()) as place:
        said = exchanged(place, sent)
        assert b" 431 " in said
        assert b'"code":"head-too-long"' in said
        assert b"answered" in exchanged(place, WHOLE.replace(b"\r\n\r\n", b"\r\nX: y\r\n\r\n"))


def test_requests_in_a_row_are_answered_in_their_order() -> None:
    with serving(Seen()) as place:
        assert exchanged(place, WHOLE * 3).count(b"answered") == 3


def test_too_many_requests_in_a_row_are_refused_and_none_of_them_goes_on() -> None:
    app = Seen()
    with serving(app) as place:
        waits = WHOLE.replace(b"/x", b"/wait")
        assert b'"code":"too-many"' in exchanged(place, waits * (MOST_WAITING + 3))
        assert app.left.wait(30)
        assert app.calls == 1


def test_a_client_that_left_is_told_of_to_the_first_of_its_requests_too() -> None:
    app = Seen()
    with serving(app) as place:
        with socket.create_connection(place) as connection:
            connection.sendall(WHOLE.replace(b"/x", b"/wait") * 2)
        assert app.left.wait(30)


def test_an_answer_may_take_longer_than_a_head() -> None:
    app = Seen()
    with serving(app) as place, socket.create_connection(place) as connection:
        connection.sendall(WHOLE.replace(b"/x", b"/wait"))
        assert not app.left.wait(3 * Hasty.head_s)


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", b"\0" * 99])
def test_garbage_is_told_and_the_connection_closed(garbage: bytes) -> None:
    with serving(Seen()) as place:
        said = exchanged(place, garbage)
        assert b" 400 " in said
        assert b'"code":"bad-http"' in said


@pytest.mark.skipif(sys.platform == "win32", reason="limits of open files are POSIX's")
def test_connections_beyond_what_files_there_may_be_make_room_for_each_other(
    home: Home, fake: tuple[str, ...]
) -> None:
    few = ("sh", "-c", 'ulimit -n 200 && exec "$0" "$@"', *fake)
    daemon = connect(home, command=few)
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(dial(daemon.address))
        assert daemon.call("GET", "/api/status")["pid"] == daemon.pid
        if Path("/proc/self/fd").exists():
            assert len(os.listdir(f"/proc/{daemon.pid}/fd")) < 160  # noqa: PTH208
    assert find(home) is not None
