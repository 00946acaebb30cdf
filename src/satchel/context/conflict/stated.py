"""The numbers that a sentence states, with their unit and their bound. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from satchel.context.conflict.bound import bound_of
from satchel.context.conflict.clock import times_of_day
from satchel.context.conflict.days import is_month
from satchel.context.conflict.quantity import LENGTH, SIZE, TIME, Bound, Quantity, version
from satchel.context.english import stem
from satchel.context.terms import looks_like_code

MANY: Final = 40  # numbers of one sentence: one with more is a table
_NUMBERS: Final = {
    word: float(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
    )
} | {
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
    "forty": 40.0,
    "fifty": 50.0,
    "sixty": 60.0,
    "ninety": 90.0,
    "a": 1.0,
    "an": 1.0,
    "half an": 0.5,
    "every": 1.0,
    "each": 1.0,
    **{
        f"a {word}": float(value)  # "put a third break at the end"
        for value, word in enumerate(["third", "fourth", "fifth", "sixth", "seventh"], start=3)
    },
}
_LONE: Final = frozenset({"a", "an", "half an", "every", "each"})  # only before a time
_SAME: Final = {
    "fps": "frames", "px": "pixels", "chars": "characters", "x": "times", "tries": "times",
    "attempts": "times", "dim": "dimensions",
    "dims": "dimensions", "dimensional": "dimensions",
}  # fmt: skip
_APPROVALS: Final = frozenset(
    """approval approvals review reviews reviewer reviewers sign-off sign-offs signoff signoffs
    approver approvers signature signatures""".split()  # noqa: SIM905
)
_APPROVED: Final = re.compile(  # "the approval of two owners"
    r"\b(?:approv\w{1,4}|review\w{0,3}|signatures?|sign(?:ed)?[ -]?offs?)\s(?:of|by|from)"
    r"(?: at least)?\s?$",
    re.IGNORECASE,
)
_BY_SIZE: Final = re.compile(r"x\d{1,6}", re.IGNORECASE)  # 32x32
_NUMBER: Final = re.compile(
    r"(?P<sign>>=|<=|~>|==|[<>^~≤≥])?\s?"
    r"(?P<number>(?<![\w.])v?\d{1,12}(?:[,_]\d{3}){0,4}(?:\.\d{1,9}){0,3}|\b(?:"
    + "|".join(sorted((word for word in _NUMBERS if word not in _LONE), reverse=True))
    + r")\b|\b(?:half an|an?|every|each)(?=\s(?:second(?!\s(?!(?:of|or|at|in|per|for|and|"
    r"to|after|before|is|when|from|by|on|if|so|the|each)\b)[a-z])|minute|hour|day|week|month|year)\b))"
    r"(?P<joint>[\s-]?)(?P<unit>%|[A-Za-zµ][\w-]*(?:/[a-z]{1,6}\b)?)?",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    r"([A-Za-z][\w.+#-]*)(?:\s+(?:is|are|was|version|versions|pinned|set|at|to|target|minimum|"
    r"stays|below|under|above|over|least|most|before|"
    r"fixed|runs|on|requires?|needs?|supports?|of)){0,4}\s*[=:]?\s*$"
)
_GONE: Final = re.compile(r"\b(?:drop|remov|stop|end|retir)\w{0,4}\b[^,;:]{0,30}$", re.IGNORECASE)
_VERSIONED: Final = re.compile(
    r"^(?:python|node|node\.?js|java|jdk|go|golang|rust|ruby|php|terraform|ios|android|macos|"
    r"windows|ubuntu|debian|postgres(?:ql)?|mysql|django|react|vue|angular|kubernetes|k8s|swift|"
    r"kotlin|scala|gradle|maven|npm|pnpm|yarn|typescript|ecmascript|es|tls|http|api|sdk|net|"
    r"dotnet|c\+\+|c|cuda|numpy|pandas|spring|rails|laravel|msrv|openapi|protobuf|version|"
    r"unity|unreal|godot|minsdk|minsdkversion)$",
    re.IGNORECASE,
)
_ALIAS: Final = {
    "msrv": "rust", "golang": "go", "node.js": "node", "nodejs": "node", "postgresql": "postgres",
    "jdk": "java", "k8s": "kubernetes", "minsdk": "api", "minsdkversion": "api",
}  # fmt: skip
_NO_UNIT: Final = frozenset(
    """and or of in to is the for on at as with so but from by it if when while until instead again
    now today here right there everywhere then than support please without""".split()  # noqa: SIM905
)
_CHANGED: Final = re.compile(  # "bump the retries to"
    r"\b(?:bump|raise|increase|set|lower|reduce|decrease|cut|change|extend|limit|cap)\s"
    r"(?:the |our |its |all )?(?:[\w-]+\s){0,2}?(?P<what>[a-z]{3,20}s)"
    r"(?: (?:count|limit|number))?\s(?:(?:back|up|down|from \S{1,8}) )?to\s?$",
    re.IGNORECASE,
)
_LIMITED: Final = re.compile(
    r"\b(?:size|limit|max(?:imum)?|min(?:imum)?|most|least|length|width|port|level|count|"
    r"threshold|coverage)\b",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"\bfrom\s{0,3}$", re.IGNORECASE)
_TO: Final = re.compile(r"\s{0,3}to\b", re.IGNORECASE)
_BY: Final = re.compile(r"\bby(?: (?:about|around|at least|up to|roughly))?\s{0,3}$", re.IGNORECASE)
_CHANGES: Final = re.compile(
    r"\b(?:rais|increas|lower|decreas|reduc|cut|extend|shorten|grow|grew|shrink|shrunk|improv|drop|"
    r"fell|fall|bump|sav|overflow|exceed|postpon|delay|mov|shift|go|went|off|up|down|faster|slower|"
    r"larger|smaller|longer|shorter|more|less)\w{0,3}\b",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"\b(level|port|tier|severity|priority)(?: (?:is|of|to|at))?\s{0,3}$", re.I
)


def bounded(stated: Quantity, text: str) -> Quantity:
    """Read a rate as a bound where its text says which way: "anything more frequent needs …"."""
    if (
        stated.unit not in {"duration", "interval"}
        or stated.is_limit
        or not (match := _OFTEN.search(text))
    ):
        return stated
    return replace(stated, bound=Bound.LEAST if match[1].lower() == "more" else Bound.MOST)


_OFTEN: Final = re.compile(r"\b(more|less) (?:frequent|often)\w{0,2}\b", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def quantities(sentence: str) -> tuple[Quantity, ...]:
    """Find the numbers of one sentence that carry a unit; what they are changed from is left."""
    return (*_with_unit(sentence), *times_of_day(sentence))[:MANY]


def _with_unit(sentence: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(sentence):
        before, after = sentence[: match.start()], sentence[match.end("number") :]
        if rate := _RATE.match(after):
            rated = match.end("number") + rate.end()
            value = _value(match["number"], "") / TIME[rate["span"].lower()]  # times a second
            bound = bound_of(match["sign"], before, "", sentence[rated:])
            written = sentence[match.start() : rated].strip()
            yield Quantity(value, "request rate", bound, written, _value(match["number"], ""))
        elif not _is_change(before, after) and (one := _read(match, before, after)):
            yield one


def _is_change(before: str, after: str) -> bool:
    """Tell whether a number is what another is changed from ("from 3 to 5"), or by how much."""
    if _FROM.search(before[-8:]) and _TO.match(after[:8]):
        return True
    return _BY.search(before[-20:]) is not None and _CHANGES.search(before[-80:]) is not None


def _read(match: re.Match[str], before: str, after: str) -> Quantity | None:
    unit, factor = _unit(match["unit"], before, match["joint"])
    if unit == "duration" and (match["number"].lower() in _EVERY or _REPEATS.search(before[-20:])):
        unit = "interval"
    if unit is None or (unit.startswith("version") and _GONE.search(before[-40:])):
        return None
    value = _value(match["number"], unit)
    counted = match["unit"] is not None and match["unit"].lower() not in _NO_UNIT
    end = match.end() if counted else match.end("number")
    bound = bound_of(match["sign"], before, after, match.string[end:])
    if unit == "interval":
        bound = bound.opposite  # at most every hour: an hour apart, or more
    return Quantity(value * factor, unit, bound, match.string[match.start() : end].strip(), value)


def _value(spelled: str, unit: str) -> float:
    """Return the value of a number as it is spelled, in letters or in digits."""
    value = _NUMBERS.get(spelled.lower())
    if value is not None:
        return value
    digits = spelled.lower().lstrip("v").replace(",", "").replace("_", "")
    if unit.startswith("version") or digits.count(".") > 1:  # "1.2.3"
        return version(digits)
    return float(digits)


# "100 requests per minute", "1000 req/min", "50 per second"
_RATE: Final = re.compile(
    r"\s?(?:(?:(?:api|http)\s)?(?:requests?|reqs?|calls?|quer(?:y|ies)|hits)\s?(?:per\s|/\s?|an?\s|each\s|"
    r"every\s)|(?:per\s|/\s?))(?P<span>s|sec|second|min|minute|h|hr|hour|d|day)\b",
    re.IGNORECASE,
)


_EVERY: Final = frozenset({"every", "each"})
_REPEATS: Final = re.compile(r"\b(?:every|each|once (?:in|per)|once)\s?$", re.IGNORECASE)


def _unit(word: str | None, before: str, joint: str) -> tuple[str | None, float]:
    before = before[-80:]
    if label := _LABEL.search(before):
        return label[1].lower(), 1.0
    if word == "%":
        return "percent", 1.0
    if word is not None and is_month(word):  # a date
        return None, 1.0
    named = _BEFORE.search(before)
    name = re.sub(r"[-_.]version$", "", named[1].lower()) if named else ""
    if _VERSIONED.match(name) and (word is None or word.lower() not in TIME):
        return f"version {stem(_ALIAS.get(name, name))}", 1.0
    if word is None or word.lower() in _NO_UNIT:
        if named and (looks_like_code(named[1]) or (named[1].isupper() and len(named[1]) > 1)):
            return f"named {named[1].lower()}", 1.0
        if changed := _CHANGED.search(before):
            return stem(changed["what"].lower()), 1.0
        return ("number", 1.0) if _LIMITED.search(before) else (None, 1.0)
    lowered = word.lower()
    if lowered in {"%", "percent"}:
        return "percent", 1.0
    if "/" in lowered:
        return lowered, 1.0
    if lowered in _APPROVALS or _APPROVED.search(before):
        return "approval", 1.0
    if lowered == "m" and joint:  # 800 m, and 100M
        return "length", 1.0
    for table, unit in ((TIME, "duration"), (SIZE, "bytes"), (LENGTH, "length")):
        for spelled in (lowered, lowered.rstrip("s"), lowered.partition("-")[0]):
            if spelled in table:
                return unit, table[spelled]
    if _BY_SIZE.fullmatch(lowered):
        return "by", 1.0
    lowered = _SAME.get(lowered, lowered)
    return stem(lowered.partition("-")[0]), 1.0
