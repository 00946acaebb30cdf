"""One real daemon over four backends, and the official clients that are pointed at it."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.error import HTTPError

import anthropic
import openai
import pytest
from google import genai

from satchel.base import settings
from satchel.base.paths import Home
from satchel.model.assets import SMOLLM2
from satchel.tools.client import connect
from tests.e2e.clients import scripted
from tests.e2e.clients.asking import Clients
from tests.model import fakes
from tests.model.real_llama import real_llama

REAL = ("embedded", "llama.cpp")
SCRIPTED = ("ollama", "lm-studio")
OURS = {
    "embedded": "embedded/smollm2-135m-instruct",
    "ollama": "ollama/scripted:4b",
    "lm-studio": "lm-studio/scripted/lines-4b",
}
GENERATING = {"/api/chat", "/api/generate", "/v1/chat/completions", "/v1/completions"}
SOURCE = '"""Parcels."""\n\n\ndef weigh_parcel(parcel: str) -> int:\n    return len(parcel)\n'


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A daemon's model endpoint. `models` maps backends to the names of their models there,
    `top` is the one workspace that it has read, `spare` is a further address that it looks at."""

    url: str
    key: str
    models: dict[str, str]
    ollama: fakes.Fake
    lm_studio: fakes.Fake
    top: Path
    spare: tuple[str, int]

    def asked(self, backend: str) -> list[Any]:
        """Return what a fake was asked to answer by now."""
        fake = {"ollama": self.ollama, "lm-studio": self.lm_studio}[backend]
        return [one.body for one in fake.requests if one.path in GENERATING]


@dataclass(frozen=True, slots=True)
class Served:
    """A model behind the endpoint; `real` ones say what they like."""

    backend: str
    name: str

    @property
    def real(self) -> bool:
        return self.backend in REAL


Spare: TypeAlias = Callable[..., AbstractContextManager[fakes.Fake]]


@pytest.fixture(scope="session")
def endpoint(real_assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    scratch = tmp_path_factory.mktemp("clients")
    home = Home(scratch / "home")
    home.root.mkdir()
    home.assets.symlink_to(real_assets)
    spare = _unused()
    ollama_rows = [fakes.ollama_row("scripted:4b"), fakes.ollama_row("vectors:1b")]
    ollama_rows[1]["capabilities"] = ["embedding"]
    lm_rows = [fakes.lm_studio_row("scripted/lines-4b"), fakes.lm_studio_row("scripted/vectors")]
    lm_rows[1]["type"] = "embedding"
    with (
        real_llama(SMOLLM2.path(real_assets)) as llama,
        fakes.ollama(ollama_rows, posts=scripted.OLLAMA) as ollama,
        fakes.lm_studio(lm_rows, posts=scripted.OPENAI) as lm_studio,
    ):
        servers = [llama, ollama.url, lm_studio.url, "{}:{}".format(*spare)]
        for name, value in {
            "model.servers": ",".join(servers),
            "model.on_device": f"{lm_studio.url},{servers[-1]}",  # of LM Link nothing is told
            "gateway.port": "0",
            "detect.timeout_ms": "3000",
        }.items():
            settings.change(home, name, value)
        daemon = connect(home)
        try:
            top = _repository(scratch / "parcels")
            list(daemon.stream("/api/index", {"path": str(top), "accept": True}))
            (found,) = daemon.call("GET", "/api/models")["models"]
            (real,) = (row for row in found["backends"] if row["base_url"] == llama)
            models = OURS | {"llama.cpp": f"llama.cpp/{real['models'][0]['name']}"}
            key = home.key.read_text().strip()
            yield Endpoint(daemon.url, key, models, ollama, lm_studio, top, spare)
        finally:
            daemon.stop()


@pytest.fixture(params=[*REAL, *SCRIPTED])
def served(request: pytest.FixtureRequest, endpoint: Endpoint) -> Served:
    return Served(request.param, endpoint.models[request.param])


@pytest.fixture(params=REAL)
def real(request: pytest.FixtureRequest, endpoint: Endpoint) -> Served:
    return Served(request.param, endpoint.models[request.param])


@pytest.fixture(params=SCRIPTED)
def played(request: pytest.FixtureRequest, endpoint: Endpoint) -> Served:
    return Served(request.param, endpoint.models[request.param])


@pytest.fixture
def spare(endpoint: Endpoint) -> Spare:
    """Run a further fake, whose model `name` nobody has had before, until the daemon knows it."""

    @contextlib.contextmanager
    def run(serve: Any, name: str, **more: Any) -> Iterator[fakes.Fake]:
        with serve([ROWS[serve](name)], at=endpoint.spare, **more) as fake:
            end = time.monotonic() + 30
            while not _knows(endpoint, name):
                assert time.monotonic() < end
            yield fake

    return run


ROWS: dict[Any, Callable[[str], dict[str, Any]]] = {
    fakes.ollama: fakes.ollama_row,
    fakes.lm_studio: fakes.lm_studio_row,
    fakes.llama_server: fakes.llama_row,
}


def _knows(endpoint: Endpoint, name: str) -> bool:
    """Ask after a model, which has the daemon look for it."""
    body = {"model": name, "messages": [{"role": "user", "content": "?"}]}
    request = urllib.request.Request(
        f"{endpoint.url}/v1/messages/count_tokens",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "x-api-key": endpoint.key},
    )
    try:
        with DIRECT.open(request):
            return True
    except HTTPError as error:
        with error:
            return error.code != 404


DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _unused() -> tuple[str, int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host, port = taken.getsockname()
    return host, port


def _repository(top: Path) -> Path:
    top.mkdir()
    (top / "parcels.py").write_text(SOURCE)
    name = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "Weigh parcels"]):
        subprocess.run([*name, *words], cwd=top, check=True, capture_output=True)
    return top


# --- the clients


@pytest.fixture(scope="session")
def of_openai(endpoint: Endpoint) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=f"{endpoint.url}/v1",
        api_key=endpoint.key,
        max_retries=0,
        http_client=openai.DefaultHttpxClient(trust_env=False),
    ) as client:
        yield client


@pytest.fixture(scope="session")
def of_anthropic(endpoint: Endpoint) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(
        base_url=endpoint.url,
        api_key=endpoint.key,
        max_retries=0,
        http_client=anthropic.DefaultHttpxClient(trust_env=False),
    ) as client:
        yield client


@pytest.fixture(scope="session")
def of_google(endpoint: Endpoint) -> Iterator[genai.Client]:
    with genai.Client(
        api_key=endpoint.key,
        http_options={"base_url": endpoint.url, "client_args": {"trust_env": False}},
    ) as client:
        yield client


@pytest.fixture(scope="session")
def clients(
    of_openai: openai.OpenAI, of_anthropic: anthropic.Anthropic, of_google: genai.Client
) -> Clients:
    return Clients(of_openai, of_anthropic, of_google)
