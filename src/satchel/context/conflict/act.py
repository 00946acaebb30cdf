"""Whether a sentence asks for what it names, or speaks of it for another reason. Pure.

"Cache it in Redis" takes Redis up; "the Redis box on the dashboard is too small", "a tool that
reads the Redis dumps" and "compare us with Redis" do not. English, by the verb that governs the
name: one with which people begin a request, and nothing after it that opens another thought.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# What one does with a thing in order to have it, or in order to do something with it.
_VERBS: Final = frozenset(
    """
    accept activate add adopt alert allocate allow amend animate annotate announce append apply
    archive ask assemble assign assume attach author base begin bind bold book boot bring build
    bump bundle cache calculate call cap cast change charge choose classify code collect commit
    compile compress compute configure connect convert copy crawl create cut declare decorate
    decrease define delegate deliver depend deploy derive design develop dispatch display
    distribute do double downgrade download draft draw drive embed emit enable encode encrypt
    enforce enqueue exceed execute expect export expose extend fake fall feed fetch fill find
    fine-tune fork format forward gate generate geocode get give go grow halve handle hash have
    hold hook host implement import include increase indent index inherit initialise initialize
    inject inline insert install integrate introduce invoke issue keep kick label launch lay
    leave let limit link lint load locate lock log lower make manage map mark materialise
    materialize measure memoise memoize merge migrate minify mint mirror mock model mount move
    offer open order override package paginate paint parse partition pass perform persist pick
    pin place plot point poll port post prefer present print process produce propagate protect
    provide provision publish pull purge push put quantise quantize query queue raise read
    rebase rebuild record reduce refactor reformat register relax release remember remind rename
    render repeat replace replicate report request require rescue reserve resize resolve restore
    resurrect retry return revert revive rewrite roll round route run save scaffold scale
    schedule scrape script search secure select sell send serialise serialize serve set share
    shift ship shorten show sign sort spawn spin split squash stage stand start stay stick store
    stream stretch stub style submit summarise summarize supply support swap switch sync tag
    take target test throw tighten track train transfer transform translate transport trigger
    try tunnel turn type update upgrade upload use validate verify wait walk widen wire wrap write
    """.split()  # noqa: SIM905
)
# What stands before a verb that asks; elsewhere the same word is a noun: "two open disputes".
_BEFORE: Final = frozenset(
    """
    , ; ( and or then to please just let let's lets me us we i you it them should can could will
    would simply also now instead so quickly better maybe not i'd i'll i'm we'd we'll we're
    """.split()  # noqa: SIM905
)
# What asks wherever it stands.
_ALWAYS: Final = frozenset(
    """
    using moving switching adding migrating going building new via replaced rather want need like
    """.split()  # noqa: SIM905
)
# What opens another thought: of whom, of what it is said, with what it is compared.
_BREAKS: Final = frozenset(
    """
    who whose which because since whether why how what unlike than compare compared about is are
    was were has had left ; :
    """.split()  # noqa: SIM905
)
_WORD: Final = re.compile(r"[^\W_][\w'-]*|[,(]|[;:](?=\s)")
# A name at the beginning is asked for ("npm install left-pad", "overwrite the old one") unless it
# is the subject of what is told, or part of a longer name.
_SUBJECT: Final = re.compile(
    r"\W?\s(?:\d[\w.]{0,8}:\s|[A-Z][a-z]|(?:[\w-]+\s){0,5}?(?:is|are|was|were|has|had|have|left|does|did)\s|"
    r"(?:(?:still|only|already|always)\s)?[a-z]{2,}s\s(?:the|a|an|its|our|their|to|that|us|me)\s)"
)
_LEAD: Final = re.compile(
    r"\W*(?:(?:please|just|then|so|ok|now|also|first|and|or|but|let's|plan|maybe|simply|it|s|a|an|"
    r"the)\W+){0,4}",
    re.IGNORECASE,
)
# A verb that is in no list, told by what stands after it: "scan the maps".
_IMPERATIVE: Final = re.compile(
    r"\W{0,4}(?:(?:please|just|then|now)\s)?(?!(?:when|if|while|since|because|as|after|before|until|"
    r"for|in|on|at|to|with|from|by|of|and|but|or|so|is|are|was|does|did|do|has|have|what|why|who|"
    r"how|which|that|this|not|only|all|both|even|like|unlike|than|over|under|about|once|per|via|"
    r"check|fix|explain|list|compare|investigate|debug|find|see|review|describe|measure|document|"
    r"count|look|report|warn|log|test)\b)"
    r"[a-z]{3,14}\s(?:the|an?|our|all|each|every|both|these|those|its|their|my|any|some|up|down|out|"
    r"off|away|back)\s",
    re.IGNORECASE,
)
_FOR_WHAT: Final = re.compile(
    r"(?:on|for|in|at|during|from|after|until)\s(?:[\w'-]+\s){1,5}?"
    r"(?=(?:let|allow|accept|use|put|keep|make|give|send|take|write|charge|add|set|show|hold|open)\s)",
    re.IGNORECASE,
)
# What is told of a thing that is not there yet.
_MADE: Final = re.compile(
    r"\b(?:an?|one|another)\s(?:[\w-]+\s){1,3}(?:that|which|who)\s", re.IGNORECASE
)


# What is brought up to date is there already: that takes nothing up.
_KEEPS_UP: Final = re.compile(
    r"\b(?:updat|upgrad|bump|downgrad|pinn?)(?:e|es|ed|ing|s)?\s"
    r"(?:(?!to\b|with\b|in\b|for\b|and\b|so\b)[\w'-]{1,30}\s){0,3}[`'\"]?$",
    re.IGNORECASE,
)
_BY_MEANS: Final = re.compile(r"(?:with|in|to|via|on|using|use|by)\s", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def is_asked_for(
    text: str, start: int, end: int, *, is_item: bool = False, is_done: bool = False
) -> bool:
    """Tell whether what stands at these characters of a clause is what the clause asks for; an
    item of a plan needs no verb for it. What is to be made does what is told of it ("a job that
    deletes …"), where it `is_done` and no mere name."""
    if not is_done and _KEEPS_UP.search(text[:start]) and not _BY_MEANS.match(text, start):
        return False
    before = _MADE.sub(" ", text[:start]) if is_done else text[:start]
    if opens := _FOR_WHAT.match(before):  # "on Sundays charge …"
        before = before[opens.end() :]
    if _LEAD.fullmatch(before, before.rfind(", ") + 1):
        return _SUBJECT.match(text, end) is None
    if is_item:
        return True
    asks, last = is_done and is_imperative(before), ","
    for word in _WORD.findall(before.lower()):
        # "The rows that …" opens a thought, "make that bucket …" does not.
        if word in _BREAKS or (word == "that" and last not in _VERBS):
            asks = False
        elif word in _ALWAYS or (word in _VERBS and last in _BEFORE):
            asks = True
        last = word
    return asks


def is_verb(word: str) -> bool:
    """Tell whether a word is a verb with which people begin a request."""
    return word.lower() in _VERBS


def is_imperative(text: str) -> bool:
    """Tell whether a text begins with a verb that asks, by what stands after it."""
    return _IMPERATIVE.match(text) is not None
