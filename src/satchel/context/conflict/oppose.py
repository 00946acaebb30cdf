"""How what a record holds and what a request takes up or gives up are opposed. Pure.

Each of these returns the reason, as a person would put it, or None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from satchel.context.conflict.act import is_asked_for
from satchel.context.conflict.broken import (
    FEW,
    broken,
    broken_by_lines,
    lost_by_lines,
    neglected,
    takes_up,
)
from satchel.context.conflict.days import WORDS, clash, days
from satchel.context.conflict.likeness import concept, concepts, is_action, is_common, weigh
from satchel.context.conflict.proviso import places, provisos
from satchel.context.conflict.reading import Asked, Position
from satchel.context.conflict.rivals import meets, takes
from satchel.context.conflict.side import Side, is_by_the_way, is_mere, is_observed, side_at
from satchel.context.conflict.stance import shapes, spelling
from satchel.context.conflict.swap import gives_up
from satchel.context.conflict.switch import switched
from satchel.context.conflict.wording import Ban, Deed, quoted
from satchel.context.english import content

FLIPPED: Final = 2.5  # weight of what a key and a demand must share
LONG: Final = 10  # words of a record of which an edit must share one more
NAMED: Final = 3  # letters that a name has more than, to tell by itself
SETTINGS_WORDS: Final = content(
    "considered rejected dropped deleted forbidden allowed removed tried switched turned "
    "spring summer autumn winter year month"
)

# --- by day


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


# --- by name


def by_name(held: Position, asked: Asked) -> str | None:
    """Oppose what a record rules out, or demands, by a name that is in no table."""
    sides: dict[str, set[Side]] = {}
    binding = set()
    for clause in held.clauses:
        for one in clause.names:
            if one.name not in asked.lowered and not any(
                m.adds_name(one.name) for m in asked.changes
            ):
                continue
            if is_by_the_way(clause.text, one.start, one.end):
                continue
            if any(
                o.found.start <= one.start < o.found.end
                and len(one.name) < o.found.end - o.found.start
                for o in clause.options
            ):
                continue  # of "Google Maps" the table tells, and of Google nothing is said
            side = side_at(clause.text, one.start, one.end)
            if side is Side.AGAINST and is_observed(clause.text[: one.start]):
                continue
            sides.setdefault(one.name, set()).add(side)
            if side is Side.FOR and (clause.binds or _is_left_out(one.name, asked)):
                binding.add(one.name)
    for name, taken in sides.items():
        if taken == {Side.AGAINST}:
            wanted = Side.FOR in _sides(name, asked) or any(
                made.adds_name(name) for made in asked.changes
            )
            if wanted and _meets(name, held, asked):
                return f"{name}{')' * name.endswith('(')} was ruled out"
        elif name in binding and not name.isalpha() and _sides(name, asked) == {Side.AGAINST}:
            return f"{name} is demanded"
    return None


def _is_left_out(name: str, asked: Asked) -> bool:
    """Tell whether a name can only be one of code and is itself what a request gives up: "take
    USE_CACHE off"."""
    meant = concepts(name)
    return "_" in name.strip("_") and any(meant in done.given_up for done in asked.done)


def _meets(name: str, held: Position, asked: Asked) -> bool:
    """Tell whether the request meets all for which a name is ruled out; one that is common, or in
    the table, needs more of what is said with it."""
    ruled = [c.text for c in held.clauses for one in c.names if one.name == name]
    found = [(text, text.lower().find(name)) for text in ruled]
    if not any(
        meets(provisos(text, at, at + len(name)), asked)
        and asked.is_in(places(text, at, at + len(name)))
        for text, at in found
    ):
        return False
    known = any(one.option.name == name for one in held.taken)
    if not (known or "/" in name or is_common(concept(name))) and len(name) > NAMED:
        return True
    said = [_REASON.split(text, maxsplit=1)[0] for text in ruled]
    return _shares(frozenset().union(*map(content, said)) - content(name), asked)


def _shares(conditions: frozenset[str], asked: Asked) -> bool:
    telling = conditions - SETTINGS_WORDS
    left = frozenset().union(*(one for done in asked.deeds for one in done.given_up))
    return not telling or bool(telling & asked.words - left)


_REASON: Final = re.compile(r"\b(?:because|since|so that|as it|after|due to)\b")


def _sides(name: str, asked: Asked) -> set[Side]:
    """Return the sides on which a request names something; `name` is in lower case."""
    if name not in asked.lowered:
        return set()  # most records: a pattern for each is dear
    found = [
        (side_at(clause.text, *match.span()), clause, match.span())
        for clause in asked.acting
        for match in spelling(name).finditer(clause.text)
        if not is_mere(clause.text, *match.span())
    ]
    return {
        side
        for side, clause, span in found
        if side is Side.AGAINST or is_asked_for(clause.text, *span, is_item=clause.is_item)
    }


# --- by the shape of names


def by_shape(held: Position, asked: Asked) -> str | None:
    """Oppose a rule about how names are written and the names that are asked for."""
    named = [one for one in asked.acting if one.about & _NAMED_THINGS and shapes(one.text)]
    if not named:
        return None
    rules = {
        t.option.name: t for t in held.taken if t.option.purpose.name == "naming"
        and t.side is Side.FOR
    }  # fmt: skip
    if not rules:
        return None
    demanded = frozenset().union(*(t.about for t in rules.values()))
    for clause in named:
        if clause.about & demanded & _NAMED_THINGS:
            wrong = shapes(clause.text) - rules.keys()
            if wrong and "snake_case" in rules:
                return f"names are {', '.join(rules)}, not {', '.join(sorted(wrong))}"
    return None


_NAMED_THINGS: Final = content("column table function variable field file key class method param")


# --- by place


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


# --- by words


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


# --- by switches and swapped lines


def by_switch(held: Position, asked: Asked) -> str | None:
    """Oppose a switch that is to be on and one that is set to off, or the other way round."""
    if not (asked.switches or asked.set_to):
        return None
    name = switched(held.switches, asked.switches)
    if name is None:
        other = next((n for n, v in asked.set_to.items() if held.set_to.get(n, v) != v), None)
        return None if other is None else f"{other} is to be {held.set_to[other]:g}"
    return f"{name} is to be {'on' if held.switches[name] else 'off'}"


_RESTRICTS: Final = re.compile(  # "CSV exists only at the edges" does not ask for CSV
    r"\bonly (?:in|at|for|where|inside|within|to)\b|\bonly\W*$|\b(?:remains?|is|"
    r"are) (?:left )?for\b|"
    r"\b(?:may|can|allowed|permitted|fine)\b",
    re.IGNORECASE,
)


def by_flip(held: Position, asked: Asked) -> str | None:
    """Oppose what a record demands, or turns away, and an edit that sets a key of these words to
    false, or to true."""
    for made in asked.changes:
        for swap in made.swaps.pairs:
            if {*swap.gone, *swap.came} != _STATES or swap.kept & _INVERTED:
                continue
            is_on = swap.came == _TRUE
            told = (
                ((ban.concepts, ban.shown) for ban in held.bans)
                if is_on
                else ((duty.concepts, duty.shown) for duty in held.duties)
            )
            for words, shown in told:
                shared = words & swap.kept
                if weigh(shared) >= FLIPPED and any(not is_common(one) for one in shared):
                    return (
                        f"it says {quoted(shown)}, the edit turns that {'on' if is_on else 'off'}"
                    )
    return None


_TRUE: Final = concepts("true")
_STATES: Final = concepts("true false")
_INVERTED: Final = concepts("disable skip ignore allow except exclude insecure unsafe")


def by_swap(held: Position, asked: Asked, spread: Mapping[str, int]) -> str | None:
    """Oppose what a record demands and an edit that puts something else in its place."""
    if not asked.changes:
        return None
    banned = frozenset().union(*(ban.concepts for ban in held.bans))
    limited = frozenset().union(
        *(duty.concepts for duty in held.duties if _RESTRICTS.search(duty.shown))
    )
    least = max(2, len(held.about) // LONG)
    for made in asked.changes:
        stays = asked.stays
        for duty in held.duties:
            if _RESTRICTS.search(duty.shown):
                continue
            wanted = duty.concepts - banned
            for swap in made.swaps.pairs:
                unwanted = (banned | limited) - wanted
                if gives_up(swap, wanted - stays, unwanted, held.about, spread, FEW):
                    return f"the edit takes out what it demands: {quoted(duty.shown)}"
            gone = {one for one in made.swaps.gone & wanted - stays if not is_common(one)}
            if made.swaps.gone & banned:
                continue
            if (
                any(spread.get(one, 0) <= FEW for one in gone)
                and len((made.swaps.gone | made.context | made.place) & held.about) > 1
            ):
                return f"the edit takes out what it demands: {quoted(duty.shown)}"
        for lost in made.swaps.unguarded:
            shared = lost & held.about
            if len(shared) >= least and any(spread.get(one, 0) <= FEW for one in shared - stays):
                return "the edit takes out what holds to it"
        for swap in made.swaps.weakened:
            told = (swap.kept | made.place) & held.about
            if (
                swap.kept & held.about
                and len(told | swap.came & held.about) >= least
                and any(spread.get(one, 0) <= FEW for one in told)
            ):
                return "the edit makes an exception to what holds to it"
        for lost in made.swaps.undone:
            if len(lost & held.about) >= least:
                return "the edit takes out what holds to it"
    return None


# --- what agrees


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
                shared = given & (ban.core or ban.concepts)
                # "Remove rows" does what "never delete rows" turns away; "stop deleting" does not.
                if ban.actions and not given & ban.actions:
                    continue
                if shared and 2 * len(shared) >= len(given):
                    return True
    return False
