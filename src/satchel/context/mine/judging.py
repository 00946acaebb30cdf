"""What a block of a rules file states: as a bullet, as a paragraph, or in a text for people."""

from __future__ import annotations

import re
from typing import Final

from satchel.context.mine.bearing import (
    Bearing,
    bearing,
    binds_contributors,
    is_attribute,
    is_imperative,
    is_universal,
    named,
    obliges,
)
from satchel.context.mine.illustration import own_words
from satchel.context.mine.outline import Block, heads
from satchel.context.mine.sentences import sentences
from satchel.context.mine.surroundings import leading
from satchel.context.mine.topics import (
    AFFIRMING,
    COMMUNITY,
    CONDITIONAL,
    PLACES,
    POLAR,
    PRESCRIPTIVE,
    PROCEDURE,
    STACK,
    describes,
    is_descriptive,
)
from satchel.context.mine.wording import MOST_TEXT, cut

LEAST_WORDS: Final = 3  # of a rule that stands alone
_LONG: Final = 420  # characters of a bullet, of which the first sentences are kept

SURE: Final = {
    Bearing.BINDS: 0.9,
    Bearing.LEANS: 0.85,
    Bearing.NAMES: 0.85,
    Bearing.SHOWS: 0.8,
}
FORBIDDEN: Final = 0.85  # of what stands below "Avoid" or is crossed out
AFFIRMED: Final = 0.85  # of what stands below "DO" or "Prefer"
_BEARS: Final = (Bearing.BINDS, Bearing.LEANS)
IN_A_GUIDE: Final = 0.75  # confidence of what a text for people says
UNIVERSAL: Final = 0.75  # of "every change comes with a test"
WITHOUT_A_VERB: Final = 0.65  # of "camelCase for variables", below a heading about style

_COMMAND: Final = re.compile(
    r"(?:please |then |to [^,`]{1,60}, )?(?:run|execute|install|start|build|clone|launch|open|type"
    r"|navigate|cd|fork|checkout|create|activate|push|submit|test)\b[^`]{0,60}`",
    re.I,
)
_NAMES_COMMAND: Final = re.compile(r"[^:`]{1,40}: `[^`]*\s[^`]*`(?: \([^()]*\))?\.?")
_QUALIFIES: Final = re.compile(  # "run `x` before …" is more than a command
    r"\b(?:before|after|always|never|must|do not|don't|instead|unless|every|each|whenever|rather"
    r"|only|should|not)\b",
    re.I,
)
_LISTING: Final = re.compile(  # "`src/api`: routes", "addFile: Copies a file"
    r"(?:`[^`]{1,200}`(?:\s{0,2}\([^()]{0,60}\))?"
    r"|(?:[a-z]{1,30}[A-Z]|\w{1,40}_|--?[a-z])[\w-]{0,60}(?:\(\))?|[\w.]{1,60}\(\))"
    r"\s{0,2}(?::|-|\u2013|\u2014|=|\u2192|->|$)"
)
_DESCRIBES: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|provides?|contains?|handles?|lives?|represents?|runs?|uses"
    r"|supports?|includes?|located|manages|defines|wraps|returns|generates|describes|allows|serves"
    r"|will|can|exists?|comes?|means?|happens?|gets|goes|takes|makes|i|we|you)\b",
    re.I,
)
Judged = list[tuple[str, Bearing, float]] | str  # texts with what they are, or why none is kept


def of_a_bullet(block: Block, text: str, topic: str, crossed: bool) -> Judged:
    """Judge a bullet of a rules file as a whole."""
    kind = _judged(own_words(text))
    over = next((one for one in _over(block) if POLAR.match(one) or AFFIRMING.match(one)), "")
    forbidding = POLAR.match(over) is not None
    polar = crossed or forbidding
    plain = kind in _BEARS and not obliges(own_words(text))  # by its imperative alone
    if len(text.split()) < LEAST_WORDS and kind in _BEARS and not (block.lead or polar):
        return "too short"
    if _LISTING.match(text) and (plain or kind is not Bearing.BINDS) and not polar:
        return "a listing"
    if (_COMMAND.match(text) or _NAMES_COMMAND.fullmatch(text)) and not _QUALIFIES.search(text):
        return "a command"
    if polar and (kind is not Bearing.BINDS or (plain and forbidding)):
        text = f"Not: {text}" if crossed and not forbidding else text
        return [(_shortened(text), Bearing.BINDS, SURE[kind] if plain else FORBIDDEN)]
    if (plain or kind is Bearing.TELLS) and any(describes(leading(one)) for one in block.lead[-1:]):
        return "description"
    if plain and text.endswith(":"):
        return "a lead-in"
    if plain and block.is_ordered and _is_step(block, text):
        return "a step"
    if over and not forbidding and not block.leads:
        leans = _leans(over) or kind is Bearing.LEANS
        sure = SURE[kind] if kind in _BEARS else AFFIRMED
        return [(_shortened(text), Bearing.LEANS if leans else Bearing.BINDS, sure)]
    if kind is Bearing.NAMES and _is_fact(text, topic):
        return [(text, kind, SURE[kind])]
    if kind in (Bearing.NAMES, Bearing.TELLS):
        return _without_a_verb(block, text, topic)
    if is_descriptive(topic) and not _QUALIFIES.search(text):
        return "description"
    return [(_shortened(text), kind, SURE[kind])]


def _without_a_verb(block: Block, text: str, topic: str) -> Judged:
    """Judge a bullet that only a heading or a lead-in makes a rule: "camelCase for variables"."""
    lead = block.lead[-1:]
    titles = [one for one in (topic, *block.lead) if heads(one)]
    announced = any(map(_allows, lead)) or (" " in text and any(map(PRESCRIPTIVE.search, titles)))
    short = len(text.split()) <= 25 and not text.endswith((":", "?"))
    if short and announced and not _DESCRIBES.search(text):
        leans = any(map(_leans, lead))
        return [(text, Bearing.LEANS if leans else Bearing.BINDS, WITHOUT_A_VERB)]
    if is_universal(text) and not is_descriptive(topic) and not block.leads:
        return [(_shortened(text), Bearing.BINDS, UNIVERSAL)]
    return "description"


def _over(block: Block) -> tuple[str, ...]:
    """Return the lead-ins that a block stands below, the nearest first, and its own heading."""
    return (*reversed(block.lead), *block.headings[-1:])


def _leans(lead: str) -> bool:
    return bearing(leading(lead)) is Bearing.LEANS


def _allows(lead: str) -> bool:
    """Tell whether what a lead-in announces is all that is allowed, or asked for."""
    lead = leading(lead)
    return obliges(lead) or lead.lower().startswith("only ")


def _is_fact(text: str, topic: str) -> bool:
    """Tell whether "name: value" says something of the project, and not of one of its places."""
    pair = named(text)
    if pair is None or PLACES.search(topic):
        return False
    return is_attribute(pair[0]) or STACK.search(topic) is not None


def _is_step(block: Block, text: str) -> bool:
    """Tell whether an item of a numbered list says how something is done, not what holds for it."""
    over = [*block.headings[-1:], *block.lead]
    return any(map(PROCEDURE.search, over)) and not (
        any(map(PRESCRIPTIVE.search, over)) or any(map(CONDITIONAL.match, (*over, text)))
    )


def _judged(text: str) -> Bearing:
    """Judge by the first sentence, by what stands after its label, then by the rest."""
    first, *more = sentences(text) or [text]
    kind = bearing(first)
    if kind in _BEARS:
        return kind
    label, colon, rest = text.partition(": ")
    if not colon:
        label, colon, rest = text.partition(" - ")
    if colon and len(label.split()) <= 6 and not label.startswith("`"):
        inner = bearing(next(iter(sentences(rest)), ""))
        if inner in _BEARS:
            return inner
    if kind is Bearing.NAMES and named(text):
        return kind
    rest_kinds = {bearing(one) for one in more if not is_imperative(one)}
    for strong in (Bearing.BINDS, Bearing.LEANS):
        if strong in rest_kinds:
            return strong
    return Bearing.TELLS


def of_a_paragraph(text: str, topic: str) -> Judged:
    """Take the sentences of a paragraph that bind, each run of them with what follows it."""
    said = sentences(text)
    kinds = [bearing(own_words(one)) for one in said]
    binding = [at for at, kind in enumerate(kinds) if kind in _BEARS]
    if is_descriptive(topic):
        binding = [
            at for at in binding if not is_imperative(said[at]) or _QUALIFIES.search(said[at])
        ]
    binding = [at for at in binding if not _COMMAND.match(said[at]) or _QUALIFIES.search(said[at])]
    binding = [at for at in binding if not said[at].endswith(":")]
    if not binding:
        return "a command" if any(map(_COMMAND.match, said)) else "description"
    found: list[tuple[str, Bearing, float]] = []
    for first, after in zip(binding, [*binding[1:], len(said)], strict=True):
        # What leads in belongs to the first rule, what explains to the rule before it.
        begins = 0 if not found and len(text) <= 300 else first
        run = said[begins : min(after, first + 2)]
        if run[-1].endswith(":"):
            run = run[:-1]
        kind, kept = kinds[first], " ".join(run)
        if found and _GOES_ON.match(said[first]):
            kept, kind = f"{found[-1][0]} {kept}", found.pop()[1]
        found.append((_shortened(kept), kind, SURE[kind] - 0.05))
    return found


_GOES_ON: Final = re.compile(  # a sentence that means nothing without the one before it
    r"(?:it|they|this|that|these|those|then|also|otherwise|instead|in that case|so|and|but|if so|"
    r"the same|same|likewise|there)\b",
    re.IGNORECASE,
)


def of_a_guide(block: Block, text: str, topic: str) -> Judged:
    """Take from a text for people only the sentences that bind them."""
    prescribed = PRESCRIPTIVE.search(topic) is not None
    own = block.headings[-1] if block.headings else ""
    if COMMUNITY.match(own) if prescribed else COMMUNITY.search(topic):
        return "about the community"
    if block.is_ordered:
        return "a step"
    found: list[tuple[str, Bearing, float]] = []
    for one in sentences(text):
        kind = bearing(own_words(one))
        if kind not in _BEARS or one.endswith(":"):
            continue
        if binds_contributors(one, prescribed) and (
            _QUALIFIES.search(one) or not _COMMAND.match(one)
        ):
            found.append((cut(one, MOST_TEXT), kind, IN_A_GUIDE))
    return found or "description"


def _shortened(text: str) -> str:
    """Keep the first sentences of a long bullet."""
    if len(text) <= _LONG:
        return text
    kept = ""
    for one in sentences(text):
        if kept and len(kept) + len(one) > _LONG:
            break
        kept = f"{kept} {one}".strip()
    return cut(kept, MOST_TEXT)
