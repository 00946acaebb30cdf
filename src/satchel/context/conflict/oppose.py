"""How what a record holds and what a request takes up or gives up are opposed. Pure.

Each of these returns the reason, as a person would put it, or None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
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
from satchel.context.conflict.constants import passes
from satchel.context.conflict.days import WORDS, clash, days
from satchel.context.conflict.likeness import concept, concepts, is_action, is_common, weigh
from satchel.context.conflict.proviso import provisos
from satchel.context.conflict.quantity import (
    Bound,
    Quantity,
    bounded,
    comparable,
    opposed,
    quantities,
)
from satchel.context.conflict.reading import Asked, Position
from satchel.context.conflict.rivals import meets, takes
from satchel.context.conflict.side import Side, is_condition, is_mere, is_place, is_reason, side_at
from satchel.context.conflict.stance import Clause, shapes
from satchel.context.conflict.swap import gives_up
from satchel.context.conflict.switch import switched
from satchel.context.conflict.wording import Ban, Deed
from satchel.context.english import content

TOLD: Final = 2.5  # weight of what a number and another must share: 1.5 for a word that is uncommon
MOSTLY: Final = 0.66  # share of what a record says of its number that is enough
TOLD_VERSION: Final = 0.5  # … where both say of what they are the version
FLIPPED: Final = 2.5  # weight of what a key and a demand must share
NAMED: Final = 3  # letters that a name has more than, to tell by itself
SETTINGS_WORDS: Final = content(
    "considered rejected dropped deleted forbidden allowed removed tried switched turned "
    "spring summer autumn winter year month"
)

# --- by number


def by_number(held: Position, asked: Asked) -> str | None:
    """Oppose a number and another of the same kind."""
    if not (asked.changes or any(_is_counted(theirs.text) for theirs in asked.acting)):
        return None
    for ours in held.clauses:
        for stated in quantities(ours.text):
            reason = _other_number(held, ours, bounded(stated, held.text), asked)
            if reason is not None:
                return reason
    return None


@lru_cache(maxsize=2_048)
def _is_counted(text: str) -> bool:
    """Tell whether a clause has a number, or gives one up: `_other_number` asks for no more."""
    return bool(quantities(text)) or re.search(_DROPS, text.lower()) is not None


def _other_number(held: Position, ours: Clause, stated: Quantity, asked: Asked) -> str | None:
    wanted = [
        (one, asked.around(at), asked.deeds[at].concepts, theirs.text)
        for at, theirs in enumerate(asked.clauses)
        if not theirs.told
        for one in quantities(theirs.text)
        if _is_wanted(theirs, one)
        and not any(
            one.spelled in part and _MEASURED.search(part) for part in theirs.text.split(", ")
        )
    ]
    if not any(comparable(stated, one) and one.value == stated.value for one, *_ in wanted):
        for one, near, says, text in wanted:
            shared = concepts(ours.text) & near - concepts(f"{stated.spelled} {one.spelled}")
            told = weigh(shared)
            said = concepts(ours.text) - concepts(stated.spelled) - _STAYING
            asks = weigh(says - concepts(one.spelled))
            whole = weigh(said)
            if told >= MOSTLY * min(whole, asks) > 0 and shared & says:
                told = max(told, TOLD)  # it says no more than that
            told += stated.is_limit and one.bound is stated.bound and opposed(stated, one)
            unusual = one.unit not in _USUAL and not one.unit.startswith(("version", "named"))
            sets = stated.is_limit and _SETS.search(text) is not None
            told += 1.5 * (stated.is_limit and unusual)
            least = TOLD_VERSION if one.unit.startswith("version") else TOLD
            if _of_subject(ours.text, stated, near, least=1.5 if unusual else 2.0):
                least = min(least, 1.5 if unusual else 2.0)
            elif stated.is_limit and _is_subject(ours.text, stated, near):
                least = min(least, 1.5)
            told += 1.5 * sets
            raised = one.unit.startswith("version ") and stated.bound is one.bound is Bound.LEAST
            told += raised
            if (
                (shared or not said or raised or (unusual and sets))
                and told >= least
                and opposed(stated, one)
                and (told > TOLD or raised or _of_subject(ours.text, stated, near))
            ):
                return f"{stated.spelled} was stated, not {one.spelled}"
    product = stated.unit.removeprefix("version ")
    is_supported = stated.bound is Bound.LEAST or _SUPPORTS.search(held.text) is not None
    if product != stated.unit and is_supported:
        given_up = re.compile(
            rf"{_DROPS}[^.;]{{0,30}}?(?<![\w.]){re.escape(stated.spelled)}(?![\w.])"
        )
        if any(
            ("." in stated.spelled or product in theirs.text.lower())
            and given_up.search(theirs.text.lower())
            for theirs in asked.acting
        ):
            return f"{stated.spelled} is to be supported"
    for made in asked.changes:
        for given in made.constants:
            if passes(stated, given, concepts(ours.text), held.about):
                return f"{stated.spelled} was stated, not {given.now.spelled}"
    return None


def _is_wanted(clause: Clause, number: Quantity) -> bool:
    at = clause.text.find(number.spelled)
    before, after = clause.text[max(0, at - 160) : at], clause.text[at + len(number.spelled) :]
    if _SPAN.search(before):
        return False
    return (
        is_asked_for(
            clause.text, at, at + len(number.spelled), is_item=clause.is_item, is_done=True
        )
        or _UNTIL_GONE.search(before) is not None
        or _ACCEPTED.match(after) is not None
        or _CONCEDED.search(before) is not None
    )


# A time that something is taken from is no time that is set: "the rows of the last two weeks".
_SPAN: Final = re.compile(
    r"\b(?:of|from|in|over|during|within|for) the (?:last|past|previous|next|first)\s$",
    re.IGNORECASE,
)
# "drop what is older than a year"
_UNTIL_GONE: Final = re.compile(
    r"(?:^|\b(?:and|then|to|please|just|that|job|which)\s)(?:drop|delete|remove|purge|discard|"
    r"expire|archive|thin)s?\b[^,;]{0,60}?\b(?:after|older than|out to|to|beyond|past)\s?$",
    re.IGNORECASE,
)
# "two seconds are fine", "even though it takes 110 ms"
_ACCEPTED: Final = re.compile(
    r"[^,.;:]{0,30}?\s(?:(?:is|are) (?:fine|ok|okay|enough|acceptable|plenty|good enough)|"
    r"(?:will|should|must|has to|have to|ought to) (?:do|be enough|suffice)|suffices?)\b",
    re.IGNORECASE,
)
_CONCEDED: Final = re.compile(r"\b(?:even though|even if|although|despite|accept)\b", re.IGNORECASE)


_SETS: Final = re.compile(
    r"\b(?:lower|raise|set|bump|reduce|increase|extend|allow|change|shorten|relax|grow|shrink|"
    r"widen|let|(?:down|up) to|cut(?=.{0,40}\bto\b))\b",
    re.IGNORECASE,
)
_SUPPORTS: Final = re.compile(r"\bsupport(?:s|ed)?\b", re.IGNORECASE)
_DROPS: Final = r"\b(?:drop|dropping|remove|removing|retire|stop supporting|end support for)\b"
_MEASURED: Final = re.compile(  # "it needs 13 minutes by now" does not ask for that
    r"\b(?:by now|currently|at the moment|right now|these days|so far|measured|as of (?:now|today)|"
    r"we (?:saw|had|got)|(?:it|which|that|file|function|class|method) (?:has|have|took|takes)|"
    r"there (?:is|are|was|were)|how (?:many|much|long|often)|"
    r"t(?:ook|akes?|aking) (?:longer|more|less))\b",
    re.IGNORECASE,
)
_STAYING: Final = concepts("stay stays remain remains keep least most longest exceed limited limit")
_USUAL: Final = frozenset({"duration", "bytes", "percent", "number", "clock"})


def _of_subject(text: str, stated: Quantity, near: frozenset[str], least: float = 0.0) -> bool:
    """Tell whether a request speaks of what a number is said of: "the crawler sends at most …"."""
    head = concepts(text[: max(0, text.find(stated.spelled))])
    return (not head and not least) or weigh(head & near) >= max(least, 1.0)


def _is_subject(text: str, stated: Quantity, near: frozenset[str]) -> bool:
    """Tell whether a request speaks of all that a limit is set to: "a discount is at most …"."""
    head = concepts(text[: max(0, text.find(stated.spelled))]) - _STAYING
    return bool(head) and head <= near and any(not is_common(one) for one in head)


# --- by day


def by_day(held: Position, asked: Asked) -> str | None:
    """Oppose a day of the week and those that were set."""
    wanted = [theirs for theirs in asked.acting if days(theirs.text)]
    stated = tuple(one for ours in held.clauses for one in days(ours.text)) if wanted else ()
    for theirs in wanted if stated else ():
        shared = held.about & concepts(theirs.text) - _DAYS
        if (len(shared) > 1 or any(map(is_action, shared))) and (
            reason := clash(stated, days(theirs.text))
        ):
            return reason
    return None


_DAYS: Final = frozenset(map(concept, WORDS))


# --- by name


def by_name(held: Position, asked: Asked) -> str | None:
    """Oppose what a record rules out, or demands, by a name that is in no table."""
    said = "\n".join(clause.text.lower() for clause in asked.acting)
    sides: dict[str, set[Side]] = {}
    binding = set()
    for clause in held.clauses:
        for one in clause.names:
            if one.name not in said and not any(m.adds_name(one.name) for m in asked.changes):
                continue
            before = clause.text[: one.start]
            if is_condition(before) or is_place(before) or is_reason(before):
                continue
            if any(
                o.found.start <= one.start < o.found.end
                and len(one.name) < o.found.end - o.found.start
                for o in clause.options
            ):
                continue  # of "Google Maps" the table tells, and of Google nothing is said
            side = side_at(clause.text, one.start, one.end)
            sides.setdefault(one.name, set()).add(side)
            if side is Side.FOR and (clause.binds or _is_left_out(one.name, asked)):
                binding.add(one.name)
    for name, taken in sides.items():
        if taken == {Side.AGAINST}:
            wanted = Side.FOR in _sides(name, asked) or any(
                made.adds_name(name) for made in asked.changes
            )
            if wanted and _meets(name, held, asked):
                return f"{name} was ruled out"
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
    if not any(meets(provisos(text, at, at + len(name)), asked) for text, at in found):
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
    if not any(name in clause.text.lower() for clause in asked.acting):
        return set()  # most records: a pattern for each is dear
    spelled = re.compile(rf"(?<![\w-]){re.escape(name)}(?:s|es)?(?![\w-])", re.IGNORECASE)
    found = [
        (side_at(clause.text, *match.span()), clause, match.span())
        for clause in asked.acting
        for match in spelled.finditer(clause.text)
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
            return f"\u201c{one.shown}\u201d leaves no other place"
    return None


# --- by words


def by_ban(
    held: Position, asked: Asked, spread: Mapping[str, int], *, is_within: bool = False
) -> str | None:
    """Oppose what a record turns away and a request, or an edit, that does it; where the request
    `is_within` the files of the record it need not say where."""
    told = frozenset().union(*(concepts(one.option.name) for one in asked.taken))
    deeds = asked.done
    found = tuple(held.bans_within(asked.near))
    if is_within:
        found += tuple(one for ban in found if (one := ban.within()) is not None)
    for ban in found:
        if ban.concepts <= ban.names and (len(ban.concepts) > 1 or ban.concepts <= told):
            continue  # the table tells better than the words whether it is taken up
        if any(
            broken(ban, held.about, done, asked.about, spread) and not _does(held, ban, done)
            for done in deeds
        ) or any(
            broken_by_lines(ban, held.about, made, spread)
            for made in asked.changes
            if not made.edit.is_prose
        ):
            return f"\u201c{ban.shown}\u201d is ruled out"
    return None


def _does(held: Position, ban: Ban, done: Deed) -> bool:
    """Tell whether a clause does what the record puts in the place of what it bans: "log the id
    instead"."""
    here = ban.concepts & done.concepts
    return any(here < duty.concepts & done.concepts for duty in held.duties)


def by_duty(held: Position, asked: Asked, spread: Mapping[str, int]) -> str | None:
    """Oppose what a record demands and a request, or an edit, that leaves it out."""
    losing = [done for done in asked.done if done.given_up or done.undone]
    if not (losing or asked.changes):
        return None
    turned = (concepts(one.option.name) for one in held.taken if one.side is Side.AGAINST)
    banned = frozenset().union(*(ban.concepts for ban in held.bans), *turned)
    for duty in held.duties:
        if any(
            neglected(duty, held.about, banned, done, asked.about, spread) for done in losing
        ) or any(lost_by_lines(duty, made, asked.stays, spread) for made in asked.changes):
            return f"\u201c{duty.shown}\u201d is demanded"
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
                        f"\u201c{shown}\u201d, and the edit turns that {'on' if is_on else 'off'}"
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
    for made in asked.changes:
        stays = asked.stays
        for duty in held.duties:
            if _RESTRICTS.search(duty.shown):
                continue
            wanted = duty.concepts - banned
            for swap in made.swaps.pairs:
                unwanted = (banned | limited) - wanted
                if gives_up(swap, wanted - stays, unwanted, held.about, spread, FEW):
                    return f"\u201c{duty.shown}\u201d is what the edit takes out"
            gone = {one for one in made.swaps.gone & wanted - stays if not is_common(one)}
            if made.swaps.gone & banned:
                continue
            if (
                any(spread.get(one, 0) <= FEW for one in gone)
                and len((made.swaps.gone | made.context | made.place) & held.about) > 1
            ):
                return f"\u201c{duty.shown}\u201d is what the edit takes out"
        for lost in made.swaps.unguarded:
            shared = lost & held.about
            if len(shared) >= 2 and any(spread.get(one, 0) <= FEW for one in shared - stays):
                return "the edit takes out what holds to it"
        for swap in made.swaps.weakened:
            told = (swap.kept | made.place) & held.about
            if (
                swap.kept & held.about
                and len(told | swap.came & held.about) >= 2
                and any(spread.get(one, 0) <= FEW for one in told)
            ):
                return "the edit makes an exception to what holds to it"
        for lost in made.swaps.undone:
            if len(lost & held.about) >= 2:
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
