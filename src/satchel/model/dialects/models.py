"""What GET /v1/models lists, in a form that OpenAI's and Anthropic's clients both read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One model that can be asked for by `id`. `created` is in Unix seconds, 0 where not told;
    the context is in tokens; `locality` is on-device, lan, cloud or unknown."""

    id: str
    owned_by: str
    locality: str
    created: int = 0
    context_length: int | None = None
    capabilities: tuple[str, ...] = ()
    loaded: bool | None = None


def listed(rows: Sequence[Row]) -> Mapping[str, Any]:
    """Return the whole list."""
    return {
        "object": "list",
        "data": [shown(row) for row in rows],
        "has_more": False,
        "first_id": rows[0].id if rows else None,
        "last_id": rows[-1].id if rows else None,
    }


def shown(row: Row) -> Mapping[str, Any]:
    """Return one row: OpenAI's fields, then Anthropic's, then ours."""
    return {
        "id": row.id,
        "object": "model",
        "created": row.created,
        "owned_by": row.owned_by,
        "type": "model",
        "display_name": row.id,
        "created_at": f"{datetime.fromtimestamp(row.created, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "context_length": row.context_length,
        "locality": row.locality,
        "capabilities": list(row.capabilities),
        "loaded": row.loaded,
    }
