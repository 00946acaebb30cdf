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
    SHOWS = "shows"  # the command that does something
    TELLS = "tells"  # description


_STRONG: Final = re.compile(
    r"\b(?:must|mustn't|never|always|shall|forbidden|under no circumstances|no exceptions"
    r"|(?:is|are) not (?:allowed|permitted|acceptable)|not negotiable|unacceptable|not optional"
    r"|mandatory(?= ?[.;,:(\u2014-]|$)"
    r"|(?:is|are) (?:required|forbidden|prohibited|mandatory|banned|disallowed|expected to)"
    r"|(?:need|needs|have|has) to be|should(?: not|n't)?|ought to|only use|make sure|be sure to"
    r"|ensure(?: that)?|cannot be used|(?:we|you) (?:do not|don't|never))\b"
    r"|(?:^|[,;:(\u2013\u2014-] ?|\b(?:please|then|also|so) )(?:do not|don't)\b",
    re.I,
)
_PREFERS: Final = re.compile(
    r"\b(?:prefer(?:s|red|ably)?|favou?r|avoid|where(?:ver)? possible|when(?:ever)? possible"
    r"|if possible|ideally|try to|(?:is|are) (?:encouraged|discouraged|preferred|recommended)"
    r"|recommend(?:ed)?|we (?:like|prefer|use|follow|stick to)|strive|aim (?:to|for))\b",
    re.I,
)
_NEGATED: Final = re.compile(
    r"(?:never|don't|do not|must not|no(?! (?:need|longer|one|matter|idea|problem|doubt)\b"
    r"|\b[^.;,]{0,40}\b(?:needed|required|necessary)(?: ?[.;,:(\u2014-]|$)))\b(?!,)"
    r"|[\u274c\U0001f6ab\u26d4]",
    re.I,
)
_WEAK_USE: Final = re.compile(
    r"\b(?:you|it|they|this|that|which|there|everything|tests?) should (?:now |then |also |be )?"
    r"(?:see|have|look|work|print|show|find|get|pass|able|ready|good|appear|output|notice|start"
    r"|help)\b"
    r"|\bshould (?:now )?(?:see|be able to|look like|help|give you|allow you|already|probably"
    r"|be (?:good|set|ready|available|up and running))\b"
    r"|\b(?:don't|do not) (?:hesitate|worry|be afraid|panic|have to|need|be shy|know|want"
    r"|care|understand|mind|see|think)\b"
    r"|\byou (?:do not|don't) (?:have|need)\b"
    r"|\b(?:if|when|unless|until|while|whether|because) (?:you|it|they|we|this) (?:do not|don't"
    r"|never|must|always)\b|\b(?:that|which|who) (?:do not|don't|never|always|must)\b"
    r"|\b(?:has|have|had|was|were) (?:always|never)\b"
    r"|\b(?:question|answer|point) is (?:always|never)"
    r"|\balways (?:welcome|wanted|happy|nice|appreciated|open|be happy)\b"
    r"|\bnever(?:theless| mind)\b"
    r"|\b(?:can|could|may|might|would|will) (?:never|always)\b"
    r"|(?<!^)\b(?:never|always) (?:\w{2,20}ly )?(?!\w{0,30}[su]s\b)\w{2,30}s\b",
    re.I,
)
_COMPOUND: Final = re.compile(  # a noun, though its first word is a verb elsewhere
    r"(?:return (?:types?|values?|codes?)|tests? (?:coverage|suites?|cases?|names?|data|helpers?"
    r"|runners?|fixtures?|methods?|functions?|class(?:es)?|plans?|projects?|results?|infrastructure)"
    r"|file (?:names?|paths?|extensions?|headers?|sizes?|organi[sz]ation|layout|renames?|moves?)"
    r"|(?:type|state|data|cache|log|error|build|request|query|output|event|lock|release|package"
    r"|key|version) (?:types?|names?|levels?|management|handling|invalidation|keys?|ids?|commands?"
    r"|outputs?|systems?|artifacts?|strategy|signatures?|hashes|files? (?:are|is|live|must|should))"
    r"|use cases?|change (?:log|sets?)|design (?:patterns?|systems?|tokens?|docs?)"
    r"|clear (?!(?:the|all|any|and|out|old|stale|up|cache)\b)[a-z]{1,30})\b"
    r"|(?:fix|change|test|commit|request|default|import|build|file|key|value|log) "
    r"(?:applied|made|added|removed|changed|renamed|moved|used|missing)\b"
    r"|(?:default|build|return|test|state|type|model|cache|log|query|index|surface|label|support"
    r"|process|output|plan|design|batch|stream|release|access|source|load) "
    r"(?:(?!that\b|which\b|what\b|when\b|if\b|how\b|who)[\w/()-]{1,30} ){0,3}"
    r"(?:is|are|was|were|has|goes|lives?|triggers?|will|may|contains?|takes|comes?)\b",
    re.I,
)
_IMPERATIVES: Final = frozenset(
    """
    abstract accept access adapt add address adhere align allow analyze annotate apply ask
    assert assign assume attach audit avoid await base batch begin bind break bring build bump
    cache call cancel capture catch centralize change check choose chunk cite clarify clean
    clear close cluster co-locate colocate combine comment commit communicate compare compile
    complete compose configure confirm consider consolidate construct contain continue control
    convert copy cover create debounce debug declare decouple default defer define delegate
    delete deploy design destructure detect determine develop disable discuss dispatch dispose
    distinguish divide document double-check drop eliminate embed emit employ enable encapsulate
    encode encourage end enforce ensure escape establish evaluate exclude execute exercise
    expect explain export expose express extend extract fail favor favour fetch file fill filter
    find finish fix flag focus follow forbid force format generate get give go group guard guide
    handle have help hide honor hook hydrate identify ignore implement import improve include
    increase indent index infer inherit initialize inject inline insert inspect install
    instrument integrate invoke isolate iterate join judge justify keep label lazily lazy-load lead
    leave let leverage limit link lint list load localize locate lock log look lowercase
    maintain make manage map mark match maximize measure memoize mention merge migrate mimic
    minify minimize mirror mock model modify modularize monitor move mutate name nest never
    normalize notify offload omit only open opt optimize order organise organize output
    override paginate parallelize parameterize parse partition pass pick pin place plan prefer
    prefetch prefix preload prepare present preserve prevent prioritise prioritize produce
    profile propagate propose protect prove provide publish pull push put quote raise read
    rebase recommend record reduce refactor refer reference register reject release rely
    remember remove rename render reorder replace report request require reserve reset resolve
    respect restart restrict retry return reuse revert review rewrite rotate round run sanitise
    sanitize save say scope search secure select send separate serialize serve set setup share ship
    shorten show sign simplify sketch skip solve sort specify split squash stage start state
    stay stick stop store stream strip strive structure style submit subscribe suffix suggest
    summarize support suppress surface switch sync tag take target tell test think throttle
    throw tidy track transform translate treat trim trust try turn type understand unit-test
    unsubscribe update upgrade use utilize validate verify version wait walk warn watch work
    wrap write
    """.split()  # noqa: SIM905 - a list of words reads better as words
)
_LEANING: Final = frozenset({"prefer", "favor", "favour", "avoid", "consider", "try", "strive"})
_ADVERBS: Final = frozenset(
    {"please", "always", "never", "only", "also", "then", "instead", "first", "just", "properly"}
    | {"carefully", "strictly", "explicitly", "clearly", "generally", "usually", "still", "so"}
)
_CONDITION: Final = re.compile(
    r"(?:when|if|for|in|before|after|while|unless|once|where|on|with|by|as|to|under|at|during)\b[^,;:]{2,120}[,:]\s{1,3}",
    re.I,
)
CALLOUT: Final = re.compile(  # "IMPORTANT: "; it says nothing itself
    r"(?:important|note|warning|critical|caution|remember|attention|nb|tip|reminder|rule"
    r"(?: \d{1,3})?)\b(?: note)?\s{0,2}[:!\u2013\u2014-]{1,3}\s{0,3}",
    re.I,
)
_ARTEFACT: Final = (
    r"(?:code|changes?|commits?|messages?|requests?|prs?|tests?|patch(?:es)?|features?|fix(?:es)?"
    r"|functions?|methods?|class(?:es)?|variables?|names?|files?|imports?|documentation|docs"
    r"|comments?|docstrings?|branch(?:es)?|apis?|dependenc(?:y|ies)|lines?|modules?|types?"
    r"|contributions?|plugins?|hooks?|migrations?|main|master|views?|packages?|strings?"
    r"|indentation|tabs|spaces|quotes|style|formatting|changelog|coverage|warnings?|errors?)"
)
_ABOUT_WORK: Final = re.compile(rf"(?:[^\s,.;]{{1,30}} ){{0,6}}{_ARTEFACT}\b", re.I)
_WORK: Final = re.compile(rf"\b{_ARTEFACT}\b", re.I)
_OWES: Final = re.compile(r"\b(?:must|should|shall|never|always|(?:need|has|have)s? to be)\b", re.I)
_ASKS: Final = re.compile(
    r"(?:please |also |and |in general,? )?"
    r"(?:never|always|do not|don't|avoid|prefer|use|keep|follow"
    r"|add|write|include|document|make sure|be sure|ensure|update|limit|squash|rebase|format|test"
    r"|cover|provide|sign)\b|we (?:use|prefer|follow|require|do not|don't|never|always)\b",
    re.I,
)
_NOT_WORK: Final = re.compile(
    r"^(?:this|that|these|those|it|they|there|thanks?|sorry|once|since|even|here|note that|now)\b"
    r"|\b(?:learn more|check out|thank|welcome"
    r"|feel free|happy to|love|appreciate|hesitate|e-?mail|slack|discord|gitter"
    r"|mailing list|stack ?overflow|newcomers?|first[- ]time|sponsor|donat\w+|tutorial|greeted"
    r"|meetings?|committers?|maintainers?|nominat\w+|click|browser|in use|installed"
    r"|you(?:'d| would) like to|if you(?:'re| are| want| need| would)|should (?:pass|fail))\b",
    re.I,
)
_UNIVERSAL: Final = re.compile(
    r"^(?:every|all|each|any|only|nothing|nobody|no one)\b|\bonly\b"
    r"|[;,\u2013\u2014-] (?:no|not|never|nothing) \S",
    re.I,
)
_WORD: Final = re.compile(r"[A-Za-z][\w'\u2019-]*")
_NAMED: Final = re.compile(
    r"(?P<key>[A-Z][\w/&+ .-]{1,38}?)\s{0,2}(?::|\u2014|\u2013| - )\s{1,3}(?P<value>\S.{0,90})$"
)
_ATTRIBUTE: Final = re.compile(  # what is a fact of a project, of all that has a name and a value
    r"(?:(?:the|our|main|primary|supported|minimum|required|project|code|unit|e2e|integration"
    r"|end-to-end|feature|default|static|css|db|api) )?"
    r"(?:package managers?|programming languages?|languages?|(?:web |ui |test(?:ing)? )?frameworks?"
    r"|runtimes?|databases?|db|orm|sql|build(?: tools?| systems?)?|bundl(?:ers?|ing)|compilers?"
    r"|architecture|toolchain"
    r"|tests?|testing|test runners?|lint(?:er|ers|ing)?|format(?:ter|ters|ting)?"
    r"|type[- ]check(?:er|ing)|ui(?: library| components)?|components?|styling|styles|css|icons"
    r"|forms?|state(?: management)?|data fetching|routing|router|auth(?:entication|orization)?"
    r"|back-?end|front-?end|server|client|apis?|queues?|jobs|cach(?:e|ing)|search|storage|hosting"
    r"|deploy(?:ment|s)?|ci(?:/cd)?|infrastructure|monorepo|licen[cs]e|line (?:length|width)"
    r"|(?:max(?:imum)? )?line length|indent(?:ation)?|naming|(?:python|node(?:\.js)?|go|rust|java"
    r"|typescript|ruby|php|\.net)(?: versions?)?|targets?|platforms?|default branch|main branch"
    r"|branch(?:es| names?)?|commits?(?: style| messages?| format)?|encoding|locale|timezone"
    r"|logg(?:er|ing)|monitoring|analytics|i18n|validation|module system|modules|imports?|quotes"
    r"|semicolons|style guide|editor|ide|docs|documentation|e-?mail|payments?|ai)",
    re.I,
)
_COMMAND_LINE: Final = re.compile(r"(?:run )?`[^`]*\s[^`]*`", re.I)
_PLAIN_VALUE: Final = 10  # words


def bearing(sentence: str) -> Bearing:
    """Tell how a sentence, or a bullet, bears on the work."""
    text = CALLOUT.sub("", sentence.strip(" \"'").replace("\u2019", "'"))
    if text.endswith("?"):
        return Bearing.TELLS
    if is_imperative(text):
        verb = _first(text)
        soft = verb in _LEANING or re.search(
            r"\b(?:where|when|if) (?:ever )?possible\b", text[:300]
        )
        return Bearing.LEANS if soft and not _hard(text) else Bearing.BINDS
    text = _WEAK_USE.sub("\u2026", text)
    if _NEGATED.match(text) or _STRONG.search(text):
        return Bearing.BINDS
    if _PREFERS.search(text):
        return Bearing.LEANS
    return Bearing.NAMES if named(text) else Bearing.TELLS


def obliges(text: str) -> bool:
    """Tell whether a text binds or leans in so many words, by more than an imperative."""
    text = _WEAK_USE.sub("\u2026", text.replace("\u2019", "'"))
    return any(form.search(text) for form in (_STRONG, _PREFERS)) or bool(_NEGATED.match(text))


def binds_contributors(sentence: str, prescribed: bool) -> bool:
    """Tell whether a sentence of a guide for people says how the work has to be done.

    `prescribed` tells that its heading announces rules ("Code style").
    """
    text = sentence.replace("\u2019", "'")
    if len(text.split()) < 4 or _NOT_WORK.search(text[:400]):
        return False
    if _ASKS.match(_CONDITION.sub("", text, count=1) if _CONDITION.match(text) else text):
        return prescribed or _WORK.search(text[:400]) is not None
    if _ABOUT_WORK.match(text) and _OWES.search(text[:400]):
        return True
    return prescribed and is_imperative(text)


def _hard(text: str) -> bool:
    return re.search(r"\b(?:must|never|always|do not|don't)\b", text, re.I) is not None


def is_universal(text: str) -> bool:
    """Tell whether a bullet says how everything is, with nothing else allowed beside it."""
    return _UNIVERSAL.search(text[:300]) is not None


def is_imperative(text: str) -> bool:
    """Tell whether a sentence begins with a verb that tells what to do, a condition before it."""
    if text[:1] in "`$" or _COMPOUND.match(text):
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
            return "" if text[found.end() : found.end() + 1] in ("(", "/", "=", ":") else word
    return ""


def named(text: str) -> tuple[str, str] | None:
    """Return the subject and the value of "Package manager: pnpm"; None where it is none."""
    found = _NAMED.match(text.strip())
    if found is None:
        return None
    key, value = found["key"].strip(), found["value"].strip().rstrip(".")
    if len(key.split()) > 4 or len(value.split()) > _PLAIN_VALUE or _COMMAND_LINE.match(value):
        return None
    if ". " in value or is_imperative(key):
        return None
    if value.endswith(":") or value.startswith(("http://", "https://", "/", "./")):
        return None
    return key, value


def is_attribute(key: str) -> bool:
    """Tell whether a name is that of something which a project has one of: its database."""
    return _ATTRIBUTE.fullmatch(key) is not None
