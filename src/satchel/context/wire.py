"""Packets and records as the JSON that the daemon, the command line and programs exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from satchel.context.types import SAID, ChosenRecord, Conflict, Packet, RankedFile, Record

if TYPE_CHECKING:  # these load what the daemon loads after it has its lock
    from satchel.context.aftermath import Given
    from satchel.context.exchange import Imported
    from satchel.context.hide import Hit
    from satchel.context.remember import Remembered
    from satchel.context.succession import History


def packet_json(packet: Packet, *, explain: bool = False) -> dict[str, Any]:
    """Return the packet's JSON; `explain` adds what each signal gave, and what was left out."""
    value: dict[str, Any] = {
        "request": packet.request,
        "workspace": packet.workspace,
        "intent": {"kind": packet.intent.kind.value, "confidence": packet.intent.confidence},
        "files": [_file_json(file, explain) for file in packet.files],
        "symbols": [
            {
                "path": symbol.path,
                "name": symbol.name,
                "lines": [list(span) for span in symbol.lines],
                "score": symbol.score,
            }
            for symbol in packet.symbols
        ],
        "tests": [{"path": test.path, "reason": test.reason} for test in packet.tests],
        "records": [_packed_json(chosen, explain) for chosen in packet.records],
        "conflicts": [conflict_json(conflict) for conflict in packet.conflicts],
        "markdown": packet.markdown,
        "tokens": packet.tokens,
        "budget": packet.budget,
        "empty_reason": packet.empty_reason,
        "catching_up": packet.catching_up,
        "ms": dict(packet.ms),
    }
    if explain:
        value["left_out"] = list(packet.left_out)
    return value


def _file_json(file: RankedFile, explain: bool) -> dict[str, Any]:
    value: dict[str, Any] = {
        "path": file.path,
        "symbols": list(file.symbols),
        "lines": [list(span) for span in file.lines],
        "reason": file.reason,
        "score": file.score,
        "in_packet": file.in_packet,
    }
    if explain:
        value["signals"] = {str(signal): score for signal, score in file.signals.items()}
        value["features"] = dict(file.features)
    return value


def chosen_json(chosen: ChosenRecord) -> dict[str, Any]:
    """Return a record that applies: what it says, why it applies, and where it comes from."""
    record = chosen.record
    return {
        "id": record.id,
        "kind": record.kind.value,
        "text": record.text,
        "reason": chosen.reason,
        "source": record.source,
        "sources": list(record.sources),
        "date": record.valid_from,
        "status": record.status.value,
        "mined": record.is_mined,
        "confidence": record.confidence,
        "before": [
            {"id": old.id, "text": old.text, "date": old.valid_from, "until": old.valid_to}
            for old in chosen.before
        ],
        "score": chosen.score,
    }


def _packed_json(chosen: ChosenRecord, explain: bool) -> dict[str, Any]:
    value = chosen_json(chosen)
    return value if explain else {name: value[name] for name in value if name != "score"}


def record_json(record: Record) -> dict[str, Any]:
    """Return everything that is kept of a record."""
    return {
        "id": record.id,
        "kind": record.kind.value,
        "text": record.text,
        "source": record.source,
        "sources": list(record.sources),
        "date": record.valid_from,
        "workspace": record.workspace,
        "learned": record.learned,
        "valid_from": record.valid_from,
        "valid_to": record.valid_to,
        "subject": record.subject,
        "attribute": record.attribute,
        "stance": record.stance,
        "globs": list(record.globs),
        "supersedes": list(record.supersedes),
        "superseded_by": record.superseded_by,
        "aliases": list(record.aliases),
        "related": list(record.related),
        "anchors": list(record.anchors),
        "pinned": record.pinned,
        "status": record.status.value,
        "status_reason": record.reason,
        "confidence": record.confidence,
        "origin": record.origin.value,
        "mined": record.is_mined,
        "confirmed": record.confirmed,
    }


def conflict_json(conflict: Conflict) -> dict[str, Any]:
    """Return both sides of a conflict."""
    return {
        "ids": list(conflict.ids),
        "statements": list(conflict.statements),
        "dates": list(conflict.dates),
        "sources": list(conflict.sources),
        "reason": conflict.reason,
    }


def remembered_json(kept: Remembered) -> dict[str, Any]:
    """Return what became of something that was to be remembered."""
    return {
        "record": record_json(kept.record),
        "conflicts": [conflict_json(conflict) for conflict in kept.conflicts],
        "known": record_json(kept.known) if kept.known else None,
        "guessed": kept.guessed,
        "masked": kept.masked,
        "superseded": [record_json(old) for old in kept.ended],
        "proposed": kept.proposed,
        "notes": list(kept.notes),
    }


def history_json(told: History) -> dict[str, Any]:
    """Return a record with what it took the place of (oldest first) and what took its place."""
    return {
        "record": record_json(told.record),
        "before": [record_json(record) for record in told.before],
        "after": [record_json(record) for record in told.after],
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """Return where secrets stand, never what they are."""
    return {"where": hit.where, "id": hit.id, "kinds": dict(hit.kinds)}


def imported_json(told: Imported) -> dict[str, Any]:
    """Return what became of a file of records."""
    return {
        "added": told.added,
        "changed": told.changed,
        "unchanged": told.unchanged,
        "masked": told.masked,
        "trusted": told.trusted,
        "elsewhere": told.elsewhere,
        "ids": list(told.ids),
    }


def forgotten_json(gone: Sequence[Record]) -> dict[str, Any]:
    """Return the ids of what was deleted, and where mined ones came from and still stand."""
    return {
        "forgotten": [record.id for record in gone],
        "mined_from": {record.id: record.source for record in gone if record.origin not in SAID},
    }


def given_json(one: Given, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return a packet that was handed over as JSON: its items with what happened to each, and what
    was edited that it did not hold. `texts` are what its records say, of those still there."""
    happened: dict[str, list[dict[str, Any]]] = {}
    for each in one.happenings:
        told = {"what": each.what.value, "time": _moment(each.time), "after": each.time - one.time}
        happened.setdefault(each.name, []).append(told)
    items = []
    for item in one.items:
        row: dict[str, Any] = {"kind": item.kind.value, "name": item.name}
        row |= {"symbols": list(item.symbols)} if item.symbols else {}
        row |= {"text": texts[item.name]} if item.name in texts else {}
        items.append({**row, "happened": happened.get(item.name, [])})
    missed = dict.fromkeys(each.name for each in one.missed)
    return {
        "id": one.id,
        "time": _moment(one.time),
        "door": one.asker.door.value,
        "client": one.asker.client or None,
        "session": one.asker.session or None,
        "request": one.request,
        "tokens": one.tokens,
        "items": items,
        "missed": [{"name": name, "happened": happened[name]} for name in missed],
    }


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
