"""How commit messages word what they decide, and what they say when they decide nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from satchel.context.types import RecordKind


@dataclass(frozen=True, slots=True)
class Form:
    """A way to word a decision. `evidence` is what the wording alone is worth."""

    name: str
    pattern: re.Pattern[str]
    evidence: int
    confidence: float
    kind: RecordKind = RecordKind.DECISION


def _form(name: str, pattern: str, evidence: int, confidence: float, *, rule: bool = False) -> Form:
    kind = RecordKind.RULE if rule else RecordKind.DECISION
    return Form(name, re.compile(pattern, re.I), evidence, confidence, kind)


_X: Final = r"(?P<old>[^;]{2,60}?)"
_Y: Final = r"(?P<new>[^;]{2,60}?)"
_END: Final = (
    r"(?=$|[.;:]\s|[.;:]?$|,\s|\s\(|\s-\s|\s(?:for|in|on|as|because|since|when|where|to|and|from|"
    r"during|via|across|throughout|everywhere|everything|again|if|by|so|due|closes?|fixes|refs?)\b)"
)
_LANGUAGES: Final = (
    r"python|node(?:\.?js)?|ruby|rust|go|php|java|jdk|jvm|kotlin|swift|xcode|ios|macos|android|"
    r"typescript|django|rails|scala|perl|elixir|erlang|postgres(?:ql)?|mysql|mariadb|sqlite|redis|"
    r"oracle|windows|centos|ubuntu|debian|openssl|cmake|gcc|clang|msvc|c\+\+|gradle|maven|npm|"
    r"internet\s+explorer|ie|\.net|netstandard|msrv|numpy|spatialite|postgis|gdal|geos|pypy|jython"
)
_VERSION: Final = r"v?\d{1,4}(?:\.\d{1,4}){0,3}\+?"

# The first that fits a subject, read from where its verb stands, decides.
SUBJECT: Final = (
    _form(
        "minimum",
        rf"(?:now\s+)?(?:requires?|bump(?:ed)?\s+(?:the\s+)?(?:minimum|minimal|required)"
        rf"|(?:raise|increase|set|update)d?\s+(?:the\s+)?(?:minimum|msrv))\b.{{0,60}}?"
        rf"\b(?P<what>{_LANGUAGES})\b.{{0,30}}?(?P<new>{_VERSION})",
        2,
        0.7,
    ),
    _form(
        "support",
        r"(?:drop(?:ped|s)?|remov(?:e[ds]?|ing)|end(?:ed)?|discontinued?)\s+"
        r"(?:\w+\s+){0,2}?support\s+(?:for|of)\s+(?P<old>.{2,80})",
        1,
        0.6,
    ),
    _form(
        "support",
        rf"drop(?:ped|s)?\s+(?:eol\s+|old\s+)?(?P<old>(?:{_LANGUAGES})\s+(?:<\s*|<=\s*)?{_VERSION}"
        rf"(?:\s?(?:,|and|&|/|or)\s?(?:{_LANGUAGES})?\s?{_VERSION}){{0,5}})(?:\s+support)?\.?$",
        2,
        0.65,
    ),
    _form(
        "support",
        r"drop(?:ped|s)?\s+(?P<old>[\w.+#-]{2,30}(?:\s[\w.+#-]{1,20})?)\s+support\b",
        2,
        0.6,
    ),
    _form(
        "support",
        rf"(?:no\s+longer|stop|don'?t|do\s+not)\s+support(?:s|ing)?\s+(?P<old>.{{2,60}}?){_END}",
        2,
        0.6,
    ),
    _form(
        "switch",
        rf"(?:(?:switch|migrat|convert|transition)(?:e[ds]?|ed|ing|es)?\s+(?:\w+\s+){{0,4}}?"
        rf"|mov(?:ed?|ing)\s+)"
        rf"from\s+{_X}\s+to\s+{_Y}{_END}",
        1,
        0.6,
    ),
    _form(
        "switch",
        rf"(?:switch(?:ed|es|ing)?|migrat(?:e[ds]?|ing))\s+(?:over\s+)?"
        rf"(?:[\w`'./-]+\s+){{0,3}}?(?:over\s+)?to\s+(?:us(?:e|ing)\s+)?(?:the\s+)?{_Y}{_END}",
        0,
        0.5,
    ),
    _form("switch", rf"replac(?:e[ds]?|ing)\s+{_X}\s+(?:with|by)\s+{_Y}{_END}", 0, 0.5),
    _form(
        "switch",
        rf"us(?:e[ds]?|ing)\s+{_Y}\s+(?:instead\s+of|rather\s+than|over)\s+{_X}{_END}",
        0,
        0.5,
    ),
    _form(
        "switch",
        rf"prefer(?:red|s)?\s+{_Y}\s+(?:over|to|instead\s+of|rather\s+than)\s+{_X}{_END}",
        1,
        0.55,
    ),
    _form(
        "switch",
        rf"(?:drop|remov|deprecat|retir|abandon)(?:e[ds]?|ped|ping|ing|s)?\s+{_X}\s+"
        rf"in\s+favou?r\s+of\s+{_Y}{_END}",
        1,
        0.6,
    ),
    _form(
        "drop",
        rf"(?:drop|remove|rip\s+out|get\s+rid\s+of|eliminate)(?:p?ed|s)?\s+(?:the\s+|all\s+"
        rf"|our\s+)?"
        rf"(?:dependency\s+on\s+(?P<old>[^;]{{2,50}}?)|(?P<old2>[\w`@/.+ -]{{2,40}}?)\s+"
        rf"(?:dependency|dependencies|requirement)){_END}",
        1,
        0.6,
    ),
    _form(
        "drop",
        r"(?:drop|remove|ditch)(?:p?ed|s)?\s+(?:the\s+)?(?P<old>`?(?!binary\b|files?\b|workarounds?\b|coverage\b"
        r"|(?-i:[A-Z_]{2,30}\b|[a-z]{1,20}\.))[a-z][\w.@-]{1,30}`?)"
        r"(?=$|\.$|\s(?:crate|gem|package|library)\b)",
        0,
        0.4,
    ),
    _form("adopt", rf"(?:adopt|standardi[sz]e\s+on|settle\s+on)(?:e?d|s)?\s+{_Y}{_END}", 1, 0.6),
    _form(
        "deprecate",
        r"deprecat(?:es?|ing)\s+(?P<old>(?!various|some|old\b|deprecat|things)[^;]{2,80})",
        1,
        0.55,
    ),
    _form(
        "ban",
        r"(?:(?:don'?t|do\s+not|never|stop)\s+(?:ever\s+)?(?:us(?:e|ing)|allow(?:ing)?|rely(?:ing)?"
        r"|depend(?:ing)?|import(?:ing)?|call(?:ing)?|expos(?:e|ing)|mix(?:ing)?|commit(?:ting)?)\b"
        r"|(?:disallow|forbid|prohibit|ban)\b|avoid\s+(?:using"
        r"|the\s+use\s+of)\b)\s+(?P<old>.{2,80})",
        0,
        0.5,
    ),
)
_PREFIX: Final = re.compile(
    r"(?:\[[^\]\n]{1,40}\]\s*)?(?:(?:fix(?:ed|es)?|refs?|closes?"
    r"|issue)\s+#?\d{1,7}\b[\s,.:\u2013\u2014-]{0,6}){0,3}"
    r"(?:\[[^\]\n]{1,40}\]\s*)?"
    r"(?P<scope>[\w*./, -]{1,40}(?:\([^)\n]{1,40}\))?)?(?P<bang>!)?(?(scope):\s+|)",
    re.I,
)
DEPENDENCIES: Final = frozenset(
    {"switch", "drop", "adopt", "ban"}
)  # what a manifest bears witness to

# Whole sentences of a body (or a subject) that say that something was decided or is ruled out.
DECIDED: Final = re.compile(
    r"\b(?:(?:we|they|the\s+(?:team|community|maintainers?|technical\s+board|steering\s+council))"
    r"(?:'ve|\s+have|\s+has|\s+all)?\s+(?:also\s+|now\s+|thus\s+|therefore\s+|finally\s+)?"
    r"(?:decided|agreed|chose|settled\s+on|opted)\s+(?:to|on|that|against|not|for|in)\b"
    r"|(?<!when\s)(?:it\s+was|has\s+been)\s+(?:decided|agreed|ruled\s+out)\b"
    r"|the\s+(?:decision|consensus)\s+(?:is|was)\s+(?:to|that|not)\b"
    r"|^(?:decision|decided?s?)(?::|\s+(?:to|on|against)\b)"
    r"|^we\s+(?:will\s+not|won'?t|do\s+not|don'?t)\s+support\b)",
    re.I,
)
RULED: Final = re.compile(
    r"^(?:(?:so|therefore|thus|please)[,:]?\s+)?(?:never|do\s+not|don'?t|we\s+(?:must\s+not"
    r"|must\s+never"
    r"|should\s+never))\s+(?:ever\s+)?(?:use|add|import|introduce|rely\s+on|depend\s+on|call"
    r"|commit|remove|change|touch"
    r"|merge|expose|reintroduce|bring\s+back)\s+\S",
    re.I,
)
WHY: Final = re.compile(
    r"\b(?:because|since\s+(?!v?\d|version|python|commit)|due\s+to|so\s+that|in\s+order\s+to"
    r"|otherwise"
    r"|the\s+reason|rationale|motivation|to\s+avoid|unmaintained|not\s+maintained|abandoned"
    r"|end[\s-]of[\s-]life|eol\b|vulnerab\w{0,8}|insecure|deprecated|breaks?\b|incompatible"
    r"|obsolete"
    r"|no\s+longer\s+(?:need|necessary|maintained|supported|required|used|works?)"
    r"|(?:much\s+|is\s+|are\s+)(?:faster|slower|simpler|smaller|safer|cleaner)"
    r"|reduces?|avoids?|allows?\s+us|lets?\s+us|makes?\s+it|performance|license)\b",
    re.I,
)
# What speaks against a thing: that it is no longer needed does not, for it may be again.
AGAINST: Final = re.compile(
    r"\b(?:unmaintained|not\s+(?:\w+ly\s+)?maintained|abandoned|end[\s-]of[\s-]life|eol"
    r"|vulnerab\w{0,8}|insecure|deprecated|obsolete|breaks?|broken|incompatib\w{0,6}|unsupported"
    r"|licen[cs]e|leaks?|unsafe|bloat\w{0,3}|flaky|slow(?:er|s)?|ruled\s+out|too\s+\w+|heavy"
    r"|(?:does|do|did)(?:n'?t|\s+not)\s+(?:work|support|compile|build)"
    r"|(?:can(?:'t|not)|unable\s+to)\s+(?:handle|read|work|support|build|compile|run|be\s+used)"
    r"|no\s+longer\s+(?:maintained|supported|works?))\b",
    re.I,
)
# What went wrong, which is reason enough to take a change back.
TROUBLE: Final = re.compile(
    r"\b(?:broke|bugs?|buggy|conflicts?|fail(?:s|ed|ing)?|caus(?:es?|ed|ing)|regress\w{0,5}|wrong"
    r"|errors?|hangs?|tim(?:es?|ed)\s+out|crash\w{0,3}|problems?|can(?:'t|not)|unusable)\b",
    re.I,
)
NOISE: Final = (
    (
        "merge",
        re.compile(
            r"merge[d]?\s+(?:pull|branch|remote|tag|commit|in|with|from|of|upstream|\W)", re.I
        ),
    ),
    ("not finished", re.compile(r"\[?(?:wip|tmp|fixup!|squash!)", re.I)),
    (
        "version bump",
        re.compile(
            r"(?:(?:chore|build|fix|ci)(?:\(deps[\w-]*\)|\(release\))!?:"
            r"|(?:\w{1,20}:\s+)?bump\b(?!.{0,40}\b(?:minim(?:um|al)|required)\b)"
            r"|msrv:\s+|update\s+dependenc|update\s+\S+\s+requirement|pin\s+dependenc"
            r"|release\s+v?\d"
            r"|v?\d+\.\d+(?:\.\d+)?\b|prepare\s+(?:for\s+)?release|lock\s+file\s+maintenance)",
            re.I,
        ),
    ),
    (
        "housekeeping",
        re.compile(
            r"(?:docs?|doc-?fix|typos?|style|readme|changelog|news|examples?|fixup|squash|lint"
            r"|format(?:ting)?|whitespace|tests?|demos?)\b[^:\n]{0,30}:"
            r"|.{0,60}\b(?:typos?|spelling|grammar|whitespace|indentation|punctuation|wording"
            r"|clippy|lints?|linter\s+warnings?|flake8|comments?|docstrings?|imports?|unused"
            r"|redundant"
            r"|unneeded|unnecessary|unnecesary|superfluous|extraneous|duplicated?|leftover"
            r"|dead\s+code|stale|misspell\w*|screenshots?"
            r"|links?|changelog|readme|release\s+notes|copyright|badges?|faq|tabs|quotes|https|urls)\b",
            re.I,
        ),
    ),
)


def wordings(subject: str) -> tuple[re.Match[str] | None, Iterator[tuple[Form, re.Match[str]]]]:
    """Return what a subject begins with ("fix(web)!: "), and the forms that it follows, the first
    one first."""
    head = _PREFIX.match(subject)
    starts = [0] if head is None or not head.end() else [head.end(), 0]
    pairs = ((form, form.pattern.match(subject, start)) for form in SUBJECT for start in starts)
    return head, ((form, match) for form, match in pairs if match is not None)
