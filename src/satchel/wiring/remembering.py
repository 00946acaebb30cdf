"""What is said of records: one function each, which the commands, the HTTP API and MCP share.

Whatever reads a record, decides, and puts it back holds `Opened.writing` meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from satchel.base.errors import BadInput
from satchel.base.text import one_line, sound
from satchel.context import conflict, remember, succession, validity
from satchel.context.aftermath import What
from satchel.context.anchors import anchors
from satchel.context.hide import shown
from satchel.context.ids import is_id
from satchel.context.mine.keep import record_id, said, unsay
from satchel.context.remember import Remembered, Saying, Stated
from satchel.context.store.records import RecordStore
from satchel.context.supersede import proposed
from satchel.context.types import (
    CURRENT,
    EVERYWHERE,
    Conflict,
    Origin,
    Record,
    Status,
)
from satchel.wiring.opened import Opened, Reach
from satchel.wiring.recalling import Recalling
from satchel.wiring.vectors import Vectors

Settled: TypeAlias = Callable[[Reach, Sequence[str], What], None]
"""Told what became of records that were there."""


class Memory(Recalling):
    """The records of every workspace, to be read and to be changed. From any thread, as there."""

    def __init__(
        self,
        opened: Opened,
        vectors: Vectors,
        now: Callable[[], str],
        settled: Settled = lambda reach, ids, what: None,
    ) -> None:
        super().__init__(opened, vectors, now)
        self._settled = settled

    def remember(self, saying: Saying, *, path: str | None = None) -> Remembered:
        """Keep what somebody said, or fold it into the record that says the same: one that holds
        everywhere does here as well.

        What a model says waits until the user confirms it, and changes nothing that is there.
        """
        stated = remember.stated(saying)
        by_user = saying.source == Origin.USER
        if saying.everywhere and not by_user:
            raise BadInput(
                "user-only",
                "only the user says that something holds everywhere",
                "remember it for this workspace",
            )

        def work(reach: Reach) -> Remembered:
            with self._opened.writing:
                kept = self._keep(saying, stated, reach)
            near = self._near(kept.record, reach)
            kept = _told(kept, conflict.with_others(shown(kept.record), near))
            return replace(kept, notes=(*kept.notes, *_replacing(kept, near)))

        if not saying.everywhere:
            return self._opened.reaching(path, work)
        is_here = path is not None and self._opened.is_read(path)
        kept = self._opened.reaching(None, work)
        if is_here:
            kept = self._opened.reaching(path, lambda reach: self._widened(kept, reach))
        return kept

    def _widened(self, kept: Remembered, reach: Reach) -> Remembered:
        """Let what holds everywhere take the place of what says the same of a workspace alone."""
        with self._opened.writing:
            narrow = reach.get(record_id(reach.name, kept.record.globs, kept.record.text))
            wide = reach.get(kept.record.id)
            if narrow is None or wide is None or narrow.status not in CURRENT:
                return kept
            closed, linked = succession.succeeded(narrow, wide, reach.get, self._now())
            reach.put([closed, linked])
        return replace(kept, record=shown(linked), ended=(*kept.ended, shown(closed)))

    def _keep(self, saying: Saying, stated: Stated, reach: Reach) -> Remembered:
        by_user = saying.source == Origin.USER
        workspace = reach.name
        now = self._now()
        known = reach.get(record_id(workspace, stated.globs, stated.text))
        wide = reach.get(record_id(EVERYWHERE, stated.globs, stated.text))
        stands_here = known is not None and known.status in CURRENT
        if wide is not None and wide.confirmed and wide.status in CURRENT and not stands_here:
            known, workspace = wide, EVERYWHERE
        name = record_id(workspace, stated.globs, stated.text)
        olds = [reach.find(given) for given in saying.supersedes]
        attribute, stance = conflict.told(stated.text)
        blank = Record(
            id=name,
            kind=known.kind if known and stated.guessed is not None else stated.kind,
            text=stated.text,
            workspace=workspace,
            sources=(),
            learned=now,
            valid_from=stated.since or now,
            subject=stated.subject,
            attribute=attribute,
            stance=stance,
            globs=stated.globs,
            aliases=stated.aliases,
            anchors=anchors(stated.text, reach.workspace.index) if reach.workspace else (),
            pinned=saying.pinned and by_user,
            status=Status.OPEN
            if stated.is_open
            else Status.ACTIVE
            if by_user
            else Status.UNCONFIRMED,
            confidence=1.0 if by_user else remember.BY_AGENT,
        )
        origin = Origin.USER if by_user else Origin.AGENT
        record = said(stated.text, workspace, now, origin, known, blank)
        if known and by_user and stated.since:
            record = replace(record, valid_from=stated.since)
        changed: list[Record] = []
        if known and known.superseded_by and record.superseded_by is None:
            after = reach.get(known.superseded_by)
            if after is not None:  # it holds again, so nothing took its place
                kept = tuple(one for one in after.supersedes if one != name)
                changed.append(replace(after, supersedes=kept))
        ended: list[Record] = []
        for old in olds:
            if by_user:
                closed, record = succession.succeeded(old, record, reach.get, now)
                ended.append(closed)
            elif record.id != old.id and known is None:  # a proposal: `confirm` carries it out
                record = replace(record, supersedes=(*record.supersedes, old.id))
        reach.put([record, *changed, *ended])
        reach.follow(self._vectors)
        return Remembered(
            record=record,
            known=known,
            guessed=stated.guessed if known is None else None,
            masked=stated.masked,
            ended=tuple(ended),
            proposed=not record.confirmed and record.origin is Origin.AGENT,
            notes=(*stated.notes, *_from(record, now)),
        )

    def confirm(self, ids: Sequence[str], *, path: str | None) -> list[Remembered]:
        """Let the user stand by records that were mined or proposed, and carry out what was
        proposed with them."""

        def work(reach: Reach) -> list[Remembered]:
            with self._opened.writing:
                kept = [self._confirm(record, reach) for record in _each(reach, ids)]
            self._settled(reach, [each.record.id for each in kept], What.CONFIRMED)
            return [_told(each, self._clashes(each.record, reach)) for each in kept]

        return self._opened.reaching(path, work)

    def _confirm(self, record: Record, reach: Reach) -> Remembered:
        new, ended = succession.confirmed(record, reach.get), []
        for name in record.supersedes:
            old = reach.get(name)
            if old is not None and old.superseded_by is None:
                closed, new = succession.succeeded(old, new, reach.get, self._now())
                ended.append(closed)
        reach.put([new, *ended])
        return Remembered(new, known=record, ended=tuple(ended))

    def pin(self, ids: Sequence[str], *, path: str | None, off: bool = False) -> list[Record]:
        """Have records in every briefing that is not empty, or no more."""

        def work(reach: Reach) -> list[Record]:
            with self._opened.writing:
                found = _each(reach, ids)
                for record in () if off else found:
                    succession.must_hold(record, reach.get, "satchel pin")
                changed = [replace(record, pinned=not off) for record in found]
                reach.put(changed)
            if not off:
                self._settled(reach, [record.id for record in changed], What.PINNED)
            return list(map(shown, changed))

        return self._opened.reaching(path, work)

    def supersede(self, old: str, new: str, *, path: str | None) -> Remembered:
        """Let a record take another's place. `new` is an id, or else a text, which is remembered
        with the kind and the scope of the old one."""

        def work(reach: Reach) -> Remembered:
            with self._opened.writing:
                before = reach.find(old)
                name = sound(new).strip().lower()
                if not is_id(name) and not reach.names(name):
                    kept = self._say_instead(before, new, reach)
                else:
                    after = reach.find(new)
                    stood = (
                        succession.confirmed(after, reach.get) if after.status in CURRENT else after
                    )
                    closed, linked = succession.succeeded(before, stood, reach.get, self._now())
                    again = before.superseded_by == after.id
                    command = "records --history" if again else f"supersede {before.id}"
                    succession.must_hold(after, reach.get, f"satchel {command}")
                    reach.put([linked, closed])
                    kept = Remembered(linked, known=after, ended=(closed,))
            self._settled(reach, [before.id], What.SUPERSEDED)
            return _told(kept, self._clashes(kept.record, reach))

        return self._opened.reaching(path, work)

    def _say_instead(self, before: Record, text: str, reach: Reach) -> Remembered:
        saying = Saying(
            text,
            kind=before.kind.value,
            globs=before.globs,
            subject=before.subject,
            aliases=before.aliases,
            pinned=before.pinned,
            supersedes=(before.id,),
        )
        if before.workspace == EVERYWHERE:  # what took its place must hold as widely
            reach = Reach((reach.holding(before),), None)
        return self._keep(saying, remember.stated(saying), reach)

    def forget(self, ids: Sequence[str], *, path: str | None, source: str = "user") -> list[Record]:
        """Delete records truly, all that were named or none; return what they were.

        Whoever is not the user (`source`) deletes only what models proposed.
        """

        def work(reach: Reach) -> list[Record]:
            with self._opened.writing:
                gone = _each(reach, ids)
                if source != Origin.USER:
                    _refuse_all_but_proposals(gone)
                for record in gone:
                    reach.holding(record).forget(record.id)
            self._settled(reach, [record.id for record in gone], What.FORGOTTEN)
            return list(map(shown, gone))

        return self._opened.reaching(path, work)

    def forget_conversations(self, *, path: str) -> int:
        """Delete the conversations that were held in a workspace, and what was mined out of them;
        return the turns deleted."""

        def work(store: RecordStore) -> int:
            with self._opened.writing:
                turns = store.conversations.forget()
                unsay(store)
            return turns

        return self._opened.conversations(path, work)


def _refuse_all_but_proposals(records: Sequence[Record]) -> None:
    """Raise BadInput where a record is not a model's that the user left as it was."""
    for record in records:
        if record.origin is not Origin.AGENT or record.confirmed or record.pinned:
            raise BadInput(
                "user-only",
                f"{record.id} is not a model's proposal: only the user forgets it",
                f"ask the user to run `satchel forget {record.id}`",
            )


def _replacing(kept: Remembered, near: Sequence[Record]) -> list[str]:
    """Say which records this one seems to take the place of, where nothing else was said of them:
    the user decides."""
    if kept.known is not None or kept.ended or not kept.record.confirmed:
        return []
    told = {name for one in kept.conflicts for name in one.ids}
    return [
        f"it seems to take the place of {old.id} (“{one_line(old.text, 80)}”); if it does: "
        f"satchel supersede {old.id} {kept.record.id}"
        for old, _ in proposed(kept.record, near)
        if old.id not in told
    ]


def _from(record: Record, now: str) -> list[str]:
    if not validity.is_later(record, now):
        return []
    day = record.valid_from[:10]
    return [f"it holds from {day} on, and is in no briefing and no conflict before"]


def _each(reach: Reach, ids: Sequence[str]) -> list[Record]:
    """Find every record that is named, once; none of them is touched where one is not there."""
    if not ids:
        raise BadInput("no-id", "no record is named", "name one by its id")
    return list({record.id: record for record in map(reach.find, ids)}.values())


def _told(kept: Remembered, conflicts: tuple[Conflict, ...]) -> Remembered:
    """Return what became of a saying as it may be handed over."""
    return replace(
        kept,
        record=shown(kept.record),
        known=shown(kept.known) if kept.known else None,
        ended=tuple(map(shown, kept.ended)),
        conflicts=conflicts,
    )
