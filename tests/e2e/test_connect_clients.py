"""Real clients, connected by `satchel connect` and asked by themselves whether it works, then
disconnected: every file is as it was. Each has a HOME of its own and no network.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from satchel.base.paths import Home
from satchel.tools.client import find
from tests.e2e import npm

pytestmark = npm.needed

CHECK_S = 200  # seconds; some ten are needed
QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "GEMINI_CLI_TRUST_WORKSPACE": "true",
    "OPENCODE_DISABLE_MODELS_FETCH": "1",
    "npm_config_fetch_retries": "0",  # OpenCode's own packages: there is no network to wait for
}
GEMINI = '{\n\t"security": {"auth": {"selectedType": "gemini-api-key"}} // by hand\n}'
CODEX = (
    '# mine\r\nmodel = "m"\r\n\r\n[mcp_servers.other]\r\ncommand = "true" # off\r\nenabled = false'
)
OPENCODE = '{\n    // mine\n    "$schema": "https://opencode.ai/config.json",\n    "mcp": {},\n}\n'


@dataclass(frozen=True, slots=True)
class Agent:
    """A client: its name with us, its package, its health check and what that says when all is
    well, and what its user had written before."""

    name: str
    package: str
    once: str | None
    check: tuple[str, ...]
    well: str
    written: dict[str, str]


AGENTS = (
    Agent(
        "claude-code",
        "@anthropic-ai/claude-code@2.1.330",
        "install.cjs",
        ("claude", "mcp", "list"),
        r"satchel: .* mcp - ✔ Connected",
        {".claude/settings.json": '{ "hooks": { "Stop": [] } }\n'},
    ),
    Agent(
        "gemini",
        "@google/gemini-cli@0.61.0",
        None,
        ("gemini", "mcp", "list"),
        r"✓ satchel: .* mcp \(stdio\) - Connected",
        {".gemini/settings.json": GEMINI},
    ),
    Agent(
        "opencode",
        "opencode-ai@1.18.33",
        "postinstall.mjs",
        ("opencode", "mcp", "list"),
        r"✓ satchel .*connected",
        {".config/opencode/opencode.jsonc": OPENCODE},
    ),
    Agent(
        "codex",
        "@openai/codex@0.169.0",
        None,
        ("codex", "mcp", "list"),
        r"satchel +\S+ +.*mcp .*enabled",
        {".codex/config.toml": CODEX},
    ),
    Agent(
        "copilot",
        "@github/copilot@1.0.102",
        None,
        ("copilot", "mcp", "list"),
        r"satchel \(local\)",
        {".copilot/mcp-config.json": ""},
    ),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """A HOME, a workspace and a home of Satchel's."""

    own: Path
    workspace: Path
    environment: dict[str, str]

    def run(
        self, command: Sequence[str | Path], prefix: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command here, as the user of this HOME."""
        return subprocess.run(
            [*prefix, *command],
            cwd=self.workspace,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=CHECK_S,
        )

    def satchel(self, *words: str) -> None:
        """Run a command of ours, which has to work."""
        done = self.run([sys.executable, "-m", "satchel.cli", *words])
        assert done.returncode == 0, done.stderr

    def files(self) -> dict[str, bytes]:
        """Return the files that a client is set up by, wherever they are in this HOME."""
        ends = (".json", ".jsonc", ".toml", ".js", ".npmrc")
        found = [path for path in self.own.rglob("*") if path.is_file()]
        return {
            path.relative_to(self.own).as_posix(): path.read_bytes()
            for path in found
            if path.name.endswith(ends)
            and ".cache" not in path.parts
            and "satchel" in path.read_text("utf-8", "replace")
        }


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    own, workspace, home = tmp_path / "own", tmp_path / "work", Home(tmp_path / "h")
    own.mkdir()
    workspace.mkdir()
    environment = {
        "PATH": os.pathsep.join([str(npm.node().parent), "/usr/bin", "/bin"]),
        "HOME": str(own),
        "SATCHEL_HOME": str(home.root),
        "LANG": "C.UTF-8",
        **QUIET,
    }
    yield Desk(own, workspace, environment)
    daemon = find(home)
    if daemon is not None:
        daemon.stop()


@pytest.mark.parametrize("agent", AGENTS, ids=[agent.name for agent in AGENTS])
def test_a_real_client_is_connected_and_left_as_it_was(agent: Agent, desk: Desk) -> None:
    for name, text in agent.written.items():
        (desk.own / name).parent.mkdir(parents=True, exist_ok=True)
        (desk.own / name).write_bytes(text.encode())
    program, *words = agent.check
    check: list[str | Path] = [npm.command(agent.package, agent.once) / program, *words]
    if agent.name == "claude-code":  # its configuration is its own to write first
        desk.run(check, npm.offline())
    before = {
        name: (desk.own / name).read_bytes()
        for name in (*agent.written, ".claude.json")
        if (desk.own / name).exists()
    }
    assert not desk.files()

    desk.satchel("connect", agent.name, "--yes")
    assert desk.files()
    desk.satchel("connect", agent.name, "--yes")
    desk.satchel("up")  # a check may be less patient than a first start on a busy machine
    told = desk.run(check, npm.offline())
    assert re.search(agent.well, told.stdout + told.stderr), told.stdout + told.stderr

    desk.satchel("disconnect", agent.name, "--yes")
    assert not desk.files()
    after = {name: (desk.own / name).read_bytes() for name in before}
    assert after == before
