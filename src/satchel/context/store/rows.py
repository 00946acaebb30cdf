"""A record as the rows of its tables: written, taken out, read. The transaction is the caller's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

import apsw

from satchel.context.terms import expand
from satchel.context.types import Origin, Record, RecordKind, Status

NAMES: Final = tuple(field.name for field in fields(Record))
COLUMNS: Final = ", ".join(NAMES)
_LISTS: Final = ("sources", "globs", "supersedes", "aliases", "related", "anchors")


def put(db: apsw.Connection, record: Record) -> None:
    """Write a record with its terms, in the place of the one with its id."""
    number = take_out(db, record.id, vector=False)
    if number is None:
        number = db.execute("SELECT coalesce(max(number), 0) + 1 FROM record").get
    values = _values(record)
    db.execute(
        f"INSERT INTO record ({COLUMNS}, number) VALUES (?{', ?' * len(values)})",
        (*values, number),
    )
    db.execute(
        "INSERT INTO record_terms (rowid, text, subject) VALUES (?, ?, ?)",
        (number, expand(record.text), expand(" ".join(_named(record)))),
    )


def take_out(db: apsw.Connection, record_id: str, *, vector: bool = True) -> int | None:
    """Delete a record's rows; its vector stays good where the same text is put back."""
    number: int | None = db.execute("SELECT number FROM record WHERE id = ?", (record_id,)).get
    if number is None:
        return None
    db.execute("DELETE FROM record_terms WHERE rowid = ?", (number,))
    db.execute("DELETE FROM record WHERE number = ?", (number,))
    if vector:
        db.execute("DELETE FROM record_vector WHERE number = ?", (number,))
    return number


def unlink(db: apsw.Connection, record_id: str) -> None:
    """Take a record that is gone out of the links of the others."""
    db.execute("UPDATE record SET superseded_by = NULL WHERE superseded_by = ?", (record_id,))
    for name in ("supersedes", "related"):
        db.execute(
            f"UPDATE record SET {name} = (SELECT json_group_array(value) FROM json_each({name}) "
            f"WHERE value <> ?1) WHERE EXISTS (SELECT 1 FROM json_each({name}) WHERE value = ?1)",
            (record_id,),
        )


def _named(record: Record) -> list[str]:
    return [name for name in (record.subject, record.attribute, *record.aliases) if name]


def _values(record: Record) -> tuple[Any, ...]:
    return tuple(
        json.dumps(value) if isinstance(value, tuple) else value
        for value in (getattr(record, name) for name in NAMES)
    )


def as_record(row: Sequence[Any]) -> Record:
    """Read a row of COLUMNS."""
    values = list(row)
    for at, read in _READERS:
        values[at] = read(values[at])
    return Record(*values)


def _listed(value: str) -> tuple[str, ...]:
    return tuple(json.loads(value)) if value != "[]" else ()


# How a column is read that is kept as something else.
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(_LISTS, _listed),
    **dict.fromkeys(("pinned", "confirmed"), bool),
    "kind": RecordKind,
    "status": Status,
    "origin": Origin,
}
_READERS: Final = tuple((NAMES.index(name), read) for name, read in _READ.items())
