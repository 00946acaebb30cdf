"""What a record forbids and demands in so many words. Pure.

A ban is broken by doing what it names; a duty by leaving out what it names: `broken` tells whether
that is so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from satchel.context.conflict.likeness import concept, concepts, is_action, is_common, is_generic
from satchel.context.conflict.only import allowed
from satchel.context.conflict.proviso import places

LISTED: Final = 3  # words that one of a list has at most
SHOWN: Final = 70  # characters of a statement in a reason


@dataclass(frozen=True, slots=True)
class Ban:
    """One thing that a sentence turns away, by its concepts; `actions` are those one does."""

    concepts: frozenset[str]
    actions: frozenset[str]
    shown: str
    core: frozenset[str] = frozenset()  # what is said of its subject
    inherited: frozenset[str] = frozenset()  # what an earlier half of the sentence says
    names: frozenset[str] = frozenset()  # those that are names of options
    place: frozenset[str] = frozenset()  # where it holds
    only: frozenset[str] = frozenset()  # of which alone it holds: events "that end in an error"
    paths: tuple[str, ...] = ()  # the files and folders where it holds

    def within(self) -> Ban | None:
        """Return what is turned away once a request is known to be at the place; None where it
        tells no place, or nothing beside it."""
        left = self.concepts - self.place
        if not left or not self.place:
            return None
        return replace(self, concepts=left, core=self.core - self.place, place=frozenset())


@dataclass(frozen=True, slots=True)
class Duty:
    """What a sentence demands; `firm` where it says so and does not just tell."""

    concepts: frozenset[str]
    firm: bool
    shown: str
    stays: bool = False  # it is to be kept as it is
    means: frozenset[str] = frozenset()  # with what it is done


# "X is never Y", "we do not Y": what stands before belongs to what is turned away.
_NEVER: Final = re.compile(
    r"\b(?:(?:is|are|be|must|may|should|can|shall|will|do|does|has|have|might|would)"
    r"(?:n't| not| never| no longer)|cannot|never|don't|dont)\b",
    re.IGNORECASE,
)
_NO: Final = re.compile(
    r"\b(?:no|avoid|(?:nobody|no one)(?! (?:wants|knows|knew|could|can|likes?|needs?|saw|"
    r"had|was|is))|"
    r"none of|nothing|stay away from|stop|not)\b",
    re.IGNORECASE,
)
_FORBIDDEN: Final = re.compile(
    r"\b(?:is|are|stays?|remains?|was|were)\s(?:\w{1,12}\s)?(?:forbidden|banned|prohibited|"
    r"retired|abandoned|deprecated|phased out|decommissioned|"
    r"disallowed|not allowed|not permitted|gone|off[- ]limits|ruled out|discouraged|unacceptable|"
    r"not acceptable|not wanted|not welcome|a no-go|taboo|frowned upon)\b"
    r"|\b(?:was|were|been)\s(?:tried and )?(?:dropped|rejected|abandoned|retired|deprecated|"
    r"removed|"
    r"deleted|taken (?:out|down|away)|turned (?:down|off)|switched off|shut down|thrown out|"
    r"refused|"
    r"scrapped|phased out|withdrawn|discontinued|decommissioned|given up|excluded)\b",
    re.IGNORECASE,
)
_DECIDED: Final = re.compile(  # "we ruled out a proxy", "it was decided against a proxy"
    r"\b(?:(?:we|i|they|you|team|owners?|maintainers?)(?:'ve| have| had| all)?\s(?:\w+ly\s)?"
    r"(?:ruled out|rejected|turned down|abandoned|scrapped|banned|gave up(?: on)?|given up(?: on)?|"
    r"moved away from)|(?:decided|voted|chose|decision) against|ruled out)\b",
    re.IGNORECASE,
)
_WITHOUT: Final = re.compile(
    r"\b(?:without|unless|until|before|except (?:after|with|if|when))\b", re.IGNORECASE
)
_EVEN: Final = re.compile(r"(?:and |but )?not even\b", re.IGNORECASE)  # it says more of the same
_BECAUSE: Final = re.compile(r"(?<=\w)[,;]?\s(?:because|since)\b", re.IGNORECASE)
_ENDS: Final = re.compile(
    r"\b(?:because|since|so that|so|but|instead|except|unless|as it|as they|outside|after|"
    r"that (?:is|was|would)|which)\b|,\s(?:use|only)\b|[;:.!?](?:\s|$)|\s[\u2013\u2014-]\s",
    re.IGNORECASE,
)
_WITHIN: Final = re.compile(rf"{_ENDS.pattern}|\bwithout\b", re.IGNORECASE)
_SEGMENT: Final = re.compile(
    r",\s+(?=(?:and |but )?(?:no|not|never|nothing|without|nor|nobody)\b)|;\s|"
    r"\s[\u2013\u2014-]\s|\sand\s(?=no\s)"
)
_FIRM: Final = re.compile(
    r"\b(?:must|always|shall|every|each|all|needs?|requires?|required|has to|have to|stays?|keeps?|"
    r"only (?:if|after|when|with|by|through|via|from)|mandatory|ensure|make sure|at least|any|"
    r"only)\b",
    re.IGNORECASE,
)
_WITH: Final = re.compile(
    r"\b(?:with|through|via|by|using|uses?|on)\s(?:the |our |its )?([\w.-]{3,40})", re.IGNORECASE
)
_STAYS: Final = re.compile(
    r"\b(?:stays?|keeps?|remains?|always) (?:on|enabled|in place|active|as it is)\b|\bis always\b",
    re.IGNORECASE,
)
_OR: Final = re.compile(
    r",\s+(?:or |and |nor )?|\s+(?:such as|like|e\.g\.)\s+|\s+(?:or|nor|and|/)\s+"
)
_PREPOSITIONS: Final = "in|on|at|from|for|to|into|as|with|by|through|under|over|inside|within|of"
_PLACE: Final = re.compile(rf"\b(?:{_PREPOSITIONS}|that|be|used|are|is)\b", re.IGNORECASE)
_OWNER: Final = re.compile(  # "tickets carry no names"
    r"^\W{0,4}(?:(?:the|our|all|every|each|an?)\s)?((?:[\w'-]{1,30}\s){0,2}[\w'-]{1,30})\s(?:ha(?:s|ve)|carry|"
    r"carries|contains?|gets?|needs?|takes?|makes?|holds?|shows?|uses?)\sno\s",
    re.IGNORECASE,
)
_WHERE: Final = re.compile(r"\S\s(?:in|inside|within|under)\s(.{3,80})$")
_ON: Final = re.compile(rf"\b(?:{_PREPOSITIONS}|only)\b", re.IGNORECASE)


def _told_apart(segment: str, part: str) -> frozenset[str]:
    """Return what tells that which is banned from others of its kind: of "events which end in an
    error" the error, of "…, not the Prisma model name" the name."""
    if such := _ONLY.search(segment):
        return concepts(such[1])
    return concepts(part.split()[-1]) if _CONTRAST.match(segment) else frozenset()


_CONTRAST: Final = re.compile(r"not (?:the|an?|its|our)\s(?=\S+\s\S)", re.IGNORECASE)
_ONLY: Final = re.compile(
    r"\w\s(?:that|which|who)\s((?!is\b|was\b|would\b|it\b|we\b)[^,;:.]{3,80})"
)
_STORE: Final = concepts("store")  # one keeps, puts and holds as well
# Whoever asks for a thing does this with it, in whatever words.
MERE_USE: Final = concepts("call talk speak access contact connect query reach invoke request")


@lru_cache(maxsize=8_192)
def bans(sentence: str) -> tuple[Ban, ...]:
    """Return what a sentence turns away, each of a list by itself."""
    found: list[Ban] = []
    before = ""
    for segment in _SEGMENT.split(_BECAUSE.split(sentence, maxsplit=1)[0]):
        if _EVEN.match(segment):
            continue
        subject, core = _turned_away(segment)
        inherits = False
        if core is not None and _PLACE.match(core.strip()) and not subject:  # "…, never on Sundays"
            subject, inherits = _PLACE.split(before, maxsplit=1)[0], True
        before = before or segment
        if core is None or _WITHOUT.search(core):
            continue
        for who in _OR.split(subject):
            for part in _alternatives(core, is_deed=_NEVER.search(segment) is not None):
                whole = concepts(part) | concepts(who)
                kept = frozenset(one for one in whole if not is_generic(one))
                whole = kept if any(not is_common(one) for one in kept) else whole
                if whole := whole - MERE_USE if len(whole - MERE_USE) > 1 else whole:
                    acts = frozenset(
                        filter(is_action, whole & (whole if inherits else concepts(part)) - _STORE)
                    )
                    shown = segment if len(segment) <= SHOWN else f"{who} {part}"
                    said = concepts(part) - concepts(who)
                    lent = concepts(_ON.split(before, maxsplit=1)[0]) if inherits else frozenset()
                    if owner := _OWNER.search(segment):
                        having = whole | concepts(owner[1])
                        if having != whole:
                            found.append(Ban(having, frozenset(), shown, said, lent))
                    where = concepts(tail[1]) if (tail := _WHERE.search(part)) else frozenset()
                    only = _told_apart(segment, part) - (whole - concepts(part))
                    found.append(
                        Ban(
                            whole, acts, shown, said, lent, place=where & whole, only=only,
                            paths=places(segment, 0, 0),
                        )
                    )  # fmt: skip
    # "No unwrap, no expect in firmware code": the place of the last is that of all.
    place = found[-1].place if found else frozenset()
    return tuple(one if one.place else replace(one, place=place) for one in found)


@lru_cache(maxsize=8_192)
def duties(sentence: str) -> tuple[Duty, ...]:
    """Return what a sentence demands, and what it turns everything else away without."""
    found: list[Duty] = []
    for segment in _SEGMENT.split(sentence):
        _, core = _turned_away(segment)
        if core is None:
            if allowed(segment):
                continue  # to leave it out elsewhere is to agree
            if said := concepts(_WITHIN.split(segment, maxsplit=1)[0]):
                firm, stays = _FIRM.search(segment), _STAYS.search(segment)
                found.append(
                    Duty(
                        said,
                        firm is not None,
                        segment,
                        stays is not None,
                        _means(segment),
                    )
                )
        elif (left := _WITHOUT.search(core)) and (said := concepts(core[left.end() :])):
            found.append(Duty(said | concepts(core[: left.start()]), True, segment))
    return tuple(found)


def _means(segment: str) -> frozenset[str]:
    return frozenset().union(*(concepts(match[1]) for match in _WITH.finditer(segment)))


def _turned_away(segment: str) -> tuple[str, str | None]:
    """Return the subject and the rest of what a segment turns away; None where it does not."""
    if match := _FORBIDDEN.search(segment):
        rest = _until(segment[match.end() :]).partition(",")[0]
        return "", f"{segment[: match.start()]} {rest if _PLACE.match(rest.lstrip()) else ''}"
    if match := _DECIDED.search(segment):
        return "", _until(segment[match.end() :])
    never, no = _NEVER.search(segment), _NO.search(segment)
    if never and (no is None or never.start() <= no.start()):
        rest = _until(segment[never.end() :])
        return _subject(segment[: never.start()]), rest
    if no:
        rest = _until(segment[no.end() :])
        lower = no.group().lower()
        subject = _subject(segment[: no.start()]) if lower in {"not", "nothing"} else ""
        return subject, rest
    return "", None


def meant(sentence: str, before: str) -> str:
    """Put what "it" or "they" stands for in its place, where a sentence or its last part begins
    with that: the subject of the sentence itself, or of the one `before`."""
    match = _PRONOUN.search(sentence) or _THEM.search(sentence)
    if match is None:
        return sentence
    told = _NOUNS.match(sentence[: match.start()]) or _NOUNS.match(before)
    if told is None:
        return sentence
    return f"{sentence[: match.start('it')]}{told['nouns']}{sentence[match.end('it') :]}"


_THEM: Final = re.compile(
    r"\b(?:never|not|don't|cannot|nobody|no one)\s\w{2,15}\s"
    r"(?:(?:on|in|to|from|with|into|for)\s)?(?P<it>it|them)\b",
    re.IGNORECASE,
)
_PRONOUN: Final = re.compile(
    r"(?:^|[,;]\s(?:and |but )?)(?P<it>it|they|these|those)(?=\s(?:is|are|must|may|can|should|"
    r"shall|never|do|does|will|cannot|stays?)\b)",
    re.IGNORECASE,
)
_NOUNS: Final = re.compile(
    r"(?:(?:the|our|all|every|each|any|an?)\s)?(?P<nouns>(?:[\w'-]{1,30}\s){0,3}?[\w'-]{1,30})\s"
    r"(?:is|are|was|were|has|have|must|may|can|should|will|does|"
    r"(?:do|go)(?:es)?|(?:come|live|stay|run|use|get|take|need|keep|make|hold|contain|follow|return|"
    r"read|write|speak|talk|belong|arrive|carry|show|see|leave)s?)\b",
    re.IGNORECASE,
)


def _until(rest: str) -> str:
    end = _ENDS.search(rest, 1)
    return rest[: end.start()] if end else rest


def _subject(before: str) -> str:
    """Return what stands before a "never" as its subject: not an earlier half of the sentence."""
    halves = re.split(r"[;:]\s|,\s|\bwhen\b|\bif\b", before)
    listed = all(len(half.split()) <= LISTED for half in halves)
    last = before if listed else halves[-1]
    if re.search(r"\b(?:and|but|or)\s*$", last):
        # "CI builds images but never …", "a number is given once and never …"
        nouns = _NOUNS.match(last)
        after_but = " ".join(last.split()[:2]) if last.lower().endswith("but ") else ""
        last = nouns["nouns"] if nouns and last.lower().endswith("and ") else after_but
    last = last.strip()
    return "" if last.lower() in {"we", "you", "i", "they", "please", "and", "but"} else last


def _alternatives(core: str, *, is_deed: bool = False) -> list[str]:
    """Split a list: "log names or tokens" is the verb with both; "age and sex be used as
    features" is both with what follows."""
    pieces = [piece.strip() for piece in _OR.split(core[:300])]
    listed = [piece for piece in pieces if piece]
    if len(listed) < 2:
        return listed
    first, last = listed[0], listed[-1]
    place = _PLACE.search(last, 1)
    shared = last[place.start() :] if place else ""
    lead = first.split()
    if len(lead) == 1 and is_action(concept(first)):  # "remove or renumber a field"
        shared = last.partition(" ")[2]
    verb = lead[0] if len(lead) > 1 and (is_deed or is_action(concept(lead[0]))) else ""
    within = [m.end() for m in _PLACE.finditer(first)]
    if within and place is None:  # a list of places: "calls in controllers or views"
        verb = first[: within[-1]]
    made = [f"{first} {shared}"]
    made += [f"{verb} {piece} {shared}" for piece in listed[1:-1]]
    return [*made, f"{verb} {last}"]


def quoted(text: str) -> str:
    """Quote a part of a statement for a reason: cut where it is long, without the "and" with which
    it goes on from another."""
    text = _JOINED.sub("", " ".join(text.split())).strip(" ,;:.-*")
    text = text if len(text) <= SHOWN else text[:SHOWN].rsplit(" ", 1)[0] + " …"
    return f"\u201c{text}\u201d"


_JOINED: Final = re.compile(r"^\W{0,4}(?:and|but|or|then)\s", re.IGNORECASE)
