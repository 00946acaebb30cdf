"""Opening SQLite safely: one schema version a file, migrations, one writer, many readers.

apsw bundles an SQLite without the WAL-reset bug that several writers on one file meet
(fixed in 3.51.3); an older one is refused.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import apsw

from satchel.base.errors import Broken

SAFE_SQLITE = (3, 51, 3)
BUSY_MS = 10_000


def script(name: str) -> str:
    """Return the text of one .sql file of this package."""
    return resources.files("satchel.context.store.sql").joinpath(name).read_text(encoding="utf-8")


class Database:
    """One SQLite file. Reads go through a connection a thread, writes through one, in turn.

    `migrations[n]` brings a file from schema version n to n + 1; an empty file is version 0.
    A precious file survives a power cut, and what is deleted from it is overwritten.
    Raises Broken where the file is damaged, cannot be written, or is of a newer Satchel.
    """

    def __init__(self, path: Path, migrations: Sequence[str], precious: bool = False) -> None:
        if tuple(int(part) for part in apsw.sqlite_lib_version().split(".")) < SAFE_SQLITE:
            raise Broken(
                "sqlite-too-old",
                f"SQLite {apsw.sqlite_lib_version()} can corrupt a file that several write to",
                "run `pip install --upgrade apsw`",
            )
        self.path = path
        self._precious = precious
        self._local = threading.local()
        self._all: list[apsw.Connection] = []
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._writer = self._connect()
            self._migrate(migrations)
        except (OSError, apsw.CantOpenError, apsw.ReadOnlyError) as error:
            raise Broken(
                "store-not-writable",
                f"{path} cannot be opened for writing: {error}",
                "make that folder writable, or name another one in $SATCHEL_HOME",
            ) from error
        except (apsw.NotADBError, apsw.CorruptError) as error:
            self.close()
            raise damaged(path) from error

    def _connect(self) -> apsw.Connection:
        connection = apsw.Connection(str(self.path))
        connection.set_busy_timeout(BUSY_MS)
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {'FULL' if self._precious else 'NORMAL'}",
            "foreign_keys = ON",
            "temp_store = MEMORY",
            "cache_size = -16000",
            f"secure_delete = {'ON' if self._precious else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        with self._lock:
            self._all.append(connection)
        return connection

    def _migrate(self, migrations: Sequence[str]) -> None:
        with self.write() as connection:
            version = connection.pragma("user_version")
            if version > len(migrations):
                raise Broken(
                    "store-is-newer",
                    f"{self.path} was written by a newer Satchel (schema {version})",
                    "upgrade Satchel, or move that file away",
                )
            for number in range(version, len(migrations)):
                connection.execute(migrations[number]).fetchall()
                connection.pragma("user_version", number + 1)

    @property
    def reader(self) -> apsw.Connection:
        """This thread's own connection."""
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        return connection

    @contextmanager
    def write(self) -> Iterator[apsw.Connection]:
        """Hold the writer for one transaction: all of it is kept, or nothing.

        Raises Broken where the disk is full or the file is damaged.
        """
        with self._lock:
            connection = self._writer
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except (apsw.FullError, apsw.IOError) as error:
                raise Broken(
                    "disk-full",
                    f"{self.path} could not be written: {error}; nothing acknowledged was lost",
                    "free some disk space and run the command again",
                ) from error
            except (apsw.NotADBError, apsw.CorruptError) as error:
                raise damaged(self.path) from error

    def close(self) -> None:
        """Close every connection; the WAL is folded back into the file."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()


def damaged(path: Path) -> Broken:
    """Say that a store file is damaged."""
    return Broken(
        "store-damaged",
        f"{path} is damaged and was left as it is",
        "move that file away and run the command again; a copy of it may be recoverable with "
        "the sqlite3 tool's .recover",
    )


def remove_database(path: Path) -> None:
    """Delete a database and its side files."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
