"""The proof, for real: the kernel's count where this machine allows it, and that it can fail."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from satchel.cli.prove import CLOSED_WORLD, closed_world_refused
from satchel.prove.kernel import raise_loopback, read_counters


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def prove(home: Path, **environment: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "satchel.cli", "prove", "--json"],
        env={**os.environ, "SATCHEL_HOME": str(home), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    return done.returncode, json.loads(done.stdout)


@pytest.mark.skipif(bool(closed_world_refused()), reason="no network namespaces here")
def test_the_whole_walk_sends_nothing_and_the_control_is_counted(
    home: Path, real_assets: Path
) -> None:
    home.mkdir()
    (home / "assets").symlink_to(real_assets)
    status, result = prove(home)
    assert [step for step in result["steps"] if step["done"] is not True or step["left"]] == []
    assert (status, result["proved"], result["method"]) == (0, True, "kernel")
    assert result["before"] == result["after"] == {"ipv4": 0, "ipv6": 0}
    assert result["control"]["ipv4"] > 0
    assert result["control"]["ipv6"] > 0
    assert result["connections"]["elsewhere"] == []
    names = " ".join(step["name"] for step in result["steps"])
    assert all(part in names for part in ("index", "brief", "ask", "MCP", "without a grant"))
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^  done  .*$", readme, re.MULTILINE)
    walked = [f"  done  {step['name']}  {step['detail']}" for step in result["steps"][:-1]]
    assert [re.sub(r"\d+", "N", line) for line in shown] == [
        re.sub(r"\d+", "N", line) for line in walked
    ]


def test_without_namespaces_every_connection_that_python_saw_is_named(
    home: Path, tmp_path: Path
) -> None:
    without = tmp_path / "bin"
    without.mkdir()
    git = shutil.which("git")
    assert git is not None
    (without / "git").symlink_to(git)
    status, result = prove(home, PATH=str(without))
    assert result["no_closed_world_because"] == "`unshare` of util-linux is not installed"
    assert (status, result["proved"], result["method"]) == (0, True, "witness")
    assert "native code is not seen" in result["verdict"]
    assert result["connections"]["loopback"] or result["connections"]["unix"]
    assert any("192.0.2.1" in line for line in result["control_seen"])


@pytest.mark.skipif(bool(closed_world_refused()), reason="no network namespaces here")
def test_one_attempt_to_leave_moves_the_kernel_s_count(tmp_path: Path) -> None:
    program = (
        "import json, sys\n"
        "from dataclasses import asdict\n"
        "from tests.e2e.test_prove import attempts\n"
        "print(json.dumps([asdict(seen) for seen in attempts()]))\n"
    )
    done = subprocess.run(
        [*CLOSED_WORLD, sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    quiet, loopback, left = json.loads(done.stdout)
    assert loopback == quiet
    assert left["ipv4"] == quiet["ipv4"] + 1
    assert left["ipv6"] == quiet["ipv6"] + 1


def attempts() -> Iterator[Any]:
    """Read the count before anything, after a call on loopback, and after an attempt to leave."""
    import socket

    from satchel.prove.kernel import try_to_connect

    raise_loopback()
    yield read_counters()
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
    yield read_counters()
    try_to_connect()
    yield read_counters()
