"""What a user's own words state: decisions, preferences, corrections, refusals, facts, definitions.

A message is mostly a task, a question or a paste, and none of these states anything lasting. Each
sentence is judged on its own. First what is not the user's own assertion is set aside (code, logs,
quotes, questions, hypotheses, what others said), then the wording has to fit a form that people
use for what they mean to hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from satchel.base.text import clean, one_line
from satchel.context.mine.people import naming
from satchel.context.mine.sentences import sentences
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


@dataclass(frozen=True, slots=True)
class _Form:
    """A wording by which people state something lasting."""

    kind: RecordKind
    confidence: float
    pattern: re.Pattern[str]


def _form(kind: RecordKind, confidence: float, pattern: str) -> _Form:
    return _Form(kind, confidence, re.compile(pattern, re.I))


_DECISION, _PREFERENCE = RecordKind.DECISION, RecordKind.PREFERENCE
_RULE, _FACT = RecordKind.RULE, RecordKind.FACT
_VAGUE: Final = (  # what names nothing outside its own conversation
    r"(?!(?:this|that|it|these|those|them|him|her|you|one|the\s+(?:first|second|third|last|other|same"
    r"|above|former|latter)|option|number|\w|\d+|what|how|your|something|anything|everything)"
    r"(?:\s+(?:one|approach|option|idea|way|version|instead|too|now|again|please|then|for|as|to|and|in"
    r"|\d+|\w)\b|[.,!;:]|$))"
)
_ADVERB: Final = r"(?:(?:really|strongly|definitely|generally|usually|always|much|just|absolutely|also|still|totally|mostly|personally|actually|rather|particularly|especially|typically|normally)\s+){0,2}"
_USE: Final = r"(?:use|adopt|target|deploy|host|keep|stay|stick|go|build|ship|store|write|run|rely|support|standardi[sz]e)"
_DO: Final = (
    r"(?:use|add|touch|introduce|import|install|commit|push|edit|modify|change|write|create|delete"
    r"|remove|rename|put|include|suggest|recommend|mock|generate|run|deploy|merge|rebase|squash|log"
    r"|print|hard-?code|return|throw|catch|swallow|reformat|refactor|bump|upgrade|downgrade|assume"
    r"|apologi[sz]e|explain|summari[sz]e|repeat|mention|call|ask|send|store|save|share|publish|expose"
    r"|name|nest|wrap|inherit|subclass|skip|disable|ignore|rely|depend|mix|start|end|begin|answer|reply"
    r"|respond|speak|talk|format|indent|check|validate|test|document|comment|keep|make|prefer|avoid"
    r"|give|show|tell|provide|cite|book|schedule|serve|cook|order|buy|pick|choose|sign|address)"
)
_OWNED: Final = (  # the tail of what a fact is about, where a bare "the" leads it
    r"(?:client|customer|staging|production|prod|database|db|server|cluster|repo|repository|deadline"
    r"|team|company|budget|domain|endpoint|port|host|registry|bucket|queue|stack|framework|backend"
    r"|frontend|license|licence|branch|default|convention|codebase|project|product|app|service|launch"
    r"|release(?:\sdate)?|environment|tenant|region|timezone|schema|orm|pipeline|source\sof\struth|wifi"
    r"|target|audience|api|minimum|limit|sla)"
)
_PASSING: Final = (  # states of the hour, and what is only about this conversation
    r"(?!(?:not\s+)?(?:\w+ly\s+)?(?:failing|broken|wrong|slow|down|empty|missing|working|red|green|crashing|hanging|stuck"
    r"|ready|done|off|late|confused|unclear|bad|good|fine|ok(?:ay)?|great|nice|cool|correct|right|gone"
    r"|back|running|throwing|returning|showing|giving|getting|being|still|that|whether|how|why|what"
    r"|if|to|about|just|now|currently|here|there|below|above|attached|as\s+follows|like\s+this|too"
    r"|very|so|pretty|quite|fixed|complete|finished|up|out|over|on\s+fire|a\s+(?:mess|bit|little))\b)"
)
_NOTHING: Final = (  # nouns that head the talk of the moment
    r"(?!(?:\w+\s+)?(?:question|problem|issue|guess|point|understanding|bad|code|tests?|build|error|mistake|concern"
    r"|hope|assumption|thought|idea|next|plan|goal|task|request|pr|bug|output|input|result|function|fault"
    r"|script|first|second|last|query|suggestion|opinion|worry|fear|feeling|apologies|file|class|method"
    r"|situation|turn|intention|only|current\s+code|attempt|prompt|screen|terminal|laptop)\b)"
)
_LASTING: Final = (
    r"(?:from\s+now\s+on|going\s+forward|from\s+here\s+on|henceforth|for\s+all\s+future"
    r"|until\s+further\s+notice|under\s+no\s+circumstances?|without\s+exception)"
)
_OFTEN: Final = (  # lasting only where it goes with an instruction
    r"(?:in\s+(?:the\s+)?future|every\s+time|each\s+time|in\s+every|for\s+(?:every|all)|by\s+default"
    r"|as\s+a\s+rule|no\s+matter\s+what)"
)

# The first that fits decides. `match` reads from the sentence's start, after its fillers.
_FORMS: Final = (
    _form(_PREFERENCE, 0.85, rf"(?:.{{0,120}}[^.]\s)?{_LASTING}\b"),
    _form(
        _PREFERENCE,
        0.8,
        rf"(?:please\s+)?(?:{_OFTEN},?\s+(?:please\s+)?{_DO}\b|{_DO}\s.{{0,120}}\b{_OFTEN}\b)",
    ),
    _form(
        _PREFERENCE,
        0.85,
        r"(?:please\s+|and\s+|but\s+|you\s+(?:should|must)\s+|i\s+(?:want|need)\s+you\s+to\s+"
        r"|i(?:'d|\s+would)\s+like\s+you\s+to\s+|(?:can|could|would|will)\s+you\s+(?:please\s+)?"
        r"|(?:when(?:ever)?|if|for|in|before|after)\s[^?]{2,80}?,\s+(?:please\s+)?){0,2}"
        rf"(?:always|never|do\s+not\s+ever|don'?t\s+ever)\s+(?:\w+ly\s+)?{_DO}\b",
    ),
    _form(
        _PREFERENCE,
        0.75,
        rf"(?:whenever|every\s+time|anytime)\s+(?:you|i|we)\s[^?]{{2,80}}?,\s+(?:please\s+)?{_DO}\b",
    ),
    # corrections
    _form(
        _DECISION,
        0.7,
        rf"(?:no|nope|nah|wrong|actually|wait|sorry)\b[\s,.:!-]{{1,4}}(?:please\s+)?(?:let'?s\s+)?(?:we\s+)?"
        rf"(?:use|go\s+with|keep|stick\s+(?:with|to)|switch\s+to)\s+{_VAGUE}\S",
    ),
    _form(
        _DECISION,
        0.7,
        rf"(?:please\s+)?use\s+{_VAGUE}.{{2,80}}?\b(?:instead\s+of|rather\s+than|not)\s+{_VAGUE}\S",
    ),
    _form(
        _DECISION,
        0.6,
        rf"(?:please\s+)?use\s+{_VAGUE}\S.{{1,60}}?\sinstead\b(?!\s+of\s+(?:this|that|it)\b)",
    ),
    _form(
        _DECISION,
        0.7,
        rf"instead\s+of\s+{_VAGUE}.{{2,60}}?,?\s+(?:please\s+|let'?s\s+|we\s+)?(?:use|should\s+use)\s+{_VAGUE}\S",
    ),
    _form(
        _FACT,
        0.6,
        r"(?:it|that)(?:'s|\s+is)\s+(?!just\b|because\b|only\b)[^,?]{2,60},\s+not\s+(?!sure|yet|that|really|so|too|very|working)\S",
    ),
    _form(
        _FACT,
        0.6,
        rf"(?:no|actually)[\s,]{{1,3}}(?:it|he|she|they|that|our|my|the\s+[\w -]{{2,40}})(?:'s|\s+is|\s+are|'re|\s+was)\s+{_PASSING}\S",
    ),
    _form(
        _FACT,
        0.65,
        r"i\s+(?:meant|mean)\s+(?!to\b|that\b|it\b|this\b|by\b|come\b)\S.{1,80}?,?\s+not\s+\S",
    ),
    # refusals
    _form(
        _RULE,
        0.7,
        r"(?:please\s+|and\s+|but\s+|no[,.]\s+|so\s+|we\s+|you\s+(?:must|should)\s+){0,2}"
        r"(?:do\s+not|don'?t|must\s+not|mustn'?t|should\s+not|shouldn'?t|should\s+never|must\s+never|can(?:no|')t)\s+"
        rf"(?:ever\s+)?(?:use|add|introduce|import|install|commit|push\s+to|mock|hard-?code|rely\s+on|depend"
        rf"\s+on|include|suggest|recommend|edit|touch|modify|deploy|log|put|mix|want\s+to\s+use|want\s+any)\s+{_VAGUE}\S",
    ),
    _form(
        _RULE,
        0.7,
        rf"i\s+(?:do\s+not|don'?t)\s+want\s+(?:to\s+(?:use|see|have|depend|rely|rewrite|introduce|add)|any|you\s+to\s+(?:use|add|touch|change))\s+{_VAGUE}\S",
    ),
    _form(
        _RULE,
        0.65,
        rf"(?:please\s+)?(?:stop|quit|avoid|refrain\s+from)\s+(?:using\s+|adding\s+|writing\s+|suggesting\s+|putting\s+|mocking\s+|doing\s+){_VAGUE}\S",
    ),
    _form(
        _RULE,
        0.65,
        r"(?:absolutely\s+)?no\s+(?:more\s+)?(?!problem|worries|idea|need|thanks|thank|way|matter|one|rush|change|error|luck|clue|longer|doubt|such|output|difference|reason|questions?|i\b|it\b|we\b|the\b|that\b|this\b|you\b)[\w.@/-]{3,40}(?:\s[\w.-]{2,30}){0,4}(?:,?\s+(?:please|ever|allowed)\b|\s+in\s+(?:this|the|our|any|production|prod|tests?|core)\b)",
    ),
    _form(
        _RULE,
        0.65,
        r"(?!i\b|you\b|this\b|it\b|that\b|there\b|what\b|which\b|he\b|she\b|if\b)[^,?]{3,70}?\s(?:is|are)\s+(?:off[\s-]limits|out\s+of\s+the\s+question|not\s+an\s+option|forbidden|not\s+allowed|banned|prohibited|a\s+no-go|non-negotiable|mandatory)\b",
    ),
    _form(
        _RULE,
        0.65,
        r"(?!i\b|you\b|this\b|it\b|that\b|there\b|something\b|what\b|which\b|he\b|she\b|they\b|if\b|(?:the|your|an?)\s+(?:\w+\s+)?(?:function|method|code|output|result|script|program|answer|class|query|button|page|file|input|following|text|image|essay|poem|story|list|solution|command)\b|we\s+must\s+have\b)[^,?]{3,60}?\s(?:must(?:\s+(?:not|never|always))?|should\s+(?:never|always)|(?:have|has)\s+to\s+always|(?:is|are)\s+(?:required|supposed|never|always)\s+to)\s+(?!have\s+been|i\b)(?:be\s+|have\s+|stay\s+|go\s+|use\s+|live\s+|pass\s+|work\s+|support\s+|not\s+|follow\s+|[a-z]{3,20}\s)\S",
    ),
    # decisions
    _form(
        _DECISION,
        0.85,
        r"(?:(?:so|and|ok|yes|after\s[^,]{3,60}|in\s+the\s+end|finally),?\s+)?(?:we|i|the\s+team|our\s+team)"
        r"(?:'ve|\s+have)?\s+(?:all\s+|just\s+|finally\s+|already\s+|now\s+){0,2}"
        rf"(?:decided|agreed|settled|chose|chosen|opted)\s+(?:to|on|that|against|for|not|in)?\s*{_VAGUE}\S",
    ),
    _form(_DECISION, 0.8, r"(?:the\s+)?(?:final\s+)?decision(?:\s+is)?(?::|\s+is|\s+was)\s+\S"),
    _form(
        _DECISION,
        0.75,
        rf"(?:(?:so|and|ok|yes|then|alright),?\s+)?let'?s\s+(?:just\s+)?(?:go\s+with|use|stick\s+(?:with|to)|standardi[sz]e\s+on|settle\s+on|adopt|switch\s+to|move\s+to|migrate\s+to|drop|keep|call\s+(?:it|the|this))\s+{_VAGUE}(?!going|it\s+simple|the\s+(?:debugger|tool|result|output)|working|looking|trying|in\s+mind|track)\S",
    ),
    _form(
        _DECISION,
        0.75,
        rf"(?:(?:so|and|ok|yes|then|for\s[^,]{{2,40}}|in\s[^,]{{2,40}}),?\s+)?(?:we|i)(?:'ll|\s+will|'re\s+going\s+to|\s+are\s+going\s+to|'m\s+going\s+to|'re\s+gonna)\s+"
        rf"(?:be\s+)?(?:use|using|go\s+with|going\s+with|stick\s+(?:with|to)|keep|adopt|target|support|drop|switch\s+to|migrate\s+to|move\s+to|host|deploy\s+(?:to|on|with)|standardi[sz]e\s+on|need\s+to\s+support)\s+{_VAGUE}\S",
    ),
    _form(
        _DECISION,
        0.75,
        rf"(?:we|i)(?:'ve|\s+have|'re|\s+are|'m|\s+am)?\s+(?:now\s+|just\s+|recently\s+|already\s+|also\s+){{0,2}}(?:switched|switching|migrated|migrating|moved|moving|upgraded|standardi[sz]ed|going\s+with|went\s+with|dropped|dropping|replaced|replacing|adopted|adopting)\s+(?:over\s+)?(?:from|to|on|with)?\s*{_VAGUE}\S",
    ),
    _form(
        _DECISION,
        0.7,
        rf"(?:(?:yes|ok|okay|sure|right)[,.!]?\s+)?(?:(?:go|going|stick)\s+with|stick\s+to)\s+{_VAGUE}\S",
    ),
    _form(
        _RULE,
        0.7,
        r"we\s+(?:never|always|only|don'?t|do\s+not|no\s+longer)\s+(?!know|think|need\s+to|have\s+to|see|want\s+to\s+(?:see|know)|understand|get|care|worry|seem|remember)[a-z]{2,20}\s+\S",
    ),
    # preferences
    _form(
        _PREFERENCE,
        0.8,
        rf"(?:(?:and|but|also|personally|in\s+general|for\s[^,]{{2,40}}|in\s[^,]{{2,40}}|as\s+for\s[^,]{{2,40}}),?\s+)?(?:i|we|my\s+team)\s+{_ADVERB}prefer\s+{_VAGUE}\S",
    ),
    _form(
        _PREFERENCE,
        0.7,
        rf"(?:(?:and|but|also|personally|in\s+general|honestly),?\s+)?i(?:'d|\s+would)\s+(?:much\s+)?(?:rather|prefer)\s+{_VAGUE}(?:you\s+)?\S",
    ),
    _form(
        _PREFERENCE,
        0.7,
        rf"(?:(?:and|but|also|personally|honestly|by\s+the\s+way|btw),?\s+)?i\s+{_ADVERB}(?:do\s+not|don'?t)?\s*(?:like|love|enjoy|hate|dislike|adore|despise|can'?t\s+stand|favou?r|detest|appreciate\s+it\s+when|care\s+about)\s+{_VAGUE}(?!your\b|to\s+(?:know|see|ask|understand|discuss|explore)\b|the\s+(?:idea|sound|look|way)\b|where\b|how\s+you\b)\S",
    ),
    _form(
        _PREFERENCE,
        0.75,
        rf"my\s+(?:all-time\s+)?(?:favou?rite|preferred|go-to|usual|default)\s+[^?]{{2,60}}?\s(?:is|are|has\s+always\s+been)\s+{_VAGUE}\S",
    ),
    _form(
        _PREFERENCE,
        0.65,
        r"i\s+(?:always|never|usually|normally|typically|tend\s+to|only)\s+(?!see|get|said|thought|knew|had|saw|got|want\s+to\s+know|wondered|asked|did|meant)[a-z]{3,20}\b\s+\S",
    ),
    _form(
        _PREFERENCE,
        0.7,
        r"(?:please\s+)?keep\s+(?:your\s+)?(?:answers|replies|responses|explanations|comments|commit\s+messages|functions|diffs|changes|prs|pull\s+requests)\s+\S",
    ),
    _form(
        _PREFERENCE,
        0.65,
        r"i(?:'m|\s+am)\s+(?:really\s+|more\s+|not\s+){0,2}(?:a\s+(?:big\s+|huge\s+)?fan\s+of|fond\s+of|into|keen\s+on|interested\s+in|allergic\s+to|intolerant|passionate\s+about|obsessed\s+with)\s+\S",
    ),
    # facts
    _form(_FACT, 0.55, r"(?:please\s+)?note(?:\s+that|:)\s+\S"),
    _form(
        _FACT,
        0.7,
        rf"(?:we|i)(?:'ve|\s+have)\s+been\s+(?:using|running|living|working\s+(?:at|for|as)|learning|playing|collecting|practicing)\s+{_VAGUE}\S",
    ),
    _form(
        _PREFERENCE,
        0.7,
        r"i\s+(?:do\s+not|don'?t|can(?:no|'|)t|no\s+longer|stopped)\s+(?:eat|drink|drive|smoke|wear|watch|read|speak|buy|fly|tolerate|eating|drinking|driving|smoking|wearing)\s+(?!it\b|this|that)\S",
    ),
    _form(
        _FACT,
        0.65,
        r"(?:we|i)(?:'re|\s+are)\s+a\s+(?:small\s+|tiny\s+|large\s+|remote\s+|distributed\s+)?(?:team|company|startup|agency|non-?profit|school|hospital|family|couple)\b",
    ),
    _form(
        _FACT,
        0.85,
        r"(?:please\s+)?(?:remember|keep\s+in\s+mind|bear\s+in\s+mind|fyi|for\s+your\s+information|for\s+the\s+record|be\s+aware)(?:\s+that|[:,])\s+\S",
    ),
    _form(_FACT, 0.8, r"my\s+(?:(?:first|last|full|user|github)\s*)?name(?:'s|\s+is)\s+\S"),
    _form(
        _FACT,
        0.75,
        rf"(?:(?:and|but|also|oh|btw|by\s+the\s+way|actually),?\s+)?(?:our|my)\s+{_NOTHING}[\w'/-]{{2,30}}(?:\s[\w'/-]{{2,30}}){{0,4}}?(?:'s\s+(?:name|birthday)\s+is|\s+(?:is|are|was|were|runs?|lives?|uses?|has|have|works?|loves?|likes?|hates?|prefers?|wants?|needs?|requires?|insists?|starts?|ends?|expires?|turns|speaks?|sits?))\s+{_PASSING}\S",
    ),
    _form(
        _FACT,
        0.7,
        rf"(?:(?:and|but|also|oh|btw|by\s+the\s+way|actually),?\s+)?the\s+(?:[\w'/-]{{2,30}}\s){{0,3}}?{_OWNED}(?:\s(?:db|database|server|host|url|branch|port|name|environment|cluster|key|date|format|version|language|lead|owner))?\s(?:is|are|runs?|lives?|uses?|sits?|wants?|needs?|requires?|insists?)\s+{_PASSING}\S",
    ),
    _form(
        _FACT,
        0.7,
        rf"(?:(?:and|but|also|btw),?\s+)?(?:we|i)\s+(?:currently\s+|only\s+|mainly\s+|mostly\s+|still\s+|now\s+|also\s+|already\s+){{0,2}}(?:use|run|deploy|host|ship|support|target|maintain|own|store|are\s+using|have\s+been\s+using)\s+{_VAGUE}(?!case\b|cases\b|into\b|out\b|the\s+(?:tests?|code|command|script|following)\b)\S",
    ),
    _form(
        _FACT,
        0.7,
        r"(?:(?:and|but|also),?\s+)?(?:we|i)(?:'re|\s+are|'m|\s+am)\s+(?:still\s+|currently\s+|now\s+|stuck\s+){0,2}(?:using\s+(?!it\b|this|that|the\s)|on\s+(?!it\b|the\s+same|board|track|line|my\s+way|a\s+(?:call|break|deadline)|vacation)|based\s+in|running\s+on|located|from\s+[A-Z]|living\s+in|working\s+(?:at|for|as)|married|vegan|vegetarian|gluten|lactose|diabetic|left-handed|colou?r-?blind|pregnant|retired)\s*\S",
    ),
    _form(
        _FACT,
        0.65,
        r"(?:(?:and|but|also|as),?\s+)?i(?:'m|\s+am)\s+(?:(?:a|an|the)\s+(?!bit|little|beginner\s+question|lot|few)|\d{1,3}\s+years?\s+old)(?:[\w'-]{2,30}\s){0,4}?[\w'-]{2,30}",
    ),
    _form(
        _FACT,
        0.7,
        r"(?:(?:and|but|also),?\s+)?i\s+(?:currently\s+|recently\s+|just\s+|also\s+|used\s+to\s+){0,2}(?:work\s+(?:at|for|as|in|with|from)|live\s+(?:in|with|near|at)|moved\s+(?:to|into|from)|grew\s+up|was\s+born|was\s+diagnosed|graduated|study|studied|adopted|speak|play\s+(?:the\s+)?\w+|collect|volunteer|commute|teach|got\s+(?:married|engaged|divorced|promoted|a\s+(?:new\s+)?(?:job|dog|cat|car|house))|started\s+(?:a\s+new|my|working|learning|taking|a)\b|quit|bought|joined|signed\s+up|have\s+(?:a|an|two|three|four|five|\d+)\s+(?!question|problem|issue|bug|error|function|file|class|feeling|doubt|look|hard\s+time|suggestion|idea|request|task|list|dataset|table|script|string|code|project|test|few|lot|couple|bunch|quick|meeting|similar|simple|very)[\w-]+)\b",
    ),
    _form(
        _FACT,
        0.6,
        r"(?:we|i)\s+(?:have|need)\s+(?:a\s+(?:hard|strict|firm|standing)|a\s+(?:policy|rule|convention|deadline|budget)|to\s+(?:support\s+(?!it\b|this|that|you)|comply\b|stay\s+compatible\b|be\s+compatible\b))",
    ),
    _form(
        _FACT,
        0.6,
        r"(?:the|our)\s+(?:client|customer|boss|cto|ceo|pm|manager|team|legal|security(?:\s+team)?|ops(?:\s+team)?)\s+(?:wants?|needs?|requires?|insists?|prefers?|doesn'?t\s+want|won'?t\s+accept|asked\s+for)\s+\S",
    ),
)

_FILLER: Final = re.compile(
    r"(?:(?:ok(?:ay)?|so|well|yeah|yep|yes|hey|hi|hello|thanks?(?:\s+you)?|great|perfect|cool|nice"
    r"|hmm+|ah|oh|right|alright|sure|also|btw|by\s+the\s+way|and|but|anyway|oh\s+and|one\s+more\s+thing"
    r"|just\s+so\s+you\s+know|to\s+be\s+clear|as\s+i\s+said|as\s+a\s+reminder|reminder|in\s+fact"
    r"|honestly|basically|obviously|important|p\.?s\.?)\b[\s,.:;!\u2014-]{1,4}){1,4}",
    re.I,
)
_LEAD: Final = re.compile(  # "in this repository we …", "for styling, use …"
    r"(?:in|for|on|at|with|as|since|after|when)\s[^,?]{2,60}?(?:,\s+|\s(?=(?:we|i|our|my)\s))", re.I
)
_ASKS: Final = re.compile(
    r"(?:what|how|why|where|when\s+(?:is|are|do|does|did|will|should)|who|which|whose|is|are|was|were|do|does|did"
    r"|can|could|would|will|should|shall|may|am|has|have|had|isn't|aren't|doesn't|any\s+idea|any\s+chance)\b",
    re.I,
)
_LASTS: Final = re.compile(rf"\b(?:always|never|don'?t\s+ever|{_LASTING})\b", re.I)
_HYPOTHESIS: Final = re.compile(
    r"\b(?:what\s+if|suppose|supposing|imagine|hypothetically|let'?s\s+say|let'?s\s+assume|assuming"
    r"|in\s+theory|theoretically|maybe|perhaps|might|not\s+sure|unsure|i\s+wonder|wondering"
    r"|i(?:'m|\s+am)\s+(?:thinking|considering|debating|torn)|we(?:'re|\s+are)\s+(?:thinking|considering)"
    r"|could\s+(?:also\s+)?use|should\s+(?:we|i)|would\s+be|would\s+have|i\s+guess|i\s+suppose"
    r"|for\s+example|e\.g\.|pretend|role-?play|fictional|haven'?t\s+decided|undecided|either)\b"
    r"|(?:^|[\s,])if\s+(?:we|i|you|they|it|he|she)\s+(?:\w+\s+){0,2}?(?:used|were|was|had|did|switched|moved|went|chose|would"
    r"|could|decided|wanted|use|go|choose|decide|switch)\b",
    re.I,
)
_OTHERS: Final = re.compile(
    r"\b(?:(?:he|she|they|someone|somebody|people|everyone|everybody|some|others|colleagues?|you|claude|codex"
    r"|chatgpt|gpt|copilot|gemini|the\s+(?:docs?|documentation|article|readme|author|blog|post|tutorial|guide"
    r"|model|assistant|ai|llm|agent|error|log|output|comment|reviewer|issue|ticket|spec|book|manual)"
    r"|my\s+(?:colleague|coworker|friend|teammate)|[A-Z][a-z]+)\s+(?:also\s+|just\s+|once\s+|always\s+)?"
    r"(?:said|says|say|thinks?|thought|believes?|suggests?|suggested|recommends?|recommended|claims?|claimed|argued?|argues"
    r"|wrote|writes|told|mentioned|mentions|proposed|proposes|reported|states?|stated|insisted)"
    r"|(?:you|they|he|she|they've|you've|claude|codex)\s+(?:have\s+)?(?:decided|chose|picked|used|prefer|like|want(?:ed)?)"
    r"|according\s+to|apparently|supposedly|rumou?r|i\s+(?:read|heard)\s+(?:that|somewhere))\b",
    re.I,
)
_SARCASM: Final = re.compile(
    r"(?:\byeah,?\s+right\b|\boh\s+(?:great|sure|wonderful|joy)\b|/s\b|\bbecause\s+that\s+(?:worked|went)\s+so\s+well"
    r"|\blol\b|\blmao\b|\bhaha|\bjust\s+kidding\b|\bj/k\b|\bsure,\s+(?:because|let'?s\s+just|why\s+not)\b|\bwhat\s+could\s+"
    r"(?:possibly\s+)?go\s+wrong\b|\U0001f644|\U0001f643)",
    re.I,
)
_ONCE: Final = re.compile(
    r"\b(?:for\s+now|right\s+now|yet|this\s+time|for\s+the\s+moment|temporarily|until\s+(?:i|we|you|then|the\s+\w+\s+is)"
    r"|in\s+this\s+(?:pr|commit|file|function|test|message|step|case)|this\s+once|just\s+this|quickly|before\s+i"
    r"|today|tonight|for\s+a\s+(?:sec|second|minute|moment|bit)|again|anymore\s+for\s+now|(?:in|for)\s+this\s+"
    r"(?:conversation|session|chat|task|exercise|example|one))\b",
    re.I,
)
_TAIL: Final = re.compile(
    r"\s*(?:[,;\u2014]|\s-)\s*(?:so\s+|and\s+|but\s+|then\s+|now\s+)?(?:please\s+)?(?:(?:can|could|would|will)\s+you|what|how|why"
    r"|which|should\s+(?:i|we)|is\s+(?:there|that|it)|do\s+(?:you|i|we)|does\s|are\s+there|any\s+(?:idea|tips|suggestions|recommendations|advice)"
    r"|please\s+(?:fix|run|write|update|add|make|check|change|implement|help|give|show|create)"
    r"|(?:fix|run|write|update|implement|check)\s+(?:it|that|this|the|them)\b)",
    re.I,
)
_TASK: Final = re.compile(
    r"\b(?:i\s+need|i\s+want)\s+(?:you\s+)?to\s+(?:fix|write|add|know|see|understand|find|create|make|build|debug|implement)\b"
    r"|^i(?:'m|\s+am)\s+a\s+(?:bit|little)\b|\bhelp\s+me\b",
    re.I,
)

# Text that is not the user's own prose.
_FENCE: Final = re.compile(r"^\s{0,6}(?:```|~~~)")
_TAG: Final = re.compile(r"<(?P<tag>[A-Za-z][\w:-]{1,40})(?:\s[^<>\n]{0,200})?>")
_PASTED: Final = re.compile(
    r"\s{0,8}(?:>|\||\$\s|%\s|#!|@@|diff\s--git|\+\+\+|---\s|[+-]\s{2,}\S|[+-]\w|Traceback|File\s\"|at\s[\w.$<>]+\(|Caused\sby"
    r"|\[?\d{4}-\d\d-\d\d[T\s]\d\d:|\d\d:\d\d:\d\d|\[?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|TRACE)\b[\]:\s]"
    r"|\w{2,40}(?:Error|Exception|Warning)\b:|error(?:\[\w{1,8}\])?:|warning:|npm\sERR|E\s{2,}|FAILED\s|PASSED\s|\[\w+\]\s*[\[{]"
    r"|(?:def|class|import|from|const|let|var|function|public|private|return|#include|package|fn|func|type|interface|async|export)"
    r"\s[\w*{.\"'<]+.{0,200}[;{:()=]\s*$|\w+\s*\([^)]{0,200}\)\s*[;{]\s*$|[{}\])];?,?\s*$|(?:user|assistant|human|ai|claude|codex|chatgpt|system|tool|model)\s*:\s)",
    re.I,
)
_INTRODUCES: Final = re.compile(
    r"\b(?:said|says|wrote|writes|output|logs?|error|message|e-?mail|returns?|got|get|gives?|response|suggested|answered|replied"
    r"|here(?:'s|\s+is|\s+are)|transcript|quote|snippet|following|below|prints?|text|ticket|issue|readme|article|posted?|review|draft|summary|translate|proofread|rewrite|summari[sz]e)\b[^:\n]{0,60}:\s*$",
    re.I,
)
_QUOTES: Final = re.compile(
    r"(?<!\w)\"[^\"\n]{12,600}\"|\u201c[^\u201d\n]{12,600}\u201d|(?<!\w)'[^'\n]{25,600}'(?!\w)"
)
_QUOTED_AWAY: Final = "\u2026"  # what a quotation leaves behind
_LEADS: Final = re.compile(
    r"(?:please\s+)?(?:remember|note|keep\s+in\s+mind|bear\s+in\s+mind|be\s+aware)(?:\s+that|[:,])\s+",
    re.I,
)


def stated(text: str) -> list[Stated]:
    """Return what one message of a user states, sentence by sentence, in its own words.

    Questions, tasks, pastes, hypotheses and reports of what others say give nothing. English;
    other languages give nothing rather than something wrong.
    """
    if len(text) > 2 * EDGE:
        text = text[:EDGE].rpartition("\n")[0] + "\n\n" + text[-EDGE:].partition("\n")[2]
    found: dict[str, Stated] = {}
    for sentence in sentences(_own(clean(text)))[:SENTENCES]:
        one = _judged(sentence)
        if one is not None:
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
            _FACT, one_line(sentence, LONGEST), named.confidence, named.name, named.aliases
        )
    if _OTHERS.search(sentence) or _HYPOTHESIS.search(sentence) or _TASK.search(sentence):
        return None
    lead = _LEAD.match(sentence)
    for form in _FORMS:
        match = form.pattern.match(sentence)
        if match is None and (lead is None or form.pattern.match(sentence, lead.end()) is None):
            continue
        once = bool(_ONCE.search(sentence)) and not lasts
        if once and form.kind is _RULE:
            return None
        confidence = form.confidence - (0.2 if once else 0.0)
        told = _LEADS.sub("", sentence, count=1)
        return Stated(
            form.kind, one_line(told[:1].upper() + told[1:], LONGEST), round(confidence, 2)
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
    match = _TAIL.search(sentence, 8)
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
