"""`satchel connect`, `disconnect` and `clients`, as somebody at a shell runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Said, User

OLD = '{\n  // mine\n  "mcpServers": {}\n}\n'


@pytest.fixture
def cursor(user: User, tmp_path: Path) -> Path:
    """The configuration of an installed Cursor, in a user's folder of its own."""
    path = tmp_path / "person" / ".cursor" / "mcp.json"
    path.parent.mkdir(parents=True)
    path.write_text(OLD)
    return path


def runs(user: User, cursor: Path, *words: str) -> Said:
    place = str(cursor.parents[1])
    return user.runs(*words, HOME=place, USERPROFILE=place, PATH="/usr/bin:/bin")


def test_without_an_answer_the_changes_are_shown_and_none_is_made(user: User, cursor: Path) -> None:
    said = runs(user, cursor, "connect")
    assert said.status == 2
    assert '+    "satchel": {' in said.out
    assert "add --yes" in said.err
    assert cursor.read_text() == OLD
    assert not (user.home / "connected").exists()


def test_a_dry_run_shows_the_changes_and_makes_none(user: User, cursor: Path) -> None:
    said = runs(user, cursor, "connect", "--dry-run")
    assert said.status == 0
    assert "this would be 1 file" in said.out
    assert cursor.read_text() == OLD
    assert not user.home.exists()


def test_what_is_installed_is_connected_listed_and_disconnected(user: User, cursor: Path) -> None:
    done = runs(user, cursor, "connect", "--yes")
    assert (done.status, done.err.count("left alone")) == (0, 0)
    assert "Connected: Cursor." in done.out
    assert "`satchel index`" in done.err  # no folder was accepted yet
    assert "// mine" in cursor.read_text()
    assert "Connected already: Cursor." in runs(user, cursor, "connect").out

    rows = runs(user, cursor, "clients", "--json", "--in", str(cursor.parents[1])).json["clients"]
    [row] = [row for row in rows if row["connected"]]
    assert not row["in_project"]  # the user's own folder is none
    assert (row["name"], row["installed"], row["file"]) == ("cursor", True, str(cursor))
    assert "cursor" in runs(user, cursor, "clients").out

    gone = runs(user, cursor, "disconnect", "--yes")
    assert "Disconnected: Cursor." in gone.out
    assert cursor.read_text() == OLD
    assert "Nothing is connected." in runs(user, cursor, "disconnect").out


def test_where_no_client_is_installed_it_is_said_how_to_go_on(user: User, tmp_path: Path) -> None:
    said = user.runs("connect", HOME=str(tmp_path), USERPROFILE=str(tmp_path), PATH="/usr/bin:/bin")
    assert said.status == 0
    assert "No client was found" in said.out
    assert "`satchel clients`" in said.err


def test_json_is_one_object_with_the_exact_diff(user: User, cursor: Path) -> None:
    told = runs(user, cursor, "connect", "cursor", "--yes", "--json").json
    [change] = told["changes"]
    assert (told["done"], told["left"], change["clients"]) == (True, [], ["cursor"])
    assert change["diff"].startswith(f"--- {cursor}\n+++ {cursor}\n@@")
    assert change["path"] == change["target"] == str(cursor)


def test_a_file_that_is_left_alone_is_said_and_the_others_are_connected(
    user: User, cursor: Path
) -> None:
    broken = cursor.parents[1] / ".codex" / "config.toml"
    broken.parent.mkdir()
    broken.write_text("a = \n")
    said = runs(user, cursor, "connect", "--yes")
    assert said.status == 1
    assert "left alone: ~/.codex/config.toml: it cannot be read as TOML" in said.err
    assert "next: mend it" in said.err
    assert broken.read_text() == "a = \n"
    assert "satchel" in cursor.read_text()


def test_a_project_gets_the_plain_name(user: User, cursor: Path) -> None:
    assert runs(user, cursor, "connect", "claude-code", "--project", "--yes").status == 0
    entry = json.loads((user.folder / ".mcp.json").read_text())["mcpServers"]["satchel"]
    assert entry == {"type": "stdio", "command": "satchel", "args": ["mcp"]}
    assert cursor.read_text() == OLD
    runs(user, cursor, "disconnect", "--project", "--yes")
    assert not list(user.folder.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("connect", "emacs"), "no client is called 'emacs'"),
        (("disconnect", "emacs"), "no client is called 'emacs'"),
        (("connect", "windsurf", "--project"), "Windsurf keeps no servers in a project"),
        (("connect", "--in", "."), "--in is for --project"),
        (("connect", "--project", "--in", "nowhere"), "is not a folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_answered_with_a_sentence(
    user: User, cursor: Path, words: tuple[str, ...], said: str
) -> None:
    told = runs(user, cursor, *words)
    assert told.status == 2
    assert said in told.err


def test_what_to_paste_is_printed_and_nothing_is_changed(user: User, cursor: Path) -> None:
    said = runs(user, cursor, "connect", "cursor", "goose", "--print")
    assert "cursor://anysphere.cursor-deeplink/mcp/install?name=satchel&config=" in said.out
    assert "extensions:\n  satchel:\n" in said.out
    assert "Any other client" in said.out
    assert cursor.read_text() == OLD
    told = runs(user, cursor, "connect", "vscode", "--print", "--json").json
    assert told["clients"][0]["link"].startswith("vscode:mcp/install?")
    assert json.loads(told["other"])["mcpServers"]["satchel"]["args"] == ["mcp"]


def test_what_to_paste_says_what_connecting_writes_besides(user: User, cursor: Path) -> None:
    said = runs(user, cursor, "connect", "codex", "goose", "--print").out
    told = [line for line in said.splitlines() if line.startswith("This is the MCP server alone")]
    assert told == [
        "This is the MCP server alone; `satchel connect codex` also writes ~/.codex/hooks.json"
        " (hooks)."
    ]


def test_uninstalling_disconnects_first(user: User, cursor: Path) -> None:
    runs(user, cursor, "connect", "--yes")
    shown = runs(user, cursor, "uninstall", "--dry-run")
    assert str(cursor) in shown.out
    told = runs(user, cursor, "uninstall", "--yes", "--json").json
    assert told["disconnected"] == [str(cursor)]
    assert cursor.read_text() == OLD
    assert not user.home.exists()


def test_uninstalling_stops_at_a_configuration_that_cannot_be_read(
    user: User, cursor: Path
) -> None:
    runs(user, cursor, "connect", "--yes")
    cursor.write_text("{")
    said = runs(user, cursor, "uninstall", "--yes")
    assert said.status == 4
    assert "names Satchel and was left alone" in said.err
    assert (user.home / "connected" / "state.json").exists()
