"""Satchel, ripgrep, and what one of the drivers serves, each at work on a clone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryFile

from bench.brief import daemon_of
from bench.figures import KB_IN_MB
from bench.localise import ASKED
from bench.peer_tools import ranking
from bench.peer_tools.installing import python_of
from bench.peer_tools.lines import Failed, Lines
from bench.peer_tools.place import RESULTS, Place, Session
from bench.peer_tools.processes import MARK
from satchel.base.errors import SatchelError
from satchel.base.paths import Home
from satchel.tools.client import Daemon

TOP = Path(__file__).resolve().parents[2]


class Satchel:
    """The daemon, asked through `satchel mcp`; its ranking as `bench.localise` takes it."""

    def __init__(self, place: Place, daemon: Daemon, shim: Lines) -> None:
        self._place, self._daemon, self._shim = place, daemon, shim

    def index(self) -> None:
        """Bring the index to the commit."""
        try:
            for _ in self._daemon.stream(
                "/api/index", {"path": str(self._place.clone), "accept": True}
            ):
                pass
        except SatchelError as error:
            raise Failed(error.message) from error

    def ask(self, request: str) -> str:
        """Return the briefing at default settings."""
        return self._shim.tool("get_context", {"request": request}, self._place.ask_seconds)

    def rank(self, request: str) -> list[str]:
        """Return the first 25 files, tests among them."""
        body = {"request": request, "path": str(self._place.clone), "files": ASKED}
        try:
            packet = self._daemon.call("POST", "/api/brief", body)
        except SatchelError as error:
            raise Failed(error.message) from error
        return [file["path"] for file in packet["files"]]


@contextmanager
def satchel(place: Place) -> Iterator[Session]:
    """Run a daemon of its own and the shim before it."""
    os.environ[MARK] = place.mark  # the daemon takes our environment
    try:
        with daemon_of(Home(place.home)) as daemon:
            env = {**os.environ, "SATCHEL_HOME": str(place.home)}
            with Lines([place.program("satchel"), "mcp"], env, place.clone) as shim:
                shim.greet(place.ask_seconds)
                yield Satchel(place, daemon, shim)
    finally:
        del os.environ[MARK]


class Ripgrep:
    """Every name of the request as a whole word, in source files; no index and no server."""

    def __init__(self, place: Place, program: str) -> None:
        self._place, self._program = place, program
        self._ranked: list[str] = []

    def index(self) -> None:
        """There is none."""

    def ask(self, request: str) -> str:
        """Return all matching lines, as `rg -n` prints them."""
        names = ranking.identifiers(request)
        globs = [f"--glob=*{suffix}" for suffix in sorted(self._place.suffixes)]
        command = [self._program, "--json", "--fixed-strings", "--word-regexp", *globs]
        found = list(ranking.matches(self._run([*command, *(f"-e{name}" for name in names)])))
        self._ranked = ranking.by_hits((path, hit) for path, _, _, hits in found for hit in hits)
        return "\n".join(f"{path}:{number}:{line}" for path, number, line, _ in found)

    def rank(self, request: str) -> list[str]:
        """Return the files with the most different names."""
        return self._ranked

    def _run(self, command: list[str]) -> str:
        """Run it and note its memory, which no look from outside would catch in time."""
        with TemporaryFile() as out:
            process = subprocess.Popen(
                [*command, "--", "."],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env=self._place.env(),
                cwd=self._place.clone,
            )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode > 1:
                raise Failed(f"rg ended with {process.returncode}")
            self._place.peak.note(used.ru_maxrss / KB_IN_MB)
            out.seek(0)
            return out.read().decode("utf-8", "replace")


@contextmanager
def ripgrep(place: Place) -> Iterator[Session]:
    """Take the user's own rg, or the one of the environment."""
    program = which("rg", path=place.env()["PATH"])
    if program is None:
        raise Failed("there is no rg on the PATH and none was installed")
    yield Ripgrep(place, program)


class Driven:
    """A peer behind one of the drivers."""

    def __init__(self, place: Place, lines: Lines) -> None:
        self._place, self._lines = place, lines

    def index(self) -> None:
        """Have it read the clone."""
        self._lines.call("index", {"top": str(self._place.clone)}, self._place.index_seconds)

    def ask(self, request: str) -> str:
        """Return what it prints."""
        return str(self._lines.call("ask", {"request": request}, self._place.ask_seconds))

    def rank(self, request: str) -> list[str]:
        """Return the files of its first results."""
        params = {"request": request, "limit": RESULTS}
        return list(self._lines.call("rank", params, self._place.ask_seconds))


@contextmanager
def driven(place: Place, driver: str, *arguments: str) -> Iterator[Session]:
    """Run a driver in the peer's environment."""
    module = f"bench.peer_tools.drivers.{driver}"
    command = [str(python_of(place.environment)), "-P", "-m", module]  # -P: nothing of the clone
    with Lines(
        [*command, *arguments], place.env() | {"PYTHONPATH": str(TOP)}, place.clone
    ) as lines:
        yield Driven(place, lines)


@contextmanager
def whole_files(place: Place) -> Iterator[Session]:
    """BM25, in our own environment."""
    with driven(place, "whole_files", *sorted(place.suffixes)) as session:
        yield session


@contextmanager
def semble(place: Place) -> Iterator[Session]:
    """semble with the model of its choice."""
    with driven(place, "semble_index") as session:
        yield session


@contextmanager
def semble_lexical(place: Place) -> Iterator[Session]:
    """semble without the weight of its vectors."""
    with driven(place, "semble_index", "lexical") as session:
        yield session


@contextmanager
def aider(place: Place) -> Iterator[Session]:
    """aider's repository map."""
    with driven(place, "aider_map") as session:
        yield session
