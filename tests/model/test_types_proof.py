"""That a Remote cannot be streamed is held by the type checker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SNIPPET = """
from satchel.model.types import Backend, Local, Message, Model, Remote
from satchel.model.upstream import stream

def allowed(local: Local, model: Model) -> None:
    stream(local, model, [Message("user", "hello")])

def refused(remote: Remote, model: Model) -> None:
    stream(remote, model, [Message("user", "hello")])

def undecided(backend: Backend, model: Model) -> None:
    stream(backend, model, [Message("user", "hello")])
"""


def test_streaming_a_remote_is_a_type_error(tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(snippet)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert done.returncode == 1, done.stdout + done.stderr
    assert [line.split(":")[1] for line in errors] == ["9", "12"], done.stdout
    assert 'expected "Local"' in errors[0]
    assert '"Local | Remote"; expected "Local"' in errors[1]
