"""What a request's body brings: each field of the kind that it must be, or an error."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from satchel.base.errors import BadInput

T = TypeVar("T")
Body: TypeAlias = Mapping[str, Any]

ABSENT: Any = object()
_NAMES: dict[type, str] = {str: "a string", int: "a whole number", bool: "true or false"}


def field(body: Body, name: str, kind: type[T], default: T = ABSENT) -> T:
    """Read one field of a known type; None counts as absent."""
    value = body.get(name)
    if value is None and default is not ABSENT:
        return default
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadInput(
            "bad-field",
            f"{name!r} must be {_NAMES[kind]}",
            f"send {name!r} as {_NAMES[kind]}",
        )
    return value


def optional(body: Body, name: str, kind: type[T]) -> T | None:
    """Read a field that may be missing."""
    return None if body.get(name) is None else field(body, name, kind)


def strings(body: Body, name: str) -> list[str]:
    """Read a list of strings; a missing one is empty."""
    values = body.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BadInput("bad-field", f"{name!r} must be a list of strings", f"send {name!r} as one")
    return values


def limit(body: Body) -> int:
    """Read how many are wanted at most: 10, or what `limit` says."""
    return max(0, field(body, "limit", int, 10))


def path(body: Body, name: str = "path") -> str:
    """Read an absolute path."""
    given = field(body, name, str)
    if not Path(given).is_absolute() or "\0" in given:
        raise BadInput("bad-path", f"{name!r} must be an absolute path", "send the whole path")
    return given


def path_if_any(body: Body) -> str | None:
    """Read the path of a workspace, or None where what holds everywhere is meant."""
    return path(body) if body.get("path") is not None else None
