"""An answer is streamed whole, or it is said what went wrong; leaving it stops the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, aclosing
from dataclasses import replace
from typing import Any

import pytest

from satchel.base.errors import SatchelError
from satchel.model.backends.refusals import gone
from satchel.model.backends.request import BRIEF
from satchel.model.detect import detect
from satchel.model.locality import Link
from satchel.model.turns import (
    Answer,
    Event,
    Form,
    Generation,
    Named,
    Sampling,
    Text,
    Tokens,
    Tool,
    Turn,
    collect,
)
from satchel.model.types import Limits, Local, Locality, Model
from satchel.model.upstream import count, embed, size, stream
from tests.model import chat_fakes, fakes


def user(text: str) -> Turn:
    return Turn("user", (Text(text),))


QUESTION = (Turn("system", (Text("Answer."),)), user("Where are the sessions kept?"))
QUICK = Generation(
    QUESTION,
    max_tokens=512,
    limits=Limits(first_token_timeout=5.0, between_timeout=0.5, connect_timeout=5.0),
)
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


async def ask(local: Local, generation: Generation = QUICK, *, whole: bool = False) -> Answer:
    events: list[Event] = []
    async with aclosing(stream(local, local.models[0], generation, whole=whole)) as batches:
        async for batch in batches:
            events += batch
    return collect(events)


async def answer(url: str, generation: Generation = QUICK) -> Answer:
    return await ask((await only(url))[0], generation)


def failure(url: str, generation: Generation = QUICK) -> SatchelError:
    with pytest.raises(SatchelError) as failed:
        asyncio.run(answer(url, generation))
    assert failed.value.next_step
    return failed.value


@EACH
def test_an_answer_is_streamed_with_what_it_cost(serve: Serve) -> None:
    with serve() as fake:
        made = asyncio.run(answer(fake.url))
    assert made.text == ANSWER
    assert made.ended.tokens == Tokens(prompt=31, completion=len(fakes.WORDS))
    assert made.ended.finish == "stop"


@EACH
@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("die", {"server-died"}),
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
        impatient = replace(QUICK, limits=Limits(first_token_timeout=0.5))
        assert failure(fake.url, impatient).code == "server-hangs"


ONE_PIECE = pytest.mark.parametrize("serve", [fakes.lm_studio, fakes.llama_server])
BRIEFLY = replace(QUICK, max_tokens=BRIEF, limits=Limits(first_token_timeout=0.5))


def whole(url: str, generation: Generation = BRIEFLY) -> Answer:
    async def asked() -> Answer:
        return await ask((await only(url))[0], generation, whole=True)

    return asyncio.run(asked())


@ONE_PIECE
def test_a_brief_answer_that_nobody_reads_as_it_comes_is_asked_for_in_one_piece(
    serve: Serve,
) -> None:
    with serve() as fake:
        made = whole(fake.url)
        (body,) = fake.posted("/v1/chat/completions")
    assert (body["stream"], "stream_options" in body) == (False, False)
    assert (made.text, made.ended.finish) == (ANSWER, "stop")
    assert made.ended.tokens == Tokens(prompt=31, completion=len(fakes.WORDS))


@ONE_PIECE
@pytest.mark.parametrize("most", [None, BRIEF + 1])
def test_a_longer_answer_is_streamed_from_its_server_in_any_case(
    serve: Serve, most: int | None
) -> None:
    with serve() as fake:
        assert whole(fake.url, replace(QUICK, max_tokens=most)).text == ANSWER
        (body,) = fake.posted("/v1/chat/completions")
    assert body["stream"] is True


@ONE_PIECE
def test_a_brief_answer_that_is_read_as_it_comes_is_streamed(serve: Serve) -> None:
    with serve() as fake:
        assert asyncio.run(answer(fake.url, BRIEFLY)).text == ANSWER
        (body,) = fake.posted("/v1/chat/completions")
    assert body["stream"] is True


@ONE_PIECE
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("die", "server-gone"),
        ("error", "server-failed"),
        ("hang", "server-hangs"),
        ("garbage", "server-garbage"),
    ],
)
def test_what_goes_wrong_with_an_answer_in_one_piece_is_told_apart(
    serve: Serve, fault: fakes.Fault, code: str
) -> None:
    with serve(fault=fault) as fake, pytest.raises(SatchelError) as failed:
        whole(fake.url)
    assert failed.value.code == code
    assert failed.value.next_step


@ONE_PIECE
def test_leaving_an_answer_in_one_piece_hangs_up(serve: Serve) -> None:
    async def leave(url: str) -> None:
        asking = asyncio.create_task(ask((await only(url))[0], patient, whole=True))
        while not fake.posted("/v1/chat/completions"):  # noqa: ASYNC110 - another thread sets it
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    patient = replace(QUICK, max_tokens=BRIEF)
    with serve(fault="hang") as fake:
        asyncio.run(leave(fake.url))
        assert fake.hung_up.wait(5)


@EACH
def test_leaving_an_answer_hangs_up(serve: Serve) -> None:
    async def leave(url: str) -> None:
        local, model = await only(url)
        async with aclosing(stream(local, model, Generation(QUESTION))) as items:
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
            async with aclosing(stream(local, model, Generation(QUESTION))) as items:
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
    with fakes.ollama() as fake:
        asyncio.run(answer(fake.url, replace(QUICK, turns=(user("x" * 20_000),), thinking="off")))
        (body,) = fake.posted("/api/chat")
    assert body["options"]["num_ctx"] >= 10_000 + 512
    assert (body["truncate"], body["shift"], body["think"]) == (False, False, False)


def test_a_context_that_ollama_has_allocated_is_kept_where_it_is_enough() -> None:
    with fakes.ollama(loaded={"qwen3:4b": 5000}) as fake:
        asyncio.run(answer(fake.url))
        (body,) = fake.posted("/api/chat")
    assert body["options"]["num_ctx"] == 5000


def test_a_prompt_beyond_the_trained_context_is_not_sent() -> None:
    small = fakes.ollama_row("small:1b", details={"context_length": 2048})
    with fakes.ollama([small]) as fake:
        failed = failure(fake.url, replace(QUICK, turns=(user("x" * 9000),)))
        assert (failed.code, failed.extra["context"]) == ("context-exceeded", 2048)
        assert failed.extra["tokens"] > 2048
        assert fake.posted("/api/chat") == []


def test_a_name_that_came_to_mean_a_cloud_model_gets_nothing() -> None:
    with fakes.ollama(shown={"remote_host": "https://ollama.com:443"}) as fake:
        assert failure(fake.url).code == "model-not-on-device"
        assert fake.posted("/api/chat") == []


def test_a_model_that_is_not_on_this_machine_is_refused_before_anything_is_sent() -> None:
    local = Local("ollama", "http://127.0.0.1:9", (), "ollama")
    elsewhere = Model("big:cloud", Locality.CLOUD, "its tag")

    async def ask() -> None:
        async for _ in stream(local, elsewhere, QUICK):
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
    (fakes.lm_studio, 400, {"error": "Invalid tool_choice type: 'object'."}, "refused-by-backend"),
    (fakes.lm_studio, 500, {"error": {"code": 500, "message": "image input is not supported - "
                            "hint: you may need to provide the mmproj"}}, "not-served-by-backend"),
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
        made = asyncio.run(answer(fake.url))
    assert (made.thinking, made.text) == ("Hmm. Where?", ANSWER)


def test_a_server_that_went_away_is_an_error_with_a_next_step() -> None:
    with fakes.lm_studio() as fake:
        local, model = asyncio.run(only(fake.url))

    async def again() -> None:
        async for _ in stream(local, model, QUICK):
            pass

    with pytest.raises(SatchelError) as failed:
        asyncio.run(again())
    assert failed.value.code == "server-gone"


def test_a_name_that_cannot_be_looked_up_is_told_as_that() -> None:
    told = gone("elsewhere", "https://m.test/v1", socket.gaierror(-2, "Name or service not known"))
    assert (told.code, "cannot be looked up" in told.message) == ("server-gone", True)


def test_a_llama_server_that_goes_on_loading_is_not_called_silent() -> None:
    with fakes.llama_server() as fake:
        local, _ = asyncio.run(only(fake.url))
    host, port = fake.url.removeprefix("http://").split(":")
    with fakes.llama_server(loading=1000, at=(host, int(port))):
        hurried = replace(QUICK, limits=Limits(first_token_timeout=0.6))
        with pytest.raises(SatchelError) as failed:
            asyncio.run(ask(local, hurried))
    assert failed.value.code == "server-loading"
    assert failed.value.next_step


def test_a_llama_server_that_is_loading_is_waited_for() -> None:
    with fakes.llama_server(loading=2) as fake:
        assert asyncio.run(ask(chat_fakes.server(fake))).text == ANSWER
        assert len(fake.posted("/v1/chat/completions")) == 3


def test_the_key_goes_along_and_no_cookie_does() -> None:
    with chat_fakes.saying(chat_fakes.END) as fake:
        asyncio.run(ask(chat_fakes.server(fake)))
    (request,) = fake.requests
    assert request.headers["Authorization"] == "Bearer key-of-a-test"
    assert "Cookie" not in request.headers


def test_what_is_read_at_once_comes_in_one_batch() -> None:
    lines = [*(chat_fakes.chunk({"content": "x"}) for _ in range(50)), *chat_fakes.END]

    async def batches(local: Local) -> int:
        return len([batch async for batch in stream(local, local.models[0], QUICK)])

    with chat_fakes.saying(lines) as fake:
        assert asyncio.run(batches(chat_fakes.server(fake))) <= 4


def test_a_connection_is_used_again_and_one_that_was_hung_up_on_is_not_missed() -> None:
    async def talk(local: Local) -> int:
        seen = 0
        for _ in range(3):
            seen += len((await ask(local)).text)
        return seen

    with saying_once_a_connection() as url:
        assert asyncio.run(talk(chat_fakes.local(url))) == 3


def test_an_answer_that_was_not_streamed_is_one_too() -> None:
    body = {"choices": [{"message": {"content": "Yes."}, "finish_reason": "stop"}]}
    raw = json.dumps(body, indent=2).encode()
    with chat_fakes.saying([raw], "application/json") as fake:
        assert asyncio.run(ask(chat_fakes.server(fake, "gpt4all"))).text == "Yes."
        assert fake.requests[0].body["stream"] is False


def test_an_error_with_status_200_is_one() -> None:
    wrong = b'{"error":"Unexpected endpoint or method. (POST /v1/chat/completions)"}'
    with chat_fakes.saying([wrong], "application/json") as fake:
        with pytest.raises(SatchelError, match="Unexpected endpoint") as failed:
            asyncio.run(ask(chat_fakes.server(fake, "lm-studio")))
        assert failed.value.code == "server-failed"
        local = chat_fakes.server(fake, "lm-studio")
        with pytest.raises(SatchelError, match="Unexpected endpoint"):
            asyncio.run(embed(local, local.models[0], ["a"]))


def test_a_bare_text_is_continued_without_any_template() -> None:
    line = {"choices": [{"text": " Paris", "finish_reason": "stop"}]}
    with chat_fakes.saying([chat_fakes.event(line)]) as fake:
        made = asyncio.run(ask(chat_fakes.server(fake), Generation(prompt="The capital is")))
        (body,) = fake.posted("/v1/completions")
    assert made.text == " Paris"
    assert body["prompt"] == "The capital is"


def test_ollama_continues_a_bare_text_too() -> None:
    line = {"model": "m", "response": " Paris", "done": True, "done_reason": "length"}
    with chat_fakes.saying([json.dumps(line).encode()], chat_fakes.NDJSON) as fake:
        local = chat_fakes.server(fake, "ollama", "ollama")
        made = asyncio.run(ask(local, Generation(prompt="The capital is")))
        (body,) = fake.posted("/api/generate")
    assert (made.text, made.ended.finish) == (" Paris", "length")
    assert (body["raw"], body["prompt"]) == (True, "The capital is")


# --- counting, and prompts that would be cut


LONG = Generation((user("word " * 1000),), max_tokens=100)


@pytest.mark.parametrize("told", [{"context_allocated": 512}, {"context_trained": 512}])
def test_a_prompt_that_lm_studio_would_cut_is_not_sent(told: dict[str, Any]) -> None:
    with chat_fakes.saying(chat_fakes.END) as fake:
        local = chat_fakes.server(fake, "lm-studio", **{"context_allocated": None, **told})
        with pytest.raises(SatchelError) as failed:
            asyncio.run(ask(local, LONG))
        assert fake.requests == []
    assert failed.value.code == "context-exceeded"
    assert failed.value.extra["context"] == 512
    assert failed.value.extra["tokens"] > 1000


def test_a_prompt_that_lm_studio_has_room_for_is_sent() -> None:
    with chat_fakes.saying(chat_fakes.END) as fake:
        asyncio.run(ask(chat_fakes.server(fake, "lm-studio", context_allocated=2048), LONG))
        assert len(fake.requests) == 1


COUNTED = {"/apply-template": {"prompt": "<s>word</s>"}, "/tokenize": {"tokens": [1] * 700}}


def test_a_prompt_that_seems_too_long_is_counted_before_it_is_refused() -> None:
    with chat_fakes.saying(chat_fakes.END, answers=COUNTED) as fake:
        asyncio.run(ask(chat_fakes.server(fake, context_allocated=800), LONG))
        assert fake.posted("/tokenize")[0]["content"] == "<s>word</s>"
        with pytest.raises(SatchelError) as failed:
            asyncio.run(ask(chat_fakes.server(fake, context_allocated=799), LONG))
    assert failed.value.extra == {"tokens": 700, "context": 799}


def test_a_short_prompt_costs_no_counting() -> None:
    with chat_fakes.saying(chat_fakes.END, answers=COUNTED) as fake:
        asyncio.run(ask(chat_fakes.server(fake, context_allocated=8192)))
        assert fake.posted("/apply-template") == []


def test_a_llama_server_that_does_not_count_refuses_by_itself() -> None:
    missing = {"/apply-template": 404}
    with chat_fakes.saying(chat_fakes.END, answers=missing) as fake:
        local = chat_fakes.server(fake, context_allocated=512)
        asyncio.run(ask(local, LONG))
        tokens, exact = asyncio.run(count(local, local.models[0], LONG))
    assert not exact
    assert 1000 < tokens < 1200


def test_vllm_counts_too() -> None:
    with chat_fakes.saying([], answers={"/tokenize": {"count": 12, "tokens": []}}) as fake:
        local = chat_fakes.server(fake, "vllm")
        assert asyncio.run(count(local, local.models[0], QUICK)) == (12, True)


def test_the_size_of_what_would_leave_is_that_of_what_is_sent() -> None:
    with chat_fakes.saying(chat_fakes.END) as fake:
        local = chat_fakes.server(fake)
        asyncio.run(ask(local))
        (request,) = fake.requests
    assert size(local, local.models[0], QUICK) == int(request.headers["Content-Length"])


# --- vectors


def test_vectors_come_in_the_order_of_the_texts() -> None:
    rows = [{"index": 1, "embedding": [2.0, 0]}, {"index": 0, "embedding": [1.0, 0]}]
    with chat_fakes.saying([], answers={"/v1/embeddings": {"data": rows}}) as fake:
        local = chat_fakes.server(fake)
        made = asyncio.run(embed(local, local.models[0], ["a", "b"]))
    assert made == [[1.0, 0], [2.0, 0]]


def test_ollama_embeds_by_its_own_route() -> None:
    told = {"model": "m", "embeddings": [[1.0], [2.0]]}
    with chat_fakes.saying([], answers={"/api/embed": told}) as fake:
        local = chat_fakes.server(fake, "ollama", "ollama")
        assert asyncio.run(embed(local, local.models[0], ["a", "b"])) == [[1.0], [2.0]]
        assert fake.posted("/api/embed")[0]["truncate"] is False


@pytest.mark.parametrize("told", [{}, {"data": []}, {"data": [{"embedding": "x"}]}, {"data": None}])
def test_what_are_no_vectors_is_garbage(told: Any) -> None:
    with chat_fakes.saying([], answers={"/v1/embeddings": told}) as fake:
        local = chat_fakes.server(fake)
        with pytest.raises(SatchelError) as failed:
            asyncio.run(embed(local, local.models[0], ["a"]))
    assert failed.value.code == "server-garbage"


# --- a real llama-server


GREEDY = Sampling(temperature=0.0, seed=1)


def test_a_real_llama_server_answers(real_llama_server: str) -> None:
    context = "The capital of Freedonia is Glimmerton.\nWhat is the capital of Freedonia?"
    generation = Generation((user(context),), max_tokens=24, sampling=GREEDY)

    async def talk() -> tuple[Answer, tuple[int, bool]]:
        local, model = await only(real_llama_server)
        return await ask(local, generation), await count(local, model, generation)

    made, counted = asyncio.run(talk())
    assert "Glimmerton" in made.text
    assert counted == (made.ended.tokens.prompt, True)
    assert made.ended.tokens.cached is not None


def test_a_real_llama_server_calls_the_tool_that_it_must(real_llama_server: str) -> None:
    city = {"type": "object", "properties": {"city": {"$ref": "#/$defs/c"}}, "required": ["city"]}
    tool = Tool("weather", "Tells the weather", city | {"$defs": {"c": {"enum": ["Rome"]}}})
    generation = Generation(
        (user("How is the weather in Rome?"),),
        tools=(Tool("time", "Tells the time", {"type": "object"}), tool),
        choice=Named("weather"),
        max_tokens=200,
        sampling=GREEDY,
    )
    made = asyncio.run(answer(real_llama_server, generation))
    (call,) = made.calls
    assert (call.name, json.loads(call.arguments)) == ("weather", {"city": "Rome"})
    assert (made.text, made.ended.finish) == ("", "tool_calls")


def test_a_real_llama_server_keeps_to_a_form(real_llama_server: str) -> None:
    schema = {"type": "object", "properties": {"n": {"enum": [3, 4]}}, "required": ["n"]}
    generation = Generation(
        (user("How many legs has a cat?"),), form=Form(schema), max_tokens=60, sampling=GREEDY
    )
    assert json.loads(asyncio.run(answer(real_llama_server, generation)).text)["n"] in (3, 4)


def test_a_real_llama_server_tells_logprobs(real_llama_server: str) -> None:
    sampling = replace(GREEDY, logprobs=2)
    for generation in (Generation((user("Hi"),)), Generation(prompt="One, two,")):
        asked = replace(generation, max_tokens=2, sampling=sampling)
        made = asyncio.run(answer(real_llama_server, asked))
        assert made.logprobs
        assert {len(row["top_logprobs"]) for row in made.logprobs} == {2}


def test_a_real_llama_server_says_when_a_prompt_does_not_fit(real_llama_server: str) -> None:
    failed = failure(real_llama_server, Generation((user("hi " * 3000),)))
    assert (failed.code, failed.extra["context"]) == ("context-exceeded", 2048)
    assert failed.extra["tokens"] > 3000


def test_a_real_llama_server_is_free_again_after_an_answer_was_left(real_llama_server: str) -> None:
    async def leave_and_ask() -> str:
        local, model = await only(real_llama_server)
        tale = (user("Tell me a very long story."),)
        endless = Generation(tale, max_tokens=100_000, sampling=Sampling(temperature=1.0))
        async with aclosing(stream(local, model, endless)) as batches:
            async for _ in batches:
                break
        short = Generation(QUESTION, max_tokens=4, limits=Limits(first_token_timeout=30.0))
        return (await ask(local, short)).text

    assert asyncio.run(leave_and_ask())


@contextlib.contextmanager
def saying_once_a_connection() -> Iterator[str]:
    """Answer one request a connection and then hang up without a word, as an idle server does."""
    body = b"".join([chat_fakes.chunk({"content": "x"}), *chat_fakes.END])
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {len(body)}"
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(head.encode() + b"\r\n\r\n" + body)
                    connection.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=10)
