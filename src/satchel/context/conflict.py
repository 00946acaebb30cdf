"""Which decisions and rules a request, a plan or a pending edit contradicts. Pure.

A text is split into clauses, each with its side (`stance`). Four things are opposed:

- an option that is taken up against one that was chosen, or that was ruled out (`choices`);
- what a rule turns away in so many words, taken up;
- what a rule demands in so many words, turned away;
- a number against a number of the same kind (`quantity`).

Nothing is settled here: both statements are shown, and the user is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Final

from satchel.context.choices import Option, signed
from satchel.context.diff import Edit
from satchel.context.globs import covers
from satchel.context.quantity import Quantity, opposed, quantities
from satchel.context.stance import Clause, Force, Side, clauses, content, settings
from satchel.context.types import Conflict, Record, RecordKind, Status

HELD: Final = frozenset({Status.ACTIVE, Status.REJECTED, Status.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class Taken:
    """What a request takes up or gives up: an option, with the words around it."""

    option: Option
    side: Side
    about: frozenset[str]
    where: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request or an edit, read for what it takes up and gives up.

    `words` are all its content words; `where` the settings that it names or whose files it touches.
    """

    text: str
    words: frozenset[str]
    clauses: tuple[Clause, ...]
    taken: tuple[Taken, ...]
    files: tuple[str, ...]
    where: frozenset[str]
    edits: tuple[Edit, ...] = ()


def ask(text: str, files: Sequence[str] = (), edited: Sequence[Edit] = ()) -> Asked:
    """Read a request, a plan, or the edits of a diff."""
    parts = tuple(clause for clause in clauses(text) if not clause.asks) if text else ()
    taken = [
        Taken(one.found.option, one.side, clause.about, clause.where)
        for clause in parts
        for one in clause.options
    ]
    for edit in edited:
        taken += _shown(edit)
    paths = tuple(dict.fromkeys([*files, *(edit.path for edit in edited)]))
    words = content(text).union(*(content(" ".join(edit.added)) for edit in edited))
    placed = frozenset().union(*(settings(path.replace("/", " ")) for path in paths))
    where = placed.union(*(clause.where for clause in parts))
    return Asked(text, words, parts, tuple(taken), paths, where, tuple(edited))


def _shown(edit: Edit) -> Iterator[Taken]:
    """Tell which options an edit takes up: their signs are in what it adds, and not in what it
    removes."""
    if edit.is_prose:
        return
    added, removed = "\n".join(edit.added), "\n".join(edit.removed)
    comes = {found.option for found in signed(f"{added}\n{edit.path}" if added else "")}
    goes = {found.option for found in signed(f"{removed}\n{edit.path}" if edit.deleted else removed)}
    about = content(f"{added} {edit.path}")
    where = settings(edit.path.replace("/", " "))
    for option in comes - goes:
        yield Taken(option, Side.FOR, about, where)
    for option in goes - comes:
        yield Taken(option, Side.AGAINST, content(f"{removed} {edit.path}"), where)


def held_against(asked: Asked, records: Sequence[Record]) -> tuple[tuple[Record, str], ...]:
    """Return the records that a request contradicts, each with the reason."""
    found = []
    for record in records:
        if record.status in HELD and _in_scope(record, asked.files):
            reason = _opposed(record, asked)
            if reason is not None:
                found.append((record, reason))
    return tuple(found)


def _in_scope(record: Record, files: Sequence[str]) -> bool:
    if not record.globs or not files:
        return not record.globs
    return any(covers(record.globs, path) for path in files)


def _opposed(record: Record, asked: Asked) -> str | None:
    held = position(record.text, record.status is Status.REJECTED)
    if _is_excepted(held, asked):
        return None
    return _by_option(held, asked) or _by_number(held, asked) or _by_words(held, asked)


@dataclass(frozen=True, slots=True)
class Position:
    """What a record holds: its clauses, and the options that it stands for and against."""

    clauses: tuple[Clause, ...]
    taken: tuple[Taken, ...]
    words: frozenset[str]


@lru_cache(maxsize=4_096)
def position(text: str, turned: bool = False) -> Position:
    """Read a record; a proposal that was `turned` down is against what it is for."""
    parts = clauses(text)
    taken = tuple(
        Taken(
            one.found.option,
            Side.AGAINST if turned else one.side,
            clause.about,
            clause.where,
        )
        for clause in parts
        for one in clause.options
        if not clause.excepted
    )
    return Position(parts, taken, content(text))


def _is_excepted(held: Position, asked: Asked) -> bool:
    """Tell whether the request is about what the record itself leaves out."""
    main = frozenset().union(*(c.words for c in held.clauses if not c.excepted))
    around = asked.words | content(" ".join(asked.files).replace("/", " "))
    for clause in held.clauses:
        if clause.excepted:
            only = clause.about - main
            if only & around or clause.where & asked.where:
                return True
    return False


def _by_option(held: Position, asked: Asked) -> str | None:
    for ours in held.taken:
        for theirs in asked.taken:
            if ours.option.purpose != theirs.option.purpose or not _same_setting(ours, theirs, asked):
                continue
            same = ours.option.name == theirs.option.name
            if same and ours.side is Side.AGAINST and theirs.side is Side.FOR:
                if not _stands_for(held, theirs.option):
                    return f"{theirs.option.name} was ruled out"
            elif same and ours.side is Side.FOR and theirs.side is Side.AGAINST:
                if not _stands_for_all(asked, ours.option):
                    return f"{ours.option.name} is to stay"
            elif (
                not same
                and ours.side is Side.FOR
                and theirs.side is Side.FOR
                and not _names(held, theirs.option)
                and not _stands_for_all(asked, ours.option)
                and _same_purpose(ours, theirs)
            ):
                return f"{ours.option.name} was chosen, not {theirs.option.name}"
    return None


def _same_setting(ours: Taken, theirs: Taken, asked: Asked) -> bool:
    """Tell whether both speak of one setting: tests are not production."""
    where = theirs.where or asked.where
    return not (ours.where and where and not ours.where & where)


def _same_purpose(ours: Taken, theirs: Taken) -> bool:
    purpose = ours.option.purpose
    if purpose.exclusive:
        return True
    shared = ours.about & theirs.about
    return bool(shared) or bool({*purpose.words} & ours.about & theirs.about)


def _stands_for(held: Position, option: Option) -> bool:
    return any(t.option == option and t.side is Side.FOR for t in held.taken)


def _names(held: Position, option: Option) -> bool:
    return any(t.option.name == option.name for t in held.taken)


def _stands_for_all(asked: Asked, option: Option) -> bool:
    return any(t.option == option and t.side is Side.FOR for t in asked.taken)


def _by_number(held: Position, asked: Asked) -> str | None:
    for ours in held.clauses:
        for stated in quantities(ours.text):
            for theirs in asked.clauses:
                wanted = quantities(theirs.text)
                if any(one.unit == stated.unit and one.value == stated.value for one in wanted):
                    continue
                for one in wanted:
                    if opposed(stated, one) and _same_thing(ours, theirs, stated):
                        return f"{_spelled(stated)} was stated, not {_spelled(one)}"
    return None


def _same_thing(ours: Clause, theirs: Clause, stated: Quantity) -> bool:
    shared = (ours.about & theirs.about) - content(stated.spelled)
    return len(shared) >= (1 if stated.unit.startswith("version") else 1)


def _spelled(quantity: Quantity) -> str:
    return quantity.spelled.strip()


def _by_words(held: Position, asked: Asked) -> str | None:
    for ours in held.clauses:
        if ours.force is Force.SAID or ours.excepted or not ours.words:
            continue
        for theirs in asked.clauses:
            if ours.side is Side.AGAINST and theirs.side is Side.FOR:
                shared = ours.words & theirs.about
                if len(shared) >= max(2, 0.6 * len(ours.words)):
                    return f"{', '.join(sorted(shared))} is ruled out"
            if ours.side is Side.FOR and theirs.side is Side.AGAINST:
                shared = ours.words & theirs.words
                if len(shared) >= 2 and len(shared) >= 0.5 * len(theirs.words):
                    return f"{', '.join(sorted(shared))} is demanded"
    return None


def contradictions(records: Sequence[Record]) -> tuple[Conflict, ...]:
    """Return the pairs of records in force that contradict each other."""
    del records
    return ()


def with_others(record: Record, others: Sequence[Record]) -> tuple[Conflict, ...]:
    """Return the records in force that one contradicts."""
    del record, others
    return ()


__all__ = ["Asked", "ask", "combinations", "contradictions", "held_against", "with_others"]
_KINDS = RecordKind
