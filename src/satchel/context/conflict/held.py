"""Which decisions and rules a request, a plan or a pending edit contradicts. Pure.

A text is split into clauses, each with its side (`stance`). What is opposed (`oppose`, `relax`):

- an option that is taken up against one that was chosen, or that was ruled out (`choices`);
- a number or a day of the week against another of the same kind (`quantity`, `days`);
- what a rule turns away in so many words, taken up;
- what a rule demands in so many words, turned away, loosened or gone round;
- what a rule allows in one place alone, taken up in another.

Nothing is settled here: both statements are shown, and the user is asked.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from typing import Final

from satchel.context.conflict.among import Spread, clashing, drops
from satchel.context.conflict.amount import by_number
from satchel.context.conflict.contrast import parted, words
from satchel.context.conflict.days import days
from satchel.context.conflict.oppose import (
    agrees,
    by_ban,
    by_day,
    by_duty,
    by_flip,
    by_name,
    by_place,
    by_shape,
    by_swap,
    by_switch,
)
from satchel.context.conflict.options import Option
from satchel.context.conflict.quantity import quantities
from satchel.context.conflict.reading import Asked, Position, ask, position
from satchel.context.conflict.relax import by_loosening
from satchel.context.conflict.rivals import by_kind, by_option, ruled_out
from satchel.context.conflict.side import Side
from satchel.context.conflict.stance import is_everywhere, settings
from satchel.context.conflict.wording import is_outside
from satchel.context.english import content
from satchel.context.globs import covers
from satchel.context.types import Conflict, Record, Status

__all__ = ["Asked", "Position", "ask", "contradictions", "held_against", "position", "told"]
__all__ += ["warm", "with_others"]

HELD: Final = frozenset({Status.ACTIVE, Status.REJECTED, Status.UNCONFIRMED})
# Settings that a rule does not mean unless it names them.
ASIDE: Final = frozenset({"documentation", "development", "prototypes", "notebooks", "examples"})
RAREST: Final = 8  # of its words, by which a record is told among many
BUCKET: Final = 60  # records that share a subject and are all held against each other
TOLD: Final = 3  # purposes and sides that are told of a record


def warm() -> None:
    """Load the tables now (in a thread, beside other work), not at the first request."""
    opposed = position("Never use Redis for the cache"), ask("Use Redis for the cache")
    _contradicted(*opposed, {}, None, frozenset())


def held_against(asked: Asked, records: Sequence[Record]) -> tuple[tuple[Record, str], ...]:
    """Return the records that a request contradicts, each with the reason."""
    spread = Counter(
        one for record in records if record.status in HELD for one in _read(record).about
    )
    main = _in_the_main(asked)
    applying = [
        (record, asked if main is asked or record.globs or _read(record).where & ASIDE else main)
        for record in records
        if record.status in HELD and _in_scope(record, asked.files)
    ]
    out = [ruled_out(_read(record), wanted) for record, wanted in applying]
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


def _read(record: Record) -> Position:
    return position(record.text, record.status is Status.REJECTED)


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
    held = _read(record)
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
    if guarded := _guarded(held.text):
        return _touched(guarded, asked)
    parts = _is_parted(held, asked)
    strong = (
        _edited(_written(held.text), asked)
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


@lru_cache(maxsize=4_096)
def _guarded(text: str) -> tuple[str, ...]:
    """Return the folders and files that a record forbids to touch, where that is all it says."""
    ban = _HANDS_OFF.search(text) if "/" in text else None
    return tuple(_PLACE.findall(text, ban.end())) if ban else ()


def _touched(guarded: Sequence[str], asked: Asked) -> str | None:
    said = " ".join(clause.text for clause in asked.clauses if not _GENERATES.search(clause.text))
    for place in guarded:
        below = place.rstrip("/*.")
        paths = [*asked.files, *_PLACE.findall(said)]
        if any(path == below or path.startswith(f"{below}/") for path in paths):
            return f"{place} is not to be touched"
    return None


@lru_cache(maxsize=4_096)
def _written(text: str) -> tuple[str, ...]:
    """Return the files that a record says are written by a tool, and not by hand."""
    lowered = text.lower()
    if "generat" not in lowered and "hand" not in lowered:  # most records: the rest is dear
        return ()
    return tuple(_FILE.findall(text)) if _BY_TOOL.search(text) else ()


def _edited(written: Sequence[str], asked: Asked) -> str | None:
    for file in written:
        if any(
            file.lower() in clause.text.lower()
            and _EDITS.search(clause.text)
            and not _BY_TOOL.search(clause.text)
            for clause in asked.acting
        ):
            return f"{file} is not written by hand"
    return None


_BY_TOOL: Final = re.compile(
    r"\b(?:re-?)?generat(?:ed?|es|ing|or)\b|\b(?:by|with) hand\b|\bhand-edit", re.IGNORECASE
)
_GENERATES: Final = re.compile(r"\b(?:re-?)?generat(?:es?|ing)\b", re.IGNORECASE)
_FILE: Final = re.compile(r"(?<![\w./-])[\w-]{2,40}(?:\.[\w-]{1,20}){0,2}\.[a-z]{1,5}\b(?![\w(/])")
_EDITS: Final = re.compile(
    r"^\W*(?:write|add|edit|change|fix|put|insert|append|update|correct|adjust|patch|rename)\b|"
    r"\b(?:and|just|directly|then|to|in|please|let's)\s(?:write|add|edit|change|fix|put|insert|"
    r"append|update|correct|adjust|patch)\b",
    re.IGNORECASE,
)
_HANDS_OFF: Final = re.compile(
    r"\b(?:do not|don't|never|must not|mustn't|should not|no one|nobody)\s(?:\w+\s){0,2}"
    r"(?:edits?|change|changes|modify|modifies|touch|touches|alter)\b",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(r"(?<![\w/.-])((?:[\w.@-]+/)+[\w.@*-]*)")


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
        if clause.excepted and settings(" ".join(clause.excepted)) & asked.where:
            return True
        if is_outside(clause.text, asked.where, touched):
            return True
    return False


def _is_aside(held: Position, record: Record, asked: Asked) -> bool:
    """Tell whether the request is for a setting that rules do not mean unless they name it."""
    if not asked.where & ASIDE or record.globs or is_everywhere(held.text):
        return False
    return not held.where & asked.where


# --- among records


def contradictions(records: Sequence[Record]) -> tuple[Conflict, ...]:
    """Return the pairs of records in force that contradict each other.

    Two are compared only where they share a subject (`_subjects`): with ten thousand records most
    pairs have nothing to do with each other.
    """
    held = [r for r in records if r.status in HELD and r.status is not Status.REJECTED]
    read = [_read(record) for record in held]
    spread = Spread.over(one.about for one in read)
    found = (
        _between(held[one], held[other], read[one], read[other], spread)
        for one, other in sorted(_candidates(read, spread))
    )
    return tuple(conflict for conflict in found if conflict is not None)


def with_others(record: Record, others: Sequence[Record]) -> tuple[Conflict, ...]:
    """Return the records in force that one contradicts."""
    read = [_read(other) for other in others]
    mine = _read(record)
    spread = Spread.over(one.about for one in (mine, *read))
    found = (
        _between(record, other, mine, its, spread)
        for other, its in zip(others, read, strict=True)
        if other.id != record.id and other.status in HELD
    )
    return tuple(conflict for conflict in found if conflict is not None)


def _between(
    one: Record, other: Record, mine: Position, its: Position, spread: Spread
) -> Conflict | None:
    """Oppose two records; one that took the place of the other does not contradict it."""
    if other.id in one.supersedes or one.id in other.supersedes:
        return None
    if one.globs and other.globs and not set(one.globs) & set(other.globs):
        return None
    reason = clashing(mine, its, spread)
    if reason is None:
        return None
    return Conflict(
        (one.id, other.id),
        (one.text, other.text),
        (one.valid_from, other.valid_from),
        (one.source, other.source),
        reason,
    )


def told(text: str) -> tuple[str | None, str | None]:
    """Tell what a statement is about and what it holds, by the options it names: ("database",
    "for postgresql; against mongodb"); None where it names none. At most three of each."""
    taken = position(text).taken
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


def _candidates(read: Sequence[Position], spread: Spread) -> set[tuple[int, int]]:
    """Return the pairs that share a subject; a subject that many share is narrowed by the words
    that fewer of them have."""
    buckets: dict[object, list[int]] = defaultdict(list)
    for at, held in enumerate(read):
        for subject in _subjects(held):
            buckets[subject].append(at)
    pairs: set[tuple[int, int]] = set()
    most = max(BUCKET, len(read) // 10)
    for bucket in buckets.values():
        if len(bucket) <= BUCKET:
            pairs.update(combinations(bucket, 2))
            continue
        narrow: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at in bucket:
            words = [one for one in read[at].about if spread.counts[one] <= most]
            rarest = sorted(words, key=lambda one: (spread.counts[one], one))[:RAREST]
            for both in combinations(sorted(rarest), 2):
                narrow[both].append(at)
        for few in narrow.values():
            if len(few) <= BUCKET:
                pairs.update(combinations(few, 2))
    return pairs


def _subjects(held: Position) -> set[tuple[str, str]]:
    """Return what two records must share to contradict each other: what an option is for, the unit
    of a number, a day, or all that a short sentence says."""
    found = {("purpose", one.option.purpose.name) for one in held.taken}
    for clause in held.clauses:
        found |= {("unit", one.unit) for one in quantities(clause.text)}
        if dropped := drops(clause.text):
            found.add(("unit", dropped[0]))
        if days(clause.text):
            found.add(("day", ""))
    return found | {("said", " ".join(sorted(said))) for said in held.denied | held.affirmed}
