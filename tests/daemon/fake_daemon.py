"""A daemon over a fake engine, run as a program: real sockets, real processes, no stores."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from satchel.base import paths
from satchel.base.errors import Broken, NotAccepted
from satchel.context.aftermath import Asker
from satchel.context.exchange import Imported
from satchel.context.hide import Hit
from satchel.context.remember import Remembered, Saying
from satchel.context.succession import History
from satchel.context.types import (
    ChosenRecord,
    Conflict,
    Intent,
    IntentKind,
    Origin,
    Packet,
    Place,
    RankedFile,
    Record,
    RecordKind,
)
from satchel.daemon.lifecycle import Terms, serve
from satchel.daemon.log import open_log
from satchel.daemon.seam import Step

if TYPE_CHECKING:
    from satchel.wiring import Ask

SECRET = "the-users-own-words"


@dataclass(frozen=True, slots=True)
class FakeStep:
    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FakeSummary:
    workspace: str
    read: int
    languages: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class FakeKept:
    workspace: str
    records: int | None
    turns: int | None
    bytes: int


class FakeMemory:
    """Keeps records in a dictionary; decides nothing."""

    def __init__(self, note: Callable[..., None]) -> None:
        self.note = note
        self.kept: dict[str, Record] = {}
        self.given = 0

    def remember(self, saying: Saying, *, path: str | None = None) -> Remembered:
        day = "2026-11-02T10:00:00Z"
        self.given += 1
        name = f"r{self.given}"
        self.note("remember", saying)
        record = Record(
            name,
            RecordKind(saying.kind or "note"),
            saying.text,
            path or "everywhere",
            (saying.source,),
            day,
            day,
            origin=Origin(saying.source),
            confirmed=saying.source == Origin.USER,
        )
        self.kept[name] = record
        return Remembered(record, masked=saying.text.count("secret"))

    def confirm(self, ids: Sequence[str], *, path: str | None) -> list[Remembered]:
        return [Remembered(self.kept[name]) for name in ids]

    def pin(self, ids: Sequence[str], *, path: str | None, off: bool = False) -> list[Record]:
        return [replace(self.kept[name], pinned=not off) for name in ids]

    def supersede(self, old: str, new: str, *, path: str | None) -> Remembered:
        before = replace(self.kept[old], superseded_by=new)
        return Remembered(self.kept[new], ended=(before,))

    def forget(self, ids: Sequence[str], *, path: str | None, source: str = "user") -> list[Record]:
        return [self.kept.pop(name) for name in ids]

    def recall(
        self, text: str, *, path: str, limit: int, as_of: str | None = None, closed: bool = False
    ) -> list[ChosenRecord]:
        self.note("recall", as_of, closed)
        found = [record for record in self.kept.values() if text in record.text]
        return [ChosenRecord(record, "it says so", 1.0) for record in found[:limit]]

    def records(
        self,
        path: str,
        *,
        kind: str | None = None,
        status: str | None = None,
        as_of: str | None = None,
    ) -> list[Record]:
        self.note("records", kind, status, as_of)
        return list(self.kept.values())

    def history(self, record_id: str, *, path: str | None) -> History:
        return History(self.kept[record_id], before=tuple(self.kept.values())[:1])

    def conflicts(self, *, path: str) -> list[Conflict]:
        days = ("2026-11-02", "2026-11-03")
        return [Conflict(("r1", "r2"), ("tabs", "spaces"), days, ("user", "a.md:1"), "they differ")]

    def forget_conversations(self, *, path: str) -> int:
        self.note("forget conversations", path)
        return 2


class FakeArchive:
    """Knows what files of records look like, and nothing else."""

    def __init__(self, note: Callable[..., None]) -> None:
        self.note = note

    def export(self, *, path: str, everywhere: bool = False) -> list[str]:
        return ['{"satchel":"records"}', '{"kind":"note"}', *(["{}"] if everywhere else [])]

    def take_in(self, file: str, *, path: str, trusted: bool = False) -> Imported:
        self.note("import", file, trusted)
        return Imported(1, 2, 3, 4, trusted)

    def scan(self, *, path: str, mask: bool = False) -> list[Hit]:
        return [Hit("record", "r1", {"token": 1})]


class FakeEngine:
    """Answers from nothing, and writes what it was asked to `seen` in the home."""

    def __init__(self, seen: Path) -> None:
        self.seen = seen
        self.memory = FakeMemory(self.note)
        self.archive = FakeArchive(self.note)
        self.gateway: Any = None  # the endpoint is tested over the real engine
        self.hooks: Any = None  # and so are hooks,
        self.packets: Any = None  # and packets

    def note(self, *words: object) -> None:
        with self.seen.open("a", encoding="utf-8") as file:
            file.write(" ".join(map(str, words)) + "\n")

    def index(self, path: str, progress: Callable[[Step], None], accept: bool) -> FakeSummary:
        try:
            for done in range(1, 200 if "slow" in path else 4):
                progress(FakeStep("parse", done, 1_000_000))
                time.sleep(0.05 if "slow" in path else 0)
        except BaseException as error:
            self.note("index stopped", type(error).__name__)
            raise
        return FakeSummary(path, 3, Counter({"python": 3}))

    def brief(
        self,
        text: str,
        path: str,
        *,
        budget: int | None,
        files: int,
        with_text: bool = False,
        session: str | None = None,
        diff: str | None = None,
        asker: Asker | None = None,
    ) -> Packet:
        if "closed" in path:
            raise NotAccepted(
                "not-accepted", f"{path} was never accepted", f"run `satchel index {path}`"
            )
        if "crash" in text:
            raise ValueError(f"cannot digest {text}")
        if "hang" in text or "linger" in text:
            self.note("hanging")
            time.sleep(60 if "hang" in text else 1)
        empty = "thanks" in text
        shown = "" if empty else f"## Files\n- app.py: {len(text + (diff or ''))} characters asked"
        file = RankedFile("app.py", (Place(1, 2, "f"),), "named", 1.0, True, {"path": 1.0})
        return Packet(
            text,
            path,
            Intent(IntentKind.NONE if empty else IntentKind.CHANGE, 0.5),
            () if empty else (file,),
            (),
            (),
            (),
            (),
            shown,
            7,
            budget or 1200,
            "small talk" if empty else None,
            False,
            {"total": 0.1},
        )

    def forget_folder(self, path: str, *, dry_run: bool = False) -> FakeKept:
        self.note("forget folder", path, "dry" if dry_run else "truly")
        return FakeKept(path, 2, 4, 1000)

    def changed(self, top: str, paths: set[str] | None) -> None:
        self.note("changed", "all" if paths is None else sorted(paths))

    async def ask(self, ask: Ask) -> AsyncGenerator[dict[str, Any], None]:
        yield {"event": "model", "name": "fake"}
        try:
            for number in range(3 if "slow" not in ask.question else 10_000):
                yield {"event": "delta", "text": f"{number} "}
                await asyncio.sleep(0.01)
        except BaseException as error:
            self.note("ask stopped", type(error).__name__)
            raise
        yield {"event": "done", "usage": {"prompt": 1, "completion": 3}, "ms": {}}

    async def models(self) -> list[dict[str, Any]]:
        return [{"name": "fake", "locality": "on-device"}]

    def workspaces(self) -> list[dict[str, Any]]:
        return []

    async def end_models(self) -> None:
        self.note("models ended")

    def close(self) -> None:
        self.note("closed")


def main() -> int:
    home = paths.home()
    home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    open_log(home.log)
    if "--broken" in sys.argv:
        error = Broken("settings-unreadable", "the settings are damaged", "mend them")
        return serve(home, lambda: _raise(error))
    if "--dies" in sys.argv:
        return 7
    idle = float(os.environ.get("FAKE_IDLE", "60"))
    return serve(
        home,
        lambda: Terms(FakeEngine(home.root / "seen"), idle, started="2026-01-01T00:00:00+00:00"),
    )


def _raise(error: Exception) -> Any:
    raise error


if __name__ == "__main__":
    sys.exit(main())
