"""Nothing is answered but what comes from this machine, on purpose, with the token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from satchel.daemon.guard import body_limit, refuse
from satchel.daemon.routes import api
from satchel.daemon.seam import Engine
from satchel.tools.client import Daemon
from satchel.tools.loopback import Address

Raw = Callable[[Address, bytes], tuple[int, str, bytes]]

ROUTES = [
    ("POST" if "POST" in (route.methods or ()) else "GET", route.path)
    for route in api(cast(Engine, None), dict, lambda: None, lambda top: None, lambda top: None)
]
EVERY = [*ROUTES, ("POST", "/mcp"), ("GET", "/mcp"), ("GET", "/"), ("POST", "/nowhere")]
TOKEN = "right-token"
GOOD = {
    "host": ["127.0.0.1:4000"],
    "authorization": [f"Bearer {TOKEN}"],
    "content-type": ["application/json"],
}


def head(method: str, path: str, **headers: str | None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Connection: close"]
    lines += [
        f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None
    ]
    return ("\r\n".join([*lines, "", ""])).encode("latin-1")


@pytest.mark.parametrize(("method", "path"), EVERY, ids=lambda word: word.strip("/") or "root")
@pytest.mark.parametrize(
    ("status", "changed"),
    [
        pytest.param(401, {"Authorization": None}, id="no token"),
        pytest.param(401, {"Authorization": "Bearer wrong"}, id="wrong token"),
        pytest.param(401, {"Authorization": None, "x_api_key": ""}, id="empty key"),
        pytest.param(421, {"Host": "evil.example:{port}"}, id="rebound name"),
        pytest.param(421, {"Host": "127.0.0.1"}, id="no port"),
        pytest.param(421, {"Host": "127.0.0.1:1"}, id="other port"),
        pytest.param(421, {"Host": "0.0.0.0:{port}"}, id="any address"),
        pytest.param(403, {"Origin": "https://evil.example"}, id="foreign origin"),
        pytest.param(403, {"Origin": "null"}, id="null origin"),
        pytest.param(403, {"Origin": "http://127.0.0.1:1"}, id="origin of another port"),
    ],
)
def test_every_route_refuses(
    running: Daemon,
    tcp: tuple[str, int],
    raw: Raw,
    method: str,
    path: str,
    status: int,
    changed: dict[str, str | None],
) -> None:
    headers: dict[str, str | None] = {
        "Host": "127.0.0.1:{port}",
        "Authorization": f"Bearer {running.token}",
        "Content_Type": "application/json",
        "Content_Length": "0",
        **changed,
    }
    sent = {name: value and value.replace("{port}", str(tcp[1])) for name, value in headers.items()}
    answered, told, body = raw(tcp, head(method, path, **sent))
    assert answered == status
    assert "access-control" not in told
    assert running.token.encode() not in body


@pytest.mark.parametrize("path", [path for method, path in EVERY if method == "POST"])
def test_every_post_must_be_json(running: Daemon, tcp: Any, raw: Raw, path: str) -> None:
    sent = head(
        "POST",
        path,
        Host=f"127.0.0.1:{tcp[1]}",
        Authorization=f"Bearer {running.token}",
        Content_Type="text/plain",
        Content_Length="2",
    )
    assert raw(tcp, sent + b"{}")[0] == 415


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "TRACE"])
def test_other_methods_get_no_cors_answer(running: Daemon, tcp: Any, raw: Raw, method: str) -> None:
    host, token = f"127.0.0.1:{tcp[1]}", f"Bearer {running.token}"
    status, told, _ = raw(tcp, head(method, "/api/brief", Host=host, Authorization=token))
    assert status == 405
    assert "access-control" not in told


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1:1", "evil.example"])
def test_the_socket_knows_one_name(running: Daemon, tcp: Any, raw: Raw, host: str) -> None:
    assert isinstance(running.address, str)
    token = f"Bearer {running.token}"
    named = host.replace("{port}", str(tcp[1]))
    assert (
        raw(running.address, head("GET", "/api/status", Host=named, Authorization=token))[0] == 421
    )
    assert (
        raw(running.address, head("GET", "/api/status", Host="localhost", Authorization=token))[0]
        == 200
    )


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "x-goog-api-key"])
def test_the_token_may_come_in_each_of_three_headers(header: str) -> None:
    value = f"Bearer {TOKEN}" if header == "authorization" else TOKEN
    headers = {"host": GOOD["host"], header: [value]}
    assert refuse(headers, "GET", port=4000, keys=(TOKEN,)) is None


def test_our_own_page_is_no_foreign_origin() -> None:
    headers = GOOD | {"origin": ["http://localhost:4000"]}
    assert refuse(headers, "POST", port=4000, keys=(TOKEN,)) is None


@pytest.mark.parametrize(
    "doubled",
    [
        {"host": ["127.0.0.1:4000", "evil.example"]},
        {"host": []},
        {"origin": ["http://127.0.0.1:4000", "https://evil.example"]},
        {"content-type": ["application/json", "text/plain"]},
    ],
    ids=["two hosts", "no host", "two origins", "two content types"],
)
def test_doubled_headers_are_refused(doubled: dict[str, list[str]]) -> None:
    assert refuse(GOOD | doubled, "POST", port=4000, keys=(TOKEN,)) is not None


def test_a_token_that_is_not_ascii_is_refused_like_any_other() -> None:
    refusal = refuse(GOOD | {"authorization": ["Bearer \xe9"]}, "POST", port=4000, keys=(TOKEN,))
    assert refusal is not None
    assert refusal.status == 401


def test_a_body_that_says_it_is_too_large_is_not_read(running: Daemon, tcp: Any, raw: Raw) -> None:
    sent = head(
        "POST",
        "/api/brief",
        Host=f"127.0.0.1:{tcp[1]}",
        Authorization=f"Bearer {running.token}",
        Content_Type="application/json",
        Content_Length=str(body_limit("/api/brief") + 1),
    )
    assert raw(tcp, sent)[0] == 413


def test_a_body_that_grows_too_large_is_cut_off(running: Daemon, tcp: Any, raw: Raw) -> None:
    sent = head(
        "POST",
        "/mcp",
        Host=f"127.0.0.1:{tcp[1]}",
        Authorization=f"Bearer {running.token}",
        Content_Type="application/json",
        Transfer_Encoding="chunked",
    )
    block = b"10000\r\n" + b" " * 65536 + b"\r\n"
    blocks = block * (body_limit("/mcp") // 65536 + 2)
    assert raw(tcp, sent + blocks + b"0\r\n\r\n")[0] == 413


def test_a_request_of_200_kb_is_answered(running: Daemon) -> None:
    body = {"request": "x" * 200_000, "path": "/tmp"}
    assert "200000 characters" in running.call("POST", "/api/brief", body)["markdown"]
