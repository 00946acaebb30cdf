"""What is asked of records: found, listed, told with their history, held against each other.

Nothing here changes one. What a record is handed over as is masked and says where it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from satchel.base.errors import BadInput
from satchel.base.text import sound
from satchel.context import conflict, engine, remember, succession, validity
from satchel.context.anchors import standing
from satchel.context.hide import shown
from satchel.context.recollect import stands
from satchel.context.succession import History
from satchel.context.types import CURRENT, ChosenRecord, Conflict, Record, Status
from satchel.wiring.opened import Opened, Reach
from satchel.wiring.vectors import Vectors
from satchel.wiring.workspace import Workspace

NEAR = 30  # records that a new one is held against
HELD_AGAINST = 4_000  # characters of a long one


class Recalling:
    """The records of every workspace, to be read. Its methods may be called from any thread.

    `path` is a folder of the workspace that is meant; without one, records that hold everywhere
    are. All raise BadInput for what cannot be, and NotAccepted for a folder that nobody allowed.
    """

    def __init__(self, opened: Opened, vectors: Vectors, now: Callable[[], str]) -> None:
        self._opened = opened
        self._vectors = vectors
        self._now = now

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
                    near = store.search(found.index.term_set(query), limit)
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
            told, now = succession.history(reach.find(record_id), reach.get), self._now()
            return replace(
                told,
                record=shown(_standing(told.record, reach, now)),
                before=tuple(map(shown, told.before)),
                after=tuple(shown(_standing(one, reach, now)) for one in told.after),
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
            terms = reach.workspace.index.term_set(" ".join(filter(None, words)))
            others = [r for store in reach.stores for r, _ in store.search(terms, NEAR)]
        apart = {record.id, *record.supersedes}
        others = [_standing(r, reach, now) for r in others if r.id not in apart]
        return [shown(r) for r in others if r.status in CURRENT and stands(r)]

    def sources(self, workspace: Workspace) -> engine.Sources:
        """Return where a request of a workspace may look."""
        return engine.Sources(
            index=workspace.index,
            records=(workspace.records, *self._opened.everywhere_if_any()),
            embed=self._vectors.embed,
            catching_up=workspace.catching_up,
        )


def _stood(record: Record) -> Record:
    """Return a record as it stood while it held."""
    return replace(record, status=Status.ACTIVE) if record.status is Status.SUPERSEDED else record


def _standing(record: Record, reach: Reach, now: str) -> Record:
    record = validity.present(record, now, reach.get)
    return record if reach.workspace is None else standing(record, reach.workspace.index)


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
