"""`satchel doctor`: what is there, what is missing, and what to do. Starts and changes nothing."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from satchel import __version__
from satchel.base import settings
from satchel.base.errors import SatchelError
from satchel.base.paths import Home
from satchel.base.text import clean, one_line
from satchel.cli.render import size
from satchel.cli.terminal import PLAIN, Paint, Terminal
from satchel.model import detect
from satchel.model.types import Found, Local
from satchel.tools.client import find
from satchel.tools.clients import CLIENTS

LEAST_FREE = 500_000_000  # bytes; the models and a large index
LEAST_GIT = (2, 25)

OK, NOTE, TODO = "ok", "note", "to do"
STYLE = {OK: "good", NOTE: "dim", TODO: "bad"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `next_step` is empty where nothing is to be done."""

    about: str
    state: str  # OK, NOTE or TODO
    text: str
    next_step: str = ""


def doctor(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Look at everything; exit 1 where something is to be done."""
    findings = list(examine(home))
    todo = [finding for finding in findings if finding.state == TODO]
    if terminal.json:
        terminal.answer(
            {
                "fine": not todo,
                "findings": [
                    {
                        "about": finding.about,
                        "state": finding.state,
                        "text": finding.text,
                        "next": finding.next_step or None,
                    }
                    for finding in findings
                ],
            }
        )
    else:
        terminal.show("\n".join(listed(findings, terminal.paint)))
    return 1 if todo else 0


def examine(home: Home) -> Iterator[Finding]:
    """Make every check; one that fails is a finding, not an end."""
    for check in CHECKS:
        try:
            yield from check(home)
        except SatchelError as error:
            yield Finding(check.__name__.strip("_"), TODO, error.message, error.next_step)
        except OSError as error:
            yield Finding(check.__name__.strip("_"), TODO, str(error), "check that path")


def listed(findings: list[Finding], paint: Paint = PLAIN) -> list[str]:
    """Findings for a person, and one sentence at the end."""
    width = max(len(finding.about) for finding in findings)
    lines = []
    for finding in findings:
        state = paint(STYLE[finding.state], finding.state.ljust(len(TODO)))
        lines.append(f"{state}  {finding.about.ljust(width)}  {one_line(finding.text)}")
        if finding.next_step:
            lines.append(f"{' ' * (len(TODO) + 2)}{' ' * width}  → {clean(finding.next_step)}")
    count = sum(finding.state == TODO for finding in findings)
    lines.append("")
    lines.append("Nothing needs doing." if not count else f"To do: {count}.")
    return lines


# --- the checks -------------------------------------------------------------------------------


def _python(home: Home) -> Iterator[Finding]:
    version = platform.python_version()
    text = f"{version} on {platform.system()} {platform.machine()}; Satchel {__version__}"
    yield Finding("python", OK, text)


def _git(home: Home) -> Iterator[Finding]:
    try:
        done = subprocess.run(
            ["git", "version"], capture_output=True, text=True, check=False, timeout=10
        )
    except (FileNotFoundError, subprocess.TimeoutExpired):
        yield Finding("git", TODO, "not found", "install git; plain folders work without it")
        return
    version = done.stdout.split()[2] if len(done.stdout.split()) > 2 else "unknown"
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers >= LEAST_GIT:
        yield Finding("git", OK, version)
    else:
        yield Finding("git", TODO, version, "install git 2.25 or newer")


def _home(home: Home) -> Iterator[Finding]:
    place = home.root
    while not place.exists():
        place = place.parent
    if not _writable(place):
        yield Finding(
            "home",
            TODO,
            f"{home.root} cannot be written",
            "make it writable, or set SATCHEL_HOME to a folder that is",
        )
        return
    yield Finding("home", OK, str(home.root) + ("" if home.root.exists() else " (not made yet)"))
    if home.socket is None:
        yield Finding("socket", NOTE, "the home's path is too long for a socket; loopback is used")
    free = shutil.disk_usage(place).free
    if free >= LEAST_FREE:
        yield Finding("disk", OK, f"{size(free)} free")
    else:
        yield Finding("disk", TODO, f"{size(free)} free", "make room, or move SATCHEL_HOME")


def _writable(place: Path) -> bool:
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False


def _settings(home: Home) -> Iterator[Finding]:
    chosen = settings.load(home).chosen
    yield Finding(
        "settings", OK, f"{len(chosen)} changed from the defaults" if chosen else "defaults"
    )


def _daemon(home: Home) -> Iterator[Finding]:
    daemon = find(home)
    if daemon is None:
        yield Finding("daemon", NOTE, "not running; it starts on demand")
    elif daemon.version != __version__:
        text = f"version {daemon.version} runs, this is {__version__}"
        yield Finding("daemon", NOTE, text + "; the next command replaces it")
    else:
        yield Finding("daemon", OK, f"process {daemon.pid}, {daemon.url}")


def _stores(home: Home) -> Iterator[Finding]:
    stores = sorted(home.workspaces.glob("*/*.db"))
    for store in stores:
        wrong = integrity(store)
        if wrong is None:
            continue
        name = f"{store.parent.name}/{store.name}"
        rebuildable = store.name == "index.db"
        yield Finding(
            "store",
            TODO,
            f"{name} is damaged: {wrong}",
            f"`satchel down`, delete {store}, and index that folder again"
            if rebuildable
            else "`satchel packets --forget all` in that folder"
            if store.name == "packets.db"
            else f"`satchel down`, and put {store} back from a backup; it holds your records",
        )
    sound = [store for store in stores if integrity(store) is None]
    held = sum(file.stat().st_size for file in home.workspaces.glob("*/*.db*"))
    yield Finding(
        "stores",
        OK,
        f"{len(sound)} sound, {size(held)}" if stores else "none yet",
    )
    for top in accepted(home):
        if Path(top).is_dir():
            yield Finding("accepted", OK, top)
        else:
            yield Finding(
                "accepted",
                NOTE,
                f"{top} is not there any more",
                f"`satchel forget --folder {shlex.quote(clean(top))}` deletes what is kept of it",
            )


def integrity(store: Path) -> str | None:
    """Return what SQLite finds wrong with a file, or None. Reads it and writes nothing."""
    try:
        connection = apsw.Connection(str(store), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            found = connection.pragma("quick_check", 1)
        finally:
            connection.close()
    except apsw.Error as error:
        return str(error)
    return None if found == "ok" else str(found)


def accepted(home: Home) -> list[str]:
    """Return the folders that the user accepted; as `wiring.leave`, without what that loads."""
    tops = []
    for file in sorted(home.workspaces.glob("*/workspace.json")):
        try:
            tops.append(str(json.loads(file.read_text(encoding="utf-8"))["top"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return tops


def _models(home: Home) -> Iterator[Finding]:
    from satchel.cli.fetch import states
    from satchel.model import shelf

    found = asyncio.run(detect.find(settings.load(home)))
    yield from servers(found)
    here = {row["name"]: row for row in states(home)}
    local = any(isinstance(backend, Local) and backend.models for backend in found.backends)
    pulled = shelf.kept(home.models)
    for row in pulled:
        yield Finding("model file", OK, f"{row.name}: pulled ({size(row.bytes)})")
    yield from models(here, local or any(row.chat for row in pulled))


def servers(found: Found) -> Iterator[Finding]:
    """What answers on this machine, and what was passed over. Pure."""
    for backend in found.backends:
        names = ", ".join(model.name for model in backend.models) or "no model"
        where = f"{backend.name} at {backend.base_url}: {names}"
        if isinstance(backend, Local):
            yield Finding("server", OK, where)
        else:
            yield Finding("passed over", NOTE, f"{where} ({backend.evidence})")
    for row in found.rejected:
        who = f"{row.server} at {row.address}" if row.server else row.address
        yield Finding("passed over", NOTE, f"{who}: {row.reason}")
    if not found.backends:
        yield Finding("server", NOTE, "no model server answers here")


def models(here: Mapping[str, Mapping[str, Any]], local: bool) -> Iterator[Finding]:
    """The model files, and what lacks without them. Pure."""
    for name, row in here.items():
        text = f"{name}: {row['state']}"
        if row["state"] == "here":
            yield Finding("model file", OK, text)
        elif row["state"] == "damaged":
            yield Finding("model file", TODO, text, f"`satchel fetch {name}` replaces it")
        elif name == "smollm2" and not local:
            yield Finding(
                "model file",
                TODO,
                f"{text}, and no server answers: nobody can answer `satchel ask`",
                f"start Ollama with a model, or `satchel fetch {name}` ({size(row['bytes'])})",
            )
        else:
            yield Finding("model file", NOTE, f"{text} ({row['purpose']})")


def _clients(home: Home) -> Iterator[Finding]:
    found = [row.title for row in CLIENTS if row.command and shutil.which(row.command)]
    yield Finding("clients", OK if found else NOTE, ", ".join(found) or "none on PATH")


CHECKS: tuple[Callable[[Home], Iterator[Finding]], ...] = (
    _python,
    _git,
    _home,
    _settings,
    _daemon,
    _stores,
    _models,
    _clients,
)
