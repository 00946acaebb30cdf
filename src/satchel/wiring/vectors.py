"""Vectors join as they are ready: embedded in the background, never waited for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from satchel.base.errors import SatchelError
from satchel.base.paths import Home
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import Embed
from satchel.model import assets
from satchel.model.embedding import EmbeddingProcess
from satchel.model.windows import Windows

BATCH = 1  # texts: a request that comes in between waits for no more than these
REST = 1.0  # seconds of rest for each second of work: a laptop's fan should not notice
QUIET = 1.0  # seconds after a request in which nothing else is embedded: others often follow
PATIENCE = 0.1  # seconds that a request waits for its turn; a long text takes 75 ms
LONG_PATIENCE = 1.0  # … where there would be no answer without


class Vectors:
    """One thread that embeds records first, then prose, of the workspaces that it is told of.

    Does nothing where the embedder's file was never fetched.
    """

    def __init__(self, home: Home, quiet: float = QUIET) -> None:
        minilm = assets.MINILM
        self._home = home
        tokenizer = minilm.path(home.assets, "tokenizer.json")
        self._process = EmbeddingProcess(minilm.path(home.assets, "model.onnx"), tokenizer)
        self._windows = Windows(tokenizer)
        self._work: queue.SimpleQueue[tuple[IndexStore, RecordStore] | None] = queue.SimpleQueue()
        self._waiting: set[tuple[IndexStore, RecordStore]] = set()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self._quiet = quiet
        self._asked = -quiet  # when a request was last embedded, by the monotonic clock

    @property
    def embed(self) -> Embed | None:
        """The embedder for a request's own text, where one was fetched."""
        return self._embed_within(PATIENCE)

    @property
    def embed_patiently(self) -> Embed | None:
        """As `embed`, but it waits for a batch that is under way."""
        return self._embed_within(LONG_PATIENCE)

    def follow(self, index: IndexStore, records: RecordStore) -> None:
        """Have what is new in a workspace embedded, when there is time."""
        if self._closed.is_set() or not assets.whole(assets.MINILM, self._home.assets):
            return
        if (index, records) in self._waiting:
            return
        self._waiting.add((index, records))
        self._work.put((index, records))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="satchel-vectors", daemon=True)
            self._thread.start()

    def embed_whole(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], int]:
        """Return a vector for each text, of any length, and the tokens of them all.

        Raises Unavailable where the embedder was never fetched or cannot be started.
        """
        if not assets.whole(assets.MINILM, self._home.assets):
            raise assets.absent(assets.MINILM)
        return self._windows.embed(texts, self._process.embed)

    def close(self) -> None:
        """Stop after the batch that is under way."""
        self._closed.set()
        self._work.put(None)
        if self._thread is not None:
            self._thread.join(timeout=10)
        self._process.close()

    def _embed_within(self, patience: float) -> Embed | None:
        if self._thread is None:
            return None

        def embed(texts: Sequence[str]) -> NDArray[np.float32] | None:
            self._asked = time.monotonic()
            return self._process.embed_now(texts, patience)

        return embed

    def _run(self) -> None:
        while (told := self._work.get()) is not None and not self._closed.is_set():
            self._waiting.discard(told)
            index, records = told
            try:
                if not self._process.is_running:
                    self._process.embed(["ready"])  # a request does not wait for its start
                self._fill(records.vectors.missing, records.vectors.add)
                if not self._fill(index.vectors.missing, index.vectors.add, self._work.empty):
                    self.follow(index, records)
            except SatchelError:
                continue  # without vectors the other signals serve; `satchel doctor` tells why

    def _is_quiet(self) -> bool:
        """Wait until no request came for a while; tell whether that came about."""
        while (
            rest := self._asked + self._quiet - time.monotonic()
        ) > 0 and not self._closed.is_set():
            self._closed.wait(rest)
        return not self._closed.is_set()

    def _fill(
        self,
        missing: Callable[[int], list[tuple[int, str]]],
        keep: Callable[[Sequence[int], NDArray[np.float32]], None],
        goes_on: Callable[[], bool] = lambda: True,
    ) -> bool:
        """Embed what is missing, a batch at least, while it `goes_on`; tell whether all of it
        was."""
        while self._is_quiet() and (batch := missing(BATCH)):
            started = time.perf_counter()
            keep([number for number, _ in batch], self._process.embed([text for _, text in batch]))
            self._closed.wait((time.perf_counter() - started) * REST)
            if not goes_on():
                return False
        return True
