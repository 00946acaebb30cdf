"""What is written into a client's files, in its own form; and telling what is ours again. Pure."""

from __future__ import annotations

import base64
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from satchel.tools.client_rows import (
    ARGUMENTS,
    COMMAND,
    ENVIRONMENT,
    ENVIRONMENT_ALWAYS,
    LINE,
    NAME,
    Client,
    Page,
    Program,
    patience,
)


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
    if not (hooks.own or hooks.named or Path(program.hook[0]).is_absolute()):
        line += " || exit 0"  # who shares a project may lack Satchel, and would be told each time
    groups: list[tuple[str, dict[str, Any]]] = []
    for event, tools in (*hooks.events, *hooks.beside):
        matcher = {"matcher": tools} if tools else {}
        one: dict[str, Any] = {"type": "command"}
        if hooks.own:
            # There a hook that cannot be started forbids the edit that it was asked about.
            one |= {"bash": f"{line} || true", "powershell": f"{line}; exit 0"}
            groups.append((event, {**matcher, **one, "timeoutSec": patience(event)}))
            continue
        one |= {"name": NAME} if hooks.named else {}
        one |= {"command": line, "timeout": patience(event) * hooks.per_second}
        one |= {"async": True} if (event, tools) in hooks.beside else {}
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
    line = json.dumps([*program.hook, "--client", "opencode"], ensure_ascii=False)
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
    told: dict[str, Any] = {"command": command, "args": arguments}
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
