"""How a sentence of a rules file bears on the work: it binds, it leans, it states, or it tells.

Tables of English words, no grammar: a rule begins with a verb in the imperative or holds a word
that binds; what does neither is description.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Bearing(StrEnum):
    """What a sentence is to whoever changes the code."""

    BINDS = "binds"  # must, never, do not, an imperative
    LEANS = "leans"  # prefer, favour, avoid, where possible
    NAMES = "names"  # "Package manager: pnpm"
    TELLS = "tells"  # description


_STRONG: Final = re.compile(
    r"\b(?:must|mustn't|never|always|do not|don't|shall|may not|(?:is|are) not (?:allowed|permitted)"
    r"|(?:is|are) (?:required|forbidden|prohibited|mandatory|banned|disallowed)|forbidden"
    r"|under no circumstances|no exceptions|not negotiable|(?:need|needs|have|has) to be"
    r"|should(?: not|n't)?|ought to|only use|make sure|be sure to|ensure(?: that)?"
    r"|(?:is|are) expected to|not acceptable|unacceptable|cannot be used|we (?:do not|don't|never))\b",
    re.I,
)
_PREFERS: Final = re.compile(
    r"\b(?:prefer(?:s|red|ably)?|favou?r|avoid|where(?:ver)? possible|when(?:ever)? possible"
    r"|if possible|ideally|try to|(?:is|are) (?:encouraged|discouraged|preferred|recommended)"
    r"|recommend(?:ed)?|consider|instead of|rather than|we (?:like|prefer|use|follow|stick to)"
    r"|as a rule|by default use|strive|aim (?:to|for))\b",
    re.I,
)
_NEGATED: Final = re.compile(
    r"(?:never|no|not|don't|do not|must not|avoid using|nothing|none of)\b|[\u274c\U0001f6ab\u26d4]",
    re.I,
)
_WEAK_USE: Final = re.compile(
    r"\b(?:you|it|they|this|that|which|there|everything|tests?) should (?:now |then |also |be )?"
    r"(?:see|have|look|work|print|show|find|get|pass|able|ready|good|appear|output|notice|start)\b"
    r"|\bshould (?:now )?(?:see|be able to|look like|be (?:good|set|ready|available|up and running))\b"
    r"|\b(?:don't|do not) (?:hesitate|worry|be afraid|forget|panic|have to|need|be shy|know|want"
    r"|care|understand|mind|see|think)\b"
    r"|\b(?:if|when|unless|until|while|whether|because) (?:you|it|they|we|this) (?:do not|don't|never"
    r"|must|always)\b|\b(?:that|which|who) (?:do not|don't|never|always|must)\b"
    r"|\b(?:has|have|had|was|were|is|are) (?:always|never)\b|\balways (?:welcome|wanted|happy|nice"
    r"|appreciated|open|be happy)\b|\bnever(?:theless| mind)\b",
    re.I,
)
_IMPERATIVES: Final = frozenset(
    """
    abstract accept access adapt add address adhere align allow analyze annotate apply ask assert
    assign assume attach audit avoid await base batch begin bind break bring build bump cache call
    cancel capture catch centralize change check choose chunk cite clarify clean clear close cluster
    co-locate colocate combine comment commit communicate compare compile complete compose configure
    confirm consider consolidate construct contain continue control convert copy cover create
    debounce debug declare decouple default defer define delegate delete deploy design destructure
    detect determine develop disable discuss dispatch dispose distinguish divide document double-check
    drop eliminate embed emit employ enable encapsulate encode encourage end enforce ensure escape
    establish evaluate exclude execute exercise expect explain export expose express extend extract
    fail favor favour fetch file filter find finish fix flag focus follow forbid force format
    generate get give go group guard guide handle have help hide honor hook hydrate identify ignore
    implement import improve include increase indent index infer inherit initialize inject inline
    insert inspect install instrument integrate invoke isolate iterate join justify keep label
    lazy-load lazily lead leave let leverage limit link lint list load localize locate lock log look
    lowercase maintain make manage map mark match maximize measure memoize mention merge migrate
    mimic minify minimize mirror mock model modify modularize monitor move mutate name nest never
    normalize note notify offload omit only open opt optimize order organise organize output
    override paginate parallelize parameterize parse partition pass pick pin place plan prefer
    prefetch prefix preload prepare present preserve prevent prioritise prioritize produce profile
    propagate propose protect prove provide publish pull push put quote raise read rebase recommend
    record reduce refactor refer reference register reject release rely remember remove rename render
    reorder replace report request require reserve reset resolve respect restart restrict retry
    return reuse review revert rewrite rotate round run sanitise sanitize save scope search secure
    select send separate serialize serve set setup share ship shorten show sign simplify sketch skip
    solve sort specify split squash stage start state stay stick stop store stream strip strive
    structure style submit subscribe suffix suggest summarize support suppress surface switch sync
    tag take target tell test think throttle throw tidy track transform translate treat trim trust
    try turn type understand unit-test unsubscribe update upgrade use utilize validate verify version
    wait walk warn watch work wrap write
    """.split()
)
_LEANING: Final = frozenset({"prefer", "favor", "favour", "avoid", "consider", "try", "strive"})
_ADVERBS: Final = frozenset(
    {"please", "always", "never", "only", "also", "then", "instead", "first", "just", "properly"}
    | {"carefully", "strictly", "explicitly", "clearly", "generally", "usually", "still", "so"}
)
_CONDITION: Final = re.compile(
    r"(?:when|if|for|in|before|after|while|unless|once|where|on|with|by|as|to|under|at|during|"
    r"during)\b[^,.;:]{2,120}[,:]\s{1,3}",
    re.I,
)
_WORD: Final = re.compile(r"[A-Za-z][\w'\u2019-]*")
_NAMED: Final = re.compile(
    r"(?P<key>[A-Z][\w/&+ .-]{1,38}?)\s{0,2}(?::|\u2014|\u2013| - )\s{1,3}(?P<value>\S.{0,90})$"
)
_NO_KEYS: Final = frozenset(
    {"note", "example", "examples", "e.g", "see", "warning", "tip", "hint", "important", "usage"}
    | {
        "good",
        "bad",
        "output",
        "input",
        "returns",
        "exception",
        "exceptions",
        "purpose",
        "location",
    }
    | {"description", "why", "because", "reason", "do", "don't", "dos", "result", "todo", "file"}
    | {
        "remember",
        "caution",
        "reference",
        "references",
        "optional",
        "step",
        "key",
        "correct",
        "wrong",
    }
    | {"goal", "role", "source", "docs", "documentation", "link", "website", "author", "version"}
    | {"title", "name", "date", "status", "owner", "contact", "email", "maintainer", "last updated"}
)
_PLAIN_VALUE: Final = 10  # words


def bearing(sentence: str) -> Bearing:
    """Tell how a sentence, or a bullet, bears on the work."""
    text = sentence.strip(" \"'").replace("\u2019", "'")
    weak = _WEAK_USE.search(text)
    if is_imperative(text):
        verb = _first(text)
        soft = verb in _LEANING or re.search(
            r"\b(?:where|when|if) (?:ever )?possible\b", text[:300]
        )
        return Bearing.LEANS if soft and not _hard(text) else Bearing.BINDS
    if _NEGATED.match(text) and not weak:
        return Bearing.BINDS
    if _STRONG.search(text) and not weak:
        return Bearing.BINDS
    if _PREFERS.search(text) and not weak:
        return Bearing.LEANS
    return Bearing.NAMES if named(text) else Bearing.TELLS


def _hard(text: str) -> bool:
    return re.search(r"\b(?:must|never|always|do not|don't)\b", text, re.I) is not None


def is_imperative(text: str) -> bool:
    """Tell whether a sentence begins with a verb that tells what to do, a condition before it."""
    if text[:1] in "`$":
        return False
    return _first(text) in _IMPERATIVES


def _first(text: str) -> str:
    """Return the first word that counts: adverbs, and a condition up to its comma, are passed."""
    for _ in range(2):
        condition = _CONDITION.match(text)
        if condition is None:
            break
        text = text[condition.end() :]
    for found in _WORD.finditer(text[:120]):
        word = found[0].lower()
        if word not in _ADVERBS:
            return "" if text[found.end() : found.end() + 1] in ("(", "/", "=") else word
    return ""


def named(text: str) -> tuple[str, str] | None:
    """Return the subject and the value of "Package manager: pnpm"; None where it is none."""
    found = _NAMED.match(text.strip())
    if found is None:
        return None
    key, value = found["key"].strip(), found["value"].strip().rstrip(".")
    if key.lower() in _NO_KEYS or len(key.split()) > 4 or len(value.split()) > _PLAIN_VALUE:
        return None
    if value.endswith(":") or value.startswith(("http://", "https://", "/", "./")):
        return None
    return key, value
