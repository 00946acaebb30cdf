"""The records of one workspace, and what they were mined from. Precious: a damaged file is never
thrown away, and what is forgotten is overwritten."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import apsw
import numpy as np
from numpy.typing import NDArray

from satchel.context.globs import covers
from satchel.context.store import stems
from satchel.context.store.nearest import Nearest
from satchel.context.store.rows import COLUMNS, NAMES, as_record, put, take_out, unlink
from satchel.context.store.sqlite import Database, Store, script
from satchel.context.store.vocabulary import Vocabulary
from satchel.context.types import Record

MIGRATIONS: Final = tuple(map(script, ("records.sql", "records-2.sql", "records-3.sql")))
TAKEN_UP: Final = 5_000  # vectors that are read at one time: what bounds the memory beside them
COVERED: Final = 2_000  # files of which it is remembered which scopes cover them


class RecordStore(Store):
    """Records and conversation turns of one workspace. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(Database(path, MIGRATIONS, precious=True))
        self._lock = threading.Lock()
        self._nearest = Nearest()
        self._taken = (0, 0)  # vectors in memory: those of this generation, up to this id
        self._size = (-1, 0)
        self._covers: tuple[int, Callable[[str], list[str]]] = (-1, lambda _: [])
        self._vocabulary = Vocabulary(self._database)

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
        generation = self._generation()
        if self._size[0] != generation:
            self._size = (generation, int(self._rows("SELECT count(*) FROM record")[0][0]))
        return self._size[1]

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
        rows = self._rows(
            f"SELECT {COLUMNS} FROM record WHERE pinned ORDER BY number DESC LIMIT ?", (limit,)
        )
        return [as_record(row) for row in rows]

    def scoped(self, files: Iterable[str], limit: int) -> list[Record]:
        """Return the latest records whose globs cover any of these files."""
        covering = self._covering()
        wanted = {spelled for file in files for spelled in covering(file)}
        if not wanted:
            return []
        rows = self._rows(
            f"SELECT {COLUMNS} FROM record WHERE globs IN (SELECT value FROM json_each(?)) "
            "AND globs <> '[]' ORDER BY number DESC LIMIT ?",
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
            with self._lock:
                self._nearest, self._taken = Nearest(), (0, 0)
        self._scrub()
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
        with self._lock:
            self._nearest, self._taken = Nearest(), (0, 0)
        self._scrub()

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

    # --- vectors

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
                "INSERT OR REPLACE INTO record_vector (number, value) SELECT number, ? FROM record "
                "WHERE number = ?",
                [
                    (vector.astype(np.float16).tobytes(), number)
                    for number, vector in zip(numbers, vectors, strict=True)
                ],
            )

    def has_vectors(self) -> bool:
        """Tell whether any record can be found by meaning."""
        return bool(self._rows("SELECT 1 FROM record_vector LIMIT 1"))

    def nearest(self, asked: NDArray[np.float32], limit: int) -> list[tuple[Record, float]]:
        """Return the records that are nearest in meaning, nearest first, with their cosine."""
        with self._lock:
            self._take_up()
            near = self._nearest.search(asked, limit)
        rows = self._rows(
            f"SELECT {COLUMNS}, number FROM record "
            "WHERE number IN (SELECT value FROM json_each(?))",
            (json.dumps([number for number, _ in near]),),
        )
        found = {row[-1]: as_record(row[:-1]) for row in rows}
        return [(found[number], cosine) for number, cosine in near if number in found]

    def vectors(self, ids: Collection[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors of these records, of those that have one."""
        rows = self._rows(
            "SELECT r.id, v.value FROM record r JOIN record_vector v ON v.number = r.number "
            "WHERE r.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {name: np.frombuffer(value, np.float16).astype(np.float32) for name, value in rows}

    def beside(self, ids: Collection[str]) -> list[Record]:
        """Return the records that were kept right before and right after each of these."""
        rows = self._rows(
            f"SELECT {COLUMNS} FROM record WHERE number IN ("
            "  SELECT number - 1 FROM record WHERE id IN (SELECT value FROM json_each(?1))"
            "  UNION SELECT number + 1 FROM record WHERE id IN (SELECT value FROM json_each(?1)))",
            (json.dumps(list(ids)),),
        )
        return [as_record(row) for row in rows]

    def _take_up(self) -> None:
        """Bring the vectors in memory up to those on disk."""
        generation = self._rows("SELECT vectors FROM generation")[0][0]
        if self._taken[0] != generation:
            self._nearest, self._taken = Nearest(), (generation, 0)
        while rows := self._rows(
            "SELECT id, number, value FROM record_vector WHERE id > ? ORDER BY id LIMIT ?",
            (self._taken[1], TAKEN_UP),
        ):
            self._nearest.add([row[1] for row in rows], [row[2] for row in rows])
            self._taken = (generation, rows[-1][0])

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

    def turns_since(self, last: int) -> list[tuple[int, str, str, str, str]]:
        """Return the turns after number `last`: number, conversation, time, role, text."""
        return self._rows(
            "SELECT id, conversation, time, role, text FROM turn WHERE id > ? ORDER BY id", (last,)
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

    def _generation(self) -> int:
        """Return a number that is another whenever the records have changed."""
        return int(self._rows("SELECT records FROM generation")[0][0])

    def _covering(self) -> Callable[[str], list[str]]:
        """Return a function from a file to the lists of globs, as they are kept, that cover it. It
        remembers what it answered, and is made anew when records change."""
        generation = self._generation()
        if self._covers[0] != generation:
            rows = self._rows("SELECT DISTINCT globs FROM record WHERE globs <> '[]'")
            every = [(row[0], tuple(json.loads(row[0]))) for row in rows]

            @lru_cache(maxsize=COVERED)
            def covering(file: str) -> list[str]:
                return [spelled for spelled, globs in every if covers(globs, file)]

            self._covers = (generation, covering)
        return self._covers[1]

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self._database.rows(sql, values)


def _bump(db: apsw.Connection, what: str) -> None:
    db.execute(f"UPDATE generation SET {what} = {what} + 1")


def _digest(record_id: str) -> bytes:
    return hashlib.blake2b(record_id.encode("utf-8", "replace"), digest_size=16).digest()
