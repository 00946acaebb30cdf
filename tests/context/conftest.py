"""Stores that hold nothing yet: a module fills them in a fixture of the same name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore


@pytest.fixture
def index(tmp_path: Path) -> Iterator[IndexStore]:
    """The index of a workspace that holds nothing yet."""
    store = IndexStore(tmp_path / "index.db")
    yield store
    store.close()


@pytest.fixture
def records(tmp_path: Path) -> Iterator[RecordStore]:
    """A store that holds no record yet."""
    store = RecordStore(tmp_path / "records.db")
    yield store
    store.close()
