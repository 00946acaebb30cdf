"""A time as a user writes it (a day, a moment, or a length of time from now) and reads it. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from satchel.base.errors import BadInput
from satchel.base.text import one_line

_LENGTH: Final = re.compile(r"(\d{1,5})([mhdw])", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def ahead(text: str, now: datetime) -> datetime:
    """Read a time to come; a bare day means its end. Raises BadInput for one that has passed."""
    time = _read(text, now, sign=1)
    if time <= now:
        raise BadInput(
            "bad-time", f"{one_line(text, 40)} has passed", "name a time that is still to come"
        )
    return time


def back(text: str, now: datetime) -> datetime:
    """Read a time in the past; a bare day means its beginning."""
    return _read(text, now, sign=-1)


def day(given: object) -> str:
    """The day of a moment as a person reads it: "2026-11-02"."""
    return one_line(str(given or "?"), 40)[:10]


def moment(given: object) -> str:
    """A moment as a person reads it: "2026-11-02 10:00 UTC"; a bare day stays one."""
    text = one_line(str(given or "?"), 40)
    try:
        time = datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            return text
        return f"{time.astimezone(UTC) if time.tzinfo else time:%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError):
        return text


def _read(text: str, now: datetime, sign: int) -> datetime:
    """Read a time in UTC. Raises BadInput for anything else."""
    text = text.strip().removesuffix(" UTC")  # as `moment` writes it
    try:
        if length := _LENGTH.fullmatch(text.lower()):
            return now + sign * timedelta(**{_UNITS[length[2]]: int(length[1])})
        time = datetime.fromisoformat(text)
        if _DAY.fullmatch(text) and sign > 0:
            time += timedelta(days=1)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(
            "bad-time",
            f"{one_line(text, 40)!r} is no time",
            "write a day (2026-12-31), a moment (2026-12-31T18:00Z), or a length of time "
            "(30m, 12h, 7d, 4w)",
        ) from error
