"""What a request is about, and how near records are to it."""

from __future__ import annotations

import numpy as np
import pytest

from satchel.context.reach import nearness, slips, weigh
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.understand import understand
from tests.context.facts import facts


@pytest.fixture
def records(records: RecordStore) -> RecordStore:
    records.put(*facts("The brass lamp hangs above the gate.", "The gate has a lattice."))
    return records


def test_a_term_tells_the_more_the_fewer_records_have_it(
    index: IndexStore, records: RecordStore
) -> None:
    terms = weigh(understand("which lamps hang above the gate and the moat?"), index, [records])
    assert terms.spelled["lamp"] == "lamps"
    assert "which" not in terms.spelled
    assert terms.rarity["moat"] > terms.rarity["lamp"] > terms.rarity["gate"]
    assert terms.unknown == {"moat"}


def test_a_word_that_stands_nowhere_may_be_a_slip_of_the_pen(
    index: IndexStore, records: RecordStore
) -> None:
    terms = weigh(understand("who painted the latttice?"), index, [records])
    assert slips(terms, records) == {"lattic"}


def test_only_what_has_a_vector_is_near(records: RecordStore) -> None:
    (first, _), _ = records.vectors.missing(2)
    records.vectors.add([first], np.array([[1.0, 0.0]], dtype=np.float32))
    asked = np.array([0.6, 0.8], dtype=np.float32)
    assert nearness(records, ["r0", "r1"], asked) == pytest.approx({"r0": 0.6}, abs=1e-3)
