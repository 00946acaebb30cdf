"""What is open: the accepted workspaces and the records that hold everywhere, each once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from satchel.base.errors import Broken, SatchelError
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.base.text import sound
from satchel.context.ids import LEAST_PREFIX, chosen
from satchel.context.ingest.walk import printable
from satchel.context.store.records import RecordStore
from satchel.context.store.sqlite import remove_database
from satchel.context.types import EVERYWHERE, Record
from satchel.wiring.leave import delete_kept, is_accepted, kept, records_path, withdraw
from satchel.wiring.vectors import Vectors
from satchel.wiring.workspace import Workspace, top_of

T = TypeVar("T")

AMBIGUOUS = 10  # ids that one beginning may name before we stop looking


@dataclass(frozen=True, slots=True)
class Reach:
    """The stores that hold for a request, the workspace's own first; None without a workspace."""

    stores: tuple[RecordStore, ...]
    workspace: Workspace | None

    def get(self, name: str) -> Record | None:
        """Return a record by its whole id."""
        return next((found for store in self.stores if (found := store.get(name))), None)

    def find(self, given: str) -> Record:
        """Return the one record that an id or its beginning names. Raises BadInput for none."""
        name = sound(given).strip().lower()
        found = {each.id: each for each in [self.get(name)] if each is not None}
        if not found and len(name) >= LEAST_PREFIX:
            found = {r.id: r for store in self.stores for r in store.named(name, AMBIGUOUS)}
        return chosen(sound(given), found)

    def names(self, given: str) -> bool:
        """Tell whether a text is an id, or the beginning of one, that is here."""
        is_beginning = len(given) >= LEAST_PREFIX
        return self.get(given) is not None or (
            is_beginning and any(store.named(given, 1) for store in self.stores)
        )

    def holding(self, record: Record) -> RecordStore:
        """Return the store that a record is in."""
        return next((s for s in self.stores if s.get(record.id)), self.stores[0])

    def put(self, records: Iterable[Record]) -> None:
        """Put records back where they are."""
        by_store: dict[int, list[Record]] = {}
        for record in records:
            by_store.setdefault(self.stores.index(self.holding(record)), []).append(record)
        for number, some in by_store.items():
            self.stores[number].put(*some)

    def follow(self, vectors: Vectors) -> None:
        """Have what is new in them embedded, when there is time."""
        if self.workspace is not None:
            for store in self.stores:
                vectors.follow(self.workspace.index, store)

    @property
    def name(self) -> str:
        """The workspace as records name it: its top, spelled so that it can be stored."""
        if self.workspace is None:
            return EVERYWHERE
        return printable(str(self.workspace.top))


class Opened:
    """Opens stores when they are first asked for. Safe from any thread.

    `writing` is held while records are read, decided about, and put back.
    """

    def __init__(
        self, home: Home, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self.home = home
        self._clock = clock
        self.writing = threading.RLock()
        self._settings = settings
        self._lock = threading.Lock()
        self._workspaces: dict[Path, Workspace] = {}
        self._everywhere: RecordStore | None = None

    def at(self, top: Path) -> Workspace | None:
        """Return the workspace of this top where it is open."""
        return self._workspaces.get(top)

    def workspace(self, path: str, accept: bool = False) -> Workspace:
        """Return the workspace that a path belongs to; `accept` allows one that is new to us."""
        top = top_of(path, self.home)
        with self._lock:
            workspace = self._workspaces.get(top)
            if workspace is not None and not workspace.is_there:
                workspace.close()  # its files were moved away: nothing more may go into them
                workspace = None
            if workspace is None:
                self._workspaces.pop(top, None)
                workspace = self._workspaces[top] = Workspace.open(
                    top, self.home, self._settings, accept, self._clock, self.writing
                )
        return workspace

    def within(self, path: str, work: Callable[[Workspace], T], accept: bool = False) -> T:
        """Do some work in a workspace. A damaged store is let go of, so that what the user puts in
        its place is opened; an index is built anew at once, and the work done again."""
        workspace = self.workspace(path, accept)
        try:
            return work(workspace)
        except Broken as error:
            if error.code != "store-damaged":
                raise
            damaged = error.extra["store"]
            self._let_go(workspace, damaged)
            if damaged != str(workspace.index.path):
                raise
        return work(self.workspace(path, accept))

    def everywhere(self, work: Callable[[RecordStore], T]) -> T:
        """Do some work with the records that hold everywhere."""
        store = self._everywhere_store()
        try:
            return work(store)
        except Broken as error:
            if error.code == "store-damaged":
                self._let_go(None, error.extra["store"])
            raise

    def everywhere_if_any(self) -> tuple[RecordStore, ...]:
        """Return the store of the records that hold everywhere where there is one: to look for
        something makes no file."""
        there = records_path(self.home, None).exists()
        return (self._everywhere_store(),) if there else ()

    def reach(self, workspace: Workspace) -> Reach:
        """Return the stores that hold for a workspace."""
        return Reach((workspace.records, *self.everywhere_if_any()), workspace)

    def reaching(self, path: str | None, work: Callable[[Reach], T]) -> T:
        """Do some work with the records that hold for a workspace, or, without one, with those that
        hold everywhere."""
        if path is None:
            return self.everywhere(lambda store: work(Reach((store,), None)))
        return self.within(path, lambda found: work(self.reach(found)))

    def with_everywhere(self, reach: Reach) -> Reach:
        """Take the records that hold everywhere into reach, though there are none yet."""
        if reach.workspace is None or len(reach.stores) > 1:
            return reach
        return Reach((*reach.stores, self._everywhere_store()), reach.workspace)

    def conversations(self, path: str, work: Callable[[RecordStore], T]) -> T:
        """Do some work where the conversations of a folder are kept: with its records, or, for a
        folder that is not read (a question about documents alone), with those held everywhere."""
        if self.is_read(path):
            return self.within(path, lambda found: work(found.records))
        return self.everywhere(work)

    def is_read(self, path: str) -> bool:
        """Tell whether the user accepted the folder that a path belongs to."""
        return is_accepted(self.home, top_of(path, self.home))

    def take_back(self, top: Path) -> None:
        """Take back leave that came to nothing, and what was read, unless records stand there."""
        with suppress(SatchelError):  # what went wrong first is what is told
            self.withdraw(top)
            remove_database(self.home.workspace(top) / "index.db")
            if kept(self.home, top).records == 0:
                delete_kept(self.home, top)

    def withdraw(self, top: Path) -> None:
        """Withdraw the leave to read a folder, and close it."""
        with self._lock:  # nobody opens it again between these two
            withdraw(self.home, top)
            workspace = self._workspaces.pop(top, None)
        if workspace is not None:
            workspace.close_when_quiet()

    def close(self) -> None:
        """Close every store."""
        with self._lock:
            for workspace in self._workspaces.values():
                workspace.close()
            self._workspaces.clear()
            if self._everywhere is not None:
                self._everywhere.close()
                self._everywhere = None

    def _let_go(self, workspace: Workspace | None, damaged: str) -> None:
        with self._lock:
            if workspace is not None and self._workspaces.get(workspace.top) is workspace:
                del self._workspaces[workspace.top]
                workspace.close()
                if damaged == str(workspace.index.path):
                    remove_database(workspace.index.path)
            if self._everywhere is not None and damaged == str(self._everywhere.path):
                self._everywhere.close()
                self._everywhere = None

    def _everywhere_store(self) -> RecordStore:
        with self._lock:
            if self._everywhere is not None and not self._everywhere.is_there:
                self._everywhere.close()
                self._everywhere = None
            if self._everywhere is None:
                self._everywhere = RecordStore(records_path(self.home, None))
            return self._everywhere
