"""The walls around a real daemon: who is let in, and what hostile bytes do to the others.

After each attack the daemon has to be the same process, has to answer others at once, and may not
have grown.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import socket
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
from starlette.routing import Route

from satchel.base.paths import Home
from satchel.daemon.app import Parted, build
from satchel.daemon.guard import BODY_LIMIT, Guard, Keys
from satchel.daemon.seam import Engine
from satchel.daemon.tongues import ENDPOINT
from satchel.tools.client import Daemon, connect, find
from tests.daemon.fake_daemon import FakeEngine

linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
JSON = {"Content-Type": "application/json"}
GROWTH = 300_000_000  # bytes: of a body of 100 MB there are some copies for a moment
SOON_S = 10.0  # for an answer to somebody else; generous, as other work goes on on a test machine


# --- every route --------------------------------------------------------------------------------


def routes() -> list[tuple[str, str]]:
    """Every (method, path) of the daemon's app, as the daemon builds it."""
    engine = cast(Engine, FakeEngine(Path("seen")))
    guard = build(engine, keys=Keys("t", "k"), port=1, about=dict, stop=lambda: None).app
    assert isinstance(guard, Guard)
    assert isinstance(guard.app, Parted)
    found = []
    for own in guard.app.endpoint.routes:
        path = own.path + "x:generateContent" * own.path.endswith("/")
        found += [(method, path) for method in own.handles]
    for route in guard.app.others.routes:
        assert isinstance(route, Route)  # a mount would hide what is below it
        found += [(method, route.path) for method in sorted((route.methods or set()) - {"HEAD"})]
    return found


ROUTES = routes()
EVERY = pytest.mark.parametrize(("method", "path"), [*ROUTES, ("GET", "/"), ("POST", "/v2/x")])
OF_MODELS = [(method, path) for method, path in ROUTES if path.startswith(ENDPOINT)]
POSTS = [path for method, path in ROUTES if method == "POST" and path != "/api/shutdown"]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon over the real engine, which all tests here share."""
    home = Home(tmp_path_factory.mktemp("w") / "h")
    started = connect(home)
    yield started
    running = find(home)
    assert running is not None
    assert running.pid == started.pid
    running.stop()


class Said(NamedTuple):
    status: int
    head: str
    body: bytes


def port_of(daemon: Daemon) -> int:
    return int(daemon.url.rpartition(":")[2])


def key_of(daemon: Daemon) -> str:
    return daemon.home.key.read_text()


def dial(daemon: Daemon) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port_of(daemon)), timeout=60)


def head(daemon: Daemon, method: str, path: str, **given: str | None) -> bytes:
    headers: dict[str, str | None] = {
        "Host": f"127.0.0.1:{port_of(daemon)}",
        "Authorization": f"Bearer {daemon.token}",
        "Accept": "application/json, text/event-stream",
        "Connection": "close",
        **({"Content-Type": "application/json"} if method == "POST" else {}),
        **{name.replace("_", "-"): value for name, value in given.items()},
    }
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")


def answer(connection: socket.socket) -> bytes:
    said = b""
    try:
        while piece := connection.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


def exchanged(daemon: Daemon, sent: bytes) -> Said:
    """Send bytes as they are and read until the daemon closes; status 0 where it says nothing."""
    with dial(daemon) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it had heard enough
            connection.sendall(sent)
        raw = answer(connection)
    told, _, body = raw.partition(b"\r\n\r\n")
    return Said(int(told.split()[1]) if told else 0, told.decode("latin-1").lower(), body)


def posted(daemon: Daemon, path: str, body: bytes, **headers: str | None) -> Said:
    given = {"Content_Length": str(len(body)), **headers}
    return exchanged(daemon, head(daemon, "POST", path, **given) + body)


def resident(daemon: Daemon) -> int:
    """Bytes of memory that the daemon holds now; 0 where that cannot be told."""
    try:
        pages = int(Path(f"/proc/{daemon.pid}/statm").read_text().split()[1])
    except FileNotFoundError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def stands(daemon: Daemon) -> Iterator[None]:
    """What holds after each attack, whatever it was."""
    before = resident(daemon)
    yield
    begun = time.monotonic()
    assert daemon.call("GET", "/api/status")["pid"] == daemon.pid
    assert time.monotonic() - begun < SOON_S
    assert resident(daemon) - before < GROWTH


@EVERY
@pytest.mark.parametrize(
    ("status", "changed"),
    [
        pytest.param(421, {"Host": "evil.example:{port}"}, id="a name that was rebound"),
        pytest.param(421, {"Host": "127.0.0.1.evil.example:{port}"}, id="a name like ours"),
        pytest.param(421, {"Host": "{other}:{port}"}, id="another address of the machine"),
        pytest.param(421, {"Host": None}, id="no host"),
        pytest.param(403, {"Origin": "https://evil.example"}, id="a page"),
        pytest.param(403, {"Origin": "http://evil.example:{port}"}, id="a page that was rebound"),
        pytest.param(403, {"Origin": "null"}, id="a page in a frame"),
        pytest.param(401, {"Authorization": None}, id="no token"),
        pytest.param(401, {"Authorization": "Bearer x"}, id="a wrong token"),
        pytest.param(401, {"Authorization": "Basic {token}"}, id="another scheme"),
    ],
)
def test_every_route_is_closed_to_strangers(
    daemon: Daemon, method: str, path: str, status: int, changed: dict[str, str | None]
) -> None:
    words = {"port": str(port_of(daemon)), "token": daemon.token, "other": "192.0.2.9"}
    given = {name: value and value.format(**words) for name, value in changed.items()}
    said = exchanged(daemon, head(daemon, method, path, Content_Length="0", **given))
    assert said.status == status
    assert "access-control" not in said.head
    assert daemon.token.encode() not in said.body
    assert key_of(daemon).encode() not in said.body


@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "POST"])
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_what_a_form_can_send_is_no_request(daemon: Daemon, path: str, kind: str | None) -> None:
    assert posted(daemon, path, b"{}", Content_Type=kind).status == 415


TONGUES = {  # what the client of a path finds in an error, and where it finds the sentence
    "/v1/chat/completions": ({"error"}, {"message", "type", "param", "code"}),
    "/v1/responses": ({"error"}, {"message", "type", "param", "code"}),
    "/v1/embeddings": ({"error"}, {"message", "type", "param", "code"}),
    "/v1/nothing": ({"error"}, {"message", "type", "param", "code"}),
    "/v1/messages": ({"type", "error", "request_id"}, {"message", "type"}),
    "/v1/messages/count_tokens": ({"type", "error", "request_id"}, {"message", "type"}),
    "/v1beta/models/x:generateContent": ({"error"}, {"message", "code", "status"}),
    "/v1/models/x:streamGenerateContent": ({"error"}, {"message", "code", "status"}),
    "/api/brief": ({"error"}, {"message", "code", "next", "status"}),
}


@pytest.mark.parametrize("path", TONGUES)
@pytest.mark.parametrize(
    ("status", "sentence", "changed"),
    [
        pytest.param(421, "does not name this daemon", {"Host": "evil.example"}, id="host"),
        pytest.param(403, "of other origins", {"Origin": "https://evil.example"}, id="origin"),
        pytest.param(401, "no valid token", {"Authorization": "Bearer x"}, id="token"),
        pytest.param(415, "must be application/json", {"Content_Type": "text/plain"}, id="type"),
        pytest.param(413, "bytes", {"Content_Length": str(BODY_LIMIT + 1)}, id="size"),
    ],
)
def test_the_guard_speaks_the_dialect_of_the_path(
    daemon: Daemon, path: str, status: int, sentence: str, changed: dict[str, str]
) -> None:
    said = posted(daemon, path, b"{}", **changed)
    outer, inner = TONGUES[path]
    told = json.loads(said.body)
    assert said.status == status
    assert set(told) == outer
    assert set(told["error"]) == inner
    assert sentence in told["error"]["message"]


@pytest.mark.parametrize(
    ("header", "outer"),
    [
        ("anthropic-version", {"type", "error", "request_id"}),
        ("x-goog-api-client", {"error"}),
        ("x-nothing", {"error"}),
    ],
)
def test_who_lists_the_models_is_told_in_its_own_dialect(
    daemon: Daemon, header: str, outer: set[str]
) -> None:
    asked = head(daemon, "GET", "/v1/models", Authorization="Bearer x", **{header: "1"})
    told = json.loads(exchanged(daemon, asked).body)
    assert set(told) == outer
    assert ("status" in told["error"]) == header.startswith("x-goog")


@EVERY
def test_a_preflight_is_refused(daemon: Daemon, method: str, path: str) -> None:
    asked = {"Origin": "https://evil.example", "Access_Control_Request_Method": method}
    said = exchanged(daemon, head(daemon, "OPTIONS", path, **asked))
    assert said.status == 403
    assert "access-control" not in said.head


@EVERY
def test_the_endpoint_s_key_opens_the_model_endpoint_and_nothing_else(
    daemon: Daemon, method: str, path: str
) -> None:
    given = {"Authorization": f"Bearer {key_of(daemon)}", "Content_Length": "2"}
    said = exchanged(daemon, head(daemon, method, path, **given) + b"{}")
    assert (said.status != 401) == path.startswith(ENDPOINT)
    assert said.status not in (403, 415, 421)


@pytest.mark.parametrize(
    "path",
    ["/v1/../api/status", "/v1//../api/status", "/v1/%2e%2e/api/status", "//v1/x", "/V1/models",
     "/v1beta/../api/status", "/v1/models/../../api/status"],
)  # fmt: skip
def test_no_spelling_of_a_path_lets_the_key_further(daemon: Daemon, path: str) -> None:
    said = exchanged(daemon, head(daemon, "GET", path, Authorization=f"Bearer {key_of(daemon)}"))
    assert said.status in (400, 401, 404)


@linux
def test_it_listens_on_loopback_alone(daemon: Daemon) -> None:
    ours = set()
    for name in os.listdir(f"/proc/{daemon.pid}/fd"):  # noqa: PTH208
        target = os.readlink(f"/proc/{daemon.pid}/fd/{name}")  # noqa: PTH115
        ours |= set(re.findall(r"socket:\[(\d+)\]", target))
    places = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{daemon.pid}/net/{table}").read_text().splitlines()[1:]:
            row = line.split()
            if row[3] == "0A" and row[9] in ours:  # listening
                places.append(row[1])
    assert places == [f"0100007F:{port_of(daemon):04X}"]


# --- heads ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("stands")
@pytest.mark.parametrize("path", ["/v1/models", "/api/status", "/mcp", "/nowhere"])
@pytest.mark.parametrize("token", [True, False], ids=["with a token", "without"])
def test_headers_beyond_64_kb_are_refused(daemon: Daemon, path: str, token: bool) -> None:
    given = {} if token else {"Authorization": None}
    said = exchanged(daemon, head(daemon, "GET", path, X="y" * 66_000, **given))
    assert said.status == 431
    assert json.loads(said.body)["error"]["code"] == "head-too-long"


def test_headers_of_60_kb_are_no_harm(daemon: Daemon) -> None:
    assert exchanged(daemon, head(daemon, "GET", "/api/status", X="y" * 60_000)).status == 200


@pytest.mark.usefixtures("stands")
@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 2\r\nContent-Length: 3\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999999999999999\r\n",
        b"Transfer-Encoding: chunked, gzip\r\n",
        b" folded: into the line above\r\n",
        b"Spaced : x\r\n",
        b"No colon\r\n",
        b"Nul: \0\r\n",
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(daemon: Daemon, lines: bytes) -> None:
    sent = head(daemon, "POST", "/v1/messages")[:-2] + lines + b"\r\n{}"
    assert exchanged(daemon, sent).status in (400, 413)


def test_a_slow_loris_keeps_nobody_waiting(daemon: Daemon, stands: None) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(dial(daemon)) for _ in range(200)]
        for number, each in enumerate(slow):
            sent = head(daemon, "POST", "/v1/messages", Content_Length="1000")
            each.sendall(sent[: 40 + number % 60] if number % 2 else sent + b'{"a')
        assert daemon.call("GET", "/api/status")["pid"] == daemon.pid
        assert posted(daemon, "/v1/messages", b"{}").status == 400


def test_500_idle_connections_keep_nobody_waiting(daemon: Daemon, stands: None) -> None:
    with ExitStack() as stack:
        for _ in range(500):
            stack.enter_context(dial(daemon))
        assert posted(daemon, "/v1/messages", b"{}").status == 400
        assert daemon.call("GET", "/api/status")["pid"] == daemon.pid


@pytest.mark.usefixtures("stands")
@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /\r\n\r\n",  # HTTP/0.9
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
        b"GET /api/status HTTP/9.9\r\n\r\n",
        b"\0" * 4096,
        b"\r\n" * 2000 + b"x\r\n\r\n",
        random.Random(5).randbytes(300_000),
    ],
    ids=lambda sent: repr(sent[:12]),
)
def test_what_is_no_http_is_told_or_hung_up_on(daemon: Daemon, sent: bytes) -> None:
    assert exchanged(daemon, sent).status in (0, 400, 401, 421, 431)


@pytest.mark.usefixtures("stands")
@pytest.mark.parametrize(
    "kept", [10, 60, 150, -1, None], ids=["line", "head", "more of it", "body", "all"]
)
def test_who_closes_by_half_before_the_answer_is_told(daemon: Daemon, kept: int | None) -> None:
    body = json.dumps({"model": "none", "max_tokens": 1, "messages": []}).encode()
    sent = head(daemon, "POST", "/v1/messages", Content_Length=str(len(body))) + body
    with dial(daemon) as connection:
        connection.sendall(sent[:kept])
        connection.shutdown(socket.SHUT_WR)
        said = answer(connection)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert kept is None or b"closed its side before it was answered" in said


@pytest.mark.usefixtures("stands")
@pytest.mark.parametrize("path", ["/v1/models", "/api/status"])
def test_http_1_0_is_answered_and_closed(daemon: Daemon, path: str) -> None:
    asked = head(daemon, "GET", path, Connection=None).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    said = exchanged(daemon, asked)
    assert said.status == 200
    assert "connection: close" in said.head
    assert json.loads(said.body)


@pytest.mark.usefixtures("stands")
def test_requests_in_a_row_are_answered_in_their_order(daemon: Daemon) -> None:
    asked = [
        head(daemon, "GET", path, Connection=kept)
        for path, kept in (("/v1/models", None), ("/nowhere", None), ("/api/status", "close"))
    ]
    with dial(daemon) as connection:
        connection.sendall(b"".join(asked))
        said = answer(connection)
    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [b"200", b"404", b"200"]


@pytest.mark.usefixtures("stands")
def test_ten_thousand_requests_in_a_row_are_cut_short(daemon: Daemon) -> None:
    asked = head(daemon, "GET", "/api/status", Connection=None)
    said = exchanged(daemon, asked * 10_000)
    assert b"too-many" in said.body or said.status == 0


# --- bodies ---------------------------------------------------------------------------------------

GARBAGE = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"{'a': 1}",
    b'{"a": 1} {}',
    b"\xff\xfe\x00",
    b'{"a": "\xff"}',
    b'{"model": NaN}',
    b'{"temperature": Infinity}',
    b'{"temperature": -Infinity}',
    b'{"temperature": 1e999}',
    b'{"seed": ' + b"9" * 5000 + b"}",
    b'{"messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"messages": ' + b'[{"content":' * 400 + b"1" + b"}]" * 400 + b"}",
    b'{"model": "\\ud800", "messages": [{"role": "user", "content": "\\udfff"}]}',
    b'{"' + b"a" * 70_000 + b'": 1}',
    b"{}",
    b'{"model": {"a": 1}, "messages": {"role": 1}, "contents": 1, "input": {}, "prompt": {}}',
    b'{"model": true, "messages": [null, 1, "x", [], {}], "contents": [null], "input": [null]}',
]


@pytest.mark.usefixtures("stands")
@pytest.mark.parametrize("path", POSTS)
def test_garbage_is_told_on_every_route(daemon: Daemon, path: str) -> None:
    for body in GARBAGE:
        said = posted(daemon, path, body)
        assert 400 <= said.status < 500, (body[:60], said)
        assert b"internal" not in said.body


@pytest.mark.usefixtures("stands")
@pytest.mark.parametrize("path", [path for method, path in OF_MODELS if method == "POST"])
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_gzip_bomb_does_not_go_off(daemon: Daemon, path: str, encoding: str) -> None:
    pack: Any = gzip.compress if encoding == "gzip" else zlib.compress
    bomb = pack(b" " * (BODY_LIMIT + 50_000_000), 1)
    assert len(bomb) < 1_000_000
    assert posted(daemon, path, bomb, Content_Encoding=encoding).status == 413


@pytest.mark.usefixtures("stands")
@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip"])
def test_what_cannot_be_unpacked_is_told(daemon: Daemon, encoding: str) -> None:
    assert posted(daemon, "/v1/messages", b"garbage", Content_Encoding=encoding).status == 400


@pytest.mark.usefixtures("stands")
@pytest.mark.parametrize("path", POSTS)
def test_a_body_that_is_declared_too_large_is_not_awaited(daemon: Daemon, path: str) -> None:
    sent = head(daemon, "POST", path, Content_Length=str(BODY_LIMIT + 1))
    assert exchanged(daemon, sent).status == 413


def test_a_body_that_grows_too_large_is_cut_off(daemon: Daemon, stands: None) -> None:
    block = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with dial(daemon) as connection:
        connection.sendall(head(daemon, "POST", "/v1/messages", Transfer_Encoding="chunked"))
        try:
            for _ in range(BODY_LIMIT // 0x100000 + 2):
                connection.sendall(block)
            connection.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert answer(connection).startswith(b"HTTP/1.1 413 ")


@pytest.mark.usefixtures("stands")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"a":[' + b"[]," * 33_000_000 + b"[]]}", id="of 33 million lists"),
        pytest.param(
            b'{"model":"no-such-model","messages":[{"role":"user","content":"'
            + b"word " * 19_000_000
            + b'"}]}',
            id="of text",
        ),
    ],
)
def test_a_body_of_almost_100_mb_does_not_stop_the_daemon(daemon: Daemon, body: bytes) -> None:
    assert len(body) < BODY_LIMIT
    with dial(daemon) as connection:
        sent = head(daemon, "POST", "/v1/chat/completions", Content_Length=str(len(body)))
        connection.sendall(sent + body)
        begun = time.monotonic()
        assert daemon.call("GET", "/api/status")["pid"] == daemon.pid
        assert time.monotonic() - begun < SOON_S
        assert answer(connection).startswith(b"HTTP/1.1 4")
