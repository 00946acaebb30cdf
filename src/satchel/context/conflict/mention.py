"""Whether a sentence but mentions a name: of the past, of another's, as a condition. Pure."""

from __future__ import annotations

import re
from typing import Final

from satchel.context.conflict.side import AGAINST, NOTHING

BEFORE_NAMED: Final = 3  # words before the name of what was not chosen: "go with plain", "use a"
NEAR: Final = 20  # characters before a marker in which it may be asked for
GIVEN: Final = 4  # words between what is given up and the verb for it

# --- by anybody


def is_mere(text: str, start: int, end: int) -> bool:
    """Tell whether what stands at these characters is but mentioned, and not asked for."""
    before = text[:start]
    return (
        is_past(before)
        or _TOLD.search(before) is not None
        or _OF_ANOTHER.search(before) is not None
        or (_MOVES.search(before) is not None and _TO.match(text[end:]) is not None)
        or (_READS.search(before) is not None and _TURNED.match(text[end:]) is not None)
        or _SAID.search(before) is not None
        or _ANOTHER.match(text, end) is not None
        or (
            _OURS.match(text, end) is not None
            and before.rstrip("`'\"").endswith((" our ", " the "))
        )
    )


def is_past(before: str) -> bool:
    """Tell whether what follows these words is told of the past: "it was in the …"."""
    return _PAST.search(before) is not None


_PAST: Final = re.compile(
    r"\b(?:was|were|had|used to be|came)\s+(?:\w+\s+){0,3}$|"
    r"(?<!whether )(?<!if )\b(?:there's|there is) (?:still )?"
    r"|\b(?:old|existing|legacy|remaining|former)\s+$"
    r"|\b(?:remov|delet|drop|strip|purg|clean|tak)\w{0,4}\s(?:[\w'-]+\s){1,5}from\s+"
    r"(?:the |our )?[`'\"]?$",
    re.IGNORECASE,
)
# "it doesn't take …"
_TOLD: Final = re.compile(
    r"\b(?:it|they|he|she|that|which|who|this|there|library|tool|browser|customer|vendor|"
    r"driver)s?\s"
    r"(?:\w+ly\s)?(?:doesn't|don't|does not|do not|can't|cannot|won't|didn't|couldn't|never|"
    r"lacks?)\s"
    r"(?:\w+\s){1,3}$|\b(?:it|they|we|page|guide|readme|docs) still (?:\w+\s){1,2}$|"
    r"(?<!what )(?<!how )\babout\s(?:the )?$",
    re.IGNORECASE,
)
_OF_ANOTHER: Final = re.compile(r"\b(?!(?:Let|It|That|There|What|Here|He|She|Who)\b)[A-Z]\w+'s\s$")
# … out of which something is moved: "export the … pages to Markdown"
_MOVES: Final = re.compile(
    r"(?:\b(?:export|migrate|convert|move|translate|copy|rewrite|turn|import)|"
    r"(?:^|,\s|\b(?:to|and|then|please|just|we|i)\s)port)\s(?:[\w'-]+,?\s){0,5}$",
    re.IGNORECASE,
)
_TO: Final = re.compile(r"^[^.;]{0,40}?\s(?:to|into|as)\s", re.IGNORECASE)
# … or which is read and written as something else: "read the CSV and write it as Parquet"
_READS: Final = re.compile(
    r"\b(?:read|parse|load|take|fetch|import|accept)\s(?:[\w'-]+\s){0,3}$", re.IGNORECASE
)
_TURNED: Final = re.compile(
    r"[^.;]{0,60}?\s(?:and|then)\s(?:write|save|store|turn|convert|put)\s(?:it|them|that|those)\s"
    r"[^.;]{0,30}?\b(?:to|into|as|in)\s",
    re.IGNORECASE,
)
_SAID: Final = re.compile(r"(?:^|\s)['\"“][A-Za-z][^'\"”]{0,60}\s$")  # a text that is shown
_OURS: Final = re.compile(r"[`'\"]?\s(?:wrappers?|facades?|shims?|adapters?|abstractions?)\b")
# What belongs to the one who makes a thing, or tells of it: "the npm registry" is no npm.
_ANOTHER: Final = re.compile(
    r"[`'\"]?\s(?:registry|website|docs|documentation|tickets?|issues?|bugs?|"
    r"dumps?|exports?|logos?|blog|conference|articles?|invoices?|customers?|marketplace|"
    r"links?|buttons?|dashboards?|guides?|chapters?|sections?|tutorials?|icons?|badges?|accounts?|"
    r"imports?|users?)\b"
)


def is_within_code(text: str, start: int, end: int) -> bool:
    """Tell whether what stands at these characters is but a part of a longer name in code: of
    `dask.dataframe`, and not of `dask compute`."""
    if text.count("`", 0, start) % 2 == 0:
        return False
    before, after = text[start - 1], text[end : end + 1]
    return not (before in "` " and after in "` ")


def is_registry(before: str, after: str) -> bool:
    """Tell whether a package manager is named for where packages are published: "publish it to
    npm", "a global npm package"."""
    return _PUBLISHED.search(before) is not None or _PACKAGE.match(after) is not None


_PUBLISHED: Final = re.compile(
    r"\b(?:publish|releas|distribut|upload)\w{0,3}\b[^.;]{0,60}?\s(?:to|on|via|as|from|through)\s"
    r"(?:(?:the|an?|public|global)\s){0,2}[`'\"]?$",
    re.IGNORECASE,
)
_PACKAGE: Final = re.compile(r"[`'\"]?\s(?:packages?|modules?|scope|tokens?|org)\b", re.IGNORECASE)

# --- by a record


def is_by_the_way(text: str, start: int, end: int) -> bool:
    """Tell whether a record takes no stance on what stands at these characters: it is a condition,
    a place, a reason, or what is not needed ("no OpenSSL needed")."""
    before = text[:start]
    return any(way.search(before) for way in (_CONDITION, _DONE_AT, _BECAUSE, _SPARE)) or (
        _NEEDLESS.match(text, end) is not None and NOTHING.search(before) is not None
    )


_CONDITION: Final = re.compile(
    r"\b(?:where|if|when|once|while|unless|until)\s(?:\w+\s){0,2}$", re.IGNORECASE
)  # "once … is set"
# "OpenGL was given up on …"
_DONE_AT: Final = re.compile(
    r"\b(?:was|were|been)\s(?:\w+ly\s)?(?:\w+ed|given up|taken out|cut|torn out)\s"
    r"(?:on|in|at|for|by|after|under|because of|due to)\s(?:the |our )?[`'\"]?$",
    re.IGNORECASE,
)
_BECAUSE: Final = re.compile(
    r"\b(?:because|since|due to|thanks to|for (?:better|more|improved|the sake of))\b",
    re.IGNORECASE,
)
# What goes as it is there twice, or is not used: "remove the explicit Rack dependency".
_SPARE: Final = re.compile(
    r"\b(?:remov|drop|delet|clean|strip|prun)\w{0,4}\s(?:[\w-]+\s){0,3}?(?:explic\w{0,3}t|redundant|"
    r"duplicated?|unused|unneeded|superfluous|obsolete|unnecessary|needless|stale|left-?over)\s"
    r"[`'\"]?$",
    re.IGNORECASE,
)
_NEEDLESS: Final = re.compile(
    r"[`'\"]?(?:\s[\w-]+){0,3}?\s(?:is |are )?(?:needed|required|necessary)\b", re.IGNORECASE
)


def is_needed(before: str) -> bool:
    """Tell whether what follows these words is but what another thing needs."""
    return _NEEDS.search(before) is not None


_NEEDS: Final = re.compile(
    r"\b(?:its|their|[a-z]{3,20})\s(?:needs?|requires?|depends? on|pulls? in|drags? in)\s"
    r"(?:the |an? )?[`'\"]?$"
)


def is_observed(before: str) -> bool:
    """Tell whether what follows these words is but what some code is seen to do: "`fetch` follows
    and gets HTML, not …"."""
    return _OBSERVED.match(before) is not None


_OBSERVED: Final = re.compile(r"\W{0,3}`[^`]{1,60}`\s(?:\w+ly\s)?[a-z]{2,20}s\b")


def is_listed(text: str, start: int) -> bool:
    """Tell whether what starts here is one of several in parentheses: examples, and no choice."""
    opened = text.rfind("(", 0, start)
    inside = text[opened + 1 :].partition(")")[0]
    return opened >= 0 and len(inside) > start - opened and inside.count(",") > 1


def is_all_named(text: str, start: int, end: int) -> bool:
    """Tell whether what stands at these characters is what an item of a list names, and not a part
    of a longer name, or of a sentence."""
    return len(text[:start].split()) <= BEFORE_NAMED and _NAMED_END.match(text, end) is not None


_NAMED_END: Final = re.compile(
    r"[`'\"*)]{0,3}(?:\s(?:v|version\s)?\d[\w.]*)?(?:\W*$|\s?[(,;:.]|\s[\u2013\u2014-]\s|"
    r"\s(?:with|and|or|for|in|as|on|via|by|using|instead)\b)",
    re.IGNORECASE,
)

# --- by a request


def without_markers(text: str) -> str:
    """Leave out what a commit's message says to a tool: "Update the hashes [skip ci]"."""
    if "[" not in text:
        return text
    return _MARKER.sub(
        lambda match: (
            match.group() if _PUTS.search(text, max(0, match.start() - NEAR), match.start()) else ""
        ),
        text,
    )


_MARKER: Final = re.compile(r"(?<=\S)\s\[[a-z][\w -]{1,30}\](?=\s*$)", re.MULTILINE)
_PUTS: Final = re.compile(
    r"\b(?:add|use|put|with|append|include|via|set|write|using|adding)(?:\s(?:an?|the))?$",
    re.IGNORECASE,
)


def is_given_up(text: str, start: int) -> bool:
    """Tell whether what turns away what begins here stands near it, and not because that is there
    twice or is not used."""
    if _SPARE.search(text[:start]):
        return False
    cues = list(AGAINST.finditer(text, 0, start))
    return not cues or len(text[cues[-1].end() : start].split()) <= GIVEN
