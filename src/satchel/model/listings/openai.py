"""Read the rows of servers that list their models as OpenAI does, with additions of their own."""

from __future__ import annotations

import re
from typing import Any, Final

from satchel.base.text import one_line
from satchel.model import locality
from satchel.model.answers import (
    Answers,
    Listing,
    Unusable,
    flag,
    is_plain,
    label,
    mapping,
    number,
    parameters,
    quantisation,
    rows,
    size,
    text,
)
from satchel.model.types import Locality, Model

VLLM_PATHS = ("/v1/models",)
DOCKER_PATHS = ("/engines/v1/models",)
KOBOLD_PATHS = ("/api/extra/version", "/api/extra/true_max_context_length", "/v1/models")
WEBUI_PATHS = ("/v1/internal/model/info",)
FOUNDRY_PATHS = ("/v1/models", "/models/loaded", "/openai/loadedmodels", "/openai/models")
LISTED_PATHS = ("/v1/models",)

_VARIANT: Final = re.compile(r"-(cpu|gpu|npu)(?::\d{1,6})?$")


def read_vllm(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read vLLM's rows: what it was started with, and adapters on top of it."""
    models = []
    for row in _named(answers, "/v1/models"):
        where, evidence = locality.of_vllm(text(row, "owned_by"), text(row, "root"))
        window = number(row, "max_model_len")
        models.append(
            Model(
                name=text(row, "id"),
                locality=where,
                evidence=evidence,
                context_trained=window,
                context_allocated=window,
                loaded=True,
                quantisation=quantisation(text(row, "id")),
            )
        )
    return Listing(tuple(models))


def read_docker(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read Docker Model Runner's rows. Docker forwards a runner of its cloud to loopback too."""
    models = []
    for row in _named(answers, "/engines/v1/models"):
        name, more = text(row, "id"), mapping(row, "dmr")
        where, evidence = locality.of_stranger(
            name, "Docker may run it in its cloud, and Docker Model Runner does not tell"
        )
        models.append(
            Model(
                name=name,
                locality=where,
                evidence=evidence,
                context_trained=number(more, "context_window"),
                size_bytes=size(text(more, "size")),
                parameters=parameters(text(more, "parameters")),
                quantisation=label(text(more, "quantization")),
            )
        )
    return Listing(tuple(models))


def read_kobold(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read KoboldCpp's one row; without a model it is named "inactive"."""
    told = answers["/api/extra/version"].json
    longest = answers.get("/api/extra/true_max_context_length")
    models = []
    for row in _named(answers, "/v1/models"):
        name = text(row, "id")
        if name.endswith("/inactive") or flag(told, "llm") is False:
            continue
        where, evidence = locality.of_kobold(text(row, "owned_by"))
        models.append(
            Model(
                name=name,
                locality=where,
                evidence=evidence,
                chat=True,
                context_allocated=number(longest.json, "value") if longest is not None else None,
                loaded=True,
                quantisation=quantisation(name),
                vision=flag(told, "vision"),
            )
        )
    return Listing(tuple(models))


def read_webui(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read the one model that text-generation-webui has loaded; "None" is its word for none."""
    told = answers["/v1/internal/model/info"].json
    name = text(told, "model_name")
    if name in ("", "None") or not is_plain(name):
        raise Unusable("has no model loaded")
    return Listing(
        (
            Model(
                name=name,
                locality=Locality.ON_DEVICE,
                evidence="text-generation-webui runs it with a loader of its own",
                chat=True,
                loaded=True,
                quantisation=quantisation(name),
            ),
        )
    )


def read_foundry(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read Foundry Local's rows that are loaded or on disk; it lists its whole catalogue."""
    folder = next(
        (
            text(answers[path].json, key)
            for path, key in (("/status", "modelCachePath"), ("/openai/status", "modelDirPath"))
            if path in answers and text(answers[path].json, key)
        ),
        "",
    )
    where, evidence = locality.of_foundry(folder)
    loaded = _names(answers, "/models/loaded") | _names(answers, "/openai/loadedmodels")
    here = loaded | _names(answers, "/openai/models")
    models, absent = [], 0
    for row in _named(answers, "/v1/models"):
        name = text(row, "id")
        if name not in here and name.rpartition(":")[0] not in here:
            absent += 1
            continue
        variant = _VARIANT.search(name[-100:])
        models.append(
            Model(
                name=name,
                locality=where,
                evidence=evidence,
                context_trained=number(row, "maxInputTokens"),
                loaded=bool({name, name.rpartition(":")[0]} & loaded),
                device=variant[1].upper() if variant else None,
            )
        )
    return Listing(
        tuple(models), (f"lists {absent} models that it has not loaded",) if absent else ()
    )


def read_jan(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read Jan's rows: it can serve hosted providers' models through the same address."""
    return _untold(answers, "Jan can pass on to a hosted provider, and a row does not tell")


def read_gpt4all(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read GPT4All's rows: hosted models that were added to it stand among its own."""
    return _untold(answers, "GPT4All lists hosted models as its own, and a row does not tell")


def read_compatible(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read the rows of a server that only its listing is known of."""
    listing = _untold(answers, "its server does not tell what it is, nor where its models run")
    if not listing.models:
        raise Unusable("lists no models")
    return listing


def _untold(answers: Answers, why: str) -> Listing:
    models = []
    for row in _named(answers, "/v1/models"):
        where, evidence = locality.of_stranger(text(row, "id"), why)
        owner = one_line(text(row, "owned_by"), 40)
        models.append(
            Model(
                name=text(row, "id"),
                locality=where,
                evidence=f"{evidence} (owned by {owner!r})" if owner else evidence,
                context_allocated=number(row, "max_model_len"),
                quantisation=quantisation(text(row, "id")),
            )
        )
    return Listing(tuple(models))


def _named(answers: Answers, path: str) -> list[dict[str, Any]]:
    return [row for row in rows(answers.get(path), "data") if is_plain(text(row, "id"))]


def _names(answers: Answers, path: str) -> set[str]:
    """Return a body that is a bare list of names."""
    body = answers[path].json if path in answers else None
    return {name for name in body if isinstance(name, str)} if isinstance(body, list) else set()
