"""How an option that a request takes up and those of a record are opposed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from satchel.context.conflict.asked import Asked
from satchel.context.conflict.bans import quoted
from satchel.context.conflict.excepted import without_code
from satchel.context.conflict.likeness import concept, concepts, is_common, is_generic, weigh
from satchel.context.conflict.options import Option, is_of, refused
from satchel.context.conflict.position import Position
from satchel.context.conflict.side import Side
from satchel.context.conflict.taken import Taken
from satchel.context.english import content

MET: Final = 1.0  # weight of what two texts share about options that may live side by side
_ECOSYSTEMS: Final = frozenset(
    map(
        concept,
        "python javascript js typescript rust java jvm dotnet go php ruby ios android".split(),  # noqa: SIM905
    )
)


def by_option(
    held: Position, asked: Asked, out: Option | None, barred: frozenset[Option], parts: bool
) -> str | None:
    """Oppose an option that is taken up and one that was chosen, or ruled out.

    `out` is what the record itself has `ruled_out`. One of those that are `barred`, as another
    record rules them out by name, is no rival here: that record is the one to show. Where
    something `parts` what both are about, only what a project takes one of is a rival.
    """
    if out is not None:
        return f"{out.name} was ruled out"
    if not _may_be_alike(held, asked):
        return None
    for ours, theirs in _alike(held, asked):
        if ours.side is not Side.FOR or takes(asked.taken, ours.option):
            continue
        name = theirs.option.name
        if ours.option == theirs.option:
            if (
                theirs.side is Side.AGAINST
                and ours in held.firm
                and (_by_name(theirs) or _same_purpose(ours, theirs))
            ):
                return f"{name} is in use"
        elif (
            theirs.side is Side.FOR
            and theirs.option not in barred
            and not ours.option.purpose.is_kind
            and (ours.option.purpose.exclusive or not (parts or asked.changes))
            and not any(one.option.name == name for one in held.taken)
            and ours in held.firm
            and _same_purpose(ours, theirs)
        ):
            return f"{ours.option.name} was chosen, not {name}"
    return None


def ruled_out(held: Position, asked: Asked) -> Option | None:
    """Return an option that is taken up though it was ruled out."""
    if not (_may_be_alike(held, asked) and any(_may_turn_away(one) for one in held.taken)):
        return None
    for ours, theirs in _alike(held, asked):
        option, whole = ours.option, ours.option.purpose.exclusive or _is_kind(ours.option)
        told = _by_name(theirs) or whole or _is_shown(ours, theirs)
        if (
            _turns_away(ours, theirs.option)
            and theirs.side is Side.FOR
            and not (ours.side is Side.AGAINST and takes(held.taken, option))
            and not takes(held.taken, theirs.option)
            and meets(_beyond(ours), asked)
            and asked.is_in(ours.places)
            and (whole or _is_spoken_of(held, ours, theirs, asked))
            and (told or _same_purpose(ours, theirs))
        ):
            return theirs.option
    return None


def _is_spoken_of(held: Position, ours: Taken, theirs: Taken, asked: Asked) -> bool:
    """Tell whether a request means that for which one of many ways was ruled out: JSON between two
    machines is none in a file. What binds does so everywhere but in settings of their own."""
    shared = held.about & asked.near
    shared -= concepts(" ".join((ours.option.name, *ours.spelled, *theirs.spelled)))
    return (ours.binds and theirs.where <= held.where) or weigh(shared) >= MET


def _may_turn_away(ours: Taken) -> bool:
    """Tell whether a record turns an option away, or takes up the absence of a kind ("pure Go")."""
    return (ours.side is Side.AGAINST) != (refused(ours.option) != ours.option)


def _turns_away(ours: Taken, option: Option) -> bool:
    """Tell whether a record turns an option away, or the kind of which it is."""
    return _may_turn_away(ours) and _is_one_of(option, refused(ours.option))


def _is_one_of(option: Option, whole: Option) -> bool:
    """Tell whether an option is another, a part of what that names (GitLab CI of GitLab), or of
    the kind that it names (Mixpanel of third-party analytics)."""
    return option == whole or option.name.startswith(f"{whole.name} ") or is_of(option, whole)


def _is_kind(option: Option) -> bool:
    """Tell whether an option stands for all that is of a kind."""
    return option.purpose.is_kind and refused(option).name == option.purpose.name


def _beyond(ours: Taken) -> Iterator[frozenset[str]]:
    """Yield the provisos that say more than what the option is for: of containers no root."""
    kind = concepts(f"{ours.option.purpose.name} {' '.join(ours.option.purpose.words)}")
    return (left for one in ours.provisos if (left := one - kind))


def _is_for_one(ours: Taken, theirs: Taken) -> bool:
    """Tell whether two options are for one purpose; languages are, where both say what is in it."""
    one, other = ours.option.purpose, theirs.option.purpose
    if one == other:
        return True
    both = one.name.endswith("language") and other.name.endswith("language")
    return both and bool(ours.about & theirs.about - ours.spelled - theirs.spelled)


def _by_name(taken: Taken) -> bool:
    return any(not is_common(concept(word)) for word in taken.spelled)


def _may_be_alike(held: Position, asked: Asked) -> bool:
    """Tell whether `_alike` may find anything, by the options alone: of most records, nothing."""
    return any(
        ours.purpose == theirs.option.purpose
        or (
            ours.purpose.name.endswith("language")
            and theirs.option.purpose.name.endswith("language")
        )
        or _is_one_of(theirs.option, refused(ours))
        for theirs in asked.taken
        for ours in held.named
    )


def _alike(held: Position, asked: Asked) -> Iterator[tuple[Taken, Taken]]:
    """Yield what a record and a request take up or turn away for one purpose in one setting."""
    for theirs in asked.taken:
        for ours in held.taken:
            kindred = _turns_away(ours, theirs.option) or _is_for_one(ours, theirs)
            if kindred and _same_setting(ours, theirs, asked):
                yield ours, theirs


def meets(provisos: Iterable[frozenset[str]], asked: Asked) -> bool:
    """Tell whether a request speaks of each thing for which a name is turned away."""
    return all(one & asked.near for one in provisos)


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
    if ours.option != theirs.option:
        names |= ours.spelled | theirs.spelled
    words = content(" ".join(purpose.words)) - names
    shared = {one for one in (ours.about & theirs.about) - names if not one.isdigit()}
    return weigh(shared) >= MET or bool(words & ours.about and words & theirs.about)


def takes(taken: Iterable[Taken], option: Option) -> bool:
    """Tell whether a text takes an option up."""
    return any(one.option == option and one.side is Side.FOR for one in taken)


def by_kind(held: Position, asked: Asked) -> str | None:
    """Oppose a ban of all options of a purpose and any one of them."""
    named = (
        (one, concepts(one.option.purpose.name.partition("(")[0]) - _ECOSYSTEMS)
        for one in asked.taken
        if not one.option.purpose.is_kind
    )
    # What a record turns away is among what it is about: of most, the former need not be read.
    kinds = [(one, kind) for one, kind in named if kind and kind <= held.about]
    for ban in held.bans if kinds else ():
        for one, kind in kinds:
            if not kind <= ban.concepts & concepts(without_code(ban.shown)):
                continue  # "no `.format()`" bans no formatter
            others = (concepts(it.option.name) for it in held.taken if it.option != one.option)
            rest = frozenset(w for w in ban.concepts - kind if not is_generic(w))
            fits = (
                not any(kind < name <= ban.concepts for name in others)
                and one.side is Side.FOR
                # "Tests not updated" bans no way to test.
                and (
                    not rest
                    if len(kind) == 1 and is_common(*kind)
                    else len(rest) < 2 or rest & asked.about
                )
            )
            own = [it for it in held.taken if it.option.purpose == one.option.purpose]
            if fits and not takes(own, one.option) and not any(_is_other(it, one) for it in own):
                return f"{one.option.name}, and it says {quoted(ban.shown)}"
    return None


def _is_other(ours: Taken, theirs: Taken) -> bool:
    """Tell whether a ban of a purpose is of another option for it: "no SMS as a second factor"."""
    return ours.side is Side.AGAINST and ours.option != theirs.option


def _is_shown(ours: Taken, theirs: Taken) -> bool:
    """Tell whether an edit shows what must never be: its sign is enough."""
    alone = ours.binds and len(ours.about - ours.spelled) < 2  # "No wildcard imports."
    return alone and not theirs.spelled and theirs.option == ours.option
