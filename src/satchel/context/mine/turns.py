"""What a user's own words state: decisions, preferences, corrections, refusals, facts, definitions.

A message is mostly a task, a question or a paste, and none of these states anything lasting. Each
sentence is judged on its own. First what is not the user's own assertion is set aside (code, logs,
quotes, questions, hypotheses, what others said), then the wording has to fit a form that people
use for what they mean to hold.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from satchel.base.text import clean, one_line
from satchel.context.kinds import passing
from satchel.context.mine import turn_forms_german as german
from satchel.context.mine.people import naming
from satchel.context.mine.sentences import sentences
from satchel.context.mine.turn_forms import FORMS
from satchel.context.mine.turn_words import LASTING
from satchel.context.types import RecordKind

LONGEST: Final = 400  # characters of a statement
EDGE: Final = 4_000  # characters at each end of a long message that are read: pastes stand between
SENTENCES: Final = 120  # of one message


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement of a user, in the user's own words."""

    kind: RecordKind
    text: str
    confidence: float
    subject: str | None = None
    aliases: tuple[str, ...] = ()
    is_for_once: bool = False


_FILLER: Final = re.compile(
    r"(?:(?:ok(?:ay)?|so|well|yeah|yep|yes|hey|hi|hello|thanks?(?:\s+you)?|great|perfect|cool|nice"
    r"|hmm+|ah|oh|right|alright|sure|also|btw|by\s+the\s+way|and|but|anyway|oh\s+and"
    r"|one\s+(?:more\s+|last\s+)?thing|two\s+things|looks\s+good|stop(?=[.!,])|no(?=\s+no\b)"
    r"|just\s+so\s+you\s+know|to\s+be\s+clear|as\s+i\s+said|as\s+a\s+reminder|reminder|in\s+fact"
    r"|honestly|basically|obviously|important|p\.?s\.?)\b[\s,.:;!\u2014-]{1,4}){1,4}",
    re.I,
)
_LEAD: Final = re.compile(  # "in this repository we …", "for styling, use …"
    r"(?:in|for|on|at|with|as|since|after|when)\s[^,?]{2,60}?(?:,\s+|\s(?=(?:we|i|our|my)\s))", re.I
)
_ASKS: Final = re.compile(
    r"(?:what|how|why|where|when\s+(?:is|are|do|does|did|will|should)|who|which|whose|is|are"
    r"|was|were|do|does|did"
    r"|can|could|would|will|should|shall|may|am|has|have|had|isn't|aren't|doesn't|any\s+idea"
    r"|any\s+chance)\b",
    re.I,
)
_LASTS: Final = re.compile(rf"\b(?:always|never|don'?t\s+ever|{LASTING})\b", re.I)
_TO_AGENT: Final = re.compile(  # said to the agent of its own doing: "never say", "before you say"
    r"(?:^|(?<=[,;:]\s)|(?<=please\s)|(?<=\bon\s))(?:always|never)\s"
    r"|\b(?:before|after|when(?:ever)?|until|unless|once|if|every\s+time|each\s+time)\s+you(?:'re"
    r"|'ve)?\s[^,;.!?]{1,80}",
    re.I,
)
_HYPOTHESIS: Final = re.compile(
    r"\b(?:what\s+if|suppose|supposing|imagine|hypothetically|let'?s\s+say|let'?s\s+assume|assuming"
    r"|in\s+theory|theoretically|maybe|perhaps|might|not\s+sure|unsure|i\s+wonder|wondering"
    r"|i(?:'m|\s+am)\s+(?:thinking|considering|debating|torn)|we(?:'re|\s+are)\s+(?:thinking"
    r"|considering)"
    r"|could\s+(?:also\s+)?use|should\s+(?:we|i)|would\s+be|would\s+have|i\s+guess|i\s+suppose"
    r"|for\s+example|e\.g\.|pretend|role-?play|fictional|haven'?t\s+decided|undecided|either)\b"
    r"|(?:^|[\s,])if\s+(?:we|i|you|they|it|he|she)\s+(?:\w+\s+){0,2}?(?:used|were|was|had|did"
    r"|switched|moved|went|chose|would"
    r"|could|decided|wanted|use|go|choose|decide|switch)\b",
    re.I,
)
_OTHERS: Final = re.compile(
    r"\b(?:(?:he|she|they|someone|somebody|people|everyone|everybody|some|others|colleagues?"
    r"|you|claude|codex"
    r"|chatgpt|gpt|copilot|gemini|the\s+(?:docs?|documentation|article|readme|author|blog"
    r"|post|tutorial|guide"
    r"|model|assistant|ai|llm|agent|error|log|output|comment|reviewer|issue|ticket|spec|book"
    r"|manual)"
    r"|my\s+(?:colleague|coworker|friend|teammate)|[A-Z][a-z]+)\s+(?:also\s+|just\s+|once\s+"
    r"|always\s+)?"
    r"(?:said|says|say|thinks?|thought|believes?|suggests?|suggested|recommends?|recommended"
    r"|claims?|claimed|argued?|argues"
    r"|wrote|writes|told|mentioned|mentions|proposed|proposes|reported|states?|stated|insisted)"
    r"|(?:you|they|he|she|they've|you've|claude|codex)\s+(?:have\s+)?(?:decided|chose|picked"
    r"|used|prefer|like|want(?:ed)?)"
    r"|according\s+to|apparently|supposedly|rumou?r|i\s+(?:read|heard)\s+(?:that|somewhere))\b",
    re.I,
)
_SARCASM: Final = re.compile(
    r"(?:\byeah,?\s+right\b|\boh\s+(?:great|sure|wonderful|joy)\b|/s\b"
    r"|\bbecause\s+that\s+(?:worked|went)\s+so\s+well"
    r"|\blol\b|\blmao\b|\bhaha|\bjust\s+kidding\b|\bj/k\b|\bsure,\s+(?:because|let'?s\s+just"
    r"|why\s+not)\b|\bwhat\s+could\s+"
    r"(?:possibly\s+)?go\s+wrong\b|\U0001f644|\U0001f643)",
    re.I,
)
_SOON: Final = re.compile(  # for once, unless it says that it is to last
    r"\b(?:right\s+now|yet|temporarily|until\s+(?:i|we|you|then|the\s+\w+\s+is)|quickly"
    r"|before\s+i|today|tonight|for\s+a\s+(?:sec|second|minute|moment|bit)|again)\b",
    re.I,
)
FOR_ONCE: Final = "said for once"
_TAIL: Final = re.compile(
    r"\s*(?:[,;\u2014]|\s-)\s*(?:so\s+|and\s+|but\s+|then\s+|now\s+)?(?:please\s+)?(?:(?:can"
    r"|could|would|will)\s+you|what|how|why"
    r"|which|should\s+(?:i|we)|is\s+(?:there|that|it)|do\s+(?:you|i|we)|does\s|are\s+there"
    r"|any\s+(?:idea|tips|suggestions|recommendations|advice)"
    r"|please\s+(?:fix|run|write|update|add|make|check|change|implement|help|give|show|create)"
    r"|(?:fix|run|write|update|implement|check)\s+(?:it|that|this|the|them)\b)"
    r"|,?\s+and\s+(?:i'm|i\s+am)\s+(?:looking|wondering|trying|thinking|hoping)\b",
    re.I,
)
_EACH_TIME: Final = re.compile(r"(?:whenever|every\s+time|anytime)\s", re.I)  # no task follows it
_TASK: Final = re.compile(
    r"\b(?:i\s+need|i\s+want)\s+(?:you\s+)?to\s+(?:fix|write|add|know|see|understand|find"
    r"|create|make|build|debug|implement)\b"
    r"|^i(?:'m|\s+am)\s+a\s+(?:bit|little)\b|\bhelp\s+me\b",
    re.I,
)

# Text that is not the user's own prose.
_FENCE: Final = re.compile(r"^\s{0,6}(?:```|~~~)")
_TAG: Final = re.compile(r"<(?P<tag>[A-Za-z][\w:-]{1,40})(?:\s[^<>\n]{0,200})?>")
_PASTED: Final = re.compile(
    r"\s{0,8}(?:>|\||\$\s|%\s|#!|@@|diff\s--git|\+\+\+|---\s|[+-]\s{2,}\S|[+-]\w|Traceback"
    r"|File\s\"|at\s[\w.$<>]+\(|Caused\sby"
    r"|\[?\d{4}-\d\d-\d\d[T\s]\d\d:|\d\d:\d\d:\d\d|\[?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL"
    r"|TRACE)\b[\]:\s]"
    r"|\w{2,40}(?:Error|Exception|Warning)\b:|error(?:\[\w{1,8}\])?:|warning:|npm\sERR"
    r"|E\s{2,}|FAILED\s|PASSED\s|\[\w+\]\s*[\[{]"
    r"|(?:def|class|import|from|const|let|var|function|public|private|return|#include|package"
    r"|fn|func|type|interface|async|export)"
    r"\s[\w*{.\"'<]+.{0,200}[;{:()=]\s*$|\w+\s*\([^)]{0,200}\)\s*[;{]\s*$|[{}\])];?,?\s*$"
    r"|(?:user|assistant|human|ai|claude|codex|chatgpt|system|tool|model)\s*:\s)",
    re.I,
)
_INTRODUCES: Final = re.compile(
    r"\b(?:said|says|wrote|writes|output|logs?|error|message|e-?mail|returns?|got|get|gives?"
    r"|response|suggested|answered|replied"
    r"|here(?:'s|\s+is|\s+are)|transcript|quote|snippet|following|below|prints?|text|ticket"
    r"|issue|readme|article|posted?|review|draft|summary|translate|proofread|rewrite"
    r"|summari[sz]e)\b[^:\n]{0,60}:\s*$",
    re.I,
)
_QUOTES: Final = re.compile(
    r"(?<!\w)\"[^\"\n]{12,600}\"|\u201c[^\u201d\n]{12,600}\u201d|(?<!\w)'[^'\n]{25,600}'(?!\w)"
)
_QUOTED_AWAY: Final = "\u2026"  # what a quotation leaves behind
_LEADS: Final = re.compile(
    r"(?:please\s+)?(?:remember|note|keep\s+in\s+mind|bear\s+in\s+mind|be\s+aware)(?:\s+that"
    r"|[:,])\s+",
    re.I,
)


def stated(text: str, left: Counter[str] | None = None) -> list[Stated]:
    """Return what one message of a user states, sentence by sentence, in its own words.

    Questions, tasks, pastes, hypotheses and reports of what others say give nothing, nor does what
    is about the work of the moment: `left` counts that. English, and the plainest German; other
    languages give nothing rather than something wrong.
    """
    left = Counter() if left is None else left
    if len(text) > 2 * EDGE:
        text = text[:EDGE].rpartition("\n")[0] + "\n\n" + text[-EDGE:].partition("\n")[2]
    found: dict[str, Stated] = {}
    for sentence in sentences(_own(clean(text)))[:SENTENCES]:
        one = _judged(sentence)
        if one is not None and one.is_for_once:
            left[FOR_ONCE] += 1
        elif one is not None:
            found.setdefault(one.text.lower(), one)
    return list(found.values())


def _judged(sentence: str) -> Stated | None:
    """Judge one sentence."""
    if _SARCASM.search(sentence):
        return None
    sentence = _cut(_bare(sentence))
    words = sentence.split()
    if len(words) < 2 or len(sentence) > LONGEST * 2:
        return None
    asks = sentence.rstrip("\"') ").endswith("?") or (_ASKS.match(sentence) and "," not in sentence)
    lasts = bool(_LASTS.search(sentence))
    if asks and not (lasts and re.match(r"(?:can|could|would|will)\s+you\b", sentence, re.I)):
        return None
    if _QUOTED_AWAY in sentence and len(words) < 4:
        return None
    named = naming(sentence)
    if named is not None and not _OTHERS.search(sentence) and not _HYPOTHESIS.search(sentence):
        return Stated(
            RecordKind.FACT,
            one_line(sentence, LONGEST),
            named.confidence,
            named.name,
            named.aliases,
        )
    claimed = _TO_AGENT.sub(",", sentence) if lasts else sentence
    if _OTHERS.search(claimed) or _HYPOTHESIS.search(claimed) or _TASK.search(claimed):
        return None
    lead = _LEAD.match(sentence)
    for form in (*FORMS, *german.FORMS):
        match = form.pattern.match(sentence)
        if match is None and (lead is None or form.pattern.match(sentence, lead.end()) is None):
            continue
        once = bool(passing(sentence))
        soon = not lasts and bool(_SOON.search(sentence))
        told = _LEADS.sub("", sentence, count=1)
        return Stated(
            form.kind,
            one_line(told[:1].upper() + told[1:], LONGEST),
            round(form.confidence - (0.2 if once or soon else 0.0), 2),
            is_for_once=(once and form.kind is not RecordKind.FACT)
            or (soon and form.kind is RecordKind.RULE),
        )
    return None


def _bare(sentence: str) -> str:
    """Drop the fillers that a sentence begins with, and marks of emphasis."""
    sentence = sentence.replace("**", "").replace("\u2019", "'").strip(" *_")
    match = _FILLER.match(sentence)
    bare = sentence[match.end() :] if match else sentence
    return bare if len(bare.split()) >= 2 else sentence


def _cut(sentence: str) -> str:
    """Cut the question or the task off that follows a statement in the same sentence."""
    match = None if _EACH_TIME.match(sentence) else _TAIL.search(sentence, 8)
    return sentence[: match.start()] + "." if match else sentence


def _own(text: str) -> str:
    """Keep the prose that the user wrote: no code, logs, quotes, tags, and nothing introduced.

    What a line such as "the error says:" introduces is skipped to the end of its paragraph.
    """
    kept: list[str] = []
    fenced = awaited = skipping = False
    closing: str | None = None
    for raw in text.split("\n"):
        line = raw[:2_000]
        if _FENCE.match(line):
            fenced, awaited, skipping = not fenced, False, False
        elif closing is not None:
            before, found, line = line.partition(closing)
            closing = None if found else closing
        elif not fenced and (tag := _TAG.search(line)) is not None:
            end = f"</{tag['tag']}>"
            before, after = line[: tag.start()], line[tag.end() :]
            if end in after:
                line = f"{before} {after.partition(end)[2]}"
            elif end in text:
                closing, line = end, before
        blank = not line.strip()
        skipping = awaited or (skipping and not blank)
        awaited = awaited and blank
        if blank or skipping or fenced or _FENCE.match(line) or _is_pasted(line):
            kept.append("")
            continue
        awaited = bool(_INTRODUCES.search(line))
        kept.append("" if awaited else _QUOTES.sub(_QUOTED_AWAY, line))
    return "\n".join(kept)


def _is_pasted(line: str) -> bool:
    return bool(_PASTED.match(line)) or line.startswith(("    ", "\t")) or _is_symbols(line)


def _is_symbols(line: str) -> bool:
    """Tell whether a line is code or output: too few letters for prose."""
    solid = line.replace(" ", "")
    letters = sum(char.isalpha() for char in solid)
    return len(solid) > 20 and letters < 0.7 * len(solid)
