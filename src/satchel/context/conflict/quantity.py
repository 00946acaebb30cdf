"""Numbers that a text states, with their unit and whether they are a limit. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from satchel.context.conflict.days import is_month
from satchel.context.english import stem
from satchel.context.terms import looks_like_code


class Bound(StrEnum):
    """What a number says of the values that it allows."""

    EXACT = "exact"
    MOST = "most"
    LEAST = "least"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in its base unit (seconds, bytes, or the counted thing itself).

    `unit` is "duration", "bytes", "percent", "number", a label ("level"), "named NAME",
    "version NAME", or the stem of what is counted; a version's `value` orders like the version.
    """

    value: float
    unit: str
    bound: Bound
    spelled: str
    number: float = 0.0  # as it is written, without its unit

    @property
    def is_limit(self) -> bool:
        """Whether it bounds what is allowed."""
        return self.bound is not Bound.EXACT

    def bare(self) -> Quantity:
        """Return the number as it is written: code seldom says its unit."""
        value = self.value if self.unit.startswith("version") else self.number
        return replace(self, value=value, unit="number")


MANY: Final = 40  # numbers of one sentence: one with more is a table
CLOSE: Final = 0.02  # share by which months and days may differ
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
TIME: Final = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "millisecond": 1e-3, "s": 1.0, "sec": 1.0,
    "second": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0,
    "d": 86400.0, "day": 86400.0, "week": 604800.0, "month": 2629800.0, "year": 31557600.0,
}  # fmt: skip
SIZE: Final = {
    "b": 1.0, "byte": 1.0, "kb": 1e3, "kib": 1024.0, "mb": 1e6, "mib": 1048576.0, "gb": 1e9,
    "gib": 1073741824.0, "tb": 1e12, "k": 1e3, "m": 1e6, "g": 1e9,
}  # fmt: skip
LENGTH: Final = {
    "mm": 1e-3, "cm": 1e-2, "m": 1.0, "metre": 1.0, "meter": 1.0, "km": 1e3, "kilometre": 1e3,
    "kilometer": 1e3, "mile": 1609.344,
}  # fmt: skip
UNITS: Final = frozenset({*TIME, *SIZE, "time", "size", "version", "number"})
_SAME: Final = {
    "fps": "frames", "px": "pixels", "chars": "characters", "x": "times", "dim": "dimensions",
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
_MULTIPLES: Final = {"k": 1e3, "thousand": 1e3, "million": 1e6}
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
    r"stays|"
    r"fixed|runs|on|requires?|needs?|supports?|of)){0,4}\s*[=:]?\s*$"
)
_MOST: Final = re.compile(
    r"\b(?:at most|max(?:imum)?|up to|no more than|not more than|under|below|within|fits? into|"
    r"exceeds?|limit(?:ed)?|cap(?:ped)?|less than|fewer than|no longer than|or less|or fewer|"
    r"shorter than|never over|not over|longest|upper)\b",
    re.IGNORECASE,
)
_LEAST: Final = re.compile(
    r"\b(?:at least|min(?:imum)?|no less than|not less than|or (?:later|newer|more|higher|above)|"
    r"above|more than|over|not below|never below|longer than|requires?|lowest|msrv|raise|"
    r"rust-version|requires-python|python_requires|"
    r"drop(?: support)?|deployment target)\b",
    re.IGNORECASE,
)
# Comparatives: "more than" is a least, "never more than" a most, and "anything over 200 lines is
# split" a most as well, as to raise that number is to ask for less.
_UP: Final = (
    r"(?:faster|longer|larger|bigger|hotter|taller|thicker|brighter|higher|older|later|deeper|wider|heavier|warmer|louder|greater|"
    r"more|further|above|over|beyond|past|exceed(?:s|ing)?)(?: than)?"
)
_DOWN: Final = (
    r"(?:slower|shorter|smaller|lower|cooler|thinner|closer|younger|earlier|narrower|colder|fewer|less|below|under)"
    r"(?: than)?"
)
_NOT: Final = r"\b(?:never|not|no|none|nothing|nobody|cannot|\w{2,6}n't|without)\b[^,;:]{0,40}?\b"
_NOT_OVER: Final = re.compile(_NOT + _UP + r"\s{0,2}$", re.IGNORECASE)
_NOT_UNDER: Final = re.compile(_NOT + _DOWN + r"\s{0,2}$", re.IGNORECASE)
_OVER: Final = re.compile(rf"\b{_UP}\s{{0,2}}$", re.IGNORECASE)
_UNDER: Final = re.compile(rf"\b{_DOWN}\s{{0,2}}$", re.IGNORECASE)
_THEN: Final = re.compile(
    r"^[^.;:]{0,40}?\b(?:must|needs?|requires?|get|gets|goes?|(?:is|are) (?!required|needed|"
    r"mandatory|"
    r"the\b|our\b|enforced|expected)\w+)\b",
    re.IGNORECASE,
)
_STOPS: Final = re.compile(  # "is stopped above 25 m/s"
    r"\b(?:is|are|gets?|be)\s(?:stopped|refused|rejected|closed|blocked|split|denied|paused|"
    r"throttled|cut(?: off)?|shut(?: down)?|dropped|skipped|aborted|killed)\s\w+\s{0,2}$",
    re.IGNORECASE,
)
_GONE: Final = re.compile(r"\b(?:drop|remov|stop|end|retir)\w{0,4}\b[^,;:]{0,30}$", re.IGNORECASE)
_CLOSES: Final = re.compile(
    r"\s(?:(?P<most>at (?:the )?(?:most|longest|latest)|or (?:less|fewer|older|earlier|below)|"
    r"and (?:older|earlier|below))|at (?:the )?(?:least|earliest)|or (?:more|longer|newer|later|"
    r"higher|above)|and (?:newer|later|up|higher|above))\b",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(r"^[^.;:,]{0,30}\b(?:before|first|until)\b", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"\bbetween \S{1,12}(?: \w{1,12})? and\s{0,2}$", re.IGNORECASE)
_FOR: Final = re.compile(r"\bfor(?: at least)?\s{0,2}$", re.IGNORECASE)
_VERSIONED: Final = re.compile(
    r"^(?:python|node|node\.?js|java|jdk|go|golang|rust|ruby|php|terraform|ios|android|macos|"
    r"windows|ubuntu|debian|postgres(?:ql)?|mysql|django|react|vue|angular|kubernetes|k8s|swift|"
    r"kotlin|scala|gradle|maven|npm|pnpm|yarn|typescript|ecmascript|es|tls|http|api|sdk|net|"
    r"dotnet|c\+\+|c|cuda|numpy|pandas|spring|rails|laravel|msrv|openapi|protobuf|version)$",
    re.IGNORECASE,
)


_ALIAS: Final = {
    "msrv": "rust", "golang": "go", "node.js": "node", "nodejs": "node", "postgresql": "postgres",
    "jdk": "java", "k8s": "kubernetes",
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
    found: list[Quantity] = []
    rated = 0  # up to where a rate was read
    for match in _NUMBER.finditer(sentence):
        before, after = sentence[: match.start()], sentence[match.end("number") :]
        if match.start() < rated:
            continue
        if rate := _RATE.match(after):
            rated = match.end("number") + rate.end()
            found.append(
                _rate(sentence[match.start() : rated].strip(), rate["span"], before, match)
            )
            continue
        if _FROM.search(before[-8:]) and _TO.match(after[:8]):
            continue
        if _BY.search(before[-20:]) and _CHANGES.search(before[-80:]):  # a difference
            continue
        unit, factor = _unit(match["unit"], before, match["number"], match["joint"])
        spelled = match["number"].lower()
        if unit == "duration" and (spelled in _EVERY or _REPEATS.search(before[-20:])):
            unit = "interval"
        if unit is None or (unit.startswith("version") and _GONE.search(before[-40:])):
            continue
        value = _NUMBERS.get(spelled)
        if value is None:
            digits = spelled.lstrip("v").replace(",", "").replace("_", "")
            value = version(digits) if unit.startswith("version") else _float(digits)
        counted = match["unit"] is not None and match["unit"].lower() not in _NO_UNIT
        beyond = sentence[match.end() :] if counted else after
        bound = _bound(match["sign"], before, after, beyond)
        if unit == "interval":
            bound = _OPPOSITE[bound]  # at most every hour: an hour apart, or more
        written = sentence[match.start() : match.end() if counted else match.end("number")]
        found.append(Quantity(value * factor, unit, bound, written.strip(), value))
    for match in _CLOCK.finditer(sentence):
        minutes = 12 * 60 if match["noon"] else int(match["hour"] or 0) % 24 * 60
        minutes += int(match["minute"] or 0)
        if (match["half"] or "").lower() == "p" and minutes < 12 * 60:
            minutes += 12 * 60
        before = sentence[: match.start()]
        bound = _bound(None, before, "", "")
        if limit := _BY_CLOCK.search(before[-20:]):
            bound = Bound.LEAST if limit["least"] else Bound.MOST
            if _NOT_AT.search(before[-70:]):
                bound = _OPPOSITE[bound]
        found.append(Quantity(minutes, "clock", bound, match.group(), minutes))
    return tuple(found[:MANY])


# "100 requests per minute", "1000 req/min", "50 per second"
_RATE: Final = re.compile(
    r"\s?(?:(?:(?:api|http)\s)?(?:requests?|reqs?|calls?|quer(?:y|ies)|hits)\s?(?:per\s|/\s?|an?\s|each\s|"
    r"every\s)|(?:per\s|/\s?))(?P<span>s|sec|second|min|minute|h|hr|hour|d|day)\b",
    re.IGNORECASE,
)


def _rate(spelled: str, span: str, before: str, match: re.Match[str]) -> Quantity:
    """Read how often something is asked for, in times a second."""
    digits = match["number"].lower().lstrip("v").replace(",", "").replace("_", "")
    number = _NUMBERS.get(digits)
    number = _float(digits) if number is None else number
    bound = _bound(match["sign"], before, "", match.string[match.start() + len(spelled) :])
    return Quantity(number / TIME[span.lower()], "request rate", bound, spelled, number)


_EVERY: Final = frozenset({"every", "each"})
_REPEATS: Final = re.compile(r"\b(?:every|each|once (?:in|per)|once)\s?$", re.IGNORECASE)
_OPPOSITE: Final = {Bound.MOST: Bound.LEAST, Bound.LEAST: Bound.MOST, Bound.EXACT: Bound.EXACT}
_BY_CLOCK: Final = re.compile(
    r"\b(?:(?P<least>after|past|from)|before|until|till|by)\s$", re.IGNORECASE
)
_NOT_AT: Final = re.compile(_NOT + r"(?:after|past|before|until|till|from|by)\s$", re.IGNORECASE)
_CLOCK: Final = re.compile(
    r"\b(?:(?P<noon>noon|midday)|midnight)\b|\b(?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d)(?![:\d])|(?::[0-5]\d)?\s?(?P<half>[ap])\.?m\b|"
    r"\so'clock\b)",
    re.IGNORECASE,
)


def opposed(stated: Quantity, asked: Quantity) -> bool:
    """Tell whether a number that is asked for passes what is stated."""
    if not comparable(stated, asked) or same(stated, asked):
        return False
    match stated.bound:
        case Bound.MOST:
            return asked.value > stated.value
        case Bound.LEAST:
            # A higher minimum is stricter, but leaves out a version that is to be supported.
            raised = asked.bound is Bound.LEAST and stated.unit.startswith("version")
            return asked.value < stated.value or raised
        case _:
            return True


def same(one: Quantity, other: Quantity) -> bool:
    """Tell whether two numbers are equal; a month is thirty days."""
    near = CLOSE * one.value if one.unit == other.unit == "duration" else 0.0
    return abs(one.value - other.value) <= near


def comparable(one: Quantity, other: Quantity) -> bool:
    """Tell whether two numbers count the same kind of thing, as far as that is said."""
    units = {one.unit, other.unit}
    bare = "number" in units and any(unit.startswith("named") for unit in units)
    return len(units) == 1 or bare


def _unit(word: str | None, before: str, number: str, joint: str) -> tuple[str | None, float]:
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
    if lowered in _MULTIPLES:
        return None, 1.0
    if _BY_SIZE.fullmatch(lowered):
        return "by", 1.0
    lowered = _SAME.get(lowered, lowered)
    return stem(lowered.partition("-")[0]), 1.0


def _bound(sign: str | None, before: str, after: str, beyond: str) -> Bound:
    near = before[-40:]
    if sign in {">=", ">", "≥"}:
        return Bound.LEAST
    if sign in {"<=", "<", "≤"}:
        return Bound.MOST
    if after.startswith("+") and not after[1:2].isalnum():
        return Bound.LEAST
    if _NOT_OVER.search(before[-70:]):
        return Bound.MOST
    if _NOT_UNDER.search(before[-70:]):
        return Bound.LEAST
    if _OVER.search(near):
        stops = _THEN.search(after[:60]) or _STOPS.search(before[-60:])
        return Bound.MOST if stops else Bound.LEAST
    if _UNDER.search(near):
        return Bound.MOST
    if _BETWEEN.search(near):
        return Bound.MOST
    if closes := _CLOSES.match(beyond):
        return Bound.MOST if closes["most"] else Bound.LEAST
    if _FOR.search(near) and _FIRST.search(after[:40]):
        return Bound.LEAST
    most, least = _MOST.search(near + " " + after[:14]), _LEAST.search(near + " " + after[:14])
    if most and not least:
        return Bound.MOST
    if least and not most:
        return Bound.LEAST
    return Bound.EXACT


def _float(digits: str) -> float:
    try:
        return float(digits)
    except ValueError:  # "1.2.3"
        return version(digits)


def version(digits: str) -> float:
    """Order versions: 3.9 before 3.11. Three parts of up to four digits."""
    numbers = [int(part or 0) for part in digits.split(".")[:3]]
    return sum(min(n, 9_999) / 10_000.0**place for place, n in enumerate(numbers))
