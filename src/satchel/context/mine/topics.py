"""What a heading or a lead-in announces: tables of English words for what stands below it."""

from __future__ import annotations

import re
from typing import Final

from satchel.context.mine.bearing import is_imperative

COMMUNITY: Final = re.compile(
    r"\b(?:code of conduct|conduct|community|report(?:ing)?|bugs?|issues?|questions?|support|help"
    r"|security|vulnerabilit(?:y|ies)|licen[cs]e|cla|dco|donat\w*|sponsor\w*|contributors|thanks"
    r"|acknowledg\w*|feature requests?|getting help|discussions?|ideas?|financial|maintainers?"
    r"|releas(?:e|es|ing)|translations?|becom\w+|recognition|roadmap|process|governance|tc"
    r"|committers?|triag\w+|meetings?|charter|voting|next steps|tutorial|newcomers)\b",
    re.I,
)
DESCRIPTIVE: Final = re.compile(
    r"\b(?:structure|architecture|overview|layout|director(?:y|ies)|commands?|scripts?|setup"
    r"|set up|install(?:ation|ing)?|getting started|quick ?start|about|background|introduction"
    r"|what is|how it works|glossary|resources|references|links|files?|modules?|packages"
    r"|key (?:files|components|concepts)|components|tech(?:nology)? stack|data flow|workspace"
    r"|environment"
    r"|examples?|troubleshooting|prerequisites|project|contents)\b",
    re.I,
)
PRESCRIPTIVE: Final = re.compile(
    r"\b(?:styles?|conventions?|naming|guidelines?|standards?|practices|rules?|principles?"
    r"|requirements?|constraints?|format(?:ting)?|code quality|coding|guardrails|polic(?:y|ies)"
    r"|commit(?:s| messages?)|invariants?|boundaries|dos?|don'?ts?|must)\b",
    re.I,
)
PLACES: Final = re.compile(
    r"\b(?:structure|architecture|layout|director(?:y|ies)|modules?|packages|components|files?"
    r"|glossary|data flow|how it works|resources|references|links|api|endpoints?|models?"
    r"|features)\b",
    re.I,
)
POLAR: Final = re.compile(
    r"(?:things to |what |always )?(?:avoid|never|do not|don'?ts?|not to do|forbidden|prohibited"
    r"|anti-?patterns?|banned|disallowed|not allowed)\b[^.]{0,30}$",
    re.I,
)
AFFIRMING: Final = re.compile(  # "DO:", "Always", "We prefer": what stands below is one each
    r"(?:things to |what to |please |we |the )?"
    r"(?:do|dos|do's|always|must|required|prefer(?:red)?|favou?r)"
    r"(?: (?:this|these|the following))?\W{0,3}$",
    re.I,
)
STACK: Final = re.compile(
    r"\b(?:stack|technolog(?:y|ies)|tooling|at a glance|project facts|key facts)\b", re.I
)
PROCEDURE: Final = re.compile(
    r"\b(?:how to|steps?|procedure|walk-?through|tutorial|recipe|releasing|publishing|deploying"
    r"|migrating|upgrading|debugging|cutting)\b",
    re.I,
)
CONDITIONAL: Final = re.compile(
    r"(?:when(?:ever)?|if|before|after|while|unless|once|for|in|on|during|every time)\b", re.I
)
_DESCRIBING: Final = re.compile(  # "Triggers include:", "The script prints three counts:"
    r"\b(?:is|are|was|were|has|have|provides?|contains?|handles?|lives?|represents?|runs?|uses"
    r"|prints?|supports?|includes?|manages|defines|wraps|returns|generates|describes|allows|serves?"
    r"|exists?|comes?|means?|happens?|gets|goes|takes|makes|shows?|gives|offers?|exposes|performs)\b"
    r"|^(?:key points|implementation|symptoms?|triggers?|signs|causes|benefits|features|methods"
    r"|options|fields|types|when to use|what (?:to look for|it (?:is|does)))\b",
    re.I,
)
_ASKING: Final = re.compile(
    r"\b(?:must|should|shall|never|always|please|need(?:s|ed)? to|required|mandatory|follow\w*"
    r"|do not|don't|ensure|make sure|expected to|we ask|checklist|in mind|review\w*)\b",
    re.I,
)


def describes(lead: str) -> bool:
    """Tell whether a lead-in announces what there is, rather than what to do."""
    asks = _ASKING.search(lead) or PRESCRIPTIVE.search(lead) or CONDITIONAL.match(lead)
    return not (asks or is_imperative(lead)) and _DESCRIBING.search(lead) is not None


def is_descriptive(topic: str) -> bool:
    """Tell whether headings, the outermost first and parted by " / ", are about what there is: the
    innermost that says either, and in that its last word that does ("Architecture Guidelines")."""
    for heading in reversed(topic.split(" / ")):
        told = [one.end() for one in DESCRIPTIVE.finditer(heading)]
        asked = [one.end() for one in PRESCRIPTIVE.finditer(heading)]
        if told or asked:
            return max(told, default=0) > max(asked, default=0)
    return False
