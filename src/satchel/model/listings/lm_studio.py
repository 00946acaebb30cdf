"""Read LM Studio's rows: REST v1 (0.4 and newer), else v0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satchel.model import locality
from satchel.model.answers import (
    Answers,
    Listing,
    flag,
    is_plain,
    label,
    mapping,
    number,
    parameters,
    rows,
    says,
    text,
    words,
)
from satchel.model.types import Model

PATHS = ("/api/v1/models", "/api/v0/models")


def read(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read /api/v1/models where there is one; one verdict holds for all rows."""
    where, evidence = locality.of_lm_studio(around.link)
    newer = answers.get("/api/v1/models")
    if newer is not None and isinstance(mapping(newer.json).get("models"), list):
        listed = [_v1(row) for row in rows(newer, "models")]
    else:  # before 0.4 the path is unknown, which LM Studio says with a 200
        listed = [_v0(row) for row in rows(answers.get("/api/v0/models"), "data")]
    return Listing(
        tuple(
            Model(locality=where, evidence=evidence, **told)
            for told in listed
            if is_plain(told["name"])
        )
    )


def _v1(row: Mapping[str, Any]) -> dict[str, Any]:
    listed = row.get("loaded_instances")
    instances = [mapping(one) for one in listed] if isinstance(listed, list) else []
    can = mapping(row, "capabilities")
    return {
        "name": text(row, "key"),
        "chat": text(row, "type") == "llm",
        "embeddings": text(row, "type") == "embedding",
        "context_trained": number(row, "max_context_length"),
        "context_allocated": (
            number(mapping(instances[0], "config"), "context_length") if instances else None
        ),
        "size_bytes": number(row, "size_bytes"),
        "parameters": parameters(text(row, "params_string")),
        "loaded": bool(instances),
        "quantisation": label(text(mapping(row, "quantization"), "name")),
        "tools": flag(can, "trained_for_tool_use"),
        "vision": flag(can, "vision"),
    }


def _v0(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": text(row, "id"),
        "chat": text(row, "type") in ("llm", "vlm"),
        "embeddings": text(row, "type") == "embeddings",
        "context_trained": number(row, "max_context_length"),
        "context_allocated": number(row, "loaded_context_length"),
        "loaded": text(row, "state") == "loaded",
        "quantisation": label(text(row, "quantization")),
        "tools": says(words(row, "capabilities"), "tool_use"),
        "vision": text(row, "type") == "vlm",
    }
