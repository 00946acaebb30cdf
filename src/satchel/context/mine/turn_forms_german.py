"""How German speakers word what they mean to hold: only the plainest forms, each from a sentence's
start. What they weigh, ask or suppose fits none of them."""

from __future__ import annotations

import re
from typing import Final

from satchel.context.mine.turn_words import Form
from satchel.context.types import RecordKind

_WEIGHED: Final = (
    r"(?![^?]{0,400}(?:\?|\b(?:vielleicht|eventuell|evtl|vermutlich|wahrscheinlich|angenommen|falls"
    r"|würden?|könnten?|sollten\s+wir|nicht\s+sicher|noch\s+nicht|ob|zum\s+beispiel|z\.\s?b\.)))"
)
_EVER: Final = (
    r"(?:immer(?!\s+(?:noch|wieder|mehr|öfter))|niemals|nie(?!\s+wieder)|stets|auf\s+keinen\s+fall"
    r"|unter\s+keinen\s+umständen)"
)
_FROM_NOW_ON: Final = (
    r"(?:ab\s+(?:jetzt|sofort|heute)|von\s+(?:nun|jetzt)\s+an|künftig|in\s+zukunft)"
)
_TO_DO: Final = r"(?-i:[a-zäöüß-]{2,30}(?:en|ern|eln))[.!]{0,2}$"  # an infinitive at the end
_DO: Final = (
    r"(?:verwende|nutze|benutze|nimm|schreibe?|mache?|füge?|ändere|lösche|committe|pushe|importiere"
    r"|installiere|rufe?|teste|führe?|lasse?|frage?|antworte|achte|prüfe|gib|zeige?|benenne)"
)


def _form(kind: RecordKind, confidence: float, pattern: str) -> Form:
    return Form(kind, confidence, re.compile(_WEIGHED + pattern, re.I))


FORMS: Final = (
    _form(
        RecordKind.PREFERENCE,
        0.85,
        rf"(?:bitte\s+)?{_FROM_NOW_ON},?\s+(?:bitte\s+)?(?:{_EVER}|nur\s+noch|keine?[mnrs]?)\s"
        rf".{{2,200}}?{_TO_DO}",
    ),
    _form(
        RecordKind.PREFERENCE,
        0.85,
        rf"(?:bitte\s+)?(?:{_FROM_NOW_ON}\s+)?{_DO}\s+(?:\S{{1,30}}\s+){{0,3}}?"
        rf"(?:{_EVER}|{_FROM_NOW_ON})\b\s*\S",
    ),
    _form(RecordKind.PREFERENCE, 0.85, rf"(?:bitte\s+)?{_EVER}\s.{{2,200}}?{_TO_DO}"),
    _form(
        RecordKind.RULE,
        0.7,
        r"(?:bitte\s+)?(?:verwende|nutze|benutze|importiere|installiere)\s+(?:bitte\s+)?"
        r"(?:hier\s+)?keine?[mnrs]?\s+\S",
    ),
    _form(
        RecordKind.DECISION,
        0.85,
        r"wir\s+haben\s+(?!nicht\b|nichts\b)[^,.;:]{0,80}?"
        r"\b(?:entschieden|beschlossen|geeinigt|festgelegt|vereinbart)\b",
    ),
    _form(
        RecordKind.PREFERENCE,
        0.8,
        r"ich\s+(?:bevorzuge\s+\S|ziehe\s[^,.;:]{2,80}\svor\b|mag\s+(?:lieber|keine?[mnrs]?)\s+\S"
        r"|(?:nutze|verwende|benutze|nehme)\s+(?:lieber|am\s+liebsten)\s+\S)",
    ),
)
