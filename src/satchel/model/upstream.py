"""The only outgoing HTTP of Satchel: an answer streamed from a server on this machine.

`stream` takes a Local; handing it a Remote is a type error. Loopback literals alone (types.Local
sees to it), no redirect, no proxy of the environment, no cookie.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

import aiohttp

from satchel.base.errors import SatchelError, Unavailable
from satchel.model.backends import (
    PATHS,
    Garbage,
    Part,
    broken_off,
    context_for,
    message_of,
    ollama_body,
    openai_body,
    read_line,
    refusal,
)
from satchel.model.known import mapping, number, text
from satchel.model.locality import of_ollama
from satchel.model.types import Delta, Local, Locality, Message, Model, StreamOptions, Usage

T = TypeVar("T")

LINE_MAX = 1_000_000  # bytes of one line of a stream
BODY_MAX = 4_000_000  # bytes of any other body that are read; a licence text can be long
LOADING_POLL_S = 0.5
# Servers whose chat template takes arguments: llama.cpp, whoever started it.
TEMPLATED = frozenset({"llama.cpp", "embedded"})


async def stream(
    local: Local,
    model: Model,
    messages: Sequence[Message],
    options: StreamOptions | None = None,
) -> AsyncGenerator[Delta | Usage, None]:
    """Yield the answer's deltas and, last, one Usage.

    Raises Unavailable where the server refuses, hangs, dies, talks garbage or the prompt does not
    fit, and ValueError where `model` is not one of `local`'s. Close the generator (or cancel the
    task) and the connection is closed with it, which makes the server stop; leave it early only
    under `contextlib.aclosing`.
    """
    options = options or StreamOptions()
    if all(model.name != offered.name for offered in local.models):
        raise ValueError(f"{local.name} has no {model.name} on this machine")
    headers = {"Authorization": f"Bearer {local.api_key}"} if local.api_key else {}
    try:
        async with aiohttp.ClientSession(
            base_url=local.base_url,
            connector=aiohttp.TCPConnector(force_close=True),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=options.connect_timeout),
        ) as http:
            clock = _Clock(local.name, options)
            body = await _body(http, local, model, messages, options, clock)
            response = await clock.wait(_post(http, local, model, body))
            async with _closing(response), aclosing(_items(local, response, clock)) as items:
                async for item in items:
                    yield item
    except (aiohttp.ClientError, ConnectionError) as error:
        raise Unavailable(
            "server-gone",
            f"{local.name} at {local.base_url} stopped answering ({type(error).__name__})",
            "start that server again, or choose another model with --model",
        ) from error


class _Clock:
    """How long the next sign of life may take: generous for the first token, then shorter."""

    def __init__(self, server: str, options: StreamOptions) -> None:
        self.server = server
        self.options = options
        self.deadline = time.monotonic() + options.first_token_timeout

    def alive(self) -> None:
        self.deadline = time.monotonic() + self.options.between_timeout

    async def wait(self, coming: Awaitable[T]) -> T:
        """Await what is coming, or say that the server hangs."""
        try:
            async with asyncio.timeout(max(self.deadline - time.monotonic(), 0)):
                return await coming
        except TimeoutError as error:
            raise Unavailable(
                "server-hangs",
                f"{self.server} went silent in the middle of a request",
                "restart that server, or choose another model with --model",
            ) from error


@contextlib.asynccontextmanager
async def _closing(response: aiohttp.ClientResponse) -> AsyncIterator[None]:
    try:
        yield
    finally:
        response.close()  # not release(): that would wait for the rest of the answer


async def _body(
    http: aiohttp.ClientSession,
    local: Local,
    model: Model,
    messages: Sequence[Message],
    options: StreamOptions,
    clock: _Clock,
) -> dict[str, Any]:
    if local.dialect == "openai":
        return openai_body(model.name, messages, options, templated=local.name in TEMPLATED)
    # A name can come to mean a cloud model after it was listed, so it is asked for once more.
    response = await clock.wait(
        http.post("/api/show", json={"model": model.name}, allow_redirects=False)
    )
    async with _closing(response):
        raw = await clock.wait(_read(response))
    if response.status != 200:
        raise refusal(local.name, model.name, response.status, raw)
    shown = mapping(_json(raw))
    where, evidence = of_ollama(model.name, text(shown, "remote_model"), text(shown, "remote_host"))
    if where is not Locality.ON_DEVICE:
        raise Unavailable(
            "model-not-on-device",
            f"{model.name} does not run on this machine any more: {evidence}",
            "choose a model that runs here; nothing was sent",
        )
    facts = mapping(shown, "model_info")
    trained = number(facts, f"{text(facts, 'general.architecture')}.context_length")
    told = shown.get("capabilities")
    context = context_for(
        messages,
        options.max_tokens,
        model.context_allocated,
        trained or model.context_trained,
    )
    thinks = isinstance(told, list) and "thinking" in told
    return ollama_body(model.name, messages, options, context, thinks=thinks)


async def _post(
    http: aiohttp.ClientSession, local: Local, model: Model, body: dict[str, Any]
) -> aiohttp.ClientResponse:
    """Send the request and return its open response; waits for a llama-server that is loading."""
    while True:
        response = await http.post(PATHS[local.dialect], json=body, allow_redirects=False)
        if response.status == 200:
            return response
        async with _closing(response):
            raw = await _read(response)
        loading = response.status == 503 and message_of(_json(raw)) == "Loading model"
        if not loading:
            raise refusal(local.name, model.name, response.status, raw)
        await asyncio.sleep(LOADING_POLL_S)


async def _items(
    local: Local, response: aiohttp.ClientResponse, clock: _Clock
) -> AsyncGenerator[Delta | Usage, None]:
    """Turn the lines of an open response into deltas and one Usage."""
    finish: str | None = None
    prompt = completion = None
    shown = hidden = 0
    async with aclosing(_parts(local, response, clock)) as parts:
        async for part in parts:
            if part.error is not None:
                raise broken_off(local.name, part.error)
            if part.text or part.thinking or part.finish:
                clock.alive()
            shown += len(part.text)
            hidden += part.thinking
            finish = part.finish or finish
            prompt, completion = part.prompt or prompt, part.completion or completion
            if part.text:
                yield Delta(part.text)
                clock.alive()  # a reader may have paused; that is not the server's silence
            if part.done:
                break
    if finish is None:
        raise Unavailable(
            "server-died",
            f"{local.name} broke off in the middle of its answer",
            "ask again; if it happens again, look at that server's own log",
        )
    if not shown and hidden:
        raise Unavailable(
            "only-thinking",
            "the model spent the whole answer on thinking and said nothing",
            "allow it more with `satchel config set ask.answer_tokens 4096`",
        )
    yield Usage(prompt, completion, finish)


async def _parts(
    local: Local, response: aiohttp.ClientResponse, clock: _Clock
) -> AsyncGenerator[Part, None]:
    rest = b""
    try:
        while piece := await clock.wait(response.content.readany()):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if part := read_line(local.dialect, line):
                    yield part
            if len(rest) > LINE_MAX:
                raise Garbage
        if part := read_line(local.dialect, rest):
            yield part
    except Garbage as error:
        raise _nonsense(local) from error


async def _read(response: aiohttp.ClientResponse) -> str:
    """Read a body that is no stream, up to its cap."""
    body = bytearray()
    async for piece in response.content.iter_chunked(65_536):
        body += piece
        if len(body) > BODY_MAX:
            break
    return body.decode("utf-8", "replace")


def _nonsense(local: Local) -> SatchelError:
    return Unavailable(
        "server-garbage",
        f"{local.name} at {local.base_url} answered something that is not its protocol",
        "restart that server, or choose another model with --model",
    )


def _json(raw: str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
