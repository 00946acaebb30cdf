"""Read the rows of Apple's models: apfel, and macOS's own `fm serve`."""

from __future__ import annotations

from satchel.model import locality
from satchel.model.answers import (
    Answers,
    Listing,
    Unusable,
    flag,
    mapping,
    number,
    rows,
    says,
    text,
    words,
)
from satchel.model.types import Model

APFEL_PATHS = ("/v1/models", "/health")
FM_PATHS = ("/v1/models",)


def read_apfel(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read apfel's one row; its /health tells whether Apple's model can be used."""
    health = answers.get("/health")
    if health is not None and flag(health.json, "model_available") is False:
        raise Unusable("says that Apple's model is not available; turn on Apple Intelligence")
    models = []
    for row in rows(answers.get("/v1/models"), "data"):
        name = text(row, "id")
        where, evidence = locality.of_apple(name, around)
        window = number(row, "context_window")
        models.append(
            Model(
                name=name,
                locality=where,
                evidence=evidence,
                chat=True,
                embeddings=False,
                context_trained=window,
                context_allocated=window,
                loaded=health is not None and flag(mapping(health.json), "prewarmed") is True,
                tools=says(words(row, "supported_parameters"), "tools"),
            )
        )
    return Listing(tuple(models))


def read_fm(answers: Answers, around: locality.Surroundings) -> Listing:
    """Read the rows of `fm serve`: `system` on this Mac and, in early versions, `pcc`."""
    models = []
    for row in rows(answers.get("/v1/models"), "data"):
        name = text(row, "id")
        where, evidence = locality.of_apple(name, around)
        models.append(
            Model(
                name=name,
                locality=where,
                evidence=evidence,
                chat=True,
                embeddings=False,
                tools=False,  # it refuses a request that carries any, or garbles the call
            )
        )
    return Listing(tuple(models))
