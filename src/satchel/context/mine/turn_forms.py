"""How people word what they mean to hold: decisions, preferences, refusals, corrections, facts."""

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


def _form(kind: RecordKind, confidence: float, pattern: str) -> Form:
    return Form(kind, confidence, re.compile(pattern, re.I))


_DECISION, _PREFERENCE = RecordKind.DECISION, RecordKind.PREFERENCE
_RULE, _FACT = RecordKind.RULE, RecordKind.FACT
_VAGUE: Final = (  # what names nothing outside its own conversation
    r"(?!(?:this|that|it|these|those|them|him|her|you|one|the\s+(?:first|second|third|last"
    r"|other|same"
    r"|above|former|latter)|option|number|\w|\d+|what|how|your|something|anything|everything)"
    r"(?:\s+(?:one|approach|option|idea|way|version|instead|too|now|again|please|then|for|as"
    r"|to|and|in"
    r"|\d+|\w)\b|[.,!;:]|$))"
)
_ADVERB: Final = (
    r"(?:(?:really|strongly|definitely|generally|usually|always|much|just|absolutely|also"
    r"|still|totally|mostly|personally|actually|rather|particularly|especially|typically"
    r"|normally)\s+){0,2}"
)
_DO: Final = (
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
_EVER_DO: Final = (  # … and what is only ever told with "always" or "never"
    rf"(?:{_DO}|force-?push|amend|revert|bypass|update|run|back\s+up|double-?check|verify|confirm"
    r"|review|read|look|search|fix|pin|escape|sanitize|drop|alter|migrate|tag|build|compile|execute"
    r"|kill|restart|stop|close|open|set|pass|handle|raise|trust|override|overwrite|truncate|insert"
    r"|join|load|fetch|download|pull|clone|move|copy|follow|stick|stay|leave|let|allow|split|parse"
    r"|decode|encode|encrypt|hash|mask|quote|prefix|sort|translate|lint|type|guess|invent|claim"
    r"|report|notify|warn|link|reference|wait|block|cache|work|approve|squash-merge|cherry-?pick"
    r"|self-merge|monkey-?patch)"
)
_OWNED: Final = (  # the tail of what a fact is about, where a bare "the" leads it
    r"(?:client|customer|staging|production|prod|database|db|server|cluster|repo|repository"
    r"|deadline"
    r"|team|company|budget|domain|endpoint|port|host|registry|bucket|queue|stack|framework|backend"
    r"|frontend|license|licence|branch|default|convention|codebase|project|product|app"
    r"|service|launch"
    r"|release(?:\sdate)?|environment|tenant|region|timezone|schema|orm|pipeline"
    r"|source\sof\struth|wifi"
    r"|target|audience|api|minimum|limit|sla)"
)
_PASSING: Final = (  # states of the hour, and what is only about this conversation
    r"(?!(?:not\s+)?(?:\w+ly\s+)?(?:failing|broken|wrong|slow|down|empty|missing|working|red"
    r"|green|crashing|hanging|stuck"
    r"|ready|done|off|late|confused|unclear|bad|good|fine|ok(?:ay)?|great|nice|cool|correct"
    r"|right|gone"
    r"|back|running|throwing|returning|showing|giving|getting|being|still|that|whether|how|why|what"
    r"|if|to|about|just|now|currently|here|there|below|above|attached|as\s+follows|like\s+this|too"
    r"|very|so|pretty|quite|fixed|complete|finished|up|out|over|on\s+fire|a\s+(?:mess|bit"
    r"|little))\b)"
)
_NOTHING: Final = (  # nouns that head the talk of the moment
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
_OFTEN: Final = (  # lasting only where it goes with an instruction
    r"(?:in\s+(?:the\s+)?future|every\s+time|each\s+time|in\s+every|for\s+(?:every|all)"
    r"|by\s+default|(?:before|after|with|on|in)\s+(?:each|every|any)|everywhere|throughout"
    r"|across\s+the\s+(?:codebase|project|repo)"
    r"|as\s+a\s+rule|no\s+matter\s+what)"
)

# The first that fits decides. `match` reads from the sentence's start, after its fillers.
FORMS: Final = (
    _form(_PREFERENCE, 0.85, rf"(?:.{{0,120}}[^.]\s)?{LASTING}\b"),
    _form(
        _PREFERENCE,
        0.8,
        rf"(?:please\s+|you\s+must\s+|and\s+){{0,2}}(?:{_OFTEN},?\s+(?:please\s+)?{_DO}\b|{_DO}\s.{{0,120}}\b{_OFTEN}\b)",
    ),
    _form(
        _PREFERENCE,
        0.85,
        r"(?:please\s+|and\s+|but\s+|you\s+(?:should|must)\s+|i\s+(?:want|need)\s+you\s+to\s+"
        r"|i(?:'d|\s+would)\s+like\s+you\s+to\s+|(?:can|could|would|will)\s+you\s+(?:please\s+)?"
        r"|(?:when(?:ever)?|if|for|in|before|after)\s[^?]{2,80}?,\s+(?:please\s+)?"
        r"|in\s+this\s+(?:repo(?:sitory)?|project|codebase|workspace),?\s+){0,2}"
        rf"(?:always|never|do\s+not\s+ever|don'?t\s+ever)\s+(?:\w+ly\s+)?{_EVER_DO}\b"
        r"(?!\s+(?:this|that|it|these|those|them)(?:\s+again)?[.!]{0,3}$)",
    ),
    _form(
        _PREFERENCE,
        0.75,
        rf"(?:whenever|every\s+time|anytime)\s+(?:you|i"
        rf"|we)\s[^?]{{2,80}}?,\s+(?:please\s+)?{_EVER_DO}\b",
    ),
    # corrections
    _form(
        _DECISION,
        0.7,
        rf"(?:no|nope|nah|wrong|actually|wait"
        rf"|sorry)\b[\s,.:!-]{{1,4}}(?:please\s+)?(?:let'?s\s+)?(?:we\s+)?"
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
        rf"instead\s+of\s+{_VAGUE}.{{2,60}}?,?\s+(?:please\s+|let'?s\s+|we\s+)?(?:use"
        rf"|should\s+use)\s+{_VAGUE}\S",
    ),
    _form(
        _FACT,
        0.6,
        r"(?:it|that)(?:'s|\s+is)\s+(?!just\b|because\b|only\b)[^,?]{2,60},\s+not\s+(?!sure"
        r"|yet|that|really|so|too|very|working)\S",
    ),
    _form(
        _FACT,
        0.6,
        rf"(?:no|actually)[\s,]{{1,3}}(?:it|he|she|they|that|our|my"
        rf"|the\s+[\w -]{{2,40}})(?:'s|\s+is|\s+are|'re|\s+was)\s+{_PASSING}\S",
    ),
    _form(
        _FACT,
        0.65,
        r"i\s+(?:meant|mean)\s+(?!to\b|that\b|it\b|this\b|by\b|come\b)\S.{1,80}?,?\s+not\s+\S",
    ),
    _form(_DECISION, 0.7, r"(?:i|we)(?:'ve|\s+have)?\s+changed\s+(?:my|our)\s+minds?[,:.;]?\s+\S"),
    _form(
        _PREFERENCE,
        0.65,
        r"(?:please\s+)?(?:write|do|keep)\s+(?:all\s+|the\s+|your\s+|our\s+)?(?:docs|documentation"
        r"|comments|docstrings|commit\s+messages|answers|replies|explanations|changelogs?)\s+in\s+\S",
    ),
    # refusals
    _form(
        _RULE,
        0.7,
        r"(?:please\s+|and\s+|but\s+|no[,.]?\s+|so\s+|we\s+|you\s+(?:must|should)\s+){0,4}"
        r"(?:do\s+not|don'?t|must\s+not|mustn'?t|should\s+not|shouldn'?t|should\s+never"
        r"|must\s+never|can(?:no|')t)\s+"
        rf"(?:ever\s+)?(?:use|add|introduce|import|install|commit|push\s+to|mock|hard-?code"
        rf"|rely\s+on|depend"
        rf"\s+on|include|suggest|recommend|edit|touch|modify|deploy|log|put|mix"
        rf"|want\s+to\s+use|want\s+any)\s+{_VAGUE}\S",
    ),
    _form(
        _RULE,
        0.7,
        rf"i\s+(?:do\s+not|don'?t)\s+want\s+(?:to\s+(?:use|see|have|depend|rely|rewrite"
        rf"|introduce|add)|any|you\s+to\s+(?:use|add|touch|change))\s+{_VAGUE}\S",
    ),
    _form(
        _RULE,
        0.65,
        rf"(?:please\s+)?(?:stop|quit|avoid|refrain\s+from)\s+(?:using\s+|adding\s+"
        rf"|writing\s+|suggesting\s+|putting\s+|mocking\s+|doing\s+){_VAGUE}\S",
    ),
    _form(
        _RULE,
        0.65,
        r"(?:absolutely\s+)?no\s+(?:more\s+)?(?!problem|worries|idea|need|thanks|thank|way"
        r"|matter|one|rush|change|error|luck|clue|longer|doubt|such|output|difference|reason"
        r"|questions?|i\b|it\b|we\b|the\b|that\b|this\b"
        r"|you\b)[\w.@/-]{3,40}(?:\s[\w.-]{2,30}){0,4}(?:,?\s+(?:please|ever|allowed)\b"
        r"|\s+in\s+(?:this|the|our|any|production|prod|tests?|core)\b)",
    ),
    _form(
        _RULE,
        0.65,
        r"(?!i\b|you\b|this\b|it\b|that\b|there\b|what\b|which\b|he\b|she\b"
        r"|if\b)[^,?]{3,70}?\s(?:is|are)\s+(?:off[\s-]limits|out\s+of\s+the\s+question"
        r"|not\s+an\s+option|forbidden|not\s+allowed|banned|prohibited|a\s+no-go"
        r"|non-negotiable|mandatory)\b",
    ),
    _form(
        _RULE,
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
    _form(
        _DECISION,
        0.85,
        r"(?:(?:so|and|ok|yes|after\s[^,]{3,60}|in\s+the\s+end|finally),?\s+)?(?:we|i"
        r"|the\s+team|our\s+team)"
        r"(?:'ve|\s+have)?\s+(?:all\s+|just\s+|finally\s+|already\s+|now\s+){0,2}"
        rf"(?:decided|agreed|settled|chose|chosen|opted)\s+(?:to|on|that|against|for|not"
        rf"|in)?\s*{_VAGUE}\S",
    ),
    _form(_DECISION, 0.8, r"(?:the\s+)?(?:final\s+)?decision(?:\s+is)?(?::|\s+is|\s+was)\s+\S"),
    _form(
        _DECISION,
        0.75,
        rf"(?:(?:so|and|ok|yes|then|alright),?\s+)?let'?s\s+(?:just\s+)?(?:go\s+with|use"
        rf"|stick\s+(?:with|to)|standardi[sz]e\s+on|settle\s+on|adopt|switch\s+to|move\s+to"
        rf"|migrate\s+to|drop|keep|call\s+(?:it|the|this))\s+{_VAGUE}(?!going|it\s+simple"
        rf"|the\s+(?:debugger|tool|result|output)|working|looking|trying|in\s+mind|track)\S",
    ),
    _form(
        _DECISION,
        0.75,
        rf"(?:(?:so|and|ok|yes|then|for\s[^,]{{2,40}}|in\s[^,]{{2,40}}),?\s+)?(?:we|i)(?:'ll"
        rf"|\s+will|'re\s+going\s+to|\s+are\s+going\s+to|'m\s+going\s+to|'re\s+gonna)\s+"
        rf"(?:be\s+)?(?:use|using|go\s+with|going\s+with|stick\s+(?:with|to)|keep|adopt"
        rf"|target|support|drop|switch\s+to|migrate\s+to|move\s+to|host|deploy\s+(?:to|on"
        rf"|with)|standardi[sz]e\s+on|need\s+to\s+support)\s+{_VAGUE}\S",
    ),
    _form(
        _DECISION,
        0.75,
        r"(?!i\s(?:\w+\s)?mov(?:ed|ing)\b)"
        rf"(?:we|i)(?:'ve|\s+have|'re|\s+are|'m|\s+am)?\s+(?:now\s+|just\s+|recently\s+"
        rf"|already\s+|also\s+){{0,2}}(?:switched|switching|migrated|migrating|moved|moving"
        rf"|upgraded|standardi[sz]ed|going\s+with|went\s+with|dropped|dropping|replaced"
        rf"|replacing|adopted|adopting)\s+(?:over\s+)?(?:from|to|on|with)?\s*{_VAGUE}\S",
    ),
    _form(
        _DECISION,
        0.7,
        rf"(?:(?:yes|ok|okay|sure|right)[,.!]?\s+)?(?:(?:go|going|stick)\s+with"
        rf"|stick\s+to)\s+{_VAGUE}\S",
    ),
    _form(
        _RULE,
        0.7,
        r"we\s+(?:never|always|only|don'?t|do\s+not|no\s+longer)\s+(?!know|think|need\s+to"
        r"|have\s+to|see|want\s+to\s+(?:see|know)|understand|get|care|worry|seem"
        r"|remember)[a-z]{2,20}\s+\S",
    ),
    # preferences
    _form(
        _PREFERENCE,
        0.8,
        rf"(?:(?:and|but|also|personally|in\s+general|for\s[^,]{{2,40}}|in\s[^,]{{2,40}}"
        rf"|as\s+for\s[^,]{{2,40}}),?\s+)?(?:i|we|my\s+team)\s+{_ADVERB}prefer\s+{_VAGUE}\S",
    ),
    _form(
        _PREFERENCE,
        0.7,
        rf"(?:(?:and|but|also|personally|in\s+general|honestly),?\s+)?i(?:'d"
        rf"|\s+would)\s+(?:much\s+)?(?:rather|prefer)\s+{_VAGUE}(?:you\s+)?\S",
    ),
    _form(
        _PREFERENCE,
        0.7,
        rf"(?:(?:and|but|also|personally|honestly|by\s+the\s+way"
        rf"|btw),?\s+)?i\s+{_ADVERB}(?:do\s+not|don'?t)?\s*(?:like|love|enjoy|hate|dislike"
        rf"|adore|despise|can'?t\s+stand|favou?r|detest|appreciate\s+it\s+when"
        rf"|care\s+about)\s+{_VAGUE}(?!your\b|to\s+(?:know|see|ask|understand|discuss"
        rf"|explore)\b|the\s+(?:idea|sound|look|way)\b|where\b|how\s+you\b)\S",
    ),
    _form(
        _PREFERENCE,
        0.75,
        rf"my\s+(?:all-time\s+)?(?:favou?rite|preferred|go-to|usual"
        rf"|default)\s+[^?]{{2,60}}?\s(?:is|are|has\s+always\s+been)\s+{_VAGUE}\S",
    ),
    _form(
        _PREFERENCE,
        0.65,
        r"i\s+(?:always|never|usually|normally|typically|tend\s+to|only)\s+(?!see|get|said"
        r"|thought|knew|had|saw|got|want\s+to\s+know|wondered|asked|did"
        r"|meant)[a-z]{3,20}\b\s+\S",
    ),
    _form(
        _PREFERENCE,
        0.7,
        r"(?:please\s+)?keep\s+(?:your\s+)?(?:answers|replies|responses|explanations|comments"
        r"|commit\s+messages|functions|diffs|changes|prs|pull\s+requests)\s+\S",
    ),
    _form(
        _PREFERENCE,
        0.65,
        r"i(?:'m|\s+am)\s+(?:really\s+|more\s+|not\s+){0,2}(?:a\s+(?:big\s+|huge\s+)?fan\s+of"
        r"|fond\s+of|into|keen\s+on|interested\s+in|allergic\s+to|intolerant"
        r"|passionate\s+about|obsessed\s+with)\s+\S",
    ),
    # facts
    _form(_FACT, 0.55, r"(?:please\s+)?note(?:\s+that|:)\s+\S"),
    _form(
        _FACT,
        0.7,
        rf"(?:we|i)(?:'ve|\s+have)\s+been\s+(?:using|running|living|working\s+(?:at|for|as)"
        rf"|learning|playing|collecting|practicing)\s+{_VAGUE}\S",
    ),
    _form(
        _PREFERENCE,
        0.7,
        r"i\s+(?:do\s+not|don'?t|can(?:no|'|)t|no\s+longer|stopped)\s+(?:eat|drink|drive"
        r"|smoke|wear|watch|read|speak|buy|fly|tolerate|eating|drinking|driving|smoking"
        r"|wearing)\s+(?!it\b|this|that)\S",
    ),
    _form(
        _FACT,
        0.65,
        r"(?:we|i)(?:'re|\s+are)\s+a\s+(?:small\s+|tiny\s+|large\s+|remote\s+"
        r"|distributed\s+)?(?:team|company|startup|agency|non-?profit|school|hospital|family"
        r"|couple)\b",
    ),
    _form(
        _FACT,
        0.85,
        r"(?:please\s+)?(?:remember|keep\s+in\s+mind|bear\s+in\s+mind|fyi"
        r"|for\s+your\s+information|for\s+the\s+record|be\s+aware)(?:\s+that|[:,])\s+\S",
    ),
    _form(_FACT, 0.8, r"my\s+(?:(?:first|last|full|user|github)\s*)?name(?:'s|\s+is)\s+\S"),
    _form(
        _FACT,
        0.75,
        rf"(?:(?:and|but|also|oh|btw|by\s+the\s+way|actually),?\s+)?(?:our"
        rf"|my)\s+{_NOTHING}[\w'/-]{{2,30}}(?:\s[\w'/-]{{2,30}}){{0,4}}?(?:'s\s+(?:name"
        rf"|birthday)\s+is|\s+(?:is|are|was|were|runs?|lives?|uses?|has|have|works?|loves?"
        rf"|likes?|hates?|prefers?|wants?|needs?|requires?|insists?|starts?|ends?|expires?"
        rf"|turns|speaks?|sits?))\s+{_PASSING}\S",
    ),
    _form(
        _FACT,
        0.7,
        rf"(?:(?:and|but|also|oh|btw|by\s+the\s+way"
        rf"|actually),?\s+)?the\s+(?:[\w'/-]{{2,30}}\s){{0,3}}?{_OWNED}(?:\s(?:db|database"
        rf"|server|host|url|branch|port|name|environment|cluster|key|date|format|version"
        rf"|language|lead|owner))?\s(?:is|are|runs?|lives?|uses?|sits?|wants?|needs?"
        rf"|requires?|insists?)\s+{_PASSING}\S",
    ),
    _form(
        _FACT,
        0.7,
        rf"(?:(?:and|but|also|btw),?\s+)?(?:we|i)\s+(?:currently\s+|only\s+|mainly\s+"
        rf"|mostly\s+|still\s+|now\s+|also\s+|already\s+){{0,2}}(?:use|run|deploy|host|ship"
        rf"|support|target|maintain|own|store|are\s+using"
        rf"|have\s+been\s+using)\s+{_VAGUE}(?!case\b|cases\b|into\b|out\b|the\s+(?:tests?"
        rf"|code|command|script|following)\b)\S",
    ),
    _form(
        _FACT,
        0.7,
        r"(?:(?:and|but|also),?\s+)?(?:we|i)(?:'re|\s+are|'m|\s+am)\s+(?:still\s+"
        r"|currently\s+|now\s+|stuck\s+){0,2}(?:using\s+(?!it\b|this|that|the\s)|on\s+(?!it\b"
        r"|the\s+same|board|track|line|my\s+way|a\s+(?:call|break|deadline)|vacation)"
        r"|based\s+in|running\s+on|located|from\s+[A-Z]|living\s+in|working\s+(?:at|for|as)"
        r"|married|vegan|vegetarian|gluten|lactose|diabetic|left-handed|colou?r-?blind"
        r"|pregnant|retired)\s*\S",
    ),
    _form(
        _FACT,
        0.65,
        r"(?:(?:and|but|also|as),?\s+)?i(?:'m|\s+am)\s+(?:(?:a|an|the)\s+(?!bit|little"
        r"|beginner\s+question|lot|few)"
        r"|\d{1,3}\s+years?\s+old)(?:[\w'-]{2,30}\s){0,4}?[\w'-]{2,30}",
    ),
    _form(
        _FACT,
        0.7,
        r"(?:(?:and|but|also),?\s+)?i\s+(?:currently\s+|recently\s+|just\s+|also\s+"
        r"|used\s+to\s+){0,2}(?:work\s+(?:at|for|as|in|with|from)|live\s+(?:in|with|near|at)"
        r"|moved\s+(?:to|into|from)|grew\s+up|was\s+born|was\s+diagnosed|graduated|study"
        r"|studied|adopted|speak|play\s+(?:the\s+)?\w+|collect|volunteer|commute|teach"
        r"|got\s+(?:married|engaged|divorced|promoted|a\s+(?:new\s+)?(?:job|dog|cat|car"
        r"|house))|started\s+(?:a\s+new|my|working|learning|taking|a)\b|quit|bought|joined"
        r"|signed\s+up|have\s+(?:a|an|two|three|four|five|\d+)\s+(?!question|problem|issue"
        r"|bug|error|function|file|class|feeling|doubt|look|hard\s+time|suggestion|idea"
        r"|request|task|list|dataset|table|script|string|code|project|test|few|lot|couple"
        r"|bunch|quick|meeting|similar|simple|very)[\w-]+)\b",
    ),
    _form(
        _FACT,
        0.6,
        r"(?:we|i)\s+(?:have|need)\s+(?:a\s+(?:hard|strict|firm|standing)|a\s+(?:policy|rule"
        r"|convention|deadline|budget)|to\s+(?:support\s+(?!it\b|this|that|you)|comply\b"
        r"|stay\s+compatible\b|be\s+compatible\b))",
    ),
    _form(
        _FACT,
        0.6,
        r"(?:the|our)\s+(?:client|customer|boss|cto|ceo|pm|manager|team|legal"
        r"|security(?:\s+team)?|ops(?:\s+team)?)\s+(?:wants?|needs?|requires?|insists?"
        r"|prefers?|doesn'?t\s+want|won'?t\s+accept|asked\s+for)\s+\S",
    ),
)
