"""What git knows of a folder: its files, its HEAD, its history.

A repository is input, and may be hostile: its own configuration names programs (a file system
monitor, filters, textconv, external diffs, hooks, signature checks, transports) that git would
run. Every run here turns them off, touches nothing, asks nothing and fetches nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO

from satchel.base.errors import Unavailable
from satchel.context.ingest.mask import mask
from satchel.context.types import Commit

SECONDS = 60.0  # for one run; a named pipe in place of a file of git's would hang it for ever
FIELD_BYTES = 65_536  # of what git tells: a longer message says no more
PATHS_A_COMMIT = 1_000  # a commit that touches more says nothing about any of them

_SAFE = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.sshCommand", "false"),
    ("core.askPass", ""),
    ("core.pager", "cat"),
    ("core.quotePath", "false"),
    ("core.untrackedCache", "false"),
    ("core.alternateRefsCommand", ""),
    ("credential.helper", ""),
    ("diff.external", ""),
    ("diff.ignoreSubmodules", "all"),
    ("diff.orderFile", os.devnull),
    ("log.showSignature", "false"),
    ("log.mailmap", "false"),
    ("log.decorate", "false"),
    ("protocol.allow", "never"),
    ("safe.bareRepository", "explicit"),
    ("submodule.recurse", "false"),
)
_SAFE_FLAGS = tuple(part for name, value in _SAFE for part in ("-c", f"{name}={value}"))
_USERS_OWN = frozenset(
    {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH"}
)
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Repository:
    """A git working tree. `head` is None where there is no commit yet."""

    top: Path
    git_dir: Path
    head: str | None
    shallow: bool
    submodules: tuple[str, ...] = ()


def is_available() -> bool:
    """Tell whether git can be run at all; without it a repository is read as a plain folder."""
    try:
        return _git(["--version"]).returncode == 0
    except OSError:
        return False


def is_top(folder: Path) -> bool:
    """Tell whether a folder holds `.git`; one that nobody may look into does not."""
    try:
        return (folder / ".git").exists()
    except OSError:
        return False


def open_repository(path: Path) -> Repository | None:
    """Find the working tree that a folder lies in; None where there is none, or no git.

    The top is the folder that holds `.git`, whatever the repository's own `core.worktree` says:
    or a hostile one could widen what is read. Raises Unavailable where git refuses the folder
    because it belongs to somebody else, or does not answer.
    """
    path = path.absolute()
    top = next((folder for folder in (path, *path.parents) if is_top(folder)), None)
    if top is None:
        return None
    try:
        asked = _git(
            [
                *_SAFE_FLAGS,
                "-C",
                str(top),
                "rev-parse",
                *("--is-bare-repository", "--absolute-git-dir"),
            ],
            ceiling=top.parent,
        )
    except OSError:
        return None
    if asked.returncode != 0:
        complaint = asked.stderr.decode("utf-8", "replace")
        if "dubious ownership" in complaint:
            raise Unavailable(
                "git-unsafe",
                f"git refuses {top}, because it belongs to another user",
                f"if you trust it, run: git config --global --add safe.directory {top}",
            )
        return None
    bare, _, git_dir = os.fsdecode(asked.stdout).strip("\n").partition("\n")
    if bare == "true" or not git_dir:
        return None
    repository = Repository(top, Path(git_dir), None, shallow=False)
    head = _run(repository, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
    shallow = _run(repository, ["rev-parse", "--is-shallow-repository"])
    return Repository(
        top,
        repository.git_dir,
        os.fsdecode(head.stdout).strip() or None,
        shallow.stdout.strip() == b"true",
        tuple(path for mode, path in _index(repository) if mode == "160000"),
    )


def tracked(repository: Repository) -> list[str]:
    """List the tracked files and the untracked ones that are not ignored, by path.

    Submodules are left out. A name that is not UTF-8 carries surrogate escapes.
    """
    paths = {path for mode, path in _index(repository) if mode != "160000"}
    others = _checked(repository, ["ls-files", "-z", "--others", "--exclude-standard"])
    paths.update(path for path in _fields(others) if path)
    return sorted(paths)


def is_ancestor(repository: Repository, sha: str) -> bool:
    """Tell whether a commit is HEAD or lies in its past."""
    if not _SHA.fullmatch(sha) or repository.head is None:
        return False
    asked = _run(repository, ["merge-base", "--is-ancestor", sha, repository.head])
    return asked.returncode == 0


def history(repository: Repository, since_sha: str | None, limit: int) -> Iterator[Commit]:
    """Yield at most `limit` ancestors of HEAD, newest first, merges left out.

    With `since_sha`, an ancestor, only what came after it; where it is none, everything. A rename
    gives both paths. Secrets in messages are masked. Raises Unavailable where git breaks off.
    """
    if repository.head is None or limit < 1:
        return
    span = repository.head
    if since_sha is not None and is_ancestor(repository, since_sha):
        span = f"{since_sha}..{repository.head}"
    command = [
        *("log", "-z", f"--max-count={limit}", "--no-merges", "--no-renames", "--name-only"),
        *("--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-notes", "--no-color"),
        *("--encoding=UTF-8", "--format=tformat:%x00%H%x00%ct%x00%an%x00%s%x00%b%x00", span, "--"),
    ]
    with subprocess.Popen(
        [*_base(repository), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    ) as process:
        assert process.stdout is not None
        timer = Timer(4 * SECONDS, process.kill)
        timer.start()
        try:
            yield from _commits(_records(process.stdout))
            if process.wait() != 0:
                raise _failed(repository)
        finally:
            timer.cancel()
            process.kill()


def _commits(fields: Iterator[str]) -> Iterator[Commit]:
    """Read commits from git's fields: none, five of the commit, none, its paths."""
    started = next(fields, None) is not None
    while started:
        head = [next(fields, "") for _ in range(5)]
        sha, time, author, subject, body = head
        next(fields, None)
        paths: list[str] = []
        started = False
        for field in fields:
            if not field:
                started = True
                break
            if len(paths) <= PATHS_A_COMMIT:
                paths.append(field if paths else field.removeprefix("\n"))
        if not _SHA.fullmatch(sha) or not time.isdigit():
            return
        yield Commit(
            sha,
            int(time),
            _text(author),
            mask(_text(subject))[0],
            mask(_text(body.strip()))[0],
            # A name that is not UTF-8 names no file that is ever read.
            tuple(p for p in paths if _text(p) == p) if len(paths) <= PATHS_A_COMMIT else (),
        )


def _text(field: str) -> str:
    """Put a replacement for bytes that are no text in the encoding that their commit names."""
    return field.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _records(stream: IO[bytes]) -> Iterator[str]:
    """Split a stream at its NULs, as it comes; of a field that is too long, its beginning."""
    rest = b""
    while block := stream.read(65_536):
        *fields, last = block.split(b"\0")
        for field in fields:
            yield (rest + field)[:FIELD_BYTES].decode("utf-8", "surrogateescape")
            rest = b""
        rest = (rest + last)[:FIELD_BYTES]


def _index(repository: Repository) -> list[tuple[str, str]]:
    """List the index as (mode, path)."""
    entries = []
    for field in _fields(_checked(repository, ["ls-files", "-z", "--stage"])):
        described, tab, path = field.partition("\t")
        if tab:
            entries.append((described.partition(" ")[0], path))
    return entries


def _fields(output: bytes) -> list[str]:
    return output.decode("utf-8", "surrogateescape").split("\0")


def _checked(repository: Repository, command: Sequence[str]) -> bytes:
    asked = _run(repository, command)
    if asked.returncode != 0:
        raise _failed(repository)
    return asked.stdout


def _failed(repository: Repository) -> Unavailable:
    return Unavailable(
        "git-failed",
        f"git could not read {repository.top}",
        "run `git fsck` there; it may be damaged, or be a partial clone",
    )


def _run(repository: Repository, command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    return _git([*_base(repository)[1:], *command])


def _git(
    arguments: Sequence[str], ceiling: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git once. Raises OSError where it cannot be run, Unavailable where it hangs.

    `ceiling` is the folder that git must not go up to in search of a repository.
    """
    try:
        return subprocess.run(
            ["git", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=_environment() | ({"GIT_CEILING_DIRECTORIES": str(ceiling)} if ceiling else {}),
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(
            "git-timeout",
            f"git did not answer within {SECONDS:.0f} seconds",
            "try again; if it stays so, look for a named pipe among the repository's files",
        ) from error


def _base(repository: Repository) -> list[str]:
    """Begin a command line: nothing of the repository's choice is run, its top is ours."""
    return [
        "git",
        *("-C", str(repository.top)),
        *(f"--git-dir={repository.git_dir}", f"--work-tree={repository.top}"),
        "--no-pager",
        "--literal-pathspecs",
        *_SAFE_FLAGS,
    ]


def _environment() -> dict[str, str]:
    """Take the user's environment without what would steer git elsewhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _USERS_OWN
    }
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",  # overrides any protocol.*.allow of the repository
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ASKPASS": "",
        "GIT_PAGER": "cat",
    }
