"""Everything that the daemon can be asked, over the stores and engines that it owns."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from satchel.base.errors import BadInput, Broken, Cancelled, SatchelError, Unavailable
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context import engine
from satchel.context.ingest.documents import extract
from satchel.context.ingest.indexer import IndexSummary, Progress
from satchel.context.ingest.mask import mask
from satchel.context.store.records import RecordStore
from satchel.context.store.sqlite import remove_database
from satchel.context.types import (
    EVERYWHERE,
    ChosenRecord,
    Conflict,
    Origin,
    Packet,
    Record,
    RecordKind,
    Request,
    Status,
)
from satchel.model import assets, machine
from satchel.model.embedded import Embedded
from satchel.wiring.ask import Answering, Ask, answer, find
from satchel.wiring.leave import (
    Kept,
    accepted,
    accepted_top,
    delete_kept,
    is_accepted,
    kept,
    records_path,
    withdraw,
)
from satchel.wiring.papers import brief_documents
from satchel.wiring.vectors import Vectors
from satchel.wiring.workspace import Workspace, top_of

LONGEST_RECORD = 1_000_000  # characters

T = TypeVar("T")


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
        """Bring a workspace's index up to date; `accept` allows a folder that is new to us.

        Leave that was just given is taken back where the first reading fails; a user who stops
        it has not taken it back, and the next run goes on.
        """
        is_new = accept and not is_accepted(self._home, top_of(path, self._home))

        def run(workspace: Workspace) -> IndexSummary:
            summary = workspace.refresh(progress)
            self._vectors.follow(workspace.index, workspace.records)
            return summary

        try:
            return self._within(path, run, accept)
        except Exception as error:
            if is_new and not isinstance(error, Cancelled):
                self._take_back(top_of(path, self._home))
            raise

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
        most = _budget(budget, self._settings.number("brief.budget"))

        def run(workspace: Workspace) -> Packet:
            workspace.freshen()
            request = Request(
                text=_sound(text),
                workspace=str(workspace.top),
                budget=most,
                files=files,
                with_text=with_text,
                session=session,
            )
            return engine.brief(request, self._sources(workspace), self._clock)

        return self._within(path, run)

    def remember(
        self,
        text: str,
        *,
        kind: str | None = None,
        path: str | None = None,
        source: str = "user",
        globs: Sequence[str] = (),
    ) -> tuple[Record, list[Conflict]]:
        """Keep a record for a workspace, or everywhere without a path. Secrets are masked.

        `globs` name the files that it holds for; empty means all.
        """
        stated = _sound(text).strip()
        if not stated:
            raise BadInput("empty-record", "there is nothing to remember", "say what to remember")
        if len(stated) > LONGEST_RECORD:
            raise BadInput(
                "record-too-long",
                f"a record may hold {LONGEST_RECORD:,} characters, not {len(stated):,}",
                "remember the part that matters, and name the file for the rest",
            )
        stated, _ = mask(stated)
        now = self._now()

        def keep(store: RecordStore, workspace: str) -> Record:
            record = Record(
                id=uuid.uuid4().hex[:12],
                kind=_kind(kind),
                text=stated,
                workspace=_spelled(workspace),
                sources=(_sound(source),),
                learned=now,
                valid_from=now,
                globs=tuple(globs),
                status=Status.ACTIVE if source == "user" else Status.UNCONFIRMED,
                origin=Origin.USER if source == "user" else Origin.AGENT,
                confirmed=source == "user",
            )
            store.put(record)
            return record

        if path is None:
            return self._with_everywhere(lambda store: keep(store, EVERYWHERE)), []
        return self._within(path, lambda found: keep(found.records, str(found.top))), []

    def recall(self, text: str, *, path: str, limit: int) -> list[ChosenRecord]:
        """Find the records that a text is about, best first."""
        return self._within(
            path, lambda found: engine.recall(_sound(text), self._sources(found), limit)
        )

    def forget(self, record_id: str, *, path: str | None = None) -> None:
        """Delete a record truly, from the workspace at `path` or from those held everywhere."""
        name = _sound(record_id)
        forgotten = path is not None and self._within(path, lambda at: at.records.forget(name))
        if not forgotten and not self._with_everywhere(lambda store: store.forget(name)):
            raise BadInput(
                "no-such-record",
                f"there is no record {record_id!r} here",
                "run `satchel recall` to see the ids of records",
            )

    def forget_conversations(self, *, path: str) -> int:
        """Delete the conversations that were held in a workspace; return the turns deleted."""
        return self._with_conversations(path, lambda store: store.forget_conversations())

    def forget_folder(self, path: str, *, dry_run: bool = False) -> Kept:
        """Withdraw the leave to read a folder and delete everything that is kept of it; return
        what that is. The folder itself may be gone."""
        top = accepted_top(path, self._home)
        told = kept(self._home, top)
        if not dry_run:
            self._withdraw(top)
            delete_kept(self._home, top)
        return told

    def records(self, path: str) -> list[Record]:
        """List the records that hold for a workspace, newest first."""
        found = self._within(path, lambda found: found.records.all())
        if self._everywhere_if_any():
            found += self._with_everywhere(lambda store: store.all())
        return found

    def changed(self, top: str, paths: set[str] | None) -> None:
        """Take in what changed on disk. Without paths the whole folder is compared, in the
        background: None says that much has changed, an empty set that nothing is known of."""
        workspace = self._open.get(Path(top))
        if workspace is None:
            return
        if not paths:
            workspace.compare(behind=paths is None)
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
                row |= {"open": True, "catching_up": workspace.catching_up}
                with suppress(SatchelError):  # damaged: a request finds that out and deals with it
                    row |= workspace.index.counts()
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
        ask = replace(ask, question=_sound(ask.question))

        def so_far(store: RecordStore) -> tuple[str, list[tuple[str, str]]]:
            last = store.last_conversation() if ask.continued else None
            return (last, store.turns(last)) if last else (uuid.uuid4().hex[:12], [])

        conversation, before = self._with_conversations(ask.path, so_far)

        def keep(question: str, said: str) -> None:
            now = self._now()

            def add(store: RecordStore) -> None:
                store.add_turn(conversation, now, "user", question)
                store.add_turn(conversation, now, "assistant", _sound(said))

            self._with_conversations(ask.path, add)

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
            before=before,
            keep=keep,
        )
        return self._answering(ask, given)

    async def _answering(self, ask: Ask, given: Answering) -> AsyncGenerator[dict[str, Any], None]:
        """Pass the events on; look after a while whether the embedded model is still wanted."""
        try:
            async with aclosing(answer(ask, given)) as events:
                async for event in events:
                    yield event
        except Unavailable as error:
            if error.code == "asset-missing":  # not worth a fetch where a document is no use
                await asyncio.to_thread(lambda: [extract(Path(name)) for name in ask.files])
            raise
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
            if workspace is not None and not workspace.is_there:
                workspace.close()  # its files were moved away: nothing more may go into them
                workspace = None
            if workspace is None:
                self._open.pop(top, None)
                workspace = self._open[top] = Workspace.open(
                    top, self._home, self._settings, accept
                )
        return workspace

    def _within(self, path: str, work: Callable[[Workspace], T], accept: bool = False) -> T:
        """Do some work in a workspace. A damaged store is let go of, so that what the user puts in
        its place is opened; an index is built anew at once."""
        workspace = self._workspace(path, accept)
        try:
            return work(workspace)
        except Broken as error:
            if error.code != "store-damaged":
                raise
            damaged = error.extra["store"]
            self._let_go(workspace, damaged)
            if damaged != str(workspace.index.path):
                raise
        return work(self._workspace(path, accept))

    def _with_everywhere(self, work: Callable[[RecordStore], T]) -> T:
        """Do some work with the records that hold everywhere."""
        store = self._everywhere_store()
        try:
            return work(store)
        except Broken as error:
            if error.code == "store-damaged":
                self._let_go(None, error.extra["store"])
            raise

    def _let_go(self, workspace: Workspace | None, damaged: str) -> None:
        with self._lock:
            if workspace is not None and self._open.get(workspace.top) is workspace:
                del self._open[workspace.top]
                workspace.close()
                if damaged == str(workspace.index.path):
                    remove_database(workspace.index.path)
            if self._everywhere is not None and damaged == str(self._everywhere.path):
                self._everywhere.close()
                self._everywhere = None

    def _take_back(self, top: Path) -> None:
        """Take back leave that came to nothing, and what was read, unless records stand there."""
        with suppress(SatchelError):  # what went wrong first is what is told
            self._withdraw(top)
            remove_database(self._home.workspace(top) / "index.db")
            if kept(self._home, top).records == 0:
                delete_kept(self._home, top)

    def _withdraw(self, top: Path) -> None:
        with self._lock:  # nobody opens it again between these two
            withdraw(self._home, top)
            workspace = self._open.pop(top, None)
        if workspace is not None:
            workspace.close_when_quiet()

    def _sources(self, workspace: Workspace) -> engine.Sources:
        return engine.Sources(
            index=workspace.index,
            records=(workspace.records, *self._everywhere_if_any()),
            embed=self._vectors.embed,
            catching_up=workspace.catching_up,
        )

    def _everywhere_store(self) -> RecordStore:
        with self._lock:
            if self._everywhere is not None and not self._everywhere.is_there:
                self._everywhere.close()
                self._everywhere = None
            if self._everywhere is None:
                self._everywhere = RecordStore(records_path(self._home, None))
            return self._everywhere

    def _everywhere_if_any(self) -> tuple[RecordStore, ...]:
        """Return the store of the records that hold everywhere where there is one: to look for
        something makes no file."""
        there = records_path(self._home, None).exists()
        return (self._everywhere_store(),) if there else ()

    def _with_conversations(self, path: str, work: Callable[[RecordStore], T]) -> T:
        """Do some work where the conversations of a folder are kept: with its records, or, for a
        folder that is not read (a question about documents alone), with those held everywhere."""
        if is_accepted(self._home, top_of(path, self._home)):
            return self._within(path, lambda found: work(found.records))
        return self._with_everywhere(work)

    def _require(self, asset: str) -> None:
        """Raise where an asset is missing, naming the others too, so that one question will do."""
        if not assets.present(assets.named(asset), self._home.assets):
            error = assets.absent(assets.named(asset))
            error.extra["assets"] = assets.missing(tuple(assets.ASSETS), self._home.assets)
            raise error

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds")


def _sound(text: str) -> str:
    """Put a replacement for what is no character (half a surrogate pair, out of broken JSON)."""
    return text.encode("utf-8", "replace").decode()


def _spelled(path: str) -> str:
    """Spell a path that is not UTF-8 so that it can be stored and shown."""
    return path.encode("utf-8", "backslashreplace").decode()


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
