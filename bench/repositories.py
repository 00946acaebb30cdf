"""Real repositories to measure on: source archives of a package index, made into git ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

DOWNLOAD_SECONDS = 240
AUTHOR = {
    "GIT_AUTHOR_NAME": "Bench",
    "GIT_AUTHOR_EMAIL": "bench@example.invalid",
    "GIT_COMMITTER_NAME": "Bench",
    "GIT_COMMITTER_EMAIL": "bench@example.invalid",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00+00:00",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00+00:00",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


class NoIndex(Exception):
    """The package index did not give the archive."""


def cache_folder() -> Path:
    """Where archives are kept between runs: $SATCHEL_TEST_CACHE or ~/.cache/satchel-tests."""
    named = os.environ.get("SATCHEL_TEST_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "satchel-tests"


def source_archive(requirement: str, cache: Path) -> Path:
    """Return the source archive of `name==version`, fetched once through the user's own pip.

    Raises NoIndex where pip cannot get it.
    """
    folder = cache / "sdists" / requirement
    for archive in sorted(folder.glob("*.tar.gz")):
        return archive
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--no-binary", ":all:", "--dest", scratch, requirement]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NoIndex(f"{requirement}: no answer within {DOWNLOAD_SECONDS} s") from error
        archives = sorted(Path(scratch).glob("*.tar.gz"))
        if done.returncode != 0 or not archives:
            lines = done.stderr.strip().splitlines() or ["pip gave no archive"]
            raise NoIndex(f"{requirement}: {lines[-1]}")
        folder.mkdir(exist_ok=True)
        beside = folder / f".{archives[0].name}.{os.getpid()}"
        shutil.copyfile(archives[0], beside)
        return beside.replace(folder / archives[0].name)


def as_repository(archive: Path, top: Path) -> Path:
    """Unpack an archive without its top folder into `top`, a new git repository of one commit."""
    top.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=top.parent) as scratch:
        with tarfile.open(archive) as packed:
            packed.extractall(scratch, filter="data")
        inner = next(Path(scratch).iterdir())
        for entry in inner.iterdir():
            shutil.move(entry, top / entry.name)
    git(top, "init", "--quiet", "--initial-branch=main")
    git(top, "add", "--all", "--force")
    git(top, "commit", "--quiet", "--no-verify", "--message", f"Import {archive.name}")
    return top


def git(top: Path, *arguments: str) -> str:
    """Run git in a repository with fixed dates and no configuration of the user's; its output."""
    command = ["git", "-C", str(top), "-c", "core.fsmonitor=false", "-c", "commit.gpgSign=false"]
    done = subprocess.run(
        [*command, *arguments],
        capture_output=True,
        check=True,
        env={**os.environ, **AUTHOR},
    )
    return done.stdout.decode("utf-8", "replace")
