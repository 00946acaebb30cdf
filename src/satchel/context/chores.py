"""The upkeep of a workspace, chore by chore: how one asks of it, what changes it, and how the files
are called that say it. A table and the match of a request with it; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from satchel.context.terms import STOPWORDS, words_of

LONGEST: Final = 12  # words of a request: all of them are held against what a chore is asked in

# How something is done, or what does it.
_HOW: Final = re.compile(
    r"^\W*(?:(?:explain|show me|tell me) )?(?:how (?:are|can|could|do|does|is|should|to|would)"
    r"|where (?:can|do|should)|(?:what|which) (?:\w{1,20} )?(?:versions?|command|script)"
    r"|what (?:builds|formats|lints|publishes|releases|runs))\b",
    re.IGNORECASE,
)
# … and what there is.
_WHAT: Final = re.compile(
    rf"{_HOW.pattern}|^\W*(?:what(?:'s| is| are| was| has| does)?|which|who|show|list)\b",
    re.IGNORECASE,
)
# Which manifests (as globs) say it of a language; of one that is not among these, each there is.
MANIFESTS: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(names.split())
    for languages, names in (
        ("python", "pyproject.toml setup.cfg setup.py tox.ini"),
        ("node nodejs typescript npm", "package.json"),
        ("go golang", "go.mod"),
        ("rust msrv cargo", "cargo.toml"),
        ("java jdk kotlin maven gradle", "pom.xml build.gradle build.gradle.kts gradle.properties"),
        ("ruby", "*.gemspec gemfile .ruby-version"),
        ("php", "composer.json"),
        ("dotnet", "global.json directory.build.props *.csproj"),
        ("swift", "package.swift"),
        ("cmake", "cmakelists.txt"),
    )
    for language in languages.split()
}

# Which say the version of what they are of: go.mod and Package.swift leave it to a tag.
VERSIONED: Final = frozenset(
    """pyproject.toml setup.cfg setup.py package.json cargo.toml pom.xml build.gradle
    build.gradle.kts gradle.properties *.gemspec composer.json directory.build.props *.csproj
    cmakelists.txt pubspec.yaml mix.exs project.pbxproj""".split()  # noqa: SIM905 - names read better
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _change(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:please )?(?:{pattern})", re.IGNORECASE)


_NEVER: Final = re.compile(r"(?!)")
# Of any question.
_ALONG: Final = _words(
    """app binary code command commands library locally package project repo repository run runs
    script source start work works"""
)


@dataclass(frozen=True, slots=True)
class Chore:
    """What is asked of the upkeep: a word of `named` has to be there, or of `loosely`, which name
    no file; others may. Files are best that are called so, then those that are called like `also`,
    manifests, workflows and journals, by how much each is worth. `changes` match what changes it.
    """

    named: frozenset[str]
    others: frozenset[str]
    also: Mapping[str, float]
    loosely: frozenset[str] = frozenset()
    both: bool = False  # whether a word of `others` has to be there as well
    asks: re.Pattern[str] = _HOW
    changes: re.Pattern[str] = _NEVER
    manifest: float = 1.2  # at the top
    workflow: float = 0.4
    journal: float = 0.0
    only: frozenset[str] = frozenset()  # which manifests, as globs; any where none is named
    alone: bool = True  # whether nothing but these documents answers it
    why: str = "says how that is done here"

    @property
    def is_way(self) -> bool:
        """Whether it is asked how something is done."""
        return self.asks is _HOW

    def is_wanted(self, text: str, words: frozenset[str]) -> bool:
        """Tell whether a request is of this chore. The words of a question have to be the chore's
        own: "how do I run a marathon?" is about something else."""
        if self.changes.match(text):
            return True
        return (
            self.asks.match(text) is not None
            and bool(words & (self.named | self.loosely))
            and (not self.both or bool(words & self.others))
            and words <= self.named | self.loosely | self.others | _ALONG
        )


_GUIDES: Final = {
    **{"contributing": 2.0, "agents": 1.5, "claude": 1.5, "makefile": 1.5, "justfile": 1.5},
    "readme": 1.0,
}
_CI: Final = {"ci": 1.0, "cicd": 1.0}
NEWS: Final = Chore(
    _words("changelog"),
    _words("last latest newest recent release released version"),
    {},
    _words("changed changes new"),
    asks=re.compile(
        r"^\W*what(?:'s| is| has|'ve| have)?(?: we)?(?: been)? (?:changed|new)\b", re.IGNORECASE
    ),
    manifest=0.0,
    workflow=0.0,
    journal=2.0,
    why="tells what changed",
)
_LANGUAGE: Final = "|".join(sorted(map(re.escape, MANIFESTS)))
CHORES: Final = (
    Chore(
        _words("test tests testing"),
        _words("all file files integration module one packages single specific suite unit"),
        {**_GUIDES, **_CI, "tox": 1.5, "noxfile": 1.5},
    ),
    Chore(
        _words("build building compile install setup"),
        _words("dependencies dev development environment"),
        {**_GUIDES, **_CI, "readme": 1.7, "install": 2.0, "development": 2.0},
        _words("run set start"),
    ),
    Chore(
        _words("publish published release released releases releasing"),
        _words("cut made new version versions"),
        _GUIDES,
    ),
    Chore(
        _words("format formatter formatting lint linter linting style"),
        _words("checks coding follow"),
        {**_GUIDES, **_CI, "pre": 1.5, "tox": 1.0, "editorconfig": 1.5},
        asks=_WHAT,
    ),
    Chore(_words("bench benchmark benchmarks benchmarking"), _words("suite"), _GUIDES, alone=False),
    Chore(
        _words("docs documentation"),
        _words("build built generate generated published site website"),
        {"contributing": 1.0, "makefile": 1.2, "mkdocs": 1.5, "readthedocs": 1.5},
        both=True,
        manifest=0.0,
        workflow=0.0,
        alone=False,
    ),
    Chore(
        frozenset(),
        _words(" ".join(MANIFESTS))
        | _words(
            "build built compile compiled compiler compiles dependencies dependency sdk target"
        ),
        {},
        _words("least lowest minimum needed oldest required support supported version versions"),
        both=True,
        asks=_WHAT,
        # "Drop support for Python 3.9", "test on node 22".
        changes=_change(
            r"(?:(?:add|drop|remove|end|stop|declare) support(?:ing)? (?:for|of) |support |"
            r"(?:stop|start|drop) supporting |deprecate |require |drop |test (?:on|with) |"
            r"(?:bump|raise|upgrade) (?:the )?(?:minimum |required |supported )?)"
            rf"(?:{_LANGUAGE})(?: version)?(?: to)? v?\d"
            r"|(?:bump|increase|lower|raise|update|upgrade) (?:the |our )?"
            rf"(?:msrv|(?:minimum|required) (?:supported )?(?:{_LANGUAGE}))\b"
        ),
        workflow=0.0,
        why="says which versions it runs on",
    ),
    Chore(
        _words("version"),
        _words("current number"),
        {},
        asks=re.compile(
            r"^\W*(?:what|which) (?:\w{1,20} )?version (?:is this|are we (?:at|on)|of th\w{1,3} "
            r"(?:app|library|package|project))\b|^\W*what(?:'s| is) (?:the|our) (?:current )?"
            r"version(?: number)?\W*$",
            re.IGNORECASE,
        ),
        changes=_change(
            r"(?:bump|change|increase|increment|raise|set|update) (?:the |our )?"
            r"(?:package |project )?version(?: number)?(?: to v?\d\S{0,20})?\W*$"
        ),
        manifest=2.0,
        workflow=0.0,
        only=VERSIONED,
        why="says the version",
    ),
    Chore(
        _words("dependencies dependency deps requirements"),
        _words("dev development direct external optional runtime") | _words(" ".join(MANIFESTS)),
        {},
        asks=_WHAT,
        changes=_change(
            r"(?:add|bump|drop|install|pin|remove|update|upgrade) (?:a |all |our |the )?"
            r"(?:new |dev |development |runtime )?dependenc(?:y|ies)\b"
            r"|(?:add|install) \S{1,60} as (?:a )?(?:\w{1,12} )?dependency\b"
        ),
        manifest=2.0,
        workflow=0.0,
        why="names what it needs",
    ),
    Chore(
        _words("ci test tests build"),
        frozenset(),
        {},
        asks=_NEVER,
        changes=_change(r"(?:add|drop|remove|run|test|use) .{1,40}\b(?:build|ci|test) matrix\b"),
        manifest=0.0,
        workflow=1.0,
        why="says what it is tested on",
    ),
    Chore(
        _words("copying copyright license licence notice"),
        frozenset(),
        {},
        asks=_NEVER,
        changes=_change(r"(?:bump|change|correct|fix|update) (?:the )?copyright\b"),
        manifest=0.0,
        workflow=0.0,
        why="holds the copyright",
    ),
    NEWS,
    Chore(
        _words("authors codeowners maintainers owners"),
        frozenset(),
        {},
        _words("maintain maintains owns wrote"),
        asks=_WHAT,
        workflow=0.0,
        why="says who",
    ),
)


def chore_of(text: str) -> Chore | None:
    """Return the chore that a request of at most LONGEST words is of, if it is of one."""
    if len(text.split(maxsplit=LONGEST)) > LONGEST:
        return None
    words = frozenset(word.lower() for word in words_of(text) if len(word) > 1) - STOPWORDS
    return next((chore for chore in CHORES if chore.is_wanted(text, words)), None)
