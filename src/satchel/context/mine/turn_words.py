"""The words of the forms by which people state something lasting: fragments of patterns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from satchel.context.types import RecordKind


@dataclass(frozen=True, slots=True)
class Form:
    """A wording by which people state something lasting."""

    kind: RecordKind
    confidence: float
    pattern: re.Pattern[str]


def form(kind: RecordKind, confidence: float, pattern: str) -> Form:
    """Make a form; its pattern is matched from the beginning of a sentence, in any case."""
    return Form(kind, confidence, re.compile(pattern, re.I))


DECISION, PREFERENCE = RecordKind.DECISION, RecordKind.PREFERENCE
RULE, FACT = RecordKind.RULE, RecordKind.FACT
VAGUE: Final = (  # what names nothing outside its own conversation
    r"(?!(?:this|that|it|these|those|them|him|her|you|one|the\s+(?:first|second|third|last"
    r"|other|same"
    r"|above|former|latter)|option|number|\w|\d+|what|how|your|something|anything|everything)"
    r"(?:\s+(?:one|approach|option|idea|way|version|instead|too|now|again|please|then|for|as"
    r"|to|and|in"
    r"|\d+|\w)\b|[.,!;:]|$))"
)
ADVERB: Final = (
    r"(?:(?:really|strongly|definitely|generally|usually|always|much|just|absolutely|also"
    r"|still|totally|mostly|personally|actually|rather|particularly|especially|typically"
    r"|normally)\s+){0,2}"
)
DO: Final = (
    r"(?:use|add|touch|introduce|import|install|commit|push|edit|modify|change|write|create|delete"
    r"|remove|rename|put|include|suggest|recommend|mock|generate|run|deploy|merge|rebase|squash|log"
    r"|print|hard-?code|return|throw|catch|swallow|reformat|refactor|bump|upgrade|downgrade|assume"
    r"|apologi[sz]e|explain|summari[sz]e|repeat|mention|call|ask|send|store|save|share"
    r"|publish|expose"
    r"|name|nest|wrap|inherit|subclass|skip|disable|ignore|rely|depend|mix|start|end|begin"
    r"|answer|reply"
    r"|respond|speak|talk|format|indent|check|validate|test|document|comment|keep|make|prefer|avoid"
    r"|give|show|tell|provide|cite|book|schedule|serve|cook|order|buy|pick|choose|sign|address)"
)
EVER_DO: Final = (  # … and what is only ever told with "always" or "never"
    rf"(?:{DO}|force-?push|amend|revert|bypass|update|run|back\s+up|double-?check|verify|confirm"
    r"|review|read|look|search|fix|pin|escape|sanitize|drop|alter|migrate|tag|build|compile|execute"
    r"|kill|restart|stop|close|open|set|pass|handle|raise|trust|override|overwrite|truncate|insert"
    r"|join|load|fetch|download|pull|clone|move|copy|follow|stick|stay|leave|let|allow|split|parse"
    r"|decode|encode|encrypt|hash|mask|quote|prefix|sort|translate|lint|type|guess|invent|claim"
    r"|report|notify|warn|link|reference|wait|block|cache|work|approve|squash-merge|cherry-?pick"
    r"|self-merge|monkey-?patch)"
)
OWNED: Final = (  # the tail of what a fact is about, where a bare "the" leads it
    r"(?:client|customer|staging|production|prod|database|db|server|cluster|repo|repository"
    r"|deadline"
    r"|team|company|budget|domain|endpoint|port|host|registry|bucket|queue|stack|framework|backend"
    r"|frontend|license|licence|branch|default|convention|codebase|project|product|app"
    r"|service|launch"
    r"|release(?:\sdate)?|environment|tenant|region|timezone|schema|orm|pipeline"
    r"|source\sof\struth|wifi"
    r"|target|audience|api|minimum|limit|sla)"
)
PASSING: Final = (  # states of the hour, and what is only about this conversation
    r"(?!(?:not\s+)?(?:\w+ly\s+)?(?:failing|broken|wrong|slow|down|empty|missing|working|red"
    r"|green|crashing|hanging|stuck"
    r"|ready|done|off|late|confused|unclear|bad|good|fine|ok(?:ay)?|great|nice|cool|correct"
    r"|right|gone"
    r"|back|running|throwing|returning|showing|giving|getting|being|still|that|whether|how|why|what"
    r"|if|to|about|just|now|currently|here|there|below|above|attached|as\s+follows|like\s+this|too"
    r"|very|so|pretty|quite|fixed|complete|finished|up|out|over|on\s+fire|a\s+(?:mess|bit"
    r"|little))\b)"
)
NOTHING: Final = (  # nouns that head the talk of the moment
    r"(?!(?:\w+\s+)?(?:question|problem|issue|guess|point|understanding|bad|code|tests?|build"
    r"|error|mistake|concern"
    r"|hope|assumption|thought|idea|next|plan|goal|task|request|pr|bug|output|input|result"
    r"|function|fault"
    r"|script|first|second|last|query|suggestion|opinion|worry|fear|feeling|apologies|file"
    r"|class|method"
    r"|situation|turn|intention|only|current\s+code|attempt|prompt|screen|terminal|laptop)\b)"
)
LASTING: Final = (
    r"(?:from\s+now\s+on|going\s+forward|from\s+here\s+on|henceforth|for\s+all\s+future"
    r"|until\s+further\s+notice|under\s+no\s+circumstances?|without\s+exception)"
)
OFTEN: Final = (  # lasting only where it goes with an instruction
    r"(?:in\s+(?:the\s+)?future|every\s+time|each\s+time|in\s+every|for\s+(?:every|all)"
    r"|by\s+default|(?:before|after|with|on|in)\s+(?:each|every|any)|everywhere|throughout"
    r"|across\s+the\s+(?:codebase|project|repo)"
    r"|as\s+a\s+rule|no\s+matter\s+what)"
)
