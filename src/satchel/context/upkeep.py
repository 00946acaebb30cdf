"""How a workspace is run, tested, built and released, and with what: which documents say it. Pure.

"How do I run the tests?" shares its words with every file, and is answered by none of them, but by
what people call a contributor's guide, a script of that name, a manifest or a workflow.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from satchel.context.catalog import Catalog, Row
from satchel.context.chores import MANIFESTS, Chore, chore_of
from satchel.context.terms import parts
from satchel.context.types import Role
from satchel.context.understand import Query

MOST: Final = 3
CALLED: Final = 3.0  # what a name is worth that says the chore and nothing else
LEAST: Final = 1.0  # where any document is worth as much
GUIDES: Final = frozenset(("", ".github", "docs", "doc"))  # folders of what is about the whole
_NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The few documents that answer a request about the upkeep of the workspace, or that change
    with it, best first; and whether nothing else does."""

    rows: tuple[Row, ...]
    why: str
    alone: bool


def upkeep(query: Query, catalog: Catalog) -> Upkeep | None:
    """Return what answers a short request about the upkeep of the workspace, if it is one. A
    workflow that is called anything is among it where nothing else says it."""
    chore = chore_of(query.text)
    if chore is None:
        return None
    of_language = _NONE.union(*(MANIFESTS[word] for word in query.words if word in MANIFESTS))
    worth = {row: _worth(row, chore, of_language) for row in catalog.rows if _may_say(row)}
    most = max(worth.values(), default=0.0)
    best = [row for row in worth if worth[row] >= min(LEAST, most) > 0]
    best.sort(key=lambda row: (-worth[row], row.path))
    alone = chore.alone and most >= LEAST
    return Upkeep(tuple(best[:MOST]), chore.why, alone) if best else None


def _may_say(row: Row) -> bool:
    """Tell whether a file is about the workspace: no source, and not deep in it."""
    return row.is_workflow or (
        row.path.count("/") <= 1
        and (row.role not in {Role.SOURCE, Role.TEST} or row.path in MANIFESTS["python"])
    )


def _worth(row: Row, chore: Chore, of_language: frozenset[str]) -> float:
    """Tell what a document is worth; a manifest only that of the language which is asked about."""
    name = [part.lower() for part in parts(row.name.replace("-", "_"))]
    split = name[1:] or name
    is_list = row.role == Role.MANIFEST  # of what is needed
    is_way = not (is_list or row.path.endswith(".json"))  # neither says how something is done
    said = [part for part in split if part in chore.named and (is_way or not chore.is_way)]
    called = CALLED * (len(said) + (bool(said) and "run" in split)) / max(len(split), 1)
    folder, file = posixpath.split(row.path.lower())
    also = max((chore.also.get(part, 0.0) for part in split), default=0.0) * (folder in GUIDES)
    only = of_language or chore.only
    is_manifest = any(fnmatchcase(file, name) for name in only) if only else is_list
    is_at_top = not folder or (folder.endswith(".xcodeproj") and "/" not in folder)
    kinds = (
        chore.manifest * (is_manifest and is_at_top),
        chore.workflow * row.is_workflow,
        chore.journal * row.is_journal,
    )
    return max(called, also, *kinds)
