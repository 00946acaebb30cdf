"""HTTP towards a server: whatever it answers is read whole, or it is said that it was not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing

import pytest

from satchel.model.connection import parted, post, read
from satchel.model.types import Limits
from satchel.model.wire import FRAME_MAX, HELD_MAX, HungUp, NotHttp

LIMITS = Limits(connect_timeout=5.0)
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Server:
    """Answers the requests of each connection with what it was given, then hangs up."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self.answers = answers
        self.connections = 0
        self.asked: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with closing(writer):
            for answer in self.answers:
                try:
                    head = await reader.readuntil(b"\r\n\r\n")
                except asyncio.IncompleteReadError:
                    break
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.asked.append(head + await reader.readexactly(length))
                writer.write(answer)


@asynccontextmanager
async def serving(*answers: bytes) -> AsyncIterator[Server]:
    server = Server(answers)
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        host, port = listening.sockets[0].getsockname()
        server.url = f"http://{host}:{port}/v1/chat/completions"
        yield server


async def fetched(url: str, *, once: bool = False) -> tuple[int, str, bytes]:
    response = await post(url, b"{}", "key", LIMITS, once=once)
    with closing(response):
        return response.status, response.content_type, await read(response)


def answered(*answers: bytes, times: int = 1, once: bool = False) -> tuple[list[bytes], Server]:
    """Ask that many times; return the bodies."""

    async def ask() -> tuple[list[bytes], Server]:
        async with serving(*answers) as server:
            return [(await fetched(server.url, once=once))[2] for _ in range(times)], server

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "answer",
    [
        WHOLE,
        CHUNKED + b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
        CHUNKED + b"2;name=value\r\nok\r\n0\r\nTrailer: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\n\r\nok",
        b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE,
        b"HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n" + WHOLE,
    ],
    ids=["length", "chunked", "extension and trailer", "until the end", "1.0", "100", "103"],
)
def test_a_body_is_read_however_it_is_framed(answer: bytes) -> None:
    assert answered(answer)[0] == [b"ok"]


def test_the_status_and_the_type_are_told() -> None:
    async def ask() -> tuple[int, str, bytes]:
        answer = b"HTTP/1.1 418 No\r\nContent-Type: Text/Plain; a=b\r\nContent-Length: 0\r\n\r\n"
        async with serving(answer) as server:
            return await fetched(server.url)

    assert asyncio.run(ask()) == (418, "text/plain", b"")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", HungUp),
        (b"HTTP/1.1 200 OK\r\nContent-Le", HungUp),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", HungUp),
        (CHUNKED + b"2\r\nok\r\n", HungUp),
        (b"SSH-2.0-OpenSSH_9.9\r\n", NotHttp),
        (CHUNKED + b"zz\r\nok\r\n", NotHttp),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 4 * FRAME_MAX, NotHttp),
        (CHUNKED + b"2\r\nok\r\n0\r\nX: " + b"x" * 4 * FRAME_MAX, NotHttp),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", NotHttp),
    ],
    ids=[
        "nothing",
        "half a head",
        "half a body",
        "chunks without their end",
        "another protocol",
        "no size of a chunk",
        "a head without end",
        "a trailer without end",
        "another protocol from here on",
    ],
)
def test_what_is_not_whole_or_no_http_is_an_error(
    answer: bytes, error: type[ConnectionError]
) -> None:
    with pytest.raises(error):
        answered(answer)


def test_a_connection_serves_one_request_after_another() -> None:
    bodies, server = answered(WHOLE, CHUNKED + b"1\r\nx\r\n0\r\n\r\n", WHOLE, times=3)
    assert bodies == [b"ok", b"x", b"ok"]
    assert server.connections == 1


def test_one_that_was_hung_up_on_is_not_missed() -> None:
    bodies, server = answered(WHOLE, times=3)
    assert bodies == [b"ok"] * 3
    assert server.connections == 3


def test_a_server_that_hangs_up_behind_the_head_of_its_answer_is_not_asked_again() -> None:
    async def ask() -> Server:
        async with serving(WHOLE, CHUNKED) as server:
            await fetched(server.url)
            with pytest.raises(HungUp):
                await fetched(server.url)
        return server

    assert asyncio.run(ask()).connections == 1


def test_what_may_be_sent_once_goes_by_a_fresh_connection() -> None:
    bodies, server = answered(WHOLE, WHOLE, times=2, once=True)
    assert bodies == [b"ok"] * 2
    assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        WHOLE + WHOLE,
        WHOLE + b"garbage",
    ],
    ids=["closes", "two answers", "garbage"],
)
def test_a_connection_that_may_hold_more_than_its_answer_is_not_used_again(answer: bytes) -> None:
    bodies, server = answered(answer, answer, times=2)
    assert bodies == [b"ok", b"ok"]
    assert server.connections == 2


def test_an_answer_that_is_left_closes_its_connection() -> None:
    async def leave() -> bytes:
        left: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"{}")
            writer.write(CHUNKED + b"2\r\nok\r\n")
            try:
                left.set_result(await reader.read())
            except ConnectionError:
                left.set_result(b"")
            writer.close()

        async with await asyncio.start_server(endless, "127.0.0.1", 0) as listening:
            port = listening.sockets[0].getsockname()[1]
            response = await post(f"http://127.0.0.1:{port}/", b"{}", "", LIMITS)
            with closing(response):
                assert await response.read() == b"ok"
            return await asyncio.wait_for(left, 10)

    assert asyncio.run(leave()) == b""


def test_a_server_waits_for_a_reader_that_pauses_and_nothing_is_lost() -> None:
    size = 64 * HELD_MAX

    async def ask() -> tuple[int, int]:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
        async with serving(answer) as server:
            response = await post(server.url, b"{}", "", LIMITS)
            with closing(response):
                await asyncio.sleep(0.1)
                first = len(await response.read())
                return first, first + len(await read(response))

    first, all_of_it = asyncio.run(ask())
    assert first < 4 * HELD_MAX
    assert all_of_it == size


def test_a_key_that_would_begin_another_header_is_not_sent() -> None:
    with pytest.raises(ValueError, match="no header"):
        asyncio.run(post("http://127.0.0.1:9/", b"", "key\r\nX: y", LIMITS))


def test_a_request_names_its_server_and_its_path() -> None:
    _, server = answered(WHOLE)
    line, *headers = server.asked[0].partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert line == "POST /v1/chat/completions HTTP/1.1"
    host = server.url.split("/")[2]
    assert {f"Host: {host}", "Authorization: Bearer key", "Content-Length: 2"} <= set(headers)


@pytest.mark.parametrize(
    ("url", "host", "port", "line", "named"),
    [
        ("http://[::1]:8080/v1/x", "::1", 8080, "POST /v1/x HTTP/1.1", "Host: [::1]:8080"),
        (
            "https://m.test/a b",
            "m.test",
            443,
            "POST /a%20b HTTP/1.1",
            "Host: m.test",
        ),
        ("http://u:p@h.test", "h.test", 80, "POST / HTTP/1.1", "Host: h.test"),
    ],
)
def test_an_address_is_parted(url: str, host: str, port: int, line: str, named: str) -> None:
    place, head = parted(url)
    assert (place.host, place.port, place.tls) == (host, port, url.startswith("https"))
    assert head.split("\r\n")[:2] == [line, named]


def test_a_loop_that_ends_leaves_no_socket_open() -> None:
    for _ in range(2):  # one that is left open is a ResourceWarning, which is an error here
        answered(WHOLE, WHOLE)
