"""`satchel export` and `import`: all records of a workspace as JSON Lines."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from satchel.base.errors import OUT_OF_ROOM, BadInput, Cancelled, SatchelError, unwritable
from satchel.base.paths import Home, write_private
from satchel.base.text import clean
from satchel.cli import record_lines, render
from satchel.cli.terminal import Terminal
from satchel.cli.workspace import accepted, folder
from satchel.tools.client import Daemon


def export(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Write the records to a file, or to standard output."""
    body = {"path": folder(args.path), "everywhere": args.everywhere}
    to = None if args.file == "-" else _place(args.file, terminal)
    daemon = Daemon.connect(home)
    lines = [event["text"] for event in daemon.stream("/api/export", body) if "text" in event]
    if to is None:
        if terminal.json:
            header, *records = map(json.loads, lines)
            terminal.answer({"header": header, "records": records})
        else:
            _put_out(lines, terminal)
        return 0
    try:
        _write(to, "".join(f"{line}\n" for line in lines))
    except OSError as error:
        raise _unwritten(to, error) from error
    count = len(lines) - 1
    if terminal.json:
        terminal.answer({"file": str(to), "records": count})
    else:
        terminal.show(f"Exported {render.counted(count, 'record')} to {clean(str(to))}.")
    return 0


def take_in(args: argparse.Namespace, terminal: Terminal, home: Home) -> int:
    """Read records from a file, or from standard input."""
    path = folder(args.path)
    daemon = Daemon.connect(home)
    with _file(args.file, terminal, home) as file:
        body: dict[str, Any] = {"file": file, "path": path, "trust": args.trust}
        told = accepted(daemon, path, terminal, lambda: daemon.call("POST", "/api/import", body))
    if terminal.json:
        terminal.answer(told)
    else:
        terminal.show("\n".join(record_lines.imported(told)))
    return 0


def _place(given: str, terminal: Terminal) -> Path | None:
    """Return where an export goes, at the end of every link; None for standard output, whatever
    name it goes by. Raises BadInput for what is neither a file, a pipe nor a terminal."""
    path = os.path.expanduser(given)  # noqa: PTH111  pathlib raises for a user who is not there
    to = Path(os.path.realpath(path))
    try:
        look = os.stat(path)  # noqa: PTH116  not of `to`: an open pipe has no name of its own
        if _is_out(look, terminal):
            return None
    except FileNotFoundError:
        look = None
    except OSError as error:
        raise _unwritten(to, error) from error
    if look is not None and (stat.S_ISFIFO(look.st_mode) or stat.S_ISCHR(look.st_mode)):
        return to if to.exists() else Path(path)
    if look is not None and (stat.S_ISSOCK(look.st_mode) or stat.S_ISBLK(look.st_mode)):
        raise BadInput(
            "bad-file", f"{clean(str(to))} is no file", "name a file, or - for standard output"
        )
    _may_write(to, terminal)
    return to


def _is_out(look: os.stat_result, terminal: Terminal) -> bool:
    try:
        return os.path.samestat(look, os.fstat(terminal.out.fileno()))
    except ValueError:  # it is no stream of the system
        return False


def _write(to: Path, content: str) -> None:
    """Write a file whole or not at all; what is there and no file is written into."""
    if to.exists() and not to.is_file():
        with to.open("wb") as stream:
            stream.write(content.encode())
    else:
        write_private(to, content)


def _unwritten(to: Path, error: OSError) -> SatchelError:
    if error.errno in OUT_OF_ROOM:
        return unwritable(to, error)
    return BadInput(
        "export-not-written",
        f"{clean(str(to))} cannot be written ({error.strerror or error})",
        "name a file in a folder that you may write to",
    )


def _may_write(to: Path, terminal: Terminal) -> None:
    shown = clean(str(to))
    if to.is_dir() or not to.parent.is_dir():
        what = (
            f"{shown} is a folder" if to.is_dir() else f"there is no folder {clean(str(to.parent))}"
        )
        raise BadInput("bad-file", what, "name a file in a folder that is there")
    if to.exists() and not terminal.confirm(
        f"Write over {shown}?",
        cannot=f"{shown} is there already, and nobody is here to be asked",
        instead="name another file, or add --yes to write over it",
    ):
        raise Cancelled("kept", f"{shown} was left as it is", "name another file")


def _put_out(lines: list[str], terminal: Terminal) -> None:
    """Write UTF-8 whatever the locale: the file's bytes are what its seal is about."""
    out = getattr(terminal.out, "buffer", None)
    terminal.out.flush()
    for line in lines:
        if out is not None:
            out.write(line.encode() + b"\n")
        else:
            terminal.show(line)


@contextmanager
def _file(given: str, terminal: Terminal, home: Home) -> Iterator[str]:
    """Yield the absolute path of a file to import; what is no file itself is put into one."""
    # os.path, not pathlib: the name may be one that pathlib cannot spell.
    path = os.path.abspath(os.path.expanduser(given))  # noqa: PTH100, PTH111
    if given != "-" and os.path.isfile(path):  # noqa: PTH113
        yield path
        return
    with tempfile.NamedTemporaryFile(dir=home.run, prefix="import.") as beside:
        try:
            with nullcontext(_bytes(terminal)) if given == "-" else open(path, "rb") as source:  # noqa: PTH123
                shutil.copyfileobj(source, beside)
            beside.flush()
        except OSError as error:
            if error.errno in OUT_OF_ROOM:
                raise unwritable(home.run, error) from error
            raise _unreadable(given, error) from error
        yield beside.name


def _bytes(terminal: Terminal) -> BinaryIO:
    source: BinaryIO | None = getattr(terminal.input, "buffer", None)
    if source is None:
        raise BadInput("no-input", "standard input cannot be read", "name a file")
    return source


def _unreadable(given: str, error: OSError) -> SatchelError:
    return BadInput(
        "no-such-file",
        f"{given!r} cannot be read: {(error.strerror or str(error)).lower()}",
        "check the path and its permissions",
    )
