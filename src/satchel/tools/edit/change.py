"""What may be done to a configuration, and what that means for its value. Pure."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

Path: TypeAlias = tuple[str, ...]
Value: TypeAlias = Any  # what JSON can hold

MISSING: Final = object()


class Unreadable(Exception):
    """The text is not of its format. The message says where and why, never what stands there."""


class Unfit(Exception):
    """It can be read, but a change does not fit: the message says what stands in its way."""


@dataclass(frozen=True, slots=True)
class Put:
    """Have `value` under the last name of `path`, in the mapping that the names before lead to."""

    path: Path
    value: Value


@dataclass(frozen=True, slots=True)
class Append:
    """Have `value` as an element of the list that `path` leads to."""

    path: Path
    value: Value


Change: TypeAlias = Put | Append


@dataclass(frozen=True, slots=True)
class Trace:
    """How a change was worked in: what it takes to leave nothing of it.

    `made`: how many of the containers on the way were made for it, innermost first.
    `hollow`: the blank text that stood in the container, or the file, that it was the first in.
    `replaced`: the text of the value that it took the place of.
    """

    made: int = 0
    hollow: str | None = None
    replaced: str | None = None


class Format(Protocol):
    """One way to write a configuration down. All of it is pure."""

    def read(self, text: str) -> Value:
        """Parse. An empty text is an empty mapping. Raises Unreadable."""
        ...

    def put(self, text: str, change: Change) -> tuple[str, Trace]:
        """Work a change in that does not hold yet. Raises Unreadable and Unfit."""
        ...

    def drop(self, text: str, change: Change, trace: Trace) -> str:
        """Take a change out again; what is not there is no error. Raises Unreadable and Unfit."""
        ...


def look(value: Value, path: Path) -> Value:
    """Return what a path leads to, or MISSING."""
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return MISSING
        value = value[name]
    return value


def holds(value: Value, change: Change) -> bool:
    """Tell whether a change is in place already."""
    found = look(value, change.path)
    if isinstance(change, Put):
        return found is not MISSING and same(found, change.value)
    return isinstance(found, list) and any(same(one, change.value) for one in found)


def same(one: Value, other: Value) -> bool:
    """Compare parsed values; 1, 1.0 and true are three things."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def nested(path: Path, value: Value) -> Value:
    """Wrap a value in a mapping for each name."""
    for name in reversed(path):
        value = {name: value}
    return value


def with_change(value: Value, change: Change) -> Value:
    """Return what a value is once a change was made. Raises Unfit where something is in the way."""
    whole = copy.deepcopy(value)
    inside = whole
    *way, last = change.path
    for depth, name in enumerate([*way, *((last,) if isinstance(change, Append) else ())]):
        kind: Callable[[], Value] = dict
        if isinstance(change, Append) and depth == len(way):
            kind = list
        if not isinstance(inside, dict):
            raise Unfit(f"{dotted(change.path[:depth])} is not a mapping")
        inside = inside.setdefault(name, kind())
    if isinstance(change, Append):
        if not isinstance(inside, list):
            raise Unfit(f"{dotted(change.path)} is not a list")
        inside.append(change.value)
    else:
        if not isinstance(inside, dict):
            raise Unfit(f"{dotted(tuple(way))} is not a mapping")
        inside[last] = change.value
    return whole


def without(value: Value, change: Change, trace: Trace) -> list[Value]:
    """Return what a value may be once a change was taken out: with the containers that were made
    for it, or, where something else came to stand in them, without some or any of that."""
    whole = copy.deepcopy(value)
    *way, last = change.path
    inside = look(whole, change.path if isinstance(change, Append) else tuple(way))
    if isinstance(change, Append):
        place = next(i for i, one in enumerate(inside) if same(one, change.value))
        del inside[place]
    else:
        del inside[last]
    allowed = [whole]
    names = change.path if isinstance(change, Append) else tuple(way)
    for _ in range(trace.made):
        if not names or look(allowed[-1], names):
            break
        pruned = copy.deepcopy(allowed[-1])
        del look(pruned, names[:-1])[names[-1]]
        allowed.append(pruned)
        names = names[:-1]
    return allowed


def dotted(path: Path) -> str:
    """Name a place for a person."""
    return f"`{'.'.join(path)}`" if path else "the whole of it"


def checked(text: str, wanted: Sequence[Value], read: Callable[[str], Value]) -> str:
    """Return an edit's result, if it says one of what is wanted and nothing else. Raises Unfit."""
    try:
        got = read(text)
    except Unreadable as error:
        raise Unfit("it is written in a way that cannot be edited safely") from error
    if not any(same(got, one) for one in wanted):
        raise Unfit("it is written in a way that cannot be edited safely")
    return text


def line_end(text: str) -> str:
    """Return the line end that a text uses most."""
    return "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"


def past(text: str, place: int, signs: str) -> int:
    """Return the first place at or after `place` whose character is not one of `signs`."""
    while place < len(text) and text[place] in signs:
        place += 1
    return place
