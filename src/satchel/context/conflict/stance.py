"""What a text is for and what it is against: clauses with their side, their scope, their words.

English, by cues; a text in another language simply has no side. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from satchel.context.conflict.choices import Found, named, spelled
from satchel.context.terms import STOPWORDS, WORD, parts

READ: Final = 4_000  # characters of a text


class Side(IntEnum):
    """Whether something is taken up or turned away."""

    AGAINST = -1
    FOR = 1


class Force(IntEnum):
    """How binding a clause is."""

    SAID = 0  # told, described
    CHOSEN = 1  # decided, preferred, used
    BINDING = 2  # must, never


@dataclass(frozen=True, slots=True)
class Named:
    """An option that a clause names, and the side on which it stands."""

    found: Found
    side: Side
    past: bool  # told, and not asked for: "it was in the Podfile", "it doesn't take pandas"


@dataclass(frozen=True, slots=True)
class Spelled:
    """A name that a clause spells, in lower case, and the side on which it stands."""

    name: str
    side: Side


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause. `words` are the content words of its core: what is asked for, or turned away.

    `about` are the content words of the whole sentence; `where` the settings that it holds in
    (tests, production, …); `excepted` are the words of what it leaves out or permits.
    """

    text: str
    side: Side
    force: Force
    words: frozenset[str]
    about: frozenset[str]
    where: frozenset[str]
    excepted: frozenset[str]
    asks: bool
    options: tuple[Named, ...]
    names: tuple[Spelled, ...] = ()
    universal: bool = False  # it holds for all of something
    told: bool = False  # of what is so, in a request: it asks for nothing by itself


# A setting and the words that name it.
SETTINGS: Final = {
    "tests": "tests testing spec specs e2e fixture fixtures unittest tox",
    "production": "production prod live",
    "development": "development dev locally laptop",
    "documentation": "docs documentation readme doc guide glossary changelog",
    "ci": "ci workflow workflows",
    "notebooks": "notebook notebooks ipynb jupyter",
    "prototypes": "prototype prototypes throw-away throwaway spike poc experiment hackathon demo",
    "benchmarks": "benchmark benchmarks bench",
    "tools": "tool tools script scripts tooling",
    "examples": "example examples sample samples",
    "staging": "staging stage",
}
_SETTING_OF: Final = {word: name for name, words in SETTINGS.items() for word in words.split()}

# What turns away what follows it …
_AGAINST: Final = re.compile(
    r"\b(?:no longer|no more|no|not|never|without|avoid(?:ing)?|(?:do|does|did|must|should|can|may|"
    r"shall|will|would|is|are|need|has|have|could)(?:n't| not)|cannot|don't|dont|"
    r"instead of|rather than|in place of|get rid of|getting rid of|away from|"
    r"stop(?:ped|s)?(?: using)?|drop(?:ped|ping|s)?|remov(?:e|ed|es|ing)|delet(?:e|ed|es|ing)|"
    r"uninstall(?:ed)?|disabl(?:e|ed|ing)|turn(?:ed)? off|switch(?:ed)? off|skip(?:ped|ping)?|"
    r"ban(?:ned|s)?|forbid(?:den|s)?|prohibit(?:ed|s)?|reject(?:ed|s)?|"
    r"rul(?:e|ed|es|ing) out|turn(?:ed|s|ing) down|decided against|voted against|abandon(?:ed)?|"
    r"replac(?:e|ed|es|ing)|swap(?:ped|s|ping)?|deprecat(?:e|ed|es|ing)|retir(?:e|ed|ing)|refus(?:e|ed|es)|"
    r"g(?:a|i)ve(?:n)? up(?: on)?|(?:we|have|has) left|looked at|considered|evaluated|tried|"
    r"phas(?:e|ed|ing) out|"
    r"kill|rip out|strip|bypass|ditch|neither|nor|previously|formerly|used to use|except|"
    r"out of|keep(?:s)? out|free of|nobody|no one|none of|nothing)\b",
    re.IGNORECASE,
)
# … up to here, where the other side is named.
_TURN: Final = re.compile(
    r"\b(?:but|use|uses|using|instead|because|since|so|only|always|and (?:use|add|put|write|move|"
    r"switch|make|store|keep|have|let|just|do|call|set|create|go)|then|prefer|unless|until)\b"
    r"|[.;:!?](?=\s|$)|[—→]|\s-\s|->|"
    r",\s+(?:add|put|write|move|switch|make|store|keep|set|create|it|that|they|we|the|just|"
    r"please)\b",
    re.IGNORECASE,
)
# "remove an item, input parsed with zod", "is forbidden (ArchUnit)"
_MEANS: Final = re.compile(
    r",\s[^,;]{0,40}\b(?:with|via|by|through|using)\s(?:the |our |an? )?[`'\"]?$|"
    r"^\s?\([`'\"]?$|\b(?:\w{2,20}ed|forbidden|out|gone)\s\([`'\"]?$",
    re.IGNORECASE,
)
# What turns away what stands before it.
_AFTER: Final = re.compile(
    r"^[`'\")]{0,2}(?:'s\b)?(?: [\w/-]+){0,5}? (?:is|are|was|were|stays?|remains?|be|been|"
    r"has been|have been|got|gets) (?:\w+ ){0,2}?"
    r"(?:forbidden|banned|out|gone|not|no|never|removed|rejected|deprecated|prohibited|deleted|"
    r"dropped|retired|replaced|disallowed|off|over|obsolete|history|dead|given up|abandoned|"
    r"ruled out|unsupported|off[- ]limits|discouraged|a mistake|refused|shut down|switched off|"
    r"turned (?:off|down)|passed over|taken (?:out|down|away)|pulled|withdrawn|discontinued|"
    r"scrapped|uninstalled|cut|"
    r"ended|excluded|stopped|cancel?led|torn out|denied|switched away|decommissioned|sunset|"
    r"thrown out|phased out|overkill|too \w+|not worth|considered|evaluated|tried|closed|"
    r"not maintained|unmaintained|only maintained|legacy|frozen|in maintenance mode)\b"
    r"|^[`'\")]{0,2}(?: [\w/-]+){0,3}? gets? no\b|^[`'\")]{0,2}(?: \w+)? (?:(?:says?|tells?|"
    r"proves?|shows?) (?:us )?nothing|mislead(?:s|ing)?|ended|expired|lapsed|ran out|made|caused|"
    r"failed|broke|lost|were too|was too|is too|"
    r"are too|cannot|can't|could not|couldn't|did not|didn't|does not|doesn't|do not|don't|won't|"
    r"must not|should not|may not|mustn't|shouldn't|will not|never|no longer)\b"
    r"|^[`'\")]{0,2}(?: [\w:/.-]+){0,5}? (?:can|may|must|should|has to|have to) go\b",
    re.IGNORECASE,
)
_PAIR_LEFT: Final = re.compile(  # X [over|instead of|rather than|, not] Y: Y is turned away
    r"(?:\binstead of|\brather than|\bin place of|\bas opposed to|,? (?:and )?not|\bover|\bfrom)\s*"
    r"(?:the |a |an |our |any |using |just |plain )*$",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(r"(?:with|in|to|via|on|using|use)\s+", re.IGNORECASE)
_FAVOURED: Final = re.compile(
    r"\bin favou?r of\s+(?:the |a |an |our )?$|\b(?:never|not) leaves?\s[^,;]{0,20}$", re.IGNORECASE
)
_OPPOSED: Final = re.compile(
    r"\b(?:and|but|decided|decide|voted|are|is|we're|ruled|speaks|chose) against\s+"
    r"(?:the |a |an |using )?$",
    re.IGNORECASE,
)
_OVER: Final = re.compile(r"\b(?:prefer|favou?r|chose|choose|picked|pick|preferred)\b", re.I)
_FROM: Final = re.compile(r"\b(?:from)\s*(?:the |our |a )*$", re.IGNORECASE)
_LEAVES: Final = re.compile(
    r"\b(?:switch|migrat|mov|convert|port|go|going|chang|upgrad|transition)\w*\b", re.IGNORECASE
)
_TO_AFTER: Final = re.compile(r"^.{0,60}?(?:\bto\b|->|→|\binto\b)", re.IGNORECASE)
_REPLACED: Final = re.compile(r"\breplac(?:e|ed|es|ing)\b|\bswap(?:ped|s)?(?: out)?\b", re.I)
_BY: Final = re.compile(r"\b(?:with|by|for)\b", re.IGNORECASE)
_PAST: Final = re.compile(
    r"\b(?:was|were|had|used to be|came)\s+(?:\w+\s+){0,3}$|"
    r"(?<!whether )(?<!if )\b(?:there's|there is) (?:still )?"
    r"|\b(?:old|existing|legacy|remaining|former)\s+$"
    r"|\b(?:remov|delet|drop|strip|purg|clean|tak)\w{0,4}\s(?:[\w'-]+\s){1,5}from\s+"
    r"(?:the |our )?[`'\"]?$",
    re.IGNORECASE,
)
_TOLD: Final = re.compile(
    r"\b(?:it|they|he|she|that|which|who|this|there|library|tool|browser|customer|vendor|"
    r"driver)s?\s"
    r"(?:\w+ly\s)?(?:doesn't|don't|does not|do not|can't|cannot|won't|didn't|couldn't|never|"
    r"lacks?)\s"
    r"(?:\w+\s){1,3}$|\b(?:it|they|we|page|guide|readme|docs) still (?:\w+\s){1,2}$|"
    r"(?<!what )(?<!how )\babout\s(?:the )?$",
    re.IGNORECASE,
)
_OF_ANOTHER: Final = re.compile(r"\b(?!(?:Let|It|That|There|What|Here|He|She|Who)\b)[A-Z]\w+'s\s$")
_NOTHING: Final = re.compile(
    r"\b(?:no|not|never|nothing|nobody|none|cannot|can't|don't|mustn't|isn't|aren't)\b",
    re.IGNORECASE,
)
_AGREES_TO_LOSE: Final = re.compile(r"\b(?:is|was|are|were) replaced (?:by|with)\b", re.I)

_BINDING: Final = re.compile(
    r"\b(?:must|never|always|forbidden|banned|required?|requires|mandatory|shall|"
    r"(?:do|may|can|must|should)(?:n't| not)|cannot|don't|not allowed|no exceptions?|only|"
    r"every|each|all|any|no|stays?|keep|has to|have to|needs? to|at (?:most|least)|pinned|"
    r"immutable|ensure|make sure)\b",
    re.IGNORECASE,
)
_CHOSEN: Final = re.compile(
    r"\b(?:use[sd]?|using|chose[n]?|decided|prefer(?:red|s)?|adopt(?:ed)?|standardi[sz]ed?|"
    r"settled|go(?:es)? (?:with|through)|switched|moved|migrated|written in|live[s]? in|"
    r"store[ds]? in|run[s]? on|built (?:on|with)|picked|selected|via|through|is|are|in)\b",
    re.IGNORECASE,
)
_PERMITS: Final = re.compile(
    r"\b(?P<after>except(?:ion|ions|ing)?(?: for| of)?|apart from|other than|remains? for|"
    r"only (?:in|at|for|inside|within)|in|for|inside)\b"
    r"(?P<place>[^,;]{3,80}?)(?:\b(?:alone|only|do as you like|is fine|are fine|it is fine|"
    r"up to you|may|exempt|excluded)\b|$)|^(?P<who>[^,;]{3,60}?)\b(?:may do|may use|may|are exempt|"
    r"is exempt|do what they want|(?:is|are) the (?:one|only|sole) exceptions?)\b",
    re.IGNORECASE,
)
_EXCEPTION: Final = re.compile(
    r"\b(?:except\w*|apart from|other than|remains? for|only (?:in|at|for|inside|within)|alone|"
    r"do as you like|fine|up to you|may|exempt|excluded|do what they want|"
    r"exceptions?)\b|\bonly\W*$",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"^\W*(?:why|what|which|who|(?:when|where) (?:do|does|did|is|are|was|were|will|should|can|has|"
    r"have)|how (?:come|many|much|long|does|do|is|are|did|was)|"
    r"remind me|explain|is there|are there|was there|were there|does|did|is|are|was|were|has|have|"
    r"do we|tell me|someone asks?|whats|what's|show me)\b",
    re.IGNORECASE,
)
_EVERY: Final = re.compile(
    r"\b(?:all|every)\s+[\w-]+(?:\s+[\w-]+)?\b(?!\s+(?:that|which|who|with|of)\b)|"
    r"\beverything\b",
    re.IGNORECASE,
)
_PROPOSES: Final = re.compile(
    r"\b(?:can|could|would) you\b|\b(?:should|could|can|may|shall) (?:we|i)\b|\bhow about\b|"
    r"\bwhat about\b|\blet'?s\b|\bwhy (?:don't|not)\b|\bwhat if\b|\bwould it\b|\bplease\b|"
    r"\bi want\b",
    re.IGNORECASE,
)
# A full stop ends a sentence only before white space: not in "v1.2", "package.json".
_SENTENCE: Final = re.compile(
    r"(?<=[.!?])\s+(?=\S)|\n+|;\s+|\s[\u2013\u2014]\s|(?<=[a-z)]):\s+(?=\S)|,\s+(?:and|"
    r"but)\s+(?!never|not\b)(?=\S+\s\S+\s\S)"
)
_RUNS_ON: Final = re.compile(
    r"(?:and\s|or\s)?(?:why|what about|how about|which|what)\b", re.IGNORECASE
)
_BULLET: Final = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+")
# A heading that its items carry: "Don't: default exports" is one thing that is turned away.
_LABEL: Final = re.compile(r"\b(don't|do not|never|avoid)s?\s{0,2}:\s{1,2}", re.IGNORECASE)
_CODE: Final = re.compile(r"```.{0,2000}?```", re.DOTALL)
_NEUTRAL: Final = frozenset(
    [
        "use",
        "using",
        "used",
        "uses",
        "new",
        "add",
        "added",
        "adding",
        "set",
        "run",
        "running",
        "move",
        "moved",
        "moving",
        "change",
        "changed",
        "write",
        "written",
        "put",
        "keep",
        "keeps",
        "kept",
        "old",
        "thing",
        "things",
        "way",
        "one",
        "two",
        "need",
        "needs",
        "want",
        "work",
        "works",
        "file",
        "files",
        "code",
        "repo",
        "project",
        "make",
        "makes",
        "switch",
        "also",
        "still",
        "already",
        "never",
        "always",
        "must",
        "should",
        "only",
        "not",
        "no",
        "without",
        "instead",
        "rather",
        "avoid",
        "any",
        "every",
        "each",
        "all",
        "next",
        "here",
        "later",
        "today",
        "now",
        "please",
        "current",
        "dont",
        "do",
        "done",
        "drop",
        "remove",
        "removed",
        "replace",
        "replaced",
        "delete",
        "stop",
        "store",
        "stored",
        "live",
        "lives",
    ]
)


@lru_cache(maxsize=4_096)
def clauses(text: str) -> tuple[Clause, ...]:
    """Split a text into clauses and take each one's side. Reads the first READ characters."""
    kept = _LABEL.sub(r"\1 ", _CODE.sub(" ", text[:READ]))
    kept = _QUOTED.sub(lambda match: match.group().replace(" ", _BLANK), kept)
    found: list[Clause] = []
    for line in kept.split("\n"):
        asked = False
        for part in _SENTENCE.split(line):
            sentence = _BULLET.sub("", part).strip().replace(_BLANK, " ")
            if not sentence:
                continue
            clause = _clause(sentence)
            if asked and sentence.endswith("?") and _RUNS_ON.match(sentence):
                clause = replace(clause, asks=True)  # "which one do we use, and why not the other?"
            found.append(clause)
            asked = clause.asks
    return tuple(found)


def content(text: str) -> frozenset[str]:
    """Return the content words of a text, roughly stemmed, with the parts of identifiers."""
    return _NONE.union(*map(_content, set(WORD.findall(text))))


_NONE: Final[frozenset[str]] = frozenset()


@lru_cache(maxsize=20_000)
def _content(word: str) -> tuple[str, ...]:
    """Return the content words of one: its parts, where it is an identifier."""
    return tuple(
        stem(part)
        for part in parts(word)
        if part not in STOPWORDS and part not in _NEUTRAL and (len(part) > 1)
    )


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Cut the commonest English endings: enough to compare two short texts."""
    if len(word) > 5 and word.endswith("er") and word[-3] == word[-4]:
        return word[:-3]  # logger, runner
    for ending, least in (
        ("ies", 3),
        ("ied", 3),
        ("ing", 4),
        ("ed", 4),
        ("es", 4),
        ("s", 3),
        ("ly", 4),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            cut = word[: -len(ending)]
            if ending in {"ies", "ied"}:
                return cut + "y"
            if ending in {"ing", "ed"} and len(cut) > 3 and cut[-1] == cut[-2]:
                return cut[:-1]
            return cut[:-1] if ending in {"ing", "ed", "es"} and cut.endswith("e") else cut
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def proposes(text: str) -> bool:
    """Tell whether a text puts something forward in so many words: "could we …", "let's …"."""
    return _PROPOSES.search(text) is not None


def settings(text: str) -> frozenset[str]:
    """Return the settings that a text names: tests, production, notebooks, …"""
    lowered = (word.lower() for word in re.findall(r"[\w-]+", text))
    return frozenset(_SETTING_OF[word] for word in lowered if word in _SETTING_OF)


def is_told(before: str) -> bool:
    """Tell whether what follows these words is said of something that is so, and not asked for:
    "it doesn't take …"."""
    return (_TOLD.search(before) or _OF_ANOTHER.search(before)) is not None


def is_past(before: str) -> bool:
    """Tell whether what follows these words is told of the past: "it was in the …"."""
    return _PAST.search(before) is not None


def is_condition(before: str) -> bool:
    """Tell whether what follows these words is but a condition: "once … is set"."""
    return _WHERE.search(before) is not None


_WHERE: Final = re.compile(
    r"\b(?:where|if|when|once|while|unless|until)\s(?:\w+\s){0,2}$", re.IGNORECASE
)


def is_mere(text: str, start: int, end: int) -> bool:
    """Tell whether what stands at these characters is but mentioned, and not asked for."""
    before = text[:start]
    return is_past(before) or is_told(before) or is_left(before, text[end:])


def side_at(sentence: str, start: int, end: int) -> Side:
    """Take the side of what stands at these characters of a sentence."""
    # A name may be spelled with the word before it ("with Biome"): that word tells the side.
    lead = _LEAD.match(sentence, start, end)
    before, after = sentence[: lead.end() if lead else start], sentence[end:]
    if _FAVOURED.search(before):
        return Side.FOR
    if _OPPOSED.search(before):
        return Side.AGAINST
    if _PAIR_LEFT.search(before):
        if re.search(r"\bover\s*(?:\w+ )?$", before, re.I) and not _OVER.search(before):
            return Side.FOR
        if _FROM.search(before) and not (_LEAVES.search(before) and _TO_AFTER.search(after)):
            return Side.FOR
        return Side.AGAINST
    if _AGREES_TO_LOSE.search(after[:40]) or _AFTER.search(after[:60]):
        return Side.AGAINST
    cues = list(_AGAINST.finditer(before))
    if not cues:
        return Side.FOR
    last = cues[-1]
    # "do not use X" turns X away: the verb that follows at once is what is turned.
    between = re.sub(r"^\s+us(?:e|es|ing)\b", "", before[last.end() :], flags=re.IGNORECASE)
    if _REPLACED.match(last.group()):
        return Side.FOR if _BY.search(between) else Side.AGAINST
    if last.group().lower() == "out of" and not re.search(
        r"\b(?:is|are|keep|keeps|stay)\b", before
    ):
        return Side.FOR
    negations = 1
    earlier = before[: last.start()]
    if last.group().lower() == "without" and _NOTHING.search(earlier):
        return Side.FOR  # "nothing is merged without a review" wants the review
    if re.search(r"\b(?:don't|do not|never|not|no)\s+(?:\w+\s+)?$", earlier, re.I) and (
        last.group().lower() not in {"no", "not", "never", "without"}
    ):
        negations += 1  # "never remove X" keeps X
    if len(between) > 80 or _TURN.search(between) or _MEANS.search(between):
        return Side.FOR
    return Side.AGAINST if negations % 2 else Side.FOR


def _clause(sentence: str) -> Clause:
    options = tuple(
        Named(
            found,
            side,
            is_mere(sentence, found.start, found.end)
            or _ANOTHER.match(sentence, found.end) is not None,
        )
        for found, is_sign in (
            *((found, False) for found in named(sentence)),
            *((found, True) for found in spelled(sentence)),
        )
        # To take out a file or a call is not to give up what it belongs to.
        if (side := side_at(sentence, found.start, found.end)) is Side.FOR
        or not (is_sign or _VERSION.match(sentence, found.end))
    )
    cue = _AGAINST.search(sentence)
    side = Side.FOR
    words = about = content(sentence)
    if cue is not None:
        end = _TURN.search(sentence, cue.end())
        rest = sentence[cue.end() : end.start() if end else len(sentence)]
        if left := content(rest):
            side, words = Side.AGAINST, left
        elif cue.start():
            side, words = Side.AGAINST, content(sentence[: cue.start()])
    force = Force.SAID
    if _BINDING.search(sentence):
        force = Force.BINDING
    elif _CHOSEN.search(sentence):
        force = Force.CHOSEN
    return Clause(
        text=sentence,
        side=side,
        force=force,
        words=words,
        about=about,
        where=settings(sentence),
        excepted=_excepted(sentence) if cue is None else frozenset(),
        asks=asks(sentence),
        options=options,
        names=tuple(
            Spelled(match.group().lower(), side_at(sentence, *match.span()))
            for match in _names(sentence)
            if not _VERSION.match(sentence, match.end())
        ),
        universal=side is Side.FOR and _EVERY.search(sentence) is not None,
    )


def with_told(parts: Sequence[Clause]) -> tuple[Clause, ...]:
    """Mark the clauses of a request that only tell what is so: what breaks, and what the next
    clause gives up ("it is still on Moment. Replace it by …")."""
    split = [clause for part in parts for clause in _split(part)]
    following = (*(part.text for part in split[1:]), "")
    return tuple(
        replace(part, told=True) if _tells(part.text, after) else part
        for part, after in zip(split, following, strict=False)
    )


def _tells(text: str, after: str) -> bool:
    """Tell whether a clause only says what is so; `after` is the text of the next one."""
    if _STUDIES.match(text) or _SAYS.match(text):
        return True
    said = _BREAKS.search(text) or (_STATE.search(text) and _GIVES_UP.match(after))
    return bool(said) and not _WISH.search(text)


def _split(part: Clause) -> tuple[Clause, ...]:
    """Part what is told from what is asked for: "it panics on empty input, return an error"."""
    if condition := _WHENEVER.match(part.text):
        at = condition.end()
        return replace(_clause(part.text[:at].rstrip(", ")), told=True), _clause(part.text[at:])
    for match in _THEN_ASKS.finditer(part.text):
        told, asked = part.text[: match.start()], part.text[match.end() :]
        if not _WISH.search(told) and (
            _BREAKS.search(told) or _SAYS.match(told) or _GIVES_UP.match(asked)
        ):
            return _clause(told), _clause(asked)
    return (part,)


_ASKED: Final = (
    "add|use|put|make|set|write|move|switch|store|keep|create|build|run|send|drop|remove|allow|"
    "change|replace|rewrite|give|take|do|turn|have|get|bring|start|stop|bump|raise|lower|increase|"
    "reduce|extend|swap|skip|disable|enable|delete|ignore|try|install|adopt|go|return|catch|mark|"
    "fix|find|handle|migrate|port|convert|throw|rip|instead"
)
_WHENEVER: Final = re.compile(
    r"(?:when|whenever|if|once|as soon as|after|while)\s[^,.;:]{3,90},\s(?:then |just |please )?"
    r"(?=[\w`])",
    re.IGNORECASE,
)
_STUDIES: Final = re.compile(
    r"\W*(?:please )?(?:compare|explain|summari[sz]e|investigate|look into|find out|figure out|"
    r"estimate|describe|research|analy[sz]e|evaluate)\b",
    re.IGNORECASE,
)
_THEN_ASKS: Final = re.compile(
    rf",\s(?:so |then |and |please |just |simply )*(?=(?:{_ASKED})\b)", re.IGNORECASE
)
_WISH: Final = re.compile(
    r"\b(?:should|shall|must|want|wants|wish|let|let's|please|needs?|could|can we|would|so that|"
    rf"going to|plan|i'd|we'll|i'll)\b|^\W*(?:and |then |so )?(?:{_ASKED})\b|"
    rf",\s(?:so |then |and |just |simply )*(?:{_ASKED})\b",
    re.IGNORECASE,
)
_BREAKS: Final = re.compile(
    r"^[^,]{2,80}?\s(?:fails|crashes|panics|hangs|drops|loses|breaks|stops|throws|leaks|"
    r"freezes|times out|"
    r"stopped|crashed|hung|broke|lost|doesn't|does not|didn't|isn't|is (?:broken|wrong|flaky)|"
    r"are (?:broken|wrong|flaky))\b",
    re.IGNORECASE,
)
_SAYS: Final = re.compile(r"^[^,]{2,40}?\s(?:says|said|complains|claims)\b", re.IGNORECASE)
_STATE: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|still|turns? out|lives?|sits?|comes?|uses?)\b", re.I
)
_GIVES_UP: Final = re.compile(
    r"\W*(?:please |so |then |let's |just |can you )*(?:replace|rewrite|move|migrate|port|remove|"
    r"drop|delete|swap|convert|get rid of|take|rip|throw)\s(?:it|this|that|them|those|these|both)"
    r"\b",
    re.IGNORECASE,
)


def without_code(sentence: str) -> str:
    """Leave out what is quoted as code: `except Exception` makes no exception."""
    return _QUOTED.sub(" ", sentence)


_QUOTED: Final = re.compile(r"`[^`\n]{0,120}`")
_BLANK: Final = "\ue000"  # stands for a blank inside of code while a text is split


# "drop Python 3.7" turns that version away, and no Python.
_VERSION: Final = re.compile(r"[`'\"]?\s(?:versions?\s|v)?\d{1,4}\b(?!-)")


def is_left(before: str, after: str) -> bool:
    """Tell whether something is moved out of what stands here: "export the … pages to Markdown"."""
    return bool(_MOVES.search(before) and _TO.match(after))


_MOVES: Final = re.compile(
    r"\b(?:export|port|migrate|convert|move|translate|copy|rewrite|turn|import)\s(?:[\w-]+\s){0,3}$",
    re.IGNORECASE,
)
_TO: Final = re.compile(r"^[^.;,]{0,40}?\s(?:to|into|as)\s", re.IGNORECASE)
# What belongs to the one who makes a thing: "the npm registry" is no npm.
_ANOTHER: Final = re.compile(
    r"[`'\"]?\s(?:registry|website|docs|documentation|tickets?|issues?|bugs?|"
    r"dumps?|exports?|logos?|blog|conference|articles?|invoices?|customers?|marketplace)\b"
)


def _excepted(sentence: str) -> frozenset[str]:
    """Return the words of the place that a clause makes an exception for."""
    sentence = without_code(sentence)
    if _EXCEPTION.search(sentence) is None:
        return frozenset()
    for match in _PERMITS.finditer(sentence):
        if found := content(match["place"] or match["who"] or ""):
            return found
    return frozenset()


def shapes(text: str) -> frozenset[str]:
    """Return how the identifiers of a text are written: "snake_case", "camelCase", …"""
    found = set()
    for word in re.findall(r"[A-Za-z][\w-]*", text):
        for shape, pattern in _SHAPES.items():
            if pattern.fullmatch(word):
                found.add(shape)
    return frozenset(found)


_SHAPES: Final = {
    "snake_case": re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+"),
    "camelCase": re.compile(r"[a-z][a-z0-9]*(?:[A-Z][a-z0-9]+)+"),
    "PascalCase": re.compile(r"(?:[A-Z][a-z0-9]+){2,}"),
}


def _names(sentence: str) -> Iterator[re.Match[str]]:
    """Find what is written as a name: with a capital or a sign inside, or as the first word where
    that is no common one."""
    for match in _NAME.finditer(sentence):
        word = match.group()
        if word.islower() and word.isalpha():  # most words are: neither capital nor sign
            continue
        if word.lower() in STOPWORDS or len(word) < 3 or _COUNT.search(sentence[: match.start()]):
            continue
        odd = any(c.isupper() for c in word[1:]) or any(c in "./_-+#" for c in word[1:])
        first = not sentence[: match.start()].strip(" `'\"(")
        if (
            (odd and not word.islower())
            or any(c in "/_." for c in word[1:])
            or (word[0].isupper() and (not first or stem(word.lower()) not in common()))
        ):
            yield match


@cache
def common() -> frozenset[str]:
    """Return the stems of the words that are common in technical English."""
    text = (
        resources.files("satchel.context.conflict")
        .joinpath("common.txt")
        .read_text(encoding="utf-8")
    )
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(stem(word) for line in lines for word in line.split())


_COUNT: Final = re.compile(r"\d\s?$")  # what follows is a unit
_NAME: Final = re.compile(r"[A-Za-z][\w+#]*(?:[./-][\w+#]+)*")


def asks(sentence: str) -> bool:
    """Tell a question about what is from a request, however that is put."""
    if _PROPOSES.search(sentence):
        return False
    return sentence.rstrip().endswith("?") or _ASKS.search(sentence) is not None
