"""Embed texts of any length with a model that reads 256 tokens: none is cut, long ones are
read window by window and the vectors averaged by how many tokens each window has."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from satchel.model.embedder import MAX_TOKENS

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MARKS = 2  # tokens that open and close each window
SPAN = MAX_TOKENS - MARKS - 8  # a window's ends can fall into a few tokens more when read alone

Vectors = NDArray[np.float32]


class Windows:
    """Cuts texts by the embedder's own tokenizer. Safe to call from several threads."""

    def __init__(self, tokenizer: Path) -> None:
        self._path = tokenizer
        self._lock = threading.Lock()
        self._loaded: Tokenizer | None = None

    def cut(self, text: str) -> list[tuple[str, int]]:
        """Return a text's windows, each with its tokens; a short text is its own window."""
        told = self._tokenizer().encode(text, add_special_tokens=False)
        spans = told.offsets
        if len(spans) <= SPAN:
            return [(text, len(spans))]
        cuts = [spans[at][0] for at in range(0, len(spans), SPAN)][1:]
        ends = [*cuts, len(text)]
        counts = [min(SPAN, len(spans) - at) for at in range(0, len(spans), SPAN)]
        return [
            (text[start:end], count)
            for start, end, count in zip([0, *cuts], ends, counts, strict=True)
        ]

    def embed(
        self, texts: Sequence[str], vectors_of: Callable[[Sequence[str]], Vectors]
    ) -> tuple[Vectors, int]:
        """Return one unit vector a text, shape (texts, dimensions), and the tokens of them all."""
        windows = [(at, *window) for at, text in enumerate(texts) for window in self.cut(text)]
        parts = vectors_of([piece for _, piece, _ in windows])
        sums = np.zeros((len(texts), parts.shape[1]), dtype=np.float32)
        for (at, _, count), vector in zip(windows, parts, strict=True):
            sums[at] += vector * max(count, 1)
        tokens = sum(count + MARKS for _, _, count in windows)
        lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
        return (sums / lengths).astype(np.float32), tokens

    def _tokenizer(self) -> Tokenizer:
        with self._lock:
            if self._loaded is None:
                from tokenizers import Tokenizer

                self._loaded = Tokenizer.from_file(str(self._path))
                self._loaded.no_truncation()
                self._loaded.no_padding()
            return self._loaded
