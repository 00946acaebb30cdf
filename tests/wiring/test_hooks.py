"""What hooks are answered, over real stores and a real repository, in process."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from satchel.base.errors import BadInput, NotAccepted
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.remember import Saying
from satchel.context.seen import REPEATED
from satchel.tools.hook_forms import read
from satchel.wiring import Satchel
from satchel.wiring.hooks import NO_EDIT, NO_WORDS, Answer

ASK = "make revoke in SessionStore end every session of a user"
SESSIONS = '''"""Keeps who is signed in."""


class SessionStore:
    """Server-side sessions in memory."""

    def create(self, user):
        """Start a session for a user and return its cookie."""
        return self.sign(user)

    def revoke(self, cookie):
        """End a session at once."""
        del self.rows[cookie]
'''


def git(folder: Path, *words: str) -> None:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@t", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    (made / "shop").mkdir(parents=True)
    git(made, "init", "-q")
    (made / "shop/sessions.py").write_text(SESSIONS)
    git(made, "add", "-A")
    git(made, "commit", "-qm", "Keep sessions on the server")
    return made


@pytest.fixture
def satchel(tmp_path: Path, top: Path) -> Iterator[Satchel]:
    opened = Satchel(Home(tmp_path / "home"), Settings({}))
    opened.index(str(top), lambda progress: None, accept=True)
    yield opened
    opened.close()


def ask(
    satchel: Satchel, folder: Path, session: str = "s", client: str = "claude", **told: Any
) -> Answer:
    """Answer one hook, and let its client take the answer."""
    event = "UserPromptSubmit" if "prompt" in told else "PreToolUse"
    value = {"session_id": session, "cwd": str(folder), "hook_event_name": event, **told}
    answer = satchel.hooks.answer(read(value, client))
    satchel.hooks.delivered(answer)
    satchel.hooks.keep(answer)
    return answer


def start(
    satchel: Satchel, folder: Path, session: str = "s", source: str = "startup", **more: Any
) -> Answer:
    return ask(satchel, folder, session, hook_event_name="SessionStart", source=source, **more)


def test_a_prompt_gets_the_packet_that_every_other_way_gives(satchel: Satchel, top: Path) -> None:
    answer = ask(satchel, top, prompt=ASK)
    assert answer.text == f"From {top}:\n\n{satchel.brief(ASK, str(top)).markdown}"
    assert "shop/sessions.py" in answer.text


def test_a_session_is_not_told_twice(satchel: Satchel, top: Path) -> None:
    assert ask(satchel, top, prompt=ASK).text
    again = ask(satchel, top, prompt=ASK)
    assert (again.text, again.why) == ("", REPEATED)
    assert ask(satchel, top, "another", prompt=ASK).text
    assert ask(satchel, top, "", prompt=ASK).text  # a client that names no session
    assert ask(satchel, top, "", prompt=ASK).text


def test_what_refers_back_is_asked_with_what_it_refers_to(
    satchel: Satchel, top: Path, tmp_path: Path
) -> None:
    (top / "tests").mkdir()
    (top / "tests/test_sessions.py").write_text(
        "def test_a_cookie_is_revoked():\n    assert True\n"
    )
    satchel.changed(str(top), {"tests/test_sessions.py"})
    assert "shop/sessions.py" in ask(satchel, top, prompt=ASK).text
    assert ask(satchel, top, prompt="thanks").text == ""
    told = ask(satchel, top, prompt="and where is the test for that?")
    assert "tests/test_sessions.py:" in told.text
    assert "shop/sessions.py:" not in told.text  # it was handed over
    kept = (tmp_path / "home").rglob("sessions/*.json")
    assert not any("revoke in SessionStore" in file.read_text() for file in kept)


def test_what_refers_back_is_alone_in_a_session_of_its_own(satchel: Satchel, top: Path) -> None:
    ask(satchel, top, prompt=ASK)
    alone = "where is it called from?"
    assert ask(satchel, top, "another", prompt=alone).text == ""
    start(satchel, top, source="clear")
    assert ask(satchel, top, prompt=alone).text == ""
    ask(satchel, top, "", prompt=ASK)  # a client that names no session
    assert ask(satchel, top, "", prompt=alone).text == ""


def test_an_answer_that_nobody_took_is_given_again(satchel: Satchel, top: Path) -> None:
    value = {
        "session_id": "s",
        "cwd": str(top),
        "hook_event_name": "UserPromptSubmit",
        "prompt": ASK,
    }
    first = satchel.hooks.answer(read(value))
    assert satchel.hooks.answer(read(value)).text == first.text != ""


def test_what_changed_is_told_again(satchel: Satchel, top: Path) -> None:
    ask(satchel, top, prompt=ASK)
    file = top / "shop/sessions.py"
    file.write_text(SESSIONS.replace("del self.rows[cookie]", "self.rows.pop(cookie)"))
    satchel.changed(str(top), {"shop/sessions.py"})
    again = ask(satchel, top, prompt=ASK)
    assert "revoke" in again.text
    assert "create" not in again.text


def test_a_daemon_that_ended_in_between_repeats_nothing(
    satchel: Satchel, top: Path, tmp_path: Path
) -> None:
    ask(satchel, top, prompt=ASK)
    satchel.close()
    later = Satchel(Home(tmp_path / "home"), Settings({}))
    try:
        assert ask(later, top, prompt=ASK).why == REPEATED
    finally:
        later.close()


@pytest.mark.parametrize(
    ("source", "told"), [("compact", True), ("clear", True), ("resume", False)]
)
def test_a_session_that_begins_anew_is_told_anew(
    satchel: Satchel, top: Path, source: str, told: bool
) -> None:
    ask(satchel, top, prompt=ASK)
    start(satchel, top, source=source)
    assert bool(ask(satchel, top, prompt=ASK).text) is told


def test_the_session_of_the_other_ways_is_the_same(satchel: Satchel, top: Path) -> None:
    assert satchel.brief(ASK, str(top), session="s").markdown
    repeated = satchel.brief(ASK, str(top), session="s")
    assert (repeated.markdown, repeated.files, repeated.empty_reason) == ("", (), REPEATED)
    assert ask(satchel, top, prompt=ASK).why == REPEATED


def test_forgetting_the_folder_forgets_its_sessions(
    satchel: Satchel, top: Path, tmp_path: Path
) -> None:
    ask(satchel, top, prompt=ASK)
    kept = Home(tmp_path / "home").workspace(top) / "sessions"
    assert [ASK in file.read_text() for file in kept.iterdir()] == [False]
    satchel.forget_folder(str(top))
    assert not kept.exists()


@pytest.mark.parametrize("prompt", ["/compact", "<task-notification>x</task-notification>", " "])
def test_what_no_user_asked_is_not_answered(satchel: Satchel, top: Path, prompt: str) -> None:
    assert ask(satchel, top, prompt=prompt) == Answer("", NO_WORDS, str(top), "s")


@pytest.mark.parametrize("prompt", ["thanks", "continue", "zsh: command not found: jq"])
def test_small_talk_gets_nothing(satchel: Satchel, top: Path, prompt: str) -> None:
    answer = ask(satchel, top, prompt=prompt)
    assert answer.text == ""
    assert answer.why


def test_a_folder_that_was_not_accepted_is_not_looked_into(
    satchel: Satchel, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.py").write_text("def a(): ...\n")
    other.chmod(0o000)
    try:
        for told in ({"prompt": ASK}, {"hook_event_name": "SessionStart"}, {"tool_name": "Edit"}):
            with pytest.raises(NotAccepted):
                ask(satchel, other, **told)
        with pytest.raises(NotAccepted):
            satchel.hooks.warm(str(other))
    finally:
        other.chmod(0o700)
    with pytest.raises(BadInput):
        ask(satchel, Path("relative"), prompt=ASK)


def test_a_start_tells_what_always_holds_and_a_prompt_does_not_repeat_it(
    satchel: Satchel, top: Path
) -> None:
    assert start(satchel, top).text == ""
    rule = "A session that is revoked ends every session of its user."
    satchel.memory.remember(Saying(rule, kind="rule", pinned=True), path=str(top))
    assert rule in start(satchel, top).text
    first = ask(satchel, top, prompt=ASK)
    assert "shop/sessions.py" in first.text
    assert rule not in first.text
    assert start(satchel, top, source="resume").text == ""


@pytest.mark.parametrize(
    ("client", "event"), [("gemini", "BeforeAgent"), ("copilot", "UserPromptSubmit")]
)
def test_a_client_that_forgets_a_start_is_told_it_with_the_first_prompt(
    satchel: Satchel, top: Path, client: str, event: str
) -> None:
    def say(prompt: str) -> str:
        return ask(satchel, top, client=client, hook_event_name=event, prompt=prompt).text

    rule = "A session that is revoked ends every session of its user."
    satchel.memory.remember(Saying(rule, kind="rule", pinned=True), path=str(top))
    assert start(satchel, top, client=client).text == ""
    assert say("thanks") == ""
    first = say(ASK)
    assert first.count(rule) == 1
    assert "shop/sessions.py" in first
    start(satchel, top, source="resume", client=client)
    assert say(ASK) == ""


def edit(satchel: Satchel, top: Path, tool: str, **given: str) -> Answer:
    return ask(satchel, top, tool_name=tool, tool_input=given)


def test_an_edit_against_a_rule_is_told_of_once_before_it_is_made(
    satchel: Satchel, top: Path
) -> None:
    rule = "Use httpx for HTTP calls, not requests."
    satchel.memory.remember(Saying(rule, kind="rule"), path=str(top))
    file = str(top / "shop/sessions.py")
    told = edit(
        satchel, top, "Edit", file_path=file, old_string="x", new_string="import requests\n"
    )
    assert rule in told.text
    assert "## Files" not in told.text  # they are before whoever edits them
    written = edit(satchel, top, "Write", file_path=file, content=f"import requests\n{SESSIONS}")
    assert written.why == REPEATED
    other = edit(satchel, top, "Write", file_path="new.py", content="import requests\n")
    assert rule in other.text
    assert edit(satchel, top, "Edit", file_path=file, old_string="x", new_string="y").text == ""


def test_a_file_that_is_written_over_is_held_for_what_is_new_in_it(
    satchel: Satchel, top: Path
) -> None:
    rule = "Use httpx for HTTP calls, not requests."
    satchel.memory.remember(Saying(rule, kind="rule"), path=str(top))
    file = top / "shop/sessions.py"
    file.write_text(f"import requests\n{SESSIONS}")
    longer = f"import requests\n{SESSIONS}\nX = 1\n"
    assert edit(satchel, top, "Write", file_path=str(file), content=longer).text == ""


def test_an_edit_elsewhere_is_no_concern(satchel: Satchel, top: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "elsewhere.py", Path("../elsewhere.py")):
        told = edit(satchel, top, "Write", file_path=str(path), content="import pickle\n")
        assert (told.text, told.why) == ("", NO_EDIT)
    assert ask(satchel, top, tool_name="Bash", tool_input={"command": "ls"}).why == NO_EDIT


def test_the_answer_stays_below_what_the_client_takes(satchel: Satchel, top: Path) -> None:
    for number in range(9):
        rule = f"Rule {number}: whoever ends a session by revoke ends {number} of them."
        satchel.memory.remember(Saying(rule, kind="rule", pinned=True), path=str(top))
    whole = satchel.brief(ASK, str(top)).markdown
    value = {"cwd": str(top), "hook_event_name": "UserPromptSubmit", "prompt": ASK}
    told = read(value)
    for most in (len(whole) - 1, 500, 300):
        answer = satchel.hooks.answer(replace(told, form=replace(told.form, most=most)))
        lines = [line for line in answer.text.splitlines() if line.startswith("- ")]
        assert 0 < len(answer.text) <= most
        assert lines != [line for line in whole.splitlines() if line.startswith("- ")]
        # A file that has no room as it is may be told with less.
        assert all(any(full.startswith(line) for full in whole.splitlines()) for line in lines)


def test_the_end_of_a_session_has_it_mined(
    satchel: Satchel, top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mined = []
    workspace = satchel._opened.workspace(str(top))
    monkeypatch.setattr(type(workspace), "mine_soon", lambda self: mined.append(self.top))
    ask(satchel, top, hook_event_name="Stop")
    ask(satchel, top, hook_event_name="Stop")  # each turn ends with it
    assert mined == [top]
    ask(satchel, top, hook_event_name="SessionEnd")
    assert mined == [top, top]
