"""When a record holds: dates as people write them, and how a record stands at a moment. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Final, TypeAlias

from satchel.base.errors import BadInput
from satchel.base.text import one_line, sound
from satchel.context.kinds import passing
from satchel.context.types import CURRENT, SAID, Record, RecordKind, Status

Lookup: TypeAlias = Callable[[str], Record | None]

LONGEST_DATE: Final = 40  # characters: digits without an end can be read as a date
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def moment(given: str, *, end: bool = False) -> datetime:
    """Read a date in UTC: a bare day means its first moment, or its last with `end`.

    Raises BadInput for what is no date.
    """
    found = when(sound(given), end=end)
    if found is None:
        raise BadInput(
            "bad-date",
            f"{one_line(sound(given), 60)!r} is no date",
            "write it as 2026-03-31, or with a time: 2026-03-31T18:00:00+01:00",
        )
    return found


def when(given: str, *, end: bool = False) -> datetime | None:
    """Read a date as `moment` does, or return None."""
    text = given.strip().removesuffix(" UTC")  # as the command line writes it
    if len(text) > LONGEST_DATE:
        return None
    try:
        if _DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time.max if end else time.min, UTC)
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def held(record: Record, at: datetime) -> bool:
    """Tell whether a record held at a moment, whatever became of it since."""
    since, until = when(record.valid_from), when(record.valid_to) if record.valid_to else None
    return (since is None or since <= at) and (until is None or at < until)


def opposes(record: Record) -> bool:
    """Tell whether a record can oppose anything: what is open decides nothing yet, and a note for
    the work of a moment is no rule."""
    is_once = record.kind is RecordKind.NOTE and bool(passing(record.text))
    return record.status is not Status.OPEN and not is_once


def is_later(record: Record, now: str) -> bool:
    """Tell whether what somebody said begins to hold only after `now` (ISO 8601 UTC).

    What began when it was said, or before, holds by any clock: one that is set back hides nothing.
    """
    if record.origin not in SAID or record.valid_from <= record.learned:
        return False
    at, learned, since = when(now), when(record.learned), when(record.valid_from)
    return bool(at and learned and since and at < since and learned < since)


def present(record: Record, now: str, lookup: Lookup) -> Record:
    """Return a record as it stands at a moment: one that is to hold later does not yet, and what
    it is to take the place of does still."""
    if record.status in CURRENT and is_later(record, now):
        return replace(
            record, status=Status.LATER, reason=f"holds from {record.valid_from[:10]} on"
        )
    if record.status is Status.SUPERSEDED and (record.valid_to or "") > now:
        after = lookup(record.superseded_by) if record.superseded_by else None
        if after is not None and is_later(after, now):
            return replace(record, status=Status.ACTIVE)
    return record
