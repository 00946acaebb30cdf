"""A request and a record as they are held against each other: clauses, options, bans. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Final

from satchel.context.conflict.act import is_asked_for
from satchel.context.conflict.change import Change, change
from satchel.context.conflict.choices import signed
from satchel.context.conflict.chosen import is_chosen
from satchel.context.conflict.diff import Edit, refuses
from satchel.context.conflict.likeness import concepts
from satchel.context.conflict.only import Allowed, allowed
from satchel.context.conflict.options import Option
from satchel.context.conflict.proviso import extent, lies_in, places, provisos
from satchel.context.conflict.side import (
    AGAINST,
    Side,
    is_all_named,
    is_by_the_way,
    is_given_up,
    is_listed,
    is_needed,
    is_observed,
    is_registry,
    is_within_code,
)
from satchel.context.conflict.stance import READ, Clause, clauses, settings
from satchel.context.conflict.switch import key, numbers, switches
from satchel.context.conflict.told import with_told
from satchel.context.conflict.wording import (
    Ban,
    Deed,
    Duty,
    bans,
    deed,
    duties,
    left_out,
    meant,
    refers,
)
from satchel.context.english import content
from satchel.context.types import NOT_CHOSEN, WHY

PACKAGING: Final = ("package manager", "packaging")  # purposes of what also names a registry
MANY: Final = 3  # options for one purpose that are no choice
SHORT: Final = 80  # characters of a sentence that is held against another word by word
SAID: Final = 3  # concepts that it has at least …
MOST_SAID: Final = 6  # … and at most
IGNORED: Final = ("ignore", ".lock", "-lock.json", "-lock.yaml", ".snap", ".svg")  # path endings


@dataclass(frozen=True, slots=True)
class Taken:
    """What a text takes up or turns away: an option, with the words and settings around it."""

    option: Option
    side: Side
    about: frozenset[str]
    where: frozenset[str]
    universal: bool = False
    provisos: tuple[frozenset[str], ...] = ()  # of which a request must meet each
    spelled: frozenset[str] = frozenset()  # the words with which it is named
    binds: bool = False  # it is put as what must be, or must never be
    clause: str = ""  # in which a record names it …
    at: tuple[int, int] = (0, 0)  # … from one character to another
    places: tuple[str, ...] = ()  # the files and folders for which a record turns it away

    @property
    def reach(self) -> Iterator[frozenset[str]]:
        """What a record says it is for, beyond the purpose of the option."""
        kind = concepts(f"{self.option.purpose.name} {' '.join(self.option.purpose.words)}")
        under = self.provisos if self.side is Side.AGAINST else extent(self.clause, *self.at)
        return (left for one in under if (left := one - kind))


@dataclass(frozen=True)  # without slots: what is read of it is kept in it
class Asked:
    """A request or an edit, read for what it takes up and gives up.

    `words` are all its content words, `about` the concepts of what it says; `where` the settings
    that it names or whose files it touches. `changes` are its edits, and `stays` what their files
    are seen to hold after them.
    """

    words: frozenset[str]
    clauses: tuple[Clause, ...]
    taken: tuple[Taken, ...]
    files: tuple[str, ...]
    where: frozenset[str]
    edits: tuple[Edit, ...] = ()
    deeds: tuple[Deed, ...] = ()
    about: frozenset[str] = frozenset()
    changes: tuple[Change, ...] = ()
    stays: frozenset[str] = frozenset()
    switches: Mapping[str, bool] = field(default_factory=dict)
    set_to: Mapping[str, float] = field(default_factory=dict)  # plain numbers, by their name
    near: frozenset[str] = frozenset()  # concepts of what it says, its paths, and what it edits

    @cached_property
    def acting(self) -> tuple[Clause, ...]:
        """Its clauses that ask for something."""
        return tuple(clause for clause in self.clauses if not clause.told)

    @cached_property
    def done(self) -> tuple[Deed, ...]:
        """What its clauses ask to do."""
        return tuple(deed for deed in self.deeds if not deed.told)

    @cached_property
    def lost(self) -> frozenset[str]:
        """The concepts of what it gives up, wants undone, or takes out."""
        given = (one for done in self.done for one in (*done.given_up, done.undone))
        return frozenset().union(*given, *(made.removed.all for made in self.changes))

    def is_in(self, places: Sequence[str]) -> bool:
        """Tell whether it touches, or names, any of these files and folders; where there are none,
        all does."""
        return lies_in(places, self.files, self.lowered)

    @cached_property
    def lowered(self) -> str:
        """What it asks for, in lower case, a clause a line."""
        return "\n".join(clause.text.lower() for clause in self.acting)

    @cached_property
    def around(self) -> tuple[frozenset[str], ...]:
        """The concepts of each of its clauses and of the title; in prose, of the one before it as
        well."""
        title = next((done.concepts for done in self.deeds if done.concepts), frozenset[str]())
        firsts = (at if done.is_item else max(0, at - 1) for at, done in enumerate(self.deeds))
        return tuple(
            title.union(*(done.concepts for done in self.deeds[first : at + 1]))
            for at, first in enumerate(firsts)
        )


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
        return clauses(self.said)

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
        found = list(_named(self.clauses, past=True))
        against = list(_named(self.passed_over, past=True, whole=True))
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
        return _switches(self.said)

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


def ask(text: str, files: Sequence[str] = (), edited: Sequence[Edit] = ()) -> Asked:
    """Read a request or a plan, and the edits of a diff."""
    parts = with_told(tuple(clause for clause in clauses(text) if not clause.asks))
    kept = tuple(edit for edit in edited if not edit.path.lower().endswith(IGNORED))
    taken = [*_named((part for part in parts if not part.told), past=False)]
    for edit in kept:
        taken += _shown(edit)
    paths = tuple(dict.fromkeys([*files, *(edit.path for edit in edited)]))
    words = content(text).union(*(content(" ".join(edit.added)) for edit in kept))
    placed = frozenset().union(*(settings(path.replace("/", " ")) for path in paths))
    where = placed.union(*(clause.where for clause in parts))
    deeds = tuple(
        replace(deed(clause.text), told=clause.told, is_item=clause.is_item) for clause in parts
    )
    deeds = tuple(
        replace(done, meant=before.concepts) if refers(done.text) else done
        for done, before in zip(deeds, (deed(""), *deeds), strict=False)
    )
    changes = tuple(map(change, kept))
    stays = frozenset().union(*(made.added.all | made.context for made in changes))
    about = frozenset().union(*(done.concepts for done in deeds))
    near = about.union(
        concepts(" ".join(paths).replace("/", " ")),
        *(made.added.all | made.before for made in changes),
    )
    switched = _switches(text)
    set_to = numbers(text[:READ])
    for made in changes:
        switched.update(made.switches)
        set_to.update({key(one.name): one.now.number for one in made.constants if one.was})
    return Asked(
        words, parts, tuple(taken), paths, where, kept, deeds, about, changes, stays, switched,
        set_to, near,
    )  # fmt: skip


def position(text: str, turned: bool = False) -> Position:
    """Return what a record holds; `turned` for a proposal that was turned down."""
    return _position(text, turned)


@lru_cache(maxsize=4_096)
def _position(text: str, turned: bool) -> Position:
    return Position(text, turned)


def _switches(text: str) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for line in re.split(r"\n|[.;]\s", text[:READ]):
        found.update(switches(line))
    return found


def _spelled(clause: Clause) -> frozenset[str]:
    return frozenset().union(*(concepts(one.name) for one in clause.names))


def _names(clause: Clause) -> frozenset[str]:
    return frozenset().union(*(concepts(one.found.option.name) for one in clause.options))


def _named(parts: Iterable[Clause], *, past: bool, whole: bool = False) -> Iterator[Taken]:
    """Yield what clauses take up and turn away; with `whole`, only what is all that a clause names:
    of "ADR Tools" that was not chosen no ADR is turned away."""
    for clause in parts:
        for one in clause.options:
            before = clause.text[: one.found.start]
            if whole and not is_all_named(clause.text, one.found.start, one.found.end):
                continue
            if past and is_by_the_way(clause.text, one.found.start, one.found.end):
                continue  # "UIKit only where MapLibre needs it" does not choose that
            if past and one.side is Side.AGAINST and (is_needed(before) or is_observed(before)):
                continue  # "SQLite is no option, its drivers need cgo" rules no cgo out
            if one.found.option.purpose.name.endswith(PACKAGING) and is_registry(
                before, clause.text[one.found.end :]
            ):
                continue  # "publish it to npm"
            if past and (
                (one.side is Side.FOR and is_listed(clause.text, one.found.start))
                or is_within_code(clause.text, one.found.start, one.found.end)
            ):
                continue  # "measured on five projects (flask, httpx, …)", "see `dask.dataframe`"
            is_language = one.found.option.purpose.name.endswith("language")
            if not past and is_language and not _TAKES_UP.search(before):
                continue  # "python get object" asks of Python, it does not choose it
            found = one.found
            asked = one.side is Side.AGAINST or is_asked_for(
                clause.text, found.start, found.end, is_item=clause.is_item
            )
            if not past and one.side is Side.AGAINST and not is_given_up(clause.text, found.start):
                continue  # "stop publishing the port of the Redis container"
            if past or (asked and not one.past):
                turned = past and one.side is Side.AGAINST
                under = provisos(clause.text, found.start, found.end) if turned else ()
                yield Taken(
                    found.option, one.side, clause.about, clause.where, clause.universal, under,
                    content(clause.text[found.start : found.end]), clause.binds, clause.text,
                    (found.start, found.end),
                    places(clause.text, found.start, found.end) if turned else (),
                )  # fmt: skip


_SAYS: Final = re.compile(r"\b(?:is|are|must|use|uses|have|has|stays?|goes|go)\b", re.IGNORECASE)
_TURNS_ON: Final = re.compile(
    r"\b(?:before|after|inside|outside|over|under|above|below|until|unless|only|except|if|when|while|"
    r"may|can|might|could|optional|sometimes|mostly)\b|\?",
    re.IGNORECASE,
)
_TAKES_UP: Final = re.compile(
    r"\b(?:in|into|to|with|use|using|via|embed(?:ded|ding)?|adopt|add)\s+"
    r"(?:(?:a|an|the|plain|pure|some|our)\s+)?$",
    re.IGNORECASE,
)


def _shown(edit: Edit) -> Iterator[Taken]:
    """Tell which options an edit takes up: their signs are in what it adds, and not in what it
    removes."""
    if edit.is_prose or edit.deleted:
        return
    added = "\n".join(line for line in edit.added if not refuses(line))
    removed = "\n".join(edit.removed)
    path = f"\n{edit.path}" if not edit.removed and not edit.context else ""  # a file that is new
    comes = dict.fromkeys(found.option for found in signed(added + path))
    goes = {found.option for found in signed(removed)}
    about = content(f"{added} {' '.join(edit.context)} {edit.path}")
    where = settings(edit.path.replace("/", " "))
    for option in comes:
        if option in goes:
            continue
        yield Taken(option, Side.FOR, about, where)
    kinds = {option.purpose for option in comes if option not in goes}
    stood = {found.option for found in signed("\n".join(edit.context))}
    for option in goes - comes.keys() - stood:
        if option.purpose in kinds:  # it makes room for another of its kind
            yield Taken(option, Side.AGAINST, about, where)
