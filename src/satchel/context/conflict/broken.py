"""Whether a request does what a record turns away, or leaves out what it demands. Pure.

What they say (`bans`, `deed`) is compared by concepts (`likeness`), the rare ones counting for more
than those that many records share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from satchel.context.conflict.act import is_asked_for
from satchel.context.conflict.bans import Ban, Duty
from satchel.context.conflict.change import Change
from satchel.context.conflict.deed import Deed, guards
from satchel.context.conflict.likeness import Word, concept, concepts, is_common
from satchel.context.conflict.mention import is_mere
from satchel.context.conflict.side import Side, side_at

FEW: Final = 2  # records among which a word may be spread and still tells one of them
COVERED: Final = 0.7  # share of a ban's weight that a request must have …
ADDED: Final = 0.6  # … and an edit, which does what it does
SMALL: Final = 12  # lines that an edit of one file adds; of more, one line must have it all
WINDOW: Final = 160  # characters before a word that tell its side

_NEGATED: Final = re.compile(
    r"\b(?:not|never|n't|don't|without|instead of|rather than|avoid|stop|no longer|cannot|can't|"
    r"no|nobody|won't|doesn't|didn't|isn't|aren't|couldn't|refuses?(?: to)?)"
    r"\s(?:[\w-]{1,20}\s){0,3}$",
    re.IGNORECASE,
)
_STILL: Final = re.compile(r"\b(?:we|they|it|there(?:'s| is| are)) still\b", re.IGNORECASE)


def weight(of: str, spread: Mapping[str, int]) -> float:
    """Weigh a concept by how few records and how few texts have it."""
    return (1.0 if spread.get(of, 0) <= FEW else 0.5) * (1.0 if is_common(of) else 1.5)


def broken(
    ban: Ban, about: frozenset[str], done: Deed, pool: frozenset[str], spread: Mapping[str, int]
) -> bool:
    """Tell whether a clause does what is banned.

    `about` are the concepts of the record, `pool` those of the whole request and its files.
    """
    here = ban.concepts & done.concepts
    if here & ban.actions:
        here |= ban.concepts & done.meant
    if not here or (ban.core and not ban.core & pool):
        return False
    if ban.only and not ban.only & pool:
        return False
    if 2 * len(ban.inherited & pool) <= len(ban.inherited) and ban.inherited:
        return False
    if guards(done.text[: max((w.start for w in done.words if w.concept in here), default=0)]):
        return False
    if _STILL.search(done.text):
        return False
    given = frozenset().union(*done.given_up)
    if not _is_near(ban, here, here, about, pool, spread, COVERED):
        return False
    if ban.actions:
        objects = [w for w in done.words if w.concept in ban.concepts - ban.actions]
        if objects and all(_is_of_another(done.text, w, ban) for w in objects):
            return False
        if objects and all(_is_negated(done.text, w) for w in objects):
            return False  # "log the latency, no text"
        return any(
            word.concept in ban.actions
            and not _is_negated(done.text, word)
            and _is_asked_for(done, word)
            for word in done.words
        )
    telling = [w for w in done.words if w.concept in here]
    if len(here) == 1 and any(
        done.text[w.start].isalpha() and concept(done.text[w.start : w.end]) not in here
        for w in telling
    ):
        return False  # it is but a part of an identifier
    if given & here:
        return False
    return all(_is_taken_up(done.text, w) for w in telling) and any(
        _is_asked_for(done, w) for w in telling
    )


def takes_up(what: frozenset[str], done: Deed) -> bool:
    """Tell whether a clause asks for all of something."""
    if not what <= done.concepts or guards(done.text):
        return False
    telling = [word for word in done.words if word.concept in what]
    given = frozenset().union(*done.given_up)
    return (
        not given & what
        and all(_is_taken_up(done.text, word) for word in telling)
        and any(_is_asked_for(done, word) for word in telling)
    )


def broken_by_lines(
    ban: Ban, about: frozenset[str], made: Change, spread: Mapping[str, int]
) -> bool:
    """Tell whether an edit adds what is banned."""
    before = made.before
    touched = before | made.place | made.added.all
    if (ban.core and not ban.core & touched) or (ban.only and not ban.only & touched):
        return False
    if len(ban.place) > 1 and ban.place.isdisjoint(before | made.place):
        return False  # not in "client components"; a "component" alone may be any file
    fresh = {one for one in ban.concepts & made.added.all - before if spread.get(one, 0) <= FEW}
    for line in made.added.with_any(fresh):
        if ban.actions and not ban.actions & line:
            continue
        here = line & ban.concepts
        pool = before | made.place | here
        shared = here if len(made.edit.added) > SMALL else ban.concepts & pool
        if _is_near(ban, here, shared, about, pool, spread, ADDED):
            return True
    return False


def _is_near(
    ban: Ban,
    here: frozenset[str],
    shared: frozenset[str],
    about: frozenset[str],
    pool: frozenset[str],
    spread: Mapping[str, int],
    least: float,
) -> bool:
    total = sum(weight(one, spread) for one in ban.concepts)
    if sum(weight(one, spread) for one in shared) < least * total:
        return False
    if not any(spread.get(one, 0) <= FEW for one in here):
        return False
    if len(ban.concepts) > 1:
        return len(shared) > 1 or not is_common(next(iter(shared)))
    only = next(iter(ban.concepts))
    if only in ban.names and not is_common(only):
        return True
    context = (about & pool) - {only}
    return not is_common(only) or sum(spread.get(one, 0) <= FEW for one in context) >= 2


def neglected(
    duty: Duty,
    about: frozenset[str],
    banned: frozenset[str],
    done: Deed,
    pool: frozenset[str],
    spread: Mapping[str, int],
) -> frozenset[str]:
    """Return what a clause gives up of what is demanded; nothing where it does not, or where the
    record but tells how it is.

    `banned` is what the record turns away: to give that up is to agree.
    """
    if _OLDER.search(done.text) and _ENDS.search(duty.shown):
        return frozenset()  # "then they are deleted" is what is done
    for given in done.given_up:
        if not (duty.firm or (given <= duty.means and not any(map(is_common, given)))):
            continue
        if len(given & banned) * 2 > len(given):
            continue
        given = given - _STEPS or given
        shared = given & duty.concepts
        if _is_lost(shared, given, duty, (about & pool) - given, spread):
            return shared
    undone = done.undone & duty.concepts - banned
    return undone if (about & done.concepts) - undone else frozenset()


_OLDER: Final = re.compile(r"\b(?:older|longer|larger|bigger|more|newer) than\b|\bbeyond\b", re.I)
_ENDS: Final = re.compile(
    r"\b(?:delet|remov|purg|drop|expir|archiv|discard|prun)\w{1,3}\b", re.IGNORECASE
)


_STEPS: Final = concepts("check step validation")


def _is_lost(
    shared: frozenset[str],
    given: frozenset[str],
    duty: Duty,
    context: frozenset[str],
    spread: Mapping[str, int],
) -> bool:
    telling = [one for one in shared if spread.get(one, 0) <= FEW]
    if not telling or 2 * len(shared) < len(given) or (len(shared) < 2 and shared != given):
        return False
    if len(shared) >= 2:
        return True
    if len(given) == 1 and given <= duty.means and not is_common(next(iter(given))):
        return True
    if duty.stays:
        return True
    return any(not is_common(one) for one in telling) or any(
        spread.get(one, 0) <= FEW for one in context
    )


def lost_by_lines(
    duty: Duty, made: Change, stays: frozenset[str], spread: Mapping[str, int]
) -> bool:
    """Tell whether an edit takes out what is demanded; `stays` is what its files still hold."""
    if not duty.firm or made.edit.is_prose or made.edit.deleted:
        return False
    lost = duty.concepts & made.removed.all - stays
    telling = {one for one in lost if spread.get(one, 0) <= FEW}
    return any(len(line & lost) >= 2 for line in made.removed.with_any(telling))


def _is_of_another(text: str, word: Word, ban: Ban) -> bool:
    """Tell whether a word but says of what kind another thing is: "delete the invoice template"."""
    head = _HEAD.match(text, word.end)
    return (
        head is not None
        and not text[: word.end].endswith("s")
        and not _NO_HEAD.match(head[1])
        and bool(said := concepts(head[1]))
        and not said & ban.concepts
    )


_HEAD: Final = re.compile(r"\s([a-z][a-z-]{2,30})\b")
_NO_HEAD: Final = re.compile(
    r"(?:[a-z-]{1,30}(?:ed|ing|ly)|rows?|records?|data|entr(?:y|ies)|values?|fields?|columns?|"
    r"tables?|files?|numbers?|names?|older|newer|directly|straight|right|anyway)$"
)


def _is_negated(text: str, word: Word) -> bool:
    before = text[max(0, word.start - 60) : word.start]
    return (_NEGATED.search(before) or _RELATIVE.search(before)) is not None


_RELATIVE: Final = re.compile(r"\bwhich\s(?:\w+\s)?$", re.IGNORECASE)  # of what is named


def _is_asked_for(done: Deed, word: Word) -> bool:
    return is_asked_for(done.text, word.start, word.end, is_item=done.is_item, is_done=True)


def _is_taken_up(text: str, word: Word) -> bool:
    if is_mere(text, word.start, word.end):
        return False
    start = max(0, word.start - WINDOW)
    near = text[start : word.end + WINDOW]
    return side_at(near, word.start - start, word.end - start) is Side.FOR
