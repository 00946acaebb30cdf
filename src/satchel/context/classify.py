"""What kind of request this is. Pure, by a table of cues; no model is asked."""

from __future__ import annotations

import re
from typing import Final

from satchel.context.types import Intent, IntentKind
from satchel.context.understand import Query

# (kind, weight, pattern). A request is of the kind whose cues weigh most; ties keep this order.
_CUES: Final[tuple[tuple[IntentKind, float, re.Pattern[str]], ...]] = tuple(
    (kind, weight, re.compile(pattern, re.IGNORECASE))
    for kind, weight, pattern in (
        (
            IntentKind.CHANGE,
            2.0,
            r"^\W*(?:please |can you |could you |let'?s |we (?:should|need to) |i want to )*"
            r"(?:add|allow|avoid|bump|change|clean|convert|correct|create|delete|deprecate|disable"
            r"|drop|enable|ensure|extend|extract|fix|handle|implement|improve|inline|introduce"
            r"|make|merge|migrate|modify|move|optimi[sz]e|port|prevent|refactor|reject|remove"
            r"|rename|replace|restore|reuse|revert|rewrite|set|simplify|split|stop|support|switch"
            r"|turn|update|upgrade|use|validate|wrap|write)\b",
        ),
        (
            IntentKind.CHANGE,
            1.5,
            r"\b(?:bugs?|broken|crash(?:es|ed)?|error|exception|fails?|failing|failure|incorrect"
            r"|leak|regression|traceback|unexpected(?:ly)?|wrong(?:ly)?|does ?n[o']t work"
            r"|should(?: not|n't)? (?:be|raise|return|accept))\b",
        ),
        (
            IntentKind.RECALL,
            3.5,
            r"\b(?:what did (?:we|i)|did we (?:decide|agree|choose)|have we (?:decided|agreed)"
            r"|why did (?:we|i)|remind me|what was (?:decided|agreed)"
            r"|remember (?:when|what|why)|last (?:time|week|month) we)\b",
        ),
        (
            IntentKind.PLAN,
            3.2,
            r"\b(?:how (?:should|would|could) (?:we|i|you)|plan (?:for|to|out)|design (?:for|a|an)"
            r"|propose|proposal|roadmap|approach (?:for|to)|trade-?offs?|what would it take"
            r"|break (?:it|this) down|steps to)\b",
        ),
        (
            IntentKind.OPERATE,
            2.2,
            r"^\W*(?:please )?(?:run|execute|deploy|build|install|start|restart|launch|commit|push"
            r"|pull|rebase|checkout|release|publish|lint|format|test)\b",
        ),
        (
            IntentKind.QUESTION,
            1.8,
            r"^\W*(?:what|where|which|who|whose|when|why|how|is|are|does|do|can|could|explain"
            r"|describe|show|tell|find|list|summari[sz]e)\b",
        ),
        (IntentKind.QUESTION, 1.0, r"\?\s*$"),
    )
)
# Said to a person, not about a workspace.
_SMALL_TALK: Final = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|thanks?(?: you)?|thx|ty|cheers|great|good|nice|perfect|awesome|cool|fine"
    r"|yes|yep|yeah|no|nope|sure|hi|hello|hey|bye|goodbye|please|continue|go on|go ahead|proceed"
    r"|carry on|keep going|done|next|stop|wait|lgtm|ship it|sounds good|looks good|well done"
    r"|how are (?:you|things)|good (?:morning|evening|night|job|work)|never ?mind|got it|i see"
    r"|makes sense"
    r"|(?:a lot|so much|very much|again|then|now|all|man|mate|everyone|there|to me|doing"
    r"|you|(?:for|on) (?:that|this|the help|your help)(?: one)?|that works|it works|works))\b"
    r"[\s,.!?:;()'-]*)+$",
    re.IGNORECASE,
)
LONGEST_TALK: Final = 200  # characters
# What a client puts in front of or in place of a prompt.
_NOTICE: Final = re.compile(
    r"^\s*(?:<(?:task-notification|system-reminder|command-name)|\[Request interrupted)"
)


def classify(query: Query) -> Intent:
    """Name the kind of a request, and how sure that is.

    Confidence is the margin of the winning kind over the next, as a share of its weight.
    """
    text = query.text.strip()
    talk = len(text) <= LONGEST_TALK and _SMALL_TALK.match(text)
    if talk or not query.words or _NOTICE.match(text):
        return Intent(IntentKind.NONE, 0.95)
    weights = dict.fromkeys(IntentKind, 0.0)
    head = text[:2000]
    for kind, weight, pattern in _CUES:
        if pattern.search(head):
            weights[kind] += weight
    if query.frames:
        weights[IntentKind.CHANGE] += 2.0
    ranked = sorted(weights.items(), key=lambda item: -item[1])
    (best, most), (_, second) = ranked[0], ranked[1]
    if most == 0.0:
        # A bare statement of a few words is most often the subject of a change.
        return Intent(IntentKind.CHANGE, 0.3)
    return Intent(best, round(0.4 + 0.55 * (most - second) / most, 2))
