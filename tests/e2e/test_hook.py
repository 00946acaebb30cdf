"""The real hook before the real daemon: a client's JSON in, its own JSON out, or nothing."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from satchel.base import settings
from satchel.base.paths import Home
from satchel.cli.uninstall import survey
from satchel.tools.client import Daemon, connect, find
from satchel.tools.hook import DEADLINE
from satchel.tools.loopback import dial

ASK = "change add_to_cart so that it refuses what is sold out"
PATIENT = 60_000  # ms: what is timed is timed by bench.hook
GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "h")
    settings.change(made, DEADLINE, str(PATIENT))
    yield made
    daemon = find(made)
    if daemon is not None:
        daemon.stop()


@pytest.fixture
def top(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    (made / "src").mkdir(parents=True)
    (made / "src" / "cart.py").write_text("def add_to_cart(item):\n    return [item]\n")
    (made / "pyproject.toml").write_text('[project]\nname = "shop"\nrequires-python = ">=3.11"\n')
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "Add the cart"]):
        subprocess.run([*GIT, *words], cwd=made, check=True, capture_output=True)
    return made


@pytest.fixture
def daemon(home: Home, top: Path) -> Daemon:
    started = connect(home)
    list(started.stream("/api/index", {"path": str(top), "accept": True}))
    return started


def run(home: Home, told: dict[str, Any] | bytes, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "satchel.tools.hook", *words],
        input=told if isinstance(told, bytes) else json.dumps(told).encode(),
        capture_output=True,
        env={**os.environ, "SATCHEL_HOME": str(home.root)},
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def prompt(top: Path, text: str = ASK, session: str = "s") -> dict[str, Any]:
    return {
        "session_id": session,
        "cwd": str(top),
        "hook_event_name": "UserPromptSubmit",
        "prompt": text,
    }


def context(printed: str) -> str:
    return str(json.loads(printed)["hookSpecificOutput"]["additionalContext"]) if printed else ""


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_the_hook_keeps_goes_with_what_is_uninstalled(
    daemon: Daemon, home: Home, top: Path
) -> None:
    assert run(home, prompt(top), "--client", "claude")
    until(lambda: any(file.path.parent.name == "sessions" for file in survey(home)))
    assert [file.path for file in survey(home) if file.meaning is None] == []


def test_the_hook_the_tool_the_command_and_the_api_give_the_same_packet(
    daemon: Daemon, home: Home, top: Path
) -> None:
    hooked = context(run(home, prompt(top), "--client", "claude"))
    packet = daemon.call("POST", "/api/brief", {"request": ASK, "path": str(top)})
    assert hooked == f"From {top}:\n\n{packet['markdown']}"
    assert "src/cart.py" in hooked
    environment = {**os.environ, "SATCHEL_HOME": str(home.root)}
    command = [sys.executable, "-m", "satchel.cli", "brief", "--json", "--in", str(top), "--", ASK]
    told = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert json.loads(told.stdout)["markdown"] == packet["markdown"]

    async def by_tool() -> str:
        parameters = StdioServerParameters(
            command=sys.executable,
            args=["-m", "satchel.cli", "mcp"],
            env={"SATCHEL_HOME": str(home.root)},
            cwd=top,
        )
        async with Client(stdio_client(parameters), mode="auto") as session:
            answer = await session.call_tool("get_context", {"request": ASK})
            return str(answer.content[0].text)  # type: ignore[union-attr]  # it is text

    assert asyncio.run(by_tool()) == hooked


def test_a_session_from_its_start_to_its_end(daemon: Daemon, home: Home, top: Path) -> None:
    rule = "Use httpx for HTTP calls, not requests."
    body = {"text": rule, "kind": "rule", "pinned": True, "path": str(top)}
    daemon.call("POST", "/api/remember", body)
    at = {"session_id": "s", "cwd": str(top)}
    start = context(run(home, at | {"hook_event_name": "SessionStart", "source": "startup"}))
    assert rule in start
    assert "Python >=3.11" in start
    first = context(run(home, prompt(top)))
    assert "src/cart.py" in first
    assert rule not in first  # it was said
    assert run(home, prompt(top)) == ""
    assert run(home, prompt(top, "thanks")) == run(home, prompt(top, "/compact")) == ""
    call = {
        "tool_name": "Edit",
        "tool_input": {
            "file_path": str(top / "src/cart.py"),
            "old_string": "def add",
            "new_string": "import requests\n\n\ndef add",
        },
    }
    edited = json.loads(run(home, at | call | {"hook_event_name": "PreToolUse"}))
    assert set(edited) == {"hookSpecificOutput"}
    assert set(edited["hookSpecificOutput"]) == {"hookEventName", "additionalContext"}
    assert rule in edited["hookSpecificOutput"]["additionalContext"]
    assert run(home, at | {"hook_event_name": "SessionEnd", "reason": "exit"}) == ""


def test_each_client_has_its_own_form(daemon: Daemon, home: Home, top: Path) -> None:
    gemini = prompt(top, session="g") | {"hook_event_name": "BeforeAgent"}
    assert json.loads(run(home, gemini))["hookSpecificOutput"]["hookEventName"] == "BeforeAgent"
    copilot = {"sessionId": "c", "timestamp": 1, "cwd": str(top), "prompt": ASK}
    assert list(json.loads(run(home, copilot))) == ["additionalContext"]


def test_a_folder_that_was_not_accepted_gets_nothing(
    daemon: Daemon, home: Home, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "add_to_cart.py").write_text("def add_to_cart(): ...\n")
    assert run(home, prompt(other)) == ""
    assert run(home, prompt(other) | {"hook_event_name": "SessionStart"}) == ""
    told = daemon.call("GET", "/api/status")["workspaces"]
    assert [row["path"] for row in told if row["path"] == str(other)] == []


def test_bad_input_is_silent_and_in_the_log_without_a_word_of_it(
    daemon: Daemon, home: Home
) -> None:
    assert run(home, b'{"prompt": "the secret plan') == ""
    assert run(home, {"hook_event_name": "UserPromptSubmit", "prompt": ["secret"]}) == ""
    log = home.log.read_text()
    assert "hook: the daemon answered 400 (bad-json)" in log
    assert "secret" not in log


def test_an_answer_that_nobody_took_is_given_with_the_next_prompt(
    daemon: Daemon, home: Home, top: Path
) -> None:
    body = json.dumps(prompt(top)).encode()
    head = [
        "POST /api/hook HTTP/1.1",
        "Host: localhost" if isinstance(daemon.address, str) else f"Host: {daemon.url[7:]}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in daemon.headers().items()),
    ]
    with dial(daemon.address) as connection:  # it asks, and leaves at once
        connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
    until(lambda: "a hook did not wait for its answer" in home.log.read_text())
    assert "src/cart.py" in context(run(home, prompt(top)))


def test_without_a_daemon_a_prompt_goes_on_and_the_next_one_has_it(
    daemon: Daemon, home: Home, top: Path
) -> None:
    daemon.stop()
    assert run(home, prompt(top)) == ""
    assert "it is started for the next prompt" in home.log.read_text()
    until(lambda: find(home) is not None)
    assert "src/cart.py" in context(run(home, prompt(top)))


def test_a_person_can_check_it(daemon: Daemon, home: Home, top: Path) -> None:
    def check(told: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "satchel.tools.hook", "--check"],
            input=json.dumps(told),
            capture_output=True,
            text=True,
            env={**os.environ, "SATCHEL_HOME": str(home.root)},
        )

    assert "src/cart.py" in check(prompt(top)).stdout
    assert "src/cart.py" in check(prompt(top)).stdout  # nothing counts as handed over
    assert "prints nothing" in check(prompt(top, "thanks")).stdout
    assert "not-accepted" in check(prompt(top.parent)).stdout
