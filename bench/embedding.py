"""MiniLM for the benchmarks that measure with vectors, where its files were fetched."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.material import Missing
from bench.repositories import cache_folder
from satchel.context.store.records import RecordStore
from satchel.model import assets
from satchel.model.embedder import DIMENSIONS, Embedder

BATCH = 64  # records that are embedded between two writes
MOST_CORES = 4
OPENING = 200  # characters


class Counted:
    """An embedder that counts: texts to unit vectors, and the seconds that they took.

    `folder` is that of the assets. Many texts are shared out among the processor's cores, at most
    `MOST_CORES`.
    """

    def __init__(self, folder: Path, onnx: Path, tokenizer: Path) -> None:
        self.folder = folder
        cores = min(os.cpu_count() or 1, MOST_CORES)
        self._embedders = [Embedder(onnx, tokenizer) for _ in range(cores)]
        self._pool = ThreadPoolExecutor(cores)
        self.texts = 0
        self.seconds = 0.0

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text."""
        started = time.perf_counter()
        if len(texts) < BATCH // 2:
            vectors = self._embedders[0](texts)
        else:
            cores = len(self._embedders)
            parts = [list(texts[one::cores]) for one in range(cores)]
            done = self._pool.map(lambda one: self._embedders[one](parts[one]), range(cores))
            vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
            for one, part in enumerate(done):
                vectors[one::cores] = part
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
            return Counted(place, onnx, tokenizer)
    if folder is not None:
        raise Missing(f"{folder} holds no minilm: run `satchel fetch minilm`, name its assets")
    return None


def fill(store: RecordStore, embed: Counted, patience: float = math.inf) -> int:
    """Embed every record that has no vector yet; return how many got that of their opening alone,
    since the rest would have taken more than `patience` seconds."""
    started = time.perf_counter()
    shortened = 0
    while missing := store.vectors.missing(BATCH):
        texts = [text for _, text in missing]
        if time.perf_counter() - started > patience:
            shortened += sum(len(text) > OPENING for text in texts)
            texts = [text[:OPENING] for text in texts]
        store.vectors.add([number for number, _ in missing], embed(texts))
    return shortened
