"""Which decisions a document holds."""

from __future__ import annotations

from pathlib import Path

from satchel.context.store.records import RecordStore
from satchel.context.types import Origin, Record, RecordKind

DAY = "2025-01-01T00:00:00+00:00"


def decision(name: str, source: str, origin: Origin = Origin.DECISIONS) -> Record:
    return Record(name, RecordKind.DECISION, name, "/w", (source,), DAY, DAY, origin=origin)


def test_decisions_are_found_by_the_document_that_states_them_now(tmp_path: Path) -> None:
    store = RecordStore(tmp_path / "records.db")
    records = [
        decision("first", "docs/1.md:4"),
        decision("second", "docs/\u00e4 [2].md:9"),
        decision("longer", "docs/1.md.bak:4"),
        decision("other", "docs/3.md:4"),
    ]
    store.take_in("decisions", "digest", [record.id for record in records], records)
    store.put(decision("closed", "docs/1.md:7"), decision("said", "docs/1.md:8", Origin.USER))
    found = store.decided(["docs/\u00e4 [2].md", "docs/1.md", "docs/none.md"])
    assert [record.id for record in found] == ["first", "second"]
    assert store.decided([]) == []
    store.close()
