"""What a record and a request have in common, and how likely that makes it that the record applies:
a logistic model of their words and vectors, fitted on the cases of `python -m bench.applies_fit`.
Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from satchel.base.values import value
from satchel.context.conflict import Asked, position
from satchel.context.topic import LANGUAGES
from satchel.context.types import Record

# Intercept, then one weight a feature in their order, with vectors and without.
WITH_VECTORS: Final = (-8.65, 14.1, 2.09, 0.35, 0.65, 10.95)
WITHOUT_VECTORS: Final = (-7.37, 26.21, 2.38, 0.4, 0.63)
LONG: Final = 30  # terms of a request from which more of them say nothing


@dataclass(frozen=True, slots=True)
class Paper:
    """What the best passage of a decision's own document has of a request: the passage's first
    line, and the stemmed terms of both."""

    line: int
    shared: frozenset[str]


@value(frozen=True, slots=True)
class Known:
    """A record with its stemmed terms and its nearness to the request (None where unknown).

    `is_read` says whether its text is read for the options that it speaks of, which takes a while;
    `paper` is what its document says of the request, where that is most of it.
    """

    record: Record
    terms: frozenset[str]
    cosine: float | None = None
    is_read: bool = True
    paper: Paper | None = None

    @property
    def ground(self) -> frozenset[str]:
        """The terms by which it may have something in common with the request."""
        return self.terms if self.paper is None else self.terms | self.paper.shared


@dataclass(frozen=True)  # without slots: what is told of all its terms is kept in it
class Wanted:
    """A request as records are held against it.

    `words` are its words in order; `rarity` maps its terms to their inverse document frequency
    here, `spelled` to the words that they are of; `files` are the ranked files, best first;
    `unknown` the terms that stand nowhere here; `verb` is the word by which it asks, `written` are
    words as it writes them.
    """

    asked: Asked
    words: tuple[str, ...]
    rarity: Mapping[str, float]
    spelled: Mapping[str, str]
    files: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    wide: frozenset[tuple[str, ...]] = frozenset()  # globs that cover most of the workspace
    alone: int = 0  # how many records there are, where no file answers the request
    proposes: bool = True  # whether it is a proposal by its form: brief, and no mere question
    is_general: bool = False  # whether it asks what anybody knows, of no file here
    by_scope: bool = True  # whether a rule may apply by nothing but its scope
    verb: str = ""
    written: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def total(self) -> float:
        """The rarity of all its terms."""
        return sum(self.rarity.values())

    @cached_property
    def telling(self) -> frozenset[str]:
        """Its terms without those that are no common ground: the verb by which it asks, and the
        names of languages. Who asks how something is done in Python names it, and so does the half
        of all rules."""
        no_ground = LANGUAGES | {self.verb}
        return frozenset(t for t in self.rarity if self.spelled.get(t, t) not in no_ground)

    def shared(self, entry: Known) -> frozenset[str]:
        """Return the terms of both that are common ground."""
        return entry.ground & self.telling


def features(entry: Known, wanted: Wanted) -> tuple[float, ...]:
    """Measure what a record and a request have in common.

    The shared rarity as a share of both sides' (their geometric mean); whether both speak of
    options for one purpose; the logarithm of each one's terms; the cosine, where known.
    """
    shared = wanted.shared(entry)
    mean = wanted.total / max(len(wanted.rarity), 1)
    weight = sum(wanted.rarity[term] for term in shared)
    theirs = wanted.total or 1.0
    ours = weight + mean * (len(entry.ground) - len(shared)) or 1.0
    kindred = bool(entry.is_read and wanted.asked.taken) and _is_kindred(entry.record, wanted.asked)
    found = (
        weight / math.sqrt(ours * theirs),
        float(kindred),
        math.log1p(min(len(wanted.rarity), LONG)),
        math.log1p(len(entry.ground)),
    )
    return found if entry.cosine is None else (*found, entry.cosine)


def _is_kindred(record: Record, asked: Asked) -> bool:
    """Tell whether a record and a request take up or turn away options for one purpose."""
    held, purposes = position(record.text), {one.option.purpose for one in asked.taken}
    if purposes.isdisjoint(option.purpose for option in held.named):
        return False  # on which side each stands, which takes longer, need not be read
    return any(one.option.purpose in purposes for one in held.taken)


def likelihood(found: Sequence[float]) -> float:
    """Return how likely it is (0 to 1) that a record of these features applies."""
    weights = WITH_VECTORS if len(found) == len(WITH_VECTORS) - 1 else WITHOUT_VECTORS
    total = weights[0] + sum(w * x for w, x in zip(weights[1:], found, strict=True))
    return 1 / (1 + math.exp(-total))
