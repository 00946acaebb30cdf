"""What GET /v1/models lists, in a form that OpenAI's and Anthropic's clients both read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CREATED = 0  # in Unix seconds: no server tells it, and clients want a number
CREATED_AT = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Row:
    """One model that can be asked for by `id`. The context is in tokens; `locality` is on-device,
    lan, cloud or unknown."""

    id: str
    owned_by: str
    locality: str
    context_length: int | None = None
    capabilities: tuple[str, ...] = ()
    loaded: bool | None = None


def listed(rows: Sequence[Row]) -> Mapping[str, Any]:
    """Return the whole list."""
    return {"object": "list"} | page([shown(row) for row in rows])


def page(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the one page that holds every row, as Anthropic's clients read one."""
    return {
        "data": list(rows),
        "has_more": False,
        "first_id": rows[0]["id"] if rows else None,
        "last_id": rows[-1]["id"] if rows else None,
    }


def shown(row: Row) -> Mapping[str, Any]:
    """Return one row: OpenAI's fields, then Anthropic's, then ours."""
    return {
        "id": row.id,
        "object": "model",
        "created": CREATED,
        "owned_by": row.owned_by,
        "type": "model",
        "display_name": row.id,
        "created_at": CREATED_AT,
        "context_length": row.context_length,
        "locality": row.locality,
        "capabilities": list(row.capabilities),
        "loaded": row.loaded,
    }
