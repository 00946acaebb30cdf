"""The index of one workspace: documents, passages, the graph, history. Rebuildable, so a
damaged file is thrown away and built anew rather than mended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import apsw
import numpy as np
from numpy.typing import NDArray

from satchel.base.errors import Broken
from satchel.context.catalog import Catalog, Row, catalog_of
from satchel.context.store.counts import FileCounts, key_of, packed, unpacked
from satchel.context.store.sqlite import Database, remove_database, script
from satchel.context.terms import expand
from satchel.context.types import Commit, Document, Stamp

MIGRATIONS: Final = (script("index.sql"), script("index-2.sql"))
BODY_LIMIT: Final = 20_000  # characters of a passage that are searched
KEYED: Final = 50_000  # words whose keys are remembered while files are taken in
MESSAGE_LIMIT: Final = 4_000  # characters of a commit message that are searched


# The average length of a document, the touches of each path, the importers of each document.
_Summary: TypeAlias = tuple[float, Mapping[str, tuple[int, int]], Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class VectorTable:
    """The vectors of prose passages: one row of `matrix` a passage, unit length."""

    generation: str
    passages: tuple[int, ...]
    documents: tuple[int, ...]
    matrix: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its place."""

    id: int
    document: int
    kind: str
    symbol: str
    name: str
    start: int
    stop: int
    text: str


@dataclass(frozen=True, slots=True)
class StoredDefinition:
    """A definition with its place."""

    document: int
    passage: int
    kind: str
    name: str
    symbol: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A commit whose message matched, and the paths that it touched."""

    sha: str
    time: int
    subject: str
    score: float
    paths: tuple[str, ...]


class IndexStore:
    """One workspace's index. Every method is safe from any thread."""

    def __init__(self, path: Path) -> None:
        try:
            self._database = Database(path, MIGRATIONS)
        except Broken as error:
            if error.code not in {"store-damaged", "store-is-newer"}:
                raise
            remove_database(path)
            self._database = Database(path, MIGRATIONS)
        self._keys = lru_cache(maxsize=KEYED)(lambda word: tuple(map(key_of, self.stem(word))))
        self._catalog = catalog_of("", (), 0)
        self._frequencies: tuple[str, dict[str, int]] = ("", {})
        self._summed: tuple[str, _Summary] = ("", (0.0, {}, {}))
        self._vectors = VectorTable("", (), (), np.zeros((0, 1), dtype=np.float32))

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

    # --- what is kept about the workspace as a whole

    def meta(self, key: str) -> str | None:
        """Return one remembered value."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def set_meta(self, **values: str | None) -> None:
        """Remember values; None forgets one."""
        with self._database.write() as db:
            for key, value in values.items():
                if value is None:
                    db.execute("DELETE FROM meta WHERE key = ?", (key,))
                else:
                    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def counts(self) -> dict[str, int]:
        """Return how many documents, passages, definitions, … are kept."""
        tables = ("document", "passage", "definition", "reference", "import", "revision", "vector")
        return {table: int(self._rows(f"SELECT count(*) FROM {table}")[0][0]) for table in tables}

    def skipped(self) -> list[tuple[str, int, str]]:
        """Return (reason, how many, an example) of the files of which nothing was kept."""
        return self._rows(
            "SELECT skipped, count(*), min(path) FROM document WHERE skipped IS NOT NULL "
            "GROUP BY skipped ORDER BY skipped"
        )

    # --- writing

    def stamps(self, paths: Collection[str] | None = None) -> dict[str, Stamp]:
        """Return how every known file looked when it was read, or those of `paths` alone."""
        among, values = _among("path", paths)
        sql = f"SELECT path, size, mtime_ns, inode, digest FROM document {among}"
        rows = self._rows(sql, values)
        return {path: Stamp(*stamp) for path, *stamp in rows}

    def restamp(self, stamps: Mapping[str, Stamp]) -> None:
        """Note that files were touched but hold the same bytes."""
        with self._database.write() as db:
            db.executemany(
                "UPDATE document SET size = ?, mtime_ns = ?, inode = ? WHERE path = ?",
                [(s.size, s.mtime_ns, s.inode, path) for path, s in stamps.items()],
            )

    def replace(self, documents: Sequence[Document], removed: Iterable[str] = ()) -> None:
        """Put documents in the place of what stood at their paths, in one transaction.

        A document that takes the place of another one keeps its number, and what imports it.
        """
        with self._database.write() as db:
            for path in removed:
                number = _remove(db, path)
                db.execute("UPDATE import SET target = NULL WHERE target = ?", (number,))
            for document in documents:
                _insert(db, document, _remove(db, document.path), self._keys)
            db.execute("INSERT OR REPLACE INTO meta VALUES ('unlinked', '1')")
            _bump(db)

    def link(self, targets: Mapping[tuple[int, str], int | None]) -> None:
        """Set the document that each (document, module) import names: those that changed."""
        with self._database.write() as db:
            db.execute("DELETE FROM meta WHERE key = 'unlinked'")
            if not targets:
                return
            db.executemany(
                "UPDATE import SET target = ? WHERE document = ? AND module = ?",
                [(target, document, module) for (document, module), target in targets.items()],
            )
            _bump(db)

    @property
    def is_unlinked(self) -> bool:
        """Tell whether documents changed and no `link` followed, as where a run was interrupted."""
        return self.meta("unlinked") is not None

    def imports(
        self, documents: Collection[int] | None = None
    ) -> list[tuple[int, str, int | None]]:
        """Return every import, or those of `documents` alone: document, module, the document that
        it names."""
        among, values = _among("document", documents)
        return self._rows(f"SELECT document, module, target FROM import {among}", values)

    def add_history(self, commits: Sequence[Commit]) -> None:
        """Add commits; one that is known already is left."""
        with self._database.write() as db:
            for commit in commits:
                db.execute(
                    "INSERT OR IGNORE INTO revision (sha, time, author, subject, body) "
                    "VALUES (?, ?, ?, ?, ?)",
                    (commit.sha, commit.time, commit.author, commit.subject, commit.body),
                )
                if not db.changes():
                    continue
                revision = db.last_insert_rowid()
                db.executemany(
                    "INSERT OR IGNORE INTO touch VALUES (?, ?)",
                    [(revision, path) for path in commit.paths],
                )
                message = f"{commit.subject}\n{commit.body}"[:MESSAGE_LIMIT]
                db.execute(
                    "INSERT INTO revision_terms (rowid, message) VALUES (?, ?)",
                    (revision, expand(message)),
                )
            _bump(db)

    def commits(self) -> Iterator[Commit]:
        """Yield every kept commit, newest first, with the files that it touched."""
        rows = self._rows(
            "SELECT sha, time, author, subject, body, "
            "(SELECT json_group_array(path) FROM touch WHERE revision = r.id) "
            "FROM revision r ORDER BY time DESC, id"
        )
        for sha, time, author, subject, body, paths in rows:
            yield Commit(sha, time, author, subject, body, tuple(json.loads(paths)))

    def last_touched(self, path: str) -> int | None:
        """Return when a commit touched a file last, in seconds since the epoch."""
        rows = self._rows(
            "SELECT max(r.time) FROM touch t JOIN revision r ON r.id = t.revision WHERE t.path = ?",
            (path,),
        )
        return int(rows[0][0]) if rows[0][0] is not None else None

    def clear_history(self) -> None:
        """Forget all commits: HEAD moved to where the known ones are no ancestors."""
        with self._database.write() as db:
            for table in ("revision_terms", "touch", "revision"):
                db.execute(f"DELETE FROM {table}")

    # --- reading

    def catalog(self) -> Catalog:
        """Return every document that was kept. Cached until the index changes."""
        generation = self.meta("generation") or ""
        if self._catalog.generation != generation:
            rows = self._rows(
                "SELECT id, path, role, language FROM document WHERE role IS NOT NULL ORDER BY id"
            )
            passages = int(self._rows("SELECT count(*) FROM passage")[0][0])
            self._catalog = catalog_of(generation, (Row(*row) for row in rows), passages)
        return self._catalog

    def frequencies(self, terms: Collection[str]) -> dict[str, int]:
        """Return in how many passages each stemmed term stands; unknown ones are left out.

        Remembered until the index changes.
        """
        generation = self.catalog().generation
        if self._frequencies[0] != generation:
            self._frequencies = (generation, {})
        known = self._frequencies[1]
        for term in terms:
            if term not in known:
                rows = self._rows("SELECT doc FROM passage_vocabulary WHERE term = ?", (term,))
                known[term] = int(rows[0][0]) if rows else 0
        return {term: known[term] for term in terms if known[term]}

    def stem(self, text: str) -> list[str]:
        """Return the terms of already expanded text as the index spells them."""
        return self._database.stem(text)

    def terms(self, text: str) -> list[str]:
        """Return the terms of any text, in order, as the index spells them."""
        return self._database.terms(text)

    def term_set(self, text: str) -> frozenset[str]:
        """Return the terms of any text, each once, as the index spells them."""
        return self._database.term_set(text)

    def spell(self, term: str) -> str:
        """Return a word whose stem is `term`, for a search, which stems it once more."""
        return self._database.spell(term)

    def search(
        self, match: str, limit: int, weights: tuple[float, float, float]
    ) -> list[tuple[int, int, float]]:
        """Return (passage, document, score) by BM25 over symbol, path and body; best first.

        Scores are positive; FTS5's own are negative.
        """
        return self._rows(
            "SELECT p.id, p.document, -hit.score FROM ("
            "  SELECT rowid, bm25(passage_terms, ?, ?, ?) AS score FROM passage_terms"
            "  WHERE passage_terms MATCH ? ORDER BY score LIMIT ?"
            ") hit JOIN passage p ON p.id = hit.rowid ORDER BY hit.score, p.id",
            (*weights, match, limit),
        )

    def defining(self, name: str, limit: int) -> list[StoredDefinition]:
        """Return definitions of a name, whatever its case; at most `limit`."""
        rows = self._rows(
            "SELECT document, passage, kind, name, symbol, start, stop FROM definition "
            "WHERE name = ? LIMIT ?",
            (name, limit),
        )
        return [StoredDefinition(*row) for row in rows]

    def average_length(self) -> float:
        """Return how many terms a document has on average. Cached until the index changes."""
        return self._summary()[0]

    def touches(self) -> Mapping[str, tuple[int, int]]:
        """Return for each path how many kept commits touched it, and when the last one did, in
        seconds since the epoch. Cached until the index changes."""
        return self._summary()[1]

    def importer_counts(self) -> Mapping[int, int]:
        """Return how many documents import each one. Cached until the index changes."""
        return self._summary()[2]

    def _summary(self) -> _Summary:
        generation = self.catalog().generation
        if self._summed[0] != generation:
            length = self._rows("SELECT avg(length) FROM document_terms")[0][0]
            touched = self._rows(
                "SELECT t.path, count(*), max(r.time) FROM touch t "
                "JOIN revision r ON r.id = t.revision GROUP BY t.path"
            )
            importers = self._rows(
                "SELECT target, count(DISTINCT document) FROM import "
                "WHERE target IS NOT NULL GROUP BY target"
            )
            past = {path: (times, last) for path, times, last in touched}
            self._summed = (generation, (float(length or 0), past, dict(importers)))
        return self._summed[1]

    def counts_of(self, documents: Collection[int]) -> dict[int, FileCounts]:
        """Return how often each term stands in these documents."""
        rows = self._rows(
            "SELECT document, length, counts FROM document_terms "
            "WHERE document IN (SELECT value FROM json_each(?))",
            (json.dumps(list(documents)),),
        )
        return {document: unpacked(length, blob) for document, length, blob in rows}

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Return passages by id."""
        rows = self._rows(
            "SELECT id, document, kind, symbol, name, start, stop, text FROM passage "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        return {row[0]: StoredPassage(*row) for row in rows}

    def passages_of(self, document: int) -> list[StoredPassage]:
        """Return the passages of a document in order."""
        rows = self._rows(
            "SELECT id, document, kind, symbol, name, start, stop, text FROM passage "
            "WHERE document = ? ORDER BY start, id",
            (document,),
        )
        return [StoredPassage(*row) for row in rows]

    def revisions(self, match: str, limit: int) -> list[StoredRevision]:
        """Return the commits whose messages match, best first."""
        rows = self._rows(
            "SELECT r.sha, r.time, r.subject, -hit.score, "
            "(SELECT json_group_array(path) FROM touch WHERE revision = r.id) FROM ("
            "  SELECT rowid, bm25(revision_terms) AS score FROM revision_terms"
            "  WHERE revision_terms MATCH ? ORDER BY score LIMIT ?"
            ") hit JOIN revision r ON r.id = hit.rowid ORDER BY hit.score, r.id",
            (match, limit),
        )
        return [
            StoredRevision(sha, time, subject, score, tuple(json.loads(paths)))
            for sha, time, subject, score, paths in rows
        ]

    def changed_with(self, path: str, limit: int) -> list[tuple[str, int]]:
        """Return the paths that most often changed in the same commit, with how often.

        Commits of more than 30 files say nothing about what belongs together.
        """
        return self._rows(
            "SELECT b.path, count(*) AS times FROM touch a "
            "JOIN touch b ON b.revision = a.revision AND b.path <> a.path "
            "WHERE a.path = ? "
            "AND (SELECT count(*) FROM touch c WHERE c.revision = a.revision) <= 30 "
            "GROUP BY b.path ORDER BY times DESC, b.path LIMIT ?",
            (path, limit),
        )

    def importers(self, document: int) -> list[int]:
        """Return the documents that import this one."""
        rows = self._rows("SELECT DISTINCT document FROM import WHERE target = ?", (document,))
        return [row[0] for row in rows]

    def imported(self, document: int) -> list[int]:
        """Return the documents that this one imports."""
        rows = self._rows(
            "SELECT DISTINCT target FROM import WHERE document = ? AND target IS NOT NULL",
            (document,),
        )
        return [row[0] for row in rows]

    def facts(self) -> list[tuple[str, str, str, str, int]]:
        """Return what the manifests state: subject, attribute, value, path, line."""
        return self._rows(
            "SELECT f.subject, f.attribute, f.value, d.path, f.line "
            "FROM fact f JOIN document d ON d.id = f.document ORDER BY d.path, f.line"
        )

    # --- vectors

    def unembedded(self, limit: int) -> list[tuple[int, str]]:
        """Return prose passages that have no vector yet: id and text."""
        return self._rows(
            "SELECT p.id, p.symbol || char(10) || p.text FROM passage p "
            "JOIN document d ON d.id = p.document LEFT JOIN vector v ON v.passage = p.id "
            "WHERE d.role = 'prose' AND v.passage IS NULL ORDER BY p.id LIMIT ?",
            (limit,),
        )

    def add_vectors(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Keep vectors of passages; one whose passage is gone by now is dropped."""
        with self._database.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO vector SELECT id, ? FROM passage WHERE id = ?",
                [
                    (vector.astype(np.float16).tobytes(), passage)
                    for passage, vector in zip(ids, vectors, strict=True)
                ],
            )
            _bump(db, "vectors")

    def vectors(self) -> VectorTable:
        """Return every vector. Cached until vectors or passages change."""
        generation = f"{self.meta('generation')} {self.meta('vectors')}"
        if self._vectors.generation != generation:
            rows = self._rows(
                "SELECT v.passage, p.document, v.value FROM vector v "
                "JOIN passage p ON p.id = v.passage ORDER BY v.passage"
            )
            matrix = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.float16)
            self._vectors = VectorTable(
                generation,
                tuple(row[0] for row in rows),
                tuple(row[1] for row in rows),
                matrix.reshape(len(rows), -1).astype(np.float32)
                if rows
                else np.zeros((0, 1), dtype=np.float32),
            )
        return self._vectors

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self._database.rows(sql, values)


def _bump(db: apsw.Connection, key: str = "generation") -> None:
    db.execute(
        "INSERT INTO meta VALUES (?, '1') ON CONFLICT (key) "
        "DO UPDATE SET value = CAST(value AS INTEGER) + 1",
        (key,),
    )


def _counted(words: Mapping[str, int], keys: Callable[[str], Sequence[int]]) -> dict[int, int]:
    """Count the keys of terms in place of words."""
    counts: dict[int, int] = {}
    for word, count in words.items():
        for key in keys(word):
            counts[key] = counts.get(key, 0) + count
    return counts


def _among(column: str, wanted: Collection[Any] | None) -> tuple[str, tuple[str, ...]]:
    """Return a condition that a column has one of these values, and what to bind to it."""
    if wanted is None:
        return "", ()
    return f"WHERE {column} IN (SELECT value FROM json_each(?))", (json.dumps(list(wanted)),)


def _remove(db: apsw.Connection, path: str) -> int | None:
    """Remove what stands at a path; return the number that it had."""
    row = db.execute("SELECT id FROM document WHERE path = ?", (path,)).fetchone()
    if row is None:
        return None
    db.execute(
        "DELETE FROM passage_terms WHERE rowid IN (SELECT id FROM passage WHERE document = ?)", row
    )
    db.execute("DELETE FROM document WHERE id = ?", row)
    return int(row[0])


def _insert(
    db: apsw.Connection,
    document: Document,
    number: int | None,
    keys: Callable[[str], Sequence[int]],
) -> None:
    parsed, stamp = document.parsed, document.stamp
    db.execute(
        "INSERT INTO document (id, path, role, language, size, mtime_ns, inode, digest, skipped, "
        "masked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            document.path,
            parsed.role.value if parsed else None,
            parsed.language if parsed else None,
            stamp.size,
            stamp.mtime_ns,
            stamp.inode,
            stamp.digest,
            document.skipped,
            parsed.masked if parsed else 0,
        ),
    )
    if parsed is None:
        return
    number = db.last_insert_rowid()
    path_terms = expand(document.path)
    ids = []
    body: Counter[str] = Counter()
    for passage in parsed.passages:
        db.execute(
            "INSERT INTO passage (document, kind, symbol, name, start, stop, text) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                passage.kind.value,
                passage.symbol,
                passage.name,
                passage.start,
                passage.end,
                passage.text,
            ),
        )
        ids.append(db.last_insert_rowid())
        text = expand(passage.text[:BODY_LIMIT])
        body.update(text.split())
        db.execute(
            "INSERT INTO passage_terms (rowid, symbol, path, body) VALUES (?, ?, ?, ?)",
            (ids[-1], expand(passage.symbol), path_terms, text),
        )
    names = Counter(word for d in parsed.definitions for word in expand(d.name).split())
    counted = packed(*(_counted(w, keys) for w in (body, names, Counter(path_terms.split()))))
    db.execute("INSERT INTO document_terms VALUES (?, ?, ?)", (number, body.total(), counted))
    db.executemany(
        "INSERT INTO definition (document, passage, kind, name, symbol, start, stop) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (number, ids[d.passage], d.kind.value, d.name, d.symbol, d.start, d.end)
            for d in parsed.definitions
        ],
    )
    db.executemany(
        "INSERT INTO reference (passage, name, document, count) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET count = count + excluded.count",
        [(ids[r.passage], r.name, number, r.count) for r in parsed.references],
    )
    db.executemany(
        "INSERT INTO import (document, module) VALUES (?, ?)",
        {(number, imported.module) for imported in parsed.imports},
    )
    db.executemany(
        "INSERT INTO fact VALUES (?, ?, ?, ?, ?)",
        [(number, f.subject, f.attribute, f.value, f.line) for f in parsed.facts],
    )
