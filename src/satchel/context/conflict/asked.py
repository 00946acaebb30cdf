"""A request, a plan or an edit, read for what it takes up, does and gives up. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from satchel.context.conflict.change import Change, change
from satchel.context.conflict.deed import Deed, deed, refers
from satchel.context.conflict.diff import Edit
from satchel.context.conflict.likeness import concepts
from satchel.context.conflict.mention import without_markers
from satchel.context.conflict.proviso import lies_in
from satchel.context.conflict.setting import settings
from satchel.context.conflict.stance import READ, Clause, clauses
from satchel.context.conflict.switch import key, numbers, switches_in
from satchel.context.conflict.taken import Taken, asked_for, shown_by
from satchel.context.conflict.told import with_told
from satchel.context.english import content

IGNORED: Final = ("ignore", ".lock", "-lock.json", "-lock.yaml", ".snap", ".svg")  # path endings


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


def ask(text: str, files: Sequence[str] = (), edited: Sequence[Edit] = ()) -> Asked:
    """Read a request or a plan, and the edits of a diff."""
    text = without_markers(text)
    parts = with_told(tuple(clause for clause in clauses(text) if not clause.asks))
    kept = tuple(edit for edit in edited if not edit.path.lower().endswith(IGNORED))
    taken = [*asked_for(part for part in parts if not part.told)]
    for edit in kept:
        taken += shown_by(edit)
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
    switched = switches_in(text[:READ])
    set_to = numbers(text[:READ])
    for made in changes:
        switched.update(made.switches)
        set_to.update({key(one.name): one.now.number for one in made.constants if one.was})
    return Asked(
        words, parts, tuple(taken), paths, where, kept, deeds, about, changes, stays, switched,
        set_to, near,
    )  # fmt: skip
