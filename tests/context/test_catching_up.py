"""When a packet says that the index is behind, and when it has no reason to."""

from __future__ import annotations

import numpy as np
import pytest

from satchel.context.engine import Sources, brief
from satchel.context.ingest.parse import parse
from satchel.context.store.index import IndexStore
from satchel.context.types import Document, Request, Stamp

TEXT = "# Carts\n\nA cart holds nine items, and is emptied at midnight.\n"
REQUEST = Request("what does a cart hold?", "/shop", 1200)


@pytest.fixture
def index(index: IndexStore) -> IndexStore:
    index.replace([Document("carts.md", Stamp(1, 1, 1, "c"), parse("carts.md", TEXT))])
    waiting = [passage for passage, _ in index.vectors.missing(9)]
    index.vectors.add(waiting, np.ones((len(waiting), 4), dtype=np.float32))
    return index


def test_a_vector_that_is_late_is_no_index_that_is_behind(index: IndexStore) -> None:
    assert index.vectors.table().passages
    packet = brief(REQUEST, Sources(index, (), embed=lambda texts: None), lambda: 1.0)
    assert not packet.catching_up


def test_an_index_that_is_behind_is_told_of(index: IndexStore) -> None:
    assert brief(REQUEST, Sources(index, (), catching_up=True), lambda: 1.0).catching_up
