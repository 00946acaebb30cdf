"""Real agents in a world of loopback alone: scripted model, daemon, `satchel mcp`, hook and agent.

Each has a HOME of its own, set up as docs/gateway.md says and with some words of its user's.
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
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from satchel.daemon.activity import HELD_S
from tests.e2e.closed_world import closed_world
from tests.e2e.npm import command, node
from tests.e2e.scripted_model import Asked

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "gateway.md"
WRITTEN = "http://127.0.0.1:7282"  # as the page has it; the daemon's own where that is taken
TURN_S = 100  # an agent needs some five seconds
GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
ASK = (
    "Which tests cover open_session in sessions.py? "
    'Call get_context {"request": "rename open_session to begin_session"}'
)
REPOSITORY = {
    "sessions.py": '"""Who is signed in."""\n\n\ndef open_session(user: str) -> str:\n'
    '    """Return a cookie for a user."""\n    return "cookie:" + user\n',
    "README.md": "# Shop\n\nSessions are cookies, see `open_session`.\n",
    "pyproject.toml": '[project]\nname = "shop"\nrequires-python = ">=3.11"\n',
}


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent: its name with us, its heading on the page, its package, and the script that npm
    would run once it is unpacked; its own check of what is connected, and what that says when all
    is well; what is put behind the page's last line to have it take one prompt, and another in
    the same conversation; what its user wrote, at the end of the page's files or elsewhere.

    `{repository}` is filled in there.
    """

    name: str
    title: str
    package: str
    once: str | None
    check: str
    well: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    wrote: dict[str, str]


ALLOWED = ("--allowedTools", "mcp__satchel__get_context", "-p", ASK)
AGENTS = (
    Agent(
        "claude-code",
        "Claude Code",
        "@anthropic-ai/claude-code@2.1.330",
        "install.cjs",
        "claude mcp list",
        r"satchel: .* mcp - ✔ Connected",
        ALLOWED,
        ("-c", *ALLOWED),
        {".claude/settings.json": '{ "hooks": { "Stop": [] } }\n'},
    ),
    Agent(
        "codex",
        "Codex",
        "@openai/codex@0.169.0",
        None,
        "codex mcp list",
        r"satchel +\S+ +.*mcp .*enabled",
        ("exec", ASK),
        ("exec", "resume", "--last", ASK),
        {
            ".codex/config.toml": '\n[projects."{repository}"] # mine\ntrust_level = "trusted"\n',
            ".codex/hooks.json": '{"hooks": {"UserPromptSubmit": []}}',
        },
    ),
    Agent(
        "opencode",
        "OpenCode",  # it puts a word that holds a space in quotes
        "opencode-ai@1.18.33",
        "postinstall.mjs",
        "opencode mcp list",
        r"✓ satchel .*connected",
        ("run", *ASK.split(" ")),
        ("run", "-c", *ASK.split(" ")),
        {".config/opencode/opencode.json": "// mine\n"},
    ),
    Agent(
        "gemini",
        "Gemini CLI",
        "@google/gemini-cli@0.61.0",
        None,
        "gemini mcp list",
        r"✓ satchel: .* mcp \(stdio\) - Connected",
        ("--allowed-tools", "mcp_satchel_get_context", "-p", ASK),
        ("--allowed-tools", "mcp_satchel_get_context", "--resume", "latest", "-p", ASK),
        {
            ".gemini/settings.json": "// mine",
            ".gemini/trustedFolders.json": '{"{repository}": "TRUST_FOLDER"}',
        },
    ),
    Agent(
        "copilot",
        "Copilot CLI",
        "@github/copilot@1.0.102",
        None,
        "copilot mcp list",
        r"satchel \(local\)",
        ("--allow-tool", "satchel(get_context)", "-p", ASK),
        ("--allow-tool", "satchel(get_context)", "--continue", "-p", ASK),
        {".copilot/mcp-config.json": '{"mcpServers": {}}'},
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

    def environment(self, home: Path, path: Sequence[Path] = ()) -> dict[str, str]:
        """Return the environment of the user of a HOME."""
        places = map(str, (*path, self.commands, node().parent))
        return {
            "PATH": os.pathsep.join([*places, os.environ["PATH"]]),
            "HOME": str(home),
            "LANG": "C.UTF-8",
        }

    def run(
        self, words: list[str], home: Path, path: Sequence[Path] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the closed world and the repository, with a HOME of its own."""
        began = subprocess.Popen(
            [*self.enter, *words],
            cwd=self.repository,
            env=self.environment(home, path),
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

    def satchel(self, home: Path, *words: str) -> str:
        """Run a command of ours, which has to work, and return what it prints."""
        told = self.run(["satchel", *words], home)
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    def asked(self) -> list[Asked]:
        """Return what the model was asked until now."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [Asked(**json.loads(line)) for line in lines]

    def answered(self) -> list[str]:
        """Return the daemon's log, a line a request, once those of the endpoint are written."""
        time.sleep(HELD_S + 0.2)
        return (self.home / "daemon.log").read_text(encoding="utf-8").splitlines()


@contextlib.contextmanager
def serving(top: Path) -> Iterator[Endpoint]:
    """Start model and daemon in a closed world, with all that they keep under `top`."""
    own = top / "own"
    commands = top / "bin"
    repository = top / "shop"
    for folder in (own, commands, repository):
        folder.mkdir()
    for name, module in (("satchel", "satchel.cli"), ("satchel-hook", "satchel.tools.hook")):
        script = commands / name
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m {module} "$@"\n')
        script.chmod(0o755)
    for name, text in REPOSITORY.items():
        (repository / name).write_text(text)
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "Open sessions by cookie"]):
        subprocess.run([*GIT, *words], cwd=repository, check=True)
    log = top / "asked.jsonl"
    with closed_world() as enter, playing(enter, log) as address:
        there = Endpoint(enter, WRITTEN, own / ".satchel", commands, repository, log)
        there.satchel(own, "config", "set", "model.servers", address)
        there.satchel(own, "config", "set", "hook.deadline_ms", "60000")  # nothing is timed here
        if not enter:
            there.satchel(own, "config", "set", "gateway.port", "0")
        url = json.loads(there.satchel(own, "gateway", "--json"))["endpoint"].removesuffix("/v1")
        try:
            there.satchel(own, "index", str(repository), "--yes")
            yield replace(there, url=url)
        finally:
            there.satchel(own, "down")


@contextlib.contextmanager
def playing(enter: tuple[str, ...], log: Path) -> Iterator[str]:
    """Start the scripted model and give its address."""
    scripted = [*enter, sys.executable, "-m", "tests.e2e.scripted_model", str(log)]
    with subprocess.Popen(scripted, cwd=ROOT, stdout=subprocess.PIPE, text=True) as model:
        assert model.stdout is not None
        try:
            yield model.stdout.readline().strip()
        finally:
            model.kill()


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent in a HOME of its own, and the page's lines that start it."""

    agent: Agent
    endpoint: Endpoint
    home: Path
    lines: tuple[str, ...]

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Type a line into a shell, below what the page exports."""
        typed = "\n".join(["set -e", *self.exports, line])
        return self.endpoint.run(["bash", "-c", typed], self.home, self.commands)

    def types(self, line: str) -> str:
        """Type a line that has to work, and return all that is printed."""
        ran = self.run(line)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    def says(self, words: Sequence[str]) -> str:
        """Put words behind the page's last line, and return what the agent prints."""
        ran = self.run(f"{self.lines[-1]} {shlex.join(words)}")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    @property
    def exports(self) -> list[str]:
        return [line for line in self.lines if line.startswith("export ")]

    @property
    def commands(self) -> tuple[Path, ...]:
        return (command(self.agent.package, self.agent.once),)


def seated(agent: Agent, endpoint: Endpoint, home: Path) -> Seat:
    """Write the files that the page shows for an agent, and what its user had written."""
    (home / ".satchel").symlink_to(endpoint.home)
    told = pointing(agent.title)
    for name in told.files | agent.wrote:
        file = home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        text = told.files.get(name, "") + agent.wrote.get(name, "")
        text = text.replace(WRITTEN, endpoint.url)
        file.write_text(text.replace("{repository}", str(endpoint.repository)), encoding="utf-8")
    return Seat(
        agent, endpoint, home, tuple(line.replace(WRITTEN, endpoint.url) for line in told.lines)
    )


def trust_hooks(seat: Seat) -> None:
    """Trust Codex's hooks as its `/hooks` does: it asks its app server which there are, and has
    it write down what each looks like."""
    typed = "\n".join([*seat.exports, "exec codex app-server"])
    with subprocess.Popen(
        [*seat.endpoint.enter, "bash", "-c", typed],
        cwd=seat.endpoint.repository,
        env=seat.endpoint.environment(seat.home, seat.commands),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        to, of = server.stdin, server.stdout
        assert to is not None
        assert of is not None

        def ask(method: str, **parameters: Any) -> Any:
            asked = {"id": method, "method": method, "params": parameters}
            print(json.dumps(asked), file=to, flush=True)
            answers = (json.loads(line) for line in of)
            return next(answer["result"] for answer in answers if answer.get("id") == method)

        ask("initialize", clientInfo={"name": "tests", "version": "1"})
        [listed] = ask("hooks/list", cwds=[str(seat.endpoint.repository)])["data"]
        assert {hook["trustStatus"] for hook in listed["hooks"]} == {"untrusted"}
        state = {hook["key"]: {"trusted_hash": hook["currentHash"]} for hook in listed["hooks"]}
        edit = {"keyPath": "hooks.state", "mergeStrategy": "upsert", "value": state}
        ask("config/batchWrite", edits=[edit])
        server.terminate()
