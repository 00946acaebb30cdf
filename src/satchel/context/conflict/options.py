"""The table of options in choices.txt: what each is for, how it is named, what shows it in code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import count
from typing import Final

_TOKEN: Final = re.compile(r"[A-Za-z0-9@_.][\w@.+#/'-]*|[`]")
WORD: Final = re.compile(r"[a-z0-9]+")  # of code in lower case
# How the packages of an ecosystem are imported, required and installed.
_FORMS: Final = {
    "js": (
        *(form.replace("'", quote) for quote in "'\"" for form in (
            "from '{}'", "from '{}/*", "require('{}')", "require('{}/*", "import '{}'",
            "import('{}')",
        )),
        *(f'"{{}}": "{version}*' for version in ("^", "~", "latest", "workspace", *"0123456789")),
        *(f"{tool} {flag}{{}}" for tool in (
            "npm install", "npm i", "yarn add", "pnpm add", "bun add",
        ) for flag in ("", "-d ", "--save ", "--save-dev ", "--dev ")),
    ),
    "py": (
        "import {}", "from {} import", "from {}.*", "{}==", "{}>=", "{}~=", "pip install {}",
        "uv add {}", "poetry add {}", '{} = "^',
    ),
    "rs": (
        "use {}::", "cargo add {}", "extern crate {}", "{} = { version", "{}.workspace",
        *(f'{{}} = "{digit}*' for digit in "0123456789"),
    ),
    "gem": ("gem '{}'", 'gem "{}"', "gem install {}", "bundle add {}", "require '{}'"),
    "nuget": ('include="{}"', "using {};", "using {}.*", "add package {}", "install-package {}"),
    "hex": ("{:{},",),
    "dart": ("package:{}/*", "pub add {}", "{}: ^"),
    "r": ("library({})", "require({})", "{}::*", 'install.packages("{}")'),
    "jl": ("using {}", 'pkg.add("{}")'),
    "c": ("#include <{}*", '#include "{}*', "find_package({}"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a group of options is for. `exclusive`: a project takes one of them; `is_kind`: it is
    what they are, and they rule out nothing among themselves."""

    name: str
    exclusive: bool
    words: frozenset[str]
    is_kind: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One option among those of its purpose."""

    name: str
    purpose: Purpose


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """What shows an option in code: a literal that stands alone at its ends, if words are there.

    It is looked up by its longest word, or that of the package, with `lead` characters before it.
    """

    order: int
    option: Option
    text: str
    word: str
    lead: int
    head: bool
    tail: bool

    def stands(self, code: str, start: int) -> bool:
        """Tell whether it stands at a character of code, which is in lower case."""
        if start < 0 or not code.startswith(self.text, start):
            return False
        end = start + len(self.text)
        return not (
            (self.head and start and _joins(code[start - 1]))
            or (self.tail and end < len(code) and _joins(code[end]))
        )


@dataclass(frozen=True, slots=True)
class Table:
    """What choices.txt says, by what it is looked up by."""

    # How a name counts: "" always; "*" where written or used as a name, "^" where written as one,
    # "`" where quoted as code, "+" where it is added.
    names: dict[str, tuple[tuple[Option, str], ...]]
    lengths: dict[str, tuple[int, ...]]  # tokens of the names that begin with a word
    signs: dict[str, tuple[Sign, ...]]  # by the word they are looked up by
    kinds: dict[Option, frozenset[Option]]  # of an option, those that a rule may name in its place


def tokens_of(text: str) -> list[tuple[str, int]]:
    """Return the tokens of prose, each with the character at which it begins."""
    return [(match.group().rstrip(".-'/"), match.start()) for match in _TOKEN.finditer(text)]


def is_of(option: Option, kind: Option) -> bool:
    """Tell whether an option is of the kind that another names: go-sqlite3 of cgo."""
    return kind in table().kinds.get(option, ())


def refused(option: Option) -> Option:
    """Return the kind that an option is the absence of: cgo of "no cgo"; else the option."""
    purpose = option.purpose
    if purpose.is_kind and option.name == f"no {purpose.name}":
        return Option(purpose.name, purpose)
    return option


def _joins(character: str) -> bool:
    return character.isalnum() or character in "_-"


@cache
def table() -> Table:
    """Read the table once a process."""
    names: dict[str, list[tuple[Option, str]]] = {}
    lengths: dict[str, set[int]] = {}
    signs: list[Sign] = []
    order = count()
    lines = list(_lines())
    rows = list(_rows(lines))
    kinds = _kinds([option for option, _, _ in rows], lines)
    added = {name[1:]: option for option, spelled, _ in rows for name in spelled if name[0] == "+"}
    members = {o: new for o, of in kinds.items() for kind in of if (new := added.get(kind.name))}
    for option, spelled, marks in rows:
        new = members.get(option)
        for name in spelled:
            if name[0] == "+":
                continue
            how = "`" if name[0] == "`" else "*" if "*" in name else "^" if "^" in name else ""
            plain = name.replace(how, "") if how else name
            named_so = names.setdefault(plain, [])
            named_so.append((option, how))
            if new is not None:
                named_so.append((new, "+"))
            tokens = [word for word, _ in tokens_of(plain)]
            lengths.setdefault(tokens[0], set()).add(len(tokens))
        for mark in marks:
            signs += [_sign(next(order), option, *form) for form in _forms(mark.lower())]
    by_word: dict[str, list[Sign]] = {}
    for sign in signs:
        by_word.setdefault(sign.word, []).append(sign)
    return Table(
        {name: tuple(options) for name, options in names.items()},
        {word: tuple(sorted(ones)) for word, ones in lengths.items()},
        {word: tuple(ones) for word, ones in by_word.items()},
        kinds,
    )


def _rows(
    lines: Iterable[tuple[Purpose, str]],
) -> Iterator[tuple[Option, list[str], list[str]]]:
    for purpose, line in lines:
        if not line.startswith("="):
            name, _, rest = line.partition(":")
            spelled, _, marks = rest.partition("|")
            yield Option(name, purpose), _split(spelled), _split(marks)


def _kinds(
    options: Sequence[Option], lines: Iterable[tuple[Purpose, str]]
) -> dict[Option, frozenset[Option]]:
    """Return the kinds of each option that has any: its own, and those that list it."""
    found: dict[Option, set[Option]] = {}
    by_purpose: dict[str, dict[str, Option]] = {}
    for option in options:
        by_purpose.setdefault(option.purpose.name, {})[option.name] = option
        purpose = option.purpose
        if purpose.is_kind and option.name not in {purpose.name, f"no {purpose.name}"}:
            found.setdefault(option, set()).add(Option(purpose.name, purpose))
    for purpose, line in lines:
        if line.startswith("="):
            of, _, names = line[1:].partition(":")
            among = by_purpose[of.strip()]
            for name in _split(names) or among:
                found.setdefault(among[name], set()).add(Option(purpose.name, purpose))
    return {option: frozenset(kinds) for option, kinds in found.items()}


def _lines() -> Iterator[tuple[Purpose, str]]:
    """Yield the lines below the purposes, each with its purpose."""
    text = (
        resources.files("satchel.context.conflict")
        .joinpath("choices.txt")
        .read_text(encoding="utf-8")
    )
    purpose = Purpose("", False, frozenset())
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("["):
            name, _, rest = line[1:].partition("]")
            how, _, words = rest.partition(":")
            how = how.strip()
            purpose = Purpose(name, how == "one", frozenset(_split(words)), how == "kind")
            continue
        yield purpose, line


def _split(line: str) -> list[str]:
    return [part for spaced in line.split(",") if (part := spaced.strip(" "))]


def _forms(mark: str) -> list[tuple[str, str]]:
    """Spell out "js:express" in the ways that its ecosystem imports and installs a package; each
    form comes with the part that tells it."""
    kind, _, package = mark.partition(":")
    forms = _FORMS.get(kind, ()) if package else ()
    return [(form.replace("{}", package), package) for form in forms] or [(mark, mark)]


def _sign(order: int, option: Option, mark: str, telling: str) -> Sign:
    """Make a sign; a * at its end lets it begin a longer word."""
    text = mark if mark.endswith(" *") else mark.removesuffix("*")  # "select *" is meant
    begins = text.index(telling.removesuffix("*"))
    words = list(WORD.finditer(text, begins, begins + len(telling)))
    if text != mark and words[-1].end() == len(text):
        words = words[:-1] or words
    word = max(words, key=lambda word: len(word.group())) if len(words) > 1 else words[0]
    bounded = text == mark and text[-1].isalnum()
    return Sign(order, option, text, word.group(), word.start(), text[0].isalnum(), bounded)
