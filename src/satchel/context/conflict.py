"""Which decisions and rules a request, a plan or a pending edit contradicts. Pure.

A text is split into clauses, each with its side (`stance`). Four things are opposed:

- an option that is taken up against one that was chosen, or that was ruled out (`choices`);
- a number against a number of the same kind (`quantity`);
- what a rule turns away in so many words, taken up;
- what a rule demands in so many words, turned away.

Nothing is settled here: both statements are shown, and the user is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Final

from satchel.context.choices import Option, signed
from satchel.context.days import WORDS, clash, days
from satchel.context.diff import Edit
from satchel.context.globs import covers
from satchel.context.likeness import concept, concepts
from satchel.context.quantity import UNITS, Quantity, comparable, opposed, quantities
from satchel.context.stance import (
    READ,
    Clause,
    Force,
    Side,
    clauses,
    content,
    is_past,
    settings,
    shapes,
    side_at,
)
from satchel.context.types import NOT_CHOSEN, WHY, Conflict, Record, RecordKind, Status
from satchel.context.wording import (
    Ban,
    Deed,
    Duty,
    bans,
    broken,
    broken_by_lines,
    deed,
    duties,
    excepted_settings,
    lost_by_lines,
    neglected,
)

HELD: Final = frozenset({Status.ACTIVE, Status.REJECTED, Status.UNCONFIRMED})
# Settings that a rule does not mean unless it names them.
ASIDE: Final = frozenset({"documentation", "development", "prototypes", "notebooks", "examples"})
IGNORED: Final = ("ignore", ".lock", "-lock.json", "-lock.yaml", ".snap", ".svg")  # path endings
COVERED: Final = 0.6  # share of a ban's words that a request must have
SETTINGS_WORDS: Final = content(
    "considered rejected dropped deleted forbidden allowed removed tried"
)
ECOSYSTEMS: Final = frozenset(
    map(
        concept,
        [
            "python",
            "javascript",
            "js",
            "typescript",
            "rust",
            "java",
            "jvm",
            "dotnet",
            "go",
            "php",
            "ruby",
            "ios",
            "android",
        ],
    )
)
GENERIC: Final = concepts("library framework tool service engine plugin module format system")
FEW: Final = 2  # records among which a word may be spread and still tells one of them


@dataclass(frozen=True, slots=True)
class Taken:
    """What a text takes up or turns away: an option, with the words and settings around it."""

    option: Option
    side: Side
    about: frozenset[str]
    where: frozenset[str]
    universal: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request or an edit, read for what it takes up and gives up.

    `words` are all its content words; `where` the settings that it names or whose files it touches.
    """

    words: frozenset[str]
    clauses: tuple[Clause, ...]
    taken: tuple[Taken, ...]
    files: tuple[str, ...]
    where: frozenset[str]
    edits: tuple[Edit, ...] = ()
    deeds: tuple[Deed, ...] = ()
    about: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Position:
    """What a record holds: its clauses, and the options that it stands for and against."""

    clauses: tuple[Clause, ...]
    taken: tuple[Taken, ...]
    bans: tuple[Ban, ...] = ()
    duties: tuple[Duty, ...] = ()
    about: frozenset[str] = frozenset()

    @property
    def where(self) -> frozenset[str]:
        """The settings that it names."""
        return frozenset().union(*(clause.where for clause in self.clauses))


def ask(text: str, files: Sequence[str] = (), edited: Sequence[Edit] = ()) -> Asked:
    """Read a request or a plan, and the edits of a diff."""
    parts = tuple(clause for clause in clauses(text) if not clause.asks)
    kept = tuple(edit for edit in edited if not edit.path.lower().endswith(IGNORED))
    taken = [*_named(parts, past=False)]
    for edit in kept:
        taken += _shown(edit)
    paths = tuple(dict.fromkeys([*files, *(edit.path for edit in edited)]))
    words = content(text).union(*(content(" ".join(edit.added)) for edit in kept))
    placed = frozenset().union(*(settings(path.replace("/", " ")) for path in paths))
    where = placed.union(*(clause.where for clause in parts))
    deeds = tuple(deed(clause.text) for clause in parts)
    about = frozenset().union(*(done.concepts for done in deeds))
    return Asked(words, parts, tuple(taken), paths, where, kept, deeds, about)


@lru_cache(maxsize=4_096)
def position(text: str, turned: bool = False) -> Position:
    """Read a record; a proposal that was `turned` down is against what it is for.

    Mined records give their reason after WHY, which is no stance, and name what was considered
    and not chosen.
    """
    said, _, others = text.partition(NOT_CHOSEN)
    parts = clauses(said.partition(WHY)[0])
    taken = list(_named(parts, past=True))
    taken += [replace(one, side=Side.AGAINST) for one in _named(clauses(others), past=True)]
    if turned:
        taken = [replace(one, side=Side.AGAINST) for one in taken]
    return Position(
        parts,
        tuple(taken),
        tuple(ban for clause in parts for ban in bans(clause.text)),
        tuple(duty for clause in parts for duty in duties(clause.text)),
        concepts(text[:READ]),
    )


def held_against(asked: Asked, records: Sequence[Record]) -> tuple[tuple[Record, str], ...]:
    """Return the records that a request contradicts, each with the reason."""
    spread = Counter(one for record in records if record.status in HELD for one in _about(record))
    main = _in_the_main(asked)
    found = []
    for record in records:
        if record.status in HELD and _in_scope(record, asked.files):
            names_aside = position(record.text).where & ASIDE
            reason = _opposed(record, asked if names_aside or record.globs else main, spread)
            if reason is not None:
                found.append((record, reason))
    return tuple(found)


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


def _about(record: Record) -> frozenset[str]:
    return position(record.text, record.status is Status.REJECTED).about


def _named(parts: Iterable[Clause], *, past: bool) -> Iterator[Taken]:
    for clause in parts:
        for one in clause.options:
            if past or not one.past:
                yield Taken(
                    one.found.option, one.side, clause.about, clause.where, clause.universal
                )


def _shown(edit: Edit) -> Iterator[Taken]:
    """Tell which options an edit takes up: their signs are in what it adds, and not in what it
    removes."""
    if edit.is_prose or edit.deleted:
        return
    added, removed = "\n".join(edit.added), "\n".join(edit.removed)
    path = f"\n{edit.path}" if not edit.removed and not edit.context else ""  # a file that is new
    comes = {found.option for found in signed(added + path)}
    goes = {found.option for found in signed(removed)}
    about = content(f"{added} {' '.join(edit.context)} {edit.path}")
    where = settings(edit.path.replace("/", " "))
    for option in comes - goes:
        yield Taken(option, Side.FOR, about, where)


def _in_scope(record: Record, files: Sequence[str]) -> bool:
    if not record.globs or not files:  # nothing tells where
        return True
    return any(covers(record.globs, path) for path in files)


def _opposed(record: Record, asked: Asked, spread: Mapping[str, int]) -> str | None:
    held = position(record.text, record.status is Status.REJECTED)
    if _is_excepted(held, asked) or _is_aside(held, record, asked):
        return None
    return (
        _by_option(held, asked)
        or _by_number(held, asked)
        or _by_name(held, asked)
        or _by_day(held, asked)
        or _by_shape(held, asked)
        or _by_kind(held, asked)
        or _by_ban(held, asked, spread)
        or _by_duty(held, asked, spread)
    )


def _is_excepted(held: Position, asked: Asked) -> bool:
    """Tell whether the request is about what the record itself leaves out."""
    around = asked.words | content(" ".join(asked.files).replace("/", " "))
    for clause in held.clauses:
        if 2 * len(clause.excepted & around) >= len(clause.excepted) > 0:
            return True
        if clause.excepted and settings(" ".join(clause.excepted)) & asked.where:
            return True
        if excepted_settings(clause.text) & asked.where:
            return True
    return False


def _is_aside(held: Position, record: Record, asked: Asked) -> bool:
    """Tell whether the request is for a setting that rules do not mean unless they name it."""
    return bool(asked.where & ASIDE) and not record.globs and not held.where & asked.where


# --- by option


def _by_option(held: Position, asked: Asked) -> str | None:
    for theirs in asked.taken:
        for ours in held.taken:
            if ours.option.purpose != theirs.option.purpose:
                continue
            if not _same_setting(ours, theirs, asked):
                continue
            reason = _rivals(held, asked, ours, theirs)
            if reason is not None:
                return reason
    return None


def _rivals(held: Position, asked: Asked, ours: Taken, theirs: Taken) -> str | None:
    name = theirs.option.name
    if ours.option == theirs.option:
        if ours.side is Side.AGAINST and theirs.side is Side.FOR:
            fits = not _takes(held.taken, ours.option) and (
                _same_purpose(ours, theirs)
                and (ours.option.purpose.exclusive or ours.about & theirs.about)
            )
            return f"{name} was ruled out" if fits else None
        if ours.side is Side.FOR and theirs.side is Side.AGAINST:
            fits = not _takes(asked.taken, ours.option)
            return f"{name} is in use" if fits else None
        return None
    known = any(one.option.name == name for one in held.taken)
    if ours.side is Side.FOR and theirs.side is Side.FOR and not known:
        fits = not _takes(asked.taken, ours.option) and _same_purpose(ours, theirs)
        return f"{ours.option.name} was chosen, not {name}" if fits else None
    return None


def _same_setting(ours: Taken, theirs: Taken, asked: Asked) -> bool:
    """Tell whether both speak of one setting: tests are not production."""
    where = theirs.where or asked.where
    return not (ours.where and where and not ours.where & where)


def _same_purpose(ours: Taken, theirs: Taken) -> bool:
    """Tell whether both options serve one end: by themselves, or by what both texts speak of."""
    purpose = ours.option.purpose
    if purpose.exclusive or ours.universal:
        return True
    names = content(ours.option.name) | content(theirs.option.name)
    words = content(" ".join(purpose.words)) - names
    return bool((ours.about & theirs.about) - names) or bool(
        words & ours.about and words & theirs.about
    )


def _takes(taken: Iterable[Taken], option: Option) -> bool:
    return any(one.option == option and one.side is Side.FOR for one in taken)


# --- by number


def _by_number(held: Position, asked: Asked) -> str | None:
    for ours in held.clauses:
        for stated in quantities(ours.text):
            reason = _other_number(ours, stated, asked)
            if reason is not None:
                return reason
    return None


def _other_number(ours: Clause, stated: Quantity, asked: Asked) -> str | None:
    wanted = [one for theirs in asked.clauses for one in quantities(theirs.text)]
    if not any(comparable(stated, one) and one.value == stated.value for one in wanted):
        for one in wanted:
            both = concepts(ours.text) & asked.about
            shared = both - concepts(f"{stated.spelled} {one.spelled}")
            vague = one.unit in {"duration", "bytes", "percent", "number"} and not stated.is_limit
            if opposed(stated, one) and len(shared) >= (2 if vague else 1):
                return f"{stated.spelled} was stated, not {one.spelled}"
    for edit in asked.edits:
        for one, words in _assigned(edit):
            if opposed(stated.bare(), one) and (words - UNITS) & ours.about:
                return f"{stated.spelled} was stated, not {one.spelled}"
    return None


_ASSIGNED: Final = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]{1,60})[\"']?\s{0,4}(?:[<>]=|=>|==|=|:|\(|<|>)\s{0,4}[\"']?"
    r"(?P<number>\d{1,9}(?:[._]\d{1,6}){0,3})\b(?P<unit>[A-Za-z%]{0,7})"
)


def _assigned(edit: Edit) -> Iterator[tuple[Quantity, frozenset[str]]]:
    """Yield the numbers that an edit gives to a name, where what it removes gave another."""
    before = {m["name"]: m["number"] for line in edit.removed for m in _ASSIGNED.finditer(line)}
    for line in edit.added:
        for match in _ASSIGNED.finditer(line):
            name, number = match["name"], match["number"]
            if before.get(name) != number:
                spelled = f"{name.rpartition('.')[2]} {number} {match['unit']}".strip()
                for one in quantities(spelled) or quantities(f"limit {number}"):
                    yield one.bare(), content(name)


# --- by day


def _by_day(held: Position, asked: Asked) -> str | None:
    for ours in held.clauses:
        if not (stated := days(ours.text)):
            continue
        for theirs in asked.clauses:
            shared = concepts(ours.text) & concepts(theirs.text) - _DAYS
            if shared and (reason := clash(stated, days(theirs.text))):
                return reason
    return None


_DAYS: Final = frozenset(map(concept, WORDS))


# --- by name


def _by_name(held: Position, asked: Asked) -> str | None:
    """Oppose what a record rules out, or demands, by a name that is in no table."""
    sides: dict[str, set[Side]] = {}
    binding = set()
    for clause in held.clauses:
        for one in clause.names:
            sides.setdefault(one.name, set()).add(one.side)
            if clause.force is Force.BINDING and one.side is Side.FOR:
                binding.add(one.name)
    for name, taken in sides.items():
        if taken == {Side.AGAINST}:
            if not _meets(name, held, asked):
                continue
            if Side.FOR in _sides(name, asked) or _is_added(name, asked.edits):
                return f"{name} was ruled out"
        elif name in binding and not name.isalpha() and _sides(name, asked) == {Side.AGAINST}:
            return f"{name} is demanded"
    return None


def _meets(name: str, held: Position, asked: Asked) -> bool:
    """Tell whether a name is ruled out without a condition, or under one that the request meets:
    "HTTP from sensors" is not HTTP between servers."""
    ruled = [c for c in held.clauses for one in c.names if one.name == name]
    under = frozenset().union(*(content(_REASON.split(c.text, maxsplit=1)[0]) for c in ruled))
    return _shares(under - content(name), asked)


def _shares(conditions: frozenset[str], asked: Asked) -> bool:
    telling = conditions - SETTINGS_WORDS
    return not telling or bool(telling & asked.words)


_REASON: Final = re.compile(r"\b(?:because|since|so that|as it|after|due to)\b")


def _sides(name: str, asked: Asked) -> set[Side]:
    """Return the sides on which a request names something."""
    spelled = re.compile(rf"(?<![\w-]){re.escape(name)}(?:s|es)?(?![\w-])", re.IGNORECASE)
    return {
        side_at(clause.text, *match.span())
        for clause in asked.clauses
        for match in spelled.finditer(clause.text)
        if not is_past(clause.text[: match.start()])
    }


def _is_added(name: str, edited: Sequence[Edit]) -> bool:
    spelled = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
    return any(
        any(spelled.search(line) for line in edit.added)
        and not any(spelled.search(line) for line in (*edit.removed, *edit.context))
        for edit in edited
        if not edit.is_prose
    )


# --- by the shape of names


def _by_shape(held: Position, asked: Asked) -> str | None:
    """Oppose a rule about how names are written and the names that are asked for."""
    rules = {
        t.option.name: t for t in held.taken if t.option.purpose.name == "naming"
        and t.side is Side.FOR
    }  # fmt: skip
    if not rules:
        return None
    demanded = frozenset().union(*(t.about for t in rules.values()))
    for clause in asked.clauses:
        if clause.about & demanded & _NAMED_THINGS:
            wrong = shapes(clause.text) - rules.keys()
            if wrong and "snake_case" in rules:
                return f"names are {', '.join(rules)}, not {', '.join(sorted(wrong))}"
    return None


_NAMED_THINGS: Final = content("column table function variable field file key class method param")


# --- by words


def _by_kind(held: Position, asked: Asked) -> str | None:
    """Oppose a ban of all options of a purpose and any one of them."""
    for ban in held.bans:
        for one in asked.taken:
            kind = concepts(one.option.purpose.name.partition("(")[0]) - ECOSYSTEMS
            rest = ban.concepts - kind - GENERIC
            fits = (
                kind
                and kind <= ban.concepts
                and one.side is Side.FOR
                and (len(rest) < 2 or rest & asked.about)
            )
            if fits and not _takes(held.taken, one.option):
                return f"{one.option.name}: {ban.shown}"
    return None


def _by_ban(held: Position, asked: Asked, spread: Mapping[str, int]) -> str | None:
    known = frozenset().union(*(concepts(one.option.name) for one in held.taken))
    for ban in held.bans:
        if len(ban.concepts) == 1 and ban.concepts <= known:
            continue  # the table tells better than the word whether it is taken up
        if any(broken(ban, held.about, done, asked.about, spread) for done in asked.deeds) or any(
            broken_by_lines(ban, held.about, edit, spread)
            for edit in asked.edits
            if not edit.is_prose
        ):
            return f"\u201c{ban.shown}\u201d is ruled out"
    return None


def _by_duty(held: Position, asked: Asked, spread: Mapping[str, int]) -> str | None:
    banned = frozenset().union(*(ban.concepts for ban in held.bans))
    for duty in held.duties:
        if any(
            neglected(duty, held.about, banned, done, asked.about, spread) for done in asked.deeds
        ) or (lost_by_lines(duty, asked.edits, spread)):
            return f"\u201c{duty.shown}\u201d is demanded"
    return None


# --- among records


def contradictions(records: Sequence[Record]) -> tuple[Conflict, ...]:
    """Return the pairs of records in force that contradict each other."""
    held = [record for record in records if record.status in HELD - {Status.REJECTED}]
    return tuple(
        conflict for one, other in combinations(held, 2) if (conflict := between(one, other))
    )


def with_others(record: Record, others: Sequence[Record]) -> tuple[Conflict, ...]:
    """Return the records in force that one contradicts."""
    return tuple(
        conflict
        for other in others
        if other.id != record.id and other.status in HELD and (conflict := between(record, other))
    )


def between(one: Record, other: Record) -> Conflict | None:
    """Oppose two records."""
    if not {one.kind, other.kind} & {RecordKind.DECISION, RecordKind.RULE, RecordKind.PREFERENCE}:
        pass
    if one.globs and other.globs and not set(one.globs) & set(other.globs):
        return None
    first, second = position(one.text), position(other.text)
    asked = Asked(content(other.text), second.clauses, second.taken, (), frozenset())
    reason = _by_option(first, asked) or _by_number(first, asked)
    return of(one, other, reason) if reason else None


def of(one: Record, other: Record, reason: str) -> Conflict:
    """Put two records side by side."""
    return Conflict(
        (one.id, other.id),
        (one.text, other.text),
        (one.valid_from, other.valid_from),
        (one.source, other.source),
        reason,
    )
