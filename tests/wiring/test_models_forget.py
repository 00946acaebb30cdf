"""A model forgets what models proposed, and nothing that is the user's."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import Client

from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.mcp import server
from satchel.context.remember import Saying
from satchel.wiring import Satchel


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / "CLAUDE.md").write_text("- Never log e-mail addresses.\n")
    return folder


@pytest.fixture
def satchel(tmp_path: Path, top: Path) -> Iterator[Satchel]:
    opened = Satchel(Home(tmp_path / "home"), Settings({}))
    opened.index(str(top), lambda progress: None, accept=True)
    yield opened
    opened.close()


def forgets(satchel: Satchel, top: Path, name: str) -> bool:
    async def run() -> bool:
        async with Client(server(satchel, folder=str(top))) as client:
            return not (await client.call_tool("forget", {"id": name})).is_error

    return asyncio.run(run())


def test_a_model_forgets_only_what_models_proposed(satchel: Satchel, top: Path) -> None:
    memory, where = satchel.memory, str(top)
    said = memory.remember(Saying("Prices are in cents"), path=where).record
    (mined,) = [record for record in memory.records(where) if "e-mail" in record.text]
    proposed = memory.remember(Saying("Use tabs", source="agent"), path=where).record
    taken = memory.remember(Saying("Use spaces", source="agent"), path=where).record
    memory.confirm([taken.id], path=where)
    for held in (said, mined, taken):
        assert not forgets(satchel, top, held.id)
        assert not forgets(satchel, top, held.id[:4])
    assert forgets(satchel, top, proposed.id)
    assert {record.id for record in memory.records(where)} == {said.id, mined.id, taken.id}
