"""The table of clients: where each keeps its MCP servers and its hooks, and in which form.

Nothing here touches a disk or starts a program. A place is a template over `places.roots`; of
several for one purpose, the first that exists is taken, else the first. The forms are those of the
clients' own documentation and programs (Claude Code 2.1.330, Codex 0.169, Gemini CLI 0.61, Copilot
CLI 1.0.102, OpenCode 1.18.33, Qwen Code 0.24) and, for the others, of their documentation.
"""

from __future__ import annotations

from typing import Final

from satchel.base.errors import BadInput
from satchel.tools.client_rows import (
    ARGUMENTS,
    COMMAND,
    ENVIRONMENT,
    ENVIRONMENT_ALWAYS,
    LINE,
    NAME,
    Client,
    Hooks,
    Page,
    Servers,
)
from satchel.tools.client_texts import (
    CURSOR_RULE,
    OPENCODE_NPMRC,
    OPENCODE_PLUGIN,
    VSCODE_RULE,
)

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


def named(name: str) -> Client:
    """Return the client of that name. Raises BadInput."""
    if name not in BY_NAME:
        raise BadInput(
            "unknown-client", f"no client is called {name!r}", f"one of {', '.join(BY_NAME)}"
        )
    return BY_NAME[name]
