"""Decision records as statements: MADR, Nygard, log4brains, RFC, PEP and KEP, and their kin.

A record gives one statement: its title, what was decided in its own first sentences, why in a
line, and the names of what was considered and not chosen.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from satchel.context.ingest.languages import is_test
from satchel.context.mine.anatomy import PLACEHOLDER, sections_of, worded
from satchel.context.mine.front_matter import Value, front_matter, read_fields
from satchel.context.mine.outline import plain
from satchel.context.mine.standing import (
    Standing,
    day,
    field_name,
    fields_of,
    references,
    standing,
)
from satchel.context.mine.wording import legible
from satchel.context.types import Mined, Origin, RecordKind, Statement, Status

STATED: Final = 0.95  # confidence where the record names its status
UNSTATED: Final = 0.8  # where it holds a decision, and its place alone says that it stands

_SUFFIXES: Final = (".md", ".markdown", ".mdx", ".rst", ".adoc", ".txt")
_FOLDERS: Final = frozenset(
    {"adr", "adrs", "adl", "madr", "decisions", "decision-records", "architecture-decisions"}
    | {"architectural-decisions", "rfcs", "rfc", "keps", "peps", "proposals", "enhancements"}
    | {"decision_records", "architecture_decisions", "architecture-decision-records"}
)
_ARCH: Final = re.compile(r"(?:^|/)docs?/arch(?:itecture)?/")
_RFC_TEXT: Final = re.compile(r"(?:^|/)text/\d{4}-[^/]+\.md$")
_PEP: Final = re.compile(r"(?:^|/)pep-\d{1,5}\.(?:rst|txt|md)$")
_KEP: Final = re.compile(r"(?:^|/)keps/(?:.+/)?(?:readme\.md|kep\.yaml)$")
_NOT_RECORDS: Final = re.compile(
    r"(?:readme|index|toc|glossary|contributing|changelog|license|code_of_conduct)$"
    r"|(?:(?:0{3,4}|n{3,4}|x{3,4}|_|adr|rfc|kep|madr|decision|short|long|minimal|bare)[-_.]?){0,4}"
    r"template(?:[-_.](?:bare|minimal|short|long|full|nygard|madr|v\d)){0,3}$"
    r"|pep-0{1,4}$|(?:n{3,4}|x{3,4})[-_.]"
)
_SHAPED: Final = re.compile(
    r"^#{1,3}[ \t]{1,4}(?:\d{1,2}\.[ \t]{1,4})?status[ \t]{0,4}:?[ \t]{0,4}$", re.I | re.M
)
_SHAPED_FIELD: Final = re.compile(r"^[ \t]{0,3}[-*][ \t]{1,4}\**status\**[ \t]{0,4}:", re.I | re.M)
_SHAPED_BODY: Final = re.compile(
    r"^#{1,3}[ \t]{1,4}(?:\d{1,2}\.[ \t]{1,4})?(?:decision(?: outcome)?"
    r"|context and problem statement)"
    r"[ \t]{0,4}:?[ \t]{0,4}$",
    re.I | re.M,
)
_NAMED: Final = re.compile(r"(?:adr|rfc|pep|kep|madr|dr|decision)?[-_ ]?(\d{1,6})(?=[-_. ]|$)")
_TITLE_NUMBER: Final = re.compile(
    r"(?:\[?(?:adr|rfc|kep|pep|madr|dr|decision(?: record)?|record|proposal)[\s#:_-]{0,3}"
    r"(?P<named>\d{1,6})?\]?|(?P<bare>\d{1,6}))(?:\s{0,3}[.:)\u2013\u2014|-]\s{0,3}|\s(?=[A-Z]))",
    re.I,
)
_NO_RECORD: Final = "neither a status nor a decision"


def is_decision(path: str, head: str) -> bool:
    """Tell whether a file is a decision record: by its place, or by a status as ADRs have it.

    `head` is the beginning of its text (4,000 characters are plenty). Templates, indexes and what
    belongs to tests are none.
    """
    lowered = path.lower()
    name = lowered.rpartition("/")[2]
    if is_test(path):
        return False
    if _KEP.search(lowered):
        return lowered.count("/") > 1 and "template" not in lowered
    if not name.endswith(_SUFFIXES) or _NOT_RECORDS.match(name.rpartition(".")[0]):
        return False
    if _PEP.search(lowered) or _RFC_TEXT.search(lowered):
        return True
    if name.endswith(".txt"):
        return False
    if not _FOLDERS.isdisjoint(lowered.split("/")[:-1]) or _ARCH.search(lowered):
        return True
    if not name.endswith(_SUFFIXES[:3]):
        return False
    has_status = _SHAPED.search(head) or _SHAPED_FIELD.search(head)
    return bool(has_status and _SHAPED_BODY.search(head))


def decisions(documents: Iterable[tuple[str, str]]) -> Mined:
    """Mine all decision records of a workspace at once: (path, text) each.

    Links between them are kept as keys. `read` counts records. Never raises.
    """
    left: Counter[str] = Counter()
    found: list[_Found] = []
    texts = dict(documents)
    paired = {posixpath.dirname(path) for path in texts if path.endswith("kep.yaml")}
    read = 0
    for path, text in texts.items():
        folder, name = posixpath.split(path)
        if folder in paired and name.lower() == "readme.md":
            continue
        read += 1
        if name == "kep.yaml":
            beside = next((texts[p] for p in _beside(folder) if p in texts), "")
            one: _Found | str = _kep(path, text, beside)
        else:
            one = _record(path, text)
        if isinstance(one, str):
            left[one] += 1
        else:
            found.append(one)
    return Mined(tuple(_linked(found)), read, dict(left))


def _beside(folder: str) -> tuple[str, str]:
    return posixpath.join(folder, "README.md"), posixpath.join(folder, "readme.md")


@dataclass(frozen=True, slots=True)
class _Found:
    """A record before its links are known."""

    statement: Statement
    path: str
    family: str
    number: int | None
    by: tuple[str, ...]
    of: tuple[str, ...]


def _record(path: str, text: str) -> _Found | str:
    """Read one record, or say why it is left."""
    text = legible(text)
    lines = text.split("\n")
    above = front_matter(text)
    fields = _known(above.fields)
    body = above.lines
    mail = _mail(lines, body)
    for name, value in fields_of(lines, body).items():
        fields.setdefault(name, value)
    sections = sections_of(path, text, lines, max(body, mail))
    for role in ("status", "date", "supersedes", "superseded by"):
        if role not in fields and role in sections.lines:
            start, end = sections.lines[role]
            fields[role] = ("\n".join(lines[start:end]).strip(), start)
    said = standing(fields.get("status", ("", 0))[0])
    if "links" in sections.lines:
        start, end = sections.lines["links"]
        links = standing("\n".join(lines[start:end]))
        status = Status.SUPERSEDED if links.by else said.status
        said = replace(said, status=status, by=said.by or links.by, of=f"{said.of} {links.of}")
    title = fields["title"][0] if "title" in fields and not sections.title else sections.title
    number, title = _numbered(path, plain(title), fields)
    if said.is_template or PLACEHOLDER.search(title):
        return "a template"
    what, line = worded(title, sections, said.status is Status.REJECTED)
    has_decision = "decision" in sections.texts or "title" in fields
    if said.status is None and not has_decision:
        return _NO_RECORD
    if not what:
        return "no text"
    status_text = fields.get("status", ("", 0))[0]
    date = day(fields.get("date", ("", 0))[0]) or day(posixpath.basename(path)) or day(status_text)
    return _found(path, what, line, said, number, fields, date)


def _known(values: Mapping[str, Value]) -> dict[str, tuple[str, int]]:
    """Return the fields that a record has, from those of its front matter, each with line 1."""
    return {
        known: (value if isinstance(value, str) else ", ".join(value), 1)
        for name, value in values.items()
        if (known := field_name(name)) and value
    }


def _mail(lines: Sequence[str], start: int) -> int:
    """Return where the header ends that a PEP begins with; 0 without one."""
    first = next((at for at in range(start, min(start + 3, len(lines))) if lines[at].strip()), None)
    if first is None or not re.match(r"(?:PEP|RFC|Title|Status|Number): ", lines[first]):
        return 0
    end = first
    while end < len(lines) and lines[end].strip():
        end += 1
    return end


def _found(
    path: str,
    text: str,
    line: int,
    said: Standing,
    number: int | None,
    fields: Mapping[str, tuple[str, int]],
    date: str | None,
) -> _Found:
    family = _family(path)
    after = references(fields.get("superseded by", ("", 0))[0], bare=True)
    status = said.status or (Status.SUPERSEDED if after else Status.ACTIVE)
    if status is Status.ACTIVE and after:
        status = Status.SUPERSEDED
    stem = posixpath.basename(path).rpartition(".")[0]
    if stem.lower() in ("readme", "kep"):
        stem = posixpath.basename(posixpath.dirname(path))
    names = (f"{family} {number}", f"{family}-{number:04}") if number is not None else ()
    return _Found(
        Statement(
            kind=RecordKind.DECISION,
            text=text,
            origin=Origin.DECISIONS,
            source=f"{path}:{line}",
            confidence=STATED if said.status is not None else UNSTATED,
            date=date,
            aliases=(*names, stem),
            status=status,
        ),
        path,
        family,
        number,
        after or references(said.by),
        (
            *references(fields.get("supersedes", ("", 0))[0], bare=True),
            *references(said.of),
        ),
    )


def _family(path: str) -> str:
    folders = set(path.lower().split("/"))
    if _PEP.search(path.lower()) or "peps" in folders:
        return "PEP"
    if "keps" in folders:
        return "KEP"
    if folders & {"rfc", "rfcs"} or _RFC_TEXT.search(path.lower()):
        return "RFC"
    return "proposal" if folders & {"proposals", "enhancements"} else "ADR"


def _numbered(
    path: str, title: str, fields: Mapping[str, tuple[str, int]]
) -> tuple[int | None, str]:
    """Tell a record's number, and its title without it."""
    spelled = None
    if found := _TITLE_NUMBER.match(title):
        spelled, title = found["named"] or found["bare"], title[found.end() :]
    stem = posixpath.basename(path).lower()
    if stem in ("readme.md", "kep.yaml"):
        stem = posixpath.basename(posixpath.dirname(path)).lower()
    if named := _NAMED.match(stem):
        spelled = named[1]
    if "number" in fields and fields["number"][0].isdigit():
        spelled = fields["number"][0]
    if not title:
        title = stem.rpartition(".")[0] or stem
        title = re.sub(r"^\d{1,8}[-_ ]", "", title).replace("-", " ").replace("_", " ").strip()
    number = int(spelled) if spelled and len(spelled) <= 6 and spelled.isdecimal() else None
    return number, title.strip()


def _kep(path: str, text: str, beside: str) -> _Found | str:
    """Read a KEP: kep.yaml says what it is, the README beside it what it says."""
    values = read_fields(legible(text))
    if not values or "title" not in values:
        return "YAML that cannot be read" if values is None else _NO_RECORD
    fields = _known(values)
    said = standing(fields.get("status", ("", 0))[0], provisional=Status.OPEN)
    prose = legible(beside)
    sections = sections_of("README.md", prose, prose.split("\n"), front_matter(prose).lines)
    number, title = _numbered(path, fields["title"][0], fields)
    what, line = worded(title, sections, said.status is Status.REJECTED)
    place = posixpath.join(posixpath.dirname(path), "README.md") if beside else path
    date = day(fields.get("date", ("", 0))[0])
    return _found(place, what, line, said, number, fields, date)


def _linked(found: Sequence[_Found]) -> list[Statement]:
    """Give each record its key, and turn what the records name into keys.

    Only a record that stands takes another's place: a draft's "replaces" is a wish.
    """
    names = Counter(f"{one.family} {one.number}".lower() for one in found)
    keys = {}
    for one in found:
        name = f"{one.family} {one.number}".lower()
        keys[one.path] = name if one.number is not None and names[name] == 1 else one.path
    lookup = _Lookup(found)
    made = []
    for one in found:
        status = one.statement.status
        stands = status in (Status.ACTIVE, Status.SUPERSEDED)
        after = [keys[p] for p in (lookup.path(one, ref) for ref in one.by) if p]
        of = [keys[p] for p in (lookup.path(one, ref) for ref in one.of) if p]
        made.append(
            replace(
                one.statement,
                key=keys[one.path],
                supersedes=tuple(dict.fromkeys(of)) if stands else (),
                superseded_by=after[0] if after and status is Status.SUPERSEDED else None,
            )
        )
    return made


class _Lookup:
    """Finds the record that another one names by path, file stem or number."""

    def __init__(self, found: Sequence[_Found]) -> None:
        self._paths = {one.path for one in found}
        self._stems: dict[str, list[str]] = {}
        self._numbers: dict[int, list[str]] = {}
        for one in found:
            for stem in {one.statement.aliases[-1].lower()}:
                self._stems.setdefault(stem, []).append(one.path)
            if one.number is not None:
                self._numbers.setdefault(one.number, []).append(one.path)

    def path(self, one: _Found, named: str) -> str | None:
        """Return the path of the record that `one` names, in its own folder first."""
        folder = posixpath.dirname(one.path)
        target = named.partition("#")[0].strip()
        joined = posixpath.normpath(posixpath.join(folder, target))
        if joined in self._paths:
            return joined if joined != one.path else None
        stem = posixpath.basename(target.rstrip("/")).lower()
        for suffix in _SUFFIXES:
            stem = stem.removesuffix(suffix)
        choices = self._stems.get(stem, [])
        if not choices and (number := _NAMED.match(stem)):
            choices = self._numbers.get(int(number[1]), [])
        near = [path for path in choices if posixpath.dirname(path) == folder] or choices
        return near[0] if len(near) == 1 and near[0] != one.path else None
