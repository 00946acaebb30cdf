"""Which active decisions and rules a request contradicts. The stage stands in the walk; what it
finds is held against records once these carry a stance."""

from __future__ import annotations

from collections.abc import Sequence

from satchel.context.types import ChosenRecord, Conflict
from satchel.context.understand import Query


def conflict(query: Query, records: Sequence[ChosenRecord]) -> tuple[Conflict, ...]:
    """Return the contradictions between a request and the records that apply to it.

    No record carries a stance yet, so there is none that could be opposed.
    """
    del query, records
    return ()
