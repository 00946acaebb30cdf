"""Google's way to ask: POST /v1beta/models/{model}:generateContent and its kin, and the models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from satchel.model.dialects.dialect import Dialect
from satchel.model.dialects.gemini_reading import ACTIONS, read, read_count
from satchel.model.dialects.gemini_writing import Streaming, failure, whole
from satchel.model.dialects.models import Row

__all__ = ["ACTIONS", "GEMINI", "counted", "listing", "read_count", "row"]

GEMINI = Dialect("gemini", read, whole, Streaming, failure)


def counted(tokens: int) -> Mapping[str, Any]:
    """Return the answer to a request that `read_count` read."""
    return {"totalTokens": tokens}


def row(model: Row) -> Mapping[str, Any]:
    """Return one model as GET /v1beta/models/{model} tells of it."""
    told: dict[str, Any] = {
        "name": f"models/{model.id}",
        "version": "1",
        "displayName": model.id,
        "description": f"{model.owned_by}, {model.locality}",
        "supportedGenerationMethods": list(ACTIONS),
    }
    if model.context_length is not None:
        told |= {"inputTokenLimit": model.context_length, "outputTokenLimit": model.context_length}
    return told


def listing(models: Sequence[Row]) -> Mapping[str, Any]:
    """Return what GET /v1beta/models answers: one page with every model."""
    return {"models": [row(model) for model in models]}
