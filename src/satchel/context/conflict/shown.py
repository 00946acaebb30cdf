"""The line of a pending edit that goes against a record, so that it can be quoted. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from satchel.context.conflict.asked import ask
from satchel.context.conflict.diff import Edit
from satchel.context.conflict.held import held_against
from satchel.context.types import Record

LONGEST: Final = 200  # characters of a line


def quoted_from(edited: Sequence[Edit], record: Record) -> str | None:
    """Quote the first line of an edit that by itself goes against a record, with its file before
    it: on a line of its own, as it tells in which file the conflict is. None where no file does so
    by itself.

    Lines are told by halving: twice the logarithm of their number are held against the record.
    """

    def is_opposed(edit: Edit) -> bool:
        return bool(held_against(ask("", (edit.path,), (edit,)), [record]))

    edit = next((one for one in edited if is_opposed(one)), None)
    if edit is None:
        return None
    if is_opposed(replace(edit, added=())):  # what it takes out is enough
        line = _told(edit.removed, lambda few: is_opposed(replace(edit, added=(), removed=few)))
        return f"{edit.path}:\n- {line}" if line else edit.path
    line = _told(edit.added, lambda few: is_opposed(replace(edit, added=few)))
    return f"{edit.path}:\n{line}"


def _told(lines: Sequence[str], is_enough: Callable[[tuple[str, ...]], bool]) -> str:
    """Return the first of the fewest lines that are enough."""
    few = tuple(lines)
    while len(few) > 1:
        half = len(few) // 2
        part = next((one for one in (few[:half], few[half:]) if is_enough(one)), None)
        if part is None:
            break
        few = part
    return next((line.strip()[:LONGEST] for line in few if line.strip()), "")
