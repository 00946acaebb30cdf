"""Detection against Debian's llama-server: alone, behind a key, while it loads, and as a router."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp

from satchel.model.detect import detect
from satchel.model.types import Found, Local, Locality
from tests.model.debian import Program

START_S = 60.0


@contextlib.contextmanager
def running(program: Program, *arguments: str) -> Iterator[str]:
    """Start it on a free port; gives its base URL at once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    listens = ("--host", "127.0.0.1", "--port", str(port))
    small = ("--ctx-size", "2048", "--parallel", "1", "--threads", "1")
    with subprocess.Popen(
        [*program.command, *listens, *small, *arguments],
        env=program.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            child.terminate()
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                child.kill()


def seen(url: str, enough: Callable[[Found], bool]) -> list[Found]:
    """Look again and again until it is enough; gives all that was seen."""
    looks = []
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        looks.append(asyncio.run(detect([url], 5.0)))
        if enough(looks[-1]):
            return looks
        time.sleep(0.02)
    raise AssertionError(looks[-3:])


def test_it_is_named_while_it_loads_and_read_when_it_is_up(
    debian_llama_server: Program, gguf: Path
) -> None:
    with running(debian_llama_server, "--model", str(gguf)) as url:
        looks = seen(url, lambda found: bool(found.backends))
    (backend,) = looks[-1].backends
    assert isinstance(backend, Local)
    (model,) = backend.models
    assert (backend.name, model.locality, model.loaded) == ("llama.cpp", Locality.ON_DEVICE, True)
    assert (model.quantisation, model.context_allocated, model.context_trained) == (
        "Q4_1",
        2048,
        8192,
    )
    before = {row.reason for found in looks for row in found.rejected}
    assert before <= {"is still loading its model; try again in a moment"}


def test_it_is_named_behind_a_key(debian_llama_server: Program, gguf: Path) -> None:
    with running(debian_llama_server, "--model", str(gguf), "--api-key", "word") as url:
        looks = seen(url, lambda found: any("key" in row.reason for row in found.rejected))
    assert looks[-1].backends == ()
    assert looks[-1].rejected[0].server == "llama.cpp"


def test_a_router_tells_what_it_could_load_and_what_failed(
    debian_llama_server: Program, gguf: Path, tmp_path: Path
) -> None:
    (tmp_path / "good-Q4_1.gguf").symlink_to(gguf)
    (tmp_path / "broken-Q4_0.gguf").write_text("no model", encoding="utf-8")
    with running(debian_llama_server, "--models-dir", str(tmp_path)) as url:
        looks = seen(url, lambda found: bool(found.backends))
        (backend,) = looks[-1].backends
        assert [(model.name, model.loaded, model.quantisation) for model in backend.models] == [
            ("broken-Q4_0", False, "Q4_0"),
            ("good-Q4_1", False, "Q4_1"),
        ]
        assert backend.models[1].context_trained == 8192
        asyncio.run(ask(url, "broken-Q4_0"))
        after = seen(url, lambda found: bool(found.rejected))[-1]
    assert [model.name for row in after.backends for model in row.models] == ["good-Q4_1"]
    assert after.rejected[0].reason == "lists broken-Q4_0 as failed"


async def ask(url: str, model: str) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}/v1/chat/completions", json=body) as answer,
    ):
        assert answer.status == 500
