"""What was pulled and what is the default holds at once, without a restart."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from satchel.base import settings
from satchel.base.errors import Broken, Unavailable
from satchel.base.paths import Home
from satchel.model import pull, shelf
from satchel.model.embedded import Embedded
from satchel.model.select import Fallback, Shelved
from satchel.model.types import Found
from satchel.wiring.engine import Engine
from tests.model.ggufs import STRING, gguf


def absent(asset: str) -> None:
    raise Unavailable("asset-missing", f"{asset} is not here", "fetch it")


def engine_of(home: Home) -> Engine:
    return Engine(home, settings.load(home), Embedded(home.root / "none.gguf", 1), absent)


def put(home: Home, name: str, licence: str = "mit") -> None:
    path = home.root / f"{name}.gguf"
    path.write_bytes(gguf({"general.license": (STRING, licence)}))
    pull.bring(pull.look(str(path), home.models), home.models)


def chosen(engine: Engine) -> str:
    choice = engine.select(None, Found()).choice
    return choice.model.name if isinstance(choice, Shelved) else type(choice).__name__


def test_the_shelf_and_the_default_are_looked_at_anew(tmp_path: Path) -> None:
    home = Home(tmp_path)
    engine = engine_of(home)
    assert chosen(engine) == "Fallback"
    put(home, "first")
    assert chosen(engine) == "first"
    put(home, "second", "gpl-3.0")
    assert chosen(engine) == "first"
    settings.change(home, "model.default", "second")
    assert chosen(engine) == "second"
    shelf.remove(home.models, "second")
    assert chosen(engine) == "first"
    assert [row.name for row in engine.own()] == ["first"]


def test_what_cannot_be_run_is_an_error_before_anything_starts(tmp_path: Path) -> None:
    home = Home(tmp_path)
    engine = engine_of(home)
    put(home, "first")
    (row,) = engine.pulled()

    async def run(choice: Shelved | Fallback) -> None:
        async with engine.in_use(choice):
            pass

    with pytest.raises(Unavailable, match="smollm2 is not here"):
        asyncio.run(run(Fallback()))
    with pytest.raises(Unavailable, match="no model 'gone'"):
        asyncio.run(run(Shelved(replace(row, name="gone"))))
    (blob,) = (home.models / "blobs").iterdir()
    os.utime(blob, ns=(0, 0))
    with pytest.raises(Broken, match="was changed"):
        asyncio.run(run(Shelved(row)))
    assert engine.embedded.pid is None
