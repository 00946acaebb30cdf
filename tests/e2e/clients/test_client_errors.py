"""What goes wrong reaches each client as an error that it raises, and says what to do."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import closing
from typing import Any

import anthropic
import openai
import pytest
from aiohttp import web
from google import genai
from google.genai import errors

from tests.e2e.clients.asking import FAILURES, STREAMED, WHOLE, Clients, status
from tests.e2e.clients.conftest import Endpoint, Served, Spare
from tests.model import fakes
from tests.model.fakes.llama_server import LLAMA_LOADING

NAMES = (f"further-{number}" for number in itertools.count())
WAY = pytest.mark.parametrize("way", WHOLE)
CHATS = [way for way in WHOLE if way != "/v1/completions"]  # all that the faulty fakes can do
NO_KEY = "the request carries no valid token; `satchel gateway` says where the key is"
STREAMS = [way for way in STREAMED if way != "/v1/completions"]


def failure(ask: Callable[[], Any]) -> Exception:
    with pytest.raises(FAILURES) as failed:
        ask()
    return failed.value


@WAY
def test_a_model_that_is_not_here_is_not_found(clients: Clients, way: str) -> None:
    failed = failure(lambda: WHOLE[way](clients, "nobody/none", "hi"))
    assert status(failed) == 404
    assert "'nobody/none'" in str(failed)
    if isinstance(failed, openai.APIError):
        assert failed.code == "model_not_found"


@WAY
def test_a_field_that_nobody_knows_is_refused_by_name(
    clients: Clients, endpoint: Endpoint, way: str
) -> None:
    before = len(endpoint.asked("ollama"))
    failed = failure(lambda: WHOLE[way](clients, "scripted:4b", "hi", {"wibble": 1}))
    assert status(failed) == 400
    assert "wibble" in str(failed)
    if isinstance(failed, openai.APIError):
        assert failed.param == "wibble"
    assert len(endpoint.asked("ollama")) == before


@WAY
def test_a_prompt_that_does_not_fit_is_told_with_both_counts(
    clients: Clients, real: Served, way: str
) -> None:
    context = {"embedded": "4096", "llama.cpp": "2048"}[real.backend]
    failed = failure(lambda: WHOLE[way](clients, real.name, "word " * 4500))
    assert status(failed) == 400
    assert context in str(failed)
    assert any(f"45{tens}" in str(failed) for tens in range(10))  # a template adds some
    if isinstance(failed, openai.APIError):
        assert failed.code == "context_length_exceeded"


def test_a_wrong_key_opens_nothing(endpoint: Endpoint) -> None:
    with (
        openai.OpenAI(
            base_url=f"{endpoint.url}/v1",
            api_key="wrong",
            max_retries=0,
            http_client=openai.DefaultHttpxClient(trust_env=False),
        ) as of_openai,
        pytest.raises(openai.AuthenticationError, match=NO_KEY),
    ):
        of_openai.models.list()
    with (
        anthropic.Anthropic(
            base_url=endpoint.url,
            api_key="wrong",
            max_retries=0,
            http_client=anthropic.DefaultHttpxClient(trust_env=False),
        ) as of_anthropic,
        pytest.raises(anthropic.AuthenticationError, match=NO_KEY),
    ):
        of_anthropic.models.list()
    options: Any = {"base_url": endpoint.url, "client_args": {"trust_env": False}}
    with (
        genai.Client(api_key="wrong", http_options=options) as of_google,
        pytest.raises(errors.ClientError, match=NO_KEY) as failed,
    ):
        of_google.models.list()
    assert failed.value.code == 401
    assert failed.value.status == "UNAUTHENTICATED"


@WAY
def test_a_server_that_went_away_is_a_bad_gateway(clients: Clients, spare: Spare, way: str) -> None:
    name = next(NAMES)
    with spare(fakes.lm_studio, name):
        pass
    failed = failure(lambda: WHOLE[way](clients, name, "hi"))
    assert status(failed) == 502
    assert "stopped answering" in str(failed)
    if isinstance(failed, openai.APIError):
        assert failed.code == "server-gone"


SAID = {
    "die": ("server-died", "broke off in the middle"),
    "error": ("server-failed", "stopped with an error"),
    "garbage": ("server-garbage", "not its protocol"),
}


@pytest.mark.parametrize("fault", SAID)
@pytest.mark.parametrize("way", CHATS)
def test_an_answer_that_breaks_is_a_bad_gateway(
    clients: Clients, spare: Spare, way: str, fault: str
) -> None:
    name = next(NAMES)
    with spare(fakes.ollama, name, fault=fault):
        failed = failure(lambda: WHOLE[way](clients, name, "hi"))
    assert status(failed) == 502
    assert SAID[fault][1] in str(failed)
    if isinstance(failed, openai.APIError):
        assert failed.code == SAID[fault][0]


@pytest.mark.parametrize("fault", SAID)
@pytest.mark.parametrize("way", STREAMS)
def test_a_stream_that_breaks_is_raised_behind_what_was_said(
    clients: Clients, spare: Spare, way: str, fault: str
) -> None:
    name = next(NAMES)
    said: list[str] = []
    with spare(fakes.ollama, name, fault=fault):
        failed = failure(lambda: said.extend(STREAMED[way](clients, name, "hi")))
    assert "".join(said) == "The sessions are "
    assert SAID[fault][1] in str(failed)


@pytest.mark.parametrize("way", STREAMS)
@pytest.mark.parametrize("serve", [fakes.ollama, fakes.lm_studio], ids=["ollama", "lm-studio"])
def test_a_client_that_leaves_a_stream_stops_the_server(
    clients: Clients, spare: Spare, way: str, serve: Any
) -> None:
    name = next(NAMES)
    with spare(serve, name, fault="endless") as fake:
        with closing(STREAMED[way](clients, name, "hi")) as pieces:
            assert any(pieces)
            assert not fake.hung_up.is_set()
        assert fake.hung_up.wait(10)


@pytest.mark.parametrize("way", ["/v1/chat/completions", "/v1/messages"])
def test_a_client_that_waits_no_longer_stops_the_server(
    clients: Clients, spare: Spare, way: str
) -> None:
    hurried = Clients(
        clients.openai.with_options(timeout=0.5),
        clients.anthropic.with_options(timeout=0.5),
        clients.google,
    )
    name = next(NAMES)
    with spare(fakes.lm_studio, name, fault="silence") as fake:
        with pytest.raises((openai.APITimeoutError, anthropic.APITimeoutError)):
            WHOLE[way](hurried, name, "hi")
        assert fake.hung_up.wait(10)


@WAY
def test_a_model_that_is_being_loaded_is_waited_for(
    clients: Clients, spare: Spare, way: str
) -> None:
    refused: list[str] = []

    async def loading(request: web.BaseRequest, fake: fakes.Fake) -> web.StreamResponse:
        if not refused:
            refused.append(request.path)
            return web.json_response(LLAMA_LOADING, status=503)
        body = fake.requests[-1].body
        return await fakes.openai_chat(request, body, fakes.WORDS, "none", 0.0)

    posts = dict.fromkeys(("/v1/chat/completions", "/v1/completions"), loading)
    name = next(NAMES)
    with spare(fakes.llama_server, name, posts=posts):
        said = WHOLE[way](clients, name, "hi")
    assert refused
    assert said == "".join(fakes.WORDS)
