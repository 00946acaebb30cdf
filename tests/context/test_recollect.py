"""Which records a briefing reads, and what it says of those that apply."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from satchel.context.conflict import ask
from satchel.context.reach import Reach
from satchel.context.recall import remind
from satchel.context.recollect import Recollection, recollect
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import Status
from satchel.context.understand import understand
from tests.context.facts import fact, facts

ASKED = "which lamp hangs above the gate?"
TURNED = np.array([0.6, 0.8], dtype=np.float32)


@pytest.fixture
def records(records: RecordStore) -> RecordStore:
    records.put(*facts("The brass lamp hangs above the gate.", "The latch is of iron."))
    records.vectors.add([1, 2], np.eye(2, dtype=np.float32))
    return records


def test_records_are_read_by_words_and_by_meaning(index: IndexStore, records: RecordStore) -> None:
    reach = Reach(understand(ASKED), ask(ASKED), vector=lambda: TURNED)
    found = recollect(reach, index, [records], 5)
    assert {one.record.id: one.reason for one in found.chosen} == {
        "r0": "shares gate, hangs, lamp with the request",
        "r1": "is near in meaning",
    }


def test_without_a_vector_words_alone_are_read(index: IndexStore, records: RecordStore) -> None:
    found = recollect(Reach(understand(ASKED), ask(ASKED)), index, [records], 5, 0.0)
    assert [one.record.id for one in found.chosen] == ["r0"]
    assert found.left_out == ()


def test_what_was_superseded_is_followed_to_what_holds_now(
    index: IndexStore, records: RecordStore
) -> None:
    links = {"r0": "r2", "r2": "r3"}
    for name, text in (("r2", "Two lanterns burn there."), ("r3", "Nothing burns there.")):
        records.put(fact(name, text))
    records.put(
        *(
            replace(record, status=Status.SUPERSEDED, superseded_by=links[record.id])
            for record in records.some(links)
        )
    )
    (chosen,) = recollect(Reach(understand(ASKED), ask(ASKED)), index, [records], 5).chosen
    assert (chosen.record.id, [record.id for record in chosen.before]) == ("r3", ["r0"])


def test_where_no_record_is_kept_nobody_waits_for_a_vector(
    index: IndexStore, tmp_path: Path
) -> None:
    def asked_for() -> None:
        pytest.fail("a vector was asked for")

    empty = RecordStore(tmp_path / "empty.db")
    reach = Reach(understand(ASKED), ask(ASKED), vector=asked_for)
    assert recollect(reach, index, [empty], 5) == Recollection()
    assert remind(reach, index, [empty], 5) == ()
    empty.close()
