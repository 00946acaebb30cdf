"""The little HTTP that we speak, against servers that behave in every way."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from satchel.tools.loopback import Address, Exchange, Gone

Says = Callable[[bytes], Address]


@pytest.fixture
def says() -> Iterator[Says]:
    """Serve one connection with fixed bytes, then close it; return where."""
    threads: list[threading.Thread] = []
    servers: list[socket.socket] = []

    def serve(answer: bytes) -> Address:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def run() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return "127.0.0.1", int(server.getsockname()[1])

    yield serve
    for thread in threads:
        thread.join()
    for server in servers:
        server.close()


def test_a_body_of_known_length_is_read(says: Says) -> None:
    with Exchange(says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello")) as exchange:
        exchange.send("GET", "/", {})
        assert (exchange.status, exchange.body()) == (200, b"he")


def test_chunks_are_joined_and_split_into_lines(says: Says) -> None:
    chunks = b"3\r\na\nb\r\n4;x=1\r\nc\r\nd\r\n0\r\n\r\n"
    with Exchange(
        says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    ) as exchange:
        exchange.send("GET", "/", {})
        assert list(exchange.lines()) == [b"a", b"bc", b"d"]


def test_no_body_is_no_body(says: Says) -> None:
    with Exchange(says(b"HTTP/1.1 202 Accepted\r\n\r\n")) as exchange:
        exchange.send("POST", "/", {}, b"{}")
        assert (exchange.status, exchange.body()) == (202, b"")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 twohundred OK\r\n\r\n",
    ],
    ids=["nothing", "garbage", "half a head", "no number"],
)
def test_an_answer_that_is_no_http_is_gone(says: Says, answer: bytes) -> None:
    with Exchange(says(answer)) as exchange, pytest.raises(Gone) as gone:
        exchange.send("GET", "/", {})
    assert gone.value.sent


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 9\r\n\r\nshort",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["short", "half a chunk", "no last chunk", "no size"],
)
def test_a_body_that_ends_early_is_gone(says: Says, rest: bytes) -> None:
    with Exchange(says(b"HTTP/1.1 200 OK\r\n" + rest)) as exchange:
        exchange.send("GET", "/", {})
        with pytest.raises(Gone):
            exchange.body()


def test_nobody_there_is_gone_before_anything_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = ("127.0.0.1", int(server.getsockname()[1]))
    with Exchange(address) as exchange, pytest.raises(Gone) as gone:
        exchange.send("GET", "/", {})
    assert not gone.value.sent
