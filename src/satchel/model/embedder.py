"""MiniLM through onnxruntime: sentences to unit vectors of 384 numbers, on one thread.

Mean pooling over the tokens that count, then length 1 (Reimers and Gurevych 2019, as the
all-MiniLM-L6-v2 card prescribes), so that a dot product is the cosine.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from satchel.base.errors import Broken

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]  # ships no stubs
    from tokenizers import Tokenizer

DIMENSIONS = 384
MAX_TOKENS = 256  # what the model was trained on; longer text is cut
BATCH_TEXTS = 8
BATCH_TOKENS = 512  # padded; larger batches were slower and took more memory

Vectors = npt.NDArray[np.float32]


class Embedder:
    """Loads on first use (about 0.3 s); safe to call from several threads, one at a time inside."""

    def __init__(self, onnx: Path, tokenizer: Path) -> None:
        self._onnx = onnx
        self._tokenizer = tokenizer
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, InferenceSession] | None = None

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, in the texts' order: float32, shape (n, 384).

        Texts of like length share a batch, since a batch is padded to its longest. Raises Broken
        where the files cannot be loaded.
        """
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        with self._lock:
            if not texts:
                return vectors
            if self._loaded is None:
                self._loaded = self._load()
            tokenizer, session = self._loaded
            tokens = [one.ids for one in tokenizer.encode_batch_fast(list(texts))]
            for batch in batches([len(ids) for ids in tokens]):
                vectors[batch] = _embed(session, [tokens[at] for at in batch])
            if len(texts) > BATCH_TEXTS:
                _trim()
        return vectors

    def _load(self) -> tuple[Tokenizer, InferenceSession]:
        # From 1.31 on it reports to its maker, on Linux too, from the moment that it is loaded:
        # only this, set before, keeps it silent (`satchel prove` counted it).
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime
        from tokenizers import Tokenizer

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # the arena and the pattern keep the peak for good
        options.enable_mem_pattern = False
        options.log_severity_level = 4
        try:
            tokenizer = Tokenizer.from_file(str(self._tokenizer))
            session = onnxruntime.InferenceSession(
                str(self._onnx), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # both libraries raise types of their own
            raise Broken(
                "asset-damaged",
                f"the model in {self._onnx.parent} cannot be loaded",
                "run `satchel fetch minilm`, which replaces it",
                assets=["minilm"],
            ) from error
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.no_padding()
        _trim()  # loading leaves about 60 MB of freed memory behind
        return tokenizer, session


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Group positions by like length, so that no batch passes its limits once padded."""
    groups: list[list[int]] = []
    group: list[int] = []
    for at in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and (len(group) == BATCH_TEXTS or (len(group) + 1) * lengths[at] > BATCH_TOKENS):
            groups.append(group)
            group = []
        group.append(at)
    return [*groups, group] if group else groups


def _embed(session: Any, tokens: Sequence[Sequence[int]]) -> Vectors:
    longest = max(map(len, tokens))
    ids = np.zeros((len(tokens), longest), dtype=np.int64)
    mask = np.zeros((len(tokens), longest), dtype=np.int64)
    for row, one in enumerate(tokens):
        ids[row, : len(one)] = one
        mask[row, : len(one)] = 1
    feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    hidden: Vectors = session.run(["last_hidden_state"], feed)[0]
    weights = mask[:, :, None].astype(np.float32)
    mean = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
    unit: Vectors = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return unit


def _find_trim() -> Callable[[int], object] | None:
    """Return glibc's malloc_trim: without it a process keeps what a load or a batch has freed."""
    if not sys.platform.startswith("linux"):
        return None
    trim: Callable[[int], object] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim


_TRIM = _find_trim()


def _trim() -> None:
    if _TRIM is not None:
        _TRIM(0)
