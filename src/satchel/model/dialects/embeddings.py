"""OpenAI's embeddings: POST /v1/embeddings. Nothing is generated, so this is no Dialect."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satchel.base.errors import BadInput
from satchel.model.dialects.fields import Fields
from satchel.model.dialects.openai import HARMLESS, named

TEXTS_MOST = 2048  # OpenAI's own limit to one request


@dataclass(frozen=True, slots=True)
class Wanted:
    """Texts to embed; `packed` is base64 of floats. `dimensions` None is as many as there are."""

    model: str
    texts: tuple[str, ...]
    packed: bool = False
    dimensions: int | None = None


def read(body: Mapping[str, Any]) -> Wanted:
    """Read a request. Raises BadInput, also for a field that is not served."""
    fields = Fields(body)
    fields.harmless(*HARMLESS)
    raw = body.get("input")
    if isinstance(raw, list) and raw and not isinstance(raw[0], str):
        raise fields.wrong("input", "must be texts: every model counts its tokens otherwise")
    texts = fields.texts("input")
    if not texts:
        raise fields.wrong("input", "is missing")
    if len(texts) > TEXTS_MOST:
        raise fields.wrong("input", f"may hold at most {TEXTS_MOST} texts")
    if "" in texts:
        raise fields.wrong("input", "holds an empty text")
    encoding = fields.word("encoding_format", "float", "base64")
    dimensions = fields.within("dimensions", int, 1, 65_536)
    wanted = Wanted(named(fields), texts, encoding == "base64", dimensions)
    fields.done()
    return wanted


def answer(wanted: Wanted, vectors: NDArray[np.float32], tokens: int) -> Mapping[str, Any]:
    """Return the vectors, shape (texts, dimensions), in the order of the texts.

    `tokens` is what all texts took together. Raises BadInput where other dimensions were wanted
    than there are: a vector that was not made to be cut means nothing when it is.
    """
    width = vectors.shape[1]
    if wanted.dimensions not in (None, width):
        raise BadInput(
            "bad-field",
            f"dimensions can only be {width} for {wanted.model}",
            "leave it out, or ask another embedding model",
            field="dimensions",
        )
    little = np.ascontiguousarray(vectors, dtype="<f4")
    rows = [
        base64.b64encode(row.tobytes()).decode() if wanted.packed else row.tolist()
        for row in little
    ]
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": row}
            for index, row in enumerate(rows)
        ],
        "model": wanted.model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
