"""The packets of one workspace and what happened after each. What is forgotten is overwritten."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import apsw

from satchel.context.aftermath import (
    Asker,
    Door,
    Given,
    Happening,
    Item,
    ItemKind,
    What,
)
from satchel.context.store.sqlite import Database, Store, script
from satchel.context.terms import expand

MIGRATIONS: Final = (script("packets.sql"),)
MOST: Final = 2_000  # packets; the oldest are let go


@dataclass(frozen=True, slots=True)
class Followed:
    """A request that edits followed: the paths, and when it was, in seconds since the epoch."""

    id: int
    time: int
    request: str
    paths: tuple[str, ...]


class PacketStore(Store):
    """The packets of one workspace. Safe from any thread."""

    def __init__(self, path: Path, most: int = MOST) -> None:
        super().__init__(Database(path, MIGRATIONS, precious=True))
        self._most = most

    def add(self, given: Given, oldest: int) -> int:
        """Keep a packet and let go of those from before `oldest` (seconds since the epoch), and of
        what is too many; return its number."""
        asker = given.asker
        with self._database.write() as db:
            db.execute(
                "INSERT INTO packet (time, door, client, session, request, tokens) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (given.time, asker.door, asker.client, asker.session, given.request, given.tokens),
            )
            number = db.last_insert_rowid()
            db.execute(
                "INSERT INTO packet_terms (rowid, request) VALUES (?, ?)",
                (number, expand(given.request)),
            )
            _add_items(db, number, given.items)
            past: list[Any] = db.execute(
                "SELECT id FROM packet WHERE time < ?1 OR id <= "
                "(SELECT id FROM packet ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                (oldest, self._most),
            ).fetchall()
            _remove(db, [row[0] for row in past])
        return number

    def again(self, number: int, given: Given) -> None:
        """Note that a packet was asked for once more: it counts from then on, with what it holds
        now."""
        with self._database.write() as db:
            db.execute("UPDATE packet SET time = ? WHERE id = ?", (given.time, number))
            _add_items(db, number, given.items)

    def happened(self, number: int, *happenings: Happening) -> None:
        """Note what happened after a packet; what is known already stays."""
        with self._database.write() as db:
            db.executemany(
                "INSERT OR IGNORE INTO happening SELECT id, ?, ?, ?, ? FROM packet WHERE id = ?",
                [(one.kind, one.name, one.what, one.time, number) for one in happenings],
            )

    def latest(self, limit: int, since: int = 0) -> list[Given]:
        """Return the packets of this time or later, newest first."""
        return self._given("WHERE time >= ? ORDER BY time DESC, id DESC LIMIT ?", (since, limit))

    def get(self, number: int) -> Given | None:
        """Return one packet."""
        found = self._given("WHERE id = ?", (number,))
        return found[0] if found else None

    def holding(self, record: str) -> Given | None:
        """Return the newest packet that holds a record."""
        found = self._given(
            "WHERE id = (SELECT max(packet) FROM item WHERE kind = 'record' AND name = ?)",
            (record,),
        )
        return found[0] if found else None

    def count(self) -> int:
        """Return how many packets there are."""
        return int(self._database.rows("SELECT count(*) FROM packet")[0][0])

    def alike(self, match: str, limit: int) -> list[Followed]:
        """Return the requests that match and that edits followed, best first."""
        rows = self._database.rows(
            "SELECT p.id, p.time, p.request, (SELECT json_group_array(name) FROM happening "
            "   WHERE packet = p.id AND what = 'edited') FROM ("
            "  SELECT rowid, bm25(packet_terms) AS score FROM packet_terms"
            "  WHERE packet_terms MATCH ? AND +rowid IN"  # without the + each is searched for alone
            "   (SELECT packet FROM happening WHERE what = 'edited')"
            "  ORDER BY score LIMIT ?"
            ") hit JOIN packet p ON p.id = hit.rowid ORDER BY hit.score, p.id",
            (match, limit),
        )
        return [
            Followed(number, time, request, tuple(json.loads(paths)))
            for number, time, request, paths in rows
        ]

    def forget(self, numbers: Collection[int]) -> int:
        """Delete packets truly, their bytes on disk as well; return how many there were."""
        with self._database.write() as db:
            gone = _remove(db, numbers)
        self._database.scrub()
        return gone

    def forget_all(self, door: Door | None = None) -> int:
        """Delete every packet, or those of one door; return how many there were."""
        rows = self._database.rows("SELECT id FROM packet WHERE door = ?1 OR ?1 IS NULL", (door,))
        return self.forget([row[0] for row in rows])

    def _given(self, where: str, values: tuple[Any, ...]) -> list[Given]:
        rows = self._database.rows(
            f"SELECT id, time, door, client, session, request, tokens FROM packet {where}", values
        )
        numbers = json.dumps([row[0] for row in rows])
        items: dict[int, list[Item]] = {}
        for number, kind, name, symbols in self._database.rows(
            "SELECT packet, kind, name, symbols FROM item "
            "WHERE packet IN (SELECT value FROM json_each(?)) ORDER BY packet, place",
            (numbers,),
        ):
            item = Item(ItemKind(kind), name, tuple(json.loads(symbols)))
            items.setdefault(number, []).append(item)
        happenings: dict[int, list[Happening]] = {}
        for number, kind, name, what, time in self._database.rows(
            "SELECT packet, kind, name, what, time FROM happening "
            "WHERE packet IN (SELECT value FROM json_each(?)) ORDER BY packet, time, name",
            (numbers,),
        ):
            one = Happening(ItemKind(kind), name, What(what), time)
            happenings.setdefault(number, []).append(one)
        return [
            Given(
                time,
                Asker(Door(door), client, session),
                request,
                tokens,
                tuple(items.get(number, ())),
                number,
                tuple(happenings.get(number, ())),
            )
            for number, time, door, client, session, request, tokens in rows
        ]


def _add_items(db: apsw.Connection, number: int, items: Sequence[Item]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?)",
        [
            (number, place, item.kind, item.name, json.dumps(item.symbols))
            for place, item in enumerate(items)
        ],
    )


def _remove(db: apsw.Connection, numbers: Iterable[int]) -> int:
    """Delete packets; a deleted row's terms stay in older segments until they are merged."""
    gone = 0
    for number in numbers:
        db.execute("DELETE FROM packet WHERE id = ?", (number,))
        if db.changes():
            gone += 1
            db.execute("DELETE FROM packet_terms WHERE rowid = ?", (number,))
    if gone:
        db.execute("INSERT INTO packet_terms (packet_terms) VALUES ('optimize')")
    return gone
