"""Vectors of a real llama-server, through the endpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from satchel.model.assets import SMOLLM2
from tests.e2e.clients.test_client_stall import impatient
from tests.model.real_llama import real_llama

TEXTS = ["A cart is dropped after a day.", "Carts expire.", "The moon is far away tonight."]


def test_a_real_llama_server_embeds(real_assets: Path) -> None:
    gguf = SMOLLM2.path(real_assets)
    with real_llama(gguf, embeds=True) as url, impatient(url) as client:
        (name,) = (row.id for row in client.models.list() if row.owned_by == "llama.cpp")
        floats = client.embeddings.create(model=name, input=TEXTS, encoding_format="float")
        packed = client.embeddings.create(model=name, input=TEXTS)  # asks for base64
        alone = client.embeddings.create(model=name, input=TEXTS[1], encoding_format="float")
    rows = [row.embedding for row in floats.data]
    assert [len(row) for row in rows] == [576, 576, 576]  # as wide as SmolLM2
    assert [row.embedding for row in packed.data] == [pytest.approx(row, abs=1e-4) for row in rows]
    assert alone.data[0].embedding == pytest.approx(rows[1], abs=1e-2)
    assert floats.model == name
