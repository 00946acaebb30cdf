"""Join the choice of a model with what Satchel's own engine can run: the shelf and the fallback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from anyio.to_thread import run_sync

from satchel.base.paths import Home
from satchel.base.settings import Settings, load
from satchel.model import assets, machine, shelf
from satchel.model.embedded import Embedded, Weights
from satchel.model.select import Fallback, Own, Selection, Shelved, select
from satchel.model.shelf import Kept
from satchel.model.types import Found, Local, Model

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Engine:
    """The embedded engine with the models that are kept here.

    `require` raises where an asset was never fetched.
    """

    home: Home
    settings: Settings
    embedded: Embedded
    require: Callable[[str], None]
    _seen: dict[tuple[Path, ...], tuple[object, Any]] = field(
        default_factory=dict, init=False, repr=False
    )

    def select(self, wanted: str | None, found: Found) -> Selection:
        """Choose who answers. Raises Unavailable as `select.select` does."""
        memory = machine.memory_bytes()
        return select(wanted, found, memory, shelf=self.pulled, default=self._default)

    def _default(self) -> str:
        """Read the setting anew where its file was changed: `models use` holds at once."""
        watched = _watched(self.home).settings
        return str(self._fresh(watched, lambda: load(self.home).text("model.default")))

    def _kept(self) -> list[Kept]:
        rows: list[Kept] = self._fresh(
            _watched(self.home).shelf, lambda: shelf.kept(self.home.models)
        )
        return rows

    def _fresh(self, paths: tuple[Path, ...], read: Callable[[], T]) -> T:
        """Return what was read for as long as these files and folders stay as they are."""
        stamp = [_stamp(path) for path in paths]
        if paths not in self._seen or self._seen[paths][0] != stamp:
            self._seen[paths] = stamp, read()
        value: T = self._seen[paths][1]
        return value

    def pulled(self) -> list[Model]:
        """Return the row of each model that was pulled; the running one is told as loaded."""
        setting, memory = self.settings.number("model.context"), machine.memory_bytes()
        running = self.embedded.running
        rows = [row.model(row.fitting(setting, memory)) for row in self._kept()]
        live = {model.name: model for model in running.models} if running else {}
        return [live.get(row.name, row) for row in rows]

    def own(self) -> list[Model]:
        """Return the row of each model that the engine runs or could run now."""
        built_in = (
            self.embedded.built_in if assets.whole(assets.SMOLLM2, self.home.assets) else None
        )
        return [*self.pulled(), *([built_in] if built_in else [])]

    @asynccontextmanager
    async def in_use(self, choice: Own) -> AsyncIterator[Local]:
        """Give the server that runs a choice, and keep it meanwhile.

        Raises Unavailable or Broken where its file is not here, was changed, or does not load.
        """
        weights = await run_sync(self._weights, choice)
        async with self.embedded.in_use(weights) as local:
            yield local

    def _weights(self, choice: Own) -> Weights | None:
        match choice:
            case Fallback(asset=asset):
                self.require(asset)
                return None
            case Shelved(model=model):
                row = shelf.find(self.home.models, model.name)
                setting, memory = self.settings.number("model.context"), machine.memory_bytes()
                return shelf.weights(self.home.models, row, setting, memory)


class _Watched(NamedTuple):
    """What is looked at with every request: making a path costs more than the look."""

    settings: tuple[Path, ...]
    shelf: tuple[Path, ...]


@lru_cache(maxsize=16)
def _watched(home: Home) -> _Watched:
    return _Watched((home.settings,), (home.models, home.models / "blobs"))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
