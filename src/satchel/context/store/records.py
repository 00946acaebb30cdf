"""The records of one workspace, and its conversations. Precious: a damaged file is never
thrown away, and what is forgotten is overwritten."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import apsw
import numpy as np
from numpy.typing import NDArray

from satchel.context.store.sqlite import Database, script
from satchel.context.terms import expand
from satchel.context.types import Record, RecordKind, Status

MIGRATIONS: Final = (script("records.sql"),)
_COLUMNS: Final = (
    "id, kind, text, workspace, source, learned, valid_from, valid_to, subject, attribute, "
    "stance, globs, supersedes, superseded_by, aliases, pinned, status, confidence"
)


class RecordStore:
    """Records and conversation turns of one workspace. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS, precious=True)

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    @property
    def is_there(self) -> bool:
        """Tell whether the file is still where it was opened."""
        return self._database.is_there

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    # --- records

    def put(self, record: Record) -> None:
        """Add a record, or put it in the place of the one with its id."""
        with self._database.write() as db:
            number = _take_out(db, record.id)
            if number is None:
                number = db.execute("SELECT coalesce(max(number), 0) + 1 FROM record").get
            db.execute(
                f"INSERT INTO record ({_COLUMNS}, number) VALUES (?{', ?' * 18})",
                (*_values(record), number),
            )
            db.execute(
                "INSERT INTO record_terms (rowid, text, subject) VALUES (?, ?, ?)",
                (number, expand(record.text), expand(" ".join(_named(record)))),
            )

    def get(self, record_id: str) -> Record | None:
        """Return one record."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM record WHERE id = ?", (record_id,))
        return _record(rows[0]) if rows else None

    def counts(self) -> dict[str, int]:
        """Return how many records and turns of conversations there are."""
        tables = ("record", "turn")
        return {table: self._rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables}

    def all(self) -> list[Record]:
        """Return every record, newest first."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM record ORDER BY learned DESC, number DESC")
        return [_record(row) for row in rows]

    def search(self, match: str, limit: int) -> list[tuple[Record, float]]:
        """Return records by BM25 over text and subject, best first; scores are positive."""
        rows = self._rows(
            f"SELECT -hit.score, {_COLUMNS} FROM ("
            "  SELECT rowid, bm25(record_terms, 1.0, 2.0) AS score FROM record_terms"
            "  WHERE record_terms MATCH ? ORDER BY score LIMIT ?"
            ") hit JOIN record ON record.number = hit.rowid ORDER BY hit.score, record.number",
            (match, limit),
        )
        return [(_record(row[1:]), float(row[0])) for row in rows]

    def standing(self) -> list[Record]:
        """Return the records that do not wait for a word to match: pinned, or scoped to files."""
        rows = self._rows(f"SELECT {_COLUMNS} FROM record WHERE pinned OR globs <> '[]'")
        return [_record(row) for row in rows]

    def forget(self, record_id: str) -> bool:
        """Delete a record truly: the row, its terms, its vector, and their bytes on disk."""
        with self._database.write() as db:
            found = _take_out(db, record_id) is not None
            if found:
                # A deleted row's terms stay in older segments until they are merged.
                db.execute("INSERT INTO record_terms (record_terms) VALUES ('optimize')")
        self._scrub()
        return found

    def unembedded(self, limit: int) -> list[tuple[int, str]]:
        """Return records that have no vector yet: number and text."""
        return self._rows(
            "SELECT r.number, r.text FROM record r "
            "LEFT JOIN record_vector v ON v.number = r.number WHERE v.number IS NULL LIMIT ?",
            (limit,),
        )

    def add_vectors(self, numbers: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Keep vectors of records; one whose record is gone by now is dropped."""
        with self._database.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO record_vector SELECT number, ? FROM record "
                "WHERE number = ?",
                [
                    (vector.astype(np.float16).tobytes(), number)
                    for number, vector in zip(numbers, vectors, strict=True)
                ],
            )

    def vectors(self) -> tuple[list[str], NDArray[np.float32]]:
        """Return record ids and one row a record."""
        rows = self._rows(
            "SELECT r.id, v.value FROM record_vector v JOIN record r ON r.number = v.number "
            "ORDER BY v.number"
        )
        matrix = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.float16)
        return (
            [row[0] for row in rows],
            matrix.reshape(max(len(rows), 1), -1).astype(np.float32),
        )

    # --- conversations

    def add_turn(self, conversation: str, time: str, role: str, text: str) -> None:
        """Keep one turn of a conversation."""
        with self._database.write() as db:
            db.execute(
                "INSERT INTO turn (conversation, time, role, text) VALUES (?, ?, ?, ?)",
                (conversation, time, role, text),
            )

    def last_conversation(self) -> str | None:
        """Return the conversation that was spoken in last."""
        rows = self._rows("SELECT conversation FROM turn ORDER BY id DESC LIMIT 1")
        return str(rows[0][0]) if rows else None

    def turns(self, conversation: str) -> list[tuple[str, str]]:
        """Return (role, text) of a conversation, oldest first."""
        return self._rows(
            "SELECT role, text FROM turn WHERE conversation = ? ORDER BY id", (conversation,)
        )

    def forget_conversations(self) -> int:
        """Delete every conversation truly; return how many turns that were."""
        with self._database.write() as db:
            db.execute("DELETE FROM turn")
            count = db.changes()
        self._scrub()
        return count

    def _scrub(self) -> None:
        """Empty the write-ahead log: what was deleted must not linger in it."""
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self._database.rows(sql, values)


def _take_out(db: apsw.Connection, record_id: str) -> int | None:
    number: int | None = db.execute("SELECT number FROM record WHERE id = ?", (record_id,)).get
    if number is None:
        return None
    for table, key in (
        ("record_terms", "rowid"),
        ("record_vector", "number"),
        ("record", "number"),
    ):
        db.execute(f"DELETE FROM {table} WHERE {key} = ?", (number,))
    return number


def _named(record: Record) -> list[str]:
    return [name for name in (record.subject, record.attribute, *record.aliases) if name]


def _values(record: Record) -> tuple[Any, ...]:
    return (
        record.id,
        record.kind.value,
        record.text,
        record.workspace,
        record.source,
        record.learned,
        record.valid_from,
        record.valid_to,
        record.subject,
        record.attribute,
        record.stance,
        json.dumps(record.globs),
        json.dumps(record.supersedes),
        record.superseded_by,
        json.dumps(record.aliases),
        record.pinned,
        record.status.value,
        record.confidence,
    )


def _record(row: Sequence[Any]) -> Record:
    values = dict(zip(_COLUMNS.split(", "), row, strict=True))
    record = Record(**values)
    return replace(
        record,
        kind=RecordKind(values["kind"]),
        status=Status(values["status"]),
        globs=tuple(json.loads(values["globs"])),
        supersedes=tuple(json.loads(values["supersedes"])),
        aliases=tuple(json.loads(values["aliases"])),
        pinned=bool(values["pinned"]),
    )
