"""What the manifests of every language are read with: places, facts, and what most state alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from satchel.context.types import Fact

_VALUE = 120  # characters

REQUIREMENT = re.compile(
    r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*\(?\s*((?:[<>=!~^]=?=?\s*[\w.*+!-]+\s*,?\s*)*)"
)


class Places:
    """Where in a text a word stands, read forward so that repeated words find their own lines."""

    def __init__(self, text: str) -> None:
        self._text = text

    def line(self, *words: str) -> int:
        """Return the line of the last word, sought after each word before it; 1 if it is absent."""
        at = 0
        for word in words:
            found = self._text.find(word, at)
            if found == -1:
                continue
            at = found
        return self._text.count("\n", 0, at) + 1


def fact(subject: object, attribute: str, value: object, line: int) -> Fact:
    """State something, cut to what a fact may hold."""
    return Fact(_told(str(subject)), attribute, _told(" ".join(str(value).split())), line)


def _told(value: str) -> str:
    """Cut a value; half a surrogate pair, which JSON can spell, is no character."""
    return value[:_VALUE].encode("utf-8", "replace").decode()


def language(name: str, line: int = 1) -> Fact:
    """State what a project is written in."""
    return fact(name, "language", name, line)


def dependency(name: object, version: object, line: int) -> Fact:
    """State that something is needed; without a version, any."""
    return fact(name, "dependency", version or "*", line)


def named(project: Mapping[str, Any], places: Places) -> Iterator[Fact]:
    """Read the name and the version that most manifests state alike."""
    name = project.get("name")
    if isinstance(name, str):
        yield fact(name, "name", name, places.line("name", name))
        if isinstance(version := project.get("version"), str):
            yield fact(name, "version", version, places.line("version", version))


def requirement(spelled: object, places: Places, *before: str) -> Iterator[Fact]:
    """Read one requirement as pip spells it."""
    if isinstance(spelled, str) and (found := REQUIREMENT.match(spelled)):
        line = places.line(*before, spelled)
        yield dependency(found[1], found[2].strip(" ,"), line)


def table(value: object) -> Mapping[str, Any]:
    """Return a value where it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Sequence[Any]:
    """Return a value where it is a list, else an empty one."""
    return value if isinstance(value, list) else ()


def versioned(dependencies: object, places: Places, *before: str) -> Iterator[Fact]:
    """Read dependencies kept as a table of name to version, or to a table with one."""
    for name, wanted in table(dependencies).items():
        version = wanted.get("version") if isinstance(wanted, dict) else wanted
        yield dependency(
            name, version if isinstance(version, str) else "", places.line(*before, name)
        )
