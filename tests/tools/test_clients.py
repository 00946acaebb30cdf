"""The table of clients: every row can be filled in, and what was written is known again."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from satchel.base.errors import BadInput
from satchel.tools import clients, entries
from satchel.tools.client_rows import Client, Program
from satchel.tools.clients import CLIENTS
from satchel.tools.edit.change import look
from satchel.tools.edit.formats import FORMATS
from satchel.tools.hook_forms import FORMS
from satchel.tools.places import candidates, roots

START = Program(("/opt/sa tchel/satchel", "mcp"), ("/opt/sa tchel/satchel-hook",))
AWAY = Program(START.serve, START.hook, {"SATCHEL_HOME": "/mnt/it's mine"})
EACH = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
HOOKED = [client for client in CLIENTS if client.hooks is not None]


def test_names_are_unique_and_said_in_the_help() -> None:
    from satchel.cli import connect_options

    assert len(clients.BY_NAME) == len(CLIENTS)
    assert ", ".join(clients.BY_NAME) == connect_options._NAMES


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(BadInput) as caught:
        clients.named("emacs")
    assert "claude-code" in caught.value.next_step


@EACH
@pytest.mark.parametrize("program", [START, AWAY], ids=["usual home", "another home"])
def test_an_entry_is_filled_in_and_known_as_ours(client: Client, program: Program) -> None:
    for in_project in (False, True):
        entry = entries.entry(client, program, in_project)
        told = json.dumps(entry)
        assert "{" + "command" not in told
        assert "/opt/sa tchel/satchel" in told
        assert ("SATCHEL_HOME" in told) == bool(program.environment)
        assert entries.serves(entry)
        assert entries.serves({**entry, "timeout": 1})


@pytest.mark.parametrize(
    "entry",
    [
        {"command": "npx", "args": ["satchel", "serve"]},
        {"command": "/opt/other", "args": ["mcp"]},
        {"url": "https://satchel.example/mcp"},
        {"command": ["node", "x.js"], "type": "local"},
        "satchel mcp",
        None,
    ],
)
def test_somebody_elses_entry_is_not_ours(entry: object) -> None:
    assert not entries.serves(entry)


@EACH
def test_a_snippet_is_of_the_clients_own_format(client: Client) -> None:
    value = FORMATS[client.servers.format].read(entries.snippet(client, AWAY))
    assert look(value, (*client.servers.under, "satchel")) == entries.entry(client, AWAY)


@EACH
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_every_place_is_below_the_users_folder(client: Client, system: str, tmp_path: Path) -> None:
    found = roots(tmp_path, {}, system)
    hooks = client.hooks.user if client.hooks else ()
    pages = [place for page in client.pages for place in page.user]
    for place in (*client.servers.user, *client.signs, *hooks, *pages):
        [path] = candidates((place,), found, None)
        assert tmp_path in path.parents


def test_the_environment_moves_places_but_not_to_a_relative_path(tmp_path: Path) -> None:
    told = {"CODEX_HOME": str(tmp_path / "c"), "XDG_CONFIG_HOME": "relative"}
    found = roots(tmp_path, told, "linux")
    assert found["codex"] == tmp_path / "c"
    assert found["opencode"] == tmp_path / ".config" / "opencode"


@pytest.mark.parametrize("client", HOOKED, ids=lambda client: client.name)
def test_hooks_speak_a_form_that_the_hook_knows_and_name_its_events(client: Client) -> None:
    assert client.hooks is not None
    form = FORMS[client.hooks.speaks]
    told = (*client.hooks.events, *client.hooks.beside)
    assert {event.lower() for event, _ in told} <= set(form.events)
    for _, group in entries.hook_groups(client, AWAY):
        assert "sa tchel/satchel-hook' --client" in json.dumps(group)
        assert "SATCHEL_HOME='/mnt/it'\\\"'\\\"'s mine'" in json.dumps(group).replace("\\\\", "\\")
        assert entries.hooks_in(group) or client.hooks.own


@pytest.mark.parametrize("name", ["claude-code", "codex", "copilot"])
def test_a_projects_hooks_fail_for_nobody_who_lacks_satchel(name: str) -> None:
    shared = Program(("satchel", "mcp"), ("satchel-hook-that-is-not-here",))
    for _, group in entries.hook_groups(clients.named(name), shared):
        [one] = group.get("hooks", [group])
        line = one.get("command") or one["bash"]
        assert subprocess.run(["sh", "-c", line], capture_output=True).returncode == 0


def test_no_tool_waits_for_what_is_only_noted() -> None:
    groups = entries.hook_groups(clients.named("claude-code"), START)
    waits = {event: "async" not in group["hooks"][0] for event, group in groups}
    assert [event for event, does in waits.items() if not does] == ["PostToolUse"]
    for client in HOOKED:
        assert client.hooks is not None
        assert {event for event, _ in client.hooks.events}.isdisjoint({"PostToolUse", "AfterTool"})


def test_links_carry_the_entry() -> None:
    cursor = entries.link(clients.named("cursor"), START)
    told = parse_qs(urlsplit(cursor).query)
    assert told["name"] == ["satchel"]
    assert json.loads(base64.b64decode(told["config"][0]))["command"] == START.serve[0]
    vscode = entries.link(clients.named("vscode"), START)
    assert json.loads(unquote(vscode.partition("?")[2]))["name"] == "satchel"
    assert "arg=mcp" in entries.link(clients.named("goose"), START)
    assert entries.link(clients.named("zed"), START) == ""


def test_a_plugin_is_javascript_with_the_command_in_it() -> None:
    [plugin, *_] = clients.named("opencode").pages
    text = entries.page_text(plugin, AWAY)
    assert 'const HOOK = ["/opt/sa tchel/satchel-hook", "--client", "opencode"]' in text
    assert "{line}" not in text
    assert "{environment}" not in text
