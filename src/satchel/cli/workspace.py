"""What a command is about: the folder, the request's text, and the user's leave to read it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TypeVar

from satchel.base.errors import BadInput, Cancelled, SatchelError
from satchel.base.text import clean
from satchel.cli.terminal import Terminal
from satchel.tools.client import Daemon

T = TypeVar("T")

NOT_ACCEPTED = "not-accepted"


def folder(given: str | None) -> str:
    """Return the absolute path of a folder. Raises BadInput where there is none."""
    named = given if given is not None else "."
    # os.path, not pathlib: each brief pays for what is imported here.
    path = os.path.abspath(os.path.expanduser(named))  # noqa: PTH100, PTH111
    if os.path.isdir(path):  # noqa: PTH112
        return path
    if os.path.exists(path):  # noqa: PTH110
        raise BadInput(
            "not-a-folder",
            f"{named!r} is a file, not a folder",
            "name the folder that holds it, or ask about the file with `satchel ask … --file`",
        )
    raise BadInput("no-such-path", f"there is no folder {named!r}", "check the spelling")


def text_of(words: Sequence[str], terminal: Terminal, what: str) -> str:
    """Join the words of a request, or read it from standard input for a lone `-`.

    Bytes that are not UTF-8 become the replacement character. Raises BadInput where nothing is
    left.
    """
    if list(words) == ["-"]:
        source = getattr(terminal.input, "buffer", None)
        raw = source.read() if source is not None else terminal.input.read().encode()
        text = raw.decode("utf-8", "replace").removeprefix("\ufeff")
    else:
        text = " ".join(words).encode("utf-8", "replace").decode()
    if not text.strip():
        raise BadInput(
            f"empty-{what}", f"the {what} is empty", f'write it in quotes: "your {what}"'
        )
    return text


def accepted(daemon: Daemon, path: str, terminal: Terminal, attempt: Callable[[], T]) -> T:
    """Make a call; where the folder is new, ask for leave, index it, and make the call again.

    Raises NeedsAnswer where nobody can give leave, and Cancelled where they do not.
    """
    try:
        return attempt()
    except SatchelError as error:
        if error.code != NOT_ACCEPTED:
            raise
        top = clean(str(error.extra.get("workspace") or path))
    agreed = terminal.confirm(
        f"Satchel has not been allowed to read this folder. Index {top}?",
        cannot=f"Satchel has not been allowed to read {top}, and nobody is here to be asked",
        instead="add --yes to accept it, or run `satchel index` there once",
    )
    if not agreed:
        raise Cancelled("not-accepted", f"{top} was not accepted, so it was not read", "say yes")
    from satchel.cli.index import read_folder

    read_folder(daemon, path, terminal)
    return attempt()
