"""Files that a record says are not to be touched, or not to be written by hand. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from satchel.context.conflict.asked import Asked
from satchel.context.conflict.position import Position


@lru_cache(maxsize=4_096)
def guarded(text: str) -> tuple[str, ...]:
    """Return the folders and files that a record forbids to touch, where that is all it says."""
    ban = _HANDS_OFF.search(text) if "/" in text else None
    return tuple(_PLACE.findall(text, ban.end())) if ban else ()


def by_touch(held: Position, asked: Asked) -> str | None:
    """Oppose what nobody is to touch and a request that lies there, or names it."""
    said = " ".join(clause.text for clause in asked.clauses if not _GENERATES.search(clause.text))
    for place in guarded(held.text):
        below = place.rstrip("/*.")
        paths = [*asked.files, *_PLACE.findall(said)]
        if any(path == below or path.startswith(f"{below}/") for path in paths):
            return f"{place} is not to be touched"
    return None


@lru_cache(maxsize=4_096)
def _written(text: str) -> tuple[str, ...]:
    """Return the files that a record says are written by a tool, and not by hand."""
    lowered = text.lower()
    if "generat" not in lowered and "hand" not in lowered:  # most records: the rest is dear
        return ()
    return tuple(_FILE.findall(text)) if _BY_TOOL.search(text) else ()


def by_hand(held: Position, asked: Asked) -> str | None:
    """Oppose a file that a tool writes and a request to edit it."""
    for file in _written(held.text):
        if any(
            file.lower() in clause.text.lower()
            and _EDITS.search(clause.text)
            and not _BY_TOOL.search(clause.text)
            for clause in asked.acting
        ):
            return f"{file} is not written by hand"
    return None


_BY_TOOL: Final = re.compile(
    r"\b(?:re-?)?generat(?:ed?|es|ing|or)\b|\b(?:by|with) hand\b|\bhand-edit", re.IGNORECASE
)
_GENERATES: Final = re.compile(r"\b(?:re-?)?generat(?:es?|ing)\b", re.IGNORECASE)
_FILE: Final = re.compile(r"(?<![\w./-])[\w-]{2,40}(?:\.[\w-]{1,20}){0,2}\.[a-z]{1,5}\b(?![\w(/])")
_EDITS: Final = re.compile(
    r"^\W*(?:write|add|edit|change|fix|put|insert|append|update|correct|adjust|patch|rename)\b|"
    r"\b(?:and|just|directly|then|to|in|please|let's)\s(?:write|add|edit|change|fix|put|insert|"
    r"append|update|correct|adjust|patch)\b",
    re.IGNORECASE,
)
_HANDS_OFF: Final = re.compile(
    r"\b(?:do not|don't|never|must not|mustn't|should not|no one|nobody)\s(?:\w+\s){0,2}"
    r"(?:edits?|change|changes|modify|modifies|touch|touches|alter)\b",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(r"(?<![\w/.-])((?:[\w.@-]+/)+[\w.@*-]*)")
