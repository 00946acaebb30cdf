"""What can be asked of records: one function each, which the commands, the HTTP API and MCP share.

Whatever reads a record, decides, and puts it back holds `Opened.writing` meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from satchel.base.errors import BadInput
from satchel.base.text import one_line, sound
from satchel.context import conflict, engine, remember, succession, validity
from satchel.context.aftermath import What
from satchel.context.anchors import anchors, standing
from satchel.context.hide import shown
from satchel.context.ids import is_id
from satchel.context.mine.keep import record_id, said, unsay
from satchel.context.recollect import stands
from satchel.context.remember import Remembered, Saying, Stated
from satchel.context.store.records import RecordStore
from satchel.context.succession import History
from satchel.context.supersede import proposed
from satchel.context.types import (
    CURRENT,
    EVERYWHERE,
    ChosenRecord,
    Conflict,
    Origin,
    Record,
    Status,
)
from satchel.wiring.opened import Opened, Reach
from satchel.wiring.vectors import Vectors
from satchel.wiring.workspace import Workspace

NEAR = 30  # records that a new one is held against
HELD_AGAINST = 4_000  # characters of a long one
AMBIGUOUS = 10  # ids that one beginning may name before we stop looking

T = TypeVar("T")
Settled: TypeAlias = Callable[[Reach, Sequence[str], What], None]
"""Told what became of records that were there."""


class Memory:
    """The records of every workspace. Its methods may be called from any thread.

    `path` is a folder of the workspace that is meant; without one, records that hold everywhere
    are. All raise BadInput for what cannot be, and NotAccepted for a folder that nobody allowed.
    """

    def __init__(
        self,
        opened: Opened,
        vectors: Vectors,
        now: Callable[[], str],
        settled: Settled = lambda reach, ids, what: None,
    ) -> None:
        self._settled = settled
        self._opened = opened
        self._vectors = vectors
        self._now = now

    # --- what is said

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

    # --- what is asked

    def recall(
        self,
        text: str,
        *,
        path: str,
        limit: int,
        as_of: str | None = None,
        closed: bool = False,
    ) -> list[ChosenRecord]:
        """Find the records that a text is about, best first; with `as_of` those that held then,
        and with `closed` those as well that hold no more."""
        query = sound(text)
        at = validity.moment(as_of, end=True).isoformat() if as_of is not None else None

        def work(found: Workspace) -> list[ChosenRecord]:
            sources = self.sources(found)
            chosen = engine.recall(query, sources, limit, as_of=at, today=self._now())
            if not chosen:  # by words alone, it may be: then it is worth a wait
                patient = replace(sources, embed=self._vectors.embed_patiently)
                chosen = engine.recall(query, patient, limit, as_of=at, today=self._now())
            if closed:
                have = {one.record.id for one in chosen}
                for store in sources.records:
                    near = store.search(self._terms(query, found), limit)
                    chosen += [
                        ChosenRecord(record, "has these words, and holds no more", 0.0)
                        for record, _ in near
                        if record.id not in have and record.status not in CURRENT
                    ]
            return [
                replace(
                    one,
                    record=shown(standing(one.record, found.index)),
                    before=tuple(map(shown, one.before)),
                )
                for one in chosen[:limit]
            ]

        return self._opened.within(path, work)

    def records(
        self,
        path: str,
        *,
        kind: str | None = None,
        status: str | None = None,
        as_of: str | None = None,
    ) -> list[Record]:
        """List the records that hold for a workspace, newest first: of one kind, of one status
        ("current": whatever still holds), or those that held at a time whatever became of them."""
        wanted = remember.kind_of(kind) if kind else None
        statuses = _statuses(status)
        at = validity.moment(as_of, end=True) if as_of is not None else None

        now = self._now()

        def work(reach: Reach) -> list[Record]:
            found = [record for store in reach.stores for record in store.all()]
            found.sort(key=lambda record: record.learned, reverse=True)
            return [
                shown(record)
                for each in found
                if wanted in (None, each.kind) and (at is None or validity.held(each, at))
                for record in [_standing(each, reach, now) if at is None else _stood(each)]
                if record.status in statuses
            ]

        return self._opened.reaching(path, work)

    def history(self, record_id: str, *, path: str | None) -> History:
        """Tell a record's whole chain: what it took the place of, and what took its place."""

        def work(reach: Reach) -> History:
            told = succession.history(reach.find(record_id), reach.get)
            return replace(
                told,
                record=shown(_standing(told.record, reach, self._now())),
                before=tuple(map(shown, told.before)),
                after=tuple(shown(_standing(one, reach, self._now())) for one in told.after),
            )

        return self._opened.reaching(path, work)

    def conflicts(self, *, path: str) -> list[Conflict]:
        """Find the current records that contradict each other."""
        current = self.records(path, status="current")
        return list(conflict.contradictions([each for each in current if stands(each)]))

    def _clashes(self, record: Record, reach: Reach) -> tuple[Conflict, ...]:
        """Hold a record against the current ones that may be about the same."""
        return conflict.with_others(shown(record), self._near(record, reach))

    def _near(self, record: Record, reach: Reach) -> list[Record]:
        """Return the current records that may be about the same: by words, and by what the options
        that they name are for. None where it opposes nothing."""
        now = self._now()
        if _standing(record, reach, now).status not in CURRENT or not validity.opposes(record):
            return []
        if reach.workspace is None:
            others = reach.stores[0].all()
        else:
            words = (record.text[:HELD_AGAINST], record.subject, record.attribute)
            terms = self._terms(" ".join(filter(None, words)), reach.workspace)
            others = [r for store in reach.stores for r, _ in store.search(terms, NEAR)]
        apart = {record.id, *record.supersedes}
        others = [_standing(r, reach, now) for r in others if r.id not in apart]
        return [shown(r) for r in others if r.status in CURRENT and stands(r)]

    def _terms(self, text: str, found: Workspace) -> frozenset[str]:
        return found.index.term_set(text)

    def sources(self, workspace: Workspace) -> engine.Sources:
        """Return where a request of a workspace may look."""
        return engine.Sources(
            index=workspace.index,
            records=(workspace.records, *self._opened.everywhere_if_any()),
            embed=self._vectors.embed,
            catching_up=workspace.catching_up,
        )

    # --- conversations

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


def _stood(record: Record) -> Record:
    """Return a record as it stood while it held."""
    return replace(record, status=Status.ACTIVE) if record.status is Status.SUPERSEDED else record


def _standing(record: Record, reach: Reach, now: str) -> Record:
    record = validity.present(record, now, reach.get)
    if reach.workspace is None or not record.anchors or record.status not in CURRENT:
        return record
    return standing(record, reach.workspace.index)


def _statuses(given: str | None) -> frozenset[Status]:
    if given is None or given == "any":
        return frozenset(Status)
    if given == "current":
        return CURRENT | {Status.STALE, Status.LATER}
    try:
        return frozenset({Status(given)})
    except ValueError as error:
        raise BadInput(
            "unknown-status",
            f"{sound(given)[:60]!r} is no status of a record",
            f"use one of current, any, {', '.join(Status)}",
        ) from error
