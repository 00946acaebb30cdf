"""The HTTP API. Each route reads its fields, makes one call in a worker thread, and answers."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from satchel.base.errors import BadInput, Cancelled, SatchelError
from satchel.context.wire import chosen_json, conflict_json, packet_json, record_json
from satchel.daemon.answers import Events, JsonLines, answer, as_error, failure
from satchel.daemon.seam import Engine, Step

if TYPE_CHECKING:
    from satchel.wiring import Ask

PROGRESS_EVERY = 0.05  # seconds between two progress events of one stage

T = TypeVar("T")
Body: TypeAlias = Mapping[str, Any]
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
        body = await _body(request)
        explain = _field(body, "explain", bool, False)

        def call() -> dict[str, Any]:
            packet = engine.brief(
                _field(body, "request", str),
                _path(body),
                budget=_optional(body, "budget", int),
                files=_field(body, "files", int, 0),
                explain=explain,
                with_text=_field(body, "with_text", bool, False),
                session=_optional(body, "session", str),
            )
            return packet_json(packet, explain=explain)

        packet = await run_sync(call)
        opened(packet["workspace"])
        return answer(packet)

    async def index(request: Request) -> Response:
        body = await _body(request)
        path, accept = _path(body), _field(body, "accept", bool, False)
        return JsonLines(lambda: _index_events(engine, path, accept, opened))

    async def ask(request: Request) -> Response:
        from satchel.wiring import Ask  # loaded with the engine, after the lock was taken

        body = await _body(request)
        question = Ask(
            question=_field(body, "question", str),
            path=_path(body),
            model=_optional(body, "model", str),
            files=tuple(_strings(body, "files")),
            continued=_field(body, "continue", bool, False),
            budget=_optional(body, "budget", int),
            offline=_field(body, "offline", bool, False),
            max_tokens=_optional(body, "max_tokens", int),
        )
        return JsonLines(lambda: _ask_events(engine, question, opened))

    async def remember(request: Request) -> Response:
        from satchel.context.ingest.mask import mask  # loaded with the engine

        body = await _body(request)

        def call() -> dict[str, Any]:
            # The engine masks what it keeps; it does not tell how much there was to mask.
            text, masked = mask(_field(body, "text", str))
            record, conflicts = engine.remember(
                text,
                kind=_optional(body, "kind", str),
                path=_path(body) if body.get("path") is not None else None,
                source=_field(body, "source", str, "user"),
                globs=_strings(body, "globs"),
            )
            return {
                "record": record_json(record),
                "conflicts": [conflict_json(conflict) for conflict in conflicts],
                "masked": masked,
            }

        return answer(await run_sync(call))

    async def recall(request: Request) -> Response:
        body = await _body(request)

        def call() -> dict[str, Any]:
            query, path, limit = _field(body, "query", str), _path(body), _limit(body)
            if not query.strip():
                return {"records": [record_json(record) for record in engine.records(path)[:limit]]}
            found = engine.recall(query, path=path, limit=limit)
            return {"records": [chosen_json(chosen) for chosen in found]}

        return answer(await run_sync(call))

    async def forget(request: Request) -> Response:
        body = await _body(request)
        if _field(body, "conversations", bool, False):
            held_in = _path(body)
            turns = await run_sync(lambda: engine.forget_conversations(path=held_in))
            return answer({"forgotten_turns": turns})
        if body.get("folder") is not None:
            folder, dry_run = _path(body, "folder"), _field(body, "dry_run", bool, False)
            kept = await run_sync(lambda: engine.forget_folder(folder, dry_run=dry_run))
            if not dry_run:
                left(kept.workspace)
            return answer({**_fields(kept), "forgotten": not dry_run})
        name = _field(body, "id", str)
        path = _path(body) if body.get("path") is not None else None
        await run_sync(lambda: engine.forget(name, path=path))
        return answer({"forgotten": name})

    return [
        Route("/api/status", _told(status), methods=["GET"]),
        Route("/api/shutdown", _told(shutdown), methods=["POST"]),
        Route("/api/models", _told(models), methods=["GET"]),
        Route("/api/index", _told(index), methods=["POST"]),
        Route("/api/brief", _told(brief), methods=["POST"]),
        Route("/api/ask", _told(ask), methods=["POST"]),
        Route("/api/remember", _told(remember), methods=["POST"]),
        Route("/api/recall", _told(recall), methods=["POST"]),
        Route("/api/forget", _told(forget), methods=["POST"]),
    ]


def _told(route: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Any]:
    """Turn whatever a route raises into an answer: our errors as they are, others without text."""

    async def told(request: Request) -> Response:
        try:
            return await route(request)
        except ClientDisconnect:
            return failure(Cancelled("cancelled", "the client left", "send it again"))
        except SatchelError as error:
            return failure(error)
        except Exception as error:
            return failure(as_error(error))

    return told


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


async def _body(request: Request) -> Body:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise BadInput("bad-json", "the body is not JSON", "send one JSON object") from error
    if not isinstance(body, dict):
        raise BadInput("bad-json", "the body is not a JSON object", "send one JSON object")
    return body


_ABSENT: Any = object()


def _field(body: Body, name: str, kind: type[T], default: T = _ABSENT) -> T:
    """Read one field of a known type; None counts as absent."""
    value = body.get(name)
    if value is None and default is not _ABSENT:
        return default
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadInput(
            "bad-field",
            f"{name!r} must be {_NAMES[kind]}",
            f"send {name!r} as {_NAMES[kind]}",
        )
    return value


_NAMES: dict[type, str] = {str: "a string", int: "a whole number", bool: "true or false"}


def _optional(body: Body, name: str, kind: type[T]) -> T | None:
    return None if body.get(name) is None else _field(body, name, kind)


def _strings(body: Body, name: str) -> list[str]:
    values = body.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BadInput("bad-field", f"{name!r} must be a list of strings", f"send {name!r} as one")
    return values


def _limit(body: Body) -> int:
    return max(0, _field(body, "limit", int, 10))


def _path(body: Body, name: str = "path") -> str:
    path = _field(body, name, str)
    if not Path(path).is_absolute() or "\0" in path:
        raise BadInput("bad-path", f"{name!r} must be an absolute path", "send the whole path")
    return path
