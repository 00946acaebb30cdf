"""The demo's repository: commits as text files, replayed into git with fixed names and dates.

One file a commit, in `shop/`. Its first line is a date and an author, then comes the message, then
what it changes:

    === path     the file's whole text
    +++ path     text to append
    ~~~ path     text to replace, up to a line `~~~>`, then what stands in its place
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from satchel.base.errors import Unavailable

NAME = "lantern"

_EDIT = re.compile(r"^(===|\+\+\+|~~~) (\S+)$", re.MULTILINE)
_HEAD = re.compile(r"(?P<date>\S+) (?P<name>[^<]+) <(?P<mail>[^>]+)>")
_INSTEAD = "~~~>\n"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to one file; `mark` is one of the three above."""

    mark: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class DemoCommit:
    """One commit as it is written down."""

    date: str  # ISO 8601 with its offset
    name: str
    mail: str
    message: str
    edits: tuple[Edit, ...]


def parse_commit(text: str) -> DemoCommit:
    """Read one commit file. Raises ValueError where it is not in the format above."""
    first, _, rest = text.partition("\n")
    head = _HEAD.fullmatch(first)
    if head is None:
        raise ValueError(f"no date and author in {first!r}")
    message, *parts = _EDIT.split(rest)
    edits = tuple(
        Edit(mark, path, body.removeprefix("\n"))
        for mark, path, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    )
    return DemoCommit(head["date"], head["name"], head["mail"], message.strip() + "\n", edits)


def apply(edits: tuple[Edit, ...], files: Mapping[str, str]) -> dict[str, str]:
    """Return the tree after the edits. Raises ValueError where a replaced text is not there."""
    after = dict(files)
    for edit in edits:
        if edit.mark == "===":
            after[edit.path] = edit.text
        elif edit.mark == "+++":
            after[edit.path] = after[edit.path] + edit.text
        else:
            old, _, new = edit.text.partition(_INSTEAD)
            if after[edit.path].count(old) != 1:
                raise ValueError(f"{edit.path} does not hold the replaced text once: {old!r}")
            after[edit.path] = after[edit.path].replace(old, new)
    return after


def commits() -> list[DemoCommit]:
    """Read the whole history, oldest first."""
    folder = resources.files("satchel.demo") / "shop"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".txt")), key=lambda f: f.name
    )
    return [parse_commit(file.read_text(encoding="utf-8")) for file in files]


def build(top: Path) -> str:
    """Replay the history into a new repository at `top`; return the sha of its HEAD.

    The same bytes, names and dates each time, so the same sha; the user's git settings, hooks and
    signing keys are left out of it. Raises Unavailable without git.
    """
    top.mkdir(parents=True)
    _git(top, {}, "init", "--quiet", "--initial-branch=main")
    files: dict[str, str] = {}
    for commit in commits():
        before, files = files, apply(commit.edits, files)
        for path in sorted(path for path in files if files[path] != before.get(path)):
            target = top / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(files[path], encoding="utf-8", newline="\n")
        _git(top, {}, "add", "--all")
        who = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", commit.name), ("EMAIL", commit.mail), ("DATE", commit.date))
        }
        _git(top, who, "commit", "--quiet", "--message", commit.message)
    return _git(top, {}, "rev-parse", "HEAD").strip()


def _git(top: Path, more: Mapping[str, str], *words: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        **more,
    }
    plain = ["-c", "core.autocrlf=false", "-c", f"core.hooksPath={os.devnull}"]
    try:
        done = subprocess.run(
            ["git", *plain, *words],
            cwd=top,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise Unavailable("no-git", "git was not found", "install git and try again") from error
    except subprocess.CalledProcessError as error:
        raise Unavailable(
            "git-failed",
            f"git {words[0]} failed in the scratch folder: {error.stderr.strip()}",
            "try again with another TMPDIR, or run `satchel doctor`",
        ) from error
    return done.stdout
