"""How a name that a record rules out, or how names are written, and a request are opposed. Pure.

Each of these returns the reason, as a person would put it, or None.
"""

from __future__ import annotations

import re
from typing import Final

from satchel.context.conflict.act import is_asked_for
from satchel.context.conflict.asked import Asked
from satchel.context.conflict.likeness import concept, concepts, is_common
from satchel.context.conflict.mention import is_by_the_way, is_mere, is_observed
from satchel.context.conflict.names import Spelled, spelling
from satchel.context.conflict.position import Position
from satchel.context.conflict.proviso import places, provisos
from satchel.context.conflict.rivals import meets
from satchel.context.conflict.side import Side, side_at
from satchel.context.conflict.stance import Clause
from satchel.context.english import content

NAMED: Final = 3  # letters that a name has more than, to tell by itself
SETTINGS_WORDS: Final = content(
    "considered rejected dropped deleted forbidden allowed removed tried switched turned "
    "spring summer autumn winter year month avoid never prefer"
)


def by_name(held: Position, asked: Asked) -> str | None:
    """Oppose what a record rules out, or demands, by a name that is in no table."""
    sides: dict[str, set[Side]] = {}
    binding = set()
    for clause in held.clauses:
        for one in clause.names:
            if not _is_named(one, asked) or _is_no_stance(clause, one):
                continue
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
            if wanted and _meets(name, held, asked) and _is_written_so(name, held, asked):
                return f"{name}{')' * name.endswith('(')} was ruled out"
        elif name in binding and not name.isalpha() and _sides(name, asked) == {Side.AGAINST}:
            return f"{name} is demanded"
    return None


def _is_named(one: Spelled, asked: Asked) -> bool:
    """Tell whether a request, or an edit, names it at all: of most names, neither does."""
    return one.name in asked.lowered or any(
        made.adds_name(one.name, one.written) for made in asked.changes
    )


def _is_no_stance(clause: Clause, one: Spelled) -> bool:
    """Tell whether a clause but speaks of a name, or of what the table tells better: of "Google
    Maps" it does, and of Google nothing is said."""
    return (
        is_by_the_way(clause.text, one.start, one.end)
        or _is_kind_of_named(clause.text, one)
        or any(
            option.found.start <= one.start < option.found.end
            and len(one.name) < option.found.end - option.found.start
            for option in clause.options
        )
    )


def _is_kind_of_named(text: str, one: Spelled) -> bool:
    """Tell whether a word in capitals but says of what kind something else is: of "DeleteTag API
    endpoints" and of "the old API endpoints" the API stays."""
    return (
        one.written.isupper()
        and one.written.isalpha()
        and _OF_THINGS.match(text, one.end) is not None
        and _QUALIFIED.search(text[: one.start]) is not None
    )


_OF_THINGS: Final = re.compile(r"\s[a-z][a-z-]{2,30}s\b")
_QUALIFIED: Final = re.compile(
    r"(?:\b[A-Za-z]{0,30}[a-z][A-Z]\w{0,30}|\b(?:old|legacy|these|those|v\d{1,3}|\w{3,20}ed))\s$"
)


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
    if any(_is_of_kind(text, at + len(name), held, asked) for text, at in found):
        return False
    known = any(one.option.name == name for one in held.taken)
    if not (known or "/" in name or is_common(concept(name))) and len(name) > NAMED:
        return True
    said = [_REASON.split(text, maxsplit=1)[0] for text in ruled]
    return _shares(frozenset().union(*map(content, said)) - content(name), asked)


def _is_written_so(name: str, held: Position, asked: Asked) -> bool:
    """Tell whether a request writes a name that is a common word as one: "use Combine", and not
    "combine the two". What an edit adds is compared as it is written already."""
    if asked.changes or not is_common(concept(name)):
        return True
    written = {one.written for clause in held.clauses for one in clause.names if one.name == name}
    return any(
        not word.istitle()
        or any(re.search(rf"\w\W{{1,3}}{re.escape(word)}", one.text) for one in asked.acting)
        for word in written
    )


def _is_of_kind(text: str, end: int, held: Position, asked: Asked) -> bool:
    """Tell whether a name says of what kind the record's own subject was ("the cart lives on the
    server; localStorage carts got lost"), and the request speaks of another."""
    match = _HEAD.match(text, end)
    head = concepts(match["head"]) if match else frozenset[str]()
    others = (concepts(clause.text) for clause in held.clauses if clause.text != text)
    return bool(head) and not head & asked.near and any(head <= one for one in others)


_HEAD: Final = re.compile(r"[`'\"]?\s(?P<head>[a-z][a-z-]{2,30})\s")


def _shares(conditions: frozenset[str], asked: Asked) -> bool:
    telling = conditions - SETTINGS_WORDS
    left = frozenset().union(*(one for done in asked.deeds for one in done.given_up))
    return not telling or bool(telling & asked.words - left)


_REASON: Final = re.compile(r"\b(?:because|since|so that|as it|after|due to|unless|except)\b")


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


def by_shape(held: Position, asked: Asked) -> str | None:
    """Oppose a rule about how names are written and the names that are asked for."""
    named = [one for one in asked.acting if one.about & _NAMED_THINGS and _shapes(one.text)]
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
            wrong = _shapes(clause.text) - rules.keys()
            if wrong and "snake_case" in rules:
                return f"names are {', '.join(rules)}, not {', '.join(sorted(wrong))}"
    return None


_NAMED_THINGS: Final = content("column table function variable field file key class method param")


def _shapes(text: str) -> frozenset[str]:
    """Return how the identifiers of a text are written: "snake_case", "camelCase", …"""
    found = set()
    for word in re.findall(r"[A-Za-z][\w-]*", text):
        for shape, pattern in _SHAPES.items():
            if pattern.fullmatch(word):
                found.add(shape)
    return frozenset(found)


_SHAPES: Final = {
    "snake_case": re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+"),
    "camelCase": re.compile(r"[a-z][a-z0-9]*(?:[A-Z][a-z0-9]+)+"),
    "PascalCase": re.compile(r"(?:[A-Z][a-z0-9]+){2,}"),
}
