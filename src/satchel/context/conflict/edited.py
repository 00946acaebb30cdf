"""How what the lines of an edit do and what a record sets are opposed. Pure.

Each of these returns the reason, as a person would put it, or None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from satchel.context.conflict.asked import Asked
from satchel.context.conflict.bans import quoted
from satchel.context.conflict.broken import FEW
from satchel.context.conflict.likeness import concept, concepts, is_common, weigh
from satchel.context.conflict.position import Position
from satchel.context.conflict.swap import gives_up
from satchel.context.conflict.switch import switched

FLIPPED: Final = 2.5  # weight of what a key and a demand must share
LONG: Final = 10  # words of a record of which an edit must share one more


def by_switch(held: Position, asked: Asked) -> str | None:
    """Oppose a switch that is to be on and one that is set to off, or the other way round."""
    if not (asked.switches or asked.set_to):
        return None
    name = switched(
        {name: on for name, on in held.switches.items() if not is_common(concept(name))},
        asked.switches,
    )
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
    """Oppose what a record demands and an edit that sets a key of these words to false."""
    for made in asked.changes:
        for swap in made.swaps.pairs:
            if (swap.gone, swap.came) != (_TRUE, _FALSE) or swap.kept & _INVERTED:
                continue
            for duty in held.duties:
                if weigh(duty.concepts & swap.kept) >= FLIPPED:
                    return f"it says {quoted(duty.shown)}, the edit turns that off"
    return None


_TRUE: Final = concepts("true")
_FALSE: Final = concepts("false")
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
