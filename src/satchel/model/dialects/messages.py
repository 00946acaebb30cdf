"""Anthropic's way to ask: POST /v1/messages, /v1/messages/count_tokens and GET /v1/models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from satchel.model.dialects.dialect import Dialect
from satchel.model.dialects.messages_reading import read, read_count
from satchel.model.dialects.messages_writing import Streaming, failure, whole
from satchel.model.dialects.models import CREATED_AT, Row, page

__all__ = ["MESSAGES", "counted", "listing", "read_count", "row"]

MESSAGES = Dialect("messages", read, whole, Streaming, failure)


def counted(tokens: int) -> Mapping[str, Any]:
    """Return the answer to a request that `read_count` read."""
    return {"input_tokens": tokens}


def row(model: Row) -> Mapping[str, Any]:
    """Return one model as GET /v1/models/{id} tells of it."""
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.id,
        "created_at": CREATED_AT,
        "lifecycle": "active",
        "max_input_tokens": model.context_length,
        "max_tokens": model.context_length,
    }


def listing(models: Sequence[Row]) -> Mapping[str, Any]:
    """Return what GET /v1/models answers to Anthropic's clients: one page with every model."""
    return page([row(model) for model in models])
