"""Read the rows of llama-server, alone or as a router over several models.

llamafile and RamaLama are the same server in another box, and are read as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

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
    quantisation,
    rows,
    text,
    words,
)
from satchel.model.types import Model

PATHS = ("/props", "/v1/models", "/models")

# A router loads what is asked for, so what is unloaded or asleep can be used.
USABLE = ("", "loaded", "loading", "unloaded", "sleeping")


def read(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read /v1/models and /props; the router tells each row's status at /models."""
    props = answers["/props"]
    listed = answers.get("/v1/models")
    # Two looks at once can stand on both sides of the moment when it begins or ends to load.
    if props.status == 503 or (listed is not None and listed.status == 503):
        raise Unusable("is still loading its model; try again in a moment")
    if props.status == 401:
        raise Unusable("asks for an API key, and Satchel sends none")
    states = {
        text(row, "id"): _status(row) for row in rows(answers.get("/models"), "data", needed=False)
    }
    models, unusable = [], []
    for row in rows(listed, "data"):
        name = text(row, "id")
        if not is_plain(name):
            continue
        status = states.get(name) or _status(row)
        if status in USABLE:
            models.append(_model(name, row, status, mapping(props.json)))
        else:
            unusable.append(f"lists {name} as {status}")
    return Listing(tuple(models), tuple(unusable))


def _status(row: Mapping[str, Any]) -> str:
    """Return a router's word for a row: "failed" also where it only tells that it did."""
    status = mapping(row, "status")
    return "failed" if flag(status, "failed") else text(status, "value")


def _model(name: str, row: Mapping[str, Any], status: str, props: Mapping[str, Any]) -> Model:
    meta = mapping(row, "meta")
    own = props if not status else {}  # a router's /props are not about any one model
    path = text(own, "model_path") or _file(row)
    where, evidence = locality.of_llama(name, text(row, "owned_by"), path)
    return Model(
        name=name,
        locality=where,
        evidence=evidence,
        context_trained=number(meta, "n_ctx_train") or number(row, "context_length"),
        context_allocated=(
            number(mapping(own, "default_generation_settings"), "n_ctx") or number(meta, "n_ctx")
        ),
        size_bytes=number(meta, "size"),
        parameters=number(meta, "n_params"),
        loaded=status in ("", "loaded") and flag(own, "is_sleeping") is not True,
        quantisation=label(text(meta, "ftype")) or quantisation(name, path),
        tools=flag(mapping(own, "chat_template_caps"), "supports_tools"),
        vision=_sees(row, own),
    )


def _file(row: Mapping[str, Any]) -> str:
    """Return the file that a router would start a row's server with, or the empty string."""
    told = mapping(row, "status").get("args")
    given = [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
    return next((file for name, file in pairwise(given) if name in ("--model", "-m")), "")


def _sees(row: Mapping[str, Any], own: Mapping[str, Any]) -> bool | None:
    told = words(mapping(row, "architecture"), "input_modalities")
    return flag(mapping(own, "modalities"), "vision") if told is None else "image" in told
