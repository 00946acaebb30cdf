"""On which side of a sentence something stands, by the words around it. Pure.

English, by cues. A name may also be but mentioned: told of the past, of another's, as a condition.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final


class Side(IntEnum):
    """Whether something is taken up or turned away."""

    AGAINST = -1
    FOR = 1


# What turns away what follows it …
AGAINST: Final = re.compile(
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
TURN: Final = re.compile(
    r"\b(?:but|use|uses|using|instead|because|since|so|only|always|and (?:use|add|put|write|move|"
    r"switch|make|store|keep|have|let|just|do|call|set|create|go)|then|prefer|unless|until|after)\b"
    r"|[.;:!?](?=\s|$)|[—→]|\s-\s|->|"
    r",\s+(?:add|put|write|move|switch|make|store|keep|set|create|its?|that|they|we|the|just|"
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
    r"^[`'\")]{0,2}(?:'s\b)?(?: (?!(?:when|if|once|until|that|so|as)\b)[\w/-]+){0,5}? "
    r"(?:is|are|was|were|stays?|remains?|be|been|"
    r"has been|have been|got|gets) (?:(?:(?:\w+ly|now|also|still|just|yet) )?(?:not|no|never)\b|"
    r"(?:\w+ ){0,2}?"
    r"(?:forbidden|banned|out|gone|removed|rejected|deprecated|prohibited|deleted|"
    r"dropped|retired|replaced|disallowed|off|over|obsolete|history|dead|given up|abandoned|"
    r"ruled out|unsupported|off[- ]limits|discouraged|a mistake|refused|shut down|terminated|"
    r"switched off|"
    r"turned (?:off|down)|passed over|taken (?:out|down|away)|pulled|withdrawn|discontinued|"
    r"scrapped|uninstalled|cut|"
    r"ended|excluded|stopped|cancel?led|torn out|denied|switched away|decommissioned|sunset|"
    r"thrown out|phased out|overkill|being (?:ported|rewritten|replaced|retired|removed|"
    r"dropped|phased out|migrated|moved)|too \w+|more than|not worth|(?:the )?runner-up|"
    r"second choice|considered|evaluated|tried|closed|"
    r"not maintained|unmaintained|only maintained|legacy|frozen|in maintenance mode))\b"
    r"|^[`'\")]{0,2}(?: [\w/-]+){0,3}? gets? no\b|^[`'\")]{0,2}(?: \w+)? (?:(?:says?|tells?|"
    r"proves?|shows?) (?:us )?nothing|mislead(?:s|ing)?|ended|expired|lapsed|ran out|made|caused|"
    r"\w+ too (?:many|much|few|little|often|long|slow|late|big|large|heavy)|"
    r"failed|broke|lost|were too|was too|is too|"
    r"are too|(?:cannot|can't|could not|couldn't|did not|didn't|won't)(?! \w+ (?-i:[`'\"A-Z@]))|"
    # "Prisma does not generate foreign keys" tells what it does; "… does not fit us" is a verdict.
    r"(?:does not|doesn't|do not|don't) (?:fit|suit|scale|work|pay|help|belong|perform)\b|"
    r"(?:does not|doesn't|do not|don't)(?! \w+ (?:(?:the|an?|any|our|its)\b|(?-i:[`'\"A-Z@])))|"
    r"(?:must not|should not|may not|mustn't|shouldn't|will not|never)(?= (?:be "
    r"(?!drop|chang|break|decreas|los|remov|delet)|appear|return|come|enter|exist|run|go|ship|reach|"
    r"get|leave|touch|see|\w{3,12}ed\b|an?\b|in\b|on\b|for\b|as\b|at\b)|\W*$)|no longer)(?!\w)"
    r"|^[`'\")]{0,2}(?: [\w:/.-]+){0,5}? (?:can|may|must|should|has to|have to) go\b"
    r"|^[`'\")]{0,2} nowhere\b",
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
_TAKES: Final = re.compile(
    r"\b(?:tak|turn|switch|throw|leav|rip|strip)(?:p?ing|es?)?\s(?:(?:the|our|all|any|last)\s){0,2}"
    r"[`'\"]?$",
    re.IGNORECASE,
)
_OUT: Final = re.compile(r"[`'\"]?(?:\s[\w-]+){0,4}?\s(?:out|off|away)\b")
_OVER: Final = re.compile(r"\b(?:prefer|favou?r|chose|choose|picked|pick|preferred)\b", re.I)
_FROM: Final = re.compile(r"\b(?:from)\s*(?:the |our |a )*$", re.IGNORECASE)
_LEAVES: Final = re.compile(
    r"\b(?:switch|migrat|mov|convert|port|renam|go|going|chang|upgrad|transition)\w*\b",
    re.IGNORECASE,
)
_TO_AFTER: Final = re.compile(r"^.{0,60}?(?:\bto\b|->|→|\binto\b)", re.IGNORECASE)
_TO_BEFORE: Final = re.compile(r"\bto\s(?:[\w.-]+\s){1,3}from\s[^,;]{0,12}$", re.IGNORECASE)
_IF: Final = re.compile(
    r"(?:^\W{0,3}|[:;]\s)(?:if|when|once|while|whenever)\s[^,]{0,80}$", re.IGNORECASE
)
_LEAVES_BE: Final = re.compile(
    r"\s(?:change|upgrade|downgrade|bump|modify|edit|touch|rename|break|alter)\s", re.IGNORECASE
)
_IN_ORDER_TO: Final = re.compile(r"`\sto\s[a-z]")
_OUTSIDE: Final = re.compile(r"\boutside(?: of)?\s(?:the |our |an? )?[`'\"]?$", re.IGNORECASE)
_REPLACED: Final = re.compile(r"\breplac(?:e|ed|es|ing)\b|\bswap(?:ped|s)?(?: out)?\b", re.I)
_BY: Final = re.compile(r"\b(?:with|by|for)\b", re.IGNORECASE)
NOTHING: Final = re.compile(
    r"\b(?:no|not|never|nothing|nobody|none|cannot|can't|don't|mustn't|isn't|aren't)\b",
    re.IGNORECASE,
)
_ASKS_OF: Final = re.compile(
    r"\b(?:must|shall|has to|have to|needs? to|needs? an?)\s(?!not\b)", re.I
)


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
        if _FROM.search(before) and not (
            _LEAVES.search(before) and (_TO_AFTER.search(after) or _TO_BEFORE.search(before))
        ):
            return Side.FOR
        return Side.AGAINST
    if _TAKES.search(before) and _OUT.match(after):
        return Side.AGAINST
    if is_turned_after(after):
        return Side.AGAINST
    cues = list(AGAINST.finditer(before))
    if not cues:
        return Side.FOR
    last = cues[-1]
    # "do not use X" turns X away: the verb that follows at once is what is turned.
    between = re.sub(r"^\s+us(?:e|es|ing)\b", "", before[last.end() :], flags=re.IGNORECASE)
    if _REPLACED.match(last.group()):
        return Side.FOR if _BY.search(between) else Side.AGAINST
    if last.group().lower() == "out of":
        return Side.FOR
    negations = 1
    earlier = before[: last.start()]
    if ", " in between and (
        (last.group().lower() == "without" and not earlier.strip()) or _IF.search(earlier)
    ):
        return Side.FOR  # "without an index, PostgreSQL …", "if it does not start, restart Redis"
    if last.group().lower() == "without" and NOTHING.search(earlier):
        return Side.FOR  # "nothing is merged without a review" wants the review
    if re.search(r"\b(?:don't|do not|never|not|no)\s+(?:\w+\s+)?$", earlier, re.I) and (
        last.group().lower() not in {"no", "not", "never", "without"}
    ):
        negations += 1  # "never remove X" keeps X
    if _LEAVES_BE.match(between):
        return Side.FOR  # "never change Yarn" keeps it
    if _ASKS_OF.search(between) and not NOTHING.search(last.group()):
        return Side.FOR  # "whatever deletes rows must offer --dry-run"
    if _IN_ORDER_TO.search(between):
        return Side.FOR  # "avoid `useMemo` to create stores"
    if _OUTSIDE.search(between):
        return Side.FOR  # "not resolvable outside SvelteKit"
    if len(between) > 80 or TURN.search(between) or _MEANS.search(between):
        return Side.FOR
    return Side.AGAINST if negations % 2 else Side.FOR


def is_turned_after(after: str) -> bool:
    """Tell whether these words turn away what stands before them: "… was removed"."""
    return _AFTER.search(after[:60]) is not None
