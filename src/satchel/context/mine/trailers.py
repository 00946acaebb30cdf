"""A commit as a statement: how it is worded, and what its trailers state in so many words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from satchel.base.text import clean, one_line
from satchel.context.mine.reverts import READ, Found, plain
from satchel.context.mine.sentences import sentences
from satchel.context.types import Commit, Origin, RecordKind, Statement, Status

LONGEST: Final = 600  # characters of a statement

_TRAILER: Final = re.compile(r"([A-Z][A-Za-z]+(?:[- ][A-Za-z]+){0,3})(?::[ \t]+|[ \t]#)(\S.*)")
_TRAILERS: Final[Mapping[str, tuple[RecordKind, float]]] = {
    "decision": (RecordKind.DECISION, 0.8),
    "decided": (RecordKind.DECISION, 0.8),
    "rejected": (RecordKind.DECISION, 0.8),
    "constraint": (RecordKind.RULE, 0.8),
    "directive": (RecordKind.RULE, 0.75),
    "rule": (RecordKind.RULE, 0.8),
    "breaking change": (RecordKind.DECISION, 0.7),
    "breaking-change": (RecordKind.DECISION, 0.7),
    "deprecates": (RecordKind.DECISION, 0.8),
    "deprecated": (RecordKind.DECISION, 0.75),
    "refs-adr": (RecordKind.DECISION, 0.7),
    "adr": (RecordKind.DECISION, 0.7),
}
_ENDS: Final = re.compile(  # of what breaks: what is over, or is required now, outlasts the release
    r"\b(?:no longer|not|requires?|removed?|drop(?:ped|s)?|must|only|instead|deprecated"
    r"|by default)\b",
    re.I,
)
_SPOKEN: Final = frozenset({"decision", "decided", "constraint", "directive", "rule"})
_MARKUP: Final = re.compile(r"!?\[([^\]\n]{1,200})\]\([^)\n]{0,400}\)|^#{1,6}\s+|\*\*", re.M)


def trailers(commit: Commit) -> Iterator[Found]:
    """Yield what the trailers of a commit state in so many words."""
    superseded: list[str] = []
    found: list[tuple[str, str, RecordKind, float]] = []
    lines = clean(commit.body[:READ]).split("\n")
    for number, line in enumerate(lines):
        match = _TRAILER.fullmatch(line.strip()[:2_000])
        if match is None:
            continue
        name, value = match[1].lower(), match[2].strip()
        for more in lines[number + 1 : number + 6]:
            if not _goes_on(name, more):
                break
            value += " " + more.strip()
        if name.startswith("breaking"):
            if not _ENDS.search(value):
                continue
            value = " ".join(sentences(value)[:2])
        if name == "supersedes":
            superseded += re.findall(r"\b[0-9a-f]{7,64}\b", value)
        elif name in _TRAILERS and len(value.split()) >= 2:
            kind, confidence = _TRAILERS[name]
            found.append((name, value, kind, confidence))
    for number, (name, value, kind, confidence) in enumerate(found):
        shown = value if name in _SPOKEN else f"{_spelled(name)}: {value}"
        text = phrased(shown, f"({plain(clean(commit.subject))})")
        statement = statement_of(commit, kind, text, confidence)
        status = Status.REJECTED if name == "rejected" else Status.ACTIVE
        key = statement.key if number == 0 else None
        links = tuple(f"commit {sha}" for sha in superseded) if number == 0 else ()
        yield Found(replace(statement, status=status, key=key, supersedes=links))


def _goes_on(name: str, line: str) -> bool:
    """Tell whether a line folds into the trailer before it: indented, or prose about a break."""
    if line.startswith((" ", "\t")):
        return True
    is_prose = (
        line.strip()
        and not _TRAILER.match(line)
        and not line.startswith(("-", "*", "#", "```", ">"))
    )
    return name.startswith("breaking") and bool(is_prose)


def _spelled(name: str) -> str:
    """Spell a trailer's name as it is written: "breaking change" → "BREAKING CHANGE"."""
    return name.upper() if name.startswith("breaking") else name.capitalize()


def statement_of(commit: Commit, kind: RecordKind, text: str, confidence: float) -> Statement:
    """Make the statement of a commit."""
    return Statement(
        kind=kind,
        text=text,
        origin=Origin.HISTORY,
        source=f"commit {commit.sha[:8]}",
        confidence=round(confidence, 2),
        date=_date(commit.time),
        key=f"commit {commit.sha}",
    )


def _date(seconds: int) -> str | None:
    """Return a time in ISO 8601 UTC; None for one that no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def phrased(first: str, second: str | None) -> str:
    """Join what a commit says and why on one line, without markup."""
    first = one_line(_MARKUP.sub(r"\1", first), LONGEST)
    if not second:
        return first
    second = one_line(_MARKUP.sub(r"\1", second), LONGEST)
    end = "" if first.endswith((".", "!", "…", ":", ")")) else "."
    return one_line(f"{first}{end} {second}", LONGEST)
