"""Which options a text names, or shows by their signs in code. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Final

from satchel.context.conflict.options import WORD, Option, Sign, table, tokens_of
from satchel.context.terms import looks_like_code

# Words after which an English word is an option ("use click", "written in rust").
_TAKEN_AS_NAME: Final = frozenset(
    """use uses used using with in from install run add adopt via prefer over than of on into like
    no not without""".split()  # noqa: SIM905
)
# Words before which it is one ("Bun for tests", "Express is gone").
_FOLLOWS_NAME: Final = frozenset({"for", "is", "was", "as", "instead", "over", "not", "stays"})
# Before "to", these lead to a name ("switch to click"); otherwise it leads to a verb.
_LEADS_TO: Final = frozenset(
    """switch switched switching move moved moving migrate migrated migrating migration port ported
    porting convert converted converting over back change changed rewrite upgrade prefer
    preferred""".split()  # noqa: SIM905
)
# What adds a package, right before its name or with the word between, and what may follow that:
# "add lodash for it", "pull in lodash", but not "add a lodash call", "add lodash types".
_ADDS: Final = frozenset({"add", "adding", "install", "introduce", "adopt", "require"})
_ADDS_WITH: Final = {"in": frozenset({"pull", "bring"}), "on": frozenset({"depend"})}
_FOLLOWS_ADDED: Final = frozenset(
    """and as because for from here in instead it or plus since so that then to via when which
    with""".split()  # noqa: SIM905
)
_QUOTES: Final = ("`", '"', "\u201c")
_TAKES_NOUN: Final = frozenset({"use", "using", "as"})
_FOLLOWS_NOUN: Final = frozenset({"for", "in", "so", "instead", "then", "until", "because", "and"})
_CODE: Final = re.compile(r"[(._/*@=<]|::|--")  # of a sign that prose spells out
_CODED: Final = re.compile(r"[(_/*@=<]|\.\w|::|--|[a-z][A-Z]|\d[A-Za-z]|[A-Za-z]\d")


@dataclass(frozen=True, slots=True)
class Found:
    """An option that a text names, from one character to another."""

    option: Option
    start: int
    end: int


def named(text: str) -> list[Found]:
    """Find every option that prose names, longest names first; where several share a name, all."""
    lengths, names = table().lengths, table().names
    words = tokens_of(text)
    spans = []  # how many words are a name together, from which one on, and whose name
    for at, (word, start) in enumerate(words):
        for length in lengths.get(word.lower(), ()):
            if at + length <= len(words):
                last, begins = words[at + length - 1]
                end = begins + len(last)
                if known := names.get(" ".join(text[start:end].lower().split())):
                    spans.append((length, at, end, known))
    spans.sort(key=lambda span: (-span[0], span[1]))
    found: list[Found] = []
    unsure: list[tuple[Found, str]] = []
    taken: set[int] = set()
    for length, at, end, known in spans:
        if not taken.isdisjoint(range(at, at + length)):
            continue
        start = words[at][1]
        written = _is_written(text, start, end)
        follows = words[at + length][0].lower() if at + length < len(words) else ""
        sure = written or _is_used(text, words, start, at, follows)
        quoted = text[start - 1 : start] in _QUOTES
        noun = quoted or _is_noun(words, at, length, follows)
        counts = {"": True, "*": quoted or sure, "^": quoted or written, "`": noun}
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
    if _CODED.search(text) is None:  # of most sentences
        return []
    return [
        found
        for found in signed(text)
        if _CODE.search(text, found.start, found.end)
        or looks_like_code(text[found.start : found.end])
    ]


def signed(code: str) -> list[Found]:
    """Find the options whose signs a piece of code shows, each sign where it first stands."""
    lowered = code.lower()
    signs = table().signs
    found: dict[Sign, int] = {}
    for match in WORD.finditer(lowered):
        for sign in signs.get(match.group(), ()):
            start = match.start() - sign.lead
            if sign not in found and sign.stands(lowered, start):
                found[sign] = start
    return [
        Found(sign.option, start, start + len(sign.text))
        for sign, start in sorted(found.items(), key=lambda item: item[0].order)
    ]


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


def _is_noun(words: list[tuple[str, int]], at: int, length: int, follows: str) -> bool:
    """Tell whether a word that is no name by itself stands as a thing: "as any for now", "never use
    any"; but not in "use any library"."""
    before = words[at - 1][0].lower() if at else ""
    return length == 1 and before in _TAKES_NOUN and (not follows or follows in _FOLLOWS_NOUN)


def _is_added(words: list[tuple[str, int]], at: int, follows: str) -> bool:
    """Tell whether a package is what is added: not a part of it, nor something for it."""
    before, first = (words[at - i][0].lower() if at >= i else "" for i in (1, 2))
    adds = before in _ADDS or first in _ADDS_WITH.get(before, ())
    return adds and (not follows or follows in _FOLLOWS_ADDED)
