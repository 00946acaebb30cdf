"""How people word what they mean to hold: instructions, corrections, refusals, decisions."""

from __future__ import annotations

from typing import Final

from satchel.context.mine.turn_forms_told import TOLD
from satchel.context.mine.turn_words import (
    DECISION,
    DO,
    EVER_DO,
    FACT,
    LASTING,
    OFTEN,
    PASSING,
    PREFERENCE,
    RULE,
    VAGUE,
    Form,
    form,
)

_ASKED: Final = (
    form(PREFERENCE, 0.85, rf"(?:.{{0,120}}[^.]\s)?{LASTING}\b"),
    form(
        PREFERENCE,
        0.8,
        rf"(?:please\s+|you\s+must\s+|and\s+){{0,2}}(?:{OFTEN},?\s+(?:please\s+)?{DO}\b|{DO}\s.{{0,120}}\b{OFTEN}\b)",
    ),
    form(
        PREFERENCE,
        0.85,
        r"(?:please\s+|and\s+|but\s+|you\s+(?:should|must)\s+|i\s+(?:want|need)\s+you\s+to\s+"
        r"|i(?:'d|\s+would)\s+like\s+you\s+to\s+|(?:can|could|would|will)\s+you\s+(?:please\s+)?"
        r"|(?:when(?:ever)?|if|for|in|before|after)\s[^?]{2,80}?,\s+(?:please\s+)?"
        r"|in\s+this\s+(?:repo(?:sitory)?|project|codebase|workspace),?\s+){0,2}"
        rf"(?:always|never|do\s+not\s+ever|don'?t\s+ever)\s+(?:\w+ly\s+)?{EVER_DO}\b"
        r"(?!\s+(?:this|that|it|these|those|them)(?:\s+again)?[.!]{0,3}$)",
    ),
    form(
        PREFERENCE,
        0.75,
        rf"(?:whenever|every\s+time|anytime)\s+(?:you|i"
        rf"|we)\s[^?]{{2,80}}?,\s+(?:please\s+)?{EVER_DO}\b",
    ),
    # corrections
    form(
        DECISION,
        0.7,
        rf"(?:no|nope|nah|wrong|actually|wait"
        rf"|sorry)\b[\s,.:!-]{{1,4}}(?:please\s+)?(?:let'?s\s+)?(?:we\s+)?"
        rf"(?:use|go\s+with|keep|stick\s+(?:with|to)|switch\s+to)\s+{VAGUE}\S",
    ),
    form(
        DECISION,
        0.7,
        rf"(?:please\s+)?use\s+{VAGUE}.{{2,80}}?\b(?:instead\s+of|rather\s+than|not)\s+{VAGUE}\S",
    ),
    form(
        DECISION,
        0.6,
        rf"(?:please\s+)?use\s+{VAGUE}\S.{{1,60}}?\sinstead\b(?!\s+of\s+(?:this|that|it)\b)",
    ),
    form(
        DECISION,
        0.7,
        rf"instead\s+of\s+{VAGUE}.{{2,60}}?,?\s+(?:please\s+|let'?s\s+|we\s+)?(?:use"
        rf"|should\s+use)\s+{VAGUE}\S",
    ),
    form(
        FACT,
        0.6,
        r"(?:it|that)(?:'s|\s+is)\s+(?!just\b|because\b|only\b)[^,?]{2,60},\s+not\s+(?!sure"
        r"|yet|that|really|so|too|very|working)\S",
    ),
    form(
        FACT,
        0.6,
        rf"(?:no|actually)[\s,]{{1,3}}(?:it|he|she|they|that|our|my"
        rf"|the\s+[\w -]{{2,40}})(?:'s|\s+is|\s+are|'re|\s+was)\s+{PASSING}\S",
    ),
    form(
        FACT,
        0.65,
        r"i\s+(?:meant|mean)\s+(?!to\b|that\b|it\b|this\b|by\b|come\b)\S.{1,80}?,?\s+not\s+\S",
    ),
    form(DECISION, 0.7, r"(?:i|we)(?:'ve|\s+have)?\s+changed\s+(?:my|our)\s+minds?[,:.;]?\s+\S"),
    form(
        PREFERENCE,
        0.65,
        r"(?:please\s+)?(?:write|do|keep)\s+(?:all\s+|the\s+|your\s+|our\s+)?(?:docs|documentation"
        r"|comments|docstrings|commit\s+messages|answers|replies|explanations|changelogs?)\s+in\s+\S",
    ),
    # refusals
    form(
        RULE,
        0.7,
        r"(?:please\s+|and\s+|but\s+|no[,.]?\s+|so\s+|we\s+|you\s+(?:must|should)\s+){0,4}"
        r"(?:do\s+not|don'?t|must\s+not|mustn'?t|should\s+not|shouldn'?t|should\s+never"
        r"|must\s+never|can(?:no|')t)\s+"
        rf"(?:ever\s+)?(?:use|add|introduce|import|install|commit|push\s+to|mock|hard-?code"
        rf"|rely\s+on|depend"
        rf"\s+on|include|suggest|recommend|edit|touch|modify|deploy|log|put|mix"
        rf"|want\s+to\s+use|want\s+any)\s+{VAGUE}\S",
    ),
    form(
        RULE,
        0.7,
        rf"i\s+(?:do\s+not|don'?t)\s+want\s+(?:to\s+(?:use|see|have|depend|rely|rewrite"
        rf"|introduce|add)|any|you\s+to\s+(?:use|add|touch|change))\s+{VAGUE}\S",
    ),
    form(
        RULE,
        0.65,
        rf"(?:please\s+)?(?:stop|quit|avoid|refrain\s+from)\s+(?:using\s+|adding\s+"
        rf"|writing\s+|suggesting\s+|putting\s+|mocking\s+|doing\s+){VAGUE}\S",
    ),
    form(
        RULE,
        0.65,
        r"(?:absolutely\s+)?no\s+(?:more\s+)?(?!problem|worries|idea|need|thanks|thank|way"
        r"|matter|one|rush|change|error|luck|clue|longer|doubt|such|output|difference|reason"
        r"|questions?|i\b|it\b|we\b|the\b|that\b|this\b"
        r"|you\b)[\w.@/-]{3,40}(?:\s[\w.-]{2,30}){0,4}(?:,?\s+(?:please|ever|allowed)\b"
        r"|\s+in\s+(?:this|the|our|any|production|prod|tests?|core)\b)",
    ),
    form(
        RULE,
        0.65,
        r"(?!i\b|you\b|this\b|it\b|that\b|there\b|what\b|which\b|he\b|she\b"
        r"|if\b)[^,?]{3,70}?\s(?:is|are)\s+(?:off[\s-]limits|out\s+of\s+the\s+question"
        r"|not\s+an\s+option|forbidden|not\s+allowed|banned|prohibited|a\s+no-go"
        r"|non-negotiable|mandatory)\b",
    ),
    form(
        RULE,
        0.65,
        r"(?!i\b|you\b|this\b|it\b|that\b|there\b|something\b|what\b|which\b|he\b|she\b"
        r"|they\b|if\b|(?:the|your|an?)\s+(?:\w+\s+)?(?:function|method|code|output|result"
        r"|script|program|answer|class|query|button|page|file|input|following|text|image"
        r"|essay|poem|story|list|solution|command)\b"
        r"|we\s+must\s+have\b)[^,?]{3,60}?\s(?:must(?:\s+(?:not|never|always))?"
        r"|should\s+(?:never|always)|(?:have|has)\s+to\s+always|(?:is|are)\s+(?:required"
        r"|supposed|never|always)\s+to)\s+(?!have\s+been|i\b)(?:be\s+|have\s+|stay\s+|go\s+"
        r"|use\s+|live\s+|pass\s+|work\s+|support\s+|not\s+|follow\s+|[a-z]{3,20}\s)\S",
    ),
    # decisions
    form(
        DECISION,
        0.85,
        r"(?:(?:so|and|ok|yes|after\s[^,]{3,60}|in\s+the\s+end|finally),?\s+)?(?:we|i"
        r"|the\s+team|our\s+team)"
        r"(?:'ve|\s+have)?\s+(?:all\s+|just\s+|finally\s+|already\s+|now\s+){0,2}"
        rf"(?:decided|agreed|settled|chose|chosen|opted)\s+(?:to|on|that|against|for|not"
        rf"|in)?\s*{VAGUE}\S",
    ),
    form(DECISION, 0.8, r"(?:the\s+)?(?:final\s+)?decision(?:\s+is)?(?::|\s+is|\s+was)\s+\S"),
    form(
        DECISION,
        0.75,
        rf"(?:(?:so|and|ok|yes|then|alright),?\s+)?let'?s\s+(?:just\s+)?(?:go\s+with|use"
        rf"|stick\s+(?:with|to)|standardi[sz]e\s+on|settle\s+on|adopt|switch\s+to|move\s+to"
        rf"|migrate\s+to|drop|keep|call\s+(?:it|the|this))\s+{VAGUE}(?!going|it\s+simple"
        rf"|the\s+(?:debugger|tool|result|output)|working|looking|trying|in\s+mind|track)\S",
    ),
    form(
        DECISION,
        0.75,
        rf"(?:(?:so|and|ok|yes|then|for\s[^,]{{2,40}}|in\s[^,]{{2,40}}),?\s+)?(?:we|i)(?:'ll"
        rf"|\s+will|'re\s+going\s+to|\s+are\s+going\s+to|'m\s+going\s+to|'re\s+gonna)\s+"
        rf"(?:be\s+)?(?:use|using|go\s+with|going\s+with|stick\s+(?:with|to)|keep|adopt"
        rf"|target|support|drop|switch\s+to|migrate\s+to|move\s+to|host|deploy\s+(?:to|on"
        rf"|with)|standardi[sz]e\s+on|need\s+to\s+support)\s+{VAGUE}\S",
    ),
    form(
        DECISION,
        0.75,
        r"(?!i\s(?:\w+\s)?mov(?:ed|ing)\b)"
        rf"(?:we|i)(?:'ve|\s+have|'re|\s+are|'m|\s+am)?\s+(?:now\s+|just\s+|recently\s+"
        rf"|already\s+|also\s+){{0,2}}(?:switched|switching|migrated|migrating|moved|moving"
        rf"|upgraded|standardi[sz]ed|going\s+with|went\s+with|dropped|dropping|replaced"
        rf"|replacing|adopted|adopting)\s+(?:over\s+)?(?:from|to|on|with)?\s*{VAGUE}\S",
    ),
    form(
        DECISION,
        0.7,
        rf"(?:(?:yes|ok|okay|sure|right)[,.!]?\s+)?(?:(?:go|going|stick)\s+with"
        rf"|stick\s+to)\s+{VAGUE}\S",
    ),
    form(
        RULE,
        0.7,
        r"we\s+(?:never|always|only|don'?t|do\s+not|no\s+longer)\s+(?!know|think|need\s+to"
        r"|have\s+to|see|want\s+to\s+(?:see|know)|understand|get|care|worry|seem"
        r"|remember)[a-z]{2,20}\s+\S",
    ),
)

# The first that fits decides. `match` reads from the sentence's start, after its fillers.
FORMS: Final[tuple[Form, ...]] = (*_ASKED, *TOLD)
