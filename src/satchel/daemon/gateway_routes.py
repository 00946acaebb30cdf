"""The model endpoint over HTTP: one route a way to ask, each the same three steps.

    body → dialect.read → gateway → dialect writes

Answers hold no CORS header, and an error comes in the form that the dialect's own clients read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Send

from satchel.base.errors import BadInput, Cancelled, SatchelError, Unavailable
from satchel.daemon.answers import HTTP_STATUS, WhileThere, answer, as_error, encode
from satchel.daemon.bodies import json_of
from satchel.model.dialects import embeddings, gemini, messages, models
from satchel.model.dialects.chat import CHAT
from satchel.model.dialects.completions import COMPLETIONS
from satchel.model.dialects.dialect import Dialect
from satchel.model.dialects.gemini import GEMINI
from satchel.model.dialects.messages import MESSAGES
from satchel.model.dialects.responses import RESPONSES
from satchel.model.gateway import Caller, Coming, Gateway
from satchel.model.turns import Asked, Event, collect

Handle: TypeAlias = Callable[[Request], Awaitable[Response]]

POSTS = {
    "/v1/chat/completions": CHAT,
    "/v1/completions": COMPLETIONS,
    "/v1/responses": RESPONSES,
    "/v1/messages": MESSAGES,
}
SSE = b"text/event-stream"
STATUS: Mapping[str, int] = {
    "consent-needed": 403,
    "model-not-on-device": 403,
    "model-not-found": 404,
    "model-missing": 404,
    "context-exceeded": 400,
    "not-a-chat-model": 400,
    "more-than-permitted": 409,
    "server-busy": 503,
    "server-gone": 502,
    "server-died": 502,
    "server-failed": 502,
    "server-garbage": 502,
    "server-refuses": 502,
    "server-redirects": 502,
    "tool-not-called": 502,
    "server-hangs": 504,
}


def endpoint(gateway: Gateway) -> list[Route]:
    """Build the routes over `gateway`."""

    def post(dialect: Dialect) -> Handle:
        async def route(request: Request) -> Response:
            asked = dialect.read(await json_of(request), {})
            return _Answer(gateway, dialect, asked, _caller(request))

        return _told(dialect, route)

    async def count_messages(request: Request) -> Response:
        asked = messages.read_count(await json_of(request))
        tokens, exact = await gateway.count(asked, _caller(request))
        return _counted(messages.counted(tokens), exact)

    async def generate(request: Request) -> Response:
        name, _, action = request.path_params["rest"].rpartition(":")
        if action not in gemini.ACTIONS:
            raise BadInput("no-route", f"there is no action {action!r}", "docs/gateway.md has all")
        named = {"model": name, "action": action, "alt": request.query_params.get("alt", "")}
        body = await json_of(request)
        if action == "countTokens":
            tokens, exact = await gateway.count(gemini.read_count(body, named), _caller(request))
            return _counted(gemini.counted(tokens), exact)
        asked = GEMINI.read(body, named)
        return _Answer(gateway, GEMINI, asked, _caller(request), missing=_missing(request))

    async def embed(request: Request) -> Response:
        wanted = embeddings.read(await json_of(request))
        vectors, tokens = await gateway.embed(wanted.model, wanted.texts)
        return answer(embeddings.answer(wanted, vectors, tokens))

    async def listed(request: Request) -> Response:
        return answer(_tongue(request).listed(await gateway.offers()))

    async def one(request: Request) -> Response:
        name = request.path_params["rest"]
        for row in await gateway.offers():
            if row.id == name:
                return answer(_tongue(request).shown(row))
        raise Unavailable(
            "model-not-found", f"there is no model {name!r}", "`satchel models` lists them"
        )

    # Google's clients ask below both: /v1beta, and since their third version /v1.
    return [
        *(Route(path, post(dialect), methods=["POST"]) for path, dialect in POSTS.items()),
        Route("/v1/messages/count_tokens", _told(MESSAGES, count_messages), methods=["POST"]),
        Route("/v1/embeddings", _told(CHAT, embed), methods=["POST"]),
        *(
            route
            for below in ("/v1/models", "/v1beta/models")
            for route in (
                Route(below, _told(CHAT, listed), methods=["GET"]),
                Route(below + "/{rest:path}", _told(CHAT, one), methods=["GET"]),
                Route(below + "/{rest:path}", _told(GEMINI, generate), methods=["POST"]),
            )
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Tongue:
    """How the models are told to one kind of client."""

    listed: Callable[[Sequence[models.Row]], Mapping[str, Any]]
    shown: Callable[[models.Row], Mapping[str, Any]]


_OPENAI = _Tongue(models.listed, models.shown)
_ANTHROPIC = _Tongue(messages.listing, messages.row)
_GOOGLE = _Tongue(gemini.listing, gemini.row)


def _tongue(request: Request) -> _Tongue:
    """Tell by what a client brings which one it is: three of them share GET /v1/models."""
    given = request.headers
    if request.url.path.startswith("/v1beta") or "x-goog-api-client" in given:
        return _GOOGLE
    return _ANTHROPIC if "anthropic-version" in given else _OPENAI


def _missing(request: Request) -> int:
    """Return the status of a model that is not here: Gemini CLI, which asks Google's models by name
    on the side, asks again at once and for ever where it hears 404."""
    return 400 if request.headers.get("user-agent", "").startswith("GeminiCLI") else 404


class _Answer(WhileThere):
    """One answer of a model. It begins when the model does: an error before that has a status."""

    def __init__(
        self,
        gateway: Gateway,
        dialect: Dialect,
        asked: Asked,
        caller: Caller,
        *,
        missing: int = 404,
    ) -> None:
        super().__init__()
        self.gateway = gateway
        self.dialect = dialect
        self.asked = asked
        self.caller = caller
        self.missing = missing

    async def send_all(self, send: Send) -> None:
        """Stream the answer, or add it up and send it whole."""
        try:
            async with self.gateway.answer(self.asked, self.caller) as coming:
                first = await anext(coming.batches)
                if self.asked.streamed:
                    await self._stream(coming, first, send)
                else:
                    events = list(first)
                    async for batch in coming.batches:
                        events += batch
                    whole = self.dialect.whole(self.asked, coming.heading, collect(events))
                    await _send(send, 200, whole, coming)
        except Exception as raised:
            error = as_error(raised)
            status = status_of(error)
            status = self.missing if status == 404 else status
            await _send(send, status, self.dialect.failure(error, status))

    async def _stream(self, coming: Coming, first: Sequence[Event], send: Send) -> None:
        writer = self.dialect.streamed(self.asked, coming.heading)
        kind = b"application/json" if self.asked.echo.get("framing") == "array" else SSE
        headers = [(b"content-type", kind), *_headers(coming)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _piece(send, writer.begin() + writer.write(first))
        try:
            async for batch in coming.batches:
                await _piece(send, writer.write(batch))
        except Exception as raised:
            await _piece(send, writer.broken(as_error(raised)))
        await send({"type": "http.response.body", "body": b""})


async def _piece(send: Send, body: bytes) -> None:
    if body:
        await send({"type": "http.response.body", "body": body, "more_body": True})


def _told(dialect: Dialect, route: Handle) -> Handle:
    """Turn whatever a route raises into an error of the dialect."""

    async def told(request: Request) -> Response:
        try:
            return await route(request)
        except ClientDisconnect:
            error: SatchelError = Cancelled("cancelled", "the client left", "send it again")
        except Exception as raised:
            error = as_error(raised)
        status = status_of(error)
        return answer(dialect.failure(error, status), status)

    return told


def status_of(error: SatchelError) -> int:
    """Return the HTTP status of an error: by its code, else by its kind."""
    return STATUS.get(error.code) or HTTP_STATUS.get(type(error), 500)


def _caller(request: Request) -> Caller:
    given = request.headers
    return Caller(
        workspace=given.get("x-satchel-workspace"),
        context=given.get("x-satchel-context", "").lower() in ("1", "true", "on"),
    )


def _counted(value: Mapping[str, Any], exact: bool) -> Response:
    response = answer(value)
    response.headers["x-satchel-count"] = "exact" if exact else "estimated"
    return response


def _headers(coming: Coming) -> list[tuple[bytes, bytes]]:
    answered = _quoted(f"{coming.target.name}/{coming.model.name}")
    return [(b"cache-control", b"no-store"), (b"x-satchel-model", answered)]


@lru_cache
def _quoted(name: str) -> bytes:
    return quote(name, safe="/:@+,").encode("ascii")


async def _send(
    send: Send, status: int, value: Mapping[str, Any], coming: Coming | None = None
) -> None:
    body = encode(value)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode("ascii")),
        *(_headers(coming) if coming is not None else ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
