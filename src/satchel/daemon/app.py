"""The ASGI app: activity around guard around routes, with MCP beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from satchel.base.errors import BadInput
from satchel.daemon.activity import Activity
from satchel.daemon.answers import failure
from satchel.daemon.gateway_routes import Endpoint
from satchel.daemon.guard import Guard, Keys, hosts
from satchel.daemon.hook_routes import hooks
from satchel.daemon.late import Built, Late
from satchel.daemon.routes import api
from satchel.daemon.seam import Engine
from satchel.daemon.tongues import ENDPOINT
from satchel.daemon.watcher import Watcher

if TYPE_CHECKING:
    from mcp.server import MCPServer

    Extend: TypeAlias = Callable[[MCPServer[Any]], bool]


def build(
    engine: Engine,
    *,
    keys: Keys,
    port: int,
    about: Callable[[], Mapping[str, Any]],
    stop: Callable[[], None],
    extend: Extend | None = None,
) -> Activity:
    """Assemble the daemon's app over `engine`, for clients that come by `port` or the socket.

    The app's lifespan owns the watcher and the MCP server. `extend` is a test's: it adds to the
    MCP server what a conformance suite calls, and returns whether that asks its clients.
    """
    watcher = Watcher(engine.changed)
    loops: list[asyncio.AbstractEventLoop] = []

    def opened(top: str) -> None:
        loops[0].call_soon_threadsafe(watcher.open, top)

    def left(top: str) -> None:
        loops[0].call_soon_threadsafe(watcher.leave, top)

    def build_mcp() -> Built:
        from satchel.context import mcp

        server = mcp.server(engine, opened)
        asks = extend is not None and extend(server)
        return mcp.app(server, sorted(hosts(port) | hosts(None)), asks)

    late = Late(build_mcp)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        loops.append(asyncio.get_running_loop())
        serving = asyncio.create_task(late.run())
        try:
            yield
        finally:
            serving.cancel()
            await asyncio.wait({serving})
            await watcher.close()
            await engine.end_models()

    others = Starlette(
        routes=[  # looked through in this order
            *api(engine, about, stop, opened, left),
            *hooks(engine, opened),
            Route("/mcp", late, methods=["GET", "POST", "DELETE"]),
        ],
        lifespan=lifespan,
        exception_handlers={404: _no_route, 405: _wrong_method},
    )
    return Activity(Guard(Parted(Endpoint(engine.gateway), others), keys))


@dataclass(frozen=True, slots=True)
class Parted:
    """The model endpoint beside all else: what a tool waits for goes through no layer in vain."""

    endpoint: Endpoint
    others: Starlette

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to whom its path belongs."""
        path = scope.get("path", "")  # the lifespan has none
        app: ASGIApp = self.endpoint if path.startswith(ENDPOINT) else self.others
        await app(scope, receive, send)


async def _no_route(request: Request, error: Exception) -> Response:
    return failure(
        BadInput("no-route", "there is no such route", "docs/api.md lists the routes"), 404
    )


async def _wrong_method(request: Request, error: Exception) -> Response:
    message = "this route does not take that method"
    return failure(BadInput("no-method", message, "docs/api.md lists the routes"), 405)
