"""Words that stand for one thing, so that two short texts can be compared. Pure.

"Deletes the pictures" and "removing an image" share two concepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from satchel.context.english import common, stem
from satchel.context.terms import STOPWORDS, WORD, parts, words_of

# Words that say nothing of what is done, or to what.
_LIGHT: Final = frozenset(
    """use using used uses usage new add added adding adds set run runs running move moved moving
    put
    keep keeps kept keeping old thing things way one two need needs needed want wants work works
    file files code project make makes making switch also still already never always must
    should only not no without instead rather avoid any every each all next here later today now
    please current dont do does done stop replace replaced live lives via
    forbidden banned allowed prohibited ruled out let lets get take takes taken taking goes go come
    comes become anywhere everywhere somebody nobody anybody someone anyone nothing everything
    real hard bare first last well per three four five like back turn turned off bit lot plan step
    don doesn didn isn aren won shouldn mustn couldn asking permission
    our their everyone team people whole own different other others another same""".split()  # noqa: SIM905
)
_CAMEL: Final = re.compile(r"[a-z\d][A-Z]|[a-z]\d|\d[a-z]")
_DOUBLED: Final = frozenset("bdgklmnprtv")
_ENDINGS: Final = (("ication", "ify"), ("ization", "ize"), ("isation", "ize"), ("ion", ""))
# What is told by its shape: the concept, a pattern, and of what a text must hold one for it to
# match (where nothing is named: what is not ASCII).
_SHAPES: Final = (
    ("emoji", re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]"), ()),
    (
        "network",
        re.compile(
            r"\bhttps?://(?!localhost|127\.)|\b(?:[a-z0-9-]{1,40}\.){1,4}(?:com|org|io|net|dev)\b"
        ),
        ("http", ".com", ".org", ".io", ".net", ".dev"),
    ),
    ("hex", re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b"), ("#",)),
    ("endpoint", re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE)\s/\w"), ("/",)),
    (
        "sql",
        re.compile(
            r"\b(?:SELECT\s[^;]{1,200}?\sFROM|INSERT\sINTO|UPDATE\s[\w.]{1,60}\sSET|"
            r"DELETE\sFROM)\b"
        ),
        ("FROM", "INTO", "SET"),
    ),
    (  # one that is spelled out: `DB_PASSWORD: "…"`
        "secret",
        re.compile(
            r"(?i:password|passwd|secret|token|api_?key)\w{0,20}[\"']?\s{0,3}[:=]\s{0,3}"
            r"[\"'](?![^\"']*[{<$ ])[^\"'\s]{8,80}[\"']"
        ),
        ("'", '"'),
    ),
    (  # words for people in code: `Text("Nothing here yet")`, `<p>Nothing here</p>`
        "hardcod",
        re.compile(
            r"[(=:>{]\s?[\"'`][A-Z][\w'-]{0,24}\s[A-Za-z]|"
            r">[A-Z][\w'-]{0,24}\s[A-Za-z][^<>{}\n]{1,80}<"
        ),
        ('"', "`", ">", " '", "('", "='", "{'"),
    ),
    ("hardcod", re.compile(r"\b[Hh]ard-cod(?:e|ed|ing)\b"), ("ard-cod",)),
    # … and a number put in their place
    ("hardcod", re.compile(r"se(?<=\b[Uu]se)\s\d[\d.,]{0,12}%?\s(?:as|for)\b"), ("se ",)),
    ("migrat", re.compile(r"\bV\d{1,14}__\w{1,60}\.sql\b|\bmigrations?/\d"), (".sql", "migration")),
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: what it stands for, and its characters."""

    concept: str
    start: int
    end: int


@lru_cache(maxsize=20_000)
def concept(word: str) -> str:
    """Return what stands for a word: its own root, or that of the first of those like it."""
    word = word.lower()
    return _table()[0].get(word) or _table()[0].get(root(word)) or root(word)


def is_generic(of: str) -> bool:
    """Tell whether a concept is a mere kind of thing: "no cgo packages" is no cgo."""
    return of in _generic()


def is_action(of: str) -> bool:
    """Tell whether a concept is something that one does."""
    return of in _table()[1]


@lru_cache(maxsize=20_000)
def is_common(of: str) -> bool:
    """Tell whether a concept is one that any technical text may hold."""
    return of in _common()


def weigh(shared: Iterable[str]) -> float:
    """Weigh what two texts have in common: what is uncommon tells more."""
    return sum(1.0 if is_common(one) else 1.5 for one in shared)


@lru_cache(maxsize=2_048)
def words(text: str) -> tuple[Word, ...]:
    """Return the words of a text that tell something, in order, identifiers by their parts."""
    found = [
        Word(of, match.start(), match.end())
        for match in WORD.finditer(text)
        for of in _told(match.group())
    ]
    for of, shape in _shapes_in(text):
        found += [Word(of, match.start(), match.end()) for match in shape.finditer(text)]
    return tuple(found)


@lru_cache(maxsize=8_192)
def concepts(text: str) -> frozenset[str]:
    """Return what the words of a text stand for."""
    shown = [of for of, shape in _shapes_in(text) if shape.search(text)]
    return frozenset(shown).union(*map(_told, set(words_of(text))))


def _shapes_in(text: str) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield the shapes of which a text has what each needs: of most texts, one."""
    ascii_only = text.isascii()
    for of, shape, needed in _SHAPES:
        if not needed and not ascii_only:
            yield of, shape
        for one in needed:
            if one in text:
                yield of, shape
                break


@lru_cache(maxsize=20_000)
def _told(word: str) -> tuple[str, ...]:
    """Return what a word, or each part of an identifier, stands for; of words that tell nothing,
    nothing."""
    return tuple(
        concept(part)
        for part in _parts(word)
        if part not in STOPWORDS and part not in _LIGHT and len(part) > 1
    )


@lru_cache(maxsize=20_000)
def root(word: str) -> str:
    """Cut a word further than `stem` does: "verification" and "verify" have one root."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)] + instead
            break
    cut = stem(word)
    if cut.endswith("at") and len(cut) >= 7:
        cut = cut[:-2]
    # "polled" has lost one of its letters, "poll" and "cancellation" have not.
    return cut[:-1] if len(cut) > 3 and cut[-1] == cut[-2] and cut[-1] in _DOUBLED else cut


def _parts(word: str) -> tuple[str, ...]:
    """Return the parts of an identifier; the whole where it has none, or is itself a word."""
    split = parts(word)
    if word.lower() in _table()[0] or not ("_" in word or _CAMEL.search(word)):
        return split[:1]
    return split[1:] if len(split) > 2 else split


@cache
def _generic() -> frozenset[str]:
    kinds = (
        "library framework tool service engine plugin module format system feature value sdk "
        "row record entry"
    )
    return concepts(kinds)


@cache
def _common() -> frozenset[str]:
    return frozenset({*common(), *(concept(word) for word in common())}) - {
        of for of, *_ in _SHAPES
    }


@cache
def _table() -> tuple[dict[str, str], frozenset[str]]:
    """Read the table once a process: what stands for each word, and which are actions."""
    stands: dict[str, str] = {}
    actions = set()
    text = (
        resources.files("satchel.context.conflict")
        .joinpath("likeness.txt")
        .read_text(encoding="utf-8")
    )
    for line in text.splitlines():
        kind, _, rest = line.partition(":")
        if line.startswith("#") or not rest:
            continue
        like = rest.split()
        first = root(like[0])
        for word in like:
            stands.setdefault(word, first)
            stands.setdefault(root(word), first)
        if kind == "verb":
            actions.add(first)
    return stands, frozenset(actions)
