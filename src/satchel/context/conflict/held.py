"""Which decisions and rules a request, a plan or a pending edit contradicts. Pure.

A request (`asked`) is held against each record (`position`) that may mean it, by one comparison
after the other; the first that opposes them gives the reason:

- an option that is taken up against one that was chosen, or that was ruled out (`rivals`);
- a number or a day against another of the same kind (`amount`, `oppose`);
- how things are named, and what is ruled out by a name that is in no table (`naming`);
- a switch, or a line of code, that is set otherwise (`edited`);
- what a rule turns away in so many words, taken up (`oppose`);
- what a rule demands in so many words, turned away (`oppose`), loosened or gone round (`relax`);
- what a rule allows in one place alone, taken up in another (`oppose`);
- a file that nobody is to touch, or to write by hand (`untouched`), or of a kind that nobody is to
  make (`created`).

Nothing is settled here: both statements are shown, and the user is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from satchel.context.conflict.amount import by_number
from satchel.context.conflict.asked import Asked, ask
from satchel.context.conflict.contrast import parted, words
from satchel.context.conflict.created import by_file, kinds_of
from satchel.context.conflict.edited import by_flip, by_swap, by_switch
from satchel.context.conflict.excepted import is_outside
from satchel.context.conflict.naming import by_name, by_shape
from satchel.context.conflict.oppose import agrees, by_ban, by_day, by_duty, by_place
from satchel.context.conflict.options import Option
from satchel.context.conflict.position import HELD, Position, position, position_of
from satchel.context.conflict.relax import by_loosening
from satchel.context.conflict.rivals import by_kind, by_option, ruled_out
from satchel.context.conflict.setting import is_everywhere, settings
from satchel.context.conflict.talk import is_of_talk
from satchel.context.conflict.untouched import by_hand, by_touch, guarded
from satchel.context.english import content
from satchel.context.globs import covers
from satchel.context.types import Record

# Settings that a rule does not mean unless it names them.
ASIDE: Final = frozenset({"documentation", "development", "prototypes", "notebooks", "examples"})


def warm() -> None:
    """Load the tables now (in a thread, beside other work), not at the first request."""
    opposed = position("Never use Redis for the cache"), ask("Use Redis for the cache")
    _contradicted(*opposed, {}, None, frozenset())


def held_against(asked: Asked, records: Sequence[Record]) -> tuple[tuple[Record, str], ...]:
    """Return the records that a request contradicts, each with the reason."""
    spread = Counter(
        one for record in records if record.status in HELD for one in position_of(record).about
    )
    main = _in_the_main(asked)
    applying = [
        (
            record,
            asked if main is asked or record.globs or position_of(record).where & ASIDE else main,
        )
        for record in records
        if record.status in HELD and _in_scope(record, asked.files)
    ]
    out = [
        None
        if wanted.changes and is_of_talk(record.text)
        else ruled_out(position_of(record), wanted)
        for record, wanted in applying
    ]
    barred = frozenset(option for option in out if option is not None)
    found = (
        (record, _opposed(record, wanted, spread, option, barred))
        for (record, wanted), option in zip(applying, out, strict=True)
    )
    return tuple(_once((record, reason) for record, reason in found if reason is not None))


def _once(found: Iterable[tuple[Record, str]]) -> Iterator[tuple[Record, str]]:
    """Leave out what another item below the same heading says for the same reason: the name stands
    in the heading."""
    said: set[tuple[str, str]] = set()
    for record, reason in found:
        heading, colon, _ = record.text.partition(": ")
        if colon and (heading, reason) in said:
            continue
        said.add((heading, reason))
        yield record, reason


def _in_the_main(asked: Asked) -> Asked:
    """Leave out what a request wants in a setting that rules do not mean unless they name it."""
    if not asked.where & ASIDE or len(asked.clauses) < 2:
        return asked
    kept = tuple(clause for clause in asked.clauses if not clause.where & ASIDE)
    texts = {clause.text for clause in kept}
    placed = frozenset().union(*(settings(path.replace("/", " ")) for path in asked.files))
    return replace(
        asked,
        clauses=kept,
        taken=tuple(one for one in asked.taken if not one.where & ASIDE),
        where=placed.union(*(clause.where for clause in kept)),
        deeds=tuple(done for done in asked.deeds if done.text in texts),
    )


def _in_scope(record: Record, files: Sequence[str]) -> bool:
    if not record.globs or not files:  # nothing tells where
        return True
    return any(covers(record.globs, path) for path in files)


def _opposed(
    record: Record,
    asked: Asked,
    spread: Mapping[str, int],
    out: Option | None,
    barred: frozenset[Option],
) -> str | None:
    held = position_of(record)
    if kinds := kinds_of(held):  # documents among them, and it says no more than that
        return by_file(kinds, asked)
    if _is_aside(held, record, asked):
        return None
    is_within = bool(record.globs and asked.files)
    reason = _contradicted(held, asked, spread, out, barred, is_within=is_within)
    return None if reason is None or _is_excepted(held, asked) else reason


def _contradicted(
    held: Position,
    asked: Asked,
    spread: Mapping[str, int],
    out: Option | None,
    barred: frozenset[Option],
    *,
    is_within: bool = False,
) -> str | None:
    if guarded(held.text):  # it says no more than that
        return by_touch(held, asked)
    if asked.changes and is_of_talk(held.text):
        return None
    parts = _is_parted(held, asked)
    strong = (
        by_hand(held, asked)
        or by_option(held, asked, out, barred, parts)
        or by_number(held, asked)
        or by_day(held, asked)
        or by_shape(held, asked)
        or by_switch(held, asked)
        or by_flip(held, asked)
        or by_kind(held, asked)
    )
    if strong is not None or parts:
        return strong
    weak = (
        by_name(held, asked)
        or by_place(held, asked)
        or by_ban(held, asked, spread, is_within=is_within)
        or by_duty(held, asked, spread)
        or by_swap(held, asked, spread)
        or by_loosening(held, asked, spread)
    )
    return None if weak is None or agrees(held, asked) else weak


def _is_parted(held: Position, asked: Asked) -> bool:
    ours = words(held.text)
    if not ours:
        return False
    paths = (path.replace("internal/", "") for path in asked.files)  # Go's folder says nothing
    return parted(ours, words(" ".join([*(clause.text for clause in asked.clauses), *paths])))


def _is_excepted(held: Position, asked: Asked) -> bool:
    """Tell whether the request is about what the record itself leaves out."""
    if not held.leaves_out:
        return False
    around = asked.words | content(" ".join(asked.files).replace("/", " "))
    touched = asked.about.union(*(made.added.all | made.place for made in asked.changes))
    for clause in held.clauses:
        if 2 * len(clause.excepted & around) >= len(clause.excepted) > 0:
            return True
        if is_outside(clause.text, asked.where, touched):
            return True
    return False


def _is_aside(held: Position, record: Record, asked: Asked) -> bool:
    """Tell whether the request is for a setting that rules do not mean unless they name it."""
    if not asked.where & ASIDE or record.globs or is_everywhere(held.text):
        return False
    return not held.where & asked.where
