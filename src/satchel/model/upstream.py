"""The only outgoing requests to models: an answer streamed, a prompt counted, texts embedded.

`stream` takes a Local, or what `consent.permit` let through; handing it a Remote is a type error.
A Local has a loopback literal for an address (types.Local sees to it). No redirect, no proxy of
the environment, no cookie.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, Final, Self, TypeAlias

from satchel.base.beside import beside
from satchel.base.errors import SatchelError, Unavailable
from satchel.base.values import value
from satchel.model.answers import mapping, number, text
from satchel.model.backends import ollama, openai
from satchel.model.backends.kinds import Kind, kind_of
from satchel.model.backends.reading import Reading
from satchel.model.backends.refusals import (
    broken_off,
    died,
    gone,
    hangs,
    json_of,
    message_of,
    nonsense,
    not_served,
    refusal,
    still_loading,
    too_long,
)
from satchel.model.backends.request import ANSWER_LEAST, Request, held, request
from satchel.model.backends.size import estimate, images, most, weight
from satchel.model.connection import Clock, Response, drain, post, read
from satchel.model.consent import Permitted
from satchel.model.locality import of_ollama
from satchel.model.turns import Event, Generation
from satchel.model.types import Backend, Limits, Local, Locality, Model, Remote

Target: TypeAlias = Local | Permitted

LOADING_POLL_S: Final = 0.5


async def stream(
    target: Target, model: Model, generation: Generation, *, whole: bool = False
) -> AsyncGenerator[Sequence[Event], None]:
    """Yield the answer's events in batches, one a read from the socket; Ended is the last of all.

    `whole` says that nobody reads them as they come: a brief answer is then asked for in one piece.
    Raises BadInput where the backend cannot do what is asked or the prompt does not fit,
    Unavailable where the server refuses, hangs, dies or talks garbage, and ValueError where
    `model` is not one of `target`'s. Close the generator (or cancel the task) and the connection
    is closed with it, which makes the server stop; leave it early only under
    `contextlib.aclosing`.
    """
    with _Call.to(target, model, generation.limits) as call:
        asked, body = await call.prepared(generation, whole)
        response = await call.clock.wait(call.open(asked.path, body))
        with closing(response):
            reading = Reading(asked.line, asked.expected)
            signs = 0
            flat = target.dialect == "openai" and response.content_type == "application/json"
            ended = False
            while not ended:
                try:
                    piece = response.taken()
                    if flat:
                        rest = b"" if response.over else await call.clock.wait(read(response))
                        piece = _on_one_line(piece + rest)
                    elif not (piece or response.over):
                        piece = await call.clock.wait(response.read())
                except ConnectionError as error:
                    raise died(target.name) from error
                events = reading.feed(piece)
                ended = flat or response.over or reading.over or reading.error is not None
                if ended and reading.error is None:
                    events += reading.end()
                if events:
                    yield events
                    call.clock.alive()  # a reader may have paused; that is not the server's silence
                elif reading.signs != signs:
                    call.clock.alive()
                signs = reading.signs
            if reading.error is not None:
                raise reading.error
            if not response.over:
                await drain(response)


async def count(target: Target, model: Model, generation: Generation) -> tuple[int, bool]:
    """Return the tokens of a prompt, and whether its server counted them (else: an estimate).

    Nothing is sent to a server that is not on this machine.
    """
    with _Call.to(target, model, generation.limits) as call:
        return await call.count(held(target, call.kind, model, generation))


async def embed(
    target: Local, model: Model, texts: Sequence[str], limits: Limits | None = None
) -> list[list[float]]:
    """Return a vector for each text, in their order. Raises as `stream` does."""
    vectors: Any
    with _Call.to(target, model, limits or Limits()) as call:
        if target.dialect == "ollama":
            await call.shown()
            asked = {"model": model.name, "input": list(texts), "truncate": False}
            told = await call.json("/api/embed", asked)
            vectors = told.get("embeddings")
        else:
            asked = {"model": model.name, "input": list(texts), "encoding_format": "float"}
            vectors = _in_order(await call.json("/v1/embeddings", asked))
    if not _are_vectors(vectors, len(texts)):
        raise nonsense(target.name, target.base_url)
    return list(vectors)


def size(backend: Backend, model: Model, generation: Generation) -> int:
    """Return the bytes of the body that `stream` would post to a server elsewhere."""
    return len(request(backend, model, generation).encoded())


def quiets(target: Backend | Permitted) -> bool:
    """Tell whether a server can have any of its models answer without thinking first."""
    return target.dialect == "ollama" or kind_of(target.name, target.base_url).template


@value(frozen=True, slots=True)
class _Call:
    """One model of one server, and how long it may take. A server that goes away within it is told
    as one that did."""

    target: Target
    model: Model
    limits: Limits
    clock: Clock
    kind: Kind

    @classmethod
    def to(cls, target: Target, model: Model, limits: Limits) -> _Call:
        if all(model.name != offered.name for offered in target.models):
            raise ValueError(f"{target.name} has no {model.name} that may be asked")
        kind = kind_of(target.name, target.base_url)
        return cls(target, model, limits, Clock(target.name, limits), kind)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError | UnicodeError):
            raise gone(self.target.name, self.target.base_url, error) from error

    async def prepared(self, generation: Generation, whole: bool) -> tuple[Request, bytes]:
        """Build the request and its body, and see that it may be sent and fits."""
        target, model, weighs = self.target, self.model, weight(generation)
        local = isinstance(target, Local)
        allowed = target.tools if isinstance(target, Permitted) else ()
        for tool in generation.outward:
            if tool not in allowed:
                raise not_served(target.name, tool, "it reaches out, and no grant covers it")

        def built() -> tuple[Request, bytes, int]:
            asked = request(target, model, generation, shown, whole=whole and local)
            if isinstance(target, Local) and target.dialect == "ollama":
                context = ollama.context_for(
                    asked.generation, model.context_allocated, shown.context
                )
                raised = ollama.Shown(shown.thinks, context)
                asked = request(target, model, generation, raised)
            return asked, asked.encoded(), most(asked.generation)

        shown = await self.shown() if target.dialect == "ollama" else ollama.NOTHING_SHOWN
        asked, body, tokens = await beside(weighs, built)
        if target.dialect != "ollama":
            await self.fit(asked.generation, tokens)
        if isinstance(target, Permitted) and len(body) > target.bytes:
            raise Unavailable(
                "more-than-permitted",
                f"the request to {target.name} is larger than what was shown and permitted",
                "send it again; nothing was sent",
            )
        return asked, body

    async def fit(self, generation: Generation, at_most: int) -> None:
        """See that a prompt of `at_most` tokens fits with the least of an answer, before a server
        could cut it: into what it allocated, or where it does not tell, into what the model was
        trained on."""
        context = self.model.context_allocated or self.model.context_trained
        wanted = min(generation.max_tokens or ANSWER_LEAST, ANSWER_LEAST)
        if context is None or at_most + wanted <= context:
            return
        tokens, exact = await self.count(generation)
        if tokens + wanted > context and (exact or self.kind.full == "cuts"):
            raise too_long(tokens, context)

    async def count(self, generation: Generation) -> tuple[int, bool]:
        counted = None
        if isinstance(self.target, Local) and not images(generation):
            counter = _COUNTERS.get(self.kind.counts or "")
            counted = await counter(self, generation) if counter else None
        if counted is not None:
            return counted, True
        return await beside(weight(generation), lambda: estimate(generation)), False

    async def shown(self) -> ollama.Shown:
        """Ask Ollama for a model once more: a name can come to mean a cloud model."""
        if isinstance(self.target, Permitted) and isinstance(self.target.backend, Remote):
            return ollama.Shown()
        shown = await self.json("/api/show", {"model": self.model.name})
        where, evidence = of_ollama(
            self.model.name, text(shown, "remote_model"), text(shown, "remote_host")
        )
        if where is not Locality.ON_DEVICE:
            raise Unavailable(
                "model-not-on-device",
                f"{self.model.name} does not run on this machine any more: {evidence}",
                "choose a model that runs here; nothing was sent",
            )
        facts = mapping(shown, "model_info")
        trained = number(facts, f"{text(facts, 'general.architecture')}.context_length")
        told = shown.get("capabilities")
        thinks = "thinking" in told if isinstance(told, list) else None
        return ollama.Shown(thinks, trained or self.model.context_trained)

    async def json(self, path: str, body: Mapping[str, Any], weighs: int = 0) -> Mapping[str, Any]:
        """Post, where `weighs` is about the size of it, and return the object that comes.

        Raises as `refusal` says.
        """
        asked = await beside(weighs, lambda: json.dumps(body).encode())
        response = await self.clock.wait(self.open(path, asked))
        with closing(response):
            raw = await self.clock.wait(read(response))
        told = await beside(len(raw), lambda: json_of(raw))
        if not isinstance(told, dict):
            raise nonsense(self.target.name, self.target.base_url)
        if told.get("error") is not None:  # LM Studio says so with status 200
            raise broken_off(self.target.name, message_of(told) or "unknown error")
        return told

    async def open(self, path: str, body: bytes) -> Response:
        """Post and return the open response; waits for a llama-server that is loading.

        What was permitted is posted once: a second time would need a second permission.
        """
        target = self.target
        once = isinstance(target, Permitted)
        url = target.base_url.rstrip("/").removesuffix("/v1") + path
        while True:
            response = await post(url, body, target.api_key, self.limits, once=once)
            self.clock.late = hangs
            if response.status == 200:
                return response
            with closing(response):
                raw = (await read(response)).decode("utf-8", "replace")
            if once or response.status != 503 or message_of(json_of(raw)) != "Loading model":
                raise refusal(target.name, self.model.name, response.status, raw)
            self.clock.late = still_loading
            await asyncio.sleep(LOADING_POLL_S)


def _on_one_line(raw: bytes) -> bytes:
    """Put an answer that was not streamed on one line."""
    if b"\n" not in raw:
        return raw
    told = json_of(raw)
    return raw if told is None else json.dumps(told).encode()


async def _llama_tokens(call: _Call, generation: Generation) -> int | None:
    """Have llama-server fill in its template and count; None where it has no such routes."""
    name, weighs = {"model": call.model.name}, weight(generation)
    try:
        prompt = generation.prompt
        if prompt is None:
            chat = openai.chat(call.target.name, call.kind, generation)
            chat.pop("response_format", None)
            prompt = text(await call.json("/apply-template", name | chat, weighs), "prompt")
        asked = {"content": prompt, "add_special": True, "parse_special": True}
        tokens = (await call.json("/tokenize", name | asked, weighs)).get("tokens")
    except SatchelError as error:
        _uncounted(error)
        return None
    return len(tokens) if isinstance(tokens, list) else None


async def _vllm_tokens(call: _Call, generation: Generation) -> int | None:
    """Have vLLM count; None where it has no such route."""
    asked: dict[str, Any] = {"prompt": generation.prompt}
    if generation.prompt is None:
        asked = openai.chat(call.target.name, call.kind, generation)
        for name in ("response_format", "tool_choice", "parallel_tool_calls"):
            asked.pop(name, None)
    try:
        body = {"model": call.model.name} | asked
        told = await call.json("/tokenize", body, weight(generation))
    except SatchelError as error:
        _uncounted(error)
        return None
    return openai.whole(told, "count")


def _uncounted(error: SatchelError) -> None:
    if error.code in ("server-hangs", "server-gone"):
        raise error


_Counter: TypeAlias = Callable[[_Call, Generation], Any]
_COUNTERS: Final[Mapping[str, _Counter]] = {"llama": _llama_tokens, "vllm": _vllm_tokens}


def _in_order(told: Mapping[str, Any]) -> list[Any]:
    """Return the vectors of OpenAI's rows, which may come in any order."""
    listed = told.get("data")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    rows.sort(key=lambda row: openai.whole(row, "index") or 0)
    return [row.get("embedding") for row in rows]


def _are_vectors(vectors: Any, many: int) -> bool:
    return bool(
        isinstance(vectors, list)
        and len(vectors) == many
        and all(isinstance(one, list) and one for one in vectors)
        and all(isinstance(value, int | float) for one in vectors for value in one)
    )
