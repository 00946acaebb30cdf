"""The packages in the clients that they are for: each takes its own and connects to Satchel.

Every client has a HOME of its own and no network. Codex and Copilot have no check that connects:
there the client's own list tells that it took the server.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from satchel.base.paths import Home
from satchel.tools import packaging
from satchel.tools.client import connect
from tests.e2e import npm

CLAUDE = "@anthropic-ai/claude-code@2.1.330"
CODEX = "@openai/codex@0.169.0"
COPILOT = "@github/copilot@1.0.102"
GEMINI = "@google/gemini-cli@0.61.0"
MCPB = "@anthropic-ai/mcpb@2.1.2"

pytestmark = npm.needed


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who has the packages, and the commands that they start on PATH."""

    packages: Path
    environment: dict[str, str]

    def told(self, command: Sequence[str | Path]) -> str:
        """Run a client, which must end well, and return what it said."""
        run = subprocess.run(
            [*npm.offline(), *command],
            cwd=self.packages.parent,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout + run.stderr


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    packages = tmp_path / "packaging"
    packaging.write(packages)
    own = tmp_path / "own"
    own.mkdir()
    home = Home(tmp_path / "h")
    path = [str(npm.node().parent), str(Path(sys.executable).parent), os.environ["PATH"]]
    daemon = connect(home)  # a client's check waits for less than a cold start may take
    yield Desk(
        packages,
        {
            "PATH": os.pathsep.join(path),
            "HOME": str(own),
            "SATCHEL_HOME": str(home.root),
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "GEMINI_CLI_TRUST_WORKSPACE": "true",
            "LANG": "C.UTF-8",
        },
    )
    daemon.stop()


def test_claude_code_takes_the_plugin_and_connects(desk: Desk) -> None:
    claude = npm.command(CLAUDE, "install.cjs") / "claude"
    for folder in (desk.packages, desk.packages / "plugin"):
        assert "✔ Validation passed" in desk.told(
            [claude, "plugin", "validate", "--strict", folder]
        )
    desk.told([claude, "plugin", "marketplace", "add", desk.packages])
    desk.told([claude, "plugin", "install", "satchel@satchel"])
    details = desk.told([claude, "plugin", "details", "satchel"])
    assert "workspace-context" in details
    assert "SessionStart, UserPromptSubmit, PreToolUse, SessionEnd" in details
    assert "✔ Connected" in desk.told([claude, "mcp", "list"])


def test_codex_takes_the_plugin(desk: Desk) -> None:
    codex = npm.command(CODEX) / "codex"
    desk.told([codex, "plugin", "marketplace", "add", desk.packages])
    desk.told([codex, "plugin", "add", "satchel@satchel"])
    assert "installed, enabled" in desk.told([codex, "plugin", "list"])
    [row] = [line for line in desk.told([codex, "mcp", "list"]).splitlines() if "satchel" in line]
    assert row.split()[:3] == ["satchel", "satchel", "mcp"]


def test_copilot_takes_the_plugin(desk: Desk) -> None:
    copilot = npm.command(COPILOT) / "copilot"
    desk.told([copilot, "plugin", "marketplace", "add", desk.packages])
    assert "Installed 1 skill" in desk.told([copilot, "plugin", "install", "satchel@satchel"])
    assert "satchel@satchel" in desk.told([copilot, "plugin", "list"])
    assert "satchel (local)" in desk.told([copilot, "mcp", "list"])


def test_gemini_takes_the_extension_and_connects(desk: Desk) -> None:
    gemini = npm.command(GEMINI) / "gemini"
    extension = desk.packages / "gemini"
    assert "successfully validated" in desk.told([gemini, "extensions", "validate", extension])
    desk.told([gemini, "extensions", "link", extension, "--consent"])
    assert "workspace-context" in desk.told([gemini, "extensions", "list"])
    assert "satchel mcp (stdio) - Connected" in desk.told([gemini, "mcp", "list"])


def test_the_bundle_is_one_and_starts_the_server(desk: Desk) -> None:
    mcpb = npm.command(MCPB) / "mcpb"
    manifest = desk.packages / "mcpb" / "manifest.json"
    assert "Manifest schema validation passes" in desk.told([mcpb, "validate", manifest])
    packed = desk.packages / "satchel.mcpb"
    packed.write_bytes(packaging.bundle())
    assert "satchel.mcpb" in desk.told([mcpb, "info", packed])
    desk.told([mcpb, "unpack", packed, desk.packages / "there"])
    server = desk.packages / "there" / "server.py"
    assert desk.told([sys.executable, server, desk.packages]) == ""  # no line in, none out
