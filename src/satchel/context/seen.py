"""Within one session nothing is handed over twice, unless it changed. Pure.

An item is a place in a file, a record, a conflict or a test. It is known by a name, and by a digest
of how it stood: of the lines there, of what the record says and where it stands. Only these are
kept, never a text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from satchel.context.pack import Selection, write
from satchel.context.recollect import Recollection
from satchel.context.types import Conflict, Packet, Place, RankedFile, Record, Request

REPEATED: Final = "all that applies was handed over in this session"
TOO_LONG: Final = "nothing of it fits into what the client takes"
REQUEST: Final = "request"  # what a conflict calls the side that is no record
LOSS: Final = 0.9  # of the budget at each try, where what was written is too long in characters

Items: TypeAlias = Mapping[str, str]
"""Digests by an item's name."""
Lines: TypeAlias = Callable[[str, Place], str]
"""(path, place) → what stands there now, whatever tells that it changed."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What is handed over, or why nothing is. `items` are what is not to be repeated."""

    markdown: str
    why: str | None = None
    items: Items = field(default_factory=dict)


def hand_over(packet: Packet, seen: Items, lines: Lines, most: int | None = None) -> Handed:
    """Return a packet's Markdown without what was `seen`, in at most `most` characters.

    A packet of which nothing was seen stays as it is. Nothing is cut: where it does not fit, it
    holds fewer items.
    """
    if not packet.markdown:
        return Handed("", packet.empty_reason)
    kept = without(packet, seen, lines)
    if not kept.markdown:
        return Handed("", kept.empty_reason)
    kept = kept if most is None else within(kept, most)
    return Handed(kept.markdown, kept.empty_reason, items(kept, lines))


def without(packet: Packet, seen: Items, lines: Lines) -> Packet:
    """Return a packet without the items that were seen as they are now."""
    files = []
    for file in packet.files:
        if not file.in_packet:
            continue
        places = tuple(
            place
            for place in file.places
            if seen.get(place_name(file, place)) != _digest(lines(file.path, place))
        )
        if places or (not file.places and file_name(file) not in seen):
            files.append(replace(file, places=places))
    left = replace(
        packet,
        files=tuple(files),
        tests=tuple(test for test in packet.tests if f"test {test.path}" not in seen),
        records=tuple(
            chosen
            for chosen in packet.records
            if seen.get(f"record {chosen.record.id}") != record_digest(chosen.record)
        ),
        conflicts=tuple(
            one
            for one in packet.conflicts
            if seen.get(conflict_name(one, packet.request)) != conflict_digest(one)
        ),
    )
    if _counts(left) == _counts(packet):
        return packet
    if not (left.files or left.records or left.conflicts):  # a test alone tells nothing
        return replace(left, tests=(), markdown="", tokens=0, empty_reason=REPEATED)
    return rewritten(left, packet.budget)


def within(packet: Packet, most: int) -> Packet:
    """Return a packet of at most `most` characters: with fewer items, none of them cut."""
    budget = float(packet.tokens)
    while len(packet.markdown) > most:
        budget = min(budget * most / len(packet.markdown), budget * LOSS)
        packet = rewritten(packet, int(budget))
    return packet if packet.markdown else replace(packet, empty_reason=TOO_LONG)


def rewritten(packet: Packet, budget: int) -> Packet:
    """Write a packet's Markdown anew from its items, within another budget."""
    request = Request(packet.request, packet.workspace, budget)
    selection = Selection(packet.files, packet.symbols, packet.empty_reason, packet.left_out)
    remembered = Recollection(packet.records, packet.conflicts)
    written = write(request, selection, packet.tests, remembered)
    return replace(
        packet,
        files=written.files,
        tests=written.tests,
        records=written.records,
        markdown=written.markdown,
        tokens=written.tokens,
        left_out=written.left_out,
    )


def items(packet: Packet, lines: Lines) -> dict[str, str]:
    """Return the items of a packet, by name, with how they stand."""
    found: dict[str, str] = {}
    for file in packet.files:
        if file.in_packet:
            found |= {
                place_name(file, place): _digest(lines(file.path, place)) for place in file.places
            }
            if not file.places:
                found[file_name(file)] = ""
    found |= {f"test {test.path}": "" for test in packet.tests}
    found |= {f"record {one.record.id}": record_digest(one.record) for one in packet.records}
    found |= {conflict_name(one, packet.request): conflict_digest(one) for one in packet.conflicts}
    return found


def file_name(file: RankedFile) -> str:
    """Name a file of which no place is told."""
    return f"file {file.path}"


def place_name(file: RankedFile, place: Place) -> str:
    """Name a place: with its lines, since they are what was told of it."""
    return f"place {place.start}-{place.end} {place.name} {file.path}"


def record_digest(record: Record) -> str:
    """Digest what a record says and where it stands."""
    stands = (record.status, record.valid_from, record.valid_to or "", str(record.confirmed))
    return _digest("\0".join((record.text, *stands)))


def conflict_name(conflict: Conflict, request: str = "") -> str:
    """Name a conflict by its sides and the reason: in other words it is the same one. A pending
    edit, which comes without a `request`, is another one in each file."""
    of_edit = conflict.ids[1] == REQUEST and not request.strip()
    file = conflict.statements[1].partition("\n")[0] if of_edit else ""
    return f"conflict {' '.join(conflict.ids)} {_digest(f'{conflict.reason} {file}')}"


def conflict_digest(conflict: Conflict) -> str:
    """Digest the sides of a conflict that are records."""
    sides = zip(conflict.ids, conflict.statements, strict=True)
    return _digest("\0".join(text for name, text in sides if name != REQUEST))


def _counts(packet: Packet) -> tuple[int, ...]:
    files = [file for file in packet.files if file.in_packet]
    places = sum(len(file.places) for file in files)
    return len(files), places, *map(len, (packet.tests, packet.records, packet.conflicts))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
