"""Commits that were made, as requests: the newest of a repository, each asked at its parent, and
how often a file was changed before."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bench.material import MOST_FILES, as_request, is_source, is_telling, messages
from bench.repositories import git

PAGE = 500  # commits that are read at a time


@dataclass(frozen=True, slots=True)
class Step:
    """A commit as a request: its first parent, where the request is put, its message, and the
    source files that it changed there."""

    parent: str
    request: str
    files: frozenset[str]


def latest(repository: Path, count: int, since: str | None = None) -> list[Step]:
    """Return the newest commits of HEAD that say what they change, in topological order, oldest
    first.

    The same commits count as in `changes`; each request is taken once, and a commit without a
    parent not at all. `since` is a date as git reads it.
    """
    found: dict[str, Step] = {}
    asked: set[str] = set()
    skip = 0
    while len(found) < count:
        page = messages(repository, PAGE, skip=skip, since=since)
        skip += PAGE
        for message in page:
            files = frozenset(path for path in message.paths if is_source(path))
            request = as_request(message, with_body=True)
            if (
                len(found) < count
                and request not in asked
                and is_telling(message, request)
                and 1 <= len(files) <= MOST_FILES
                and (parent := parent_with(repository, message.sha, files))
            ):
                asked.add(request)
                found[message.sha] = Step(parent, request, files)
        if len(page) < PAGE:
            break
    order = git(repository, "rev-list", "--topo-order", "--reverse", "HEAD").split()
    return [found[sha] for sha in order if sha in found]


def parent_with(repository: Path, commit: str, files: Collection[str]) -> str | None:
    """Return a commit's first parent where it has one and all these files are in it."""
    try:
        parent = git(repository, "rev-parse", "--verify", "--quiet", f"{commit}^1").strip()
        there = git(repository, "ls-tree", "-r", "-z", "--name-only", parent, "--", *files)
    except subprocess.CalledProcessError:
        return None
    return parent if set(files) <= set(there.split("\0")) else None


class MostChanged:
    """The files that most commits changed, whatever is asked: counted over all ancestors of a
    commit that are no merges, and moved from one commit to the next by what differs."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._counts: Counter[str] = Counter()
        self._at: str | None = None

    def move(self, commit: str) -> None:
        """Count what led to this commit."""
        if self._at is None:
            self._counts.update(self._touched(commit))
        else:
            self._counts.update(self._touched(f"{self._at}..{commit}"))
            self._counts.subtract(self._touched(f"{commit}..{self._at}"))
        self._at = commit

    def rank(self, paths: Collection[str], limit: int) -> list[str]:
        """Return those of the paths that were changed most often; ties by path."""
        return sorted(paths, key=lambda path: (-self._counts[path], path))[:limit]

    def _touched(self, span: str) -> list[str]:
        listed = ("--no-merges", "--no-renames", "--name-only", "-z", "--format=")
        written = git(self._repository, "log", *listed, span, "--")
        return [path for path in written.split("\0") if path]
