"""What a sentence turns a name away for: of what, by whom, where. Pure.

"CI never runs Helm" says nothing of who else does, "no hard-coded strings in Compose" turns no
Compose away, and "no Django signals" leaves Django: a request is held against each of these only
where it speaks of CI, of strings, of signals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from satchel.context.conflict.likeness import concepts, is_generic
from satchel.context.conflict.side import is_turned_after

_VERB: Final = (
    r"(?:never|cannot|(?:is|are|must|may|should|can|shall|will|do|does|has|have)"
    r"(?:n't| not| no longer)|(?:contains?|have|has|holds?|gets?|takes?|needs?) no)\b"
)
_SUBJECT: Final = re.compile(rf"^(?P<who>[^,;:]{{2,60}}?)\s{_VERB}[^;:]{{0,80}}$", re.IGNORECASE)
_OBJECT: Final = re.compile(
    r"\b(?:no|never|not|don't|without|none of|avoid)\s(?P<what>[\w`'\"-]+(?:\s[\w`'\"-]+){0,8}?)\s"
    r"(?:in|inside|within|on|to|for|from|between|under|around)\s(?:(?:the|our|an?|any|[a-z]{3,14}ed)\s){0,2}[`'\"]?$",
    re.IGNORECASE,
)
_BANNED: Final = re.compile(
    r"\b(?:no|not|never|nothing|don't|cannot|without|avoid)\b[^,;:]{0,80}$", re.IGNORECASE
)
# "the Prisma model name" is a name, and of a model: each word of what the name belongs to counts.
_HEAD: Final = re.compile(r"^[`'\"]?[\s-](?P<head>[a-z][a-z-]{2,30})\b(?!-)")
_OF_HEAD: Final = re.compile(r"\s(?P<head>[a-z][a-z-]{2,30})(?=\W*$|[,.;:)])")
# "In Go code, …", "service functions return plain values, never …"
_LEADING: Final = re.compile(
    r"^\W{0,3}(?:in|inside|within|on|for|under|when|during)\s(?P<where>[^,;:]{3,60}),\s",
    re.IGNORECASE,
)
_DOER: Final = re.compile(
    r"^\W{0,3}(?P<who>(?!we\b|you\b|it\b|this\b|that\b)[\w-]{2,30}(?:\s[\w-]{2,30}){0,2}?)\s"
    r"(?:returns?|accepts?|takes?|yields?|produces?|gets?|calls?|reads?|writes?|go(?:es)?|comes?|"
    r"lives?|stays?|belongs?|(?:is|are) (?:kept|stored|saved|written|sent|put)"
    r"(?= (?:to|in|into|on|at|from)\b))\s"
    r"[^;:]{1,80}?,?\s(?:never|not)\s",
    re.IGNORECASE,
)
_DOES: Final = re.compile(r"\b(?:never|not|don't|cannot|can't)\s$", re.IGNORECASE)
_THING: Final = re.compile(r"\s(?:the|our|an?|any|its|their)\s(?P<what>[\w-]+(?:\s[\w-]+)?)")
_NO_HEAD: Final = re.compile(
    r"(?:[a-z-]{1,30}(?:ed|ing|ly)|any\w*|every\w*|forbidden|gone|out|off|yet|left|again|"
    r"calls?|imports?|usages?|references?|dependency|dependencies|files?|folders?|directory|directories)$"
)
_PLACE: Final = re.compile(  # … not "in January", "in spring", "for its size", "for performance"
    r"[`'\"]?\s(?:from|for|on|inside|within|between|in(?! (?:\w+ )?(?:january|february|"
    r"march|april|may|june|july|august|september|october|november|december|spring|summer|autumn|"
    r"fall|winter|q\d|\d{4}|favou?r|version|v\d)))\s(?!its\b|their\b|being\b|having\b|that\b|now\b)"
    r"(?P<where>[^,;.()]{3,60})",
    re.IGNORECASE,
)
_WHOLE: Final = concepts("repository codebase product company team stack organisation app")
_EVERYWHERE: Final = concepts("hosting cluster server servers platform site website")
_USES: Final = concepts("call access connection request write import return link migration switch")
_REASON: Final = re.compile(
    r"\b(?:because|since|so that|as it|after|due to|but|instead|use|only|is|are|was|were|stays?)\b"
    r"|,\s(?=(?:and |or )?(?:no|not|never)\b)"
)


@lru_cache(maxsize=8_192)
def provisos(sentence: str, start: int, end: int) -> tuple[frozenset[str], ...]:
    """Return the concepts of each proviso under which the name at these characters is turned away;
    a request meets one by sharing a concept with it."""
    before, after = sentence[:start], _AT_NEED.sub("", sentence[end:])
    found = []
    if not is_turned_after(after):  # it is turned away by what stands before it
        found += [_who(match["who"]) for match in (_SUBJECT.search(before),) if match]
        found += [match["what"] for match in (_OBJECT.search(before),) if match]
        found += [match["where"] for match in (_LEADING.match(before),) if match]
        found += [match["who"] for match in (_DOER.match(before),) if match]
    said = _REASON.split(after, maxsplit=1)[0]
    if _BANNED.search(before):
        if _DOES.search(before) and (thing := _THING.match(said)):
            found.append(thing["what"])
        elif (head := _HEAD.match(said)) and not _NO_HEAD.match(head["head"]):
            found.append(head["head"])
            if of := _OF_HEAD.match(said, head.end()):
                found.append(of["head"])
        place = _PLACE.search(said)
    else:
        place = _PLACE.match(said)
    if place and place["where"].startswith("`") and places(sentence, start, end):
        place = None
    if place and not concepts(place["where"].split()[-1]) <= _EVERYWHERE:
        found.append(place["where"])
    name = concepts(sentence[start:end])
    without = name | _WHOLE | _USES
    kept = (frozenset(w for w in concepts(one) - without if not is_generic(w)) for one in found)
    return tuple(one for one in kept if one)


# Who asks for it thinks that he needs it: that is no proviso.
_AT_NEED: Final = re.compile(
    r",?\sunless\s(?:(?:absolutely|strictly|really|truly)\s)?"
    r"(?:necessary|needed|required|unavoidable)\b",
    re.IGNORECASE,
)


def _who(subject: str) -> str:
    """Return the subject itself, where a verb of its own stands before: "CI builds it but"."""
    words = subject.split()
    return " ".join(words[:2]) if words[-1].lower() in {"and", "but"} else subject


def extent(sentence: str, start: int, end: int) -> tuple[frozenset[str], ...]:
    """Return the concepts of each thing that the name at these characters is chosen for."""
    lead, said = _LEADING.match(sentence[:start]), _REASON.split(sentence[end:], maxsplit=1)[0]
    place = _CHOSEN_FOR.match(said)
    found = [concepts(match["where"]) - _WHOLE for match in (lead, place) if match]
    return tuple(frozenset(w for w in one if not is_generic(w)) for one in found if one)


_CHOSEN_FOR: Final = re.compile(
    r"[`'\"]?\s(?:for|on|inside|within|between|in)\s(?P<where>[^,;.()]{3,60})", re.IGNORECASE
)


@lru_cache(maxsize=8_192)
def places(sentence: str, start: int, end: int) -> tuple[str, ...]:
    """Return the files and folders for which the name at these characters is turned away, in lower
    case: `packages/web` of "moved packages/web from MobX", `+server.ts` of "no Prisma in
    `+server.ts`"."""
    found = (match["quoted"] or match["plain"] for match in _PLACED.finditer(sentence))
    own = sentence[start:end].lower()
    paths = (one.lower().rstrip("/*.").removeprefix("./").removeprefix("/") for one in found)
    return tuple(path for path in paths if path and path != own)


def lies_in(places: Iterable[str], paths: Iterable[str], said: str) -> bool:
    """Tell whether any of these files lies at, or in, one of the places, or a text, which is in
    lower case, names one; where there are no places, everything does."""
    named = tuple(places)
    held = [f"/{path.lower()}" for path in paths]
    return not named or any(
        one in said
        or any(
            path.endswith(one.lstrip("*")) if one.startswith("*") else f"/{one}/" in f"{path}/"
            for path in held
        )
        for one in named
    )


# A path that is said to be where: in backquotes with a folder or an ending, or by a top folder.
_PLACED: Final = re.compile(
    r"(?:\b(?:in|inside|within|under|from|for|of|on|across|migrat\w{1,4}|mov\w{1,3}|convert\w{0,3}|"
    r"port\w{0,3})\s(?:the\s|our\s)?|`\s?(?:/|,|and|or)\s?)"
    r"(?:`(?P<quoted>[\w@.+*-]{0,60}(?:/[\w@.+*-]{1,60}){1,8}/?|[\w@.+*-]{1,60}/|"
    r"[\w@.+*-]{1,60}\.(?:[cm]?[jt]sx?|py|rb|go|rs|java|kt|swift|cs|vue|svelte|php|s?css|html|mdx?|"
    r"sql|ya?ml|json|toml|sh))(?=`)|"
    r"(?P<plain>(?:src|libs?|apps?|packages|pkg|cmd|internal|tests?|docs|scripts|tools|server|client|"
    r"web|backend|frontend|crates|services|modules|plugins|examples)/[\w./*-]{1,60}))",
    re.IGNORECASE,
)
