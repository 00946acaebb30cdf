"""The context engine as MCP tools and resources: an adapter, nothing else.

Four tools, whose names, descriptions and schemas together stay under 600 tokens: a client sends
them with every request. Answers are text alone, because clients that get structured content as
well show both to the model. Descriptions are fixed; what is retrieved is labelled as data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any, Protocol
from urllib.parse import unquote

from mcp.server import MCPServer
from mcp.server.caching import CacheHint
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.types import ASGIApp, Receive, Scope, Send

from satchel import __version__
from satchel.base.errors import BadInput, SatchelError
from satchel.base.text import one_line
from satchel.context.aftermath import Asker, Door
from satchel.context.mcp_texts import briefed, recalled, remembered, sentence
from satchel.context.mcp_tools import tool
from satchel.context.remember import Remembered, Saying
from satchel.context.types import ChosenRecord, Packet, Record
from satchel.context.wire import record_json

WORKSPACE_HEADER = b"x-satchel-workspace"
SESSION = "satchel/session"  # in a call's `_meta`: a client's name for the session it is in

INSTRUCTIONS = (
    "Satchel knows this workspace: its code, history, decisions, rules and preferences. "
    "Call get_context once, early, with the user's request in their own words, before searching "
    "or editing files; it names the files and the decisions that matter. Call remember when the "
    "user states a decision, preference or rule that should outlast this session."
)


class Memory(Protocol):
    """What the adapter asks of records."""

    def remember(self, saying: Saying, *, path: str | None = None) -> Remembered:
        """Keep what somebody said."""
        ...

    def recall(self, text: str, *, path: str, limit: int) -> list[ChosenRecord]:
        """Find records, best first."""
        ...

    def forget(self, ids: Sequence[str], *, path: str | None, source: str = "user") -> list[Record]:
        """Delete records; a model deletes only what models proposed."""
        ...

    def records(self, path: str, *, status: str | None = None) -> list[Record]:
        """List the records that hold for a workspace."""
        ...


class Knowledge(Protocol):
    """What the adapter asks of the context engine. All calls may come from any thread."""

    @property
    def memory(self) -> Memory:
        """What can be asked of records."""
        ...

    def brief(
        self,
        text: str,
        path: str,
        *,
        budget: int | None,
        files: int,
        session: str | None = None,
        diff: str | None = None,
        asker: Asker | None = None,
    ) -> Packet:
        """Answer a request with a packet; within one `session` nothing is handed over twice, and
        with an `asker` it is kept."""
        ...


_folder: ContextVar[str | None] = ContextVar("folder", default=None)

Folder = Annotated[str | None, Field(description="default: where you work")]


def server(
    knowledge: Knowledge,
    opened: Callable[[str], None] = lambda top: None,
    folder: str | None = None,
) -> MCPServer[Any]:
    """Build the server over `knowledge`.

    `opened` is told the top of each workspace that a briefing read. `folder` stands in for the
    caller's working folder where no request brings one (in-process use).
    """

    def get_context(
        ctx: Context[Any, Any],
        request: Annotated[str, Field(description="the user's request, in full")],
        workspace: Folder = None,
        budget: Annotated[int | None, Field(description="tokens")] = None,
        diff: Annotated[str | None, Field(description="pending edit, unified")] = None,
    ) -> str:
        session = _session(ctx)
        packet = knowledge.brief(
            request,
            _top(workspace, folder),
            budget=budget,
            files=0,
            session=session,
            diff=diff,
            asker=Asker(Door.MCP, _client(ctx), session or ""),
        )
        opened(packet.workspace)
        return briefed(packet)

    def remember(
        text: str,
        kind: str | None = None,
        supersedes: Annotated[str | None, Field(description="an id")] = None,
        workspace: Folder = None,
    ) -> str:
        ended = (supersedes,) if supersedes else ()
        saying = Saying(text, kind=kind, source="agent", supersedes=ended)
        return remembered(knowledge.memory.remember(saying, path=_top(workspace, folder)))

    def recall(query: str, limit: int | None = None, workspace: Folder = None) -> str:
        top = _top(workspace, folder)
        return recalled(knowledge.memory.recall(query, path=top, limit=limit or 10))

    def forget(id: str, workspace: Folder = None) -> str:
        gone = knowledge.memory.forget([id], path=_top(workspace, folder), source="agent")
        return f"Forgot {', '.join(record.id for record in gone)}."

    tools = [
        tool(
            get_context,
            "Briefing for a request about this workspace: which files, symbols and lines it "
            "touches, which decisions, rules and preferences apply, what contradicts it. "
            "Call before searching or editing. Local, fast.",
            ToolAnnotations(read_only_hint=True, open_world_hint=False),
        ),
        tool(
            remember,
            "Keep a decision, preference, rule, fact or note (kind) for later sessions. "
            "The user confirms. Answers with what it contradicts.",
            ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False),
        ),
        tool(
            recall,
            "Search what was remembered.",
            ToolAnnotations(read_only_hint=True, open_world_hint=False),
        ),
        tool(
            forget,
            "Delete one of your own unconfirmed proposals by id, for good.",
            ToolAnnotations(
                read_only_hint=False,
                destructive_hint=True,
                idempotent_hint=True,
                open_world_hint=False,
            ),
        ),
    ]
    built: MCPServer[Any] = MCPServer(
        "satchel",
        title="Satchel",
        version=__version__,
        instructions=INSTRUCTIONS,
        tools=tools,
        subscriptions=False,  # the lists below never change
        cache_hints={
            "tools/list": CacheHint(ttl_ms=3_600_000, scope="public"),
            "server/discover": CacheHint(ttl_ms=3_600_000, scope="public"),
        },
    )

    @built.resource(
        "satchel://records",
        name="records",
        description="Every record that holds for this workspace.",
        mime_type="application/json",
    )
    def records() -> str:
        return _json([record_json(record) for record in _records(knowledge, folder, "current")])

    @built.resource(
        "satchel://record/{id}",
        name="record",
        description="One record, with its source, scope and dates.",
        mime_type="application/json",
    )
    def record(id: str) -> str:
        for held in _records(knowledge, folder, None):
            if held.id == id:
                return _json(record_json(held))
        raise ResourceNotFoundError(f"there is no record {id!r} in this workspace")

    return built


def app(built: MCPServer[Any], hosts: Sequence[str], asks: bool = False) -> tuple[ASGIApp, Any]:
    """Return the ASGI app at /mcp, and its lifespan as a context manager to enter first.

    Stateless in both protocol eras: a request carries all that is needed, so a daemon that was
    restarted goes on serving its clients. `hosts` are the exact Host values that it answers to;
    the daemon's own guard checks them before, and this checks them again.

    `asks` says that a tool asks its client something while it runs. Before 2026-07-28 the reply is
    a request of its own, which finds its way by a session: only then are there sessions. None of
    our own tools asks.
    """
    mounted = built.streamable_http_app(
        streamable_http_path="/mcp",
        stateless_http=not asks,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=list(hosts),
            allowed_origins=[f"http://{host}" for host in hosts],
        ),
    )

    async def placed(scope: Scope, receive: Receive, send: Send) -> None:
        """Note the caller's working folder for the tools that this request calls."""
        given = dict(scope["headers"]).get(WORKSPACE_HEADER)
        token = _folder.set(
            unquote(given.decode("latin-1"), errors="surrogateescape") if given else None
        )
        try:
            await mounted(scope, receive, send)
        finally:
            _folder.reset(token)

    return placed, mounted.router.lifespan_context(mounted)


def _top(workspace: str | None, fallback: str | None) -> str:
    """Return the folder that a call is about: the one it names, else the caller's own."""
    here = _folder.get() or fallback
    named = Path(here, workspace) if here and workspace else Path(workspace or here or "")
    if not named.is_absolute():
        raise BadInput(
            "no-workspace",
            "it is not known which folder this is about",
            "pass `workspace` as an absolute path, or send the header X-Satchel-Workspace",
        )
    return str(named)


def _session(ctx: Context[Any, Any]) -> str | None:
    """Return the session that a call names."""
    named = (ctx.request_context.meta or {}).get(SESSION)
    return named if isinstance(named, str) else None


def _client(ctx: Context[Any, Any]) -> str:
    """Return what the client calls itself, "" where the call does not say."""
    told = ctx.session.client_params
    return one_line(told.client_info.name) if told is not None else ""


def _records(knowledge: Knowledge, folder: str | None, status: str | None) -> list[Record]:
    try:
        return knowledge.memory.records(_top(None, folder), status=status)
    except SatchelError as error:
        raise ResourceError(sentence(error)) from None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
