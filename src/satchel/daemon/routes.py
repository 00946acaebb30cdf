"""The HTTP API. Each route reads its fields, makes one call in a worker thread, and answers."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from satchel.base.errors import Cancelled
from satchel.context.wire import forgotten_json, packet_json
from satchel.daemon.answers import Events, Handle, JsonLines, answer, answering
from satchel.daemon.bodies import json_of
from satchel.daemon.fields import ABSENT, field, optional, path, path_if_any, strings
from satchel.daemon.packet_routes import asker, forget_packets, packets
from satchel.daemon.record_routes import CALLS, Call, called, export_events
from satchel.daemon.seam import Engine, Step

if TYPE_CHECKING:
    from satchel.wiring import Ask

PROGRESS_EVERY = 0.05  # seconds between two progress events of one stage

Opened: TypeAlias = Callable[[str], None]
"""Told the absolute top of each workspace that a request opened."""
Left: TypeAlias = Callable[[str], None]
"""Told the absolute top of each workspace that is no longer read."""


def api(
    engine: Engine,
    about: Callable[[], Mapping[str, Any]],
    stop: Callable[[], None],
    opened: Opened,
    left: Left,
) -> list[Route]:
    """Build the routes over `engine`. `about` is what the daemon says of itself; `stop` ends it."""

    async def status(request: Request) -> Response:
        return answer({**about(), "workspaces": await run_sync(engine.workspaces)})

    async def shutdown(request: Request) -> Response:
        stop()
        return answer({})

    async def models(request: Request) -> Response:
        return answer({"models": list(await engine.models())})

    async def brief(request: Request) -> Response:
        body = await json_of(request)
        explain = field(body, "explain", bool, False)

        def call() -> dict[str, Any]:
            packet = engine.brief(
                field(body, "request", str, "" if body.get("diff") is not None else ABSENT),
                path(body),
                budget=optional(body, "budget", int),
                files=field(body, "files", int, 0),
                with_text=field(body, "with_text", bool, False),
                session=optional(body, "session", str),
                diff=optional(body, "diff", str),
                asker=asker(body),
            )
            return packet_json(packet, explain=explain)

        packet = await run_sync(call)
        opened(packet["workspace"])
        return answer(packet)

    async def index(request: Request) -> Response:
        body = await json_of(request)
        where, accept = path(body), field(body, "accept", bool, False)
        return JsonLines(lambda: _index_events(engine, where, accept, opened))

    async def ask(request: Request) -> Response:
        from satchel.wiring import Ask  # loaded with the engine, after the lock was taken

        body = await json_of(request)
        question = Ask(
            question=field(body, "question", str),
            path=path(body),
            model=optional(body, "model", str),
            files=tuple(strings(body, "files")),
            continued=field(body, "continue", bool, False),
            budget=optional(body, "budget", int),
            offline=field(body, "offline", bool, False),
            max_tokens=optional(body, "max_tokens", int),
        )
        return JsonLines(lambda: _ask_events(engine, question, opened))

    async def export(request: Request) -> Response:
        body = await json_of(request)
        where, everywhere = path(body), field(body, "everywhere", bool, False)
        return JsonLines(lambda: export_events(engine, where, everywhere))

    async def forget(request: Request) -> Response:
        body = await json_of(request)
        if field(body, "conversations", bool, False):
            held_in = path(body)
            turns = await run_sync(lambda: engine.memory.forget_conversations(path=held_in))
            await run_sync(engine.packets.forget_asked, held_in)
            return answer({"forgotten_turns": turns})
        if body.get("packets") is not None:
            return answer(await run_sync(forget_packets, engine, body))
        if body.get("folder") is not None:
            folder, dry_run = path(body, "folder"), field(body, "dry_run", bool, False)
            kept = await run_sync(lambda: engine.forget_folder(folder, dry_run=dry_run))
            if not dry_run:
                left(kept.workspace)
            return answer({**_fields(kept), "forgotten": not dry_run})
        ids = strings(body, "ids") or [field(body, "id", str)]
        where = path_if_any(body)
        gone = await run_sync(lambda: engine.memory.forget(ids, path=where))
        return answer(forgotten_json(gone))

    def of_records(call: Call) -> Handle:
        async def route(request: Request) -> Response:
            return answer(await called(call, engine, request))

        return route

    return [
        Route("/api/status", answering(status), methods=["GET"]),
        Route("/api/shutdown", answering(shutdown), methods=["POST"]),
        Route("/api/models", answering(models), methods=["GET"]),
        Route("/api/index", answering(index), methods=["POST"]),
        Route("/api/brief", answering(brief), methods=["POST"]),
        Route("/api/ask", answering(ask), methods=["POST"]),
        Route("/api/forget", answering(forget), methods=["POST"]),
        Route("/api/export", answering(export), methods=["POST"]),
        *(
            Route(f"/api/{name}", answering(of_records(call)), methods=["POST"])
            for name, call in {**CALLS, "packets": packets}.items()
        ),
    ]


async def _index_events(engine: Engine, path: str, accept: bool, opened: Opened) -> Events:
    """Run one index in a thread and yield its progress; leaving early stops it."""
    loop = asyncio.get_running_loop()
    steps: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
    left = False
    sent = ("", 0.0)

    def progress(step: Step) -> None:
        nonlocal sent
        if left:
            raise Cancelled("cancelled", "indexing was stopped", "run it again to go on from here")
        now = time.monotonic()
        if step.stage == sent[0] and step.done < step.total and now - sent[1] < PROGRESS_EVERY:
            return
        sent = (step.stage, now)
        event = {
            "event": "progress",
            "stage": str(step.stage),
            "done": step.done,
            "total": step.total,
        }
        loop.call_soon_threadsafe(steps.put_nowait, event)

    async def run() -> Any:
        try:
            return await run_sync(lambda: engine.index(path, progress, accept))
        finally:
            steps.put_nowait(None)

    running = asyncio.create_task(run())
    running.add_done_callback(lambda task: task.cancelled() or task.exception())  # not unheard
    try:
        while (event := await steps.get()) is not None:
            yield event
        summary = await running
        opened(summary.workspace)
        yield {"event": "done", "summary": _fields(summary)}
    finally:
        left = True


def _fields(summary: Any) -> dict[str, Any]:
    """Return a dataclass's fields as they are: `asdict` would take a Counter apart wrongly."""
    return {field.name: getattr(summary, field.name) for field in dataclasses.fields(summary)}


async def _ask_events(engine: Engine, question: Ask, opened: Opened) -> Events:
    """Pass the events of an answer on, noting which workspace was opened for it."""
    events = engine.ask(question)
    try:
        async for event in events:
            if event.get("event") == "packet":
                opened(event["packet"]["workspace"])
            yield event
    finally:
        await events.aclose()
