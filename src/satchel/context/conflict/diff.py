"""A unified diff: what it takes out of each file, and what it puts in. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from satchel.base.errors import BadInput

_HUNK: Final = re.compile(r"(@{2,9}) -\d+(?:,\d+)? [-+,\d ]{0,200}@@")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE: Final = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPED: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r"}
NOWHERE: Final = "/dev/null"
# A line that turns something away does not take it up: `raise Unsupported("SCORM 1.2")`.
_REFUSES: Final = re.compile(
    r"\b(?:reject|refus|deny|denie|forbid|unsupported|deprecat|disallow|prohibit)|"
    r"\bnot (?:supported|allowed|permitted)|no longer ",
    re.IGNORECASE,
)
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
    created: bool = False

    @property
    def is_prose(self) -> bool:
        """Whether it holds text for people: to name something there is not to use it."""
        return self.path.lower().endswith(PROSE)


def refuses(line: str) -> bool:
    """Tell whether a line of code turns away what it names."""
    return _REFUSES.search(line) is not None


def described(edited: Sequence[Edit]) -> str:
    """Put an edit into words, for whoever looks for what it is about: its paths, then what it adds
    and takes out."""
    paths = "\n".join(edit.path for edit in edited)
    lines = [line for edit in edited for line in (*edit.added, *edit.removed)]
    return "\n".join([paths, *lines])[:DESCRIBED]


def edits(diff: str) -> tuple[Edit, ...]:
    """Read a unified diff, as git and diff write it. Raises BadInput where there is none in it.

    What git tells without any line (a renamed file, a mode, a binary one) is an edit of no lines.
    """
    found: list[Edit] = []
    lines = [line.removesuffix("\r") for line in diff.split("\n")]
    at = _Open()
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if line.startswith(("diff --git ", "diff --cc ", "diff --combined ")):
            found += at.edit()
            at = _Open.of_git(line)
        elif line.startswith("--- ") and after.startswith("+++ ") and _begins(lines, number + 2):
            if at.width:  # a diff without git's own line above each file
                found += at.edit()
                at = _Open()
            at.old = _name(line)
        elif not at.width and line.startswith("+++ "):
            at.new = _name(line)
        elif match := _HUNK.match(line):
            at.width = len(match[1]) - 1
        elif at.width:
            at.take(line)
        elif at.is_git:
            at.tell(line)
    found += at.edit()
    if not found:
        raise BadInput(
            "not-a-diff",
            "there is no unified diff in that",
            "give the output of `git diff`, with its file names and @@ lines",
        )
    return tuple(found)


@dataclass(slots=True)
class _Open:
    """What is known so far of the file that is being read. `letters` stand before its names."""

    old: str = ""
    new: str = ""
    letters: str = "ab"
    is_git: bool = False
    deleted: bool = False
    created: bool = False
    width: int = 0  # columns of signs in its hunks; 0 before the first one
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    context: list[str] = field(default_factory=list)

    @classmethod
    def of_git(cls, line: str) -> _Open:
        """Begin with git's own line, which names both sides alike unless it renames."""
        _, kind, rest = line.split(" ", 2)
        if kind != "--git":
            return cls(rest, rest, "ab", is_git=True)
        quoted = _QUOTED.findall(rest)
        half = len(rest) // 2
        one, other = rest[:half], rest[half + 1 :]
        if len(quoted) == 2:
            one, other = (_unquoted(side) for side in quoted)
        if one == other:  # written without prefixes
            return cls(one, other, "", is_git=True)
        if one[1:] == other[1:] and one[1:2] == "/":
            return cls(one, other, one[0] + other[0], is_git=True)
        one, _, other = rest.rpartition(" b/")
        return cls(one, f"b/{other}", is_git=True)

    def tell(self, line: str) -> None:
        """Read a line between git's own and the first hunk."""
        for side in ("from", "to"):
            for what in ("rename", "copy"):
                if line.startswith(f"{what} {side} "):
                    named = _name(line.removeprefix(what + " "))
                    self.letters = ""
                    if side == "from":
                        self.old = named
                    else:
                        self.new = named
        self.deleted = self.deleted or line.startswith("deleted file mode ")
        self.created = self.created or line.startswith("new file mode ")

    def take(self, line: str) -> None:
        """Read a line of a hunk."""
        signs = line[: self.width]
        if not signs.strip("+- ") and len(signs) == self.width:
            kept = self.added if "+" in signs else self.removed if "-" in signs else self.context
            kept.append(line[self.width :])

    def edit(self) -> list[Edit]:
        """Return what was read, if it is an edit at all."""
        if not (self.width or self.is_git) or not (self.old or self.new):
            return []
        gone = self.deleted or self.new in {NOWHERE, ""}
        path = self.old if gone else self.new
        if path[1:2] == "/" and path[0] in self.letters:
            path = path[2:]
        fresh = self.created or self.old == NOWHERE
        lines = tuple(self.added), tuple(self.removed), tuple(self.context)
        return [Edit(path, *lines, gone, fresh)]


def _begins(lines: Sequence[str], number: int) -> bool:
    """Tell whether a hunk begins here: a line of SQL that is taken out begins with dashes too."""
    return number >= len(lines) or not lines[number] or bool(_HUNK.match(lines[number]))


def _name(line: str) -> str:
    """Read the name after the first word of a line: quoted as C does, or up to a tab."""
    rest = line.partition(" ")[2]
    if quoted := _QUOTED.match(rest):
        return _unquoted(quoted[1])
    return rest.partition("\t")[0].strip()


def _unquoted(text: str) -> str:
    def meant(match: re.Match[bytes]) -> bytes:
        sign = match[1]
        return bytes([int(sign, 8) & 255]) if len(sign) == 3 else _ESCAPED.get(sign, sign)

    return _ESCAPE.sub(meant, text.encode("utf-8", "replace")).decode("utf-8", "replace")
