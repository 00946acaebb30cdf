"""What a record holds: what it takes up and turns away, forbids, demands and allows. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from satchel.context.conflict.bans import Ban, Duty, bans, duties, meant
from satchel.context.conflict.chosen import is_chosen
from satchel.context.conflict.excepted import left_out
from satchel.context.conflict.likeness import concepts
from satchel.context.conflict.only import Allowed, allowed
from satchel.context.conflict.options import Option
from satchel.context.conflict.side import AGAINST, Side
from satchel.context.conflict.stance import READ, Clause, clauses
from satchel.context.conflict.switch import numbers, switches_in
from satchel.context.conflict.taken import Taken, stood_for
from satchel.context.english import content
from satchel.context.types import NOT_CHOSEN, WHY, Record, Status

HELD: Final = frozenset({Status.ACTIVE, Status.REJECTED, Status.UNCONFIRMED})
TOLD: Final = 3  # purposes and sides that are told of a record
MANY: Final = 3  # options for one purpose that are no choice
SHORT: Final = 80  # characters of a sentence that is held against another word by word
SAID: Final = 3  # concepts that it has at least …
MOST_SAID: Final = 6  # … and at most


@dataclass(frozen=True)  # without slots: what is read of it is kept in it
class Position:
    """What a record holds, read from its words when that is first asked for.

    A proposal that was `turned` down is against what it is for. Mined records give their reason
    after WHY, which is no stance, and name what was considered and not chosen.
    """

    whole: str
    turned: bool = False

    @property
    def text(self) -> str:
        """What is read of it."""
        return self.whole[:READ]

    @cached_property
    def said(self) -> str:
        """What it states, without the reason."""
        return self.whole.partition(NOT_CHOSEN)[0].partition(WHY)[0]

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """Its clauses."""
        found = clauses(self.said)
        if "unless" not in self.said:  # most records
            return found
        return tuple(one for one in found if not _UNLESS_ASKED.search(one.text))

    @cached_property
    def passed_over(self) -> tuple[Clause, ...]:
        """The clauses of what was considered and not chosen."""
        return clauses(self.whole.partition(NOT_CHOSEN)[2])

    @cached_property
    def named(self) -> tuple[Option, ...]:
        """The options that it may stand for or against: those in `taken` are among them."""
        parts = (*self.clauses, *self.passed_over)
        return tuple(found.option for part in parts for found, _ in part.found)

    @cached_property
    def taken(self) -> tuple[Taken, ...]:
        """The options that it stands for and against."""
        found = list(stood_for(self.clauses))
        against = list(stood_for(self.passed_over, whole=True))
        if self.turned:
            found, against = [], [*found, *against]
        return (*found, *(replace(one, side=Side.AGAINST) for one in against))

    @cached_property
    def firm(self) -> tuple[Taken, ...]:
        """What it chooses and what it turns away, and not what it but speaks of, nor what it has on
        both sides ("use pnpm exec instead of pnpm dlx")."""
        for_it = {one.option for one in self.taken if one.side is Side.FOR}
        against = {one.option for one in self.taken if one.side is Side.AGAINST}
        return tuple(
            one
            for one in self.taken
            if one.option not in for_it & against
            and (one.side is Side.AGAINST or self._few_for(one.option))
            and not self._is_heading(one.clause)
            and (
                one.side is Side.AGAINST
                or is_chosen(
                    one.clause,
                    *one.at,
                    " ".join((one.option.purpose.name, *one.option.purpose.words)),
                )
            )
        )

    def _few_for(self, option: Option) -> bool:
        """Tell whether it takes up no more options for that purpose than one can choose."""
        taken = {one.option for one in self.taken if one.side is Side.FOR}
        return sum(one.purpose == option.purpose for one in taken) < MANY

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The texts of its clauses, with what "it" and "they" stand for at their beginning."""
        texts = [clause.text for clause in self.clauses]
        return tuple(meant(text, before) for text, before in zip(texts, ["", *texts], strict=False))

    @cached_property
    def alone(self) -> tuple[Allowed, ...]:
        """What it allows in one place alone, by a name or by words that tell it."""
        found = ((one, allowed(one.text)) for one in self.clauses)
        return tuple(
            it
            for one, it in found
            if it and (it.is_told or it.what & (_spelled(one) | _names(one)))
        )

    @cached_property
    def bans(self) -> tuple[Ban, ...]:
        """What it turns away in so many words."""
        return tuple(ban for text in self.sentences for ban in bans(text))

    def bans_within(self, pool: frozenset[str]) -> Iterator[Ban]:
        """Yield those that have any of these concepts, with which of theirs are names of
        options."""
        for one, text in zip(self.clauses, self.sentences, strict=True):
            for ban in bans(text):
                if not ban.concepts.isdisjoint(pool):
                    yield replace(ban, names=ban.concepts & _names(one))

    @cached_property
    def denied(self) -> frozenset[frozenset[str]]:
        """The concepts of each short sentence that it turns away, without a condition."""
        return frozenset(
            ban.concepts
            for one in self.clauses
            if self._is_plain(one.text) and AGAINST.search(one.text)
            for ban in bans(one.text)
            if not (ban.only or ban.paths) and SAID <= len(ban.concepts) <= MOST_SAID
        )

    @cached_property
    def affirmed(self) -> frozenset[frozenset[str]]:
        """The concepts of each short sentence that it states."""
        return frozenset(
            said
            for one in self.clauses
            if self._is_plain(one.text)
            and AGAINST.search(one.text) is None
            and SAID <= len(said := concepts(one.text)) <= MOST_SAID
        )

    @cached_property
    def placed(self) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
        """Of each short sentence that it states and that ends in a place: its concepts, and those
        that say of what kind the place is ("in unit tests")."""
        return tuple(
            (concepts(one.text), concepts(place["kind"]))
            for one in self.clauses
            if self._is_plain(one.text)
            and AGAINST.search(one.text) is None
            and (place := _KIND_OF_PLACE.search(one.text))
        )

    def _is_plain(self, text: str) -> bool:
        """Tell whether a clause is a short sentence that can be held against another word by word:
        no heading, and nothing in it that turns on a small word."""
        return len(text) <= SHORT and _TURNS_ON.search(text) is None and not self._is_heading(text)

    def _is_heading(self, clause: str) -> bool:
        """Tell whether a clause but names what the next is about: "Dead code: …"."""
        return f"{clause}:" in self.whole and _SAYS.search(clause) is None

    @cached_property
    def duties(self) -> tuple[Duty, ...]:
        """What it demands in so many words."""
        return tuple(duty for text in self.sentences for duty in duties(text))

    @cached_property
    def about(self) -> frozenset[str]:
        """The concepts of all that it says."""
        return concepts(self.text)

    @cached_property
    def switches(self) -> Mapping[str, bool]:
        """What it has on or off, by its name."""
        return switches_in(self.said[:READ])

    @cached_property
    def set_to(self) -> Mapping[str, float]:
        """What it sets to a plain number, by its name."""
        return numbers(self.said[:READ])

    @cached_property
    def leaves_out(self) -> bool:
        """Whether it makes an exception for something."""
        return any(one.excepted or left_out(one.text) for one in self.clauses)

    @cached_property
    def where(self) -> frozenset[str]:
        """The settings that it names."""
        return frozenset().union(*(clause.where for clause in self.clauses))


def position(text: str, turned: bool = False) -> Position:
    """Return what a record holds; `turned` for a proposal that was turned down."""
    return _position(text, turned)


@lru_cache(maxsize=4_096)
def _position(text: str, turned: bool) -> Position:
    return Position(text, turned)


def position_of(record: Record) -> Position:
    """Return what a record holds: one that was rejected is against what it is for."""
    return position(record.text, record.status is Status.REJECTED)


def told(text: str) -> tuple[str | None, str | None]:
    """Tell what a statement is about and what it holds, by the options it names: ("database",
    "for postgresql; against mongodb"); None where it names none. At most three of each."""
    taken = _of_one_purpose(position(text).taken)
    purposes = list(dict.fromkeys(one.option.purpose.name for one in taken))[:TOLD]
    held = {side: {one.option for one in taken if one.side is side} for side in Side}
    both = held[Side.FOR] & held[Side.AGAINST]
    sides = dict.fromkeys(
        f"{'for' if one.side is Side.FOR else 'against'} {one.option.name}"
        for one in taken
        # What is turned away in one place, or for one thing, is not what the record is against.
        if one.option not in both and (one.side is Side.FOR or not (one.places or any(one.reach)))
    )
    return ", ".join(purposes) or None, "; ".join(list(sides)[:TOLD]) or None


def _of_one_purpose(taken: Sequence[Taken]) -> list[Taken]:
    """Leave out what one name stands for beside another purpose, unless the words around it tell
    which is meant: "Alpine" is a base image beside an image, a library beside a drop-down."""
    spans: dict[tuple[str, tuple[int, int]], list[Taken]] = defaultdict(list)
    for one in taken:
        spans[one.clause, one.at].append(one)
    kept: list[Taken] = []
    for several in spans.values():
        if len({one.option.purpose for one in several}) > 1:
            near = [one for one in several if _is_told_by_words(one)]
            several = near if len({one.option.purpose for one in near}) == 1 else []
        kept += several
    return kept


def _is_told_by_words(one: Taken) -> bool:
    purpose = one.option.purpose
    said = content(" ".join((purpose.name, *purpose.words, one.option.name))) - one.spelled
    return bool(said & one.about)


def _spelled(clause: Clause) -> frozenset[str]:
    return frozenset().union(*(concepts(one.name) for one in clause.names))


def _names(clause: Clause) -> frozenset[str]:
    return frozenset().union(*(concepts(one.found.option.name) for one in clause.options))


_KIND_OF_PLACE: Final = re.compile(r"\sin\s(?P<kind>[a-z][a-z-]{1,20})\s[a-z]{3,20}s\W*$")
_SAYS: Final = re.compile(r"\b(?:is|are|must|use|uses|have|has|stays?|goes|go)\b", re.IGNORECASE)
# Whoever asks for it has asked for it: "do not upgrade it unless you are told to".
_UNLESS_ASKED: Final = re.compile(
    r"\bunless\s"
    r"(?:(?:you(?:'re| are| were| have been)|it is|it's|i|we|"
    r"the (?:task|request|issue|maintainers?))\s)?"
    r"(?:(?:explicitly|specifically|directly)\s)?(?:asked|asks?|requested|requires?|told|instructed|allows)\b",
    re.IGNORECASE,
)
_TURNS_ON: Final = re.compile(
    r"\b(?:before|after|inside|outside|over|under|above|below|until|unless|only|except|if|when|while|"
    r"may|can|might|could|optional|sometimes|mostly)\b|\?",
    re.IGNORECASE,
)
