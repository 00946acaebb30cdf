"""A server that goes silent is told from one that is gone: the endpoint with a short patience."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import openai
import pytest
import uvicorn
from aiohttp import web

from satchel.daemon.gateway_routes import Endpoint
from satchel.model.away import Away
from satchel.model.detect import detect
from satchel.model.gateway import Briefed, Caller, Gateway, Given
from satchel.model.locality import Link
from satchel.model.select import Choice, select
from satchel.model.turns import Generation
from satchel.model.types import Found, Limits
from tests.model import fakes
from tests.model.fakes.llama_server import LLAMA_LOADING

PATIENCE = Limits(first_token_timeout=0.7, between_timeout=0.7)
HURRIED = "qwen3:4b+context"  # what briefs it here makes it impatient
HI: Any = [{"role": "user", "content": "hi"}]


async def loading(request: web.BaseRequest, fake: fakes.Fake) -> web.StreamResponse:
    return web.json_response(LLAMA_LOADING, status=503)


LOADING = {"/v1/chat/completions": loading}


def never(*given: Any) -> Any:
    raise AssertionError("nothing of this is asked for")


@contextmanager
def impatient(address: str) -> Iterator[openai.OpenAI]:
    """Serve the routes over one server, and point a client at them."""

    async def link() -> Link:
        return Link.OFF

    async def found(anew: bool) -> Found:
        return await detect([address], 3.0, ask_link=link)

    async def brief(generation: Generation, caller: Caller, choice: Choice | Away) -> Briefed:
        return Briefed(replace(generation, limits=PATIENCE))

    given = Given(
        found=found,
        select=select,
        own=never,
        brief=brief,
        masked=never,
        permit=never,
        destinations=tuple,
        kept=tuple,
        embed=never,
    )
    with _serving(Endpoint(Gateway(given))) as url:
        http = openai.DefaultHttpxClient(trust_env=False)
        with openai.OpenAI(
            base_url=f"{url}/v1", api_key="any", max_retries=0, http_client=http
        ) as client:
            yield client


@contextmanager
def _serving(app: Endpoint) -> Iterator[str]:
    config = uvicorn.Config(app, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
    host, port = server.servers[0].sockets[0].getsockname()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def test_a_server_that_never_begins_is_a_gateway_timeout() -> None:
    with fakes.ollama(fault="silence") as fake, impatient(fake.url) as client:
        with pytest.raises(openai.InternalServerError) as failed:
            client.chat.completions.create(model=HURRIED, messages=HI)
        assert failed.value.status_code == 504
        assert failed.value.code == "server-hangs"
        assert fake.hung_up.wait(10)


def test_a_server_that_stalls_in_its_answer_says_so_behind_it() -> None:
    said: list[str] = []
    with fakes.ollama(fault="hang") as fake, impatient(fake.url) as client:
        pieces = client.chat.completions.create(model=HURRIED, messages=HI, stream=True)
        with pytest.raises(openai.APIError, match="went silent") as failed:
            said.extend(chunk.choices[0].delta.content or "" for chunk in pieces)
        assert "".join(said) == "The sessions are "
        assert failed.value.code == "server-hangs"
        assert fake.hung_up.wait(10)


def test_a_server_that_loads_for_too_long_is_neither_silent_nor_gone() -> None:
    rows = [fakes.llama_row("qwen3:4b")]
    with (
        fakes.llama_server(rows, posts=LOADING) as fake,
        impatient(fake.url) as client,
        pytest.raises(openai.InternalServerError) as failed,
    ):
        client.chat.completions.create(model=HURRIED, messages=HI)
    assert failed.value.status_code == 503
    assert failed.value.code == "server-loading"
    assert "still loading its model" in failed.value.message
