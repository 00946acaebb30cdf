"""A server elsewhere proves who it is before a word is said to it, through a real daemon.

The daemon trusts one authority, as a user has it do so (SSL_CERT_FILE); each server has another
certificate. What arrives is counted below TLS: connections, and what was said in them.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openai
import pytest

from satchel.base.paths import Home
from satchel.cli import run
from satchel.tools.client import Daemon, connect
from tests.e2e.test_grant_matrix import ELSEWHERE, SSE
from tests.model.certificates import HOUR, Authority

pytestmark = pytest.mark.skipif(
    ELSEWHERE is None, reason="this machine has no address but loopback"
)
HERE = ELSEWHERE or ""
ANOTHER = "192.0.2.7"  # of nobody (RFC 5737)
WORDS = "Where are the sessions kept?"
PIECE = SSE.partition(b"\n\n")[0] + b"\n\n"
NO_KEY = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@dataclass(slots=True)
class Seen:
    """What came to a server: connections, and what was said in each; `failed` handshakes.

    `left` is set where a client left an answer that would not have ended.
    """

    url: str
    connections: int = 0
    failed: int = 0
    left: threading.Event = field(default_factory=threading.Event)
    said: list[bytes] = field(default_factory=list)


@contextlib.contextmanager
def listening(certificate: Path | None, *, endless: bool = False, key: str = "") -> Iterator[Seen]:
    """Answer one request a connection as OpenAI does; without a certificate, plainly.

    Where there is a key, it is asked for.
    """
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with socket.create_server((HERE, 0)) as listener:
        seen = Seen(f"https://{HERE}:{listener.getsockname()[1]}/v1")

        def serve() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                seen.connections += 1
                plain.settimeout(20)
                try:
                    with context.wrap_socket(plain, server_side=True) if context else plain as one:
                        seen.said.append(_request(one))
                        if f"Bearer {key}\r\n".encode() not in seen.said[-1] and key:
                            one.sendall(NO_KEY)
                            continue
                        one.sendall(HEAD + (PIECE if endless else SSE))
                        while endless:
                            time.sleep(0.01)
                            one.sendall(PIECE)
                except OSError:  # ssl.SSLError is one
                    seen.failed += not endless
                    seen.left.set()
                    plain.close()

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield seen
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            serving.join(timeout=20)


def _request(one: socket.socket) -> bytes:
    said = b""
    while WORDS.encode() not in said:
        piece = one.recv(65536)
        if not piece:
            raise ConnectionResetError
        said += piece
        if said[:1] == b"\x16":  # TLS, where it was not expected
            one.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            raise ConnectionResetError
    return said


@pytest.fixture(scope="module")
def trusted() -> Authority:
    return Authority.made("an authority of our own")


@pytest.fixture(scope="module")
def daemon(trusted: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that trusts one authority, and no server on this machine."""
    folder = tmp_path_factory.mktemp("tls")
    authorities = folder / "authorities.pem"
    authorities.write_bytes(trusted.pem)
    home = Home(folder / "h")
    home.root.mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(authorities))
        patch.setenv("SATCHEL_HOME", str(home.root))
        started = connect(home)
        try:
            yield started
        finally:
            started.stop()


@pytest.fixture
def client(daemon: Daemon) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=f"{daemon.url}/v1",
        api_key=daemon.home.key.read_text(),
        max_retries=0,
        http_client=openai.DefaultHttpxClient(trust_env=False),
    ) as one:
        yield one


def ask(client: openai.OpenAI, url: str, *, stream: bool = False) -> str:
    turns: Any = [{"role": "user", "content": WORDS}]
    made: Any = client.chat.completions.create(model=f"{url}/m", messages=turns, stream=stream)
    if stream:
        return "".join(piece.choices[0].delta.content or "" for piece in made)
    return str(made.choices[0].message.content)


def granted(url: str, *words: str) -> None:
    assert run(["consent", "grant", url, "--model=m", *words, "--yes", "--json"]) == 0


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_without_a_grant_there_is_no_connection_and_with_it_one_that_is_proved(
    client: openai.OpenAI, trusted: Authority, tmp_path: Path, stream: bool
) -> None:
    good = trusted.certify(tmp_path / "good.pem", HERE, datetime.now(UTC) + HOUR)
    with listening(good) as seen:
        with pytest.raises(openai.PermissionDeniedError, match="nothing was sent"):
            ask(client, seen.url, stream=stream)
        assert seen.connections == 0
        granted(seen.url)
        assert ask(client, seen.url, stream=stream) == "Over there."
        assert (seen.connections, seen.failed, len(seen.said)) == (1, 0, 1)
        with pytest.raises(openai.PermissionDeniedError):
            ask(client, seen.url, stream=stream)
        assert seen.connections == 1


def test_who_leaves_an_answer_from_elsewhere_ends_it_there(
    client: openai.OpenAI, trusted: Authority, tmp_path: Path
) -> None:
    good = trusted.certify(tmp_path / "good.pem", HERE, datetime.now(UTC) + HOUR)
    with listening(good, endless=True) as seen:
        granted(seen.url)
        turns: Any = [{"role": "user", "content": WORDS}]
        with client.chat.completions.create(
            model=f"{seen.url}/m", messages=turns, stream=True
        ) as pieces:
            assert next(pieces).choices
            assert not seen.left.is_set()
        assert seen.left.wait(20)


def test_a_key_goes_along_by_its_grant_and_a_missing_one_is_told(
    client: openai.OpenAI, trusted: Authority, tmp_path: Path
) -> None:
    good = trusted.certify(tmp_path / "good.pem", HERE, datetime.now(UTC) + HOUR)
    file = tmp_path / "key"
    file.write_text("a-word\n")
    file.chmod(0o600)
    with listening(good, key="a-word") as seen:
        granted(seen.url)
        with pytest.raises(openai.InternalServerError, match="`--key-file`") as failed:
            ask(client, seen.url)
        granted(seen.url, "--key-file", str(file))
        assert ask(client, seen.url) == "Over there."
    assert (failed.value.status_code, failed.value.code) == (502, "server-refuses")
    assert client.api_key.encode() not in b"".join(seen.said)


def unproved(kind: str, trusted: Authority, file: Path) -> Path | None:
    """Make what a server has that is not what it should be."""
    now = datetime.now(UTC)
    match kind:
        case "of an authority that nobody knows":
            return Authority.made("a stranger").certify(file, HERE, now + HOUR)
        case "for another address":
            return trusted.certify(file, ANOTHER, now + HOUR)
        case "that has ended":
            return trusted.certify(file, HERE, now - HOUR)
    return None


WHY = {
    "of an authority that nobody knows": "unable to get local issuer certificate",
    "for another address": "IP address mismatch",
    "that has ended": "certificate has expired",
    "none": "did not prove to be",
}


@pytest.mark.parametrize("kind", WHY)
def test_a_server_that_does_not_prove_its_address_is_told_nothing(
    client: openai.OpenAI, trusted: Authority, tmp_path: Path, kind: str
) -> None:
    with listening(unproved(kind, trusted, tmp_path / "bad.pem")) as seen:
        granted(seen.url)
        with pytest.raises(openai.APIStatusError, match=WHY[kind]) as failed:
            ask(client, seen.url)
        assert (seen.connections, seen.said) == (1, [])
    assert (failed.value.status_code, failed.value.code) == (502, "server-not-proved")
    assert "nothing was sent" in failed.value.message
    assert "SSL_CERT_FILE" in failed.value.message


def test_satchel_ask_says_it_too(
    daemon: Daemon, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "carts.py").write_text("def expire_cart(cart: str) -> None:\n    return None\n")
    list(daemon.stream("/api/index", {"path": str(shop), "accept": True}))
    bad = Authority.made("a stranger")
    with listening(bad.certify(tmp_path / "bad.pem", HERE, datetime.now(UTC) + HOUR)) as seen:
        granted(seen.url, "--data=context")
        capsys.readouterr()
        asked = ["ask", "Where does a cart expire? See expire_cart.", "--in", str(shop)]
        assert run([*asked, "--model", f"{seen.url}/m"]) == 3
        assert (seen.connections, seen.said) == (1, [])
    assert "did not prove to be" in capsys.readouterr().err
