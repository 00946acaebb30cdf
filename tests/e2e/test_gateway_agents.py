"""Real agents complete a turn through the model endpoint, pointed there as docs/gateway.md says.

Scripted model, daemon, `satchel mcp` and agent all run where there is loopback and no more.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.e2e.closed_world import closed_world
from tests.e2e.npm import command, needed, node
from tests.e2e.scripted_model import FINAL, Asked

pytestmark = needed

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "gateway.md"
WRITTEN = "http://127.0.0.1:7282"  # as the page has it; the daemon's own where that is taken
FIRST = 'Call get_context {"request": "switch open_session to JWT"}'
SECOND = 'Call get_context {"request": "rename open_session to begin_session"}'
TURN_S = 100  # an agent needs some five seconds
GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent: its heading on the page, its package, the script that npm would run once it is
    unpacked, and what is put behind the page's last line to have it take one prompt, and another
    in the same conversation."""

    title: str
    package: str
    once: str | None
    first: tuple[str, ...]
    second: tuple[str, ...]


ALLOWED = ("--allowedTools", "mcp__satchel__get_context", "-p")
AGENTS = (
    Agent(
        "Claude Code",
        "@anthropic-ai/claude-code@2.1.330",
        "install.cjs",
        (*ALLOWED, FIRST),
        ("-c", *ALLOWED, SECOND),
    ),
    Agent(
        "Codex",
        "@openai/codex@0.169.0",
        None,
        ("exec", FIRST),
        ("exec", "resume", "--last", SECOND),
    ),
    Agent(
        "OpenCode",  # it puts a word that holds a space in quotes
        "opencode-ai@1.18.33",
        "postinstall.mjs",
        ("run", *FIRST.split(" ")),
        ("run", "-c", *SECOND.split(" ")),
    ),
    Agent(
        "Gemini CLI",
        "@google/gemini-cli@0.61.0",
        None,
        ("--skip-trust", "-p", FIRST),
        ("--skip-trust", "--resume", "latest", "-p", SECOND),
    ),
    Agent(
        "Copilot CLI",
        "@github/copilot@1.0.102",
        None,
        ("--allow-all-tools", "-p", FIRST),
        ("--allow-all-tools", "--continue", "-p", SECOND),
    ),
)


@dataclass(frozen=True, slots=True)
class Pointing:
    """What the page tells the user of one agent: files by their place in HOME, and lines."""

    files: dict[str, str]
    lines: tuple[str, ...]


def pointing(title: str) -> Pointing:
    """Read an agent's section of the page."""
    page = PAGE.read_text(encoding="utf-8")
    [section] = re.findall(rf"^### {re.escape(title)}\n(.*?)(?=^#|\Z)", page, re.M | re.S)
    files = re.findall(r"^In `~/([^`]+)`:\n\n```\w+\n(.*?)^```$", section, re.M | re.S)
    lines = re.findall(r"^\$ (.*)$", section, re.M)
    return Pointing(dict(files), tuple(lines))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The daemon in its closed world, and what may be asked of it."""

    enter: tuple[str, ...]
    url: str
    home: Path
    commands: Path
    repository: Path
    log: Path

    def run(
        self, words: list[str], home: Path, path: tuple[Path, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the closed world and the repository, with a HOME of its own."""
        places = map(str, (*path, self.commands, node().parent))
        environment = {
            "PATH": os.pathsep.join([*places, os.environ["PATH"]]),
            "HOME": str(home),
            "LANG": "C.UTF-8",
        }
        began = subprocess.Popen(
            [*self.enter, *words],
            cwd=self.repository,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            said, told = began.communicate(timeout=TURN_S)
        finally:  # an agent may leave processes behind, and go on where its shell was ended
            with contextlib.suppress(ProcessLookupError):
                os.killpg(began.pid, signal.SIGKILL)
        return subprocess.CompletedProcess(words, began.returncode, said, told)

    def asked(self) -> list[Asked]:
        """Return what the model was asked until now."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [Asked(**json.loads(line)) for line in lines]

    def answered(self) -> list[str]:
        """Return the daemon's log, a line a request."""
        return (self.home / "daemon.log").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with serving(tmp_path_factory.mktemp("gateway")) as there:
        yield there


@contextlib.contextmanager
def serving(top: Path) -> Iterator[Endpoint]:
    """Start model and daemon in a closed world, with all that they keep under `top`."""
    own = top / "own"
    commands = top / "bin"
    repository = top / "shop"
    for folder in (own, commands, repository):
        folder.mkdir()
    satchel = commands / "satchel"
    satchel.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m satchel.cli "$@"\n')
    satchel.chmod(0o755)
    (repository / "sessions.py").write_text(
        '"""Who is signed in."""\n\n\ndef open_session(user: str) -> str:\n'
        '    """Return a cookie for a user."""\n    return "cookie:" + user\n'
    )
    (repository / "README.md").write_text("# Shop\n\nSessions are cookies, see `open_session`.\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "Open sessions by cookie"]):
        subprocess.run([*GIT, *words], cwd=repository, check=True)
    log = top / "asked.jsonl"
    with closed_world() as enter, playing(enter, log) as address:
        there = Endpoint(enter, WRITTEN, own / ".satchel", commands, repository, log)

        def satchel_says(*words: str) -> str:
            told = there.run(["satchel", *words], own)
            assert told.returncode == 0, told.stdout + told.stderr
            return told.stdout

        satchel_says("config", "set", "model.servers", address)
        if not enter:
            satchel_says("config", "set", "gateway.port", "0")
        url = json.loads(satchel_says("gateway", "--json"))["endpoint"].removesuffix("/v1")
        try:
            satchel_says("index", str(repository), "--yes")
            yield replace(there, url=url)
        finally:
            satchel_says("down")


@contextlib.contextmanager
def playing(enter: tuple[str, ...], log: Path) -> Iterator[str]:
    """Start the scripted model and give its address."""
    command = [*enter, sys.executable, "-m", "tests.e2e.scripted_model", str(log)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as model:
        assert model.stdout is not None
        try:
            yield model.stdout.readline().strip()
        finally:
            model.kill()


def pointed(agent: Agent, endpoint: Endpoint, home: Path) -> tuple[str, ...]:
    """Write the files that the page shows for an agent, and return its lines."""
    (home / ".satchel").symlink_to(endpoint.home)
    told = pointing(agent.title)
    for name, content in told.files.items():
        file = home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content.replace(WRITTEN, endpoint.url), encoding="utf-8")
    return tuple(line.replace(WRITTEN, endpoint.url) for line in told.lines)


@dataclass(frozen=True, slots=True)
class Talk:
    """What an agent printed after each prompt, what the model was asked (without what agents ask
    on the side, such as a title), and what the daemon answered meanwhile."""

    agent: Agent
    said: tuple[str, ...]
    asked: list[Asked]
    answered: list[str]


@pytest.fixture(scope="module", params=AGENTS, ids=lambda agent: agent.title)
def talk(
    request: pytest.FixtureRequest, endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Talk:
    """Two turns of an agent, begun as the page has a user begin it."""
    agent: Agent = request.param
    home = tmp_path_factory.mktemp("agent")
    lines = pointed(agent, endpoint, home)
    environment = [line for line in lines if line.startswith("export ")]
    commands = command(agent.package, agent.once)
    before = len(endpoint.asked()), len(endpoint.answered())
    said = []
    for script, words in ((lines, agent.first), ([*environment, lines[-1]], agent.second)):
        typed = "\n".join(["set -e", *script])
        ran = endpoint.run(["bash", "-c", f"{typed} {shlex.join(words)}"], home, (commands,))
        assert ran.returncode == 0, ran.stdout + ran.stderr
        said.append(ran.stdout)
    asked = [one for one in endpoint.asked()[before[0] :] if one.body.get("tools")]
    return Talk(agent, tuple(said), asked, endpoint.answered()[before[1] :])


def test_the_page_tells_of_these_agents() -> None:
    told = PAGE.read_text(encoding="utf-8").split("\n## Pointing agents here\n")[1]
    assert re.findall(r"^### (.*)$", told, re.M) == [agent.title for agent in AGENTS]


def test_the_agent_says_what_the_tool_told_the_model(talk: Talk) -> None:
    for said in talk.said:
        assert FINAL in said
        assert "sessions.py" in said


def test_nothing_that_the_agent_asked_was_refused(talk: Talk) -> None:
    asked = [line.split(" info ")[1].split() for line in talk.answered]
    statuses = [status for _, route, status, _ in asked if route != "/mcp"]
    assert len(statuses) >= 4
    assert set(statuses) == {"200"}


def test_the_model_gets_tools_calls_and_results_well_formed(talk: Talk, endpoint: Endpoint) -> None:
    assert len(talk.asked) == 4
    for one in talk.asked:
        tools = [tool["function"] for tool in one.body["tools"]]
        names = [tool["name"] for tool in tools]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[\w-]{1,64}", name) for name in names)
        assert all(tool["parameters"]["type"] == "object" for tool in tools)
        [briefing] = [tool for tool in tools if tool["name"].endswith("get_context")]
        assert briefing["description"]
        assert briefing["parameters"]["required"] == ["request"]
        open_calls: list[str] = []
        for turn in one.body["messages"]:
            assert bool(open_calls) == (turn["role"] == "tool")
            if turn["role"] == "tool":
                assert turn["tool_call_id"] == open_calls.pop(0)
                assert f"From {endpoint.repository}:" in turn["content"]
            for call in turn.get("tool_calls", ()):
                assert call["function"]["name"] == briefing["name"]
                assert set(json.loads(call["function"]["arguments"])) == {"request"}
                open_calls.append(call["id"])
        assert open_calls == []


def test_each_prompt_begins_as_the_one_before_so_that_a_cache_of_it_holds(talk: Talk) -> None:
    for before, after in pairwise(talk.asked):
        assert after.cached > 0.97 * before.tokens
    for one in talk.asked:
        assert "x-anthropic-billing-header" not in json.dumps(one.body)


def test_gemini_cli_does_not_ask_for_ever_for_a_model_that_is_not_here(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    [agent] = [agent for agent in AGENTS if agent.title == "Gemini CLI"]
    lines = pointed(agent, endpoint, tmp_path)
    settings = tmp_path / ".gemini" / "settings.json"
    told = json.loads(settings.read_text(encoding="utf-8"))
    del told["modelConfigs"]
    settings.write_text(json.dumps(told), encoding="utf-8")
    before = len(endpoint.answered())
    typed = "\n".join([*lines[:-1], "gemini --model nobody/none --skip-trust -p hello"])
    ran = endpoint.run(["bash", "-c", typed], tmp_path, (command(agent.package),))
    assert ran.returncode != 0
    assert "no local server offers 'nobody/none'" in ran.stderr
    asked = [line for line in endpoint.answered()[before:] if "/v1beta/" in line]
    assert [line.split()[-2] for line in asked] == ["400"]
