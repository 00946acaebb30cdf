"""The layers of pyproject.toml's import contract, and what may start without any dependency."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What a user waits for at every call starts from the standard library alone.
LEAN = ("satchel.base", "satchel.tools.shim", "satchel.tools.client", "satchel.cli")


def test_imports_point_down_and_layers_stay_apart() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    command += ["--config", str(ROOT / "pyproject.toml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", LEAN)
def test_what_starts_often_needs_the_standard_library_alone(module: str) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); import {module}; "
        "names = {name.partition('.')[0] for name in sys.modules}; "
        "print(sorted(names - set(sys.stdlib_module_names) - {'satchel', '__main__'}))"
    )
    command = [sys.executable, "-I", "-S", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
