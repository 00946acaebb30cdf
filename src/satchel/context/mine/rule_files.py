"""Which files hold rules, and for which files of the workspace they hold: a table."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Final

from satchel.context.globs import below, narrowing, split
from satchel.context.mine.front_matter import FrontMatter


@dataclass(frozen=True, slots=True)
class Family:
    """A client's habit: the paths of its files, and the field of their front matter that narrows.

    The first group of `path`, where there is one, is the folder below which the file holds.
    `is_guide` marks text for people, of which only what binds is read. `is_word` tells that the
    name is a word as well: spelled small and within a manual, it is a page about that.
    """

    name: str
    path: re.Pattern[str]
    field: str = ""
    is_guide: bool = False
    is_word: bool = False


_AT: Final = r"(?:(?P<folder>.+)/)?"
FAMILIES: Final = (
    Family(
        "agents",
        re.compile(rf"{_AT}(?:claude|claude\.local|agents|agent|gemini)\.md$", re.I),
        is_word=True,
    ),
    Family("claude rules", re.compile(rf"{_AT}\.claude/rules/.+\.md$", re.I), "paths"),
    Family("cursor", re.compile(rf"{_AT}\.cursor/rules/.+\.mdc?$", re.I), "globs"),
    Family("cursor, older", re.compile(rf"{_AT}\.cursorrules$", re.I)),
    Family("copilot", re.compile(rf"{_AT}\.github/copilot-instructions\.md$", re.I), "applyto"),
    Family(
        "copilot instructions",
        re.compile(rf"{_AT}\.github/instructions/.+\.instructions\.md$", re.I),
        "applyto",
    ),
    Family("windsurf", re.compile(rf"{_AT}\.windsurf/rules/.+\.md$", re.I), "globs"),
    Family("windsurf, older", re.compile(rf"{_AT}\.windsurfrules$", re.I)),
    Family("cline", re.compile(rf"{_AT}\.clinerules(?:/.+\.(?:md|txt))?$", re.I), "paths"),
    Family("conventions", re.compile(rf"{_AT}conventions\.md$", re.I), is_word=True),
    Family(
        "guide",
        re.compile(rf"{_AT}contributing(?:\.(?:md|markdown|rst|txt|adoc))?$", re.I),
        is_guide=True,
    ),
)
_NOT_FOLDERS: Final = re.compile(r"(?:^|/)(?:\.github|\.claude|\.gemini|\.codex)$", re.I)
_DOCS: Final = re.compile(r"(?:^|/)(?:docs?|documentation)$", re.I)
_WITHIN_DOCS: Final = re.compile(r"(?:.+/)?(?:docs?|documentation)/", re.I)


def family_of(path: str) -> Family | None:
    """Return what kind of rules file a path is, or None."""
    found = next((one for one in FAMILIES if one.path.match(path)), None)
    folder, _, name = path.rpartition("/")
    manual = _WITHIN_DOCS.match(folder if found is not None and found.is_guide else f"{folder}/")
    if found is None or not manual:
        return found
    is_page = found.is_guide or (found.is_word and name.islower())
    return None if is_page else found


def scope_of(family: Family, path: str, head: FrontMatter) -> tuple[str, ...]:
    """Return the globs that a rules file's statements have; none where it holds everywhere."""
    found = family.path.match(path)
    folder = _NOT_FOLDERS.sub("", (found["folder"] if found else None) or "")
    if family.is_guide:
        folder = _DOCS.sub("", folder)  # a guide that lies there is the whole workspace's
    if head.text("alwaysapply").lower() in ("true", "yes"):
        return below(folder, ()) if folder else ()
    spelled = head.items(family.field) if family.field else ()
    globs = narrowing(glob for one in spelled for glob in split(one))
    return below(posixpath.normpath(folder) if folder else "", globs)
