"""One workspace: its folder, the user's leave to read it, its stores, and keeping it fresh."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from satchel.base.errors import BadInput, NotAccepted, SatchelError, Unavailable, unwritable
from satchel.base.paths import Home, write_private
from satchel.base.settings import Settings
from satchel.base.text import clean
from satchel.context.ingest import git, indexer
from satchel.context.store.index import IndexStore
from satchel.context.store.packets import PacketStore
from satchel.context.store.records import RecordStore
from satchel.context.store.sqlite import remove_database
from satchel.wiring.indexing import index_in_child
from satchel.wiring.leave import is_accepted, marker, records_path, refuse_more_than_a_project

if TYPE_CHECKING:
    from satchel.wiring.mining import Mining

FRESH_WAIT = 0.4  # seconds that a first request waits for the tree to be compared


def top_of(path: str, home: Home) -> Path:
    """Return the workspace that a path belongs to: its git top level, or an accepted folder above
    it, or the folder itself.

    Raises BadInput where there is no such folder, or where it cannot be read.
    """
    given = Path(path)
    if not given.is_absolute():
        raise BadInput("not-absolute", f"{path!r} is not an absolute path", "give a full path")
    try:
        folder = given.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:  # the last: a NUL in it
        raise BadInput(
            "no-such-path", f"there is no {clean(path)}", "check the spelling of the path"
        ) from error
    if not folder.is_dir():
        folder = folder.parent
    above = (folder, *folder.parents)
    top = next((each for each in above if git.is_top(each)), None)
    if top is None:
        top = next((each for each in above if is_accepted(home, each)), folder)
    if not os.access(top, os.R_OK | os.X_OK):
        raise BadInput(
            "not-readable",
            f"{top} cannot be read: permission denied",
            "change its permissions, or run this as a user who may read it",
        )
    return top


class Workspace:
    """An accepted folder with its stores open. Safe from any thread; one index run at a time."""

    def __init__(
        self,
        top: Path,
        home: Home,
        settings: Settings,
        clock: Callable[[], float] = time.time,
        writing: AbstractContextManager[Any] | None = None,
    ) -> None:
        self.top = top
        self._limits = indexer.Limits(
            settings.number("index.max_file_kb") * 1024,
            settings.number("index.history"),
            apart=home.root,
        )
        self._lock = threading.Lock()
        self._closed = False
        self._behind = 0  # background runs that take in what changed
        self._compared = threading.Event()
        self._comparing: threading.Thread | None = None
        self._packets_path = home.workspace(top) / "packets.db"
        self._packets: PacketStore | None = None
        self._packets_lock = threading.Lock()
        self.records = RecordStore(records_path(home, top))
        try:
            self.index = IndexStore(home.workspace(top) / "index.db")
        except BaseException:
            self.records.close()
            raise
        self._transcripts = bool(settings.number("mine.transcripts"))
        self._clock, self._writing = clock, writing or nullcontext()

    @classmethod
    def open(
        cls,
        top: Path,
        home: Home,
        settings: Settings,
        accept: bool,
        clock: Callable[[], float] = time.time,
        writing: AbstractContextManager[Any] | None = None,
    ) -> Workspace:
        """Open a workspace; `accept` says that the user just allowed that it is read.

        Raises NotAccepted where nobody ever did, BadInput where that cannot be allowed, Broken
        where a store cannot be used.
        """
        leave = marker(home, top)
        if not leave.is_file():
            refuse_more_than_a_project(top, home)
            if not accept:
                raise NotAccepted(
                    "not-accepted",
                    f"Satchel has not been allowed to read {top}",
                    f"run `satchel index {top}` to allow it",
                    workspace=str(top),
                )
            since = datetime.now(UTC).isoformat(timespec="seconds")
            try:
                write_private(leave, json.dumps({"top": str(top), "accepted": since}) + "\n")
            except OSError as error:
                raise unwritable(leave.parent, error) from error
        return cls(top, home, settings, clock, writing)

    @property
    def is_there(self) -> bool:
        """Tell whether the stores are still where they were opened."""
        return self.records.is_there and self.index.is_there

    @property
    def indexed(self) -> bool:
        """Tell whether a run ever reached its end."""
        return self.index.meta("indexed_at") is not None

    @property
    def catching_up(self) -> bool:
        """Tell whether the index is known to be behind the folder."""
        return self._behind > 0

    def refresh(self, report: indexer.Report) -> indexer.IndexSummary:
        """Compare the whole folder with the index and bring it up to date."""
        with self._lock:
            self._must_be_open()
            if self.indexed:
                repository = git.open_repository(self.top)
                summary = indexer.index(self.top, repository, self.index, report, self._limits)
            else:
                summary = index_in_child(self.top, self.index.path, report, self._limits)
            summary.mined = self._mine()
        self._compared.set()
        return summary

    def mine_soon(self) -> None:
        """Mine what was just said, beside whatever is asked next."""

        def run() -> None:
            with self._lock, suppress(SatchelError):  # closed meanwhile: the next run mines it
                self._must_be_open()
                self._mine()

        threading.Thread(target=run, name="satchel-mine", daemon=True).start()

    @cached_property
    def _mining(self) -> Mining:
        from satchel.wiring.mining import Mining  # an eighth of a daemon's start; no briefing waits

        return Mining(
            self.top,
            self.index,
            self.records,
            self._clock,
            self._writing,
            transcripts=self._transcripts,
        )

    def _mine(self) -> list[dict[str, Any]]:
        """Mine what changed in the sources of records."""
        report = [asdict(harvest) for harvest in self._mining.run()]
        return [one for one in report if one["read"] or one["closed"]]

    def freshen(self, wait: float = FRESH_WAIT) -> None:
        """Before a request: index if it never was, else see once that nothing changed unseen.

        Comparing goes on in the background where it takes longer than a request may wait, in
        seconds.
        """
        if self._compared.is_set():
            return
        if not self.indexed:
            self.refresh(lambda progress: None)
            return
        if self._comparing is None:
            self.compare(behind=True)
        self._compared.wait(wait)

    def begin(self) -> None:
        """Read the folder in the background, unless that is under way."""
        if self._comparing is None or not self._comparing.is_alive():
            self.compare(behind=True)

    def compare(self, behind: bool) -> threading.Thread:
        """Compare the whole folder beside requests, which say meanwhile that they are catching up:
        at once where the folder is known to have changed, else from the first file that did.

        Returns the thread that does it.
        """
        known = threading.Event()

        def tell() -> None:
            if not known.is_set():
                known.set()
                self._behind += 1

        def run() -> None:
            try:
                with suppress(SatchelError):  # a request meets it too, and can be told of it
                    self.refresh(lambda step: tell() if step.stage == "parse" else None)
            finally:
                self._behind -= known.is_set()
                self._compared.set()

        if behind:
            tell()

        self._comparing = threading.Thread(target=run, name="satchel-index", daemon=True)
        self._comparing.start()
        return self._comparing

    def packets(self) -> PacketStore:
        """Return the packets that were handed over, opened when they are first asked for."""
        with self._packets_lock:
            self._must_be_open()
            if self._packets is not None and not self._packets.is_there:
                self._packets.close()
                self._packets = None
            if self._packets is None:
                self._packets = PacketStore(self._packets_path)
            return self._packets

    def packets_if_any(self) -> PacketStore | None:
        """Return the packets where any were kept: to look for something makes no file."""
        return self.packets() if self._packets_path.exists() else None

    def drop_packets(self) -> None:
        """Delete the packets with their file, whatever state it is in."""
        with self._packets_lock:
            if self._packets is not None:
                self._packets.close()
                self._packets = None
            remove_database(self._packets_path)

    def reread(self, paths: Iterable[str]) -> list[str]:
        """Take in single files that changed on disk, and return those that did; what we write
        ourselves is none of them."""
        home = self._limits.apart
        paths = [path for path in paths if not home or not (self.top / path).is_relative_to(home)]
        if not paths:
            return []
        with self._lock:
            self._must_be_open()
            changed = indexer.reread(
                self.top,
                git.open_repository(self.top),
                paths,
                self.index,
                self._limits,
            )
            self._mine()
        return changed

    def close(self) -> None:
        """Close the stores; a background run that is under way ends with the process."""
        self._closed = True
        self.index.close()
        self.records.close()
        with self._packets_lock:
            if self._packets is not None:
                self._packets.close()

    def close_when_quiet(self) -> None:
        """Close the stores after the run that is under way; none begins after it."""
        with self._lock:
            self.close()

    def _must_be_open(self) -> None:
        if self._closed:
            raise Unavailable(
                "store-closed",
                f"{self.top} was closed in the middle of this",
                "run the command again",
            )
