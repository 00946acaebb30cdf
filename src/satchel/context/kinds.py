"""What the words of a saying tell of it: its kind, that nothing is decided yet, that it is meant
for once. English, and the commonest German. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from satchel.context.manner import is_of_answers
from satchel.context.mine.bearing import Bearing, bearing, is_imperative
from satchel.context.mine.sentences import sentences
from satchel.context.types import RecordKind

GUESSED_FROM: Final = 2_000  # characters of a text

_STARTS: Final = r"(?:^|(?<=[.!?;] ))"  # of a sentence
_HERE: Final = r"[^.!?;]{0,80}"  # within it
# The word that stands first tells; what a person asks to be kept is short and says itself what
# it is.
_KINDS: Final = (
    (
        RecordKind.RULE,
        re.compile(r"\b(?:must|mustn't|never|always|shall|do not|don't|forbidden)\b", re.I),
    ),
    (
        RecordKind.PREFERENCE,
        re.compile(r"\b(?:prefers?|preferred|preferably|i like|we like|favou?rs?)\b", re.I),
    ),
    (
        RecordKind.DECISION,
        re.compile(
            r"\b(?:decided?|decision|chose|chosen|choose|picked|settled on|ruled out|agreed"
            r"|switch(?:ed)? (?:from|to)|migrated? to|instead)\b"
            r"|^(?:let's |we(?:'ll| will)? )?(?:use|adopt|drop|replace|go with|stay with)\b",
            re.I,
        ),
    ),
    (  # "distroless was rejected since the entrypoint needs a shell"
        RecordKind.DECISION,
        re.compile(
            r"\b(?:(?:was|were|got|been) (?:abandoned|discarded|dismissed|dropped|given up|rejected"
            r"|turned down|vetoed)\b(?=[^.!?;]{0,60}\b(?:as|because|due|for|in favou?r|since)\b)"
            r"|(?:we|they|(?:the|our) team) (?:abandoned|discarded|dismissed|dropped|rejected"
            r"|turned down|vetoed))\b",
            re.I,
        ),
    ),
    (  # "we store times as Unix seconds, not as ISO strings"; a name or a fault is no choice
        RecordKind.DECISION,
        re.compile(
            rf"{_STARTS}(?!{_HERE}\b(?:bugs?|called|caused?|did|faults?|had|it's|names?|named|problem"
            r"|spelled|spelt|that's|was|were)\b)[^.!?;,]{3,120}(?P<told>, (?:and )?not) "
            r"(?!(?:all|always|because|before|even|just|necessarily|only|sure|that|until|yet)\b"
            r"|to mention\b)(?:[^\s.!?;,]{1,40} ){0,4}[^\s!?;,]{1,40}(?=[!;]|\.\s|$)",
            re.I,
        ),
    ),
    (  # "webhooks are retried at most 3 times"; what something once took is no limit
        RecordKind.RULE,
        re.compile(
            rf"{_STARTS}(?!{_HERE}\b(?:about|did|had|took|was|were)\b)[^.!?;]{{0,120}}?\b"
            r"(?P<told>at (?:least|most)|no (?:fewer|less|more) than|up to) (?:\d|a hundred"
            r"|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)\b",
            re.I,
        ),
    ),
    (
        RecordKind.RULE,
        re.compile(
            r"\b(?:niemals|nie(?! wieder)|immer(?! (?:noch|wieder|mehr|öfter))|stets|keinesfalls"
            r"|auf keinen fall|unter keinen umständen|ab (?:jetzt|sofort)|verboten|untersagt"
            r"|nicht erlaubt|(?<!ich )muss(?! ich)|müssen"
            r"|(?:darf|dürfen|soll|sollen) (?:\w+ ){0,4}?(?:nicht|keine?[mnrs]?))\b"
            r"|^(?:bitte )?(?:(?:verwende|nutze|benutze) )?keine?[mnrs]?\b"
            r"(?! (?:ahnung|idee|zeit|frage|lust))",
            re.I,
        ),
    ),
    (
        RecordKind.PREFERENCE,
        re.compile(
            r"\b(?:bevorzug\w*|ich mag|wir mögen|am liebsten|ist mir lieber"
            r"|ziehen? [^.!?]{1,80} vor|(?:ich|wir) [^.!?]{1,40}? lieber)\b",
            re.I,
        ),
    ),
    (
        RecordKind.DECISION,
        re.compile(
            r"\b(?:entschieden|entscheidung|beschlossen|beschluss|geeinigt|vereinbart|festgelegt"
            r"|(?<!findet )(?<!finden )statt(?= \w)|anstatt|anstelle|wechseln (?:von|zu|auf)"
            r"|(?:gewechselt|umgestiegen))\b"
            r"|^(?:wir |lasst? uns )?(?:verwenden|nutzen|benutzen|nehmen|setzen auf|bleiben bei)\b"
            r"|^(?:verwende|nutze|benutze|nimm)\b",
            re.I,
        ),
    ),
)
# What begins with a noun that elsewhere is a verb: "search goes through …", "log files are …".
_IS_TOLD: Final = re.compile(
    r"\S{1,30} (?:(?!how\b|that\b|what\b|which\b|who\b)\S{1,30} )?"
    r"(?:is|are|was|were|has|have|had|goes|comes|lives?|stays?|runs?|uses?|takes|needs?|will)\b",
    re.I,
)
_CHOOSE: Final = (
    r"(?:use|using|adopt|drop|replace|go|going|stay|stick|switch|switching|move|moving|migrate"
    r"|migrating|change|choose|pick|try|keep|rewrite|upgrade|introduce|remove|add|allow|ban"
    r"|support|require|consider"
    r"|verwenden|nutzen|benutzen|nehmen|wechseln|umsteigen|einsetzen|setzen|bleiben)"
)
_CHOICE: Final = re.compile(rf"\b{_CHOOSE}\b", re.I)
_WE: Final = r"(?:we|i|you|the\s+team|our\s+team|it)"
# A sentence that weighs something, rather than saying that it is so.
_WEIGHS: Final = re.compile(
    rf"(?:(?:so|and|but|or|well|hmm+|ok(?:ay)?|then|for\s[^,.]{{2,40}}|in\s[^,.]{{2,40}}),?\s+)?"
    rf"(?:{_WE}\s+(?:might|could)\s+(?!not\b)(?:\w+\s+){{0,2}}?{_CHOOSE}\b"
    rf"|(?:maybe|perhaps|possibly),?\s+(?:{_WE}|let's|should|{_CHOOSE})\b"
    r"|(?:i'm|i\s+am|we're|we\s+are|the\s+team\s+is)\s+(?:still\s+|really\s+)?"
    r"(?:not\s+(?:yet\s+)?(?:sure|certain|convinced)|unsure|undecided|uncertain|torn|thinking"
    r"\s+(?:about|of)|considering|wondering|debating|discussing|weighing)\b"
    r"|(?:i|we)\s+(?:wonder|(?:don't|do\s+not)\s+know)\s+(?:if|whether|which)\b"
    rf"|(?:should|shall|could|can|do|would)\s+(?:we|i|it)\b[^?]{{2,400}}\?"
    r"|(?:what|how)\s+about\b[^?]{2,400}\?|(?:open\s+question|tbd|to\s+be\s+decided)\b"
    r"|(?:vielleicht|eventuell|möglicherweise)\s+(?:sollte|könnte|nehme|nutze|wechsel|verwende)"
    r"|wir\s+(?:könnten|sollten\s+(?:vielleicht|eventuell))\b|(?:ich|wir)\s+überlegen?\b"
    r"|(?:ich\s+bin|wir\s+sind)\s+(?:mir\s+|uns\s+)?(?:noch\s+)?(?:nicht\s+sicher|unsicher)\b"
    r"|(?:sollen|sollten|könnten)\s+wir\b[^?]{2,400}\?)",
    re.I,
)
_UNDECIDED: Final = re.compile(  # … wherever in it this stands
    r"\b(?:(?:not|nothing(?:\s+is|'s)?|n't\s+been)\s+(?:yet\s+)?decided|(?:haven't|have\s+not"
    r"|hasn't|has\s+not)\s+(?:yet\s+|been\s+){0,2}(?:decided|settled|agreed)|undecided"
    r"|no\s+decision\s+yet|decision\s+is\s+(?:still\s+)?(?:open|pending)|up\s+for\s+debate"
    r"|still\s+(?:open|discussing|debating|deciding|undecided)"
    r"|noch\s+(?:nicht(?:s)?\s+entschieden|offen|unentschieden)|keine\s+entscheidung)\b",
    re.I,
)

# What points at the work of the moment, and names nothing outside of it.
_THIS: Final = (
    r"(?:change(?:set)?|pr|pull\s+request|mr|merge\s+request|commit|branch|file|function|method"
    r"|class|module|tests?|message|step|case|diff|patch|ticket|issue|task|session|conversation"
    r"|chat|exercise|example|refactor(?:ing)?|block|section|snippet|component|endpoint|page"
    r"|script|query|round|iteration|fix|feature|edit|answer|reply|response|one|run)"
)
_DIESE: Final = (
    r"(?:änderung|pr|pull[\s-]request|mr|commit|branch|zweig|datei|funktion|methode|klasse|modul"
    r"|tests?|schritt|fall|ticket|aufgabe|sitzung|gespräch|chat|beispiel|abschnitt|seite|skript)"
)
_ONCE: Final = re.compile(
    r"\b(?:(?:in|to|for|from|on|with|within|inside|during|of)\s+(?:just\s+|only\s+)?this"
    rf"\s+(?:one\s+|single\s+|particular\s+|specific\s+|current\s+)?{_THIS}\b"
    rf"|(?:in|zu|für|bei|an|von|mit)\s+diese[mnrs]?\s+{_DIESE}\b"
    r"|diesmal\b|dieses\s+mal\b|nur\s+(?:hier|dieses)\b|vorerst\b|fürs\s+erste\b"
    r"|für\s+den\s+moment\b|ausnahmsweise\b"
    r"|for\s+(?:now|the\s+moment|the\s+time\s+being)\b|this\s+time\b(?!\s+(?:of|zone))"
    r"|(?:just\s+|only\s+)?this\s+once\b|(?:just|only|right)\s+here\b|just\s+this\b)"
    r"|^(?:please\s+)?(?:do\s+not|don't|use|skip)\s[^.!?]{2,80}\shere[.!]?$",
    re.I,
)
_POINTING: Final = (  # one of which all of that has
    *("this", "here", "for now", "for the "),
    *("dies", "nur hier", "vorerst", "fürs erste", "für den moment", "ausnahmsweise"),
)


def guess_kind(text: str) -> tuple[RecordKind, str]:
    """Tell a kind from the words, and the word that told; where none does, a first sentence that
    tells what to do is a rule, a saying of how to answer a preference, and all else a note."""
    found = [
        (match.start(match.lastgroup or 0), kind, match[match.lastgroup or 0].lower().strip(" ,"))
        for kind, pattern in _KINDS
        if (match := pattern.search(text, 0, GUESSED_FROM))
    ]
    if found:
        return min(found, key=lambda hit: hit[0])[1:]
    first = next(iter(sentences(text[:GUESSED_FROM])), "")
    begins = first.partition(" ")[0].lower()
    tells = is_imperative(first) and not _IS_TOLD.match(first)
    if (tells or begins == "no") and bearing(first) is Bearing.BINDS:
        return RecordKind.RULE, begins
    if is_of_answers(text):
        return RecordKind.PREFERENCE, begins
    return RecordKind.NOTE, ""


def opened(text: str) -> tuple[RecordKind, str] | None:
    """Return the kind of a saying that leaves something open, a decision where it names a choice,
    and the words by which it does; None where it says that something is so."""
    words = undecided(text)
    if not words:
        return None
    kind, _ = guess_kind(text)
    is_choice = kind is RecordKind.NOTE and _CHOICE.search(text, 0, GUESSED_FROM) is not None
    return (RecordKind.DECISION if is_choice else kind), words


def undecided(text: str) -> str:
    """Return the words by which a saying weighs something and leaves it open; "" where it says
    that something is so, in whatever sentence."""
    return _throughout(text, lambda line: _WEIGHS.match(line) or _UNDECIDED.search(line))


def passing(text: str) -> str:
    """Return the words by which a saying is about the work of the moment alone ("in this change",
    "for now"); "" where any of its sentences holds beyond it."""
    lowered = text.lower()
    if not any(sign in lowered for sign in _POINTING):
        return ""
    return _throughout(text, _ONCE.search)


def _throughout(text: str, tell: Callable[[str], re.Match[str] | None]) -> str:
    """Return the first words that are told by, where each sentence that has a kind is told so."""
    found = ""
    for sentence in sentences(text[:GUESSED_FROM].replace("\u2019", "'")):
        if (told := tell(sentence)) is not None:
            found = found or " ".join(told[0].split())
        elif guess_kind(sentence)[0] is not RecordKind.NOTE:
            return ""
    return found
