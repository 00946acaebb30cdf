"""The table of clients: where each keeps its MCP servers and its hooks, and in which form.

Nothing here touches a disk or starts a program. A place is a template over `roots`; of several
for one purpose, the first that exists is taken, else the first. The forms are those of the clients'
own documentation and programs (Claude Code 2.1.330, Codex 0.169, Gemini CLI 0.61, Copilot CLI
1.0.102, OpenCode 1.18.33, Qwen Code 0.24) and, for the others, of their documentation.
"""

from __future__ import annotations

import base64
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import quote, urlencode

from satchel.base.errors import BadInput

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
    `satchel-hook` that the client takes. `own`: the file is ours alone. `per_second` is the unit
    of its timeouts.
    """

    speaks: str
    events: tuple[tuple[str, str], ...]
    user: Places
    project: Places
    own: bool = False
    named: bool = False
    per_second: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """A file that is ours alone: rules for the model, or a plugin of the client's."""

    text: str
    user: Places = ()
    project: Places = ()


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

RULE: Final = """\
This workspace's files, history, decisions and rules are indexed by the MCP server `satchel`.
Its tool `get_context` takes the user's request in their own words and names the files, decisions
and conflicts that bear on it. One call before searching or editing is enough. `remember` keeps a
decision, preference or rule that the user states.
"""

_CURSOR_RULE: Final = f"""\
---
description: When to ask Satchel for context
alwaysApply: true
---
{RULE}"""

_VSCODE_RULE: Final = f"""\
---
description: When to ask Satchel for context
applyTo: "**"
---
{RULE}"""

OPENCODE_PLUGIN: Final = """\
// Written by `satchel connect opencode`; `satchel disconnect opencode` removes it.
// Before a prompt is answered, hands it to satchel-hook and adds what that prints to it.
import { spawn } from "node:child_process"

const HOOK = {line}
const ENVIRONMENT = {environment}
const PATIENCE_MS = 2000

function ask(told) {
  return new Promise((resolve) => {
    let said = ""
    const child = spawn(HOOK[0], HOOK.slice(1), {
      env: { ...process.env, ...ENVIRONMENT },
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
    })
    const timer = setTimeout(() => child.kill(), PATIENCE_MS)
    const done = () => {
      clearTimeout(timer)
      try {
        resolve(JSON.parse(said).hookSpecificOutput?.additionalContext ?? "")
      } catch {
        resolve("")
      }
    }
    child.on("error", done)
    child.on("close", done)
    child.stdin.on("error", () => {})
    child.stdout.on("data", (piece) => (said += piece))
    child.stdin.end(JSON.stringify(told))
  })
}

export const Satchel = async ({ directory }) => ({
  "chat.message": async (input, output) => {
    const texts = output.parts.filter((part) => part.type === "text" && !part.synthetic)
    if (texts.length === 0) return
    const context = await ask({
      hook_event_name: "UserPromptSubmit",
      session_id: input.sessionID,
      cwd: directory,
      prompt: texts.map((part) => part.text).join("\\n"),
    })
    if (!context) return
    const first = texts[0]
    output.parts.push({ ...first, id: first.id + "0", text: context, synthetic: true })
  },
})
"""

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
            "claude", _CLAUDE_EVENTS, ("{claude}/settings.json",), (".claude/settings.json",)
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
        ),
        after="Codex runs a hook once you trusted it: type /hooks there",
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
        pages=(Page(_CURSOR_RULE, project=(".cursor/rules/satchel.mdc",)),),
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
                _VSCODE_RULE,
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


# --- entries ----------------------------------------------------------------------------------


def entry(client: Client, program: Program, in_project: bool = False) -> dict[str, Any]:
    """Return the MCP entry of a client, in its own form."""
    servers = client.servers
    template = servers.shared if in_project and servers.shared else servers.entry
    command, *arguments = program.serve
    environment = dict(program.environment)
    values = {
        COMMAND: command,
        ARGUMENTS: arguments,
        LINE: list(program.serve),
        ENVIRONMENT: environment or None,
        ENVIRONMENT_ALWAYS: environment,
    }
    filled = {
        name: values.get(value, value) if isinstance(value, str) else value
        for name, value in template.items()
    }
    return {name: value for name, value in filled.items() if value is not None}


def hook_groups(client: Client, program: Program) -> list[tuple[str, dict[str, Any]]]:
    """Return what goes into the list of each event."""
    hooks = client.hooks
    if hooks is None:
        return []
    line = shell_line((*program.hook, "--client", hooks.speaks), program.environment)
    groups: list[tuple[str, dict[str, Any]]] = []
    for event, tools in hooks.events:
        matcher = {"matcher": tools} if tools else {}
        one: dict[str, Any] = {"type": "command"}
        if hooks.own:
            # There a hook that cannot be started forbids the edit that it was asked about.
            one |= {"bash": f"{line} || true", "powershell": f"{line}; exit 0"}
            groups.append((event, {**matcher, **one, "timeoutSec": PATIENCE_S}))
            continue
        one |= {"name": NAME} if hooks.named else {}
        one |= {"command": line, "timeout": PATIENCE_S * hooks.per_second}
        groups.append((event, {**matcher, "hooks": [one]}))
    return groups


def shell_line(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Spell a command for the shell that hooks are run by."""
    if sys.platform == "win32":
        import subprocess

        return subprocess.list2cmdline(words)
    told = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
    return " ".join([*told, shlex.join(words)])


def hooks_file(client: Client, program: Program) -> str:
    """Return the text of a file of hooks that is ours alone."""
    events = {event: [group] for event, group in hook_groups(client, program)}
    return json.dumps({"version": 1, "hooks": events}, indent=2, ensure_ascii=False) + "\n"


def page_text(page: Page, program: Program) -> str:
    """Fill in a file of ours."""
    line = json.dumps([*program.hook, "--client", "claude"], ensure_ascii=False)
    environment = json.dumps(dict(program.environment), ensure_ascii=False)
    return page.text.replace("{line}", line).replace("{environment}", environment)


def serves(value: object) -> bool:
    """Tell whether an entry of our name starts Satchel: whatever else it was given since."""
    if not isinstance(value, Mapping):
        return False
    command = value.get("command", value.get("cmd"))
    words = list(command) if isinstance(command, list) else [command, *_words(value.get("args"))]
    texts = [word for word in words if isinstance(word, str)]
    is_ours = any(_program(word) == NAME or word == "satchel.cli" for word in texts)
    return is_ours and "mcp" in texts


def hooks_in(value: object) -> bool:
    """Tell whether a group of hooks runs `satchel-hook`."""
    if not isinstance(value, Mapping):
        return False
    inner = value.get("hooks")
    ones = inner if isinstance(inner, list) else [value]
    commands = [one.get("command") for one in ones if isinstance(one, Mapping)]
    return any(isinstance(line, str) and "satchel-hook" in line for line in commands)


def _words(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _program(word: str) -> str:
    return word.replace("\\", "/").rpartition("/")[2].removesuffix(".exe")


# --- for a person to paste --------------------------------------------------------------------


def other(program: Program) -> str:
    """Return an entry in the form that most clients take."""
    command, *arguments = program.serve
    told = {"command": command, "args": arguments}
    told |= {"env": dict(program.environment)} if program.environment else {}
    return json.dumps({"mcpServers": {NAME: told}}, indent=2, ensure_ascii=False)


def snippet(client: Client, program: Program, in_project: bool = False) -> str:
    """Return the text that stands in the client's file when nothing else does."""
    from satchel.tools.edit import change, formats

    put = change.Put((*client.servers.under, NAME), entry(client, program, in_project))
    return formats.FORMATS[client.servers.format].put("", put)[0]


def link(client: Client, program: Program) -> str:
    """Return the address that opens the client and has it ask to add us; "" where it has none."""
    told = entry(client, program)
    command, *arguments = program.serve
    config = json.dumps(told, ensure_ascii=False)
    goose = [("cmd", command), *(("arg", one) for one in arguments)]
    goose += [("id", NAME), ("name", NAME), ("description", "Context from your own repositories")]
    coded = base64.b64encode(config.encode("utf-8")).decode("ascii")
    values = {
        "named_config_base64": urlencode({"name": NAME, "config": coded}),
        "json": quote(json.dumps({"name": NAME, **told}, ensure_ascii=False), safe=""),
        "goose": urlencode(goose, quote_via=quote),
    }
    return client.link.format_map(values)
