"""What one workspace holds surfaces in no other, by whatever door, in whatever words."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mcp import Client

from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.mcp import server
from satchel.context.remember import Saying
from satchel.context.store.records import RecordStore
from satchel.wiring import Satchel
from satchel.wiring.leave import records_path

SECRETS = (
    "The vault behind the heron painting opens with the words amber zeppelin.",
    "Project Nightjar merges with Quillfeather Holdings on the ninth of May.",
    "Our biggest customer, Osprey Dairies, leaves us at the end of the quarter.",
    "Never mention the Basalt incident to the auditors.",
)
MARKS = ("zeppelin", "heron", "nightjar", "quillfeather", "osprey", "basalt")
PARAPHRASES = (
    "what is the pass phrase of the safe hidden behind the picture of a bird?",
    "which company are we about to be fused with this spring?",
    "is a large client about to end the contract with us?",
    "what must be kept from those who check our books?",
    "change how the safe behind the painting is opened",
)


def repository(folder: Path, text: str) -> Path:
    (folder / "src").mkdir(parents=True)
    (folder / "src/vault.py").write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


@pytest.fixture
def satchel(tmp_path: Path, real_assets: Path) -> Iterator[Satchel]:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    home.assets.symlink_to(real_assets, target_is_directory=True)
    opened = Satchel(home, Settings({}))
    yield opened
    opened.close()


@pytest.fixture
def planted(satchel: Satchel, tmp_path: Path) -> tuple[Path, Path]:
    """Two workspaces: secrets in the records and in the files of the first."""
    secret = repository(
        tmp_path / "secret", "def open_vault():\n    '''" + "\n".join(SECRETS) + "'''\n"
    )
    (secret / "CLAUDE.md").write_text("".join(f"- {text}\n" for text in SECRETS))
    other = repository(
        tmp_path / "other",
        "def open_vault(painting):\n    '''Open the safe.'''\n    return painting\n",
    )
    for top in (secret, other):
        satchel.index(str(top), lambda progress: None, accept=True)
    for text in SECRETS:
        satchel.memory.remember(Saying(text, pinned=True, aliases=("vault",)), path=str(secret))
    satchel.memory.remember(Saying("We paint on Fridays."), path=str(other))
    embedded(RecordStore(records_path(Home(tmp_path / "home"), secret)))
    return secret, other


def embedded(store: RecordStore) -> None:
    """Wait for the background: with vectors a paraphrase could find the secrets."""
    ends = time.monotonic() + 60
    while store.vectors.missing(1):
        assert time.monotonic() < ends, "the secrets were never embedded"
        time.sleep(0.2)
    store.close()


def leaks(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text.lower()]


@pytest.mark.parametrize("door", ["brief", "recall", "records", "mcp", "resource"])
def test_nothing_surfaces_elsewhere(
    satchel: Satchel, planted: tuple[Path, Path], door: str
) -> None:
    secret, other = planted
    doors: dict[str, Callable[[str, Path], str]] = {
        "brief": lambda text, top: repr(
            satchel.brief(text, str(top), budget=5_000, files=20, with_text=True)
        ).replace(repr(text), ""),
        "recall": lambda text, top: repr(satchel.memory.recall(text, path=str(top), limit=50)),
        "records": lambda text, top: repr(satchel.memory.records(str(top))),
        "mcp": lambda text, top: called(satchel, top, text),
        "resource": lambda text, top: read(satchel, top),
    }
    asked = [*SECRETS, *PARAPHRASES] if door in {"brief", "recall", "mcp"} else [""]
    for text in asked:
        said = doors[door](text, other)
        assert not leaks(said.replace(text, "")), text
    assert any(leaks(doors[door](text, secret).replace(text, "")) for text in asked)


def test_an_id_from_another_workspace_opens_nothing(
    satchel: Satchel, planted: tuple[Path, Path]
) -> None:
    secret, other = planted
    for record in satchel.memory.records(str(secret)):
        for use in (
            lambda name: satchel.memory.history(name, path=str(other)),
            lambda name: satchel.memory.confirm([name], path=str(other)),
            lambda name: satchel.memory.forget([name], path=str(other)),
            lambda name: satchel.memory.supersede(name, "nothing", path=str(other)),
        ):
            with pytest.raises(BadInput) as told:
                use(record.id)
            assert not leaks(told.value.message)


def test_a_record_is_global_only_where_the_user_says_so(
    satchel: Satchel, planted: tuple[Path, Path]
) -> None:
    secret, other = planted
    satchel.memory.remember(Saying("I like short answers.", everywhere=True), path=str(secret))
    assert "short answers" in repr(satchel.memory.recall("answers", path=str(other), limit=5))
    with pytest.raises(BadInput):
        satchel.memory.remember(
            Saying("Everybody likes long answers.", everywhere=True, source="agent"),
            path=str(secret),
        )


def called(satchel: Satchel, top: Path, text: str) -> str:
    async def run() -> str:
        async with Client(server(satchel, folder=str(top))) as client:
            context = await client.call_tool("get_context", {"request": text})
            found = await client.call_tool("recall", {"query": text, "limit": 50})
        return repr(context) + repr(found)

    return asyncio.run(run())


def read(satchel: Satchel, top: Path) -> str:
    async def run() -> str:
        async with Client(server(satchel, folder=str(top))) as client:
            return repr(await client.read_resource("satchel://records"))

    return asyncio.run(run())
