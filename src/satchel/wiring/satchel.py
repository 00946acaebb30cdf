"""Everything that the daemon can be asked, over the stores and engines that it owns."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from satchel.base.errors import BadInput, Cancelled, SatchelError, Unavailable
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.base.text import sound
from satchel.context import conflict, engine
from satchel.context.aftermath import Asker, Door
from satchel.context.ingest import mask as secrets
from satchel.context.ingest.documents import extract
from satchel.context.ingest.indexer import IndexSummary, Progress
from satchel.context.ingest.mask import mask
from satchel.context.pending import checked
from satchel.context.store.records import RecordStore
from satchel.context.types import (
    Packet,
    Request,
)
from satchel.model import assets, machine
from satchel.model.detect import find
from satchel.model.embedded import Embedded
from satchel.model.sightings import Sightings
from satchel.wiring import gateway
from satchel.wiring.archive import Archive
from satchel.wiring.ask import Answering, Ask, answer
from satchel.wiring.engine import Engine
from satchel.wiring.hooks import Hooks
from satchel.wiring.leave import (
    Kept,
    accepted,
    delete_kept,
    end_grants,
    is_accepted,
    kept,
    named_top,
)
from satchel.wiring.opened import Opened
from satchel.wiring.outgoing import Consent
from satchel.wiring.packets import Packets
from satchel.wiring.papers import brief_documents
from satchel.wiring.remembering import Memory
from satchel.wiring.vectors import Vectors
from satchel.wiring.workspace import FRESH_WAIT, Workspace, top_of

QUIET = 10.0  # seconds
YOUNG = 10_000  # new objects among which what can be let go is looked for; a request leaves 2,000
BY_GATEWAY = Asker(Door.GATEWAY)
BY_ASK = Asker(Door.ASK)


class Satchel:
    """The composition root. Its synchronous methods may be called from any thread.

    `memory` is what can be asked of records, `archive` what can be done with them as a whole,
    `packets` what was handed over and what happened next, `hooks` what clients' hooks are answered,
    `gateway` the model endpoint, whose calls belong to one event loop. `session` names the run that
    grants "for this session" hold for.
    """

    def __init__(
        self,
        home: Home,
        settings: Settings,
        clock: Callable[[], float] = time.time,
        *,
        session: str = "",
    ) -> None:
        self._home = home
        self._settings = settings
        self._clock = clock
        self._vectors = Vectors(home)
        self._opened = Opened(home, settings, clock)
        self.packets = Packets(self._opened, settings.number("packets.days"), clock)
        self.memory = Memory(self._opened, self._vectors, self._now, self.packets.settled)
        self.archive = Archive(self._opened, self._vectors, self._now)
        self.hooks = Hooks(home, self._opened, self.memory, self.brief, self.packets)
        self._embedded = Embedded(
            assets.SMOLLM2.path(home.assets),
            machine.threads(settings.number("model.threads")),
            settings.number("model.idle_minutes") * 60.0,
            device=settings.text("model.device"),
        )
        self._engine = Engine(home, settings, self._embedded, self._require)
        self._consent = Consent(home, session)
        self.gateway = gateway.build(
            home,
            self._engine,
            Sightings(lambda: find(settings)),
            self._brief_model,
            self._vectors.embed_whole,
            self._look_at_idle_model,
            self._consent,
        )

    def warm(self) -> None:
        """Load beside the first requests what the first of them would wait for, the tables of what
        rules out what; and after a while, out of their way, the rules that tell secrets.

        What is loaded by then stays: it is no longer looked through for what can be let go, which
        holds up a request for a tenth of a second.
        """

        def run() -> None:
            conflict.warm()
            gc.freeze()
            gc.set_threshold(YOUNG)
            time.sleep(QUIET)
            secrets.warm()
            gc.freeze()

        threading.Thread(target=run, name="satchel-warm", daemon=True).start()

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
            return self._opened.within(path, run, accept)
        except Exception as error:
            if is_new and not isinstance(error, Cancelled):
                self._opened.take_back(top_of(path, self._home))
            raise

    def brief(
        self,
        text: str,
        path: str,
        *,
        budget: int | None = None,
        files: int = 0,
        with_text: bool = False,
        session: str | None = None,
        diff: str | None = None,
        in_a_hurry: bool = False,
        asker: Asker | None = None,
    ) -> Packet:
        """Answer a request with a packet. `diff` is a pending edit, which is held against what was
        decided; it stands for the request where there are no words. Within one `session` nothing
        is handed over twice, unless it changed. `in_a_hurry` waits for no reading of the folder,
        which goes on beside it. With an `asker` the packet is kept, with what happens next."""
        edit = checked(sound(diff)) if diff is not None else None
        most = _budget(budget, self._settings.number("brief.budget"))

        def run(workspace: Workspace) -> Packet:
            workspace.freshen(0.0 if in_a_hurry else FRESH_WAIT)
            request = Request(
                text=sound(text),
                workspace=str(workspace.top),
                budget=most,
                files=files,
                with_text=with_text,
                session=session,
                diff=edit,
            )
            sources = self.memory.sources(workspace)
            if self._settings.number("packets.rank"):
                sources = replace(sources, followed=self.packets.followed(workspace))
            packet = engine.brief(request, sources, self._clock)
            if asker is not None:
                self.packets.keep(packet, asker)
            return self.hooks.unrepeated(packet, workspace, session) if session else packet

        return self._opened.within(path, run)

    def _brief_model(self, text: str, path: str, with_text: bool, budget: int | None) -> Packet:
        """Brief whoever asks a model; with text only where a briefing has files to quote."""
        packet = self.brief(text, path, budget=budget, asker=BY_GATEWAY)
        if with_text and any(file.in_packet for file in packet.files):
            return self.brief(text, path, budget=budget, with_text=True)
        return packet

    def forget_folder(self, path: str, *, dry_run: bool = False) -> Kept:
        """Withdraw the leave to read a folder, end the grants for it and delete everything that is
        kept of it; return what that is. The folder itself may be gone.

        Raises BadInput for a path that is inside a workspace: what is deleted is named exactly.
        """
        top = named_top(path, self._home)
        told = kept(self._home, top)
        if not dry_run:
            end_grants(self._home, top)
            self._opened.withdraw(top)
            delete_kept(self._home, top)
        return told

    def changed(self, top: str, paths: set[str] | None) -> None:
        """Take in what changed on disk. Without paths the whole folder is compared, in the
        background: None says that much has changed, an empty set that nothing is known of."""
        workspace = self._opened.at(Path(top))
        if workspace is None:
            return
        if not paths:
            workspace.compare(behind=paths is None)
        else:
            self.packets.edited(workspace.top, workspace.reread(paths))
        self._vectors.follow(workspace.index, workspace.records)

    def workspaces(self) -> list[dict[str, Any]]:
        """List the accepted workspaces; those that are open say how much they hold."""
        listed = []
        for top, since in accepted(self._home):
            row: dict[str, Any] = {"path": top, "accepted": since, "open": False}
            workspace = self._opened.at(Path(top))
            if workspace is not None:
                row |= {"open": True, "catching_up": workspace.catching_up}
                with suppress(SatchelError):  # damaged: a request finds that out and deals with it
                    row |= workspace.index.counts()
            listed.append(row)
        return listed

    # --- the model layer, and what joins both

    async def models(self) -> list[dict[str, Any]]:
        """Tell what detection found on this machine, and under `own` what our engine can run."""
        found, own = await asyncio.gather(find(self._settings), asyncio.to_thread(self._engine.own))
        return [found.as_json() | {"own": [model.as_json() for model in own]}]

    def ask(self, ask: Ask) -> AsyncGenerator[dict[str, Any], None]:
        """Answer a question with a model on this machine, as events."""
        with_files = bool(ask.files)
        top = top_of(ask.path, self._home)
        if not with_files:
            self._opened.workspace(ask.path)
        ask = replace(ask, question=sound(ask.question))

        def so_far(store: RecordStore) -> tuple[str, list[tuple[str, str]]]:
            last = store.conversations.last() if ask.continued else None
            return (last, store.conversations.turns(last)) if last else (uuid.uuid4().hex[:12], [])

        conversation, before = self._opened.conversations(ask.path, so_far)

        def keep(question: str, said: str) -> None:
            now = self._now()

            def add(store: RecordStore) -> None:
                store.conversations.add(conversation, now, "user", mask(question)[0])
                store.conversations.add(conversation, now, "assistant", mask(sound(said))[0])

            self._opened.conversations(ask.path, add)
            if (workspace := self._opened.at(top)) is not None:
                workspace.mine_soon()

        def brief(text: str, budget: int) -> Packet:
            if with_files:
                request = Request(text, str(top), budget, with_text=True)
                return brief_documents(ask.files, request)
            return self.brief(text, ask.path, budget=budget, with_text=True, asker=BY_ASK)

        given = Answering(
            settings=self._settings,
            engine=self._engine,
            brief=brief,
            before=before,
            keep=keep,
            consent=self._consent,
        )
        return self._answering(ask, given)

    async def _answering(self, ask: Ask, given: Answering) -> AsyncGenerator[dict[str, Any], None]:
        """Pass the events on."""
        try:
            async with aclosing(answer(ask, given)) as events:
                async for event in events:
                    yield event
        except Unavailable as error:
            if error.code == "asset-missing":  # not worth a fetch where a document is no use
                await asyncio.to_thread(lambda: [extract(Path(name)) for name in ask.files])
            raise
        finally:
            self._look_at_idle_model()

    def _look_at_idle_model(self) -> None:
        """Look after a while whether the embedded model is still wanted."""
        loop = asyncio.get_running_loop()
        idle = self._settings.number("model.idle_minutes") * 60.0
        loop.call_later(idle + 1, lambda: loop.create_task(self._embedded.idle()))

    async def end_models(self) -> None:
        """End the embedded model's child, in the loop that started it."""
        await self._embedded.close()

    def close(self) -> None:
        """Close the stores. `end_models` comes before it, where a model was asked."""
        self._vectors.close()
        self.packets.write()
        self._opened.close()

    def _require(self, asset: str) -> None:
        """Raise where an asset is missing, naming the others too, so that one question will do."""
        if not assets.present(assets.named(asset), self._home.assets):
            error = assets.absent(assets.named(asset))
            error.extra["assets"] = assets.missing(tuple(assets.ASSETS), self._home.assets)
            raise error

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds")


def _budget(given: int | None, default: int) -> int:
    if given is None:
        return default
    if given < 1:
        raise BadInput("bad-budget", f"a budget of {given} tokens is none", "give at least 1")
    return given
