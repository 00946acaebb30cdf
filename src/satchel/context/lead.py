"""Which files a request is about by its own word: those that a diff edits, and those that a request
of a sentence or two names. They come first, whatever the signals say. Pure.

A long report spells many files in passing; there a name is one signal among others.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from satchel.context.catalog import Catalog, Row, by_path_tail, common_tail
from satchel.context.handles import slipped
from satchel.context.terms import WORD, parts, words_of
from satchel.context.topic import topic_of
from satchel.context.types import Role
from satchel.context.understand import SHORT, Query
from satchel.context.upkeep import Upkeep, upkeep

MOST: Final = 3  # files that a short request names; of more, it is about something else
SAID: Final = 15  # terms of sentences: a trace with more is one signal among others
BRIEF: Final = 15  # words; in a longer request README may be another project's
# What may be said beside a document's name.
_OF_DOCUMENTS: Final = frozenset(
    ("file", "guide", "guidelines", "header", "headers", "notice", "policy", "text", "year")
)
# … and beside what is tested.
_OF_TESTS: Final = frozenset(
    ("integration", "regression", "spec", "specs", "test", "tests", "unit")
)
_ORDINARY: Final = frozenset(("history", "news"))  # words that name one only in capitals
FOLDERS: Final = 2  # last parts by which a path from elsewhere names a file of the workspace


@dataclass(frozen=True, slots=True)
class Leads:
    """The documents that a request is about, each with the reason; of some the order, best first;
    and whether it is about no other."""

    why: Mapping[int, str]
    ordered: Sequence[int] = ()
    alone: bool = False


def leads(
    query: Query, edited: Iterable[str], catalog: Catalog, kept: Upkeep | None = None
) -> Leads:
    """Return the documents that the request is about; `kept` are those of its upkeep, where that is
    known already."""
    found = {
        catalog.by_path[path].id: "is edited by the diff"
        for path in edited
        if path in catalog.by_path
    }
    kept = kept or upkeep(query, catalog)
    for document, why in _named(query, catalog, kept).items():
        found.setdefault(document, why)
    if kept is not None:
        return Leads(found, [row.id for row in kept.rows], kept.alone and not query.paths)
    failed = _failed(query, catalog)
    for document in failed:
        found.setdefault(document, "is in the stack trace")
    return Leads(found, failed)


def _failed(query: Query, catalog: Catalog) -> list[int]:
    """Return the few files of the workspace that a stack trace goes through, innermost first, where
    not much is said beside it."""
    if len(query.prose) > SAID:
        return []
    rows = (
        row for frame in query.frames for row in by_path_tail(catalog, frame) if row.is_at(frame)
    )
    return list(dict.fromkeys(row.id for row in rows))[:MOST]


def lines_of(query: Query, catalog: Catalog) -> dict[int, list[int]]:
    """Return the lines that a request points at, by document."""
    found: dict[int, list[int]] = {}
    for path, line in query.lines:
        for row in meant(path, catalog):
            found.setdefault(row.id, []).append(line)
    return found


def meant(path: str, catalog: Catalog) -> list[Row]:
    """Return the few files that a path spells: from the top of the workspace, by how it ends, or
    from above the workspace."""
    if path in catalog.by_path:
        return [catalog.by_path[path]]
    theirs = [part for part in path.replace("\\", "/").split("/") if part.strip(".")]
    return [
        row
        for row in by_path_tail(catalog, path)
        if any(
            common_tail(theirs, ours) >= min(len(theirs), len(ours), FOLDERS)
            for ours in (row.path.split("/"), row.stem.split("/"))
        )
    ]


def called(query: Query, catalog: Catalog) -> list[Row]:
    """Return the documents of the workspace that a brief request names by what they are called."""
    if len(query.text.split(maxsplit=BRIEF)) > BRIEF:
        return []
    words = frozenset(WORD.findall(query.text))
    about = frozenset(word for word in topic_of(query).words if not word.isdigit()) - _OF_DOCUMENTS
    found = [r for r in catalog.documents if r.is_called(words) or _is_titled(r.name, about)]
    flows = [row for row in found if row.is_workflow]
    if len(flows) <= MOST:
        return found
    said = {word.lower() for word in words} | {"ci"}
    told = [row for row in flows if said.intersection(parts(row.name.replace("-", "_")))] or flows
    return [row for row in found if not row.is_workflow or row in told]


def _is_titled(name: str, about: frozenset[str]) -> bool:
    """Tell whether a document that is called in capitals is all that a short request is about:
    the license is in LICENSE-MIT, the migration guide is MIGRATION_GUIDE."""
    split = re.split(r"[-_. ]", name.lower())
    return name.isupper() and split[0] in about - _ORDINARY and about.issubset(split)


def _tests_of(query: Query, catalog: Catalog) -> list[Row]:
    """Return the tests that a short request asks for by what they test."""
    asked = {"test", "tests", "spec", "specs"}.intersection(map(str.lower, words_of(query.text)))
    words = [word for word in topic_of(query).words if asked and word not in _OF_TESTS]
    for size in range(len(words), (len(words) - 1) // 2, -1):  # one word of three is chance
        runs = [words[start : start + size] for start in range(len(words) - size + 1)]
        names = {joint.join(run) for run in runs for joint in ("", "_", "-")}
        names |= {name[:-1] for name in names if name.endswith("s")}
        found = [row for name in sorted(names) for row in catalog.tested.get(name, ())]
        if found:
            return found if len(found) <= MOST else []
    return []


def _joined(query: Query, catalog: Catalog) -> dict[int, str]:
    """Return the source files whose name writes two neighbouring words of a short request as one:
    the cookie jar is in cookiejar.py."""
    found: dict[int, str] = {}
    for one, word in pairwise(topic_of(query).words):
        for other in {word, word.removesuffix("s")}:
            ends = (other, f"_{other}", f"-{other}", other.capitalize())
            for name in (*map(one.__add__, ends), one.capitalize() + other.capitalize()):
                rows = [row for row in catalog.named.get(name, ()) if row.role == Role.SOURCE]
                found |= {row.id: f"is called {name}" for row in rows}
    return found if len(found) <= MOST else {}


def _misspelt(query: Query, catalog: Catalog) -> dict[int, str]:
    """Return the few files that a path means whose name stands nowhere, but for a slip of the
    pen."""
    found: dict[int, str] = {}
    for path in query.paths:
        wanted = posixpath.basename(path.replace("\\", "/"))
        if "." in wanted and wanted not in catalog.named:
            near = (name for name in catalog.named if slipped(name, wanted) and "." in name)
            why = f"is nearest to {wanted}, which is not here"
            found |= {row.id: why for name in near for row in catalog.named[name]}
    return found if len(found) <= MOST else {}


def _named(query: Query, catalog: Catalog, kept: Upkeep | None) -> dict[int, str]:
    if query.overview or len(query.text.split(maxsplit=SHORT)) > SHORT:
        return {}
    documents = {row.id: kept.why for row in kept.rows} if kept else {}
    documents |= {row.id: "is its test" for row in _tests_of(query, catalog)}
    for row in called(query, catalog):
        documents[row.id] = "runs on CI" if row.is_workflow else "is named"
    documents |= _joined(query, catalog)
    found = {row.id: f"is named: {path}" for path in query.paths for row in meant(path, catalog)}
    if len(found) > MOST:
        return documents
    found = {**documents, **_misspelt(query, catalog), **found}
    lines = lines_of(query, catalog)
    return {one: f"{why}:{lines[one][0]}" if one in lines else why for one, why in found.items()}
