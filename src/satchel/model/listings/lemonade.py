"""Read Lemonade's rows: local engines and cloud providers side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from satchel.model import locality
from satchel.model.answers import (
    Answers,
    Listing,
    flag,
    is_plain,
    mapping,
    number,
    quantisation,
    rows,
    says,
    text,
    words,
)
from satchel.model.types import Model

PATHS = ("/v1/health", "/v1/models")

# Labels that name what a model is deployed for; without any, a language engine's row chats.
DEPLOYED: Final = frozenset(
    {"chat", "transcription", "embeddings", "embedding", "reranking", "image", "tts",
     "audio-generation", "classification", "classifier", "3d"}
)  # fmt: skip
LANGUAGE: Final = frozenset({"llamacpp", "flm", "ryzenai-llm", "vllm", "cloud"})


def read(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read /v1/models, and /v1/health for what is loaded and on what device."""
    loaded = {
        text(row, "model_name"): row
        for row in rows(answers.get("/v1/health"), "all_models_loaded", needed=False)
    }
    return Listing(
        tuple(
            _model(row, loaded.get(text(row, "id")))
            for row in rows(answers.get("/v1/models"), "data")
            if is_plain(text(row, "id")) and flag(row, "downloaded") is not False
        )
    )


def _model(row: Mapping[str, Any], loaded: Mapping[str, Any] | None) -> Model:
    name, recipe, labels = text(row, "id"), text(row, "recipe"), words(row, "labels")
    where, evidence = locality.of_lemonade(
        recipe, text(row, "cloud_provider"), text(loaded, "backend_url")
    )
    gigabytes = mapping(row).get("size")
    return Model(
        name=name,
        locality=where,
        evidence=evidence,
        chat=_chats(recipe, labels),
        embeddings=says(labels, "embeddings", "embedding"),
        context_trained=number(row, "max_context_window"),
        context_allocated=number(row, "context_length"),
        size_bytes=number({"bytes": gigabytes * 1e9}, "bytes")
        if isinstance(gigabytes, int | float)
        else None,
        loaded=loaded is not None,
        quantisation=quantisation(text(row, "checkpoint"), name),
        tools=says(labels, "tool-calling"),
        vision=says(labels, "vision"),
        device=_device(recipe, text(loaded, "device").split()),
    )


def _chats(recipe: str, labels: frozenset[str] | None) -> bool | None:
    if labels is None:
        return None
    return "chat" in labels or (labels.isdisjoint(DEPLOYED) and recipe in LANGUAGE)


def _device(recipe: str, told: list[str]) -> str | None:
    """Return the most special device of those that a loaded row tells; `flm` runs on NPUs alone."""
    if "npu" in told or (not told and recipe == "flm"):
        return "NPU"
    if "gpu" in told:
        return "GPU"
    return "CPU" if "cpu" in told else None
