"""What was handed over in each workspace, and what happened next: kept after the answer went out.

Nothing here holds up an answer or breaks one. What is noted waits a moment and is then written by a
thread of its own; a store that cannot be read or written costs what it would have taught.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from satchel.base.errors import BadInput, Broken, SatchelError
from satchel.context.aftermath import (
    AT_ONCE,
    WITHIN,
    Asker,
    Door,
    Given,
    Happening,
    ItemKind,
    What,
    credited,
    given,
)
from satchel.context.store.packets import Followed, PacketStore
from satchel.context.types import Packet
from satchel.wiring.opened import Opened, Reach
from satchel.wiring.workspace import Workspace

LOG: Final = logging.getLogger("satchel.packets")

PAUSE: Final = 0.2  # seconds that a note waits, so that the answer it is about goes out first
MOST_WAITING: Final = 1_000  # notes; more than the disk takes are dropped
RECENT: Final = 50  # packets that an edit may belong to
CLAIMS: Final = 500  # edits that were announced
DAY: Final = 86_400

Work: TypeAlias = Callable[[PacketStore], None]


@dataclass(frozen=True, slots=True)
class Told:
    """A packet, and what the records that it held say; those that are gone say nothing."""

    given: Given
    records: Mapping[str, str]


class Packets:
    """The packets of every workspace. Safe from any thread.

    Kept for `days`; 0 keeps none and reads none.
    """

    def __init__(self, opened: Opened, days: int, clock: Callable[[], float]) -> None:
        self._opened = opened
        self._days = days
        self._clock = clock
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: deque[tuple[Path, Work, bool]] = deque()
        self._timer: threading.Timer | None = None
        self._claims: OrderedDict[tuple[Path, str], str] = OrderedDict()

    # --- what is noted: none of these waits for a disk, and none raises

    def keep(self, packet: Packet, asker: Asker) -> None:
        """Keep a packet that was handed over. The same request once more is the same packet."""
        now = self._clock()

        def add(store: PacketStore) -> None:
            kept = given(packet, asker, now)
            if kept is None:
                return
            last = next(iter(store.latest(1, since=kept.time - WITHIN)), None)
            if last is not None and last.request == kept.request:
                store.again(last.id, kept)
            else:
                store.add(kept, oldest=int(now) - self._days * DAY)

        self._later(Path(packet.workspace), add, makes=True)

    def announced(self, top: Path, path: str, session: str) -> None:
        """Note that a session is about to change a file."""
        if session and self._days:
            with self._lock:
                self._claims[top, path] = session
                self._claims.move_to_end((top, path))
                while len(self._claims) > CLAIMS:
                    self._claims.popitem(last=False)

    def edited(self, top: Path, paths: Collection[str]) -> None:
        """Note files that changed on disk. Many at once are nobody's edit."""
        if not 0 < len(paths) <= AT_ONCE:
            return
        with self._lock:
            sessions = {path: self._claims.pop((top, path), "") for path in paths}
        self._happened(top, sessions, What.EDITED)

    def opened(self, top: Path, paths: Collection[str], session: str) -> None:
        """Note files of a packet that a session read."""
        self._happened(top, dict.fromkeys(paths, session), What.OPENED)

    def settled(self, reach: Reach, ids: Sequence[str], what: What) -> None:
        """Note what became of records, at the newest packet that holds each."""
        if reach.workspace is None:
            return
        now = int(self._clock())

        def note(store: PacketStore) -> None:
            for name in ids:
                if (packet := store.holding(name)) is not None:
                    store.happened(packet.id, Happening(ItemKind.RECORD, name, what, now))

        self._later(reach.workspace.top, note)

    # --- what is asked

    def followed(self, workspace: Workspace) -> Callable[[str, int], Sequence[Followed]]:
        """Return a search of what edits followed in a workspace; it finds nothing where the store
        cannot be read."""

        def search(match: str, limit: int) -> Sequence[Followed]:
            try:
                store = workspace.packets_if_any() if self._days else None
                return store.alike(match, limit) if store is not None else ()
            except SatchelError as error:
                LOG.warning("what requests led to could not be read: %s", error.code)
                return ()

        return search

    def listed(self, path: str, limit: int) -> tuple[str, list[Told]]:
        """Return a workspace's top, and its packets, newest first."""
        return self._asked(path, lambda store: store.latest(limit))

    def one(self, path: str, number: int) -> tuple[str, list[Told]]:
        """Return one packet. Raises BadInput where there is none."""
        return self._asked(path, lambda store: [_there(store.get(number), number)])

    def forget(self, path: str, number: int | None = None) -> int:
        """Delete a packet, or all of a workspace, truly; return how many there were.

        All of a damaged store are deleted with its file. Raises BadInput where there is none of
        that number.
        """
        workspace = self._opened.workspace(path)
        self.write()
        with self._writing:
            try:
                store = workspace.packets_if_any()
                if store is None:
                    gone = 0
                else:
                    gone = store.forget_all() if number is None else store.forget([number])
            except Broken as error:
                if error.code != "store-damaged" or number is not None:
                    raise
                workspace.drop_packets()
                return 0
        if number is not None and not gone:
            _there(None, number)
        return gone

    def forget_asked(self, path: str) -> None:
        """Delete the packets of conversations."""
        workspace = self._opened.workspace(path)
        self.write()
        with self._writing:
            store = workspace.packets_if_any()
            if store is not None:
                store.forget_all(Door.ASK)

    def write(self) -> None:
        """Write what waits."""
        with self._writing:
            while True:
                with self._lock:
                    self._timer = None
                    if not self._waiting:
                        return
                    top, work, makes = self._waiting.popleft()
                workspace = self._opened.at(top)
                if workspace is None:
                    continue  # forgotten meanwhile
                try:
                    store = workspace.packets() if makes else workspace.packets_if_any()
                    if store is not None:
                        work(store)
                except SatchelError as error:
                    LOG.warning("a packet was not kept: %s", error.code)

    def _asked(
        self, path: str, read: Callable[[PacketStore], list[Given]]
    ) -> tuple[str, list[Told]]:
        def work(reach: Reach) -> tuple[str, list[Told]]:
            workspace = reach.workspace
            assert workspace is not None  # a path was given
            store = workspace.packets_if_any()
            found = read(store) if store is not None else []
            return str(workspace.top), [Told(one, _texts(one, reach)) for one in found]

        self.write()
        return self._opened.reaching(path, work)

    def _happened(self, top: Path, sessions: Mapping[str, str], what: What) -> None:
        now = int(self._clock())

        def note(store: PacketStore) -> None:
            for path, session in sessions.items():
                recent = store.latest(RECENT, since=now - WITHIN)
                for packet in credited(path, recent, session):
                    if what is What.EDITED or packet.holds(path):
                        store.happened(packet.id, Happening(ItemKind.FILE, path, what, now))

        self._later(top, note)

    def _later(self, top: Path, work: Work, makes: bool = False) -> None:
        """Have something written soon; only what `makes` a store needs one to be there."""
        if not self._days:
            return
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                return
            self._waiting.append((top, work, makes))
            if self._timer is None:
                self._timer = threading.Timer(PAUSE, self.write)
                self._timer.daemon = True
                self._timer.start()


def _there(found: Given | None, number: int) -> Given:
    if found is None:
        raise BadInput(
            "no-such-packet",
            f"there is no packet {number} here",
            "run `satchel packets` to see their numbers",
        )
    return found


def _texts(one: Given, reach: Reach) -> dict[str, str]:
    names = {item.name for item in one.items if item.kind is ItemKind.RECORD}
    return {name: held.text for name in names if (held := reach.get(name)) is not None}
