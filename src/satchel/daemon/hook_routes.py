"""The routes that clients' hooks call: `satchel-hook` passes on what it was told, as it was told.

What comes back is what the client takes, or nothing: the hook needs no understanding of either.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import unquote

from anyio.to_thread import run_sync
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from satchel.base.errors import Cancelled, NotAccepted
from satchel.daemon.answers import answer, answering, failure
from satchel.daemon.bodies import json_of
from satchel.daemon.fields import path
from satchel.daemon.seam import Engine
from satchel.tools import hook_forms

LOG = logging.getLogger("satchel.hooks")
GONE = Cancelled("cancelled", "the hook did not wait", "send it again")


def hooks(engine: Engine, opened: Callable[[str], None]) -> list[Route]:
    """Build the routes over `engine`; `opened` is told the top of each workspace."""

    async def hook(request: Request) -> Response:
        """Answer a hook in its client's own form; X-Satchel-Check: 1 leaves it as if unanswered."""
        named = request.headers
        where = named.get("x-satchel-workspace")
        told = hook_forms.read(
            await json_of(request),
            named.get("x-satchel-client") or None,
            named.get("x-satchel-event") or None,
            unquote(where, errors="surrogateescape") if where else None,
        )
        try:
            given = await run_sync(engine.hooks.answer, told)
        except NotAccepted as error:
            return _printed("", error.code)
        opened(given.top)
        text = hook_forms.printed(told, given.text)
        if named.get("x-satchel-check"):
            return _printed(text, given.why)
        if await request.is_disconnected():  # what nobody took was not handed over
            LOG.info("a hook did not wait for its answer")
            return failure(GONE)
        engine.hooks.delivered(given)
        done = _printed(text, given.why)
        done.background = BackgroundTask(engine.hooks.keep, given)
        return done

    async def warm(request: Request) -> Response:
        folder = path(await json_of(request))
        top = await run_sync(engine.hooks.warm, folder)
        opened(top)
        return answer({"workspace": top})

    return [
        Route("/api/hook", answering(hook), methods=["POST"]),
        Route("/api/hook/warm", answering(warm), methods=["POST"]),
    ]


def _printed(text: str, why: str | None) -> Response:
    told = {"X-Satchel-Why": why.encode("ascii", "replace").decode()} if why else {}
    return Response(text, media_type="application/json", headers=told)
