"""In how many records a word stands, asked again after others were kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from satchel.context.store.records import RecordStore
from satchel.context.types import Record, RecordKind


def record(number: int, text: str) -> Record:
    day = "2025-01-01T00:00:00+00:00"
    return Record(f"r{number}", RecordKind.RULE, text, "/w", ("notes.md:1",), day, day)


def test_a_word_that_was_new_to_all_records_is_found_in_the_next(tmp_path: Path) -> None:
    store = RecordStore(tmp_path / "records.db")
    store.put(record(1, "the lamp is lit"))
    assert store.frequencies({"lamp", "gate"}) == {"lamp": 1}
    assert store.search({"gate"}, 5) == []
    store.put(record(2, "the gate is shut"))
    assert store.frequencies({"lamp", "gate"}) == {"lamp": 1, "gate": 1}
    assert [found.id for found, _ in store.search({"gate"}, 5)] == ["r2"]
    store.close()


@pytest.mark.parametrize(("start", "terms"), [("la", ["lamp", "latch"]), ("x", [])])
def test_terms_are_found_by_how_they_begin(tmp_path: Path, start: str, terms: list[str]) -> None:
    store = RecordStore(tmp_path / "records.db")
    store.put(record(1, "a lamp above the latch"))
    assert store.beginning(start) == terms
    store.close()
