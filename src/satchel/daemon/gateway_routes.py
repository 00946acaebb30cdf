"""The model endpoint over HTTP: one route a way to ask, each the same three steps.

    body → dialect.read → gateway → dialect writes

Answers hold no CORS header, and an error comes in the form that the dialect's own clients read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import quote

from pydantic_core import to_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from satchel.base.errors import BadInput, Cancelled, Unavailable
from satchel.daemon.answers import WhileThere, answer, as_error, encode
from satchel.daemon.bodies import header, read_of
from satchel.daemon.tongues import OPENAI, refused, status_of, tongue_of
from satchel.model.dialects import embeddings, gemini, messages
from satchel.model.dialects.chat import CHAT
from satchel.model.dialects.completions import COMPLETIONS
from satchel.model.dialects.dialect import Dialect
from satchel.model.dialects.gemini import GEMINI
from satchel.model.dialects.messages import MESSAGES
from satchel.model.dialects.responses import RESPONSES
from satchel.model.gateway import Caller, Coming, Gateway
from satchel.model.turns import Asked, Event, collect

Handle: TypeAlias = Callable[[Request], Awaitable[ASGIApp]]

POSTS = {
    "/v1/chat/completions": CHAT,
    "/v1/completions": COMPLETIONS,
    "/v1/responses": RESPONSES,
    "/v1/messages": MESSAGES,
}
# Google's clients ask below both: /v1beta, and since their third version /v1.
MODELS = ("/v1/models", "/v1beta/models")
SSE = b"text/event-stream"


@dataclass(frozen=True, slots=True)
class Route:
    """What answers one path, by method. `path` ends with "/" where it stands for all below it."""

    path: str
    handles: Mapping[str, Handle]


class Endpoint:
    """The ASGI app of the model endpoint: its routes, found by the path alone."""

    def __init__(self, gateway: Gateway) -> None:
        self.routes = tuple(_routes(gateway))
        self._exact = {route.path: route for route in self.routes}
        self._below = [route for route in self.routes if route.path.endswith("/")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say in the client's dialect why not."""
        answering: ASGIApp
        try:
            answering = await self._handle(scope)(Request(scope, receive, send))
        except ClientDisconnect:
            answering = refused(scope, Cancelled("cancelled", "the client left", "send it again"))
        except Exception as raised:
            answering = refused(scope, as_error(raised))
        await answering(scope, receive, send)

    def _handle(self, scope: Scope) -> Handle:
        path: str = scope["path"]
        route = self._exact.get(path) or next(
            (route for route in self._below if path.startswith(route.path)), None
        )
        if route is None:
            raise BadInput("no-route", "there is no such route", "docs/gateway.md lists the routes")
        scope["route"] = route
        handle = route.handles.get(scope["method"].replace("HEAD", "GET"))
        if handle is None:
            message = "this route does not take that method"
            raise BadInput("no-method", message, "docs/gateway.md lists the routes")
        return handle


def _routes(gateway: Gateway) -> Iterator[Route]:
    """Build the routes over `gateway`."""

    def post(dialect: Dialect) -> Handle:
        async def answered(request: Request) -> ASGIApp:
            asked = await read_of(request, lambda body: dialect.read(body, {}))
            return _Answer(gateway, dialect, asked, _caller(request))

        return answered

    async def count_messages(request: Request) -> ASGIApp:
        asked = await read_of(request, messages.read_count)
        tokens, exact = await gateway.count(asked, _caller(request))
        return _counted(messages.counted(tokens), exact)

    async def generate(request: Request) -> ASGIApp:
        name, _, action = _below(request).rpartition(":")
        if action not in gemini.ACTIONS:
            raise BadInput("no-route", f"there is no action {action!r}", "docs/gateway.md has all")
        named = {"model": name, "action": action, "alt": request.query_params.get("alt", "")}
        if action == "countTokens":
            asked = await read_of(request, lambda body: gemini.read_count(body, named))
            tokens, exact = await gateway.count(asked, _caller(request))
            return _counted(gemini.counted(tokens), exact)
        asked = await read_of(request, lambda body: GEMINI.read(body, named))
        return _Answer(gateway, GEMINI, asked, _caller(request), missing=_missing(request))

    async def embed(request: Request) -> ASGIApp:
        wanted = await read_of(request, embeddings.read)
        vectors, tokens = await gateway.embed(wanted.model, wanted.texts)
        return answer(embeddings.answer(wanted, vectors, tokens))

    async def listed(request: Request) -> ASGIApp:
        return answer((tongue_of(request.scope) or OPENAI).listed(await gateway.offers()))

    async def one(request: Request) -> ASGIApp:
        name = _below(request)
        for row in await gateway.offers():
            if row.id == name:
                return answer((tongue_of(request.scope) or OPENAI).shown(row))
        raise Unavailable(
            "model-not-found", f"there is no model {name!r}", "`satchel models` lists them"
        )

    for path, dialect in POSTS.items():
        yield Route(path, {"POST": post(dialect)})
    yield Route("/v1/messages/count_tokens", {"POST": count_messages})
    yield Route("/v1/embeddings", {"POST": embed})
    for path in MODELS:
        yield Route(path, {"GET": listed})
        yield Route(f"{path}/", {"GET": one, "POST": generate})


def _below(request: Request) -> str:
    """Return what a path names below that of its route."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope["route"].path)


def _missing(request: Request) -> int:
    """Return the status of a model that is not here: Gemini CLI, which asks Google's models by name
    on the side, asks again at once and for ever where it hears 404."""
    return 400 if request.headers.get("user-agent", "").startswith("GeminiCLI") else 404


class _Answer(WhileThere):
    """One answer of a model. It begins when the model does: an error before that has a status."""

    unwatched_s = 0.02

    def __init__(
        self,
        gateway: Gateway,
        dialect: Dialect,
        asked: Asked,
        caller: Caller,
        *,
        missing: int = 404,
    ) -> None:
        self.gateway = gateway
        self.dialect = dialect
        self.asked = asked
        self.caller = caller
        self.missing = missing

    async def send_all(self, send: Send) -> None:
        """Stream the answer, or add it up and send it whole."""
        try:
            async with await self.gateway.answer(self.asked, self.caller) as coming:
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


def _caller(request: Request) -> Caller:
    return Caller(
        workspace=header(request.scope, b"x-satchel-workspace") or None,
        context=header(request.scope, b"x-satchel-context").lower() in ("1", "true", "on"),
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


def _json(value: Mapping[str, Any]) -> bytes:
    try:
        return to_json(value, inf_nan_mode="null")  # as llama.cpp tells a logprob that is none
    except ValueError:  # half of a surrogate pair
        return encode(value)


async def _send(
    send: Send, status: int, value: Mapping[str, Any], coming: Coming | None = None
) -> None:
    body = _json(value)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode("ascii")),
        *(_headers(coming) if coming is not None else ()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
