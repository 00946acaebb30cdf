"""What was pulled is kept by its sha256 under names; what was tampered with is not run."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.base.errors import BadInput, Broken, Unavailable
from satchel.model import shelf
from satchel.model.gguf import WORKING
from satchel.model.shelf import Kept, checked_name, context_of, name_of
from satchel.model.types import Locality

SHA = "ab" * 32
ROW = Kept(
    name="tiny",
    sha256=SHA,
    bytes=5,
    changed=0,
    source="https://models.example/tiny.gguf",
    validator='"one"',
    licence="mit",
    architecture="llama",
    parameters=8,
    quantisation="Q4_0",
    context=32_768,
    chat=True,
    tools=False,
    embeddings=False,
    cache_bytes=1_000,
)
GB = 1_000_000_000


def place(models: Path, row: Kept = ROW) -> Kept:
    file = shelf.blob(models, row.sha256)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"bytes")
    row = replace(row, changed=file.stat().st_mtime_ns)
    shelf.put(models, row)
    return row


def test_what_is_put_is_found_by_its_name(tmp_path: Path) -> None:
    row = place(tmp_path)
    assert shelf.kept(tmp_path) == [row]
    assert shelf.find(tmp_path, "tiny") == shelf.find(tmp_path, "embedded/tiny") == row
    with pytest.raises(Unavailable) as failed:
        shelf.find(tmp_path, "other")
    assert failed.value.next_step == "kept: tiny"
    assert shelf.kept(tmp_path / "nowhere") == []


def test_its_row_tells_what_a_servers_row_tells() -> None:
    model = ROW.model(8192)
    assert (model.locality, model.context_usable) == (Locality.ON_DEVICE, 8192)
    assert (model.chat, model.tools, model.vision, model.embeddings) == (True, False, False, False)
    assert (model.quantisation, model.size_bytes, model.context_trained) == ("Q4_0", 5, 32_768)


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        "{}",
        json.dumps({"name": "tiny"}),
        json.dumps({"name": "another", "sha256": SHA}),
    ],
)
def test_a_file_that_is_no_row_is_passed_over(tmp_path: Path, content: str) -> None:
    place(tmp_path)
    (tmp_path / "tiny.json").write_text(content)
    assert shelf.kept(tmp_path) == []


def test_a_row_whose_sha256_is_a_path_is_passed_over(tmp_path: Path) -> None:
    shelf.put(tmp_path, replace(ROW, sha256="../../etc/passwd"))
    assert shelf.kept(tmp_path) == []


def test_a_file_that_was_changed_is_not_run(tmp_path: Path) -> None:
    row = place(tmp_path)
    weights = shelf.weights(tmp_path, row, 0, 64 * GB)
    assert (weights.name, weights.path, weights.context) == (
        "tiny",
        shelf.blob(tmp_path, SHA),
        8192,
    )
    os.utime(weights.path, ns=(0, 0))
    with pytest.raises(Broken) as failed:
        shelf.weights(tmp_path, row, 0, None)
    assert failed.value.code == "model-damaged"
    weights.path.unlink()
    with pytest.raises(Broken):
        shelf.weights(tmp_path, row, 0, None)


@pytest.mark.parametrize(
    ("trained", "setting", "memory", "context"),
    [
        (32_768, 0, 64 * GB, 8192),
        (32_768, 0, None, 4096),
        (32_768, 0, 2 * (GB + 8192 * 1_000 + WORKING), 8192),
        (32_768, 0, 2 * (GB + 8192 * 1_000 + WORKING) - 2, 4096),
        (2_048, 0, 64 * GB, 2_048),
        (32_768, 16_384, 1, 16_384),
        (2_048, 16_384, 64 * GB, 2_048),
    ],
)
def test_the_context_is_what_memory_and_the_setting_allow(
    trained: int, setting: int, memory: int | None, context: int
) -> None:
    assert context_of(trained, GB, 1_000, setting, memory) == context


@given(st.text(max_size=200))
def test_a_name_that_is_made_of_a_file_is_one_that_can_be_given(file: str) -> None:
    name = name_of(file)
    assert checked_name(name) == name
    assert checked_name(name_of(file, [replace(ROW, name=name)])) != name


@pytest.mark.parametrize(
    "name", ["", "A", "a b", "../a", "a/b", ".a", "-a", "auto", "embedded", "satchel", "a" * 90]
)
def test_a_name_that_cannot_be_kept_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        checked_name(name)
