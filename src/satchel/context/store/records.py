"""The records of one workspace, and what they were mined from. Precious: a damaged file is never
thrown away, and what is forgotten is overwritten."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

import apsw
import numpy as np
from numpy.typing import NDArray

from satchel.context.globs import covers
from satchel.context.store import stems
from satchel.context.store.conversations import Conversations
from satchel.context.store.rows import COLUMNS, NAMES, as_record, put, take_out, unlink
from satchel.context.store.sqlite import Database, Store, script
from satchel.context.store.vectors import RecordVectors
from satchel.context.store.vocabulary import Vocabulary
from satchel.context.types import Record

T = TypeVar("T")

MIGRATIONS: Final = tuple(map(script, ("records.sql", "records-2.sql", "records-3.sql")))
COVERED: Final = 2_000  # files of which it is remembered which scopes cover them


class RecordStore(Store):
    """Records and conversation turns of one workspace. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(Database(path, MIGRATIONS, precious=True))
        self.vectors = RecordVectors(self._database)
        self.conversations = Conversations(self._database)
        self._kept: tuple[int, dict[str, Any]] = (-1, {})  # what was read of one generation
        self._vocabulary = Vocabulary(self._database)

    def until_changed(self, name: str, read: Callable[[], T]) -> T:
        """Return what is read; it is remembered by its name until the records change."""
        generation = int(self._rows("SELECT records FROM generation")[0][0])
        if self._kept[0] != generation:
            self._kept = (generation, {})
        kept = self._kept[1]
        if name not in kept:
            kept[name] = read()
        found: T = kept[name]
        return found

    # --- records

    def put(self, *records: Record) -> None:
        """Add records, or put each in the place of the one with its id: all of them, or none."""
        with self._database.write() as db:
            for record in records:
                put(db, record)
            _bump(db, "records")

    def get(self, record_id: str) -> Record | None:
        """Return one record."""
        rows = self._rows(f"SELECT {COLUMNS} FROM record WHERE id = ?", (record_id,))
        return as_record(rows[0]) if rows else None

    def some(self, ids: Collection[str]) -> list[Record]:
        """Return the records of these ids that are there, oldest first."""
        rows = self._rows(
            f"SELECT {COLUMNS} FROM record WHERE id IN (SELECT value FROM json_each(?)) "
            "ORDER BY number",
            (json.dumps(sorted(ids)),),
        )
        return [as_record(row) for row in rows]

    def named(self, prefix: str, limit: int) -> list[Record]:
        """Return the records whose id begins so, the first `limit` by id."""
        rows = self._rows(
            f"SELECT {COLUMNS} FROM record WHERE id >= ?1 AND id < ?1 || char(0x10FFFF) "
            "ORDER BY id LIMIT ?2",
            (prefix, limit),
        )
        return [as_record(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return how many records and turns of conversations there are."""
        tables = ("record", "turn")
        return {table: self._rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables}

    def all(self) -> list[Record]:
        """Return every record, newest first."""
        rows = self._rows(f"SELECT {COLUMNS} FROM record ORDER BY learned DESC, number DESC")
        return [as_record(row) for row in rows]

    def size(self) -> int:
        """Return how many records there are."""
        return self.until_changed(
            "size", lambda: int(self._rows("SELECT count(*) FROM record")[0][0])
        )

    def search(
        self, terms: Collection[str], limit: int, *, names_only: bool = False
    ) -> list[tuple[Record, float]]:
        """Return records by BM25 over text and names, best first; scores are positive.

        `terms` are stemmed; the rarest count where all of them would score too many rows.
        """
        match = " OR ".join(f'"{stems.spell(term)}"' for term in self._vocabulary.telling(terms))
        if not match:
            return []
        if names_only:
            match = f"subject : ({match})"
        columns = ", ".join(f"record.{name}" for name in NAMES)
        rows = self._rows(
            f"SELECT -hit.score, {columns} FROM ("
            "  SELECT rowid, bm25(record_terms, 1.0, 2.0) AS score FROM record_terms"
            "  WHERE record_terms MATCH ? ORDER BY score LIMIT ?"
            ") hit JOIN record ON record.number = hit.rowid ORDER BY hit.score, record.number",
            (match, limit),
        )
        return [(as_record(row[1:]), float(row[0])) for row in rows]

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """Return in how many records each stemmed term stands; unknown ones are left out."""
        return self._vocabulary.frequencies(terms)

    def beginning(self, start: str) -> list[str]:
        """Return the stemmed terms of records that begin so."""
        return self._vocabulary.beginning(start)

    def pinned(self, limit: int) -> list[Record]:
        """Return the records that were pinned last."""

        def read() -> list[Record]:
            rows = self._rows(
                f"SELECT {COLUMNS} FROM record WHERE pinned ORDER BY number DESC LIMIT ?", (limit,)
            )
            return [as_record(row) for row in rows]

        return self.until_changed(f"pinned {limit}", read)

    def scoped(self, files: Iterable[str], limit: int) -> list[Record]:
        """Return the latest records whose globs cover any of these files."""
        covering = self.until_changed("covering", self._covering)
        wanted = {spelled for file in files for spelled in covering(file)}
        if not wanted:
            return []
        rows = self._rows(
            f"SELECT {COLUMNS} FROM record WHERE globs IN (SELECT value FROM json_each(?)) "
            "AND globs <> '[]' ORDER BY number DESC LIMIT ?",
            (json.dumps(sorted(wanted)), limit),
        )
        return [as_record(row) for row in rows]

    def citing(self, files: Collection[str], limit: int) -> list[Record]:
        """Return the latest rules and preferences of which any of these files is an anchor."""
        numbers = self.until_changed("citing", self._cited)
        wanted = {number for file in files for number in numbers.get(file, ())}
        if not wanted:
            return []
        rows = self._rows(
            f"SELECT {COLUMNS} FROM record WHERE number IN (SELECT value FROM json_each(?)) "
            "ORDER BY number DESC LIMIT ?",
            (json.dumps(sorted(wanted)), limit),
        )
        return [as_record(row) for row in rows]

    def forget(self, record_id: str) -> bool:
        """Delete a record truly: the row, its terms, its vector, and their bytes on disk.

        Links to it go as well. What was mined is not mined again from a source that still says it.
        """
        with self._database.write() as db:
            found = take_out(db, record_id) is not None
            if found:
                db.execute("DELETE FROM given WHERE record = ?", (record_id,))
                db.execute("INSERT OR IGNORE INTO forgotten VALUES (?)", (_digest(record_id),))
                unlink(db, record_id)
                # A deleted row's terms stay in older segments until they are merged.
                db.execute("INSERT INTO record_terms (record_terms) VALUES ('optimize')")
                _bump(db, "records")
                _bump(db, "vectors")
        if found:
            self.vectors.drop()
        self._database.scrub()
        return found

    def rewrite(self, records: Sequence[Record], turns: Mapping[int, str]) -> None:
        """Put other words in the place of what records and turns (by number) said, truly: the old
        words are gone from rows, terms and vectors, and from their bytes on disk."""
        with self._database.write() as db:
            for record in records:
                put(db, record)
                db.execute(
                    "DELETE FROM record_vector WHERE number = "
                    "(SELECT number FROM record WHERE id = ?)",
                    (record.id,),
                )
            db.executemany(
                "UPDATE turn SET text = ? WHERE id = ?",
                [(text, number) for number, text in turns.items()],
            )
            db.execute("INSERT INTO record_terms (record_terms) VALUES ('optimize')")
            _bump(db, "records")
            _bump(db, "vectors")
        self.vectors.drop()
        self._database.scrub()

    def is_forgotten(self, record_id: str) -> bool:
        """Tell whether a record of this id was forgotten once."""
        return bool(self._rows("SELECT 1 FROM forgotten WHERE digest = ?", (_digest(record_id),)))

    # --- what was mined

    def mined(self) -> dict[str, str]:
        """Return the sources that were read, each with the digest of what it was then."""
        return dict(self._rows("SELECT source, digest FROM mined"))

    def given(self, source: str) -> list[Record]:
        """Return the records that a source gave when it was read last."""
        columns = ", ".join(f"record.{name}" for name in NAMES)
        rows = self._rows(
            f"SELECT {columns} FROM given JOIN record ON record.id = given.record "
            "WHERE given.source = ? ORDER BY record.number",
            (source,),
        )
        return [as_record(row) for row in rows]

    def decided(self, documents: Iterable[str]) -> list[Record]:
        """Return the decisions that stand in these documents, as they were read last."""
        # The first source is "path:line", and the list of them is kept as JSON.
        starts = [json.dumps([f"{path}:"]).removesuffix('"]') for path in documents]
        rows = self._rows(
            f"SELECT {COLUMNS} FROM record WHERE number IN ("
            "  SELECT r.number FROM json_each(?) start CROSS JOIN record r"
            "  ON r.origin = 'decisions' AND r.sources >= start.value"
            "  AND r.sources < start.value || char(0x10FFFF)"
            "  JOIN given ON given.source = 'decisions' AND given.record = r.id"
            ") ORDER BY number",
            (json.dumps(starts),),
        )
        return [as_record(row) for row in rows]

    def givers(self, record_id: str) -> list[str]:
        """Return the sources that give a record."""
        rows = self._rows("SELECT source FROM given WHERE record = ?", (record_id,))
        return [row[0] for row in rows]

    def take_in(
        self, source: str, digest: str | None, given: Iterable[str], records: Sequence[Record]
    ) -> None:
        """Keep, in one transaction, what became of records when a source was read again.

        `given` are the ids of all that it states now, `records` those that are new or differ; a
        digest of None says that the source is gone.
        """
        with self._database.write() as db:
            db.execute("DELETE FROM mined WHERE source = ?", (source,))  # and what it gave
            for record in records:
                put(db, record)
            if digest is not None:
                db.execute("INSERT INTO mined VALUES (?, ?)", (source, digest))
                db.executemany(
                    "INSERT OR IGNORE INTO given VALUES (?, ?)", [(source, one) for one in given]
                )
            if records:
                _bump(db, "records")

    def nearest(self, asked: NDArray[np.float32], limit: int) -> list[tuple[Record, float]]:
        """Return the records that are nearest in meaning, nearest first, with their cosine."""
        near = self.vectors.nearest(asked, limit)
        rows = self._rows(
            f"SELECT {COLUMNS}, number FROM record "
            "WHERE number IN (SELECT value FROM json_each(?))",
            (json.dumps([number for number, _ in near]),),
        )
        found = {row[-1]: as_record(row[:-1]) for row in rows}
        return [(found[number], cosine) for number, cosine in near if number in found]

    def beside(self, ids: Collection[str]) -> list[Record]:
        """Return the records that were kept right before and right after each of these."""
        rows = self._rows(
            f"SELECT {COLUMNS} FROM record WHERE number IN ("
            "  SELECT number - 1 FROM record WHERE id IN (SELECT value FROM json_each(?1))"
            "  UNION SELECT number + 1 FROM record WHERE id IN (SELECT value FROM json_each(?1)))",
            (json.dumps(list(ids)),),
        )
        return [as_record(row) for row in rows]

    def _cited(self) -> dict[str, list[int]]:
        """Return the rules and preferences, by number, that have an anchor, by anchor."""
        found: dict[str, list[int]] = {}
        for number, anchors in self._rows(
            "SELECT number, anchors FROM record "
            "WHERE anchors <> '[]' AND kind IN ('rule', 'preference')"
        ):
            for anchor in json.loads(anchors):
                found.setdefault(anchor, []).append(number)
        return found

    def _covering(self) -> Callable[[str], list[str]]:
        """Return a function from a file to the lists of globs, as they are kept, that cover it. It
        remembers what it answered."""
        rows = self._rows("SELECT DISTINCT globs FROM record WHERE globs <> '[]'")
        every = [(row[0], tuple(json.loads(row[0]))) for row in rows]

        @lru_cache(maxsize=COVERED)
        def covering(file: str) -> list[str]:
            return [spelled for spelled, globs in every if covers(globs, file)]

        return covering

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self._database.rows(sql, values)


def _bump(db: apsw.Connection, what: str) -> None:
    db.execute(f"UPDATE generation SET {what} = {what} + 1")


def _digest(record_id: str) -> bytes:
    return hashlib.blake2b(record_id.encode("utf-8", "replace"), digest_size=16).digest()
