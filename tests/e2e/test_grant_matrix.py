"""Every way off this machine, through a real daemon, with sinks that see what arrives.

Without a grant nothing does, and the answer says what would have left and how to permit it; with
the grant that it names, what was shown does, and no more.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import os
import re
import shlex
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from satchel.base.paths import Home
from satchel.cli import run
from satchel.model.consent import Always, Entry, Grant, Occasion
from satchel.model.grants import Store
from satchel.model.leaving import Material
from satchel.model.ledger import Ledger
from satchel.tools.client import Daemon, connect
from tests.model import fakes
from tests.model.fakes.others import LEMONADE_CLOUD, lemonade_row, listing, row

SECRET = "ghp_" + "Ab1" * 12
WORDS = f"Where are the sessions kept? My token is {SECRET}."
SSE = (
    b'data: {"choices":[{"index":0,"delta":{"content":"Over there."},"finish_reason":null}]}\n\n'
    b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)


# --- where it would arrive ------------------------------------------------------------------------


def own_address() -> str | None:
    """An address of this machine that is not loopback. No packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if ipaddress.ip_address(address).is_loopback else address


ELSEWHERE = own_address()


@dataclass(slots=True)
class Sink:
    """A server that counts every connection and keeps every body."""

    url: str
    bodies: list[bytes]
    connections: list[Any]


@contextlib.contextmanager
def sink(host: str, certificate: Path | None = None) -> Iterator[Sink]:
    """Answer as OpenAI does at an address, with TLS where there is a certificate."""
    seen = Sink("", [], [])

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(SSE)

        def setup(self) -> None:
            seen.connections.append(self.client_address)
            super().setup()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer((host, 0), Taking) as server:
        scheme = "http"
        if certificate is not None:
            scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        seen.url = f"{scheme}://{host}:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        try:
            yield seen
        finally:
            server.shutdown()
            serving.join()


def certificate(folder: Path, host: str) -> Path:
    """Write a key and a certificate of one's own for an address, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sink")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "sink.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


# --- the world ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Way:
    """One way off: the model as it is asked for, what a grant calls it and its destination, and
    the bodies that arrived. `searches` has the server use its own web search, `mute` LM Studio's
    tool tell nothing."""

    asked: str
    model: str
    to: str
    arrived: Callable[[], list[bytes]]
    evidence: str
    searches: bool = False
    mute: bool = False


@dataclass(frozen=True, slots=True)
class World:
    daemon: Daemon
    ways: Mapping[str, Way]
    turned: fakes.Fake
    shop: Path
    mute: Path

    def way(self, name: str) -> Way:
        """Return a way, with the world as it has to be for it."""
        way = self.ways[name]
        if way.mute != self.mute.exists():
            self.mute.touch() if way.mute else self.mute.unlink()
            # A name that is not known has the daemon look anew.
            assert by_chat(self, "nobody/none", "hi", False).status == 404
        return way

    @property
    def home(self) -> Home:
        return self.daemon.home

    def ledger(self) -> list[Entry]:
        return Ledger(self.home).read()


packed = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # as it is sent


def of_fake(fake: fakes.Fake, path: str) -> Callable[[], list[bytes]]:
    def arrived() -> list[bytes]:
        return [packed(body).encode() for body in fake.posted(path)]

    return arrived


CHAT = "/v1/chat/completions"
NAMES = [
    "Ollama's cloud tag",
    "Ollama's alias",
    "LM Link",
    "LM Link untold",
    "Lemonade's cloud",
    "Private Cloud Compute",
    "a proxy to a hosted API",
    "a local server's web search",
    *(["a machine of the network", "an address with https"] if ELSEWHERE else []),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("g")
    tool = folder / "bin" / ("lms.cmd" if os.name == "nt" else "lms")
    tool.parent.mkdir()
    status = json.dumps({"issues": [], "peers": [{"deviceName": "tower"}]})
    mute = folder / "mute"
    tool.write_text(
        f"@if exist {mute} (exit 1) else (echo {status})"
        if os.name == "nt"
        else f"#!/bin/sh\ntest -e {mute} && exit 1\necho '{status}'\n"
    )
    tool.chmod(0o755)
    shop = folder / "shop"
    shop.mkdir()
    (shop / "carts.py").write_text(
        '"""Shopping carts."""\n\n\ndef expire_cart(cart: str) -> None:\n'
        '    """Drop a cart that nobody touched for a day."""\n'
    )
    alias = fakes.ollama_row("plain-alias:4b", remote_model="big", remote_host="https://x.example")
    with contextlib.ExitStack() as stack:
        ollama = stack.enter_context(
            fakes.ollama([fakes.ollama_cloud_row("grand:cloud"), alias, fakes.ollama_row("own:4b")])
        )
        turned = stack.enter_context(
            fakes.ollama(
                [fakes.ollama_row("turned:4b")], shown={"remote_host": "https://x.example"}
            )
        )
        studio = stack.enter_context(fakes.lm_studio([fakes.lm_studio_row("linked/model-4b")]))
        cloud = {**LEMONADE_CLOUD, "id": "fireworks.distant"}
        lemonade = stack.enter_context(
            fakes.other("Lemonade", {"/v1/models": listing(cloud, lemonade_row("Near-4B-GGUF"))})
        )
        apple = stack.enter_context(fakes.other("fm serve"))
        proxy = stack.enter_context(
            fakes.other(
                "RamaLama before a hosted API",
                {"/v1/models": listing(row("openai://distant-5", "openai"))},
            )
        )
        llama = stack.enter_context(fakes.llama_server([fakes.llama_row("searching.gguf")]))
        ways = {
            "Ollama's cloud tag": Way(
                "grand:cloud", "grand:cloud", "ollama", of_fake(ollama, "/api/chat"), "passes it on"
            ),
            "Ollama's alias": Way(
                "ollama/plain-alias:4b",
                "plain-alias:4b",
                "ollama",
                of_fake(ollama, "/api/chat"),
                "x.example",
            ),
            "LM Link": Way(
                "linked/model-4b", "linked/model-4b", "lm-studio", of_fake(studio, CHAT), "LM Link"
            ),
            "LM Link untold": Way(
                "linked/model-4b",
                "linked/model-4b",
                "lm-studio",
                of_fake(studio, CHAT),
                "did not say whether another machine",
                mute=True,
            ),
            "Lemonade's cloud": Way(
                "fireworks.distant",
                "fireworks.distant",
                "lemonade",
                of_fake(lemonade, CHAT),
                "fireworks",
            ),
            "Private Cloud Compute": Way("pcc", "pcc", "fm", of_fake(apple, CHAT), "Private Cloud"),
            "a proxy to a hosted API": Way(
                "openai://distant-5",
                "openai://distant-5",
                proxy.url,
                of_fake(proxy, CHAT),
                "hosted API",
            ),
            "a local server's web search": Way(
                "searching.gguf",
                "searching.gguf",
                "llama.cpp",
                of_fake(llama, CHAT),
                "runs it",
                searches=True,
            ),
        }
        servers = [ollama, turned, studio, lemonade, apple, proxy, llama]
        addresses = [fake.url for fake in servers]
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        if ELSEWHERE:
            lan = stack.enter_context(sink(ELSEWHERE))
            pem = certificate(folder, ELSEWHERE)
            far = stack.enter_context(sink(ELSEWHERE, pem))
            patch.setenv("SSL_CERT_FILE", str(pem))
            addresses.append(lan.url)
            ways["a machine of the network"] = Way(
                f"{lan.url}/some/model", "some/model", lan.url, lambda: lan.bodies, "local network"
            )
            ways["an address with https"] = Way(
                f"{far.url}/v1/some/model",
                "some/model",
                f"{far.url}/v1",
                lambda: far.bodies,
                "local network",
            )
        home = Home(folder / "h")
        home.root.mkdir(mode=0o700)
        settings = {"model.servers": ",".join(addresses), "detect.timeout_ms": 5000}
        home.settings.write_text(json.dumps(settings))
        patch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("SATCHEL_HOME", str(home.root))
        daemon = connect(home)
        try:
            list(daemon.stream("/api/index", {"path": str(shop), "accept": True}))
            yield World(daemon, ways, turned, shop, mute)
        finally:
            daemon.stop()


@pytest.fixture(autouse=True)
def no_grants(world: World) -> None:
    Store(world.home).revoke_all()


# --- asking ---------------------------------------------------------------------------------------


class Said(NamedTuple):
    status: int
    body: dict[str, Any]

    @property
    def told(self) -> str:
        """The message of an error, whichever dialect it is in."""
        return str(self.body["error"]["message"])

    @property
    def command(self) -> list[str]:
        """The words of the command that it names, without the program."""
        found = re.search(r"`(satchel consent grant [^`]+)`", self.told)
        assert found is not None, self.told
        return shlex.split(found[1])[1:]


def send(world: World, path: str, body: Mapping[str, Any], **headers: str) -> Said:
    host, port = world.daemon.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    given = {"x-api-key": world.home.key.read_text(), "Content-Type": "application/json"}
    try:
        connection.request("POST", path, json.dumps(body), given | headers)
        response = connection.getresponse()
        return Said(response.status, json.loads(response.read()))
    finally:
        connection.close()


def by_chat(world: World, model: str, text: str, searches: bool, **headers: str) -> Said:
    body = {"model": model, "messages": [{"role": "user", "content": text}]}
    search: dict[str, Any] = {"web_search_options": {}} if searches else {}
    return send(world, "/v1/chat/completions", body | search, **headers)


def by_responses(world: World, model: str, text: str, searches: bool) -> Said:
    tools = [{"type": "web_search"}] if searches else []
    return send(world, "/v1/responses", {"model": model, "input": text, "tools": tools})


def by_messages(world: World, model: str, text: str, searches: bool) -> Said:
    turns = [{"role": "user", "content": text}]
    tools = [{"type": "web_search_20250305", "name": "web_search"}] if searches else []
    body = {"model": model, "max_tokens": 64, "messages": turns, "tools": tools}
    return send(world, "/v1/messages", body)


def by_gemini(world: World, model: str, text: str, searches: bool) -> Said:
    tools: list[dict[str, Any]] = [{"googleSearch": {}}] if searches else []
    body = {"contents": [{"role": "user", "parts": [{"text": text}]}], "tools": tools}
    return send(world, f"/v1beta/models/{quote(model, safe='')}:generateContent", body)


Ask = Callable[[World, str, str, bool], Said]
DIALECTS: Mapping[str, Ask] = {
    "chat": by_chat,
    "responses": by_responses,
    "messages": by_messages,
    "generateContent": by_gemini,
}


def grant(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Run a `consent grant` command as it was told, with a yes; return the grant."""
    assert run([*words, "--yes", "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)["grant"]
    return told


# --- the matrix -----------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", DIALECTS.values(), ids=DIALECTS.keys())
@pytest.mark.parametrize("name", NAMES)
def test_nothing_leaves_without_a_grant_and_with_it_what_was_shown_does_once(
    world: World, capsys: pytest.CaptureFixture[str], name: str, ask: Ask
) -> None:
    way = world.way(name)
    before, written = way.arrived()[:], len(world.ledger())

    refused = ask(world, way.asked, WORDS, way.searches)
    assert refused.status == 403
    assert way.arrived() == before
    (line,) = world.ledger()[written:]
    assert (line.allowed, line.reason, line.grant) == (False, "consent-needed", None)
    assert (line.model, line.material) == (way.model, Material.PROMPT)
    assert f"{line.bytes:,} bytes (the prompt) would leave for {way.model}" in refused.told
    assert "nothing was sent" in refused.told
    assert SECRET not in json.dumps(refused.body)

    given = grant(refused.command, capsys)
    assert (given["destination"], given["model"]) == (way.to, way.model)
    assert (given["data"], given["for"]) == ("prompt", "once")
    assert tuple(given["tools"]) == line.tools
    assert bool(line.tools) == way.searches
    answered = ask(world, way.asked, WORDS, way.searches)
    assert answered.status == 200, answered
    (body,) = way.arrived()[len(before) :]
    assert len(body) <= line.bytes
    assert b"Where are the sessions kept?" in body
    assert SECRET.encode() not in body
    allowed = world.ledger()[-1]
    assert (allowed.allowed, allowed.grant, allowed.bytes) == (True, given["id"], line.bytes)

    again = ask(world, way.asked, WORDS, way.searches)
    assert again.status == 403
    assert len(way.arrived()) == len(before) + 1
    assert [entry.allowed for entry in world.ledger()[written:]] == [False, True, False]


@pytest.mark.parametrize("name", [name for name in NAMES if "search" not in name])
def test_satchel_ask_goes_the_same_way(
    world: World, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    way = world.way(name)
    before = way.arrived()[:]
    question = "Where does a cart expire? See expire_cart."
    asked = ["ask", question, "--model", way.asked, "--in", str(world.shop)]
    assert run(asked) == 2
    said = capsys.readouterr().err
    assert way.arrived() == before
    assert "This would leave this machine, and nothing did:" in said
    assert re.search(rf"model +{re.escape(way.model)}", said)
    assert re.search(r"sections +files 1", said)
    assert way.evidence in said
    refused = world.ledger()[-1]
    assert (refused.allowed, refused.material) == (False, Material.CONTEXT)
    found = re.search(r"`(satchel consent grant [^`]+)`", said)
    assert found is not None
    grant(shlex.split(found[1])[1:], capsys)
    assert run(asked) == 0
    out = capsys.readouterr()
    assert "NOT on this machine" in out.err or "place that is not known" in out.err
    (body,) = way.arrived()[len(before) :]
    assert b"def expire_cart" in body
    assert len(body) <= refused.bytes


def test_satchel_ask_offline_stays_here(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    written = len(world.ledger())
    asked = ["ask", "Where is it?", "--model", "grand:cloud", "--in", str(world.shop), "--offline"]
    assert run(asked) == 3
    assert "is not known to run on this machine" in capsys.readouterr().err
    assert len(world.ledger()) == written


def permitted(world: World, *words: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return grant(["consent", "grant", "ollama", "--model=grand:cloud", *words], capsys)


def test_a_grant_that_was_revoked_permits_nothing_from_then_on(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    given = permitted(world, "--for=always", capsys=capsys)
    assert by_chat(world, "grand:cloud", WORDS, False).status == 200
    assert by_chat(world, "grand:cloud", WORDS, False).status == 200
    assert run(["consent", "revoke", given["id"]]) == 0
    assert by_chat(world, "grand:cloud", WORDS, False).status == 403


def test_a_grant_that_has_ended_permits_nothing(world: World) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    ended = Grant(
        "", "ollama", "grand:cloud", Material.RECORDS, Always(), now, now - timedelta(seconds=1)
    )
    Store(world.home).add(ended, Occasion(now - timedelta(hours=1)))
    before = world.ways["Ollama's cloud tag"].arrived()
    said = by_chat(world, "grand:cloud", WORDS, False)
    assert said.status == 403
    assert "it ended at" in said.told
    assert world.ways["Ollama's cloud tag"].arrived() == before


def test_a_grant_for_another_model_permits_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    permitted(world, "--for=always", capsys=capsys)
    said = by_chat(world, "plain-alias:4b", WORDS, False)
    assert said.status == 403
    assert "it is for the model grand:cloud" in said.told


def test_context_needs_a_grant_that_covers_it_and_goes_as_it_was_shown(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    way = world.ways["Ollama's cloud tag"]
    in_shop = {"x-satchel-workspace": str(world.shop)}
    permitted(world, "--for=always", capsys=capsys)
    text = "Where does a cart expire? See expire_cart."
    assert by_chat(world, "grand:cloud", text, False, **in_shop).status == 200
    before = way.arrived()
    refused = by_chat(world, "grand:cloud+context", text, False, **in_shop)
    assert refused.status == 403
    assert way.arrived() == before
    assert "(context: files 1)" in refused.told
    assert "it covers the prompt only" in refused.told
    shown = world.ledger()[-1]
    grant(refused.command, capsys)
    assert by_chat(world, "grand:cloud+context", text, False, **in_shop).status == 200
    (body,) = way.arrived()[len(before) :]
    assert b"def expire_cart" in body
    assert len(body) <= shown.bytes
    assert world.ledger()[-1].sections == shown.sections


def test_records_need_a_grant_that_covers_them(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    way = world.ways["Ollama's cloud tag"]
    told = {"text": "A cart expires after a day, never at midnight", "kind": "rule"}
    kept = world.daemon.call("POST", "/api/remember", told | {"path": str(world.shop)})
    try:
        permitted(world, "--for=always", "--data=context", capsys=capsys)
        before = way.arrived()
        in_shop = {"x-satchel-workspace": str(world.shop)}
        text = "When does a cart expire? See expire_cart."
        refused = by_chat(world, "grand:cloud+context", text, False, **in_shop)
        assert refused.status == 403
        assert way.arrived() == before
        assert "records 1" in refused.told
        assert "--data=records" in refused.command
        assert "midnight" not in refused.told
    finally:
        forget = {"id": kept["record"]["id"], "path": str(world.shop)}
        world.daemon.call("POST", "/api/forget", forget)


def test_a_grant_for_a_workspace_holds_there_and_ends_with_it(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mill = tmp_path / "mill"
    (mill / "src").mkdir(parents=True)
    (mill / "src" / "grind.py").write_text("def grind(corn: str) -> str:\n    return corn\n")
    list(world.daemon.stream("/api/index", {"path": str(mill), "accept": True}))
    permitted(world, "--for=workspace", "--in", str(mill), capsys=capsys)
    below = {"x-satchel-workspace": str(mill / "src")}
    assert by_chat(world, "grand:cloud", WORDS, False, **below).status == 200
    for other in ({}, {"x-satchel-workspace": str(world.shop)}, {"x-satchel-workspace": "mill"}):
        assert by_chat(world, "grand:cloud", WORDS, False, **other).status == 403
    world.daemon.call("POST", "/api/forget", {"folder": str(mill), "dry_run": True})
    assert len(Store(world.home).read()) == 1
    world.daemon.call("POST", "/api/forget", {"folder": str(mill)})
    assert Store(world.home).read() == ()


def test_a_stream_is_refused_before_it_begins(world: World) -> None:
    turns = [{"role": "user", "content": WORDS}]
    body = {"model": "grand:cloud", "messages": turns, "stream": True}
    assert send(world, "/v1/chat/completions", body).status == 403


def test_a_name_that_came_to_mean_another_machine_s_model_is_refused(world: World) -> None:
    said = by_chat(world, "turned:4b", WORDS, False)
    assert said.status == 403
    assert "does not run on this machine any more" in said.told
    assert world.turned.posted("/api/chat") == []


def test_counting_tokens_neither_leaves_nor_spends_a_grant(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    way = world.ways["Ollama's cloud tag"]
    permitted(world, capsys=capsys)
    before, written = way.arrived(), len(world.ledger())
    body = {"model": "grand:cloud", "messages": [{"role": "user", "content": WORDS}]}
    said = send(world, "/v1/messages/count_tokens", body)
    assert said.status == 200
    assert said.body["input_tokens"] > 10
    assert (way.arrived(), len(world.ledger())) == (before, written)
    assert len(Store(world.home).read()) == 1


def test_embedding_is_never_asked_elsewhere(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    permitted(world, "--for=always", "--data=records", capsys=capsys)
    said = send(world, "/v1/embeddings", {"model": "grand:cloud", "input": "text"})
    assert said.status == 404


def test_no_list_offers_what_is_not_here(world: World) -> None:
    connection = http.client.HTTPConnection(world.daemon.url.removeprefix("http://"), timeout=60)
    connection.request("GET", "/v1/models", headers={"x-api-key": world.home.key.read_text()})
    listed = {entry["id"] for entry in json.loads(connection.getresponse().read())["data"]}
    connection.close()
    assert {"own:4b", "searching.gguf"} <= listed
    away = {way.model for way in world.ways.values() if not way.searches}
    assert not listed & away


def test_a_damaged_file_of_grants_lets_nothing_leave(world: World) -> None:
    world.home.grants.write_text("{")
    before = world.ways["Ollama's cloud tag"].arrived()
    said = by_chat(world, "grand:cloud", WORDS, False)
    assert said.status == 500
    assert "nothing may leave" in said.told
    assert world.ledger()[-1].reason == "grants-unreadable"
    assert world.ways["Ollama's cloud tag"].arrived() == before
