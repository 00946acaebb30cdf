"""Servers are told apart by what they answer, and whatever goes wrong is a row with a reason."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from aiohttp import web

from satchel.model.answers import parameters, quantisation, size
from satchel.model.detect import addresses_of, detect, parse_address
from satchel.model.known import DEFAULT_ADDRESSES
from satchel.model.locality import Link
from satchel.model.types import Found, Local, Locality, Remote
from tests.model import fakes

PATIENT_S = 5.0  # these tests are about answers, not about speed


async def link_off() -> Link:
    return Link.OFF


def look(
    *addresses: str, link: Link = Link.OFF, timeout_s: float = PATIENT_S, **more: Any
) -> Found:
    async def told() -> Link:
        return link

    return asyncio.run(detect(addresses, timeout_s, ask_link=told, **more))


def closed_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_nothing_running_is_silence_and_no_error() -> None:
    address = closed_port()
    assert look(address) == Found(silent=(address,))


def test_all_servers_are_recognised_together_wherever_they_listen() -> None:
    with fakes.ollama() as one, fakes.lm_studio() as two, fakes.llama_server() as three:
        found = look(one.url, two.url, three.url)
    assert [(backend.name, backend.base_url) for backend in found.backends] == [
        ("ollama", one.url),
        ("lm-studio", two.url),
        ("llama.cpp", three.url),
    ]
    assert all(isinstance(backend, Local) for backend in found.backends)
    assert found.rejected == ()


def test_detection_only_gets_and_shows_no_credentials() -> None:
    with fakes.ollama() as one, fakes.lm_studio() as two, fakes.llama_server() as three:
        look(one.url, two.url, three.url)
        asked = [*one.requests, *two.requests, *three.requests]
    assert {request.method for request in asked} == {"GET"}
    named = {name.lower() for request in asked for name in request.headers}
    assert not named & {"authorization", "cookie", "x-api-key", "origin"}


@pytest.mark.parametrize(
    "body",
    [{}, [], {"error": "Unexpected endpoint"}, "<html></html>", {"cloud": {}}, {"lmstudio": "yes"}],
    ids=str,
)
def test_a_server_that_answers_anything_to_everything_is_not_recognised(body: Any) -> None:
    with fakes.answering_all(body) as fake:
        assert look(fake.url).backends == ()


def test_a_server_that_claims_to_be_two_is_neither() -> None:
    both = {"cloud": {"disabled": False, "source": "none"}, "lmstudio": True}
    with fakes.answering_all(both) as fake:
        found = look(fake.url)
    assert found.backends == ()
    assert "ollama and as lm-studio at once" in found.rejected[0].reason


def test_a_proof_that_comes_late_keeps_a_server_from_being_taken_for_another() -> None:
    plain = fakes.from_table(fakes.OTHERS["Lemonade"].table, fakes.not_found)

    async def respond(request: web.BaseRequest, fake: fakes.Fake) -> web.StreamResponse:
        if request.path == "/v1/health":
            await asyncio.sleep(1)
        return await plain(request, fake)

    with fakes.serving(respond) as fake:
        found = look(fake.url, timeout_s=0.5)
    assert found.backends == ()
    assert "within 500 ms" in found.rejected[0].reason


def test_a_path_that_hangs_does_not_hide_a_server_that_proved_itself() -> None:
    table = {"/api/status": fakes.ok({"cloud": {"disabled": False, "source": "none"}})}
    table |= {"/api/tags": fakes.ok({"models": [fakes.ollama_row("qwen3:4b")]})}
    table |= {"/api/ps": fakes.ok({"models": []})}
    plain = fakes.from_table(table, fakes.not_found)

    async def respond(request: web.BaseRequest, fake: fakes.Fake) -> web.StreamResponse:
        if request.path == "/":
            await asyncio.sleep(3600)
        return await plain(request, fake)

    with fakes.serving(respond) as fake:
        assert [backend.name for backend in look(fake.url, timeout_s=1.0).backends] == ["ollama"]


def test_a_redirect_is_not_followed() -> None:
    with fakes.ollama() as real:
        away = {"Location": f"{real.url}/api/status"}
        with fakes.answering_all("", status=307, headers=away) as fake:
            assert look(fake.url).backends == ()
        assert real.requests == []


def test_the_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with fakes.answering_all({}) as proxy, fakes.ollama() as fake:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        assert [backend.name for backend in look(fake.url).backends] == ["ollama"]
        assert proxy.requests == []


BELOW_HTTP: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "hangs": lambda: fakes.raw(None),
    "garbage": lambda: fakes.raw(b"\x00\xff\x13\x37" * 64),
    "closes": lambda: fakes.raw(b""),
    "half a head": lambda: fakes.raw(b"HTTP/1.1 200 OK\r\nContent-Len"),
    "lies about its length": lambda: fakes.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"),
    "a huge header": lambda: fakes.raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000),
}


@pytest.mark.parametrize("name", BELOW_HTTP)
def test_a_broken_server_is_a_row_with_a_reason(name: str) -> None:
    with BELOW_HTTP[name]() as url, fakes.ollama() as well:
        found = look(url, well.url, timeout_s=1.0)
    assert [backend.name for backend in found.backends] == ["ollama"]
    assert [row.address for row in found.rejected] == [url]
    assert found.rejected[0].reason


def test_a_hanging_server_is_named_as_such() -> None:
    with fakes.raw(None) as url:
        (row,) = look(url, timeout_s=0.2).rejected
    assert row.reason.startswith("accepts a connection but does not answer within 200 ms")


def test_a_body_without_end_is_given_up() -> None:
    with fakes.endless_body() as fake:
        assert look(fake.url).backends == ()


def test_no_address_but_loopback_is_called() -> None:
    found = look("http://192.168.1.20:11434", "http://example.com:11434")
    assert [backend.name for backend in found.backends] == ["unknown", "unknown"]
    assert all(isinstance(backend, Remote) for backend in found.backends)


def test_an_address_that_is_none_is_a_row() -> None:
    assert look("nonsense").rejected[0].reason == "is not an address like 127.0.0.1:8080"


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("localhost:8080", "http://127.0.0.1:8080"),
        (" http://127.0.0.1:8080/ ", "http://127.0.0.1:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("127.0.0.1", None),
        ("https://127.0.0.1:1", None),
        ("http://user:word@127.0.0.1:1", None),
        ("http://127.0.0.1:1/v1", None),
        ("127.0.0.1:99999", None),
        ("", None),
    ],
)
def test_addresses_are_read_as_users_write_them(given: str, address: str | None) -> None:
    assert parse_address(given) == address


def test_further_addresses_join_the_known_ones() -> None:
    extra = addresses_of("localhost:5002, 127.0.0.1:11434,,odd")
    assert extra == (*DEFAULT_ADDRESSES, "http://127.0.0.1:5002", "odd")


def test_ollama_rows_are_read_with_their_contexts() -> None:
    rows = [
        fakes.ollama_row("qwen3:4b"),
        fakes.ollama_row("nomic-embed-text:latest", capabilities=["embedding"]),
        fakes.ollama_row("old:1b", capabilities=None),
    ]
    with fakes.ollama(rows, {"qwen3:4b": 4096}) as fake:
        (backend,) = look(fake.url).backends
    chat, embeds, old = backend.models
    assert (chat.loaded, chat.context_allocated, chat.context_trained) == (True, 4096, 262144)
    assert (chat.chat, chat.parameters, chat.size_bytes) == (True, 4_000_000_000, 2_600_000_000)
    assert (embeds.chat, embeds.embeddings, embeds.loaded) == (False, True, False)
    assert (old.chat, old.embeddings) == (None, None)


@pytest.mark.parametrize(("size_vram", "device"), [(0, "CPU"), (3_100_000_000, "GPU")])
def test_ollama_tells_capabilities_and_the_device_of_what_is_loaded(
    size_vram: int, device: str
) -> None:
    rows = [
        fakes.ollama_row("qwen3:4b"),
        fakes.ollama_row("llava:7b", capabilities=["completion", "vision"]),
    ]
    with fakes.ollama(rows, {"qwen3:4b": 4096}, size_vram=size_vram) as fake:
        (backend,) = look(fake.url).backends
    qwen, llava = backend.models
    assert (qwen.quantisation, qwen.tools, qwen.vision, qwen.device) == (
        "Q4_K_M",
        True,
        False,
        device,
    )
    assert (llava.tools, llava.vision, llava.device) == (False, True, None)


def test_ollama_cloud_rows_are_parted_from_its_local_ones() -> None:
    rows = [fakes.ollama_cloud_row("gpt-oss:120b-cloud"), fakes.ollama_row("qwen3:4b")]
    with fakes.ollama(rows) as fake:
        local, remote = look(fake.url).backends
    assert isinstance(local, Local)
    assert isinstance(remote, Remote)
    assert [model.name for model in local.models] == ["qwen3:4b"]
    assert [(model.name, model.locality) for model in remote.models] == [
        ("gpt-oss:120b-cloud", Locality.CLOUD)
    ]


def test_an_empty_ollama_is_a_server_without_models() -> None:
    with fakes.ollama([]) as fake:
        (backend,) = look(fake.url).backends
    assert (backend.name, backend.models) == ("ollama", ())


def test_a_name_that_could_steer_a_terminal_is_left_out() -> None:
    with fakes.ollama([fakes.ollama_row("a\x1b[2Jb"), fakes.ollama_row("fine:1b")]) as fake:
        (backend,) = look(fake.url).backends
    assert [model.name for model in backend.models] == ["fine:1b"]


@pytest.mark.parametrize("older", [False, True], ids=["0.4", "older"])
def test_lm_studio_rows_are_read(older: bool) -> None:
    rows = [
        fakes.lm_studio_row("qwen/qwen3-4b", loaded_instances=fakes.lm_studio_loaded(8192)),
        fakes.lm_studio_row("text-embedding-nomic", type="embedding"),
    ]
    with fakes.lm_studio(rows, older=older) as fake:
        (backend,) = look(fake.url).backends
    chat, embeds = backend.models
    assert (chat.loaded, chat.chat, chat.context_trained) == (True, True, 262144)
    assert chat.context_allocated == (None if older else 8192)
    assert (chat.quantisation, chat.tools, chat.vision) == ("Q4_K_M", True, False)
    assert (embeds.chat, embeds.embeddings) == (False, True)


@pytest.mark.parametrize("link", [Link.ON, Link.UNTOLD])
def test_lm_studio_rows_count_as_remote_where_a_link_may_serve_them(link: Link) -> None:
    with fakes.lm_studio() as fake:
        (backend,) = look(fake.url, link=link).backends
        assert isinstance(backend, Remote)
        assert backend.models[0].locality is Locality.UNKNOWN
        (vouched,) = look(fake.url, link=link, on_device=[fake.url]).backends
    assert isinstance(vouched, Local)
    assert "you said so" in vouched.models[0].evidence


def test_a_cloud_row_cannot_be_vouched_for() -> None:
    with fakes.ollama([fakes.ollama_cloud_row("big:cloud")]) as fake:
        (backend,) = look(fake.url, on_device=[fake.url]).backends
    assert isinstance(backend, Remote)


def test_a_llama_server_that_is_loading_is_named_and_not_used() -> None:
    with fakes.llama_server(loading=100) as fake:
        (row,) = look(fake.url).rejected
    assert (row.server, "loading" in row.reason) == ("llama.cpp", True)


def test_a_router_lists_what_is_loaded_and_what_is_not_here_yet() -> None:
    rows = [
        fakes.llama_routed("here", "loaded"),
        fakes.llama_routed("idle"),
        fakes.llama_routed("asleep", "sleeping"),
        fakes.llama_routed("coming", "downloading", progress={}),
        fakes.llama_routed("broken", "failed", exit_code=1),
        fakes.llama_routed("worse", "unloaded", exit_code=1, failed=True),
        fakes.llama_routed("boxed", args=["--model", "/nowhere/at/all/x.gguf"]),
    ]
    with fakes.llama_server(rows, fakes.LLAMA_ROUTER_PROPS) as fake:
        found = look(fake.url)
    local, remote = found.backends
    assert [model.name for model in remote.models] == ["boxed"]
    assert [(model.name, model.loaded) for model in local.models] == [
        ("here", True),
        ("idle", False),
        ("asleep", False),
    ]
    assert {(model.context_allocated, model.context_trained) for model in local.models} == {
        (None, 8192)
    }
    assert [(row.server, row.reason) for row in found.rejected] == [
        ("llama.cpp", "lists coming as downloading"),
        ("llama.cpp", "lists broken as failed"),
        ("llama.cpp", "lists worse as failed"),
    ]


def test_a_router_tells_its_statuses_on_a_path_of_its_own() -> None:
    plain, told = [fakes.llama_row("x", meta=None)], [fakes.llama_routed("x", "failed")]
    with fakes.llama_server(plain, statuses=told) as fake:
        assert look(fake.url).rejected[0].reason == "lists x as failed"


def test_a_llama_server_behind_a_key_is_named_and_not_used() -> None:
    wrong = {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}
    with fakes.answering_all({"error": wrong}, 401, {"Server": "llama.cpp"}) as fake:
        (row,) = look(fake.url).rejected
    assert (row.server, "asks for an API key" in row.reason) == ("llama.cpp", True)


@pytest.mark.parametrize(
    ("rows", "props"),
    [
        ([fakes.llama_row("x", owned_by="somebody")], fakes.llama_props()),
        ([fakes.llama_row("x")], fakes.llama_props(model_path="/nowhere/at/all/x.gguf")),
    ],
    ids=["another owner", "a file that is not here"],
)
def test_llama_rows_that_seem_to_run_elsewhere_are_unknown(rows: Any, props: Any) -> None:
    with fakes.llama_server(rows, props) as fake:
        (backend,) = look(fake.url).backends
    assert isinstance(backend, Remote)


def test_a_real_llama_server_is_recognised(real_llama_server: str) -> None:
    (backend,) = look(real_llama_server).backends
    assert isinstance(backend, Local)
    (model,) = backend.models
    assert (backend.name, model.context_allocated, model.context_trained) == (
        "llama.cpp",
        2048,
        8192,
    )
    assert (model.quantisation, model.loaded, model.vision) == ("Q4_1", True, False)
    assert (model.locality, model.parameters) == (Locality.ON_DEVICE, 134_515_008)


def test_detection_can_be_cancelled() -> None:
    async def cancel(url: str) -> None:
        task = asyncio.create_task(detect([url], 30.0, ask_link=link_off))
        await asyncio.sleep(0.05)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()

    with fakes.raw(None) as url:
        asyncio.run(cancel(url))


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("4.0B", 4_000_000_000),
        ("135M", 135_000_000),
        ("8x7B", 56_000_000_000),
        ("", None),
        ("big", None),
    ],
)
def test_parameter_counts_are_read(told: str, number: int | None) -> None:
    assert parameters(told) == number


@pytest.mark.parametrize(
    ("told", "number"),
    [("256.35 MiB", 268_802_457), ("2.5GB", 2_500_000_000), ("512 B", 512), ("much", None)],
)
def test_sizes_are_read(told: str, number: int | None) -> None:
    assert size(told) == number


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "Q4_1"),
        ("/models/qwen3-4b-q4_k_m.gguf", "Q4_K_M"),
        ("unsloth/Qwen3-4B-GGUF:IQ4_XS", "IQ4_XS"),
        ("gpt-oss-20b-mxfp4", "MXFP4"),
        ("gemma-bf16", "BF16"),
        ("Qwen3-4B", None),
        ("FAQ4_1ish", None),
    ],
)
def test_a_quantisation_is_found_in_a_name(name: str, told: str | None) -> None:
    assert quantisation(name) == told
