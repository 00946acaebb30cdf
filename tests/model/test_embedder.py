"""Sentences of like meaning get vectors that lie close."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from satchel.base.errors import Broken
from satchel.model.assets import MINILM
from satchel.model.embedder import BATCH_TEXTS, BATCH_TOKENS, DIMENSIONS, Embedder, batches


@pytest.fixture(scope="module")
def embedder(real_assets: Path) -> Embedder:
    return Embedder(
        MINILM.path(real_assets, "model.onnx"), MINILM.path(real_assets, "tokenizer.json")
    )


def test_like_meaning_lies_closer_than_like_words(embedder: Embedder) -> None:
    asked, same, other = embedder(
        [
            "How do people log in?",
            "Users authenticate with a password and get a session.",
            "How do people bake bread?",
        ]
    )
    assert asked @ same > asked @ other


def test_vectors_are_unit_and_of_384_numbers(embedder: Embedder) -> None:
    vectors = embedder(["one", "", "three " * 1000, "日本語 🙂"])
    assert vectors.shape == (4, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose((vectors**2).sum(axis=1), 1.0, atol=1e-5)


def test_no_text_gives_no_vector(embedder: Embedder) -> None:
    assert embedder([]).shape == (0, DIMENSIONS)


def test_a_text_gets_the_same_vector_in_any_company(embedder: Embedder) -> None:
    texts = [f"passage {n} " + "about sessions and tokens " * (n % 5) for n in range(20)]
    together = embedder(texts)
    alone = np.concatenate([embedder([text]) for text in texts[:5]])
    assert np.allclose(together[:5], alone, atol=1e-4)


def test_files_that_are_no_model_are_an_error_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"no model")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(Broken) as failed:
        Embedder(tmp_path / "model.onnx", tmp_path / "tokenizer.json")(["x"])
    assert "satchel fetch minilm" in failed.value.next_step


def test_batches_hold_each_position_once_within_their_limits() -> None:
    lengths = [256, 3, 90, 4, 256, 5, 100, 256, *range(2, 40)]
    groups = batches(lengths)
    assert sorted(at for group in groups for at in group) == list(range(len(lengths)))
    for group in groups:
        assert len(group) <= BATCH_TEXTS
        assert len(group) == 1 or len(group) * max(lengths[at] for at in group) <= BATCH_TOKENS
