"""Who may speak to the daemon: the same machine, on purpose, with the token.

A web page on this machine can send requests to a loopback port, and with DNS rebinding it can
even read the answers. So every request, whatever its route, must name us in Host exactly, must
not come from a foreign Origin, must hold the token, and must send JSON where it sends anything.
No answer ever carries a CORS header.
"""

from __future__ import annotations

import functools
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from satchel.base.errors import SatchelError, TooLarge, Unavailable
from satchel.daemon.tongues import ENDPOINT, refused
from satchel.tools.client import BODY_LIMIT as API_LIMIT

BODY_LIMIT = 100_000_000  # bytes, where no smaller limit stands below
BODY_LIMITS = {"/api/": API_LIMIT, "/mcp": 4_000_000}
TOKEN_HEADERS = ("x-api-key", "x-goog-api-key")


@functools.cache
def hosts(port: int | None) -> frozenset[str]:
    """Return what a client may call us: with `port` over TCP, or None over the unix socket."""
    if port is None:
        return frozenset({"localhost"})
    return frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens the daemon: the token all of it, the endpoint's key the model endpoint alone."""

    token: str
    endpoint: str

    def of(self, path: str) -> tuple[str, ...]:
        """Return what a request to `path` may carry."""
        return (self.endpoint, self.token) if path.startswith(ENDPOINT) else (self.token,)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request goes no further."""

    status: int
    error: SatchelError


def refuse(
    headers: Mapping[str, list[str]], method: str, *, port: int | None, keys: Sequence[str]
) -> Refusal | None:
    """Decide on one request by its headers alone; None lets it in.

    `headers` maps lower-case names to every value that was sent; `port` is the TCP port that it
    came in by, or None for the unix socket; any of `keys` opens.
    """
    known = hosts(port)
    named = headers.get("host", [])
    if len(named) != 1 or named[0] not in known:
        return _refusal(421, "bad-host", "the Host header does not name this daemon")
    if "origin" in headers and not _is_ours(headers["origin"], known, port):
        return _refusal(403, "bad-origin", "requests of other origins are not answered")
    if not any(_same(offered, key) for offered in _offered(headers) for key in keys):
        return _refusal(401, "bad-token", "the request carries no valid token", _KEY)
    if method == "POST" and not _is_json(headers.get("content-type", [])):
        return _refusal(415, "bad-content-type", "a POST must be application/json")
    return None


def body_limit(path: str) -> int:
    """Return how many bytes a request to `path` may bring."""
    for start, limit in BODY_LIMITS.items():
        if path.startswith(start):
            return limit
    return BODY_LIMIT


class Guard:
    """ASGI middleware that stands before every route."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self.app = app
        self.keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer why not."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError("only HTTP is served")
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        port = scope["server"][1] if scope.get("server") else None
        keys = self.keys.of(scope["path"])
        refusal = refuse(headers, scope["method"], port=port, keys=keys)
        limit = body_limit(scope["path"])
        if refusal is None and _declared(headers) > limit:
            refusal = Refusal(413, TooLarge(limit))
        if refusal is not None:
            await refused(scope, refusal.error, refusal.status)(scope, receive, send)
            return
        if "transfer-encoding" in headers:  # else no more can come than was declared
            await self._counted(limit, scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _counted(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; where its body goes past the limit, answer and call it gone."""
        taken = 0
        started = answered = False

        async def counting() -> Message:
            nonlocal taken, answered
            if answered:
                return {"type": "http.disconnect"}
            message = await receive()
            taken += len(message.get("body", b""))
            if taken <= limit:
                return message
            answered = True
            if not started:
                await refused(scope, TooLarge(limit))(scope, receive, send)
            return {"type": "http.disconnect"}

        async def noting(message: Message) -> None:
            nonlocal started
            if not answered:
                started = True
                await send(message)

        await self.app(scope, counting, noting)


def _is_ours(origins: Sequence[str], known: Collection[str], port: int | None) -> bool:
    """Tell whether a page that Satchel served asks; over the unix socket none can."""
    ours = () if port is None else [f"http://{host}" for host in known]
    return all(origin in ours for origin in origins)


def _offered(headers: Mapping[str, list[str]]) -> list[str]:
    bearer = [
        value[7:].strip()
        for value in headers.get("authorization", [])
        if value[:7].lower() == "bearer "
    ]
    return bearer + [value for name in TOKEN_HEADERS for value in headers.get(name, [])]


def _same(offered: str, token: str) -> bool:
    return hmac.compare_digest(offered.encode("latin-1"), token.encode("latin-1"))


def _is_json(kinds: list[str]) -> bool:
    return len(kinds) == 1 and kinds[0].split(";")[0].strip().lower() == "application/json"


def _declared(headers: Mapping[str, list[str]]) -> int:
    lengths = [value for value in headers.get("content-length", []) if value.isdecimal()]
    return max(map(int, lengths), default=0)


_NEEDS = "docs/api.md says what every request needs"
_KEY = f"`satchel gateway` says where the key is of the model endpoint; {_NEEDS}"


def _refusal(status: int, code: str, message: str, then: str = _NEEDS) -> Refusal:
    return Refusal(status, Unavailable(code, message, then))
