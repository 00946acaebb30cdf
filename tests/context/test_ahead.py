"""What a request reaches among the records, whatever files answer it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from satchel.context.ahead import ahead
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import Record, RecordKind
from satchel.context.understand import understand

DAY = "2025-01-01T00:00:00+00:00"
ASKED = understand("which lamp hangs above the gate?")
TURNED = np.array([0.6, 0.8], dtype=np.float32)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[IndexStore]:
    store = IndexStore(tmp_path / "index.db")
    yield store
    store.close()


@pytest.fixture
def records(tmp_path: Path) -> Iterator[RecordStore]:
    store = RecordStore(tmp_path / "records.db")
    texts = ["The brass lamp hangs above the gate.", "The latch is of iron."]
    store.put(
        *(
            Record(f"r{n}", RecordKind.FACT, text, "/w", ("notes.md:1",), DAY, DAY)
            for n, text in enumerate(texts)
        )
    )
    numbers = [number for number, _ in store.unembedded(9)]
    store.add_vectors(numbers, np.eye(2, dtype=np.float32))
    yield store
    store.close()


def test_records_are_read_by_words_and_by_meaning(index: IndexStore, records: RecordStore) -> None:
    found = ahead(ASKED, index, [records], TURNED)
    assert [[record.id for record in listed] for listed in found.by_words] == [["r0"]]
    assert [[record.id for record in listed] for listed in found.near] == [["r1", "r0"]]
    assert found.cosines == pytest.approx({"r1": 0.8, "r0": 0.6}, abs=1e-3)
    assert "which" not in found.terms.spelled


def test_without_a_vector_nothing_is_near(index: IndexStore, records: RecordStore) -> None:
    found = ahead(ASKED, index, [records], None)
    assert (found.near, found.cosines) == ([()], {})
