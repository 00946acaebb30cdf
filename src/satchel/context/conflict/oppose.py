"""How what a record holds and what a request takes up or gives up are opposed. Pure.

Each of these returns the reason, as a person would put it, or None.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from satchel.context.conflict.asked import Asked
from satchel.context.conflict.bans import Ban, quoted
from satchel.context.conflict.broken import (
    broken,
    broken_by_lines,
    lost_by_lines,
    neglected,
    takes_up,
)
from satchel.context.conflict.days import WORDS, clash, days
from satchel.context.conflict.deed import Deed
from satchel.context.conflict.likeness import concept, concepts, is_action
from satchel.context.conflict.position import Position
from satchel.context.conflict.rivals import takes
from satchel.context.conflict.side import Side


def by_day(held: Position, asked: Asked) -> str | None:
    """Oppose a day of the week and those that were set."""
    wanted = [theirs for theirs in asked.acting if days(theirs.text)]
    stated = tuple(one for ours in held.clauses for one in days(ours.text)) if wanted else ()
    about = held.about | _STOPPED if _FREEZE in held.about else held.about
    for theirs in wanted if stated else ():
        shared = about & concepts(theirs.text) - _DAYS
        if (len(shared) > 1 or any(map(is_action, shared))) and (
            reason := clash(stated, days(theirs.text))
        ):
            return reason
    return None


_DAYS: Final = frozenset(map(concept, WORDS))
_FREEZE: Final = concept("freeze")
_STOPPED: Final = concepts("deploy merge change push upgrade migrate")  # by a freeze


def by_place(held: Position, asked: Asked) -> str | None:
    """Oppose what a record allows in one place alone and a request, or an edit, that takes it up
    elsewhere."""
    for one in held.alone:
        if not one.what <= asked.near or one.where & asked.near:
            continue
        if any(takes_up(one.what, done) for done in asked.done) or any(
            one.what <= made.added.all - made.before
            for made in asked.changes
            if not made.edit.is_prose
        ):
            return f"it leaves no other place: {quoted(one.shown)}"
    return None


def by_ban(
    held: Position, asked: Asked, spread: Mapping[str, int], *, is_within: bool = False
) -> str | None:
    """Oppose what a record turns away and a request, or an edit, that does it; where the request
    `is_within` the files of the record it need not say where."""
    if held.about.isdisjoint(asked.near):  # what it turns away is among what it is about
        return None
    told = frozenset().union(*(concepts(one.option.name) for one in asked.taken))
    deeds = asked.done
    found = tuple(held.bans_within(asked.near))
    if is_within:
        found += tuple(one for ban in found if (one := ban.within()) is not None)
    for ban in found:
        if ban.concepts <= ban.names and (
            ban.concepts <= told
            or (len(ban.concepts) > 1 and not any(ban.concepts <= it.concepts for it in deeds))
        ):
            continue  # the table tells better than some of the words whether it is taken up
        if not asked.is_in(ban.paths):
            continue
        elsewhere = asked.where - held.where or not asked.changes
        if elsewhere and not ban.place <= _ALL_CODE and not ban.place & asked.near:
            continue  # "in firmware code", and this is for the tests, or nobody knows for what
        if any(
            broken(ban, held.about, done, asked.about, spread) and not _does(held, ban, done)
            for done in deeds
        ) or any(
            broken_by_lines(ban, held.about, made, spread)
            for made in asked.changes
            if not made.edit.is_prose
        ):
            return f"it says {quoted(ban.shown)}"
    return None


_ALL_CODE: Final = concepts("src source code codebase app application repository repo project")


def _does(held: Position, ban: Ban, done: Deed) -> bool:
    """Tell whether a clause does what the record puts in the place of what it bans: "log the id
    instead"."""
    here = ban.concepts & done.concepts
    return any(here < duty.concepts & done.concepts for duty in held.duties)


def by_duty(held: Position, asked: Asked, spread: Mapping[str, int]) -> str | None:
    """Oppose what a record demands and a request, or an edit, that leaves it out."""
    if held.about.isdisjoint(asked.lost):  # what it demands is among what it is about
        return None
    losing = [done for done in asked.done if done.given_up or done.undone]
    turned = (concepts(one.option.name) for one in held.taken if one.side is Side.AGAINST)
    banned = frozenset().union(*(ban.concepts for ban in held.bans), *turned)
    for duty in held.duties:
        if any(
            neglected(duty, held.about, banned, done, asked.about, spread) for done in losing
        ) or any(lost_by_lines(duty, made, asked.stays, spread) for made in asked.changes):
            return f"it demands {quoted(duty.shown)}"
    return None


def agrees(held: Position, asked: Asked) -> bool:
    """Tell whether a request gives up what a record turns away, or takes up what it chose in its
    place: weaker evidence is then none."""
    taken = held.taken if asked.taken else ()
    turned = {one.option.purpose for one in taken if one.side is Side.AGAINST}
    if any(
        one.side is Side.FOR and one.option.purpose in turned and takes(asked.taken, one.option)
        for one in taken
    ):
        return True
    losing = [done for done in asked.deeds if done.given_up]
    for ban in held.bans if losing else ():
        for done in losing:
            for given in done.given_up:
                shared = given & ban.core
                # "Remove rows" does what "never delete rows" turns away.
                if not ban.actions and shared and 2 * len(shared) >= len(given):
                    return True
    return False
