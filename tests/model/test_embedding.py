from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from satchel.base.errors import Unavailable
from satchel.model.assets import MINILM
from satchel.model.embedder import Embedder
from satchel.model.embedding import EmbeddingProcess

TEXTS = ["sessions expire after a day", "a login ends after 24 hours", "bake the bread slowly"]


@pytest.fixture
def files(real_assets: Path) -> tuple[Path, Path]:
    return MINILM.path(real_assets, "model.onnx"), MINILM.path(real_assets, "tokenizer.json")


@pytest.fixture
def process(files: tuple[Path, Path]) -> Iterator[EmbeddingProcess]:
    child = EmbeddingProcess(*files)
    yield child
    child.close()


def test_the_child_gives_the_vectors_of_the_embedder(
    process: EmbeddingProcess, files: tuple[Path, Path]
) -> None:
    there, here = process.embed(TEXTS), Embedder(*files)(TEXTS)
    assert np.allclose(there, here, atol=1e-6)
    assert there[0] @ there[1] > 0.4 > there[0] @ there[2]


def test_a_request_is_not_made_to_wait_for_the_child_to_start(process: EmbeddingProcess) -> None:
    assert process.embed_now(TEXTS, 0.01) is None
    process.embed(TEXTS)
    now = process.embed_now(TEXTS, 5.0)
    assert now is not None
    assert now.shape == (3, 384)


def test_nor_while_it_starts_for_another(process: EmbeddingProcess) -> None:
    starting = threading.Thread(target=process.embed, args=(TEXTS,))
    starting.start()
    while not process._lock.locked():
        time.sleep(0.001)
    assert process.embed_now(TEXTS, 60.0) is None
    starting.join()
    assert process.embed_now(TEXTS, 60.0) is not None


def test_a_child_that_was_killed_is_started_again(process: EmbeddingProcess) -> None:
    process.embed(TEXTS)
    assert process._child is not None  # the test plays the kernel's part
    os.kill(process._child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process._child.wait()
    assert process.embed_now(TEXTS, 0.01) is None
    assert process.embed(TEXTS).shape == (3, 384)


def test_files_that_are_no_model_are_said(tmp_path: Path) -> None:
    broken = EmbeddingProcess(tmp_path / "model.onnx", tmp_path / "tokenizer.json")
    with pytest.raises(Unavailable, match="could not be started"):
        broken.embed(TEXTS)
    assert not broken.is_running
