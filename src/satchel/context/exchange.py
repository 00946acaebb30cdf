"""Records as JSON Lines: written whole, read with suspicion. Pure; docs/export.md is the format.

A file that this Satchel sealed, or that the user trusts, comes back as it went out. Any other is a
stranger's: what it says is kept as something to confirm, never as the user's own word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final

from satchel.base.errors import BadInput
from satchel.base.text import clean, one_line, sound
from satchel.context.hide import hide_all
from satchel.context.mine.keep import record_id
from satchel.context.remember import BY_AGENT, LONGEST_RECORD
from satchel.context.types import (
    CURRENT,
    EVERYWHERE,
    Origin,
    Record,
    RecordKind,
    Status,
)
from satchel.context.validity import when

VERSION: Final = 1
LONGEST_LINE: Final = 8_000_000  # bytes: a record of the greatest length, its escapes too
MOST_BYTES: Final = 500_000_000
MOST_RECORDS: Final = 1_000_000
LONGEST_WORD: Final = 2_000  # characters of what is not the text
MOST_WORDS: Final = 1_000  # of one list
_SPACE: Final = re.compile(r"[\n\t]")
FROM_AFAR: Final = "imported: "  # before a source that a stranger's file names

Seal = Callable[[bytes], str]
"""Names the content in a way that only this Satchel can."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a file holds. `own` tells that this Satchel sealed it, and nobody changed it since."""

    workspace: str
    records: tuple[Record, ...]
    own: bool
    masked: int = 0


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file, in numbers of records."""

    added: int
    changed: int  # known, and given a source, a name or a link more
    unchanged: int
    masked: int  # secrets
    trusted: bool


# --- out --------------------------------------------------------------------------------------


def lines(records: Sequence[Record], workspace: str, seal: Seal) -> Iterator[str]:
    """Yield the file's lines, without their ends: the header, then a record each."""
    written = [_encode(_as_json(record)) for record in records]
    header = {
        "satchel": "records",
        "version": VERSION,
        "workspace": workspace,
        "records": len(written),
        "seal": seal(_sealed(workspace, [line.encode() for line in written])),
    }
    yield _encode(header)
    yield from written


def _as_json(record: Record) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _encode(value: Mapping[str, Any]) -> str:
    """Encode as UTF-8 JSON on one line; what could end a line early is escaped by JSON itself."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return sound(text).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _sealed(workspace: str, records: Sequence[bytes]) -> bytes:
    return b"\n".join([sound(workspace).encode(), *records])


# --- in ---------------------------------------------------------------------------------------


def read(given: Iterable[bytes], seal: Seal, now: str) -> Bundle:
    """Read every line, or raise BadInput that names the first one that is wrong.

    Lines may end in a newline; empty ones are passed over. Text is cleaned and masked.
    """
    rows = ((number, line.strip()) for number, line in enumerate(given, start=1))
    filled = ((number, line) for number, line in rows if line)
    number, first = next(filled, (1, b""))
    header = _header(first, number)
    found: dict[str, Record] = {}
    at: dict[str, int] = {}
    raw: list[bytes] = []
    masked = 0
    for number, line in filled:
        if len(raw) == MOST_RECORDS:
            raise _wrong(number, f"a file may hold at most {MOST_RECORDS:,} records")
        record, hidden = hide_all(_record(_object(line, number), number, now))
        if record.id in found:
            raise _wrong(number, f"the id {record.id} stands on line {at[record.id]} already")
        found[record.id], at[record.id] = record, number
        masked += hidden.total()
        raw.append(line)
    sound_chains: set[str] = set()
    for name in found:
        _no_ring(name, found, at[name], sound_chains)
    if (told := header.get("records")) is not None and told != len(raw):
        raise _wrong(
            1, f"it tells of {told} records, and {len(raw)} follow: the file was cut or added to"
        )
    content = _sealed(header["workspace"], raw)
    return Bundle(
        workspace=header["workspace"],
        records=tuple(found.values()),
        own=bool(header.get("seal")) and header["seal"] == seal(content),
        masked=masked,
    )


def placed(bundle: Bundle, workspace: str, now: str, trusted: bool) -> list[Record]:
    """Set a file's records into a workspace: theirs become its own, those that hold everywhere
    stay so where the file is trusted."""
    moved = not trusted or bundle.workspace != workspace
    ids: dict[str, str] = {}
    made: list[Record] = []
    for record in bundle.records:
        where = EVERYWHERE if trusted and record.workspace == EVERYWHERE else workspace
        name = record_id(where, record.globs, record.text) if moved else record.id
        ids[record.id] = name
        made.append(replace(record, id=name, workspace=where))
    linked = [_linked(record, ids, keep=trusted) for record in made] if moved else made
    settled = linked if trusted else [_strange(record, now) for record in linked]
    return list({record.id: record for record in reversed(settled)}.values())[::-1]


def merged(
    coming: Sequence[Record], known: Mapping[str, Record], trusted: bool
) -> tuple[list[Record], Imported]:
    """Decide what to put: what is new, and what a trusted file adds to what is known.

    What stands here stays as it stands: a stranger's file changes none of it, and a trusted one
    adds sources, names and links, or the user's confirmation.
    """
    put: list[Record] = []
    added = changed = 0
    fresh = {record.id for record in coming} - known.keys()
    own = {record.id for record in known.values() if record.confirmed}
    for record in coming:
        old = known.get(record.id)
        if old is None:
            put.append(record if trusted else _apart(record, own))
            added += 1
        elif trusted and (new := _joined(old, record, fresh)) != old:
            put.append(new)
            changed += 1
    return put, Imported(added, changed, len(coming) - added - changed, 0, trusted)


def _apart(record: Record, own: set[str]) -> Record:
    """Untie a stranger's record from those that the user confirmed: to confirm the one is not to
    end the other."""
    return replace(
        record,
        supersedes=tuple(one for one in record.supersedes if one not in own),
        related=tuple(one for one in record.related if one not in own),
        superseded_by=None if record.superseded_by in own else record.superseded_by,
    )


def _joined(old: Record, new: Record, fresh: set[str]) -> Record:
    base = new if new.confirmed and not old.confirmed else old
    other = old if base is new else new
    joined = replace(
        base,
        sources=_both(base.sources, other.sources),
        aliases=_both(base.aliases, other.aliases),
        supersedes=_both(base.supersedes, [one for one in other.supersedes if one in fresh]),
    )
    if base is old and old.superseded_by is None and new.superseded_by in fresh:
        # Its successor comes back with this file.
        return replace(
            joined,
            superseded_by=new.superseded_by,
            status=new.status,
            valid_to=new.valid_to,
            reason=new.reason,
        )
    return joined


def _strange(record: Record, now: str) -> Record:
    """Keep what a stranger's file says as something that waits to be confirmed."""
    return replace(
        record,
        sources=tuple(
            dict.fromkeys(FROM_AFAR + one.removeprefix(FROM_AFAR) for one in record.sources)
        ),
        learned=now,
        pinned=False,
        confirmed=False,
        origin=Origin.AGENT if record.origin is Origin.USER else record.origin,
        confidence=min(record.confidence, BY_AGENT),
        status=Status.UNCONFIRMED if record.status in CURRENT else record.status,
    )


def _linked(record: Record, ids: Mapping[str, str], keep: bool) -> Record:
    """Let links follow the ids; those that lead out of the file are kept, or dropped."""

    def follow(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(ids.get(one, one) for one in names if keep or one in ids)

    after = follow([record.superseded_by] if record.superseded_by else [])
    return replace(
        record,
        supersedes=follow(record.supersedes),
        related=follow(record.related),
        superseded_by=after[0] if after else None,
    )


def _both(one: tuple[str, ...], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


# --- a line -----------------------------------------------------------------------------------


def _wrong(number: int, what: str) -> BadInput:
    return BadInput(
        "bad-import",
        f"line {number}: {what}; nothing was imported",
        "mend that line, or export again; docs/export.md tells the format",
        line=number,
    )


def _object(line: bytes, number: int) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise _wrong(number, f"it is longer than {LONGEST_LINE:,} bytes")
    try:
        value = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _wrong(number, "it is not JSON") from error
    if not isinstance(value, dict):
        raise _wrong(number, "it is not a JSON object")
    return value


def _header(line: bytes, number: int) -> dict[str, Any]:
    header = _object(line, number) if line else {}
    if header.get("satchel") != "records":
        raise _wrong(number, 'it is not the header {"satchel":"records","version":1,…}')
    if header.get("version") != VERSION:
        raise _wrong(number, f"its version is not {VERSION}, the only one that this Satchel reads")
    for name, kind in (("workspace", str), ("seal", str), ("records", int)):
        if header.get(name) is not None and type(header[name]) is not kind:
            raise _wrong(number, f"its {name!r} is of the wrong kind")
    return {**header, "workspace": header.get("workspace") or ""}


def _record(value: Mapping[str, Any], number: int, now: str) -> Record:
    """Read one record. What is missing gets its default; `kind` and `text` must be there."""
    unknown = sorted(value.keys() - _NAMES)
    if unknown:
        raise _wrong(number, f"there is no field {one_line(unknown[0], 40)!r} in a record")
    line = _Line(value, number)
    text = clean(sound(line.text("text", LONGEST_RECORD) or ""))
    if not text.strip():
        raise _wrong(number, "its 'text' is missing or empty")
    workspace = line.word("workspace") or ""
    globs = line.words("globs")
    name = line.word("id") or record_id(workspace, globs, text)
    if not (4 <= len(name) <= 64 and set(name) <= _HEXADECIMAL):
        raise _wrong(number, f"its id {one_line(name, 40)!r} is not 4 to 64 hexadecimal digits")
    status = line.one_of("status", Status, Status.ACTIVE)
    return Record(
        id=name,
        kind=line.one_of("kind", RecordKind),
        text=text,
        workspace=workspace,
        sources=line.words("sources") or ("import",),
        learned=line.date("learned") or now,
        valid_from=line.date("valid_from") or now,
        valid_to=line.date("valid_to"),
        subject=line.word("subject"),
        attribute=line.word("attribute"),
        stance=line.word("stance"),
        globs=globs,
        supersedes=line.words("supersedes"),
        superseded_by=line.word("superseded_by"),
        aliases=line.words("aliases"),
        related=line.words("related"),
        anchors=line.words("anchors"),
        pinned=line.flag("pinned", False),
        # Found anew when it is read.
        status=Status.ACTIVE if status in {Status.STALE, Status.LATER} else status,
        confidence=line.share("confidence", 1.0),
        origin=line.one_of("origin", Origin, Origin.AGENT),
        confirmed=line.flag("confirmed", False),
        reason=line.word("reason"),
    )


_NAMES: Final = frozenset(field.name for field in fields(Record))
_HEXADECIMAL: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line's values, each read as what it must be."""

    value: Mapping[str, Any]
    number: int

    def text(self, name: str, longest: int) -> str | None:
        found = self.value.get(name)
        if found is not None and not isinstance(found, str):
            raise _wrong(self.number, f"its {name!r} must be a string")
        if found is not None and len(found) > longest:
            raise _wrong(self.number, f"its {name!r} is longer than {longest:,} characters")
        return found

    def word(self, name: str) -> str | None:
        found = self.text(name, LONGEST_WORD)
        return (_SPACE.sub(" ", clean(sound(found))).strip() or None) if found is not None else None

    def words(self, name: str) -> tuple[str, ...]:
        found = self.value.get(name)
        if found is None:
            return ()
        if not isinstance(found, list) or len(found) > MOST_WORDS:
            raise _wrong(self.number, f"its {name!r} must be a list of at most {MOST_WORDS:,}")
        read = [_Line({name: one}, self.number).word(name) for one in found]
        return tuple(dict.fromkeys(one for one in read if one))

    def date(self, name: str) -> str | None:
        found = self.word(name)
        if found is not None and when(found) is None:
            raise _wrong(self.number, f"its {name!r} is no date")
        return found

    def flag(self, name: str, default: bool) -> bool:
        found = self.value.get(name)
        if found is None:
            return default
        if not isinstance(found, bool):
            raise _wrong(self.number, f"its {name!r} must be true or false")
        return found

    def share(self, name: str, default: float) -> float:
        found = self.value.get(name)
        if found is None:
            return default
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise _wrong(self.number, f"its {name!r} must be a number")
        if not 0 <= found <= 1:  # nor NaN, nor a whole number too long for a float
            raise _wrong(self.number, f"its {name!r} must lie between 0 and 1")
        return float(found)

    def one_of(self, name: str, kinds: type[StrEnum], default: StrEnum | None = None) -> Any:
        found = self.value.get(name, default)
        try:
            return kinds(found)
        except ValueError as error:
            allowed = ", ".join(kinds)
            raise _wrong(self.number, f"its {name!r} must be one of {allowed}") from error


def _no_ring(name: str, found: Mapping[str, Record], number: int, ended: set[str]) -> None:
    """Follow what took a record's place; `ended` are those whose chain is known to end."""
    chain: dict[str, None] = {}
    at: str | None = name
    while at is not None and at in found and at not in ended:
        if at in chain:
            raise _wrong(number, "what took its place was itself replaced by it: a ring")
        chain[at] = None
        at = found[at].superseded_by
    ended.update(chain)
