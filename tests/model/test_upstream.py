"""An answer is streamed whole, or it is said what went wrong; leaving it stops the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, aclosing
from typing import Any

import pytest

from satchel.base.errors import Unavailable
from satchel.model.detect import detect
from satchel.model.locality import Link
from satchel.model.types import Delta, Local, Locality, Message, Model, StreamOptions, Usage
from satchel.model.upstream import stream
from tests.model import fakes

QUESTION = (Message("system", "Answer."), Message("user", "Where are the sessions kept?"))
QUICK = StreamOptions(first_token_timeout=5.0, between_timeout=0.5, connect_timeout=5.0)
ANSWER = "".join(fakes.WORDS)

Serve = Callable[..., AbstractContextManager[fakes.Fake]]
EACH = pytest.mark.parametrize(
    "serve", [fakes.ollama, fakes.lm_studio, fakes.llama_server], ids=lambda serve: serve.__name__
)


async def only(url: str) -> tuple[Local, Model]:
    async def off() -> Link:
        return Link.OFF

    (local,) = (await detect([url], 5.0, ask_link=off)).backends
    assert isinstance(local, Local)
    return local, local.models[0]


async def answer(url: str, options: StreamOptions = QUICK, **more: Any) -> tuple[str, Usage]:
    local, model = await only(url)
    items = [item async for item in stream(local, model, more.get("messages", QUESTION), options)]
    *deltas, usage = items
    assert isinstance(usage, Usage)
    return "".join(item.text for item in deltas if isinstance(item, Delta)), usage


def failure(url: str, **more: Any) -> Unavailable:
    with pytest.raises(Unavailable) as failed:
        asyncio.run(answer(url, **more))
    assert failed.value.next_step
    return failed.value


@EACH
def test_an_answer_is_streamed_with_what_it_cost(serve: Serve) -> None:
    with serve() as fake:
        text, usage = asyncio.run(answer(fake.url))
    assert text == ANSWER
    assert usage == Usage(prompt=31, completion=len(fakes.WORDS), finish="stop")


@EACH
@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("die", {"server-gone", "server-died"}),
        ("error", {"server-failed"}),
        ("hang", {"server-hangs"}),
        ("garbage", {"server-garbage"}),
    ],
)
def test_a_server_that_fails_in_the_middle_is_an_error_with_a_next_step(
    serve: Serve, fault: fakes.Fault, codes: set[str]
) -> None:
    with serve(fault=fault) as fake:
        assert failure(fake.url).code in codes


@EACH
def test_a_server_that_never_begins_is_given_up(serve: Serve) -> None:
    with serve(fault="silence") as fake:
        assert (
            failure(fake.url, options=StreamOptions(first_token_timeout=0.5)).code == "server-hangs"
        )


@EACH
def test_leaving_an_answer_hangs_up(serve: Serve) -> None:
    async def leave(url: str) -> None:
        local, model = await only(url)
        async with aclosing(stream(local, model, QUESTION)) as items:
            async for _ in items:
                break

    with serve(fault="endless") as fake:
        asyncio.run(leave(fake.url))
        assert fake.hung_up.wait(5)


@EACH
def test_cancelling_the_task_hangs_up(serve: Serve) -> None:
    async def cancel(url: str) -> None:
        local, model = await only(url)
        begun = asyncio.Event()

        async def read() -> None:
            async with aclosing(stream(local, model, QUESTION)) as items:
                async for _ in items:
                    begun.set()

        task = asyncio.create_task(read())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with serve(fault="endless") as fake:
        asyncio.run(cancel(fake.url))
        assert fake.hung_up.wait(5)


def test_ollama_is_asked_for_a_context_that_holds_the_prompt() -> None:
    long = (Message("user", "x" * 20_000),)
    with fakes.ollama() as fake:
        asyncio.run(answer(fake.url, messages=long))
        (body,) = fake.posted("/api/chat")
    assert body["options"]["num_ctx"] >= 10_000 + QUICK.max_tokens
    assert (body["truncate"], body["shift"], body["think"]) == (False, False, False)


def test_a_context_that_ollama_has_allocated_is_kept_where_it_is_enough() -> None:
    with fakes.ollama(loaded={"qwen3:4b": 5000}) as fake:
        asyncio.run(answer(fake.url))
        (body,) = fake.posted("/api/chat")
    assert body["options"]["num_ctx"] == 5000


def test_a_prompt_beyond_the_trained_context_is_not_sent() -> None:
    small = fakes.ollama_row("small:1b", details={"context_length": 2048})
    with fakes.ollama([small]) as fake:
        assert failure(fake.url, messages=(Message("user", "x" * 9000),)).code == "context-exceeded"
        assert fake.posted("/api/chat") == []


def test_a_name_that_came_to_mean_a_cloud_model_gets_nothing() -> None:
    with fakes.ollama(shown={"remote_host": "https://ollama.com:443"}) as fake:
        assert failure(fake.url).code == "model-not-on-device"
        assert fake.posted("/api/chat") == []


def test_a_model_that_is_not_on_this_machine_is_refused_before_anything_is_sent() -> None:
    local = Local("ollama", "http://127.0.0.1:9", (), "ollama")
    elsewhere = Model("big:cloud", Locality.CLOUD, "its tag")

    async def ask() -> None:
        async for _ in stream(local, elsewhere, QUESTION):
            pass

    with pytest.raises(ValueError, match="big:cloud"):
        asyncio.run(ask())


REFUSALS: list[tuple[Serve, int, Any, str]] = [
    (fakes.ollama, 400, {"error": "the prompt is longer than the context length currently "
                         "available to the model; ..."}, "context-exceeded"),
    (fakes.ollama, 403, {"error": "ollama cloud is disabled: remote model is unavailable"},
     "server-refuses"),
    (fakes.ollama, 503, {"error": "server busy, please try again"}, "server-busy"),
    (fakes.ollama, 404, {"error": "model 'qwen3:4b' not found"}, "model-missing"),
    (fakes.lm_studio, 400, {"error": {"code": 400, "type": "exceed_context_size_error",
                            "message": "the request exceeds the available context size",
                            "n_prompt_tokens": 14429, "n_ctx": 8192}}, "context-exceeded"),
    (fakes.lm_studio, 401, {"error": {"message": "Invalid API Key"}}, "server-refuses"),
    (fakes.lm_studio, 500, {"error": "the model has crashed"}, "server-failed"),
    (fakes.lm_studio, 307, {}, "server-redirects"),
]  # fmt: skip


@pytest.mark.parametrize(("serve", "status", "body", "code"), REFUSALS)
def test_each_servers_refusal_becomes_one_sentence(
    serve: Serve, status: int, body: Any, code: str
) -> None:
    with serve(refuse=(status, body)) as fake:
        assert failure(fake.url).code == code


def test_the_sizes_of_a_prompt_that_does_not_fit_are_told() -> None:
    error = {"type": "exceed_context_size_error", "n_prompt_tokens": 14429, "n_ctx": 8192}
    with fakes.lm_studio(refuse=(400, {"error": error})) as fake:
        failed = failure(fake.url)
    assert failed.extra == {"tokens": 14429, "context": 8192}
    assert "14429" in failed.message


def test_thinking_is_not_part_of_the_answer() -> None:
    with fakes.lm_studio(thinking=("Hmm. ", "Where?")) as fake:
        assert asyncio.run(answer(fake.url))[0] == ANSWER


def test_an_answer_of_thinking_alone_is_said_to_be_one() -> None:
    with fakes.lm_studio(thinking=("Hmm. ", "Where?"), words=()) as fake:
        assert failure(fake.url).code == "only-thinking"


def test_a_server_that_went_away_is_an_error_with_a_next_step() -> None:
    async def ask(url: str) -> tuple[Local, Model]:
        return await only(url)

    with fakes.lm_studio() as fake:
        local, model = asyncio.run(ask(fake.url))

    async def again() -> None:
        async for _ in stream(local, model, QUESTION, QUICK):
            pass

    with pytest.raises(Unavailable) as failed:
        asyncio.run(again())
    assert failed.value.code == "server-gone"


def test_a_llama_server_that_is_loading_is_waited_for() -> None:
    async def ask(url: str) -> str:
        model = Model("x.gguf", Locality.ON_DEVICE, "a test says so")
        local = Local("llama.cpp", url, (model,))
        items = [item async for item in stream(local, model, QUESTION, QUICK)]
        return "".join(item.text for item in items if isinstance(item, Delta))

    with fakes.llama_server(loading=2) as fake:
        assert asyncio.run(ask(fake.url)) == ANSWER
        assert len(fake.posted("/v1/chat/completions")) == 3


def test_a_real_llama_server_answers(real_llama_server: str) -> None:
    context = "The capital of Freedonia is Glimmerton.\nWhat is the capital of Freedonia?"
    options = StreamOptions(max_tokens=24, temperature=0.0, seed=1)
    text, usage = asyncio.run(
        answer(real_llama_server, options, messages=(Message("user", context),))
    )
    assert "Glimmerton" in text
    assert usage.prompt is not None
    assert usage.prompt > 10


def test_a_real_llama_server_says_when_a_prompt_does_not_fit(real_llama_server: str) -> None:
    failed = failure(real_llama_server, messages=(Message("user", "hi " * 3000),))
    assert (failed.code, failed.extra["context"]) == ("context-exceeded", 2048)


def test_a_real_llama_server_is_free_again_after_an_answer_was_left(real_llama_server: str) -> None:
    async def leave_and_ask() -> str:
        local, model = await only(real_llama_server)
        endless = StreamOptions(max_tokens=100_000, temperature=1.0)
        tale = (Message("user", "Tell me a very long story."),)
        async with aclosing(stream(local, model, tale, endless)) as items:
            async for _ in items:
                break
        short = StreamOptions(max_tokens=4, first_token_timeout=30.0)
        return "".join(
            [
                item.text
                async for item in stream(local, model, QUESTION, short)
                if isinstance(item, Delta)
            ]
        )

    assert asyncio.run(leave_and_ask())
