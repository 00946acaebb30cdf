"""An ASGI app that is built when it is first wanted, off the event loop.

Importing the MCP library costs half a second of CPU. The daemon answers before that: the import
begins with the first request for it, or once the daemon has been up for a quiet moment.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

import anyio
from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Receive, Scope, Send

from satchel.daemon.answers import failure, unexpected

QUIET = 10.0  # seconds after which it is built unasked: the first prompts come before

Built: TypeAlias = tuple[ASGIApp, AbstractAsyncContextManager[Any]]


class Late:
    """Stands in for the app; requests wait until it is there."""

    def __init__(self, build: Callable[[], Built], quiet: float = QUIET) -> None:
        self.build = build
        self.quiet = quiet
        self.wanted = anyio.Event()
        self.settled = anyio.Event()
        self.app: ASGIApp | None = None

    async def run(self) -> None:
        """Build the app and live in its lifespan until cancelled."""
        with anyio.move_on_after(self.quiet):
            await self.wanted.wait()
        try:
            app, lifespan = await run_sync(self.build)
            async with lifespan:
                self.app = app
                self.settled.set()
                await anyio.sleep_forever()
        except Exception as error:
            self.app = failure(unexpected(error))
            self.settled.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, once it is there."""
        self.wanted.set()
        await self.settled.wait()
        assert self.app is not None
        await self.app(scope, receive, send)
