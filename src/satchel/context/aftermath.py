"""A packet as it is kept, and to which packet something that happened belongs. Pure.

What was handed over is named, not repeated: files by their paths, records by their ids. The
request alone is text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from satchel.base.text import clean
from satchel.context.ingest.mask import mask
from satchel.context.types import IntentKind, Packet

LONGEST: Final = 2_000  # characters of a request that are kept
READ: Final = 10 * LONGEST  # and that are looked through for secrets: none is cut where it is kept
NAME: Final = 200  # of a client's, of a session's
WITHIN: Final = 1_800  # seconds after a packet in which a change of a file belongs to it
AT_ONCE: Final = 20  # files that change together; more are no edit: a checkout, a formatter
MISSED: Final = 50  # files of one packet that it did not hold


class Door(StrEnum):
    """The way by which a packet was asked for."""

    CLI = "cli"
    MCP = "mcp"
    HOOK = "hook"
    GATEWAY = "gateway"
    ASK = "ask"


class ItemKind(StrEnum):
    """What an item of a packet is."""

    FILE = "file"
    TEST = "test"
    RECORD = "record"


class What(StrEnum):
    """What happened to an item."""

    OPENED = "opened"
    EDITED = "edited"
    CONFIRMED = "confirmed"
    PINNED = "pinned"
    SUPERSEDED = "superseded"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked: by which door, and the client and the session where they are known."""

    door: Door
    client: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A file or a test by its path, or a record by its id."""

    kind: ItemKind
    name: str
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to a file or a record, and when first, in seconds since the epoch."""

    kind: ItemKind
    name: str
    what: What
    time: int


@dataclass(frozen=True, slots=True)
class Given:
    """A packet that was handed over, and what happened next. `id` is 0 until it is kept; `time` is
    in seconds since the epoch."""

    time: int
    asker: Asker
    request: str
    tokens: int
    items: tuple[Item, ...]
    id: int = 0
    happenings: tuple[Happening, ...] = ()

    def holds(self, path: str) -> bool:
        """Tell whether a file is in it."""
        return any(one.name == path and one.kind is not ItemKind.RECORD for one in self.items)

    @property
    def missed(self) -> tuple[Happening, ...]:
        """What happened to files that were not in it."""
        return tuple(
            one for one in self.happenings if one.kind is ItemKind.FILE and not self.holds(one.name)
        )


def given(packet: Packet, asker: Asker, time: float) -> Given | None:
    """Return a packet as it is kept: its request masked and cut. None where there was no request:
    nothing that follows belongs to a "thanks" or to an edit that was checked."""
    if not packet.request.strip() or packet.intent.kind is IntentKind.NONE:
        return None
    items = [
        *(Item(ItemKind.FILE, f.path, f.symbols) for f in packet.files if f.in_packet),
        *(Item(ItemKind.TEST, test.path) for test in packet.tests),
        *(Item(ItemKind.RECORD, one.record.id) for one in packet.records),
    ]
    return Given(
        int(time),
        replace(asker, client=asker.client[:NAME], session=asker.session[:NAME]),
        clean(mask(packet.request[:READ])[0])[:LONGEST],
        packet.tokens,
        tuple(dict.fromkeys(items)),
    )


def credited(path: str, packets: Sequence[Given], session: str = "") -> list[Given]:
    """Choose the packets that a change of a file belongs to, of those (newest first) that were
    given within WITHIN before it: the newest that holds it, and the newest of all, which may have
    missed it.

    Of a session that is known and was given any, only its own count.
    """
    own = [one for one in packets if session and one.asker.session == session]
    among = own or packets
    chosen = [one for one in among if one.holds(path)][:1]
    newest = among[0] if among else None
    if newest is not None and newest not in chosen and len(newest.missed) < MISSED:
        chosen.append(newest)
    return chosen
