"""Opening SQLite safely: one schema version a file, migrations, one writer, many readers.

apsw bundles an SQLite without the WAL-reset bug that several writers on one file meet
(fixed in 3.51.3); an older one is refused.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Any

import apsw

from satchel.base.errors import Broken, SatchelError, Unavailable, unwritable

SAFE_SQLITE = (3, 51, 3)
BUSY_MS = 10_000
CACHE_KB = 4_000  # of each connection; the system's own cache holds the rest
LONGEST_PATH = 500  # bytes; SQLite takes 512 with what it puts behind a file's name


def script(name: str) -> str:
    """Return the text of one .sql file of this package."""
    return resources.files("satchel.context.store.sql").joinpath(name).read_text(encoding="utf-8")


class Database:
    """One SQLite file. Reads go through a connection a thread, writes through one, in turn.

    `migrations[n]` brings a file from schema version n to n + 1; an empty file is version 0.
    A precious file survives a power cut, and what is deleted from it is overwritten.
    Everything here raises Broken where the file is damaged, cannot be written, is of a newer
    Satchel, or the disk is full, and Unavailable where another program holds it.
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
            with told(path):
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._writer = self._connect()
                self._file = _identity(path)
            self._migrate(migrations)
        except BaseException:
            self.close()
            raise

    def _connect(self) -> apsw.Connection:
        connection = apsw.Connection(str(self.path))
        with self._lock:
            self._all.append(connection)
        connection.set_busy_timeout(BUSY_MS)
        for pragma in (
            "journal_mode = WAL",
            f"synchronous = {'FULL' if self._precious else 'NORMAL'}",
            "foreign_keys = ON",
            "temp_store = MEMORY",
            f"cache_size = -{CACHE_KB}",
            f"secure_delete = {'ON' if self._precious else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
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
    def is_there(self) -> bool:
        """Tell whether the path still names the file that was opened, with something in it: what is
        written to one that somebody moved away would be lost."""
        return _identity(self.path) == self._file

    @property
    def reader(self) -> apsw.Connection:
        """This thread's own connection."""
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with told(self.path):
                connection = self._connect()
            self._local.connection = connection
        return connection

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """Read every row of a query."""
        reader = self.reader
        with told(self.path):
            return reader.execute(sql, values).fetchall()

    @contextmanager
    def write(self) -> Iterator[apsw.Connection]:
        """Hold the writer for one transaction: all of it is kept, or nothing."""
        with self._lock, told(self.path):
            connection = self._writer
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def scrub(self) -> None:
        """Empty the write-ahead log: what was deleted must not linger in it."""
        self.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection; the WAL is folded back into the file."""
        with self._lock:
            for connection in self._all:
                with suppress(apsw.ThreadingViolationError):  # in use: it ends with its thread
                    connection.close()
            self._all.clear()


class Store:
    """What is kept in one such file."""

    def __init__(self, database: Database) -> None:
        self._database = database

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


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system refuse into errors that a user can act on."""
    try:
        yield
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise damaged(path) from error
    except (apsw.FullError, apsw.IOError) as error:
        raise Broken(
            "disk-full",
            f"{path} could not be written: {error}; nothing acknowledged was lost",
            "free some disk space and run the command again",
        ) from error
    except (apsw.BusyError, apsw.LockedError) as error:
        raise Unavailable(
            "store-busy",
            f"another program holds {path}",
            "end it, and run the command again",
        ) from error
    except apsw.ConnectionClosedError as error:
        raise Unavailable(
            "store-closed",
            f"{path} was closed in the middle of this",
            "run the command again",
        ) from error
    except (apsw.CantOpenError, apsw.ReadOnlyError, OSError) as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: Exception) -> SatchelError:
    if len(os.fsencode(path)) > LONGEST_PATH:
        return Broken(
            "path-too-long",
            f"{path} is longer than SQLite can open",
            "name a folder with a shorter path in $SATCHEL_HOME",
        )
    return unwritable(path, error if isinstance(error, OSError) else OSError(str(error)))


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another of its name; None for none, or an emptied one."""
    try:
        look = path.stat()
    except OSError:
        return None
    return (look.st_dev, look.st_ino) if look.st_size else None


def damaged(path: Path) -> Broken:
    """Say that a store file is damaged."""
    return Broken(
        "store-damaged",
        f"{path} is damaged and was left as it is",
        "move that file away and run the command again; a copy of it may be recoverable with "
        "the sqlite3 tool's .recover",
        store=str(path),
    )


def remove_database(path: Path) -> None:
    """Delete a database and its side files."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
