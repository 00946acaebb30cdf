"""Real agents complete a turn through the model endpoint, pointed there as docs/gateway.md says.

Scripted model, daemon, `satchel mcp` and agent all run where there is loopback and no more.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.e2e.closed_world import closed_world
from tests.e2e.npm import command, needed, node
from tests.e2e.scripted_model import FINAL, Asked

pytestmark = needed

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "gateway.md"
WRITTEN = "http://127.0.0.1:7282"  # as the page has it; the daemon's own where that is taken
PROMPT = 'Call get_context {"request": "switch open_session to JWT"}'
GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent: its heading on the page, its package, the script to run once it is unpacked, and
    what is put behind the page's last line to have it take one prompt."""

    title: str
    package: str
    once: str | None
    words: tuple[str, ...]


AGENTS = (
    Agent(
        "Claude Code",
        "@anthropic-ai/claude-code@2.1.330",
        "install.cjs",
        ("--allowedTools", "mcp__satchel__get_context", "-p", PROMPT),
    ),
    Agent("Codex", "@openai/codex@0.169.0", None, ("exec", PROMPT)),
    Agent("OpenCode", "opencode-ai@1.18.33", "postinstall.mjs", ("run", *PROMPT.split(" "))),
    Agent("Gemini CLI", "@google/gemini-cli@0.61.0", None, ("--skip-trust", "-p", PROMPT)),
    Agent("Copilot CLI", "@github/copilot@1.0.102", None, ("--allow-all-tools", "-p", PROMPT)),
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
        return subprocess.run(
            [*self.enter, *words],
            cwd=self.repository,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

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


def pointed(
    agent: Agent, endpoint: Endpoint, home: Path, words: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """Point an agent at the endpoint as the page says, and run it with these words behind."""
    (home / ".satchel").symlink_to(endpoint.home)
    told = pointing(agent.title)
    for name, content in told.files.items():
        file = home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content.replace(WRITTEN, endpoint.url), encoding="utf-8")
    script = "\n".join(["set -e", *told.lines]).replace(WRITTEN, endpoint.url)
    line = ["bash", "-c", f"{script} {shlex.join(words)}"]
    return endpoint.run(line, home, (command(agent.package, agent.once),))


@dataclass(frozen=True, slots=True)
class Turn:
    """What an agent printed, what the model was asked, and what the daemon answered meanwhile."""

    agent: Agent
    said: str
    asked: list[Asked]
    answered: list[str]


@pytest.fixture(scope="module", params=AGENTS, ids=lambda agent: agent.title)
def turn(
    request: pytest.FixtureRequest, endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Turn:
    """One turn of an agent, as the page has a user begin it."""
    agent: Agent = request.param
    before = len(endpoint.asked()), len(endpoint.answered())
    ran = pointed(agent, endpoint, tmp_path_factory.mktemp("agent"), agent.words)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return Turn(agent, ran.stdout, endpoint.asked()[before[0] :], endpoint.answered()[before[1] :])


def test_the_agent_says_what_the_tool_told_the_model(turn: Turn) -> None:
    assert FINAL in turn.said
    assert "sessions.py" in turn.said


def test_nothing_that_the_agent_asked_was_refused(turn: Turn) -> None:
    asked = [line.split(" info ")[1].split() for line in turn.answered]
    assert {status for _, route, status, _ in asked if route != "/mcp"} == {"200"}
