"""What a decision record says of its own standing: fields, status, dates, whom it follows.

The forms differ (front matter, mail headers, bullets, tables, bold words, a section); the fields
are the same few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from satchel.context.types import Status

HEAD: Final = 80  # lines in which fields stand
_FIELDS: Final[Mapping[str, str]] = {
    "status": "status",
    "state": "status",
    "adr status": "status",
    "decision status": "status",
    "date": "date",
    "decision date": "date",
    "date decided": "date",
    "decided": "date",
    "decided on": "date",
    "created": "date",
    "creation date": "date",
    "start date": "date",
    "superseded by": "superseded by",
    "superceded by": "superseded by",
    "replaced by": "superseded by",
    "obsoleted by": "superseded by",
    "supersedes": "supersedes",
    "supercedes": "supersedes",
    "replaces": "supersedes",
    "obsoletes": "supersedes",
    "title": "title",
    "feature name": "title",
    "rfc name": "title",
    "pep": "number",
    "adr": "number",
    "number": "number",
    "kep number": "number",
}
_WORDS: Final[Mapping[Status, str]] = {
    Status.SUPERSEDED: r"super[sc]e+ded|replaced|deprecated|obsoleted?|retired|archived|legacy",
    Status.REJECTED: r"rejected|withdrawn|declined|abandoned|cancell?ed|dropped|refused"
    r"|not accepted",
    Status.ACTIVE: r"accepted|active|final|finished|implemented|approved|adopted|decided|done"
    r"|agreed|ratified|completed?|provisional|implementable|merged|current|in effect|in force"
    r"|valid|enacted|published|standard|stable|live|resolved|concluded|landed",
    Status.OPEN: r"proposed|proposal|draft|deferred|open|pending|(?:in |under )?review|in progress"
    r"|wip|work in progress|(?:in |under )?discussion|on hold|parked|postponed|tentative|undecided"
    r"|to be decided|tbd|idea|not yet \w{1,20}|new",
}
_STATUS: Final = re.compile(
    "|".join(f"(?P<{status.name}>\\b(?:{words})\\b)" for status, words in _WORDS.items()), re.I
)
_BY: Final = re.compile(
    r"\b(?:super[sc]e+ded|replaced|obsoleted|deprecated)\b[^.\n]{0,40}?\b(?:by|in favou?r of)\b"
    r"(?P<what>[^\n]{0,400})",
    re.I,
)
_OF: Final = re.compile(r"\b(?:super[sc]edes|replaces|obsoletes)\b(?P<what>[^\n]{0,400})", re.I)
_PARTLY: Final = re.compile(r"\b(?:part(?:s|ly|ially)?|amended)\b", re.I)
_STRUCK: Final = re.compile(r"~~[^~\n]{1,200}~~|<!--.{0,2000}?-->", re.S)
_SEVERAL: Final = re.compile(r"[.;,|][ \t]{1,4}(?=\**(?:Status|Date|Supersedes|Superseded by)\**:)")
_TARGET: Final = re.compile(r"\]\(([^()\s]{1,300})[^()\n]{0,200}\)")
_WIKI: Final = re.compile(r"\[\[([^\[\]\n|]{1,200})")
_NUMBERED: Final = re.compile(
    r"\b(?:adr|rfc|pep|kep|madr|dr|decision|proposal)[\s#:_-]{0,3}0{0,6}(\d{1,6})\b", re.I
)
_BARE: Final = re.compile(r"(?:^|[\s,;#/(\[])0{0,6}(\d{1,6})\b")
_STEM: Final = re.compile(r"\b\d{1,8}-[\w-]{3,120}")
_ISO: Final = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY_FIRST: Final = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)?[-\s.]{1,3}([A-Za-z]{3,9})[-,\s.]{1,3}(\d{4})"
)
_MONTH_FIRST: Final = re.compile(r"\b([A-Za-z]{3,9})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s{1,3}(\d{4})")
_COMPACT: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})(?=\D|$)")
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - read as words
_YEARS: Final = range(1970, 2101)
_CHOICES: Final = 3  # kinds of status in one line: a template's


@dataclass(frozen=True, slots=True)
class Standing:
    """A status, with what the words beside it name as successor and as predecessors.

    `status` is None where none is known; `is_template` where every status is named at once.
    """

    status: Status | None = None
    by: str = ""
    of: str = ""
    is_template: bool = False


def field_name(spelled: str) -> str | None:
    """Return the field that a name means, or None."""
    plain = " ".join(spelled.strip(" *_`[]|#\t").replace("-", " ").replace("_", " ").split())
    return _FIELDS.get(plain.lower())


def fields_of(lines: Sequence[str], start: int) -> dict[str, tuple[str, int]]:
    """Read "name: value" lines from `start` on: bullets, bold, quotes, tables, mail headers.

    Values keep their markup; each comes with its 1-based line. Reading ends with the first section
    that is not about the record itself.
    """
    found: dict[str, tuple[str, int]] = {}
    last: str | None = None
    for at in range(start, min(start + HEAD, len(lines))):
        line = lines[at]
        if line.startswith("##") and not _is_about_itself(line):
            break
        if last and line[:1] in " \t" and line.strip() and ":" not in line.split()[0]:
            value, number = found[last]
            found[last] = (f"{value} {line.strip()}"[:2_000], number)
            continue
        last = None
        for name, value in tuple(_columns(lines, at)) or tuple(_pair(line)):
            if (known := field_name(name)) and known not in found and value:
                found[known] = (value[:2_000], at + 1)
                last = known
    return found


def _is_about_itself(heading: str) -> bool:
    plain = heading.strip("# \t").lower()
    return plain.startswith(("status", "date", "metadata", "meta", "details", "deciders", "info"))


def _pair(line: str) -> Iterator[tuple[str, str]]:
    for part in _SEVERAL.split(line[:2_500].strip().lstrip("-*+>|# \t")):
        cuts = [cut for cut in (part.find(":"), part.find("|")) if 0 < cut <= 40]
        if cuts:
            yield part[: min(cuts)], part[min(cuts) + 1 :].strip(" *|_\t")


def _columns(lines: Sequence[str], at: int) -> Iterator[tuple[str, str]]:
    """Read a table whose first row names the fields."""
    if lines[at].count("|") < 2 or at + 2 >= len(lines) or "--" not in lines[at + 1]:
        return
    names, values = (
        [cell.strip() for cell in line[:2_500].strip().strip("|").split("|")]
        for line in (lines[at], lines[at + 2])
    )
    yield from zip(names, values, strict=False)


def standing(value: str, *, provisional: Status = Status.ACTIVE) -> Standing:
    """Read a status as people write it, several lines of it too; a later line is the newer one."""
    text = _STRUCK.sub(" ", value[:4_000])
    status: Status | None = None
    by = of = ""
    for line in text.split("\n"):
        bare = line.strip(" \t*-+>|_`#")
        if not bare or (bare.startswith(("{", "<")) or bare.count("|") > 1):
            kinds = {found.lastgroup for found in _STATUS.finditer(bare)}
            if len(kinds) >= _CHOICES:
                return Standing(is_template=True)
            continue
        kinds = {found.lastgroup for found in _STATUS.finditer(bare)}
        if len(kinds) > _CHOICES:
            return Standing(is_template=True)
        partly = _PARTLY.search(bare[:60]) is not None
        if (found := _OF.search(bare)) and not partly:
            of = f"{of} {found['what']}"
        if (found := _BY.search(bare)) and not partly:
            by, status = found["what"], Status.SUPERSEDED
            continue
        if status is not None and (len(bare.split()) > 8 or partly):
            continue
        status = _of_line(bare, partly, provisional) or status
    return Standing(status, by, of)


def _of_line(line: str, partly: bool, provisional: Status) -> Status | None:
    """Tell the status of one line: by its first words, else by the first that is a status."""
    first = " ".join(line.split()[:4])
    found = _STATUS.search(first) or _STATUS.search(line[:300])
    if found is None:
        return None
    status = Status[found.lastgroup or "OPEN"]
    if found[0].lower() == "provisional":
        return provisional
    return Status.ACTIVE if status is Status.SUPERSEDED and partly else status


def references(spelled: str, *, bare: bool = False) -> tuple[str, ...]:
    """Return what a text names other records by: link targets, file stems, and numbers.

    `bare` reads plain numbers as well, where a field holds nothing else.
    """
    found = [*_TARGET.findall(spelled), *_WIKI.findall(spelled)]
    if not found:
        found = [*_NUMBERED.findall(spelled), *_STEM.findall(spelled)]
    if not found and bare:
        found = _BARE.findall(spelled)
    return tuple(dict.fromkeys(found))[:20]


def day(spelled: str) -> str | None:
    """Read the first date of a text as ISO 8601; None where there is none or it cannot be."""
    text = spelled[:500]
    if found := _ISO.search(text) or _COMPACT.search(text):
        return _iso(found[1], found[2], found[3])
    if found := _DAY_FIRST.search(text):
        return _iso(found[3], _month(found[2]), found[1])
    if found := _MONTH_FIRST.search(text):
        return _iso(found[3], _month(found[1]), found[2])
    return None


def _month(name: str) -> int:
    short = name[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def _iso(year: str, month: int | str, in_month: str) -> str | None:
    try:
        found = date(int(year), int(month), int(in_month))
    except ValueError:
        return None
    return found.isoformat() if found.year in _YEARS else None
