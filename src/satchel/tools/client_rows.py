"""What a row of the table of clients holds, and how a client is to start us. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

NAME: Final = "satchel"
"""The name of our entry in every client's configuration."""

COMMAND: Final = "{command}"  # in a template of an entry: the program
ARGUMENTS: Final = "{arguments}"  # its arguments, a list
LINE: Final = "{line}"  # both, a list
ENVIRONMENT: Final = "{environment}"  # a mapping; its key goes where there is none
ENVIRONMENT_ALWAYS: Final = "{environment!}"  # a mapping, empty or not

Template: TypeAlias = Mapping[str, Any]
Places: TypeAlias = tuple[str, ...]

PATIENCE_S: Final = 10  # seconds; the hook itself gives up far sooner
PATIENCE_AT_END_S: Final = 3  # Codex warns of more


@dataclass(frozen=True, slots=True)
class Program:
    """How a client is to start us: what connects it, and what its hooks run."""

    serve: tuple[str, ...]
    hook: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


ON_PATH: Final = Program((NAME, "mcp"), ("satchel-hook",))
"""Our commands by their names alone."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where a client keeps MCP servers, and the form of one."""

    format: str  # json | toml | yaml; json takes comments and trailing commas
    under: tuple[str, ...]  # the names that lead to the mapping of servers
    entry: Template
    user: Places
    project: Places = ()
    shared: Template | None = None  # the form in a project, where another client reads it too


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where a client keeps hooks: groups in lists, one an event, below `hooks` of a JSON file.

    `events` are names with the tools that each is for ("" for all); `speaks` is the form of
    `satchel-hook` that the client takes. `beside` are events that the client tells in the
    background, so that no tool waits. `own`: the file is ours alone. `per_second` is the unit of
    its timeouts. `trusted` leads to what the client notes of hooks that its user trusts, in the
    file of its servers.
    """

    speaks: str
    events: tuple[tuple[str, str], ...]
    user: Places
    project: Places
    beside: tuple[tuple[str, str], ...] = ()
    own: bool = False
    named: bool = False
    per_second: int = 1
    trusted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A file that is ours alone: rules for the model, or a plugin of the client's.

    `spare`: it is only made where there is none; one that is there is not asked about.
    """

    text: str
    user: Places = ()
    project: Places = ()
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """An application that speaks MCP. `signs` are folders that it makes; `command` is on PATH."""

    name: str
    title: str
    servers: Servers
    signs: Places
    command: str = ""
    hooks: Hooks | None = None
    pages: tuple[Page, ...] = ()
    link: str = ""
    after: str = ""  # what the user still has to do


def patience(event: str) -> int:
    """Return how many seconds a client is to wait for a hook."""
    return PATIENCE_AT_END_S if event == "SessionEnd" else PATIENCE_S
