"""A daemon over a fake engine, run as a program: real sockets, real processes, no stores."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from satchel.base import paths
from satchel.base.errors import Broken, NotAccepted
from satchel.context.types import (
    ChosenRecord,
    Conflict,
    Intent,
    IntentKind,
    Packet,
    Place,
    RankedFile,
    Record,
    RecordKind,
)
from satchel.daemon.lifecycle import serve
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


class FakeEngine:
    """Answers from nothing, and writes what it was asked to `seen` in the home."""

    def __init__(self, seen: Path) -> None:
        self.seen = seen
        self.kept: dict[str, Record] = {}
        self.given = 0

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
        explain: bool,
        with_text: bool = False,
        session: str | None = None,
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
        shown = "" if empty else f"## Files\n- app.py: {len(text)} characters asked"
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

    def remember(
        self,
        text: str,
        *,
        kind: str | None,
        path: str | None,
        source: str = "user",
        globs: Sequence[str] = (),
    ) -> tuple[Record, list[Conflict]]:
        day = "2026-11-02T10:00:00Z"
        self.given += 1
        name = f"r{self.given}"
        where = path or "everywhere"
        self.kept[name] = Record(name, RecordKind(kind or "note"), text, where, (source,), day, day)
        return self.kept[name], []

    def recall(self, text: str, *, path: str, limit: int) -> list[ChosenRecord]:
        found = [record for record in self.kept.values() if text in record.text]
        return [ChosenRecord(record, "it says so", 1.0) for record in found[:limit]]

    def forget(self, record_id: str, *, path: str | None) -> None:
        del self.kept[record_id]

    def forget_conversations(self, *, path: str) -> int:
        self.note("forget conversations", path)
        return 2

    def forget_folder(self, path: str, *, dry_run: bool = False) -> FakeKept:
        self.note("forget folder", path, "dry" if dry_run else "truly")
        return FakeKept(path, 2, 4, 1000)

    def records(self, path: str) -> list[Record]:
        return list(self.kept.values())

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
    return serve(home, lambda: (FakeEngine(home.root / "seen"), idle))


def _raise(error: Exception) -> Any:
    raise error


if __name__ == "__main__":
    sys.exit(main())
