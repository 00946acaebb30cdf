"""Lock files and version pins as facts: which version of a framework or tool it is, exactly.

They are not indexed: nobody asks for their text. They are read line by line, each line to itself
or with the one before, and give only what the tables of frameworks and tools name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from satchel.context.ingest.frameworks import FRAMEWORKS, TOOLS
from satchel.context.types import Fact

MOST_LINES: Final = 500_000
_MOST_LINE: Final = 1_000  # characters
_VERSION: Final = re.compile(r"v?\d[\w.+-]{0,40}")
_NORMAL: Final = re.compile(r"[-_.]+")

Pair = tuple[str, str, int]  # package, version, line

_TOML: Final = re.compile(r'(name|version) = "([^"]{1,200})"')
_JSON_KEY: Final = re.compile(r'\s{2,12}"(?:node_modules/)?((?:@[\w.-]{1,80}/)?[\w.-]{1,80})": \{')
_JSON_VERSION: Final = re.compile(r'\s{4,16}"version": "(?:==)?([^"]{1,60})"')
_COMPOSER: Final = re.compile(r'\s{4,16}"(name|version)": "([^"]{1,120})"')
_PNPM: Final = re.compile(
    r"\s{2}'?/?((?:@[\w.-]{1,80}/)?[\w.-]{1,80})[@/](\d[\w.+-]{0,40})[^:]{0,200}:"
)
_YARN: Final = re.compile(r'"?((?:@[\w.-]{1,80}/)?[\w.-]{1,80})@[^:]{1,300}:?.{0,600}:$')
_YARN_VERSION: Final = re.compile(r'\s{2}version:? "?([^"\s]{1,60})"?')
_BUN: Final = re.compile(
    r'\s{4}"((?:@[\w.-]{1,80}/)?[\w.-]{1,80})": \["[^"@]{0,100}@?[^"@]{1,100}@([^"]{1,60})"'
)
_GEM: Final = re.compile(r"\s{4}([\w.-]{1,80}) \(([\w.+-]{1,60})\)$")


def _two_lines(pair: re.Pattern[str]) -> Callable[[Iterable[str]], Iterator[Pair]]:
    """Read formats that state a name and then its version, each on a line."""

    def read(lines: Iterable[str]) -> Iterator[Pair]:
        name = ""
        for number, line in enumerate(lines, start=1):
            if found := pair.match(line):
                if found[1] == "name":
                    name = found[2]
                elif name:
                    yield name, found[2], number
                    name = ""

    return read


def _headed(head: re.Pattern[str], version: re.Pattern[str]) -> Callable[..., Iterator[Pair]]:
    """Read formats that set a name above an indented block with its version."""

    def read(lines: Iterable[str]) -> Iterator[Pair]:
        name = ""
        for number, line in enumerate(lines, start=1):
            if name and (found := version.match(line)):
                yield name, found[1], number
                name = ""
            elif found := head.match(line):
                name = found[1]

    return read


def _one_line(whole: re.Pattern[str]) -> Callable[[Iterable[str]], Iterator[Pair]]:
    """Read formats that state both on one line."""

    def read(lines: Iterable[str]) -> Iterator[Pair]:
        for number, line in enumerate(lines, start=1):
            if found := whole.match(line):
                yield found[1], found[2], number

    return read


_LOCKS: Final[Mapping[str, tuple[str, Callable[[Iterable[str]], Iterator[Pair]]]]] = {
    "poetry.lock": ("Poetry", _two_lines(_TOML)),
    "uv.lock": ("uv", _two_lines(_TOML)),
    "pdm.lock": ("PDM", _two_lines(_TOML)),
    "pipfile.lock": ("Pipenv", _headed(_JSON_KEY, _JSON_VERSION)),
    "package-lock.json": ("npm", _headed(_JSON_KEY, _JSON_VERSION)),
    "npm-shrinkwrap.json": ("npm", _headed(_JSON_KEY, _JSON_VERSION)),
    "pnpm-lock.yaml": ("pnpm", _one_line(_PNPM)),
    "yarn.lock": ("Yarn", _headed(_YARN, _YARN_VERSION)),
    "bun.lock": ("Bun", _one_line(_BUN)),
    "cargo.lock": ("Cargo", _two_lines(_TOML)),
    "composer.lock": ("Composer", _two_lines(_COMPOSER)),
    "gemfile.lock": ("Bundler", _one_line(_GEM)),
}
_PINS: Final[Mapping[str, str]] = {
    ".python-version": "python",
    ".nvmrc": "node",
    ".node-version": "node",
    ".ruby-version": "ruby",
    ".java-version": "java",
    ".go-version": "go",
    "rust-toolchain": "rust",
    "rust-toolchain.toml": "rust",
    ".tool-versions": "",
}
_PLUGINS: Final = {"nodejs": "node", "golang": "go"}  # as .tool-versions spells them


def is_lock(path: str) -> bool:
    """Tell whether a file states exact versions: a lock file, or a language's version pin."""
    name = path.rpartition("/")[2].lower()
    return name in _LOCKS or name in _PINS


def lock_facts(path: str, lines: Iterable[str]) -> tuple[Fact, ...]:
    """Read the facts of a lock file or pin, given line by line (an open file will do).

    Attributes are "locked" (of a framework or tool, where it has one version alone), "pinned" (of
    a language) and "package manager". Never raises for any text.
    """
    name = path.rpartition("/")[2].lower()
    bounded = _bounded(lines)
    if name in _PINS:
        return tuple(_pinned(_PINS[name], bounded))
    if name not in _LOCKS:
        return ()
    manager, read = _LOCKS[name]
    found: dict[str, set[str]] = {}
    places: dict[str, int] = {}
    for package, version, line in read(bounded):
        known = _known(package)
        if known and _VERSION.fullmatch(version):
            found.setdefault(known, set()).add(version.removeprefix("v"))
            places.setdefault(known, line)
    locked = (
        Fact(known, "locked", min(versions), places[known])
        for known, versions in found.items()
        if len(versions) == 1
    )
    return (Fact(manager, "package manager", name, 1), *locked)


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number >= MOST_LINES:
            return
        yield line[:_MOST_LINE].rstrip("\r\n")


def _known(package: str) -> str | None:
    name = package.lower()
    plain = _NORMAL.sub("-", name)
    return FRAMEWORKS.get(name) or FRAMEWORKS.get(plain) or TOOLS.get(name) or TOOLS.get(plain)


def _pinned(language: str, lines: Iterable[str]) -> Iterator[Fact]:
    for number, line in enumerate(lines, start=1):
        if number > 50:
            return
        words = line.partition("#")[0].replace('"', " ").replace("=", " ").split()
        named = _PLUGINS.get(words[0], words[0]) if words and not language else language
        version = words[-1] if words and (language or len(words) > 1) else ""
        if _VERSION.fullmatch(version):
            yield Fact(named, "pinned", version.removeprefix("v"), number)
            if language:
                return
