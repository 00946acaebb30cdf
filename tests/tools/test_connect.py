"""Connecting on a disk: what it leaves is what was there, whatever was there."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from satchel.base.errors import Broken, Unavailable
from satchel.base.paths import Home
from satchel.tools import clients, connected
from satchel.tools.carry import carry_out, held
from satchel.tools.client_rows import Client
from satchel.tools.clients import CLIENTS
from satchel.tools.connect import (
    Plan,
    Surroundings,
    difference,
    is_installed,
    plan_connect,
    plan_disconnect,
    program,
)
from satchel.tools.disk import Disk
from satchel.tools.edit import jsonc
from satchel.tools.places import candidates
from satchel.tools.survey import survey
from tests.tools.test_edit_json import texts

CLAUDE, CODEX, CURSOR, GOOSE = map(clients.named, ("claude-code", "codex", "cursor", "goose"))
EACH = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
OTHER = {"json": '{\n  "z": 1 // mine\n}\n', "toml": 'z = "1" # mine', "yaml": "z: 1 # mine\n"}


@dataclass(frozen=True, slots=True)
class Desk:
    """A user's folder, a project in it, and a home of ours."""

    person: Path
    home: Home

    @property
    def here(self) -> Surroundings:
        return Surroundings(self.person, {"PATH": os.defpath}, "linux")

    @property
    def project(self) -> Path:
        return self.person / "project"

    def file(self, client: Client, project: bool = False) -> Path:
        if project:
            return self.project / client.servers.project[0]
        return candidates(client.servers.user, self.here.roots, None)[0]

    def write(self, path: Path, content: bytes | str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def connect(
        self,
        *chosen: Client,
        project: bool = False,
        overwrite: bool = False,
        disk: Disk | None = None,
    ) -> Plan:
        top = self.project if project else None
        plan = plan_connect(chosen, self.here, self.home, top, overwrite)
        return carry_out(plan, self.home, disk)

    def disconnect(self, *names: str, project: bool = False, disk: Disk | None = None) -> Plan:
        top = self.project if project else None
        plan = plan_disconnect(self.here, self.home, names, top)
        return carry_out(plan, self.home, disk)

    def tree(self) -> dict[str, bytes | str | None]:
        """Everything in the user's folder: files, links, and folders."""
        found: dict[str, bytes | str | None] = {}
        for path in sorted(self.person.rglob("*")):
            name = path.relative_to(self.person).as_posix()
            if path.is_symlink():
                found[name] = str(path.readlink())
            else:
                found[name] = None if path.is_dir() else path.read_bytes()
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "person", Home(tmp_path / "home"))
    made.project.mkdir(parents=True)
    return made


def reasons(plan: Plan) -> list[str]:
    return [left.reason for left in plan.left]


# --- connect, then disconnect -----------------------------------------------------------------


@EACH
@pytest.mark.parametrize("there", ["nothing", "empty", "other"])
def test_a_client_is_connected_and_left_as_it_was(client: Client, there: str, desk: Desk) -> None:
    if there != "nothing":
        desk.write(desk.file(client), OTHER[client.servers.format] if there == "other" else "")
    before = desk.tree()
    assert not desk.connect(client).left
    assert desk.tree() != before
    assert connected.load(desk.home).files
    desk.disconnect()
    assert desk.tree() == before
    assert not connected.place(desk.home).exists()


@pytest.mark.parametrize(
    "client",
    [client for client in CLIENTS if client.servers.project],
    ids=lambda client: client.name,
)
def test_a_project_is_connected_by_the_plain_name_and_left_as_it_was(
    client: Client, desk: Desk
) -> None:
    before = desk.tree()
    assert not desk.connect(client, project=True).left
    told = b"".join(content for content in desk.tree().values() if isinstance(content, bytes))
    assert b"satchel" in told
    assert b"/satchel" not in told.replace(b"rules/satchel", b"")
    assert str(desk.person).encode() not in told
    desk.disconnect(project=True)
    assert desk.tree() == before


def test_all_at_once_and_all_away_again(desk: Desk) -> None:
    before = desk.tree()
    assert not desk.connect(*CLIENTS).left
    desk.disconnect()
    assert desk.tree() == before


@EACH
def test_connecting_again_changes_nothing(client: Client, desk: Desk) -> None:
    desk.connect(client)
    tree, state = desk.tree(), connected.load(desk.home)
    assert not desk.connect(client).changes
    assert desk.tree() == tree
    assert connected.load(desk.home) == state


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=texts(), mode=st.sampled_from([0o600, 0o644, 0o640]), linked=st.booleans())
def test_any_configuration_comes_back_byte_for_byte(
    text: str, mode: int, linked: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    top = tmp_path_factory.mktemp("desk")
    desk = Desk(top / "person", Home(top / "home"))
    path = desk.file(CLAUDE)
    target = desk.write(desk.person / "dotfiles" / "claude" if linked else path, text)
    target.chmod(mode)
    if linked:
        path.symlink_to(target)
    before = desk.tree()
    desk.connect(CLAUDE, overwrite=True)
    desk.connect(CLAUDE)
    assert stat.S_IMODE(target.stat().st_mode) == mode
    desk.disconnect()
    assert desk.tree() == before
    assert stat.S_IMODE(target.stat().st_mode) == mode


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=texts())
def test_what_the_user_wrote_since_stays_and_nothing_of_ours(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    top = tmp_path_factory.mktemp("desk")
    desk = Desk(top / "person", Home(top / "home"))
    path = desk.write(desk.file(CLAUDE), text)
    if not jsonc.read(text) or desk.connect(CLAUDE).left:
        return
    path.write_bytes(path.read_bytes() + b"\n// mine\n")
    desk.disconnect()
    left = path.read_bytes()
    assert left.endswith(b"\n// mine\n")
    assert left.removesuffix(b"\n// mine\n").rstrip(b"\r\n") == text.encode().rstrip(b"\r\n")


# --- what the user did since ------------------------------------------------------------------


def test_a_file_of_ours_with_something_of_the_users_stays_without_ours(desk: Desk) -> None:
    desk.connect(CURSOR)
    path = desk.file(CURSOR)
    told = json.loads(path.read_text())
    told["mcpServers"]["mine"] = {"command": "x"}
    path.write_text(json.dumps(told, indent=4))
    desk.disconnect()
    assert json.loads(path.read_text()) == {"mcpServers": {"mine": {"command": "x"}}}


def test_a_file_that_the_client_wrote_anew_loses_our_entry_and_is_gone_if_that_was_all(
    desk: Desk,
) -> None:
    before = desk.tree()
    desk.connect(CURSOR)
    path = desk.file(CURSOR)
    path.write_text(json.dumps(json.loads(path.read_text())))
    desk.disconnect()
    assert desk.tree() == before


def test_an_entry_of_ours_that_the_user_added_to_is_kept_up_and_then_goes(desk: Desk) -> None:
    path = desk.write(desk.file(CURSOR), "{}")
    desk.connect(CURSOR)
    told = json.loads(path.read_text())
    told["mcpServers"]["satchel"] |= {"disabled": True, "command": "/gone/satchel"}
    path.write_text(json.dumps(told))
    desk.connect(CURSOR)
    entry = json.loads(path.read_text())["mcpServers"]["satchel"]
    assert entry["disabled"] is True
    assert entry["command"] != "/gone/satchel"
    desk.disconnect()
    assert path.read_text() == "{}"


def test_an_entry_that_the_user_made_into_something_else_stays(desk: Desk) -> None:
    desk.connect(CURSOR)
    path = desk.file(CURSOR)
    path.write_text('{"mcpServers": {"satchel": {"command": "mine"}}}')
    [step] = [step for step in desk.disconnect().steps if step.snapshot.path == path]
    assert "not Satchel's any more" in step.joined.notes[0]
    assert path.read_text() == '{"mcpServers": {"satchel": {"command": "mine"}}}'


NOTE = """
[hooks.state."{hooks}:{event}:{group}:0"]
trusted_hash = "sha256:0"
"""


@pytest.mark.parametrize("mine", ["", '# mine\nmodel = "m"\n', '[hooks.state."/other:stop:0:0"]\n'])
def test_what_codex_notes_of_trusted_hooks_goes_with_them(mine: str, desk: Desk) -> None:
    path = desk.write(desk.file(CODEX), mine) if mine else desk.file(CODEX)
    hooks = desk.write(path.parent / "hooks.json", '{"hooks": {"SessionStart": [{"hooks": []}]}}')
    before = desk.tree()
    desk.connect(CODEX)
    notes = [
        NOTE.format(hooks=hooks, event=event, group=group)
        for event, group in (("session_start", 1), ("user_prompt_submit", 0))
    ]
    head = "" if "hooks.state" in mine else "\n[hooks.state]\n"
    path.write_text(path.read_text() + head + "".join(notes))
    desk.disconnect()
    assert desk.tree() == before


def test_what_codex_notes_of_the_users_own_hooks_stays(desk: Desk) -> None:
    path = desk.file(CODEX)
    hooks = desk.write(path.parent / "hooks.json", '{"hooks": {"SessionStart": [{"hooks": []}]}}')
    desk.connect(CODEX)
    note = NOTE.format(hooks=hooks, event="session_start", group=0)
    path.write_text(path.read_text() + "\n[hooks.state]\n" + note)
    desk.disconnect()
    assert path.read_text().strip() == f"[hooks.state]\n{note}".strip()


def test_a_page_that_the_user_rewrote_stays(desk: Desk) -> None:
    desk.connect(CURSOR, project=True)
    page = desk.project / ".cursor" / "rules" / "satchel.mdc"
    page.write_text("mine")
    assert any(step.joined.notes for step in desk.disconnect().steps)
    assert desk.tree()["project/.cursor/rules/satchel.mdc"] == b"mine"
    assert "project/.cursor/mcp.json" not in desk.tree()


def test_a_file_that_is_gone_is_no_trouble(desk: Desk) -> None:
    desk.connect(CURSOR)
    desk.file(CURSOR).unlink()
    assert not desk.disconnect().left
    assert not connected.load(desk.home).files


def test_folders_with_something_in_them_stay(desk: Desk) -> None:
    desk.connect(CURSOR)
    desk.write(desk.file(CURSOR).parent / "other.json", "{}")
    desk.disconnect()
    assert set(desk.tree()) == {"project", ".cursor", ".cursor/other.json"}


# --- what is left alone -----------------------------------------------------------------------

FOREIGN = '{"mcpServers": {"satchel": {"command": "/opt/another"}}}'


def test_an_entry_of_our_name_that_is_not_ours_is_left_alone(desk: Desk) -> None:
    path = desk.write(desk.file(CURSOR), FOREIGN)
    assert "is not Satchel's" in reasons(desk.connect(CURSOR))[0]
    assert path.read_text() == FOREIGN
    assert not connected.load(desk.home).files


@pytest.mark.parametrize("touched", [False, True], ids=["untouched", "touched since"])
def test_it_is_replaced_when_asked_for_and_comes_back(desk: Desk, touched: bool) -> None:
    path = desk.write(desk.file(CURSOR), FOREIGN)
    assert not desk.connect(CURSOR, overwrite=True).left
    assert "/opt/another" not in path.read_text()
    more = " \n" if touched else ""
    path.write_text(path.read_text() + more)
    desk.disconnect()
    assert path.read_text() == FOREIGN + more


@pytest.mark.parametrize(
    ("client", "content", "said"),
    [
        (CURSOR, b'{"a": ', "cannot be read as JSON (line 1"),
        (CURSOR, b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (CURSOR, b'{"mcpServers": []}', "is not a mapping"),
        (CODEX, b"a = \n", "cannot be read as TOML"),
        (CODEX, b"mcp_servers = {}\n", "cannot be edited safely"),
        (GOOSE, b"a: b: c\n", "cannot be read as YAML (line 1"),
    ],
    ids=["JSON", "UTF-16", "a list", "TOML", "inline TOML", "YAML"],
)
def test_what_cannot_be_read_or_edited_is_left_alone(
    client: Client, content: bytes, said: str, desk: Desk
) -> None:
    path = desk.write(desk.file(client), content)
    plan = desk.connect(client)
    assert said in " ".join(reasons(plan))
    assert path.read_bytes() == content
    assert str(path) not in connected.load(desk.home).files


def test_a_configuration_that_broke_since_keeps_its_undoing(desk: Desk) -> None:
    path = desk.write(desk.file(CURSOR), "{}")
    desk.connect(CURSOR)
    good = path.read_text()
    path.write_text(good[:-1])
    assert "cannot be read" in reasons(desk.disconnect())[0]
    path.write_text(good)
    desk.disconnect()
    assert path.read_text() == "{}"


def test_a_read_only_file_is_refused(desk: Desk) -> None:
    path = desk.write(desk.file(CURSOR), "{}")
    path.chmod(0o444)
    assert reasons(desk.connect(CURSOR)) == ["it is read-only"]
    assert path.read_text() == "{}"


def test_a_folder_where_a_file_should_be_is_refused(desk: Desk) -> None:
    desk.file(CURSOR).mkdir(parents=True)
    assert reasons(desk.connect(CURSOR)) == ["it is not a file"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_a_project_is_not_waited_for(desk: Desk) -> None:
    os.mkfifo(desk.project / ".mcp.json")
    assert "it is not a file" in reasons(desk.connect(CLAUDE, project=True))


def test_a_link_that_leads_out_of_the_project_is_not_followed(desk: Desk) -> None:
    secret = desk.write(desk.person / "private.json", "{}")
    (desk.project / ".mcp.json").symlink_to(secret)
    (desk.project / ".cursor").symlink_to(desk.person)
    assert all("out of the project" in one for one in reasons(desk.connect(CURSOR, project=True)))
    assert "out of the project" in reasons(desk.connect(CLAUDE, project=True))[0]
    assert secret.read_text() == "{}"
    assert not (desk.person / "mcp.json").exists()


def test_a_link_that_leads_nowhere_gets_its_target(desk: Desk) -> None:
    path = desk.file(CURSOR)
    path.parent.mkdir()
    path.symlink_to(desk.person / "dotfiles" / "cursor.json")
    before = desk.tree()
    assert not desk.connect(CURSOR).left
    assert (desk.person / "dotfiles" / "cursor.json").exists()
    desk.disconnect()
    assert desk.tree() == before


def test_a_spare_file_is_not_put_over_the_users(desk: Desk) -> None:
    opencode = clients.named("opencode")
    path = desk.write(desk.here.roots["opencode"] / ".npmrc", "registry=https://example.org\n")
    assert not desk.connect(opencode).left
    assert path.read_text() == "registry=https://example.org\n"


# --- several at one file ----------------------------------------------------------------------


def test_two_clients_share_an_entry_until_the_last_one_leaves(desk: Desk) -> None:
    copilot = clients.named("copilot")
    before = desk.tree()
    desk.connect(CLAUDE, project=True)
    desk.connect(copilot, project=True)
    path = desk.project / ".mcp.json"
    desk.disconnect("claude-code", project=True)
    assert "satchel" in json.loads(path.read_text())["mcpServers"]
    desk.disconnect("copilot", project=True)
    assert desk.tree() == before


def test_one_of_two_leaves_and_the_other_stays(desk: Desk) -> None:
    before = desk.tree()
    desk.connect(CLAUDE, CURSOR)
    desk.disconnect("cursor")
    assert not desk.file(CURSOR).exists()
    assert desk.file(CLAUDE).exists()
    desk.disconnect()
    assert desk.tree() == before


def test_what_a_lost_home_left_is_found_and_taken_out(desk: Desk) -> None:
    claude = desk.write(desk.file(CLAUDE), '{\n  "a": 1\n}')
    desk.connect(CLAUDE, CODEX, clients.named("copilot"))
    connected.place(desk.home).unlink()
    desk.disconnect()
    left = "".join(str(content) for content in desk.tree().values())
    assert "satchel" not in left
    assert json.loads(claude.read_text())["a"] == 1


def test_what_a_lost_home_left_is_connected_already(desk: Desk) -> None:
    desk.write(desk.file(CURSOR), '{\n  "a": 1\n}')
    desk.connect(CURSOR)
    connected.place(desk.home).unlink()
    assert not desk.connect(CURSOR).changes
    desk.disconnect()
    assert json.loads(desk.file(CURSOR).read_text())["a"] == 1


# --- crashes ----------------------------------------------------------------------------------


class Crash(BaseException):
    """The machine went away."""


class Failing(Disk):
    """A disk that works for so many deeds, and then no more."""

    def __init__(self, deeds: int, error: BaseException) -> None:
        self.deeds = deeds
        self.error = error

    def _spend(self) -> None:
        if self.deeds == 0:
            raise self.error
        self.deeds -= 1

    def make_folder(self, folder: Path) -> None:
        self._spend()
        super().make_folder(folder)

    def write_beside(
        self, beside: Path, content: bytes, mode: int, owner: tuple[int, int] | None
    ) -> None:
        self._spend()
        beside.write_bytes(content[: len(content) // 2])
        self._spend()
        super().write_beside(beside, content, mode, owner)

    def take_place(self, beside: Path, target: Path) -> None:
        self._spend()
        super().take_place(beside, target)

    def remove(self, target: Path) -> None:
        self._spend()
        super().remove(target)

    def keep(self, home: Home, state: connected.State) -> None:
        self._spend()
        super().keep(home, state)


def crashing(deeds: int) -> Failing:
    return Failing(deeds, Crash())


def configured(desk: Desk) -> Sequence[Path]:
    """Two files with something in them, one that is missing."""
    desk.write(desk.file(CLAUDE), '{\r\n  "a": 1, // k\r\n}')
    desk.write(desk.file(CODEX), "z = 1")
    return desk.file(CLAUDE), desk.file(CODEX), desk.file(CURSOR)


@pytest.mark.parametrize("deeds", range(26))
def test_a_crash_while_connecting_leaves_whole_files_and_can_be_undone(
    deeds: int, desk: Desk, tmp_path: Path
) -> None:
    whole = Desk(tmp_path / "other", Home(tmp_path / "home"))
    configured(whole)
    whole.connect(CLAUDE, CODEX, CURSOR)
    new = [path.read_bytes() for path in configured_paths(whole)]
    whole.disconnect()

    paths = configured(desk)
    old = [path.read_bytes() if path.exists() else None for path in paths]
    before = desk.tree()
    try:
        desk.connect(CLAUDE, CODEX, CURSOR, disk=crashing(deeds))
    except Crash:
        for path, was, is_to_be in zip(paths, old, new, strict=True):
            now = path.read_bytes() if path.exists() else None
            assert now in (was, is_to_be)
    desk.disconnect()
    assert desk.tree() == before


def configured_paths(desk: Desk) -> Sequence[Path]:
    return desk.file(CLAUDE), desk.file(CODEX), desk.file(CURSOR)


@pytest.mark.parametrize("deeds", range(16))
def test_a_crash_while_disconnecting_can_be_taken_up_again(deeds: int, desk: Desk) -> None:
    configured(desk)
    before = desk.tree()
    desk.connect(CLAUDE, CODEX, CURSOR)
    try:
        desk.disconnect("claude-code", disk=crashing(deeds))
        desk.disconnect(disk=crashing(deeds))
    except Crash:
        pass
    desk.disconnect()
    assert desk.tree() == before


@pytest.mark.parametrize("deeds", range(6))
def test_what_the_system_refuses_is_undone_and_said(deeds: int, desk: Desk) -> None:
    before = desk.tree()
    refusing = Failing(deeds, OSError(28, "No space left on device"))
    try:
        plan = desk.connect(CURSOR, disk=refusing)
    except OSError:
        pass  # the state itself could not be written again
    else:
        assert not plan.left or "No space left" in plan.left[0].reason
    desk.disconnect()
    assert desk.tree() == before


def test_a_file_that_changes_while_the_user_is_asked_is_left_alone(desk: Desk) -> None:
    path = desk.write(desk.file(CURSOR), "{}")
    plan = plan_connect([CURSOR], desk.here, desk.home, None)
    path.write_text('{"new": 1}')
    assert "changed in the meantime" in reasons(carry_out(plan, desk.home))[0]
    assert path.read_text() == '{"new": 1}'
    assert not connected.load(desk.home).files


# --- the state, and who holds it --------------------------------------------------------------


def test_the_old_bytes_are_private_and_outside_the_project(desk: Desk) -> None:
    desk.write(desk.project / ".mcp.json", '{"key": "secret"}')
    desk.connect(CLAUDE, project=True)
    place = connected.place(desk.home)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert connected.load(desk.home).files[str(desk.project / ".mcp.json")].before
    assert desk.project not in place.parents


def test_a_damaged_state_is_said_and_nothing_is_done(desk: Desk) -> None:
    desk.connect(CURSOR)
    tree = desk.tree()
    connected.place(desk.home).write_text("{")
    with pytest.raises(Broken, match="cannot be read"):
        desk.disconnect()
    assert desk.tree() == tree


def test_two_cannot_connect_at_once(desk: Desk) -> None:
    with held(desk.home), pytest.raises(Unavailable, match="at work"), held(desk.home):
        pass
    assert not connected.place(desk.home).parent.exists()


# --- what there is ----------------------------------------------------------------------------


def test_a_client_is_found_by_its_folder_or_its_command(desk: Desk) -> None:
    assert not is_installed(CURSOR, desk.here)
    (desk.person / ".cursor").mkdir()
    assert is_installed(CURSOR, desk.here)
    bin_folder = desk.person / "bin"
    program = desk.write(bin_folder / "codex", "#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    assert is_installed(CODEX, Surroundings(desk.person, {"PATH": str(bin_folder)}, "linux"))


def test_the_survey_tells_who_is_connected_and_how(desk: Desk) -> None:
    desk.connect(CLAUDE, clients.named("opencode"), clients.named("copilot"))
    desk.connect(CURSOR, project=True)
    desk.write(desk.file(GOOSE), "a: b: c\n")
    (desk.file(CLAUDE).parent / ".claude" / "settings.json").unlink()
    seen = {one.client.name: one for one in survey(desk.here, desk.home, desk.project)}
    assert (seen["claude-code"].connected, seen["claude-code"].hooked) == (True, False)
    assert (seen["opencode"].connected, seen["opencode"].hooked) == (True, True)
    assert (seen["copilot"].connected, seen["copilot"].hooked) == (True, True)
    assert (seen["cursor"].connected, seen["cursor"].project) == (False, True)
    assert (seen["zed"].connected, seen["zed"].hooked) == (False, None)


def test_the_program_is_this_very_one_or_the_plain_name(desk: Desk) -> None:
    mine = program(desk.home, False, {})
    assert Path(mine.serve[0]).is_absolute()
    assert not mine.environment
    away = program(desk.home, False, {"SATCHEL_HOME": "x"})
    assert away.environment == {"SATCHEL_HOME": str(desk.home.root)}
    shared = program(desk.home, True, {"SATCHEL_HOME": "x"})
    assert (shared.serve, dict(shared.environment)) == (("satchel", "mcp"), {})


def test_the_diff_is_exact_about_the_last_line(desk: Desk) -> None:
    desk.write(desk.file(CODEX), "a = 1")
    [step, *_] = plan_connect([CODEX], desk.here, desk.home, None).steps
    lines = difference(step.snapshot, step.joined.content).split("\n")
    assert lines[3:7] == ["-a = 1", "\\ No newline at end of file", "+a = 1", "+"]
