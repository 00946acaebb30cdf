"""Read LocalAI's rows, with what it tells of backends, processes and its peers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satchel.model import locality
from satchel.model.answers import (
    Answer,
    Answers,
    Listing,
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

PATHS = ("/v1/models", "/v1/models/capabilities", "/system", "/api/p2p/stats")


def read(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read /v1/models; capabilities, /system and /api/p2p/stats add to it where they are open."""
    told = {
        text(row, "id"): row
        for row in rows(answers.get("/v1/models/capabilities"), "data", needed=False)
    }
    running = {
        text(row, "id"): row for row in rows(answers.get("/system"), "loaded_models", needed=False)
    }
    alone = is_alone(answers.get("/api/p2p/stats"))
    return Listing(
        tuple(
            _model(name, told.get(name), running.get(name), alone)
            for name in (text(row, "id") for row in rows(answers.get("/v1/models"), "data"))
            if is_plain(name)
        )
    )


def is_alone(stats: Answer | None) -> bool | None:
    """Tell whether no other machine is known to this LocalAI; None where it does not tell."""
    kinds = mapping(stats.json) if stats is not None and stats.status == 200 else {}
    totals = [mapping(kind).get("total") for kind in kinds.values()]
    if "federated" not in kinds or not all(isinstance(total, int) for total in totals):
        return None
    return not any(totals)


def _model(
    name: str, told: Mapping[str, Any] | None, running: Mapping[str, Any] | None, alone: bool | None
) -> Model:
    can = words(told, "capabilities")
    process = mapping(running, "process")
    where, evidence = locality.of_local_ai(
        text(running, "backend"), number(process, "pid") is not None, alone
    )
    return Model(
        name=name,
        locality=where,
        evidence=evidence,
        chat=says(can, "chat"),
        embeddings=says(can, "embeddings"),
        loaded=running is not None,
        quantisation=quantisation(name),
        tools=says(can, "tools"),
        vision=says(can, "vision"),
        device="GPU" if number(running, "size_vram") else None,
    )
