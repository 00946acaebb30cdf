"""What an index holds as a whole, and its paths by the names that requests spell. Pure values,
made once for each state of an index."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from satchel.context.types import Role

_TEST_AFFIX: Final = re.compile(
    r"^(?:tests?[_-])|(?:[_.-](?:tests?|spec|specs))$|(?<=[a-z0-9])(?:Tests?|Spec|TestCase)$"
)


_JOURNAL: Final = re.compile(
    r"^(?:change[-_]?log|changes|history|news|release[-_]?notes?|releases?|whats[-_]?new|upgrading)"
    r"(?:[-_.].*)?$",
    re.IGNORECASE,
)
FOLDERS: Final = 2  # parts of a path, with which it may be one from within the workspace
UNNAMED: Final = frozenset({"__init__", "index", "mod", "lib", "main"})
WORKFLOWS: Final = ".github/workflows/"
# What people call a document of a workspace: in any case, or in capitals, else it is just a word.
_CALLED: Final = frozenset({"readme", "changelog", "makefile", "dockerfile"})
_IN_CAPITALS: Final = frozenset(
    (
        *("HISTORY", "CHANGES", "NEWS", "AUTHORS", "CONTRIBUTING", "MAINTAINERS", "LICENSE"),
        *("COPYING", "NOTICE", "SECURITY", "INSTALL", "CODEOWNERS"),
    )
)
_NOTES: Final = frozenset(("release", "notes"))
_README: Final = re.compile(r"^readme(?:\.\w+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """A document as rankings see it."""

    id: int
    path: str
    role: str
    language: str | None

    @property
    def stem(self) -> str:
        """The path without its suffix."""
        return posixpath.splitext(self.path)[0]

    @property
    def name(self) -> str:
        """The last part of its path, without the suffix."""
        return posixpath.basename(self.stem)

    @property
    def subject(self) -> str:
        """What its name says it is about: that of its folder, where its own says nothing."""
        folder = posixpath.dirname(self.path)
        return posixpath.basename(folder) if self.name in UNNAMED else self.name

    def is_at(self, path: str) -> bool:
        """Whether a path of several folders may name this file: one that shares no more than the
        last part with it lies in somebody else's package."""
        theirs, ours = path.replace("\\", "/").strip("/").split("/"), self.path.split("/")
        return len(theirs) <= FOLDERS or len(ours) == 1 or theirs[-2] == ours[-2]

    def is_called(self, words: AbstractSet[str]) -> bool:
        """Whether one of these words, as they are spelled, is how people call this document of the
        workspace: README, changelog, CI."""
        if self.is_workflow:
            return "CI" in words
        name = posixpath.basename(self.stem)
        loose = {word.lower() for word in words} & _CALLED
        return (
            name.lower() in loose
            or name in words & _IN_CAPITALS
            or (
                self.is_journal and ("changelog" in loose or _NOTES.issubset(map(str.lower, words)))
            )
        )

    @property
    def is_workflow(self) -> bool:
        """Whether it tells what runs on a change: not the scripts and settings beside it."""
        return self.path.startswith(WORKFLOWS) and self.path.endswith((".yml", ".yaml"))

    @property
    def is_journal(self) -> bool:
        """Whether it tells of every change, and so has every word: a changelog, release notes."""
        return (
            self.role in {Role.PROSE, Role.TEXT}
            and not self.is_workflow
            and any(_JOURNAL.match(part) for part in self.path.split("/")[-2:])
        )

    @property
    def is_front(self) -> bool:
        """Whether it says what the workspace is: a README or a manifest at the top."""
        return "/" not in self.path and (
            self.role == Role.MANIFEST or _README.match(self.path) is not None
        )


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every kept document by id, how many passages there are, and three ways in.

    `named` finds files by the last part of their path, with and without its suffix, and packages
    by their folder; `tested` finds tests by the name of what they test, in lower case. `documents`
    are what is about the workspace itself and no source of it: at its top, and its workflows.
    """

    generation: str
    rows: tuple[Row, ...]
    passages: int
    by_id: Mapping[int, Row]
    by_path: Mapping[str, Row]
    named: Mapping[str, tuple[Row, ...]]
    tested: Mapping[str, tuple[Row, ...]]
    documents: tuple[Row, ...]


def catalog_of(generation: str, rows: Iterable[Row], passages: int) -> Catalog:
    """Make the catalog of these documents."""
    kept = tuple(rows)
    named: dict[str, list[Row]] = {}
    tested: dict[str, list[Row]] = {}
    for row in kept:
        base = posixpath.basename(row.path)
        stem = posixpath.splitext(base)[0]
        for name in {base, stem}:
            named.setdefault(name, []).append(row)
        if stem == "__init__":
            package = posixpath.basename(posixpath.dirname(row.path))
            named.setdefault(package, []).append(row)
        if row.role == Role.TEST:
            about = _TEST_AFFIX.sub("", stem).strip("_.-").lower()
            tested.setdefault(about, []).append(row)
    return Catalog(
        generation,
        kept,
        passages,
        {row.id: row for row in kept},
        {row.path: row for row in kept},
        {name: tuple(found) for name, found in named.items()},
        {name: tuple(found) for name, found in tested.items()},
        tuple(
            row
            for row in kept
            if ("/" not in row.path or row.is_workflow) and row.role not in {Role.SOURCE, Role.TEST}
        ),
    )


def by_path_tail(catalog: Catalog, path: str) -> list[Row]:
    """Return the files with the longest common tail with `path`, if that singles out a few."""
    wanted = [part for part in path.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    if not wanted:
        return []
    last = wanted[-1]
    near = catalog.named.get(last, ()) or catalog.named.get(posixpath.splitext(last)[0], ())
    for start in range(len(wanted)):
        tail = "/" + "/".join(wanted[start:])
        found = [r for r in near if f"/{r.path}".endswith(tail) or f"/{r.stem}".endswith(tail)]
        if found:
            return found if len(found) <= 3 else []
    return []


def by_folder(catalog: Catalog, path: str) -> list[Row]:
    """Return the files below the folder that `path` spells from the top of the workspace or, with
    its parent, from anywhere; none where there are several such folders."""
    spelled = path.strip("/")
    tail = f"/{spelled}/"
    below = [row for row in catalog.rows if tail in f"/{row.path}"]
    top = [row for row in below if row.path.startswith(f"{spelled}/")]
    places = {f"/{row.path}".partition(tail)[0] for row in below}
    return top or (below if len(places) == 1 and "/" in spelled else [])


def by_module(catalog: Catalog, name: str) -> list[tuple[Row, str, bool]]:
    """Return (file, module, whether that is a package's own file) for a dotted name, dropping
    parts from its end: they may be names inside the module."""
    dotted = name.split(".")
    for end in range(len(dotted), 1, -1):
        module, tail = ".".join(dotted[:end]), "/" + "/".join(dotted[:end])
        found = []
        for row in catalog.named.get(dotted[end - 1], ()):
            if f"/{row.stem}".endswith(tail):
                found.append((row, module, False))
            elif f"/{row.stem}".endswith(f"{tail}/__init__"):
                found.append((row, module, True))
        if found:
            return found if len(found) <= 3 else []
    return []


def common_tail(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many parts two paths have in common at their end."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
