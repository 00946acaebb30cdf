"""That only what runs here or was permitted can be asked is held by the type checker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SNIPPET = """
from satchel.model.consent import Permitted
from satchel.model.leaving import Material
from satchel.model.turns import Generation
from satchel.model.types import Backend, Local, Model, Remote
from satchel.model.upstream import embed, stream

def here(local: Local, model: Model) -> None:
    stream(local, model, Generation(prompt="hello"))

def allowed(permitted: Permitted, model: Model) -> None:
    stream(permitted, model, Generation(prompt="hello"))

def refused(remote: Remote, model: Model) -> None:
    stream(remote, model, Generation(prompt="hello"))

def undecided(backend: Backend, model: Model) -> None:
    stream(backend, model, Generation(prompt="hello"))

async def embedded(permitted: Permitted, model: Model) -> None:
    await embed(permitted, model, ["hello"])

def forged(remote: Remote, model: Model) -> Permitted:
    return Permitted(remote, model, "", 0, Material.PROMPT, (), "", "")

def changed(generation: Generation) -> None:
    generation.prompt = "more than was shown"
"""


def test_asking_a_remote_that_was_not_permitted_is_a_type_error(tmp_path: Path) -> None:
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
    assert [line.split(":")[1] for line in errors] == ["15", "18", "21", "24", "27"], done.stdout
    told = [
        ("Remote", "Local | Permitted"),
        ("Local | Remote", "Local | Permitted"),
        ("Permitted", "Local"),  # embedding never leaves, whatever was permitted
    ]
    for error, (given, expected) in zip(errors, told, strict=False):
        assert f'has incompatible type "{given}"; expected "{expected}"' in error
    assert 'Missing positional argument "seal" in call to "Permitted"' in errors[3]
    assert 'Property "prompt" defined in "Generation" is read-only' in errors[4]
