"""Debian's own llama-server, beside the one that xllamacpp brings: another build, with a router.

Debian sid has it. The packages are downloaded by `apt-get` from the archive that the machine
itself is set up for, with lists of their own so that the system is left as it is, and unpacked
aside; the program then runs with its own loader and libraries. Once a machine, some 12 MB.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

# The program and what it links to; of what else Debian would install, nothing is needed.
PACKAGES = (
    "llama.cpp-tools",
    "libllama0",
    "libggml0",
    "libssl3t64",
    "libstdc++6",
    "libgcc-s1",
    "libc6",
    "libgomp1",
    "libzstd1",
    "zlib1g",
)
LIMIT_S = 300


class Absent(Exception):
    """Debian's llama-server cannot be had; the text says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """A command to put arguments behind, and the environment that it needs."""

    command: tuple[str, ...]
    environment: dict[str, str]


def llama_server(cache: Path) -> Program:
    """Return Debian's llama-server, fetched into `cache` if need be. Raises Absent."""
    root = cache / "debian-llama-server"
    if not root.is_dir():
        if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
            raise Absent("this is no Debian")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            made = _unpacked(Path(scratch))
            _try(_program(made))  # before it is kept: sid moves, and may be in pieces today
            try:
                made.rename(root)
            except OSError:  # another run was quicker
                if not root.is_dir():
                    raise
    return _program(root)


def _try(program: Program) -> None:
    told = subprocess.run(
        [*program.command, "--version"],
        env=program.environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    if told.returncode != 0:
        raise Absent(f"it ends with {told.returncode}: {told.stderr[-200:]!r}")


def _program(root: Path) -> Program:
    loader = next(iter(sorted(root.glob("usr/lib/*/ld-linux*"))), None)
    binary = root / "usr" / "bin" / "llama-server"
    if loader is None or not binary.is_file():
        raise Absent("Debian's packages hold no llama-server")
    backend = _cpu_backend(root)
    folders = [loader.parent, *(path for path in loader.parent.iterdir() if path.is_dir())]
    return Program(
        (str(loader), "--library-path", ":".join(map(str, folders)), str(binary), "--offline"),
        {**os.environ, **({"GGML_BACKEND_PATH": str(backend)} if backend else {})},
    )


def _cpu_backend(root: Path) -> Path | None:
    """Choose by hand what the program looks for beside itself, where its loader stands instead."""
    info = Path("/proc/cpuinfo")
    fast = "avx2" in (info.read_text(encoding="utf-8") if info.is_file() else "")
    for name in (*(("haswell",) if fast else ()), "x64", "*"):
        found = sorted(root.glob(f"usr/lib/*/ggml/backends*/libggml-cpu-{name}.so"))
        if found:
            return found[0]
    return None


def _unpacked(scratch: Path) -> Path:
    lists, archives, root = scratch / "lists", scratch / "archives", scratch / "root"
    for folder in (lists / "partial", archives, scratch / "cache" / "archives" / "partial", root):
        folder.mkdir(parents=True)
    sources = scratch / "sources.list"
    sources.write_text(f"deb {_archive()} sid main\n", encoding="utf-8")
    apart = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": lists,
        "Dir::State::status": "/dev/null",
        "Dir::Cache": scratch / "cache",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",
    }
    options = [word for name, value in apart.items() for word in ("-o", f"{name}={value}")]
    _run(["apt-get", *options, "-qq", "update"], scratch)
    _run(["apt-get", *options, "-qq", "download", *PACKAGES], archives)
    for package in sorted(archives.glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(package), str(root)], scratch)
    return root


def _archive() -> str:
    """Return the address of the Debian archive that this machine uses."""
    told = _run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages"],
        Path("/"),
    )
    for line in told.splitlines():
        address, _, label = line.partition(" ")
        if label == "Debian":
            return address
    raise Absent("this machine uses no Debian archive")


def _run(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=True,
        )
    except subprocess.CalledProcessError as failed:
        raise Absent(f"{command[0]} failed: {failed.stderr.strip()[-200:]}") from failed
    except subprocess.TimeoutExpired as late:
        raise Absent(f"{command[0]} took longer than {LIMIT_S} s") from late
    return done.stdout
