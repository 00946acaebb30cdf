"""Everything that the daemon can be asked, over the stores and engines that it owns."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context import engine
from satchel.context.ingest.indexer import IndexSummary, Progress
from satchel.context.ingest.mask import mask
from satchel.context.store.records import RecordStore
from satchel.context.types import (
    EVERYWHERE,
    ChosenRecord,
    Conflict,
    Packet,
    Record,
    RecordKind,
    Request,
    Status,
)
from satchel.model import assets, machine
from satchel.model.embedded import Embedded
from satchel.wiring.ask import Answering, Ask, answer, find
from satchel.wiring.papers import brief_documents
from satchel.wiring.vectors import Vectors
from satchel.wiring.workspace import Workspace, accepted, is_accepted, open_records, top_of

LONGEST_RECORD = 1_000_000  # characters


class Satchel:
    """The composition root. Its synchronous methods may be called from any thread."""

    def __init__(
        self, home: Home, settings: Settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._home = home
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[Path, Workspace] = {}
        self._everywhere: RecordStore | None = None
        self._vectors = Vectors(home)
        self._embedded = Embedded(
            assets.SMOLLM2.path(home.assets),
            machine.threads(settings.number("model.threads")),
            settings.number("model.idle_minutes") * 60.0,
        )

    # --- the context layer

    def index(self, path: str, progress: Callable[[Progress], None], accept: bool) -> IndexSummary:
        """Bring a workspace's index up to date; `accept` allows a folder that is new to us."""
        workspace = self._workspace(path, accept)
        summary = workspace.refresh(progress)
        self._vectors.follow(workspace.index, workspace.records)
        return summary

    def brief(
        self,
        text: str,
        path: str,
        *,
        budget: int | None = None,
        files: int = 0,
        explain: bool = False,
        with_text: bool = False,
        session: str | None = None,
    ) -> Packet:
        """Answer a request with a packet."""
        del explain  # every packet carries its signals; who asked decides what is shown
        workspace = self._workspace(path, accept=False)
        workspace.freshen()
        request = Request(
            text=text,
            workspace=str(workspace.top),
            budget=_budget(budget, self._settings.number("brief.budget")),
            files=files,
            with_text=with_text,
            session=session,
        )
        return engine.brief(request, self._sources(workspace), self._clock)

    def remember(
        self,
        text: str,
        *,
        kind: str | None = None,
        path: str | None = None,
        source: str = "user",
        globs: Iterable[str] = (),
    ) -> tuple[Record, list[Conflict]]:
        """Keep a record for a workspace, or everywhere without a path. Secrets are masked."""
        stated = text.strip()
        if not stated:
            raise BadInput("empty-record", "there is nothing to remember", "say what to remember")
        if len(stated) > LONGEST_RECORD:
            raise BadInput(
                "record-too-long",
                f"a record may hold {LONGEST_RECORD:,} characters, not {len(stated):,}",
                "remember the part that matters, and name the file for the rest",
            )
        stated, _ = mask(stated)
        store, workspace = self._record_store(path)
        now = self._now()
        record = Record(
            id=uuid.uuid4().hex[:12],
            kind=_kind(kind),
            text=stated,
            workspace=workspace,
            source=source,
            learned=now,
            valid_from=now,
            globs=tuple(globs),
            status=Status.ACTIVE if source == "user" else Status.UNCONFIRMED,
        )
        store.put(record)
        return record, []

    def recall(self, text: str, *, path: str, limit: int) -> list[ChosenRecord]:
        """Find the records that a text is about, best first."""
        return engine.recall(text, self._sources(self._workspace(path, accept=False)), limit)

    def forget(self, record_id: str, *, path: str | None = None) -> None:
        """Delete a record truly, from the workspace at `path` or from those held everywhere."""
        stores = [self._record_store(path)[0]]
        if path is not None:
            stores.append(self._everywhere_store())
        if not any(store.forget(record_id) for store in stores):
            raise BadInput(
                "no-such-record",
                f"there is no record {record_id!r} here",
                "run `satchel recall` to see the ids of records",
            )

    def forget_conversations(self, *, path: str) -> int:
        """Delete the conversations that were held in a workspace; return the turns deleted."""
        return self._conversations(path).forget_conversations()

    def records(self, path: str) -> list[Record]:
        """List the records that hold for a workspace, newest first."""
        workspace = self._workspace(path, accept=False)
        return [*workspace.records.all(), *self._everywhere_store().all()]

    def changed(self, top: str, paths: set[str] | None) -> None:
        """Take in what changed on disk; None compares the whole folder, in the background."""
        workspace = self._open.get(Path(top))
        if workspace is None:
            return
        if paths is None:
            workspace.in_background(lambda: workspace.refresh(lambda progress: None))
        else:
            workspace.reread(paths)
        self._vectors.follow(workspace.index, workspace.records)

    def workspaces(self) -> list[dict[str, Any]]:
        """List the accepted workspaces; those that are open say how much they hold."""
        listed = []
        for top, since in accepted(self._home):
            row: dict[str, Any] = {"path": top, "accepted": since, "open": False}
            workspace = self._open.get(Path(top))
            if workspace is not None:
                row |= {
                    "open": True,
                    "catching_up": workspace.catching_up,
                    **workspace.index.counts(),
                }
            listed.append(row)
        return listed

    # --- the model layer, and what joins both

    async def models(self) -> list[dict[str, Any]]:
        """Tell what detection found on this machine."""
        return [(await find(self._settings)).as_json()]

    def ask(self, ask: Ask) -> AsyncGenerator[dict[str, Any], None]:
        """Answer a question with a model on this machine, as events."""
        with_files = bool(ask.files)
        top = top_of(ask.path, self._home)
        if not with_files:
            self._workspace(ask.path, accept=False)
        conversations = self._conversations(ask.path)
        last = conversations.last_conversation() if ask.continued else None
        conversation = last or uuid.uuid4().hex[:12]

        def brief(text: str, budget: int) -> Packet:
            if with_files:
                request = Request(text, str(top), budget, with_text=True)
                return brief_documents(ask.files, request)
            return self.brief(text, ask.path, budget=budget, with_text=True)

        given = Answering(
            settings=self._settings,
            embedded=self._embedded,
            require=self._require,
            brief=brief,
            conversations=conversations,
            conversation=lambda: conversation,
            now=self._now,
        )
        return self._answering(ask, given)

    async def _answering(self, ask: Ask, given: Answering) -> AsyncGenerator[dict[str, Any], None]:
        """Pass the events on; look after a while whether the embedded model is still wanted."""
        try:
            async with aclosing(answer(ask, given)) as events:
                async for event in events:
                    yield event
        finally:
            loop = asyncio.get_running_loop()
            idle = self._settings.number("model.idle_minutes") * 60.0
            loop.call_later(idle + 1, lambda: loop.create_task(self._embedded.idle()))

    async def end_models(self) -> None:
        """End the embedded model's child, in the loop that started it."""
        await self._embedded.close()

    def close(self) -> None:
        """Close the stores. `end_models` comes before it, where a model was asked."""
        self._vectors.close()
        with self._lock:
            for workspace in self._open.values():
                workspace.close()
            self._open.clear()
            if self._everywhere is not None:
                self._everywhere.close()
                self._everywhere = None

    # --- what is open

    def _workspace(self, path: str, accept: bool) -> Workspace:
        top = top_of(path, self._home)
        with self._lock:
            workspace = self._open.get(top)
            if workspace is None:
                workspace = Workspace.open(top, self._home, self._settings, accept)
                self._open[top] = workspace
        return workspace

    def _sources(self, workspace: Workspace) -> engine.Sources:
        return engine.Sources(
            index=workspace.index,
            records=(workspace.records, self._everywhere_store()),
            embed=self._vectors.embed,
            catching_up=workspace.catching_up,
        )

    def _everywhere_store(self) -> RecordStore:
        with self._lock:
            if self._everywhere is None:
                self._everywhere = open_records(self._home, None)
            return self._everywhere

    def _record_store(self, path: str | None) -> tuple[RecordStore, str]:
        if path is None:
            return self._everywhere_store(), EVERYWHERE
        workspace = self._workspace(path, accept=False)
        return workspace.records, str(workspace.top)

    def _conversations(self, path: str) -> RecordStore:
        """Return where the conversations of a folder are kept: with its records, or, for a folder
        that is not read (a question about documents alone), with those held everywhere."""
        if is_accepted(self._home, top_of(path, self._home)):
            return self._workspace(path, accept=False).records
        return self._everywhere_store()

    def _require(self, asset: str) -> None:
        """Raise where an asset is missing, naming the others too, so that one question will do."""
        if not assets.present(assets.named(asset), self._home.assets):
            error = assets.absent(assets.named(asset))
            error.extra["assets"] = assets.missing(tuple(assets.ASSETS), self._home.assets)
            raise error

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds")


def _kind(given: str | None) -> RecordKind:
    if given is None:
        return RecordKind.NOTE
    try:
        return RecordKind(given)
    except ValueError as error:
        raise BadInput(
            "unknown-kind",
            f"{given!r} is no kind of record",
            f"use one of {', '.join(RecordKind)}",
        ) from error


def _budget(given: int | None, default: int) -> int:
    if given is None:
        return default
    if given < 1:
        raise BadInput("bad-budget", f"a budget of {given} tokens is none", "give at least 1")
    return given
