"""The table of clients: where each keeps its MCP servers and its hooks, and in which form.

Nothing here touches a disk or starts a program. A place is a template over `roots`; of several
for one purpose, the first that exists is taken, else the first. The forms are those of the clients'
own documentation and programs (Claude Code 2.1.330, Codex 0.169, Gemini CLI 0.61, Copilot CLI
1.0.102, OpenCode 1.18.33, Qwen Code 0.24) and, for the others, of their documentation.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from satchel.base.errors import BadInput
from satchel.tools.client_texts import (
    CURSOR_RULE,
    OPENCODE_NPMRC,
    OPENCODE_PLUGIN,
    VSCODE_RULE,
)

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


# --- the forms --------------------------------------------------------------------------------

_PLAIN: Final = {"command": COMMAND, "args": ARGUMENTS, "env": ENVIRONMENT}
_STDIO: Final = {"type": "stdio", **_PLAIN}

_CLAUDE_EVENTS: Final = (
    ("SessionStart", ""),
    ("UserPromptSubmit", ""),
    ("PreToolUse", "Edit|Write|MultiEdit|NotebookEdit"),
    ("SessionEnd", ""),
)

CLIENTS: Final = (
    Client(
        name="claude-code",
        title="Claude Code",
        command="claude",
        signs=("{claude}",),
        servers=Servers(
            "json",
            ("mcpServers",),
            _STDIO,
            user=("{claude_json}/.claude.json",),
            project=(".mcp.json",),
        ),
        hooks=Hooks(
            "claude",
            _CLAUDE_EVENTS,
            ("{claude}/settings.json",),
            (".claude/settings.json",),
            beside=(("PostToolUse", "Read"),),
        ),
    ),
    Client(
        name="codex",
        title="Codex",
        command="codex",
        signs=("{codex}",),
        servers=Servers(
            "toml",
            ("mcp_servers",),
            _PLAIN,
            user=("{codex}/config.toml",),
            project=(".codex/config.toml",),
        ),
        hooks=Hooks(
            "codex",
            (
                ("SessionStart", ""),
                ("UserPromptSubmit", ""),
                ("PreToolUse", "apply_patch|Edit|Write"),
                ("SessionEnd", ""),
            ),
            ("{codex}/hooks.json",),
            (".codex/hooks.json",),
            trusted=("hooks", "state"),
        ),
        after="when it starts next, it asks whether to trust these hooks; until then it skips them",
    ),
    Client(
        name="gemini",
        title="Gemini CLI",
        command="gemini",
        signs=("{gemini}/settings.json", "{gemini}/tmp"),
        servers=Servers(
            "json",
            ("mcpServers",),
            _PLAIN,
            user=("{gemini}/settings.json",),
            project=(".gemini/settings.json",),
        ),
        hooks=Hooks(
            "gemini",
            (
                ("SessionStart", ""),
                ("BeforeAgent", ""),
                ("BeforeTool", "replace|write_file"),
                ("SessionEnd", ""),
            ),
            ("{gemini}/settings.json",),
            (".gemini/settings.json",),
            named=True,
            per_second=1000,
        ),
    ),
    Client(
        name="copilot",
        title="Copilot CLI",
        command="copilot",
        signs=("{copilot}",),
        servers=Servers(
            "json",
            ("mcpServers",),
            {"type": "local", **_PLAIN, "tools": ["*"]},
            user=("{copilot}/mcp-config.json",),
            project=(".mcp.json",),
            shared=_STDIO,
        ),
        hooks=Hooks(
            "copilot",
            (
                ("SessionStart", ""),
                ("UserPromptSubmit", ""),
                ("PreToolUse", "Edit|Write|MultiEdit|edit|create|str_replace_editor|apply_patch"),
                ("SessionEnd", ""),
            ),
            ("{copilot}/hooks/satchel.json",),
            (".github/hooks/satchel.json",),
            own=True,
        ),
    ),
    Client(
        name="opencode",
        title="OpenCode",
        command="opencode",
        signs=("{opencode}",),
        servers=Servers(
            "json",
            ("mcp",),
            {"type": "local", "command": LINE, "environment": ENVIRONMENT, "enabled": True},
            user=(
                "{opencode}/opencode.jsonc",
                "{opencode}/opencode.json",
                "{opencode}/config.json",
            ),
            project=(
                "opencode.json",
                "opencode.jsonc",
                ".opencode/opencode.json",
                ".opencode/opencode.jsonc",
            ),
        ),
        pages=(
            Page(
                OPENCODE_PLUGIN, ("{opencode}/plugin/satchel.js",), (".opencode/plugin/satchel.js",)
            ),
            Page(OPENCODE_NPMRC, ("{opencode}/.npmrc",), (".opencode/.npmrc",), spare=True),
        ),
    ),
    Client(
        name="qwen",
        title="Qwen Code",
        command="qwen",
        signs=("{qwen}",),
        servers=Servers(
            "json",
            ("mcpServers",),
            {**_PLAIN, "alwaysLoadTools": True},
            user=("{qwen}/settings.json",),
            project=(".qwen/settings.json",),
        ),
        hooks=Hooks(
            "qwen",
            (
                ("SessionStart", ""),
                ("UserPromptSubmit", ""),
                ("PreToolUse", "Edit|Write|edit|write_file|replace"),
                ("SessionEnd", ""),
            ),
            ("{qwen}/settings.json",),
            (".qwen/settings.json",),
            named=True,
            per_second=1000,
        ),
    ),
    Client(
        name="cursor",
        title="Cursor",
        command="cursor",
        signs=("{home}/.cursor",),
        servers=Servers(
            "json",
            ("mcpServers",),
            _STDIO,
            user=("{home}/.cursor/mcp.json",),
            project=(".cursor/mcp.json",),
        ),
        pages=(Page(CURSOR_RULE, project=(".cursor/rules/satchel.mdc",)),),
        link="cursor://anysphere.cursor-deeplink/mcp/install?{named_config_base64}",
    ),
    Client(
        name="vscode",
        title="VS Code",
        command="code",
        signs=("{code}",),
        servers=Servers(
            "json",
            ("servers",),
            _STDIO,
            user=("{code}/mcp.json",),
            project=(".vscode/mcp.json",),
        ),
        pages=(
            Page(
                VSCODE_RULE,
                ("{code}/prompts/satchel.instructions.md",),
                (".github/instructions/satchel.instructions.md",),
            ),
        ),
        link="vscode:mcp/install?{json}",
    ),
    Client(
        name="claude-desktop",
        title="Claude Desktop",
        signs=("{appdata}/Claude",),
        servers=Servers(
            "json",
            ("mcpServers",),
            _PLAIN,
            user=("{appdata}/Claude/claude_desktop_config.json",),
        ),
        after="restart Claude Desktop",
    ),
    Client(
        name="windsurf",
        title="Windsurf",
        command="windsurf",
        signs=("{home}/.codeium/windsurf",),
        servers=Servers(
            "json",
            ("mcpServers",),
            _PLAIN,
            user=("{home}/.codeium/windsurf/mcp_config.json",),
        ),
    ),
    Client(
        name="zed",
        title="Zed",
        command="zed",
        signs=("{zed}",),
        servers=Servers(
            "json",
            ("context_servers",),
            {
                "source": "custom",
                "command": COMMAND,
                "args": ARGUMENTS,
                "env": ENVIRONMENT_ALWAYS,
            },
            user=("{zed}/settings.json",),
            project=(".zed/settings.json",),
        ),
    ),
    Client(
        name="cline",
        title="Cline",
        command="cline",
        signs=("{cline}", "{code}/globalStorage/saoudrizwan.claude-dev"),
        servers=Servers(
            "json",
            ("mcpServers",),
            _PLAIN,
            user=(
                "{code}/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
                "{cline}/data/settings/cline_mcp_settings.json",
            ),
        ),
    ),
    Client(
        name="goose",
        title="goose",
        command="goose",
        signs=("{goose}",),
        servers=Servers(
            "yaml",
            ("extensions",),
            {
                "name": NAME,
                "description": "Context from your own repositories",
                "type": "stdio",
                "cmd": COMMAND,
                "args": ARGUMENTS,
                "envs": ENVIRONMENT_ALWAYS,
                "enabled": True,
                "timeout": 300,
            },
            user=("{goose}/config.yaml",),
        ),
        link="goose://extension?{goose}",
    ),
    Client(
        name="lm-studio",
        title="LM Studio",
        command="lms",
        signs=("{home}/.lmstudio",),
        servers=Servers("json", ("mcpServers",), _PLAIN, user=("{home}/.lmstudio/mcp.json",)),
        link="lmstudio://add_mcp?{named_config_base64}",
    ),
)

BY_NAME: Final = {client.name: client for client in CLIENTS}


def patience(event: str) -> int:
    """Return how many seconds a client is to wait for a hook."""
    return PATIENCE_AT_END_S if event == "SessionEnd" else PATIENCE_S


def named(name: str) -> Client:
    """Return the client of that name. Raises BadInput."""
    if name not in BY_NAME:
        raise BadInput(
            "unknown-client", f"no client is called {name!r}", f"one of {', '.join(BY_NAME)}"
        )
    return BY_NAME[name]


# --- places -----------------------------------------------------------------------------------


def roots(
    person: Path, environment: Mapping[str, str], system: str = sys.platform
) -> dict[str, Path]:
    """Return the folders that clients keep their own below, by the name of each."""

    def told(variable: str, usual: Path) -> Path:
        value = environment.get(variable)
        path = Path(value) if value else usual
        return path if path.is_absolute() else usual

    config = told("XDG_CONFIG_HOME", person / ".config")
    appdata = config
    if system == "darwin":
        appdata = person / "Library" / "Application Support"
    elif system == "win32":
        appdata = told("APPDATA", person / "AppData" / "Roaming")
    is_windows = system == "win32"
    return {
        "home": person,
        "appdata": appdata,
        "code": appdata / "Code" / "User",
        "claude": told("CLAUDE_CONFIG_DIR", person / ".claude"),
        "claude_json": told("CLAUDE_CONFIG_DIR", person),
        "codex": told("CODEX_HOME", person / ".codex"),
        "copilot": told("COPILOT_HOME", person / ".copilot"),
        "gemini": told("GEMINI_CLI_HOME", person) / ".gemini",
        "qwen": person / ".qwen",
        "opencode": config / "opencode",
        "cline": told("CLINE_DIR", person / ".cline"),
        "zed": appdata / "Zed" if is_windows else config / "zed",
        "goose": (appdata / "Block" / "goose" / "config" if is_windows else config / "goose"),
    }


def candidates(places: Places, roots: Mapping[str, Path], project: Path | None) -> list[Path]:
    """Return the paths that a row names, for the user or below a project."""
    if project is not None:
        return [project / place for place in places]
    return [Path(place.format_map({k: str(v) for k, v in roots.items()})) for place in places]
