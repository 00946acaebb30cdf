"""Vectors are made in the background, of every workspace that has prose left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.base.paths import Home
from satchel.context.ingest.parse import parse
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import Document, Stamp
from satchel.wiring.vectors import Vectors

PAGES = 8


@pytest.fixture
def home(tmp_path: Path, real_assets: Path) -> Home:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    home.assets.symlink_to(real_assets, target_is_directory=True)
    return home


@pytest.fixture
def vectors(home: Home) -> Iterator[Vectors]:
    made = Vectors(home)
    yield made
    made.close()


def with_prose(folder: Path) -> tuple[IndexStore, RecordStore]:
    folder.mkdir()
    index = IndexStore(folder / "index.db")
    paths = [f"page{number}.md" for number in range(PAGES)]
    index.replace(
        [
            Document(path, Stamp(1, 1, 1, path), parse(path, f"# Herons\n\n{folder} has {path}.\n"))
            for path in paths
        ]
    )
    return index, RecordStore(folder / "records.db")


def test_while_requests_come_nothing_else_is_embedded(
    home: Home, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    vectors = Vectors(home, quiet=600.0)
    request.addfinalizer(vectors.close)
    index, records = with_prose(tmp_path / "one")
    vectors.follow(index, records)
    while (embed := vectors.embed_patiently) is None or embed(["a heron"]) is None:
        time.sleep(0.05)
    left = len(index.vectors.missing(PAGES))
    for _ in range(20):
        assert embed(["a heron"]) is not None
    assert left - 1 <= len(index.vectors.missing(PAGES)) <= left  # one may have been under way
    index.close()
    records.close()


def test_two_workspaces_with_prose_left_are_both_embedded(vectors: Vectors, tmp_path: Path) -> None:
    stores = [with_prose(tmp_path / name) for name in ("one", "other")]
    for index, records in stores:
        assert index.vectors.missing(1)
        vectors.follow(index, records)
    ends = time.monotonic() + 60
    while any(index.vectors.missing(1) for index, _ in stores):
        assert time.monotonic() < ends, "prose was never embedded"
        time.sleep(0.05)
    for index, records in stores:
        index.close()
        records.close()
