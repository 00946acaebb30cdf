"""What a server answered to one GET, and careful readers of the fields in it. Pure.

Nothing that a server says is trusted to have a form: each reader gives an empty value instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from satchel.base.text import one_line
from satchel.model.types import Model

ROWS_MAX = 2000
NAME_MAX = 300

_QUANTISATION = re.compile(
    r"(?<![A-Z0-9])(?:I?Q[1-8](?:_[A-Z0-9]{1,4}){1,3}|BF16|F16|F32|MXFP4|TQ[12]_0)(?![A-Z0-9])"
)
_PARAMETERS = re.compile(r"(?:(\d{1,3})X)?(\d{1,6}(?:\.\d{1,6})?)\s{0,3}([KMBT])")
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s{0,3}([KMGT]?)(I?)B")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one GET brought: the status, the Server header, and the body (capped, decoded)."""

    status: int
    server: str
    text: str

    @property
    def json(self) -> Any:
        """The body as JSON, or None where it is not."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


Answers: TypeAlias = Mapping[str, Answer]
"""By path; a path that gave no answer is left out."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of a server: its models, and half sentences on those that cannot be used now."""

    models: tuple[Model, ...]
    unusable: tuple[str, ...] = ()


class Unusable(Exception):
    """A recognised server cannot be used now; the text says why, as half a sentence."""


def rows(answer: Answer | None, key: str, needed: bool = True) -> list[dict[str, Any]]:
    """Return the JSON objects listed under `key`; null is an empty list (Ollama's nil slice).

    Raises Unusable where a needed listing is no listing.
    """
    body = answer.json if answer is not None and answer.status == 200 else None
    if isinstance(body, Mapping) and key in body:
        listed = body[key]
        if listed is None or isinstance(listed, list):
            return [row for row in (listed or [])[:ROWS_MAX] if isinstance(row, dict)]
    if not needed:
        return []
    if answer is not None and answer.status in (401, 403):
        raise Unusable("asks for a key to list its models, and Satchel sends none")
    raise Unusable("did not list its models in a form that Satchel can read")


def mapping(value: Any, key: str | None = None) -> Mapping[str, Any]:
    """Return a JSON object, or the one under `key`; anything else is an empty one."""
    if key is not None:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(row: Any, key: str) -> str:
    """Return a string field, or the empty string."""
    value = mapping(row).get(key)
    return value if isinstance(value, str) else ""


def number(row: Any, key: str) -> int | None:
    """Return a positive number field, or None."""
    value = mapping(row).get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e18:
        return None
    return int(value)


def flag(row: Any, key: str) -> bool | None:
    """Return a true or false field, or None."""
    value = mapping(row).get(key)
    return value if isinstance(value, bool) else None


def words(row: Any, key: str) -> frozenset[str] | None:
    """Return a list of strings, or None where there is no list."""
    value = mapping(row).get(key)
    if not isinstance(value, list):
        return None
    return frozenset(word for word in value[:ROWS_MAX] if isinstance(word, str))


def says(told: frozenset[str] | None, *any_of: str) -> bool | None:
    """Tell whether a list of capabilities holds one of `any_of`; None where there is no list."""
    return None if told is None else not told.isdisjoint(any_of)


def parameters(told: str) -> int | None:
    """Read "4.0B", "135M" or "8x7B" as a number of parameters."""
    match = _PARAMETERS.fullmatch(told.strip().upper())
    if match is None:
        return None
    scale = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}[match[3]]
    return int(int(match[1] or 1) * float(match[2]) * scale)


def size(told: str) -> int | None:
    """Read "256.35 MiB" or "2.5GB" as bytes."""
    match = _SIZE.fullmatch(told.strip().upper())
    if match is None:
        return None
    return int(float(match[1]) * (1024 if match[3] else 1000) ** " KMGT".index(match[2] or " "))


def quantisation(*told: str) -> str | None:
    """Return the first quantisation that stands in a file's or a model's name, upper case."""
    for name in told:
        match = _QUANTISATION.search(name[-NAME_MAX:].upper())
        if match is not None:
            return match[0]
    return None


def label(told: str) -> str | None:
    """Return a short text of the server's that can be shown, or None."""
    return one_line(told, 40) or None


def is_plain(name: str) -> bool:
    """Tell whether a model's name can be printed and sent back as it stands."""
    return 0 < len(name) <= NAME_MAX and one_line(name, NAME_MAX) == name
