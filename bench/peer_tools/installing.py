"""Puts a peer into an environment of its own, through the user's own pip."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from bench.peer_tools.lines import Failed, run

INSTALL_SECONDS = 1200
ASK_SECONDS = 60
VERSIONS = """
import json, sys
from importlib.metadata import version
print(json.dumps({name: version(name) for name in sys.argv[1:]}))
"""


def python_of(environment: Path) -> Path:
    """Return the interpreter of an environment."""
    return environment / "bin" / "python"


def plain(requirement: str) -> str:
    """Return the name of a requirement, without its extras."""
    return requirement.partition("[")[0]


def install(environment: Path, requirements: Sequence[str], python: str) -> None:
    """Make an environment that has the requirements, once; raises Failed with pip's reason."""
    if installed(environment, requirements):
        return
    environment.parent.mkdir(parents=True, exist_ok=True)
    here = dict(os.environ)
    if not python_of(environment).exists():
        run([python, "-m", "venv", str(environment)], here, Path.cwd(), INSTALL_SECONDS)
    pip = [str(python_of(environment)), "-m", "pip", "install", "--quiet", *requirements]
    run(pip, here, Path.cwd(), INSTALL_SECONDS)


def installed(environment: Path, requirements: Sequence[str]) -> dict[str, str]:
    """Return the versions of the requirements; empty where one of them is not there."""
    names = [plain(requirement) for requirement in requirements]
    try:
        told = run(
            [str(python_of(environment)), "-c", VERSIONS, *names],
            dict(os.environ),
            Path.cwd(),
            ASK_SECONDS,
        )
    except Failed:
        return {}
    versions: dict[str, str] = json.loads(told)
    return versions
