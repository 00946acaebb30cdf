"""The MCP conformance suite against the product's daemon, by the requirements of both revisions.

The daemon is the real one, started by the product's own `serve`, with the suite's fixtures added
to its MCP server; a proxy adds the token and the folder, which the suite knows nothing of. Every
scored scenario passes in both revisions.

What is not as it ships: four scenarios of 2025-11-25 have the server ask its client in the middle
of a call. Before 2026-07-28 the reply to that is a request of its own, and only a session leads it
back. No tool of ours asks, so that the product keeps no sessions and goes on serving after a
restart; the daemon that passes them keeps sessions for the fixtures. The last test here runs the
same revision without sessions, as the product ships, and holds that those four are all it costs.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from satchel.base.paths import Home
from satchel.tools.client import find
from tests.e2e import npm
from tests.e2e.conformance import proxy

SUITE = "@modelcontextprotocol/conformance@0.2.0-alpha.12"
REVISIONS = {"2025-11-25": 30, "2026-07-28": 37}  # to the scenarios that each scores
ASKING = {
    "tools-call-sampling",
    "tools-call-elicitation",
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
}

pytestmark = npm.needed


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run of the suite told."""

    exit_status: int
    passed: frozenset[str]
    failed: frozenset[str]
    unscored: frozenset[str]
    told: str

    @property
    def scored(self) -> frozenset[str]:
        return (self.passed | self.failed) - self.unscored


def verdict(run: subprocess.CompletedProcess[str]) -> Verdict:
    """Read the summary: a line a scenario, then the scenarios that do not count."""
    summary, _, rest = run.stdout.partition("=== SUMMARY ===")[2].partition("Not scored for")
    return Verdict(
        run.returncode,
        frozenset(re.findall(r"^✓ ([\w-]+): ", summary, re.M)),
        frozenset(re.findall(r"^✗ ([\w-]+): ", summary, re.M)),
        frozenset(re.findall(r"^ +[✓✗] ([\w-]+) \(", rest, re.M)),
        run.stdout[-6000:] + run.stderr,
    )


@contextmanager
def served(folder: Path, *words: str) -> Iterator[int]:
    """Run a daemon with the fixtures and a workspace that it knows; give the proxy's port."""
    home = Home(folder / "h")
    top = folder / "shop"
    top.mkdir(parents=True)
    (top / "cart.py").write_text("def total(items):\n    return sum(items)\n")
    subprocess.run(["git", "init", "-q"], cwd=top, check=True)
    command = [sys.executable, "-m", "tests.e2e.conformance.daemon", *words]
    environment = os.environ | {"SATCHEL_HOME": str(home.root)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            while not home.address.exists():
                assert process.poll() is None, "the daemon ended"
                time.sleep(0.05)
            daemon = find(home)
            assert daemon is not None
            list(daemon.stream("/api/index", {"path": str(top), "accept": True}))
            port = int(json.loads(home.address.read_text())["url"].rpartition(":")[2])
            added = {"Authorization": f"Bearer {daemon.token}", "X-Satchel-Workspace": str(top)}
            with proxy.before(port, added) as own:
                yield own
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with served(tmp_path_factory.mktemp("conformance")) as own:
        yield own


def judged(port: int, revision: str, folder: Path) -> Verdict:
    """Run every scenario that a revision requires, and those that it reports without scoring."""
    package = npm.fetched(SUITE) / "@modelcontextprotocol" / "conformance"
    url = f"http://localhost:{port}/mcp"
    suite: list[str | Path] = [npm.node(), package / "dist" / "index.js"]
    run = subprocess.run(
        [*suite, "server", "--url", url, "--requirements", revision],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    return verdict(run)


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_scored_scenario_of_a_revision_passes(
    port: int, revision: str, tmp_path: Path
) -> None:
    found = judged(port, revision, tmp_path)
    assert not found.scored & found.failed, found.told
    assert len(found.scored) == REVISIONS[revision], sorted(found.scored)
    assert found.exit_status == 0, found.told


def test_without_sessions_only_what_asks_the_client_midway_is_lost_to_the_older_era(
    tmp_path: Path,
) -> None:
    with served(tmp_path, "stateless") as own:
        found = judged(own, "2025-11-25", tmp_path)
    assert found.scored & found.failed == ASKING, found.told


def test_the_package_holds_none_of_the_suites_fixtures() -> None:
    source = Path(__file__).parents[2] / "src"
    held = [path for path in source.rglob("*.py") if "test_simple_text" in path.read_text()]
    assert held == []
