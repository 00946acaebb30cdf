"""Read a request's JSON object field by field; what nobody read in the end is refused.

So no field is ever ignored: it is used, or it is known to change nothing here (`harmless`), or it
may hold one value alone (`only`), or the tool is told that it is not served.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from satchel.base.errors import BadInput

T = TypeVar("T")
N = TypeVar("N", int, float)

NAME_SHOWN = 80  # characters of a field's name that an error repeats
WHOLE_MOST = 2**63 - 1  # what every backend holds in a whole number

_WORDS: Mapping[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
}


class Fields:
    """The fields of one object. `where` names it in errors: "", "messages[0]", …"""

    def __init__(self, body: Any, where: str = "") -> None:
        if not isinstance(body, dict):
            place = where or "the body"
            raise BadInput("bad-field", f"{place} is no object", _NEXT, field=place)
        self._body = body.copy()
        self.where = where

    def path(self, name: str) -> str:
        """Return how errors name a field of this object."""
        name = name[:NAME_SHOWN]
        return f"{self.where}.{name}" if self.where else name

    def take(self, name: str, kind: type[T]) -> T | None:
        """Return a field and count it as read; null and absent are None."""
        value = self._body.pop(name, None)
        if value is None:
            return None
        if type(value) is kind and kind in _AS_THEY_ARE:
            return value
        read: T | None = _as(kind, value)
        if read is None:
            raise self.wrong(name, f"must be {_WORDS.get(kind, kind.__name__)}")
        return read

    def need(self, name: str, kind: type[T]) -> T:
        """Return a field that must be there."""
        value = self.take(name, kind)
        if value is None:
            raise self.wrong(name, "is missing")
        return value

    def within(self, name: str, kind: type[N], low: N, high: N) -> N | None:
        """Return a number from `low` to `high`, both allowed."""
        value = self.take(name, kind)
        if value is not None and not low <= value <= high:
            raise self.wrong(name, f"must be from {low} to {high}")
        return value

    def word(self, name: str, *words: str) -> str | None:
        """Return a text that is one of `words`."""
        value = self.take(name, str)
        if value is not None and value not in words:
            raise self.wrong(name, f"must be {' or '.join(map(repr, words))}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; one text alone is a list of one, absent is an empty one."""
        value = self.raw(name)
        if value is None:
            return ()
        rows = [value] if isinstance(value, str) else value
        if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
            raise self.wrong(name, "must be a text or a list of texts")
        return tuple(rows)

    def text_or_each(self, name: str) -> str | tuple[Fields, ...] | None:
        """Return what is either a text or a list of objects."""
        value = self.raw(name)
        if value is None or isinstance(value, str):
            return value
        if not isinstance(value, list):
            raise self.wrong(name, "must be a text or a list of objects")
        return tuple(Fields(row, f"{self.path(name)}[{at}]") for at, row in enumerate(value))

    def raw(self, name: str) -> Any:
        """Return a field that has several forms, and count it as read."""
        return self._body.pop(name, None)

    def peek(self) -> dict[str, Any]:
        """Return what was not read yet, which stays unread."""
        return dict(self._body)

    def inner(self, name: str) -> Fields | None:
        """Return an object of this one, to be read in its turn."""
        value = self.take(name, dict)
        return None if value is None else Fields(value, self.path(name))

    def need_inner(self, name: str) -> Fields:
        """Return an object of this one that must be there."""
        return Fields(self.need(name, dict), self.path(name))

    def each(self, name: str) -> Iterator[Fields]:
        """Yield the objects of a list; each is done where the reader of it says so."""
        for place, value in enumerate(self.take(name, list) or ()):
            yield Fields(value, f"{self.path(name)}[{place}]")

    def harmless(self, *names: str) -> None:
        """Count fields as read that change nothing here."""
        for name in names:
            self._body.pop(name, None)

    def only(self, name: str, *values: Any) -> None:
        """Refuse a field that holds something else than one of `values` (null is absent)."""
        value = self._body.pop(name, None)
        if value is not None and not any(_same(value, one) for one in values):
            said = " or ".join(map(repr, values)) or "absent"
            raise self.wrong(name, f"can only be {said} here")

    def only_each(self, allowed: Mapping[str, tuple[Any, ...]]) -> None:
        """Refuse each field of `allowed` that holds something else than it allows."""
        for name in self.present(allowed):
            self.only(name, *allowed[name])

    def present(self, names: Iterable[str]) -> list[str]:
        """Return those of many `names` that are there and were not read; as a rule none is."""
        if self._body.keys().isdisjoint(names):
            return []
        return [name for name in names if name in self._body]

    def done(self) -> None:
        """Refuse what was not read. Raises BadInput."""
        for name in self._body:
            raise self.wrong(name, "is not served by this endpoint")

    def wrong(self, name: str, what: str) -> BadInput:
        """Return the error that says what is wrong with a field."""
        return BadInput("bad-field", f"{self.path(name)} {what}", _NEXT, field=self.path(name))


_NEXT = "docs/gateway.md lists what each endpoint takes"


def _same(value: Any, other: Any) -> bool:
    return type(value) is type(other) and value == other


_AS_THEY_ARE = frozenset({str, bool, list, dict})


def _as(kind: type, value: Any) -> Any:
    """Return a value as that kind, or None where it is none; 1.0 is whole, true is no number."""
    match value:
        case bool():
            return value if kind is bool else None
        case int() if kind in (int, float):
            return kind(value) if abs(value) <= WHOLE_MOST else None
        case float() if kind is int:
            return int(value) if value.is_integer() and abs(value) <= WHOLE_MOST else None
        case float() if not math.isfinite(value):
            return None
        case _:
            return value if isinstance(value, kind) else None
