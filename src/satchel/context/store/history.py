"""The commits that an index keeps, their messages and the files that they touched."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from satchel.context.store.documents import bump
from satchel.context.store.sqlite import Database
from satchel.context.terms import expand
from satchel.context.types import Commit

MESSAGE_LIMIT: Final = 4_000  # characters of a commit message that are searched


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A commit whose message matched, and the paths that it touched."""

    sha: str
    time: int
    subject: str
    score: float
    paths: tuple[str, ...]


class History:
    """The history part of one index."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, commits: Sequence[Commit]) -> None:
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
            bump(db)

    def commits(self) -> Iterator[Commit]:
        """Yield every kept commit, newest first, with the files that it touched."""
        rows = self._database.rows(
            "SELECT sha, time, author, subject, body, "
            "(SELECT json_group_array(path) FROM touch WHERE revision = r.id) "
            "FROM revision r ORDER BY time DESC, id"
        )
        for sha, time, author, subject, body, paths in rows:
            yield Commit(sha, time, author, subject, body, tuple(json.loads(paths)))

    def last_touched(self, path: str) -> int | None:
        """Return when a commit touched a file last, in seconds since the epoch."""
        rows = self._database.rows(
            "SELECT max(r.time) FROM touch t JOIN revision r ON r.id = t.revision WHERE t.path = ?",
            (path,),
        )
        return int(rows[0][0]) if rows[0][0] is not None else None

    def clear(self) -> None:
        """Forget all commits: HEAD moved to where the known ones are no ancestors."""
        with self._database.write() as db:
            for table in ("revision_terms", "touch", "revision"):
                db.execute(f"DELETE FROM {table}")
            bump(db)

    def alike(self, match: str, limit: int) -> list[StoredRevision]:
        """Return the commits whose messages match, best first."""
        rows = self._database.rows(
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
        return self._database.rows(
            "SELECT b.path, count(*) AS times FROM touch a "
            "JOIN touch b ON b.revision = a.revision AND b.path <> a.path "
            "WHERE a.path = ? "
            "AND (SELECT count(*) FROM touch c WHERE c.revision = a.revision) <= 30 "
            "GROUP BY b.path ORDER BY times DESC, b.path LIMIT ?",
            (path, limit),
        )

    def touches(self) -> dict[str, tuple[int, int]]:
        """Return for each path how many kept commits touched it, and when the last one did, in
        seconds since the epoch."""
        rows = self._database.rows(
            "SELECT t.path, count(*), max(r.time) FROM touch t "
            "JOIN revision r ON r.id = t.revision GROUP BY t.path"
        )
        return {path: (times, last) for path, times, last in rows}
