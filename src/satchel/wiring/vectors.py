"""Vectors join as they are ready: embedded in the background, never waited for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from satchel.base.paths import Home
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import Embed
from satchel.model import assets
from satchel.model.embedder import Embedder

BATCH = 8
REST = 1.0  # seconds of rest for each second of work: a laptop's fan should not notice


class Vectors:
    """One thread that embeds records first, then prose, of the workspaces that it is told of.

    Does nothing where the embedder's file was never fetched.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._embedder: Embedder | None = None
        self._loaded = threading.Event()
        self._work: queue.SimpleQueue[tuple[IndexStore, RecordStore] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    @property
    def embed(self) -> Embed | None:
        """The embedder, once it is loaded."""
        return self._embed if self._loaded.is_set() else None

    def follow(self, index: IndexStore, records: RecordStore) -> None:
        """Have what is new in a workspace embedded, when there is time."""
        if self._closed.is_set() or not assets.present(assets.MINILM, self._home.assets):
            return
        self._work.put((index, records))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="satchel-vectors", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop after the batch that is under way."""
        self._closed.set()
        self._work.put(None)
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        assert self._embedder is not None
        return self._embedder(texts)

    def _run(self) -> None:
        while not self._closed.is_set():
            told = self._work.get()
            if told is None:
                return
            if self._embedder is None:
                minilm = assets.MINILM
                self._embedder = Embedder(
                    minilm.path(self._home.assets, "model.onnx"),
                    minilm.path(self._home.assets, "tokenizer.json"),
                )
            index, records = told
            for source in (records, index):
                while not self._closed.is_set() and (batch := source.unembedded(BATCH)):
                    started = time.perf_counter()
                    numbers = [number for number, _ in batch]
                    source.add_vectors(numbers, self._embedder([text for _, text in batch]))
                    self._loaded.set()
                    self._closed.wait((time.perf_counter() - started) * REST)
            self._loaded.set()
