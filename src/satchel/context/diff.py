"""A unified diff: what it takes out of each file, and what it puts in. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from satchel.base.errors import BadInput

_FILE: Final = re.compile(r"^(?:\+\+\+|---) (?:[ab]/)?([^\t\n]+)")
_HUNK: Final = re.compile(r"^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")
DESCRIBED: Final = 4_000  # characters
PROSE: Final = (".md", ".mdx", ".rst", ".txt", ".adoc")


@dataclass(frozen=True, slots=True)
class Edit:
    """What a diff does to one file. `path` is its name after the change, or before its deletion."""

    path: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    context: tuple[str, ...]
    deleted: bool = False

    @property
    def is_prose(self) -> bool:
        """Whether it holds text for people: to name something there is not to use it."""
        return self.path.lower().endswith(PROSE)


def described(edited: Sequence[Edit]) -> str:
    """Put an edit into words, for whoever looks for what it is about: its paths, then what it adds
    and takes out."""
    paths = "\n".join(edit.path for edit in edited)
    lines = [line for edit in edited for line in (*edit.added, *edit.removed)]
    return "\n".join([paths, *lines])[:DESCRIBED]


def edits(diff: str) -> tuple[Edit, ...]:
    """Read a unified diff. Raises BadInput where there is none in it."""
    found: list[Edit] = []
    old, new = "", ""
    lines: dict[str, list[str]] = {"+": [], "-": [], " ": []}
    in_hunk = False

    def close() -> None:
        if in_hunk and (new or old):
            gone = new in {"/dev/null", ""}
            found.append(
                Edit(
                    old if gone else new,
                    tuple(lines["+"]),
                    tuple(lines["-"]),
                    tuple(lines[" "]),
                    gone,
                )
            )
        for kept in lines.values():
            kept.clear()

    for line in diff.splitlines():
        if line.startswith("diff --git ") or (line.startswith("--- ") and _FILE.match(line)):
            close()
            in_hunk = False
        if not in_hunk and (match := _FILE.match(line)):
            if line.startswith("---"):
                old = match[1].strip()
            else:
                new = match[1].strip()
        elif _HUNK.match(line):
            in_hunk = True
        elif in_hunk and line[:1] in lines:
            lines[line[0]].append(line[1:])
    close()
    if not found:
        raise BadInput(
            "not-a-diff",
            "there is no unified diff in that",
            "give the output of `git diff`, with its file names and @@ lines",
        )
    return tuple(found)
