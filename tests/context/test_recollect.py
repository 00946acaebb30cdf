"""Which records a briefing reads, and what it says of those that apply."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from satchel.context.conflict import ask
from satchel.context.reach import Reach
from satchel.context.recall import remind
from satchel.context.recollect import Recollection, recollect, with_manner
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import ChosenRecord, Origin, Record, Status
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


def said(name: str, text: str, day: int = 1, **changes: object) -> Record:
    values = {"origin": Origin.USER, "confirmed": True, "learned": f"2025-02-0{day}", **changes}
    return replace(fact(name, text), **values)  # type: ignore[arg-type]  # a test's shorthand


def test_what_was_said_of_answers_joins_what_a_packet_holds_the_newest_first(
    index: IndexStore, records: RecordStore
) -> None:
    records.put(
        said("a1", "Answer in English", 1),
        said("a2", "Keep replies short", 2),
        said("a3", "No emojis", 3, pinned=True),
        said("a4", "Explain before you edit", 4),
        said("a5", "Reply in French", 5),
        said("b1", "Replies to the gate go by post"),
        said("b2", "Answer in rhymes", status=Status.SUPERSEDED),
        said("b3", "Answer in verse", globs=("poems/*",)),
        said("b4", "Answer at length", origin=Origin.HISTORY, confirmed=False),
    )
    held = Recollection((ChosenRecord(records.some(["a3"])[0], "is pinned", 1.0),))
    found = with_manner(held, index, [records]).chosen
    assert [one.record.id for one in found] == ["a3", "a5", "a4", "a2"]
    assert found[-1].reason == "is about every answer"
