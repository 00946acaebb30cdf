"""What rules out what: the table of options in choices.txt, and where a text names them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from satchel.context.terms import looks_like_code

# Words after which an English word is an option ("use click", "switch to go").
_TAKEN_AS_NAME: Final = frozenset(
    "use uses used using with in to from install add adopt via prefer over than of on into "
    "like no not without".split()  # noqa: SIM905 - reads as words
)
# Words before which it is one ("Bun for tests", "Express is gone").
_FOLLOWS_NAME: Final = frozenset({"for", "is", "was", "as", "instead", "over", "not", "stays"})
_TOKEN: Final = re.compile(r"[A-Za-z0-9@_.][\w@.+#/'-]*|[`]")
LONGEST_NAME: Final = 5  # words


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a group of options is for. `exclusive`: a project takes one of them."""

    name: str
    exclusive: bool
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Option:
    """One option among those of its purpose."""

    name: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Found:
    """An option that a text names, from one character to another."""

    option: Option
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Table:
    names: dict[str, tuple[tuple[Option, str], ...]]  # "*": a word too; "`": only where quoted
    signs: tuple[tuple[re.Pattern[str], Option], ...]


def named(text: str) -> list[Found]:
    """Find every option that prose names, longest names first; where several share a name, all."""
    names = _table().names
    words = [(m.group().rstrip(".-'/"), m.start()) for m in _TOKEN.finditer(text)]
    found: list[Found] = []
    taken: list[tuple[int, int]] = []
    for length in range(LONGEST_NAME, 0, -1):
        for at in range(len(words) - length + 1):
            start, end = words[at][1], words[at + length - 1][1] + len(words[at + length - 1][0])
            spelled = " ".join(text[start:end].lower().split())
            if spelled not in names or any(s < end and start < e for s, e in taken):
                continue
            before = words[at - 1][0].lower() if at else ""
            after = words[at + length][0].lower() if at + length < len(words) else ""
            sure = _is_name(text, start, end, before, after)
            quoted = text[start - 1 : start] == "`"
            known = names[spelled]
            options = [o for o, how in known if quoted or (how != "`" and (sure or not how))]
            if options:
                taken.append((start, end))
                found += [Found(option, start, end) for option in options]
    return sorted(found, key=lambda one: one.start)


def spelled(text: str) -> list[Found]:
    """Find the options whose signs prose spells out: "register it in configureStore"."""
    return [
        found
        for found in signed(text)
        if looks_like_code(text[found.start : found.end])
        or any(mark in text[found.start : found.end] for mark in "(._/")
    ]


def signed(code: str) -> list[Found]:
    """Find the options whose signs a piece of code shows."""
    lowered = code.lower()
    return [
        Found(option, match.start(), match.end())
        for pattern, option in _table().signs
        if (match := pattern.search(lowered))
    ]


def _is_name(text: str, start: int, end: int, before: str, after: str) -> bool:
    """Tell a name from a plain word: quoted, capitalised inside a sentence, or used as one."""
    quoted = start > 0 and text[start - 1] in "`\"'@" and text[end : end + 1] in "`\"'"
    inside = start > 1 and text[:start].rstrip()[-1:] not in {"", ".", "!", "?", ":", "-", "*", "#"}
    capital = text[start].isupper() and inside
    opens = text[start].isupper() and after in _FOLLOWS_NAME
    return quoted or capital or opens or before in _TAKEN_AS_NAME


@cache
def _table() -> _Table:
    """Read the table once a process."""
    names: dict[str, list[tuple[Option, str]]] = {}
    signs: list[tuple[re.Pattern[str], Option]] = []
    for option, spelled, marks in _rows():
        for name in spelled:
            how = "*" if "*" in name else "`" if name.startswith("`") else ""
            names.setdefault(name.replace("*", "").strip("`"), []).append((option, how))
        for mark in marks:
            signs.append((_sign(mark), option))
    return _Table({name: tuple(options) for name, options in names.items()}, tuple(signs))


def _rows() -> Iterator[tuple[Option, list[str], list[str]]]:
    text = resources.files("satchel.context").joinpath("choices.txt").read_text(encoding="utf-8")
    purpose = Purpose("", False, frozenset())
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("["):
            name, _, rest = line[1:].partition("]")
            how, _, words = rest.partition(":")
            purpose = Purpose(name, how.strip() == "one", frozenset(_split(words)))
            continue
        name, _, rest = line.partition(":")
        spelled, _, marks = rest.partition("|")
        yield Option(name, purpose), _split(spelled), _split(marks)


def _split(line: str) -> list[str]:
    return [part.strip(" ") for part in line.split(",") if part.strip(" ")]


def _sign(mark: str) -> re.Pattern[str]:
    """Make the pattern of a sign: whole words at its ends, where it begins or ends with one."""
    head = r"(?<![\w-])" if mark[0].isalnum() else ""
    tail = r"(?![\w-])" if mark[-1].isalnum() else ""
    return re.compile(head + re.escape(mark.lower()) + tail)
