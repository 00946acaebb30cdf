"""The vectors of records and of prose, as they are kept: float16, of unit length."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.context.store.documents import bump
from satchel.context.store.nearest import Nearest
from satchel.context.store.sqlite import Database

TAKEN_UP: Final = 5_000  # vectors that are read at one time: what bounds the memory beside them


class RecordVectors:
    """Those of records, by number and by id. Kept in memory, and taken up as they come."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._nearest = Nearest()
        self._places: dict[str, int] = {}  # in it, by the record's id
        self._taken = (0, 0)  # what is in memory: of this generation, up to this id

    def missing(self, limit: int) -> list[tuple[int, str]]:
        """Return records that have none yet: number and text."""
        return self._database.rows(
            "SELECT r.number, r.text FROM record r "
            "LEFT JOIN record_vector v ON v.number = r.number WHERE v.number IS NULL LIMIT ?",
            (limit,),
        )

    def add(self, numbers: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Keep vectors of records; one whose record is gone by now is dropped."""
        with self._database.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO record_vector (number, value) SELECT number, ? FROM record "
                "WHERE number = ?",
                list(zip(_written(vectors), numbers, strict=True)),
            )

    def is_any(self) -> bool:
        """Tell whether any record can be found by meaning."""
        return bool(self._database.rows("SELECT 1 FROM record_vector LIMIT 1"))

    def nearest(self, asked: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return (number, cosine) of the records that are nearest in meaning, nearest first."""
        with self._lock:
            self._take_up()
            return self._nearest.search(asked, limit)

    def of(self, ids: Collection[str]) -> dict[str, NDArray[np.float32]]:
        """Return those of the records of these ids, where they have one."""
        with self._lock:
            self._take_up()
            places = self._places
            return {name: self._nearest[places[name]] for name in ids if name in places}

    def drop(self) -> None:
        """Let go of what is in memory: some of it was deleted."""
        with self._lock:
            self._begin(0)

    def _take_up(self) -> None:
        """Bring what is in memory up to what is on disk."""
        generation = self._database.rows("SELECT vectors FROM generation")[0][0]
        if self._taken[0] != generation:
            self._begin(generation)
        while rows := self._database.rows(
            "SELECT v.id, v.number, v.value, r.id FROM record_vector v "
            "JOIN record r ON r.number = v.number WHERE v.id > ? ORDER BY v.id LIMIT ?",
            (self._taken[1], TAKEN_UP),
        ):
            self._places.update((row[3], len(self._nearest) + n) for n, row in enumerate(rows))
            self._nearest.add([row[1] for row in rows], [row[2] for row in rows])
            self._taken = (generation, rows[-1][0])

    def _begin(self, generation: int) -> None:
        self._nearest, self._places, self._taken = Nearest(), {}, (generation, 0)


@dataclass(frozen=True, slots=True)
class VectorTable:
    """The vectors of prose passages: one row of `matrix` a passage, unit length."""

    generation: str
    passages: tuple[int, ...]
    documents: tuple[int, ...]
    matrix: NDArray[np.float32]


class PassageVectors:
    """Those of prose, by passage."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table = VectorTable("", (), (), np.zeros((0, 1), dtype=np.float32))

    def missing(self, limit: int) -> list[tuple[int, str]]:
        """Return prose passages that have none yet: id and text."""
        return self._database.rows(
            "SELECT p.id, p.symbol || char(10) || p.text FROM passage p "
            "JOIN document d ON d.id = p.document LEFT JOIN vector v ON v.passage = p.id "
            "WHERE d.role = 'prose' AND v.passage IS NULL ORDER BY p.id LIMIT ?",
            (limit,),
        )

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Keep vectors of passages; one whose passage is gone by now is dropped."""
        with self._database.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO vector SELECT id, ? FROM passage WHERE id = ?",
                list(zip(_written(vectors), ids, strict=True)),
            )
            bump(db, "vectors")

    def table(self) -> VectorTable:
        """Return every vector. Cached until vectors or passages change."""
        generation = " ".join(
            value
            for (value,) in self._database.rows(
                "SELECT value FROM meta WHERE key IN ('generation', 'vectors') ORDER BY key"
            )
        )
        if self._table.generation != generation:
            rows = self._database.rows(
                "SELECT v.passage, p.document, v.value FROM vector v "
                "JOIN passage p ON p.id = v.passage ORDER BY v.passage"
            )
            matrix = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.float16)
            self._table = VectorTable(
                generation,
                tuple(row[0] for row in rows),
                tuple(row[1] for row in rows),
                matrix.reshape(len(rows), -1 if rows else 1).astype(np.float32),
            )
        return self._table


def _written(vectors: NDArray[np.float32]) -> list[bytes]:
    return [vector.astype(np.float16).tobytes() for vector in vectors]
