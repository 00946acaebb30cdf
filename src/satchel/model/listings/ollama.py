"""Read Ollama's rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satchel.model import locality
from satchel.model.answers import (
    Answers,
    Listing,
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

PATHS = ("/api/tags", "/api/ps")


def read(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read /api/tags, and /api/ps for what is loaded."""
    running = {
        text(row, "name"): row for row in rows(answers.get("/api/ps"), "models", needed=False)
    }
    listed = rows(answers.get("/api/tags"), "models")
    return Listing(tuple(_model(row, running) for row in listed if is_plain(_name(row))))


def _name(row: Mapping[str, Any]) -> str:
    return text(row, "name") or text(row, "model")


def _model(row: Mapping[str, Any], running: Mapping[str, Mapping[str, Any]]) -> Model:
    name, details, told = _name(row), mapping(row, "details"), words(row, "capabilities")
    loaded = running.get(name)
    where, evidence = locality.of_ollama(name, text(row, "remote_model"), text(row, "remote_host"))
    return Model(
        name=name,
        locality=where,
        evidence=evidence,
        chat=says(told, "completion"),
        embeddings=says(told, "embedding"),
        context_trained=number(details, "context_length"),
        context_allocated=number(loaded, "context_length"),
        size_bytes=number(row, "size"),
        parameters=parameters(text(details, "parameter_size")),
        loaded=loaded is not None,
        quantisation=label(text(details, "quantization_level")),
        tools=says(told, "tools"),
        vision=says(told, "vision"),
        device=_device(loaded),
    )


def _device(loaded: Mapping[str, Any] | None) -> str | None:
    """A loaded model tells how much of it is in video memory; some is the GPU's work."""
    if loaded is None or number(loaded, "size") is None or "size_vram" not in loaded:
        return None
    return "GPU" if number(loaded, "size_vram") else "CPU"
