"""How a request loosens what a record sets, by the words for it that each of them has. Pure.

"Tested for a week before it is rolled out" is loosened by "push it tonight", "sign in with OAuth
only" by "let them use a password as well". Both must speak of the same thing: the more general the
words, the more they must share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from satchel.context.conflict.act import is_asked_for
from satchel.context.conflict.asked import Asked
from satchel.context.conflict.bans import MERE_USE, quoted
from satchel.context.conflict.broken import FEW
from satchel.context.conflict.deed import Deed, guards
from satchel.context.conflict.likeness import concepts, is_common
from satchel.context.conflict.only import allowed
from satchel.context.conflict.position import Position

APART: Final = 1.0


@dataclass(frozen=True, slots=True)
class Loosening:
    """Words of a record, words of a request that loosen them, and the weight of what both must
    share."""

    held: re.Pattern[str]
    asked: re.Pattern[str]
    least: float
    reason: str
    apart: float = APART  # … and the more that is asked for where the rest of the record shares it
    is_way: bool = False  # it tells how a thing is done, and a request must ask for that
    is_first: bool = False  # it tells what is done before


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


ONLY: Final = Loosening(
    _words(r"only|alone|exclusively|solely|nothing but|nobody (?:but|else)|no other"),
    _words(
        r"as well|also|too|anyway|let|allow|permit|give|by default|for (?:everyone|everybody|"
        r"all)|"
        r"anyone|anybody|again"
    ),
    2.0,
    "keeps this to some",
    apart=4.0,
)
LOOSENINGS: Final = (
    ONLY,
    Loosening(
        _words(
            r"before|until|first|only after|prior to|waits?|beforehand|ahead of|needs? an? \w+|"
            r"without an?|(?:needs?|requires?|without|after|with)(?: an?| the| any)? "
            r"(?:\w+ )?(?:review|approval|sign-?off|ticket|issue|rfc|permission|consent|"
            r"go-ahead|discussion)"
        ),
        _words(
            r"already|right (?:away|now)|immediately|at once|tonight|straight away|instantly|"
            r"without (?:waiting|asking)|can(?:'t|not) wait|can (?:follow|wait)|comes? later|"
            r"later on|"
            r"follows? (?:later|tomorrow|next)|afterwards|same (?:afternoon|day|evening|morning)|"
            r"(?:do|add|write|fix|review|test) (?:it|them|that|those) (?:later|afterwards|"
            r"tomorrow)|"
            r"(?:later|tomorrow)\W*$|next (?:week|month|sprint)|today|the instant|"
            r"this (?:morning|afternoon|evening)|no need to wait|"
            r"not wait|now"
        ),
        1.5,
        "sets what comes first",
        is_first=True,
    ),
    Loosening(
        _words(
            r"(?:was|were|been|has been|have been|is|are) (?:removed|dropped|deleted|retired|gone|"
            r"abandoned|switched off|turned off|turned down|taken out|replaced|deprecated|"
            r"shut down|"
            r"rejected|decommissioned|read-only|history|too \w+|phased out|scrapped)|moved away|"
            r"read-only|history|we left|no longer|got rid of|given up|gave up|replaced"
        ),
        _words(
            r"again|br(?:ing|ought) back|back to|return to|revert to|reintroduc\w+|resurrect\w*|"
            r"reviv\w+|re-?add|re-?enable|restor\w+|still use|keep using"
        ),
        1.5,
        "gave this up",
    ),
    Loosening(
        _words(
            r"optional|voluntary|(?:can|may) be (?:skipped|left out|omitted|dismissed)|skippable|"
            r"(?:not|never) (?:required|mandatory|needed|forced)|"
            r"(?<!\w )(?:(?!no |not |never |nothing |nobody )[\w,'-]{1,30} ){1,12}without an? \w+"
        ),
        _words(
            r"forces?|forcing|requires?|required|mandatory|compulsory|obligatory|oblige|must|"
            r"(?:make|making) (?:them|people|everyone|everybody|(?:\w+ )?\w+s) (?!sure)\w+|"
            r"before (?:they|he|she|you|anyone|anybody|people|\w+s) can"
        ),
        1.5,
        "leaves this to choice",
    ),
    Loosening(
        _words(
            r"refused|rejected|blocked|denied|turned away|not accepted|never accepted|disallows?|"
            r"forbidden|obeys?|respects?|stops?|halts?|not (?:merged|released|shipped|deployed)"
        ),
        _words(
            r"accept|allow|let|permit|load|anyway|support|tolerate|ignore|despite|nevertheless|"
            r"regardless|all the same"
        ),
        1.5,
        "refuses this",
    ),
    Loosening(
        _words(
            r"when (?:the |a )?(?:user|reader|customer|person|admin|operator|owner)s?|consents?|"
            r"opt-?in|"
            r"asks?|asked|explicit(?:ly)?|by hand|manual(?:ly)?|on request|on demand|agrees?|"
            r"allows?|"
            r"confirm(?:s|ed)?|approv\w+|permission|acknowledg\w+|"
            r"by an? \w{3,12}(?:er|or|ist|an|son)"
        ),
        _words(
            r"automatic(?:ally)?|by default|without (?:asking|a question|consent)|silently|"
            r"in the background|right away|immediately|for (?:everyone|everybody|all)|"
            r"pre-?select\w*|"
            r"opt-?out|auto|unprompted|unasked"
        ),
        1.5,
        "leaves this to somebody's word",
    ),
    Loosening(
        _words(
            r"only|always|never|no|nobody|nothing|not|every|each|all|through|via|over|goes|go|comes?|"
            r"must|by hand"
        ),
        _words(
            r"directly|straight (?:from|to|into|in|through|out of)|by hand|bypass(?:ing|es)?|"
            r"(?:go|going|get|work) around|on (?:its|their|our|my|your) own|itself|themselves|"
            r"myself|manually|from (?:my|your|his|her|a|the) (?:own )?(?:laptop|notebook|machine|"
            r"workstation|shell|terminal|desktop|box)(?!'s)"
        ),
        2.0,
        "sets the way",
        apart=0.5,
        is_way=True,
    ),
    Loosening(
        _words(
            r"every|each|always|all|must|required?|mandatory|at least|stays?|has to|have to|needs?"
        ),
        _words(
            r"exempt\w*|optional|just this once|for now|temporarily|is enough|are enough|should do|"
            r"will do|relax\w*|loosen\w*|unset|without|waive|lift|allow|anyway|leave out|skip|"
            r"don't (?:bother|need)|no need|not needed|unnecessary|"
            r"(?:let|allow|accept)\b[^.;]{3,60}\b(?:is|are) (?:missing|absent)|"
            r"(?:shouldn't|needn't|no longer|not) (?:ask|need|require|have to)"
        ),
        2.0,
        "demands this",
    ),
)
_NEGATED: Final = re.compile(
    r"\b(?:not|never|no|don't|do not|isn't|nobody|without)\s(?:\w+\s)?$|"
    r"\b(?:we|i) (?:won't|will not|don't|do not)\s(?:\w+\s){0,3}$",
    re.IGNORECASE,
)


def by_loosening(held: Position, asked: Asked, spread: Mapping[str, int]) -> str | None:
    """Oppose what a record sets and a request that loosens it."""
    for at, done in enumerate(asked.deeds):
        if done.told:
            continue
        for one in _loosened(done.text):
            near = asked.around[at]
            if not held.about & near:
                break
            for ours in held.clauses:
                shared = concepts(ours.text) & near
                if not shared or one not in _set(ours.text):
                    continue
                if one is ONLY and (place := allowed(ours.text)) and place.where & near:
                    continue
                told = sum(_weight(word, spread) for word in shared)
                way = _channel(ours.text) if one.is_way else frozenset()
                if way & done.concepts and not _ROUND.search(done.text):
                    continue  # "call the client directly" goes the way that is set
                # What is done first of all is what has its way, or what waits for somebody's word.
                told += 1.0 * bool(way and _is_done(done, shared))
                told += 0.5 * bool(
                    one.is_first and shared & _CONSENT and _PUT_OFF.search(done.text)
                )
                whole = sum(_weight(word, spread) for word in held.about & near)
                if told >= one.least or whole >= one.least + one.apart:
                    return f"it {one.reason}: {quoted(ours.text)}"
    return None


@lru_cache(maxsize=2_048)
def _loosened(text: str) -> tuple[Loosening, ...]:
    """Return what a clause of a request loosens."""
    guarded = guards(text)
    found = ((one, one.asked.search(text)) for one in LOOSENINGS if one.is_way or not guarded)
    return tuple(
        one
        for one, at in found
        if at and not _NEGATED.search(text[: at.start()]) and (not one.is_way or _is_way(text, at))
    )


def _is_way(text: str, cue: re.Match[str]) -> bool:
    """Tell whether a clause asks for something to be done in this way."""
    before = text[: cue.start()]
    mends = _MENDS.match(before) is not None and _TELLS.search(before) is None
    return mends or is_asked_for(text, *cue.span(), is_done=True)


_MENDS: Final = re.compile(
    r"\W{0,4}(?:please\s)?(?:fix|edit|change|correct|patch|adjust|repair)\s", re.IGNORECASE
)
_TELLS: Final = re.compile(r"\b(?:that|which|who|when|where|why|what)\b", re.IGNORECASE)


@lru_cache(maxsize=8_192)
def _channel(text: str) -> frozenset[str]:
    """Return the concepts of that through which alone a thing is done."""
    match = _THROUGH.search(text)
    return concepts(match["what"] or match["alone"]) if match else frozenset()


_THROUGH: Final = re.compile(
    r"\b(?:all|every|each|any|only|never|always|nothing)\b[^.;]{0,60}?\b(?:through|via|behind)\s"
    r"(?:the |our |an? )?[`'\"]?(?P<what>[\w./-]{2,40}(?:\s[\w-]{3,20})?)|"
    r"\b(?:through|via|by|from)\s(?:the |our |an? )?[`'\"]?"
    r"(?P<alone>[\w./-]{2,40}(?:\s[\w-]{3,20})?)[`'\"]?\s(?:only|alone)\b",
    re.IGNORECASE,
)


def _is_done(done: Deed, shared: frozenset[str]) -> bool:
    """Tell whether a clause begins with one of these, or with another word for a use of it."""
    first = done.words[0].concept if done.words else ""
    return first in shared or (first in MERE_USE and not shared.isdisjoint(MERE_USE))


_ROUND: Final = re.compile(
    r"\b(?:bypass\w*|around|by hand|manually|instead|without|not|skip\w*)\b", re.IGNORECASE
)
_PUT_OFF: Final = re.compile(
    r"\b(?:can|could|will|may|should|no need|without)\b|'ll\b", re.IGNORECASE
)
_CONSENT: Final = concepts(
    "review approval sign-off ticket issue rfc permission consent discussion"
)


@lru_cache(maxsize=8_192)
def _set(text: str) -> tuple[Loosening, ...]:
    """Return what a clause of a record sets."""
    return tuple(one for one in LOOSENINGS if one.held.search(text))


def _weight(word: str, spread: Mapping[str, int]) -> float:
    if spread.get(word, 0) > FEW:
        return 0.5
    return 1.0 if is_common(word) else 1.5
