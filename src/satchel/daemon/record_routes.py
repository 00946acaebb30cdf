"""The routes of records: each makes one call of the memory or the archive, and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from anyio.to_thread import run_sync
from starlette.requests import Request

from satchel.context.wire import (
    chosen_json,
    conflict_json,
    history_json,
    hit_json,
    imported_json,
    record_json,
    remembered_json,
)
from satchel.daemon.answers import Events
from satchel.daemon.bodies import json_of
from satchel.daemon.fields import (
    Body,
    field,
    limit,
    optional,
    path,
    path_if_any,
    strings,
)
from satchel.daemon.seam import Engine

Call: TypeAlias = Callable[[Engine, Body], dict[str, Any]]


def remember(engine: Engine, body: Body) -> dict[str, Any]:
    """Keep what somebody said."""
    from satchel.context.remember import Saying  # loaded with the engine

    saying = Saying(
        text=field(body, "text", str),
        kind=optional(body, "kind", str),
        source=field(body, "source", str, "user"),
        everywhere=field(body, "everywhere", bool, False),
        globs=tuple(strings(body, "globs")),
        subject=optional(body, "subject", str),
        aliases=tuple(strings(body, "aliases")),
        pinned=field(body, "pinned", bool, False),
        is_open=field(body, "open", bool, False),
        since=optional(body, "since", str),
        supersedes=tuple(strings(body, "supersedes")),
    )
    return remembered_json(engine.memory.remember(saying, path=path_if_any(body)))


def recall(engine: Engine, body: Body) -> dict[str, Any]:
    """Find records by what they are about; an empty query lists the newest."""
    query, where, most = field(body, "query", str), path(body), limit(body)
    as_of, closed = optional(body, "as_of", str), field(body, "all", bool, False)
    if query.strip():
        found = engine.memory.recall(query, path=where, limit=most, as_of=as_of, closed=closed)
        return {"records": [chosen_json(chosen) for chosen in found]}
    status = None if closed or as_of is not None else "current"
    listed = engine.memory.records(where, status=status, as_of=as_of)
    return {"records": _records(listed[:most])}


def records(engine: Engine, body: Body) -> dict[str, Any]:
    """List records."""
    listed = engine.memory.records(
        path(body),
        kind=optional(body, "kind", str),
        status=optional(body, "status", str),
        as_of=optional(body, "as_of", str),
    )
    return {"records": _records(listed)}


def history(engine: Engine, body: Body) -> dict[str, Any]:
    """Tell a record's chain."""
    told = engine.memory.history(field(body, "id", str), path=path_if_any(body))
    return history_json(told)


def confirm(engine: Engine, body: Body) -> dict[str, Any]:
    """Let the user stand by records."""
    kept = engine.memory.confirm(strings(body, "ids"), path=path_if_any(body))
    return {"confirmed": [remembered_json(each) for each in kept]}


def pin(engine: Engine, body: Body) -> dict[str, Any]:
    """Pin records, or let them loose."""
    off = field(body, "off", bool, False)
    changed = engine.memory.pin(strings(body, "ids"), path=path_if_any(body), off=off)
    return {"records": _records(changed)}


def supersede(engine: Engine, body: Body) -> dict[str, Any]:
    """Let a record take another's place."""
    old, new = field(body, "old", str), field(body, "new", str)
    return remembered_json(engine.memory.supersede(old, new, path=path_if_any(body)))


def conflicts(engine: Engine, body: Body) -> dict[str, Any]:
    """List the records that contradict each other."""
    found = engine.memory.conflicts(path=path(body))
    return {"conflicts": [conflict_json(conflict) for conflict in found]}


def scan(engine: Engine, body: Body) -> dict[str, Any]:
    """Look for secrets in what is kept; `mask` puts something in their place."""
    mask = field(body, "mask", bool, False)
    hits = engine.archive.scan(path=path(body), mask=mask)
    return {"found": [hit_json(hit) for hit in hits], "masked": mask and bool(hits)}


def take_in(engine: Engine, body: Body) -> dict[str, Any]:
    """Import a file of records."""
    told = engine.archive.take_in(
        path(body, "file"), path=path(body), trusted=field(body, "trust", bool, False)
    )
    return imported_json(told)


CALLS: dict[str, Call] = {
    "remember": remember,
    "recall": recall,
    "records": records,
    "history": history,
    "confirm": confirm,
    "pin": pin,
    "supersede": supersede,
    "conflicts": conflicts,
    "scan": scan,
    "import": take_in,
}
"""Routes by their last part. What they do to files or what streams is in `routes`."""


async def called(call: Call, engine: Engine, request: Request) -> dict[str, Any]:
    """Read the body and make one call in a worker thread."""
    body = await json_of(request)
    return await run_sync(lambda: call(engine, body))


async def export_events(engine: Engine, where: str, everywhere: bool) -> Events:
    """Yield the lines of an export, then how many records that were."""
    lines = await run_sync(lambda: engine.archive.export(path=where, everywhere=everywhere))
    for line in lines:
        yield {"event": "line", "text": line}
    yield {"event": "done", "records": len(lines) - 1}


def _records(found: Iterable[Any]) -> list[dict[str, Any]]:
    return [record_json(record) for record in found]
