"""What the lines of an edit give up for something else, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.context.conflict.diff import Edit
from satchel.context.conflict.likeness import concepts

NEAR: Final = 3  # lines up or down where the one that takes another's place is looked for
ALIKE: Final = 0.3  # share of words that two lines have in common where one takes the other's place
SMALL: Final = 4  # words that a line loses without any that come
CUT: Final = 3  # letters of a word that is cut short
_COMMENT: Final = re.compile(r"^\s*(?:#(?!!|include|define|\[)|//|--\s|\*\s|/\*|<!--)")
_GUARDS: Final = re.compile(
    r"\b(?:if|unless|guard|assert\w*|raise|throws?|required?|requires|ensure\w*|validate\w*|"
    r"check\w*|verif\w+|before_\w+|constraint|must\w*|deny|forbid|reject\w*|abort|"
    r"authori[sz]e\w*|not null|unique)\b|^\s*@",
    re.IGNORECASE,
)
_UNDOES: Final = re.compile(
    r"\b(?:drop|disable|remove|delete|skip|bypass)[ _](?:[a-z0-9]{1,30}[ _]){0,3}?"
    r"(?:constraint|index|check|trigger|policy|hook|rule|guard|test|job|foreign key|"
    r"(?:row level )?security)\b(.{0,90})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Swap:
    """A line that takes another's place, by concepts: what goes, what comes, what stays."""

    gone: frozenset[str]
    came: frozenset[str]
    kept: frozenset[str]


@dataclass(frozen=True, slots=True)
class Swaps:
    """The lines of an edit that take each other's place, and what guards are lost with no other in
    their place."""

    pairs: tuple[Swap, ...]
    unguarded: tuple[frozenset[str], ...]
    undone: tuple[frozenset[str], ...] = ()  # what added lines take away: "DROP CONSTRAINT …"
    weakened: tuple[Swap, ...] = ()  # guards that hold under one more condition
    gone: frozenset[str] = frozenset()  # what was taken out with nothing in its place


def swaps(edit: Edit) -> Swaps:
    """Pair each line that goes with the one near it that takes its place."""
    if edit.is_prose or edit.deleted:
        return Swaps((), ())
    added = [(line, concepts(line)) for line in edit.added if not _COMMENT.match(line)]
    removed = [(line, concepts(line)) for line in edit.removed if not _COMMENT.match(line)]
    moved = {line.strip() for line, _ in added} & {line.strip() for line, _ in removed}
    added = [one for one in added if one[0].strip() not in moved]
    removed = [one for one in removed if one[0].strip() not in moved]
    taken: set[int] = set()
    pairs: list[Swap] = []
    weakened: list[Swap] = []
    lone: list[tuple[str, frozenset[str]]] = []
    for at, (line, old) in enumerate(removed):
        best = max(_alike(old, line, added, at, taken), default=None)
        if best is None:
            lone.append((line, old))
            continue
        taken.add(best[1])
        new = added[best[1]][1]
        pairs.append(Swap(old - new, new - old, old & new))
        if old <= new and _is_weaker(line.strip(), added[best[1]][0].strip()):
            weakened.append(pairs[-1])
    gone = frozenset().union(*(old for _, old in lone)) if not added else frozenset()
    return Swaps(
        tuple(pairs), tuple(_lost(lone)), tuple(_undone(edit.added)), tuple(weakened), gone
    )


def _alike(
    old: frozenset[str],
    line: str,
    added: Sequence[tuple[str, frozenset[str]]],
    at: int,
    taken: set[int],
) -> Iterator[tuple[float, int]]:
    for there in range(max(0, at - NEAR), min(len(added), at + NEAR + 1)):
        if there in taken:
            continue
        text, new = added[there]
        share = len(old & new) / max(len(old | new), 1)
        begins = line.split()[:1] == text.split()[:1] and line.strip()
        if share >= ALIKE or (begins and share > 0):
            yield share, there


def _is_weaker(was: str, now: str) -> bool:
    """Tell whether a line does what it did, or checks what it checked, under one more condition."""
    if _CONDITION.match(now) and not _CONDITION.match(was):
        return was.rstrip("{;: ") in now
    return _CONDITION.match(was) is not None and len(_AND.findall(now)) > len(_AND.findall(was))


_CONDITION: Final = re.compile(r"\W{0,4}(?:if|unless|when|while|elif|else if|guard)\b")
_AND: Final = re.compile(r"&&|\band\b")


def _lost(lone: Sequence[tuple[str, frozenset[str]]]) -> Iterator[frozenset[str]]:
    """Yield the concepts of removed lines that guard, each with the line after it."""
    for at, (line, found) in enumerate(lone):
        if _GUARDS.search(line):
            yield found | (lone[at + 1][1] if at + 1 < len(lone) else frozenset())


def _undone(added: Sequence[str]) -> Iterator[frozenset[str]]:
    joined = " ".join(" ".join(line.split()) for line in added)[:8_000]
    for match in _UNDOES.finditer(joined):
        yield concepts(match.group())


def gives_up(
    swap: Swap,
    wanted: frozenset[str],
    unwanted: frozenset[str],
    about: frozenset[str],
    spread: Mapping[str, int],
    few: int,
) -> bool:
    """Tell whether a swap takes out what is wanted, and what it is about stays, or what is unwanted
    comes for it."""
    lost = {
        one
        for one in _told(swap.gone, wanted)
        if spread.get(one, 0) <= few
        and not one[0].isdigit()  # numbers are told apart by themselves
    }
    if not lost or len(_told(swap.came, wanted)) >= len(lost):
        return False
    if not swap.came and len(swap.gone) > SMALL:
        return False
    return bool(swap.kept & about or _told(swap.came, unwanted)) or len(lost) >= 2


def _told(found: frozenset[str], words: frozenset[str]) -> frozenset[str]:
    """Return which of these words are found, cut short or not: `rad` for radians."""
    short = {one for one in found if one.isalpha() and len(one) >= CUT}
    return words & found | {
        word for word in words for one in short if word.startswith(one) and len(word) > len(one) + 1
    }
