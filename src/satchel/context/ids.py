"""Ids of records as somebody gives them: whole, or only how they begin. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from satchel.base.errors import BadInput
from satchel.base.text import one_line
from satchel.context.types import Record

LEAST_PREFIX: Final = 4  # characters of an id that stand for the whole of it
SHOWN_IDS: Final = 5


def chosen(given: str, found: Mapping[str, Record]) -> Record:
    """Choose the one record that an id, or its beginning, names among those that it may name.

    Raises BadInput where there is none, and where there are several.
    """
    name = given.strip().lower()
    shown = one_line(given, 60)
    if name in found:
        return found[name]
    if len(name) < LEAST_PREFIX:
        raise BadInput(
            "no-such-record",
            f"there is no record {shown!r} here",
            f"give at least the first {LEAST_PREFIX} characters of an id that `satchel records` "
            "prints",
        )
    if not found:
        raise BadInput(
            "no-such-record",
            f"there is no record {shown!r} here",
            "run `satchel records` or `satchel recall` to see the ids of records",
        )
    if len(found) > 1:
        some = ", ".join(sorted(found)[:SHOWN_IDS])
        raise BadInput(
            "ambiguous-id",
            f"{len(found)} ids begin with {shown!r}: {some}"
            + (" and others" if len(found) > SHOWN_IDS else ""),
            "write one character more of the one that you mean",
            ids=sorted(found)[:SHOWN_IDS],
        )
    return next(iter(found.values()))


def is_id(given: str) -> bool:
    """Tell whether a text can only be meant as an id: hexadecimal, with a digit in it."""
    return bool(_ID.fullmatch(given.strip())) and any(one.isdigit() for one in given)


_ID: Final = re.compile(r"[0-9a-f]{4,32}", re.IGNORECASE | re.ASCII)
