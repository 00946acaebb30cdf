"""What an import statement names, for the languages whose grammar leaves that to the reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from satchel.context.types import Import

_SPACE = re.compile(r"\s+")
_JAVA = re.compile(r"import\s+(?:static\s+)?([\w.]+?)(\.\*)?(?:\s+as\s+\w+)?\s*;?\s*$")
_CSHARP = re.compile(r"using\s+(?:static\s+)?(?:\w+\s*=\s*)?(?:global::)?([\w.]+)")
_SWIFT = re.compile(
    r"import\s+(?:(?:class|struct|enum|protocol|func|var|let|typealias)\s+)?([\w.]+)"
)
_PHP = re.compile(r"^use\s+(?:function\s+|const\s+)?(.*?);?$")
_ALIAS = re.compile(r"\s+as\s+\w+$")


def _java(text: str) -> Iterator[Import]:
    if found := _JAVA.match(text):
        yield Import(found[1], ("*",) if found[2] else ())


def _csharp(text: str) -> Iterator[Import]:
    if found := _CSHARP.search(text):
        yield Import(found[1])


def _swift(text: str) -> Iterator[Import]:
    if found := _SWIFT.search(text):
        yield Import(found[1])


def _php(text: str) -> Iterator[Import]:
    found = _PHP.match(text)
    if not found:
        return
    prefix, brace, group = found[1].partition("{")
    for item in (group.rstrip("} ") if brace else found[1]).split(","):
        module = _ALIAS.sub("", item.strip())
        if module:
            yield Import((prefix + module if brace else module).lstrip("\\"))


def _rust(text: str) -> Iterator[Import]:
    for path in _expand(text.replace(" as ", "\0"), depth=0):
        module, _, name = path.partition("\0")[0].rpartition("::")
        yield Import(module, (name,)) if module else Import(name)


def _expand(text: str, depth: int) -> Iterator[str]:
    """Spell out every path of a use tree: `a::{b, c::d}` gives `a::b` and `a::c::d`."""
    text = text.replace(" ", "")
    prefix, brace, rest = text.partition("{")
    if not brace or depth > 20:
        yield text
        return
    level, item = 0, ""
    for character in rest:
        if character == "}" and level == 0:
            break
        level += (character == "{") - (character == "}")
        if character == "," and level == 0:
            yield from (prefix + path for path in _expand(item, depth + 1) if item)
            item = ""
        else:
            item += character
    yield from (prefix + path for path in _expand(item, depth + 1) if item)


_READERS: Mapping[str, Callable[[str], Iterator[Import]]] = {
    "java": _java,
    "kotlin": _java,
    "csharp": _csharp,
    "swift": _swift,
    "php": _php,
    "rust": _rust,
}


def read_use(language: str, statement: str) -> tuple[Import, ...]:
    """Return what one import statement names, modules spelled as the source spells them."""
    return tuple(_READERS[language](_SPACE.sub(" ", statement).strip()))
