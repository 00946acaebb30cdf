"""A file of records: JSON Lines, written whole, read with suspicion. Pure; docs/export.md is the
format. What becomes of what it brings is decided in `exchange`."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final, TypeAlias

from satchel.base.errors import BadInput
from satchel.base.text import clean, one_line, sound
from satchel.context.hide import hide_all
from satchel.context.mine.keep import record_id
from satchel.context.remember import LONGEST_RECORD
from satchel.context.types import Origin, Record, RecordKind, Status
from satchel.context.validity import when

VERSION: Final = 1
LONGEST_LINE: Final = 8_000_000  # bytes: a record of the greatest length, its escapes too
MOST_BYTES: Final = 500_000_000
MOST_RECORDS: Final = 1_000_000
LONGEST_WORD: Final = 2_000  # characters of what is not the text
MOST_WORDS: Final = 1_000  # of one list

Seal: TypeAlias = Callable[[bytes], str]
"""Names the content in a way that only this Satchel can."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a file holds. `own` tells that this Satchel sealed it, and nobody changed it since."""

    workspace: str
    records: tuple[Record, ...]
    own: bool
    masked: int = 0


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


def read(given: Iterable[bytes], seal: Seal, now: str) -> Bundle:
    """Read every line, or raise BadInput that names the first one that is wrong.

    Lines may end in a newline; empty ones are passed over. Text is cleaned and masked.
    """
    rows = ((number, line.strip()) for number, line in enumerate(given, start=1))
    filled = ((number, line) for number, line in rows if line)
    number, first = next(filled, (1, b""))
    header = _header(first.removeprefix(BOM_UTF8), number)
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


_MEND: Final = "mend that line, or export again; docs/export.md tells the format"


def _wrong(number: int, what: str, next_step: str = _MEND) -> BadInput:
    message = f"line {number}: {what}; nothing was imported"
    return BadInput("bad-import", message, next_step, line=number)


def _object(line: bytes, number: int) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise _wrong(number, f"it is longer than {LONGEST_LINE:,} bytes")
    try:
        value = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise _wrong(number, "it is not UTF-8", "save it as UTF-8, or export again") from error
    except json.JSONDecodeError as error:
        raise _wrong(number, f"it is not JSON from character {error.pos + 1} on") from error
    except (ValueError, RecursionError) as error:
        raise _wrong(number, "it is not JSON") from error
    if not isinstance(value, dict):
        raise _wrong(number, "it is not a JSON object")
    return value


def _header(line: bytes, number: int) -> dict[str, Any]:
    if not line:
        raise BadInput(
            "bad-import", "there is nothing to import", "name a file that `satchel export` wrote"
        )
    header = _object(line, number)
    if header.get("satchel") != "records":
        raise _wrong(number, 'it is not the header {"satchel":"records","version":1,…}')
    if header.get("version") != VERSION:
        raise _wrong(
            number,
            f"its version is not {VERSION}, the only one that this Satchel reads",
            "upgrade Satchel, where a newer one wrote it",
        )
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


_SPACE: Final = re.compile(r"[\n\t]")
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
