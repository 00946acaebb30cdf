"""MiniLM for the benchmarks that measure with vectors, where its files were fetched."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.material import Missing
from bench.repositories import cache_folder
from satchel.context.store.records import RecordStore
from satchel.model import assets
from satchel.model.embedder import Embedder

BATCH = 64  # records that are embedded between two writes


class Counted:
    """An embedder that counts: texts to unit vectors, and the seconds that they took."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.texts = 0
        self.seconds = 0.0

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text."""
        started = time.perf_counter()
        vectors = self._embedder(texts)
        self.seconds += time.perf_counter() - started
        self.texts += len(texts)
        return vectors


def embedder(folder: Path | None) -> Counted | None:
    """Load MiniLM from a folder of assets, or from where the tests keep it; None where it is not.

    Raises Missing where a folder was named and has none.
    """
    places = [folder] if folder else [cache_folder() / "assets"]
    for place in places:
        onnx, tokenizer = (
            assets.MINILM.path(place, name) for name in ("model.onnx", "tokenizer.json")
        )
        if onnx.is_file() and tokenizer.is_file():
            return Counted(Embedder(onnx, tokenizer))
    if folder is not None:
        raise Missing(f"{folder} holds no minilm: run `satchel fetch minilm`, name its assets")
    return None


def fill(store: RecordStore, embed: Counted) -> None:
    """Embed every record that has no vector yet."""
    while missing := store.unembedded(BATCH):
        store.add_vectors([n for n, _ in missing], embed([text for _, text in missing]))
