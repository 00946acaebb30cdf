"""Kinds of files that a record says are not to be made, and who makes one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from satchel.context.conflict.asked import Asked
from satchel.context.conflict.bans import quoted
from satchel.context.conflict.position import Position
from satchel.context.conflict.proviso import places
from satchel.context.conflict.side import Side, side_at

# A kind of file, as it is called, and how the names of such files end.
_ENDINGS: Final = {
    "markdown": (".md", ".mdx", ".markdown"),
    "documentation": (".md", ".mdx", ".rst", ".adoc"),
    "javascript": (".js", ".jsx", ".mjs", ".cjs"),
    "css": (".css",),
    "sass": (".scss", ".sass"),
    "shell": (".sh",),
    "sql": (".sql",),
    "yaml": (".yml", ".yaml"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is not to be made: how its names end, and in which folders."""

    endings: tuple[str, ...]
    places: tuple[str, ...]
    shown: str


def kinds_of(held: Position) -> tuple[Kind, ...]:
    """Return the kinds of files that a record says are not to be made."""
    if "file" not in held.said and "document" not in held.said:  # most records
        return ()
    return tuple(kind for one in held.clauses if (kind := kind_of(one.text)))


def by_file(kinds: Sequence[Kind], asked: Asked) -> str | None:
    """Oppose kinds of files that are not to be made and a request, or an edit, that makes one."""
    for kind in kinds:
        made = [edit.path for edit in asked.edits if edit.created]
        made += _wanted(asked, kind)
        for path in made:
            if path.lower().endswith(kind.endings) and _lies(path, kind, asked):
                return f"it says {quoted(kind.shown)}, and {path} would be one"
    return None


@lru_cache(maxsize=4_096)
def kind_of(sentence: str) -> Kind | None:
    """Return the kind of file that a sentence says is not to be made; None where it says no such
    thing, or makes an exception."""
    match = _BAN.search(sentence)
    if match is None or not (match["makes"] or match["new"]) or _EXCEPT.search(sentence):
        return None
    rest = sentence[match.end() :]
    where = places(rest, 0, 0)
    if _IN.search(rest) and not where:
        return None
    endings = tuple(one.lower() for one in _ENDING.findall(match["kind"]))
    words = match["kind"].lower().split()
    endings = endings or next((ends for name, ends in _ENDINGS.items() if name in words), ())
    return Kind(endings, where, sentence) if endings else None


_BAN: Final = re.compile(
    r"\b(?:do not|don't|never|must not|mustn't|should not|no|avoid)\s"
    r"(?P<makes>(?:creat|add|writ|generat|mak|introduc)(?:e|es|ing)?\s)?"
    r"(?:(?:any|an?|more|extra|additional|separate)\s)?(?P<new>new\s)?"
    r"(?P<kind>(?:[\w.*`'\"()/-]{1,20}\s){1,4}?)(?:files?|documents?)\b",
    re.IGNORECASE,
)
_ENDING: Final = re.compile(r"(?<!\w)\*?(\.[A-Za-z][A-Za-z.]{0,9})(?![\w/])")
_EXCEPT: Final = re.compile(
    r"\b(?:unless|except|outside|other than|apart from|without|instead of|until|but)\b", re.I
)
_IN: Final = re.compile(r"\b(?:in|under|inside|within|for|at|to|from|with|that|which|by)\b", re.I)


def _lies(path: str, kind: Kind, asked: Asked) -> bool:
    """Tell whether a file lies where no such file is to be made."""
    return not kind.places or any(
        f"/{one}/" in f"/{path.lower()}" or one in asked.lowered for one in kind.places
    )


def _wanted(asked: Asked, kind: Kind) -> Iterator[str]:
    """Yield the files of a kind that a request asks to make: not those that are there already."""
    there = {path.lower().rpartition("/")[2] for path in asked.files}
    for clause in asked.acting:
        for match in _MAKES.finditer(clause.text):
            name = match["name"].rstrip(".")
            is_there = name.lower().rpartition("/")[2] in there
            if (
                name.lower().endswith(kind.endings)
                and not is_there
                and side_at(clause.text, match.start("name"), match.end()) is Side.FOR
            ):
                yield name


_MAKES: Final = re.compile(
    r"\b(?:(?:create|write|add|make|generate|draft|start)\s(?:(?:an?|another|one|the new)\s)"
    r"(?:(?:new|short|brief|separate|markdown|documentation|design|file|document|called|named)\s)"
    r"{0,5}|(?:create|generate)\s|\bnew\s(?:markdown\s)?(?:file|document)\s(?:called\s|named\s)?)"
    r"[`'\"]?(?P<name>[\w@-][\w./@-]{0,100}\.[A-Za-z]{1,10})\b(?!/)",
    re.IGNORECASE,
)
