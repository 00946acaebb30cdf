"""The index of one workspace: documents, passages, the graph, history. Rebuildable, so a
damaged file is thrown away and built anew rather than mended."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from satchel.base.errors import Broken
from satchel.base.values import value
from satchel.context.catalog import Catalog, Row, catalog_of
from satchel.context.store import stems
from satchel.context.store.counts import FileCounts, key_of, unpacked
from satchel.context.store.documents import bump, insert, remove
from satchel.context.store.history import History
from satchel.context.store.sqlite import Database, Store, remove_database, script
from satchel.context.store.vectors import PassageVectors
from satchel.context.terms import expand
from satchel.context.types import Document, Stamp

MIGRATIONS: Final = (script("index.sql"), script("index-2.sql"))
TOGETHER: Final = 40  # paths that changed with one
COUNTED: Final = 2_000  # documents whose counts are remembered: a few kB each
KEYED: Final = 50_000  # words whose keys are remembered while files are taken in


@dataclass(frozen=True, slots=True)
class Summary:
    """What holds of an index as a whole: how many terms a document has on average; for each path
    how many kept commits touched it, and when the last one did, in seconds since the epoch; how
    many documents import each one."""

    length: float
    touches: Mapping[str, tuple[int, int]]
    importers: Mapping[int, int]


@dataclass(slots=True)
class _Known:
    """What was looked up in one state of an index: it holds until that changes."""

    generation: str = ""
    summary: Summary | None = None
    frequencies: dict[str, int] = field(default_factory=dict)  # by term
    names: dict[int, frozenset[str]] = field(default_factory=dict)  # by document
    counts: dict[int, FileCounts] = field(default_factory=dict)  # by document
    together: dict[str, Sequence[tuple[str, int]]] = field(default_factory=dict)  # by path
    in_use: dict[str, bool] = field(default_factory=dict)  # by name
    listing: dict[str, str | None] = field(default_factory=dict)  # by package


@value(frozen=True, slots=True)
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


class IndexStore(Store):
    """One workspace's index, its `history` and its `vectors`. Safe from any thread."""

    def __init__(self, path: Path) -> None:
        try:
            database = Database(path, MIGRATIONS)
        except Broken as error:
            if error.code not in {"store-damaged", "store-is-newer"}:
                raise
            remove_database(path)
            database = Database(path, MIGRATIONS)
        super().__init__(database)
        self.history = History(self._database)
        self.vectors = PassageVectors(self._database)
        self._keys = lru_cache(maxsize=KEYED)(lambda word: tuple(map(key_of, stems.stem(word))))
        self._catalog = catalog_of("", (), 0)
        self._known = _Known()

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
                number = remove(db, path)
                db.execute("UPDATE import SET target = NULL WHERE target = ?", (number,))
            for document in documents:
                insert(db, document, remove(db, document.path), self._keys)
            db.execute("INSERT OR REPLACE INTO meta VALUES ('unlinked', '1')")
            bump(db)

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
            bump(db)

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
        known = self._remembered().frequencies
        if missing := [term for term in terms if term not in known]:
            found = self._rows(
                "SELECT v.term, v.doc FROM json_each(?) wanted "
                "CROSS JOIN passage_vocabulary v ON v.term = wanted.value",
                (json.dumps(missing),),
            )
            known |= dict.fromkeys(missing, 0) | dict(found)
        return {term: known[term] for term in terms if known[term]}

    def stem(self, text: str) -> list[str]:
        """Return the terms of already expanded text as the index spells them."""
        return stems.stem(text)

    def terms(self, text: str) -> list[str]:
        """Return the terms of any text, in order, as the index spells them."""
        return stems.terms(text)

    def term_set(self, text: str) -> frozenset[str]:
        """Return the terms of any text, each once, as the index spells them."""
        return stems.term_set(text)

    def spell(self, term: str) -> str:
        """Return a word whose stem is `term`, for a search, which stems it once more."""
        return stems.spell(term)

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

    def holding(self, run: str, limit: int) -> list[tuple[int, int]]:
        """Return (passage, document) of passages in whose body these terms, as they were expanded,
        stand one after the other; in their order."""
        return self._rows(
            "SELECT p.id, p.document FROM passage p WHERE p.id IN "
            "(SELECT rowid FROM passage_terms WHERE passage_terms MATCH ? LIMIT ?) ORDER BY p.id",
            (f'body : "{run}"', limit),
        )

    def is_in_use(self, name: str) -> bool:
        """Tell whether the terms of a name stand one after the other anywhere but in what tells of
        every change. Remembered until the index changes."""
        known = self._remembered().in_use
        if name not in known:
            run = expand(name)
            rows = run and self._rows(
                "SELECT DISTINCT document FROM passage WHERE id IN "
                "(SELECT rowid FROM passage_terms WHERE passage_terms MATCH ?)",
                (f'"{run}"',),
            )
            by_id = self.catalog().by_id
            known[name] = any(not by_id[row[0]].is_journal for row in rows or () if row[0] in by_id)
        return known[name]

    def listing(self, package: str) -> str | None:
        """Return the first manifest that lists a package, whatever the case of its name. Remembered
        until the index changes."""
        known = self._remembered().listing
        if package not in known:
            rows = self._rows(
                "SELECT d.path FROM fact f JOIN document d ON d.id = f.document "
                "WHERE f.attribute IN ('dependency', 'framework', 'tool') "
                "AND lower(f.subject) = lower(?) ORDER BY d.path LIMIT 1",
                (package,),
            )
            known[package] = str(rows[0][0]) if rows else None
        return known[package]

    def defining(self, name: str, limit: int) -> list[StoredDefinition]:
        """Return definitions of a name, whatever its case; at most `limit`."""
        rows = self._rows(
            "SELECT document, passage, kind, name, symbol, start, stop FROM definition "
            "WHERE name = ? LIMIT ?",
            (name, limit),
        )
        return [StoredDefinition(*row) for row in rows]

    def alike(self, name: str) -> list[str]:
        """Return the defined names that begin with the same two letters, whatever their case, and
        are as long but for one."""
        rows = self._rows(
            "SELECT DISTINCT name FROM definition WHERE name >= ?1 AND name < ?1 || char(0x10FFFF) "
            "AND length(name) BETWEEN ?2 - 1 AND ?2 + 1",
            (name[:2], len(name)),
        )
        return [row[0] for row in rows]

    def summary(self) -> Summary:
        """Return what holds of the index as a whole. Remembered until it changes."""
        known = self._remembered()
        if known.summary is None:
            length = self._rows("SELECT avg(length) FROM document_terms")[0][0]
            importers = self._rows(
                "SELECT target, count(DISTINCT document) FROM import "
                "WHERE target IS NOT NULL GROUP BY target"
            )
            known.summary = Summary(float(length or 0), self.history.touches(), dict(importers))
        return known.summary

    def names(self, rows: Iterable[Row]) -> dict[int, frozenset[str]]:
        """Return the terms of what the name of each document says it is about. Remembered until
        the index changes."""
        known = self._remembered().names
        for row in rows:
            if row.id not in known:
                known[row.id] = frozenset(self.terms(row.subject))
        return known

    def changed_with(self, paths: Iterable[str]) -> dict[str, Sequence[tuple[str, int]]]:
        """Return, for each path, those that most often changed in the same commit, with how often:
        at most TOGETHER. Remembered until the index changes."""
        known = self._remembered().together
        for path in paths:
            if path not in known:
                known[path] = self.history.changed_with(path, TOGETHER)
        return known

    def _remembered(self) -> _Known:
        generation = self.catalog().generation
        if self._known.generation != generation:
            self._known = _Known(generation)
        return self._known

    def counts_of(self, documents: Collection[int]) -> dict[int, FileCounts]:
        """Return how often each term stands in these documents. COUNTED of them are remembered
        until the index changes."""
        known = self._remembered().counts
        found = {document: known[document] for document in documents if document in known}
        if len(found) == len(documents):
            return found
        rows = self._rows(
            "SELECT document, length, counts FROM document_terms "
            "WHERE document IN (SELECT value FROM json_each(?))",
            (json.dumps([document for document in documents if document not in found]),),
        )
        read = {document: unpacked(length, blob) for document, length, blob in rows}
        if len(known) < COUNTED:
            known |= read
        return found | read

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

    def importers(self, documents: Collection[int]) -> dict[int, list[int]]:
        """Return, for each of these documents, those that import it."""
        rows = self._rows(
            "SELECT DISTINCT i.target, i.document FROM json_each(?) wanted "
            "CROSS JOIN import i ON i.target = wanted.value",
            (json.dumps(list(documents)),),
        )
        return _grouped(rows, documents)

    def imported(self, documents: Collection[int]) -> dict[int, list[int]]:
        """Return, for each of these documents, those that it imports."""
        rows = self._rows(
            "SELECT DISTINCT i.document, i.target FROM json_each(?) wanted "
            "CROSS JOIN import i ON i.document = wanted.value WHERE i.target IS NOT NULL",
            (json.dumps(list(documents)),),
        )
        return _grouped(rows, documents)

    def facts(self) -> list[tuple[str, str, str, str, int]]:
        """Return what the manifests state: subject, attribute, value, path, line."""
        return self._rows(
            "SELECT f.subject, f.attribute, f.value, d.path, f.line "
            "FROM fact f JOIN document d ON d.id = f.document ORDER BY d.path, f.line"
        )

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self._database.rows(sql, values)


def _grouped(rows: Iterable[tuple[int, int]], keys: Iterable[int]) -> dict[int, list[int]]:
    """Group the second of each row by the first, in their order."""
    grouped: dict[int, list[int]] = {key: [] for key in keys}
    for key, one in rows:
        grouped[key].append(one)
    return grouped


def _among(column: str, wanted: Collection[Any] | None) -> tuple[str, tuple[str, ...]]:
    """Return a condition that a column has one of these values, and what to bind to it."""
    if wanted is None:
        return "", ()
    return f"WHERE {column} IN (SELECT value FROM json_each(?))", (json.dumps(list(wanted)),)
