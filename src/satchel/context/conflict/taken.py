"""Which options a text takes up and turns away, and what for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from satchel.context.conflict.act import is_asked_for
from satchel.context.conflict.choices import signed
from satchel.context.conflict.deed import guards
from satchel.context.conflict.diff import Edit, refuses
from satchel.context.conflict.likeness import concepts
from satchel.context.conflict.mention import (
    is_all_named,
    is_by_the_way,
    is_given_up,
    is_listed,
    is_needed,
    is_observed,
    is_registry,
    is_within_code,
)
from satchel.context.conflict.options import Option
from satchel.context.conflict.proviso import extent, places, provisos
from satchel.context.conflict.setting import settings
from satchel.context.conflict.side import Side
from satchel.context.conflict.stance import Clause, Named
from satchel.context.english import content

PACKAGING: Final = ("package manager", "packaging")  # purposes of what also names a registry


@dataclass(frozen=True, slots=True)
class Taken:
    """What a text takes up or turns away: an option, with the words and settings around it."""

    option: Option
    side: Side
    about: frozenset[str]
    where: frozenset[str]
    universal: bool = False
    provisos: tuple[frozenset[str], ...] = ()  # of which a request must meet each
    spelled: frozenset[str] = frozenset()  # the words with which it is named
    binds: bool = False  # it is put as what must be, or must never be
    clause: str = ""  # in which a record names it …
    at: tuple[int, int] = (0, 0)  # … from one character to another
    places: tuple[str, ...] = ()  # the files and folders for which a record turns it away

    @property
    def reach(self) -> Iterator[frozenset[str]]:
        """What a record says it is for, beyond the purpose of the option."""
        kind = concepts(f"{self.option.purpose.name} {' '.join(self.option.purpose.words)}")
        under = self.provisos if self.side is Side.AGAINST else extent(self.clause, *self.at)
        return (left for one in under if (left := one - kind))


def stood_for(parts: Iterable[Clause], *, whole: bool = False) -> Iterator[Taken]:
    """Yield what the clauses of a record take up and turn away; with `whole`, only what is all that
    a clause names: of "ADR Tools" that was not chosen no ADR is turned away."""
    for clause in parts:
        for one in clause.options:
            text, start, end = clause.text, one.found.start, one.found.end
            if (whole and not is_all_named(text, start, end)) or _is_no_stance(clause, one):
                continue
            if one.side is Side.AGAINST:
                under, where = provisos(text, start, end), places(text, start, end)
                yield replace(_taken(clause, one), provisos=under, places=where)
            else:
                yield _taken(clause, one)


def asked_for(parts: Iterable[Clause]) -> Iterator[Taken]:
    """Yield what the clauses of a request take up and give up."""
    for clause in parts:
        yield from (_taken(clause, one) for one in clause.options if _is_meant(clause, one))


def _taken(clause: Clause, one: Named) -> Taken:
    start, end = one.found.start, one.found.end
    return Taken(
        one.found.option,
        one.side,
        clause.about,
        clause.where,
        clause.universal,
        spelled=content(clause.text[start:end]),
        binds=clause.binds,
        clause=clause.text,
        at=(start, end),
    )


def _is_no_stance(clause: Clause, one: Named) -> bool:
    """Tell whether a record but speaks of an option."""
    text, start, end = clause.text, one.found.start, one.found.end
    if is_by_the_way(text, start, end):  # "UIKit only where MapLibre needs it"
        return True
    if one.side is Side.AGAINST:
        before = text[:start]  # "SQLite is no option, its drivers need cgo" rules no cgo out
        if is_needed(before) or is_observed(before):
            return True
    elif is_listed(text, start):  # "measured on five projects (flask, httpx, …)"
        return True
    return _is_where_published(clause, one) or is_within_code(text, start, end)


def _is_meant(clause: Clause, one: Named) -> bool:
    """Tell whether a request asks for an option, or gives it up."""
    text, start, end = clause.text, one.found.start, one.found.end
    if one.past or _is_where_published(clause, one):
        return False
    if one.found.option.purpose.name.endswith("language") and not _TAKES_UP.search(text[:start]):
        return False  # "python get object" asks of Python, it does not choose it
    if one.side is Side.AGAINST:  # "stop publishing the port of the Redis container"
        return is_given_up(text, start)
    return not guards(text[:start]) and is_asked_for(text, start, end, is_item=clause.is_item)


def _is_where_published(clause: Clause, one: Named) -> bool:
    """Tell whether a package manager is named for its registry: "publish it to npm"."""
    text, start, end = clause.text, one.found.start, one.found.end
    return one.found.option.purpose.name.endswith(PACKAGING) and is_registry(
        text[:start], text[end:]
    )


# A line for people, and not `# type: ignore` or `// @ts-ignore`, which are for a tool.
_COMMENT: Final = re.compile(r"\s{0,80}(?://|#|\*|--)\s?[A-Za-z']+\s[A-Za-z'-]+\s")
_TAKES_UP: Final = re.compile(
    r"\b(?:in|into|to|with|use|using|via|embed(?:ded|ding)?|adopt|add)\s+"
    r"(?:(?:a|an|the|plain|pure|some|our)\s+)?$",
    re.IGNORECASE,
)


def shown_by(edit: Edit) -> Iterator[Taken]:
    """Tell which options an edit takes up: their signs are in what it adds, and not in what it
    removes."""
    if edit.is_prose or edit.deleted:
        return
    added = "\n".join(line for line in edit.added if not (refuses(line) or _COMMENT.match(line)))
    removed = "\n".join(edit.removed)
    path = f"\n{edit.path}" if not edit.removed and not edit.context else ""  # a file that is new
    comes = dict.fromkeys(found.option for found in signed(added + path))
    goes = {found.option for found in signed(removed)}
    about = content(f"{added} {' '.join(edit.context)} {edit.path}")
    where = settings(edit.path.replace("/", " "))
    for option in comes:
        if option in goes:
            continue
        yield Taken(option, Side.FOR, about, where)
    kinds = {option.purpose for option in comes if option not in goes}
    stood = {found.option for found in signed("\n".join(edit.context))}
    for option in goes - comes.keys() - stood:
        if option.purpose in kinds:  # it makes room for another of its kind
            yield Taken(option, Side.AGAINST, about, where)
