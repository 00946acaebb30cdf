"""How a workspace is run, tested, built and released, and with what: which documents say it. Pure.

"How do I run the tests?" shares its words with every file, and is answered by none of them, but by
what people call a contributor's guide, a script of that name, a manifest or a workflow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from satchel.context.catalog import WORKFLOWS, Catalog, Row
from satchel.context.terms import STOPWORDS, parts, words_of
from satchel.context.topic import SHORT
from satchel.context.types import Role
from satchel.context.understand import Query

MOST: Final = 3
_ASKED: Final = re.compile(
    r"^\W*(?:(?:explain|show me|tell me) )?(?:how (?:are|can|could|do|does|is|should|to|would)"
    r"|where (?:can|do|should)|(?:what|which) (?:\w{1,20} )?(?:versions?|command|script))\b",
    re.IGNORECASE,
)
# "Drop support for Python 3.9", "test on node 22".
_SUPPORTS: Final = re.compile(
    r"^\W*(?:please )?(?:(?:add|drop|remove|end|stop|declare) support(?:ing)? (?:for|of) |support |"
    r"(?:stop|start|drop) supporting |require |drop |test (?:on|with) |"
    r"(?:bump|raise|upgrade) (?:the )?(?:minimum |required |supported )?)"
    r"(?:dotnet|go|java|jdk|kotlin|node(?:\.?js)?|php|python|ruby|rust|msrv|swift|typescript)"
    r"(?: version)?(?: to)? v?\d",
    re.IGNORECASE,
)
# Of any such question.
_ALONG: Final = frozenset(
    (
        *("app", "code", "command", "commands", "library", "locally", "package", "project", "repo"),
        *("run", "runs", "script", "source", "start", "binary", "works", "work"),
    )
)
_LANGUAGES: Final = frozenset(
    (
        *("dotnet", "go", "golang", "java", "jdk", "kotlin", "node", "nodejs", "php", "python"),
        *("ruby", "rust", "sdk", "swift", "typescript", "compiler", "dependency", "dependencies"),
    )
)


@dataclass(frozen=True, slots=True)
class _Chore:
    """What is asked of the upkeep: a word of `named` has to be there, or of `loosely`, which name
    no file; others may. Files are best that are called so, then those that are called like `also`,
    by how much that is worth."""

    named: frozenset[str]
    others: frozenset[str]
    also: Mapping[str, float]
    loosely: frozenset[str] = frozenset()
    both: bool = False  # whether a word of `others` has to be there as well
    why: str = "says how that is done here"

    def is_asked_for(self, words: frozenset[str]) -> bool:
        """Tell whether the words of a question are those of this chore, and no others."""
        return (
            bool(words & (self.named | self.loosely))
            and (not self.both or bool(words & self.others))
            and words <= self.named | self.loosely | self.others | _ALONG
        )


_GUIDES: Final = {"contributing": 2.0, "makefile": 1.5, "justfile": 1.5, "readme": 1.0}
_CI: Final = {"ci": 1.0, "cicd": 1.0}
_VERSIONS: Final = _Chore(
    frozenset(("version", "versions")),
    _LANGUAGES | {"supported", "required", "minimum", "needed", "oldest", "support"},
    {},
    both=True,
    why="says which versions it runs on",
)
_CHORES: Final = (
    _Chore(
        frozenset(("test", "tests", "testing")),
        frozenset(("suite", "unit", "integration", "all")),
        {**_GUIDES, **_CI, "tox": 1.5, "noxfile": 1.5},
    ),
    _Chore(
        frozenset(("build", "compile", "install", "setup", "building")),
        frozenset(("dependencies", "development", "environment")),
        {**_GUIDES, **_CI, "readme": 1.7, "install": 2.0},
        frozenset(("run", "start")),
    ),
    _Chore(
        frozenset(("release", "releases", "publish", "releasing", "released", "published")),
        frozenset(("new", "version", "versions")),
        _GUIDES,
    ),
    _Chore(
        frozenset(("lint", "format", "linter", "formatter", "linting", "formatting")),
        frozenset(("style", "checks")),
        {**_GUIDES, **_CI, "pre": 1.5, "tox": 1.0},
    ),
    _VERSIONS,
)
CALLED: Final = 3.0  # of a name that says the chore and nothing else
A_MANIFEST: Final = 1.2  # at the top
A_WORKFLOW: Final = 0.4
LEAST: Final = 1.0  # where any document is worth as much


def upkeep(query: Query, catalog: Catalog) -> dict[Row, str]:
    """Return the few documents that answer a short question about the upkeep of the workspace, or
    that say which versions it runs on where one is added or dropped: best first, with the reason.
    A workflow that is called anything is one of them where nothing else says it."""
    if len(query.text.split(maxsplit=SHORT)) > SHORT:
        return {}
    chore = _VERSIONS if _SUPPORTS.match(query.text) else _asked_for(query)
    if chore is None:
        return {}
    worth = {row: _worth(row, chore) for row in catalog.rows if _may_say(row)}
    least = LEAST if max(worth.values(), default=0.0) >= LEAST else A_WORKFLOW
    best = [row for row in worth if worth[row] >= least]
    best.sort(key=lambda row: (-worth[row], row.path))
    return dict.fromkeys(best[:MOST], chore.why)


def _asked_for(query: Query) -> _Chore | None:
    if not _ASKED.match(query.text):
        return None
    words = frozenset(map(str.lower, words_of(query.text))) - STOPWORDS
    return next((one for one in _CHORES if one.is_asked_for(words)), None)


def _may_say(row: Row) -> bool:
    """Tell whether a file is about the workspace: no source, and not deep in it."""
    return row.path.startswith(WORKFLOWS) or (
        row.path.count("/") <= 1 and row.role not in {Role.SOURCE, Role.TEST}
    )


def _worth(row: Row, chore: _Chore) -> float:
    name = [part.lower() for part in parts(row.name.replace("-", "_"))]
    split = name[1:] or name
    said = [part for part in split if part in chore.named]
    called = CALLED * (len(said) + (bool(said) and "run" in split)) / max(len(split), 1)
    also = max((chore.also.get(part, 0.0) for part in split), default=0.0)
    manifest = A_MANIFEST * (row.role == Role.MANIFEST and "/" not in row.path)
    return max(called, also, manifest, A_WORKFLOW * row.path.startswith(WORKFLOWS))
