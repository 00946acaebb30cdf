"""What rules out what: the table of options in choices.txt, and where a text names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import count
from typing import Final

from satchel.context.terms import looks_like_code

# Words after which an English word is an option ("use click", "written in rust").
_TAKEN_AS_NAME: Final = frozenset(
    [
        "use",
        "uses",
        "used",
        "using",
        "with",
        "in",
        "from",
        "install",
        "run",
        "add",
        "adopt",
        "via",
        "prefer",
        "over",
        "than",
        "of",
        "on",
        "into",
        "like",
        "no",
        "not",
        "without",
    ]
)
# Words before which it is one ("Bun for tests", "Express is gone").
_FOLLOWS_NAME: Final = frozenset({"for", "is", "was", "as", "instead", "over", "not", "stays"})
# Before "to", these lead to a name ("switch to click"); otherwise it leads to a verb.
_LEADS_TO: Final = frozenset(
    [
        "switch",
        "switched",
        "switching",
        "move",
        "moved",
        "moving",
        "migrate",
        "migrated",
        "migrating",
        "migration",
        "port",
        "ported",
        "porting",
        "convert",
        "converted",
        "converting",
        "over",
        "back",
        "change",
        "changed",
        "rewrite",
        "upgrade",
        "prefer",
        "preferred",
    ]
)
# What adds a package, right before its name or with the word between, and what may follow that:
# "add lodash for it", "pull in lodash", but not "add a lodash call", "add lodash types".
_ADDS: Final = frozenset({"add", "adding", "install", "introduce", "adopt", "require"})
_ADDS_WITH: Final = {"in": frozenset({"pull", "bring"}), "on": frozenset({"depend"})}
_FOLLOWS_ADDED: Final = frozenset(
    """and as because for from here in instead it or plus since so that then to via when which
    with""".split()  # noqa: SIM905
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9@_.][\w@.+#/'-]*|[`]")
_WORD: Final = re.compile(r"[a-z0-9]+")
_CODE: Final = (
    "(",
    ".",
    "_",
    "/",
    "*",
    "@",
    "::",
    "--",
    "=",
    "<",
)  # … of a sign that prose spells out
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


@dataclass(frozen=True, slots=True)
class Found:
    """An option that a text names, from one character to another."""

    option: Option
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class _Sign:
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
        if start < 0 or not code.startswith(self.text, start):
            return False
        end = start + len(self.text)
        return not (
            (self.head and start and _joins(code[start - 1]))
            or (self.tail and end < len(code) and _joins(code[end]))
        )


@dataclass(frozen=True, slots=True)
class _Table:
    # How a name counts: "" always; "*" where written or used as a name, "^" where written as one,
    # "`" where quoted as code, "+" where it is added.
    names: dict[str, tuple[tuple[Option, str], ...]]
    longest: dict[str, int]  # words of the longest name that begins with a word
    signs: dict[str, tuple[_Sign, ...]]  # by the word they are looked up by
    kinds: dict[Option, frozenset[Option]]  # of an option, those that a rule may name in its place


def is_of(option: Option, kind: Option) -> bool:
    """Tell whether an option is of the kind that another names: go-sqlite3 of cgo."""
    return kind in _table().kinds.get(option, ())


def refused(option: Option) -> Option:
    """Return the kind that an option is the absence of: cgo of "no cgo"; else the option."""
    purpose = option.purpose
    if purpose.is_kind and option.name == f"no {purpose.name}":
        return Option(purpose.name, purpose)
    return option


def named(text: str) -> list[Found]:
    """Find every option that prose names, longest names first; where several share a name, all."""
    table = _table()
    words = [(m.group().rstrip(".-'/"), m.start()) for m in _TOKEN.finditer(text)]
    spans: list[tuple[int, int]] = []  # how many words are taken together, and from where
    for at, (word, _) in enumerate(words):
        if longest := table.longest.get(word.lower()):
            spans += [(length, at) for length in range(min(longest, len(words) - at), 0, -1)]
    spans.sort(key=lambda span: (-span[0], span[1]))
    found: list[Found] = []
    unsure: list[tuple[Found, str]] = []
    taken: set[int] = set()
    for length, at in spans:
        if not taken.isdisjoint(range(at, at + length)):
            continue
        last, begins = words[at + length - 1]
        start, end = words[at][1], begins + len(last)
        known = table.names.get(" ".join(text[start:end].lower().split()))
        if known is None:
            continue
        written = _is_written(text, start, end)
        follows = words[at + length][0].lower() if at + length < len(words) else ""
        sure = written or _is_used(text, words, start, at, follows)
        quoted = text[start - 1 : start] == "`"
        counts = {"": True, "*": quoted or sure, "^": quoted or written, "`": quoted}
        counts["+"] = _is_added(words, at, follows)
        options = [option for option, how in known if counts[how]]
        if options:
            taken.update(range(at, at + length))
            found += [Found(option, start, end) for option in options]
        else:
            unsure += [(Found(option, start, end), how) for option, how in known]
    found += _told_by_others(unsure, found, text, {word.lower() for word, _ in words})
    return sorted(found, key=lambda one: one.start)


def _told_by_others(
    unsure: Sequence[tuple[Found, str]], sure: Sequence[Found], text: str, words: Set[str]
) -> Iterator[Found]:
    """Yield the English words that are names after all: beside another of their purpose ("gin and
    chi"), or with a capital beside what that is for ("Stripe is our payment provider")."""
    purposes = {found.option.purpose for found in sure}
    for found, how in unsure:
        purpose = found.option.purpose
        if how in {"`", "+"} or any(
            one.start < found.end and found.start < one.end for one in sure
        ):
            continue
        if purpose in purposes or (text[found.start].isupper() and words & purpose.words):
            yield found


def spelled(text: str) -> list[Found]:
    """Find the options whose signs prose spells out: "register it in configureStore"."""
    return [
        found
        for found in signed(text)
        if looks_like_code(text[found.start : found.end])
        or any(mark in text[found.start : found.end] for mark in _CODE)
    ]


def signed(code: str) -> list[Found]:
    """Find the options whose signs a piece of code shows, each sign where it first stands."""
    lowered = code.lower()
    signs = _table().signs
    found: dict[_Sign, int] = {}
    for match in _WORD.finditer(lowered):
        for sign in signs.get(match.group(), ()):
            start = match.start() - sign.lead
            if sign not in found and sign.stands(lowered, start):
                found[sign] = start
    return [
        Found(sign.option, start, start + len(sign.text))
        for sign, start in sorted(found.items(), key=lambda item: item[0].order)
    ]


def _joins(character: str) -> bool:
    return character.isalnum() or character in "_-"


def _is_written(text: str, start: int, end: int) -> bool:
    """Tell whether a name is quoted, or capitalised inside a sentence."""
    quoted = start > 0 and text[start - 1] in "`\"'@" and text[end : end + 1] in {*"`\"'"}
    before = text[max(0, start - 8) : start].rstrip()[-1:]
    return quoted or (text[start].isupper() and start > 1 and before not in {"", *".!?:-*#"})


def _is_used(text: str, words: list[tuple[str, int]], start: int, at: int, follows: str) -> bool:
    """Tell whether an English word is used as a name, by the words beside it."""
    before = words[at - 1][0].lower() if at else ""
    if before == "to":
        return any(word.lower() in _LEADS_TO for word, _ in words[max(0, at - 6) : at - 1])
    return before in _TAKEN_AS_NAME or (text[start].isupper() and follows in _FOLLOWS_NAME)


def _is_added(words: list[tuple[str, int]], at: int, follows: str) -> bool:
    """Tell whether a package is what is added: not a part of it, nor something for it."""
    before, first = (words[at - i][0].lower() if at >= i else "" for i in (1, 2))
    adds = before in _ADDS or first in _ADDS_WITH.get(before, ())
    return adds and (not follows or follows in _FOLLOWS_ADDED)


@cache
def _table() -> _Table:
    """Read the table once a process."""
    names: dict[str, list[tuple[Option, str]]] = {}
    longest: dict[str, int] = {}
    signs: list[_Sign] = []
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
            words = plain.split()
            named_so = names.setdefault(plain, [])
            named_so.append((option, how))
            if new is not None:
                named_so.append((new, "+"))
            longest[words[0]] = max(longest.get(words[0], 0), len(words))
        for mark in marks:
            signs += [_sign(next(order), option, *form) for form in _forms(mark.lower())]
    by_word: dict[str, list[_Sign]] = {}
    for sign in signs:
        by_word.setdefault(sign.word, []).append(sign)
    return _Table(
        {name: tuple(options) for name, options in names.items()},
        longest,
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


def _sign(order: int, option: Option, mark: str, telling: str) -> _Sign:
    """Make a sign; a * at its end lets it begin a longer word."""
    text = mark if mark.endswith(" *") else mark.removesuffix("*")  # "select *" is meant
    begins = text.index(telling.removesuffix("*"))
    words = list(_WORD.finditer(text, begins, begins + len(telling)))
    if text != mark and words[-1].end() == len(text):
        words = words[:-1] or words
    word = max(words, key=lambda word: len(word.group())) if len(words) > 1 else words[0]
    bounded = text == mark and text[-1].isalnum()
    return _Sign(order, option, text, word.group(), word.start(), text[0].isalnum(), bounded)
