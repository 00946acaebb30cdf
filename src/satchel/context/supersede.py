"""Whether a statement takes the place of an older one, rather than merely being about the same.
Pure.

A logistic model of what the words of both have in common and of what the newer one says itself:
"replaces", "instead of", "is gone", "version 2". Fitted by `python -m bench.decisions` on the
supersessions among Python's enhancement proposals and on those among the records of its own cases;
that command prints the figures. It only ever proposes: what was decided is closed by whoever
decided it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from satchel.context.conflict import position
from satchel.context.conflict.side import Side
from satchel.context.english import content
from satchel.context.types import CURRENT, Record, RecordKind

TITLE: Final = 160  # characters of a first line that are still a title
READ: Final = 4_000  # characters of a text
PROPOSED: Final = 0.7  # probability from which a supersession is put to the user
MOST_PROPOSED: Final = 3
UNKNOWN: Final = 6.0  # nats: the rarity of a word that no other text has

NAMES: Final = (
    "title_in_title",
    "title_in_text",
    "told_before",
    "covered",
    "likeness",
    "best",
    "retired",
    "same_purpose",
    "says_so",
)
INTERCEPT: Final = -6.24
WEIGHTS: Final = (0.40, 2.53, 0.77, 1.59, 1.89, 1.71, 2.37, 0.62, 1.39)

_REPLACES: Final = re.compile(
    r"\b(?:replac\w+|supersed\w+|obsolet\w+|deprecat\w+|instead of|in place of|rather than|"
    r"no longer|retir\w+|withdraw\w*|moved? (?:from|off|away)|migrat\w+|switch\w+|dropp?(?:ed|s)?|"
    r"removed?|removal|gone|shut down|previous\w*|earlier|former\w*|revis\w+|updated?s?|"
    r"successor|next generation|reboot\w*|rewrit\w+|new version|version \d|v\d|\d\.\d)\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+|\n\s*\n")


def title_of(text: str) -> str:
    """Return a text's first line, or its first sentence where that line is a paragraph."""
    line = text.strip().partition("\n")[0]
    if len(line) > TITLE:
        line = _SENTENCE.split(line, maxsplit=1)[0]
    return line[:TITLE]


def rarity(texts: Iterable[str]) -> dict[str, float]:
    """Return each content word's inverse document frequency among these texts, in nats."""
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        counts.update(content(text[:READ]))
        total += 1
    return {word: math.log((total + 1) / (count + 0.5)) for word, count in counts.items()}


def features(new: str, old: str, weighed: Mapping[str, float]) -> tuple[float, ...]:
    """Measure what a newer and an older text have in common, in the order of NAMES but for "best",
    which is 0: it takes the others to compare with. `weighed` is the rarity of words."""
    new, old = new[:READ], old[:READ]
    title, old_title = content(title_of(new)), content(title_of(old))
    words, old_words = content(new), content(old)
    ours, theirs = position(new), position(old)
    purposes = {one.option.purpose for one in theirs.taken if not one.universal}
    same = any(one.option.purpose in purposes for one in ours.taken)
    names = {one.option.name for one in theirs.taken}
    turned = any(one.side is Side.AGAINST and one.option.name in names for one in ours.taken)
    said = frozenset().union(
        *(content(part) for part in _SENTENCE.split(new) if _REPLACES.search(part))
    )
    return (
        _share(title & old_title, title | old_title, weighed),
        _share(words & old_title, old_title, weighed),
        _share(old_words & title, title, weighed),
        _share(words & old_words, old_words, weighed),
        _cosine(words, old_words, weighed),
        0.0,
        float(turned),
        float(same),
        _share(said & old_title, old_title, weighed),
    )


def likelihood(found: Sequence[float]) -> float:
    """Return how likely it is (0 to 1) that texts of these features supersede one another."""
    total = INTERCEPT + sum(weight * value for weight, value in zip(WEIGHTS, found, strict=True))
    return 1 / (1 + math.exp(-total))


def measured(new: str, old: Sequence[str]) -> list[tuple[float, ...]]:
    """Measure a newer text against all older ones; "best" tells how each one's likeness stands to
    the best of the others (above 1: it is the best)."""
    weighed = rarity([new, *old])
    rows = [features(new, one, weighed) for one in old]
    like = NAMES.index("likeness")
    best = NAMES.index("best")
    ranked = sorted((row[like] + row[0] for row in rows), reverse=True)
    found = []
    for row in rows:
        own = row[like] + row[0]
        rival = (ranked[1] if len(ranked) > 1 else 0.0) if own == ranked[0] else ranked[0]
        found.append((*row[:best], min(own / rival, 2.0) if rival else 1.0, *row[best + 1 :]))
    return found


def candidates(new: str, old: Sequence[str]) -> list[tuple[int, float]]:
    """Rank older texts by how likely the newer one takes their place: (index, probability), best
    first; ties keep their order."""
    scored = [(place, likelihood(row)) for place, row in enumerate(measured(new, old))]
    return sorted(scored, key=lambda one: -one[1])


def supersedes(new: str, old: str) -> float:
    """Return how likely it is (0 to 1) that a newer text takes the place of an older one, knowing
    nothing but the two."""
    return candidates(new, [old])[0][1]


def proposed(record: Record, others: Sequence[Record]) -> list[tuple[Record, float]]:
    """Return the current records that this one seems to take the place of, likeliest first.

    Older ones of the same kind and reach alone are looked at, notes never; what the record
    supersedes already is not proposed again. A caller with many gives those that are near.
    """
    older = [
        other
        for other in others
        if other.id != record.id
        and other.status in CURRENT
        and other.kind is record.kind
        and other.kind is not RecordKind.NOTE
        and other.workspace == record.workspace
        and set(other.globs) == set(record.globs)
        and other.valid_from <= record.valid_from
        and other.id not in record.supersedes
    ]
    ranked = candidates(record.text, [other.text for other in older])
    sure = [(older[place], chance) for place, chance in ranked if chance >= PROPOSED]
    return sure[:MOST_PROPOSED]


def _share(part: Iterable[str], whole: Iterable[str], weighed: Mapping[str, float]) -> float:
    total = sum(weighed.get(word, UNKNOWN) for word in whole)
    return sum(weighed.get(word, UNKNOWN) for word in part) / total if total else 0.0


def _cosine(one: Iterable[str], other: Iterable[str], weighed: Mapping[str, float]) -> float:
    """Compare two sets of words, each by its rarity."""
    ours = {word: weighed.get(word, UNKNOWN) for word in one}
    theirs = {word: weighed.get(word, UNKNOWN) for word in other}
    length = math.sqrt(sum(v * v for v in ours.values()) * sum(v * v for v in theirs.values()))
    return sum(v * theirs[word] for word, v in ours.items() if word in theirs) / (length or 1.0)
