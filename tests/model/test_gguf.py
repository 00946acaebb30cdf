"""A GGUF's header is read within bounds, and what breaks one is refused and never loaded."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satchel.model import front
from satchel.model.gguf import MAX_HEADER, Header, Malformed, Short, parse
from tests.model import ggufs
from tests.model.ggufs import ARRAY, F32, I32, STRING, U32, U64, gguf


def read(whole: bytes) -> Header:
    return parse(whole, len(whole))


def outcome(head: bytes, total: int | None) -> Header | int | str:
    """The header, how many bytes are needed, or why it is refused; nothing else is raised."""
    try:
        return parse(head, total)
    except Short as short:
        return short.needed
    except Malformed as refused:
        return str(refused)


def test_a_header_says_what_the_model_is() -> None:
    whole = gguf()
    header = read(whole)
    assert (header.architecture, header.name, header.licence) == ("llama", "Made Up", "mit")
    assert (header.parameters, header.quantisation, header.context) == (384, "Q4_K_M", 2048)
    assert (header.chat, header.tools, header.embeddings) == (True, True, False)
    assert header.file_bytes <= len(whole)
    # two layers, two heads that are kept, sixteen numbers of a key and as many of a value
    assert header.cache_bytes == 2 * 2 * (16 + 16) * 2
    assert header.memory(100) - header.memory(0) == 100 * header.cache_bytes
    assert header.memory(10**6) == header.memory(2048)


def test_the_real_model_is_read_as_llama_cpp_reads_it(gguf: Path) -> None:
    header = front.read(gguf)
    assert (header.architecture, header.parameters) == ("llama", 134_515_008)
    assert (header.quantisation, header.context, header.licence) == ("Q4_1", 8192, "apache-2.0")
    assert (header.chat, header.embeddings) == (True, False)
    assert header.file_bytes == gguf.stat().st_size


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ({"tokenizer.chat_template": None}, {"chat": False, "tools": False}),
        ({"tokenizer.chat_template": (STRING, "{{ messages }}")}, {"chat": True, "tools": False}),
        ({"llama.pooling_type": (U32, 1)}, {"embeddings": True, "chat": False}),
        ({"general.license": None}, {"licence": None}),
        ({"general.file_type": None}, {"quantisation": "F32"}),
        ({"general.file_type": (U32, 9_999)}, {"quantisation": "F32"}),
        (
            {"llama.attention.head_count_kv": (ARRAY, (U32, [2, 0]))},
            {"cache_bytes": 2 * (16 + 16) * 2},
        ),
        ({"llama.attention.key_length": (U32, 8)}, {"cache_bytes": 2 * 2 * (8 + 16) * 2}),
        ({"llama.attention.head_count": None, "llama.attention.head_count_kv": None},
         {"cache_bytes": 0}),
    ],
)  # fmt: skip
def test_what_a_header_tells(keys: dict[str, Any], what: dict[str, Any]) -> None:
    header = read(gguf(keys))
    assert {name: getattr(header, name) for name in what} == what


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "another file": b"PK\x03\x04" + bytes(100),
    "zeros": b"GGUF" + bytes(1000),
    "version 1": gguf(version=1),
    "big-endian": gguf(version=3 << 24),
    "tensors without end": gguf(claimed=(1 << 63, 12)),
    "more tensors than there are": gguf(claimed=(3, 12)),
    "keys without end": gguf(claimed=(2, 1 << 63)),
    "more keys than there are": gguf(claimed=(2, 13)),
    "no tensors": gguf(tensors=(), claimed=(0, 12)),
    "a key that is too long": b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 1 << 40) + bytes(100),
    "a string of 16 EB": b"GGUF" + struct.pack("<IQQ", 3, 1, 1)
    + ggufs.text("a") + struct.pack("<IQ", STRING, (1 << 64) - 1) + bytes(100),
    "an array of 16 EB": b"GGUF" + struct.pack("<IQQ", 3, 1, 1)
    + ggufs.text("a") + struct.pack("<IIQ", ARRAY, U64, (1 << 64) - 1) + bytes(100),
    "strings of an array that run on": b"GGUF" + struct.pack("<IQQ", 3, 1, 1)
    + ggufs.text("a") + struct.pack("<IIQQ", ARRAY, STRING, 1000, 1 << 50) + bytes(100),
    "an array of arrays": gguf({"x": (ARRAY, (ARRAY, [(U32, [1])]))}),
    "an unknown value": b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + ggufs.text("a")
    + struct.pack("<I", 13) + bytes(100),
    "a key without a name": gguf({"": (U32, 1)}),
    "no architecture": gguf({"general.architecture": None}),
    "an architecture that is a number": gguf({"general.architecture": (U32, 1)}),
    "an architecture with a path in it": gguf({"general.architecture": (STRING, "../../x")}),
    "a projector": gguf({"general.architecture": (STRING, "clip")}),
    "an adapter": gguf({"general.type": (STRING, "adapter")}),
    "a part of several": gguf({"split.count": (U32, 4)}),
    "no context": gguf({"llama.context_length": None}),
    "a context of 0": gguf({"llama.context_length": (U32, 0)}),
    "a context below 0": gguf({"llama.context_length": (I32, -1)}),
    "a context in words": gguf({"llama.context_length": (STRING, "many")}),
    "a broken context": gguf({"llama.context_length": (F32, 0.5)}),
    "layers without end": gguf({"llama.block_count": (U32, 1 << 31)}),
    "heads below 0": gguf({"llama.attention.head_count": (I32, -4)}),
    "heads of the cache in words": gguf({"llama.attention.head_count_kv": (STRING, "two")}),
    "an alignment of 0": gguf({"general.alignment": (U32, 0)}),
    "an alignment of 48": gguf({"general.alignment": (U32, 48)}),
    "an alignment of 2 GB": gguf({"general.alignment": (U32, 1 << 31)}),
    "another alignment than it keeps": gguf({"general.alignment": (U32, 4096)}),
    "a tensor of no dimensions": gguf(tensors=[("a", (), 0)]),
    "a tensor of five dimensions": gguf(tensors=[("a", (1, 1, 1, 1, 1), 0)]),
    "a tensor of an empty dimension": gguf(tensors=[("a", (0, 4), 0)]),
    "a tensor whose size wraps around": gguf(tensors=[("a", (1 << 32, 1 << 32), 0)]),
    "a tensor larger than the file": gguf(tensors=[("a", (1 << 30, 4), 0)]),
    "a tensor of an unknown type": gguf(tensors=[("a", (32,), 4)]),
    "a tensor of half a block": gguf(tensors=[("a", (33,), 2)]),
    "a tensor with a long name": gguf(tensors=[("a" * 64, (32,), 0)]),
    "a tensor twice": gguf(tensors=[("a", (32,), 0), ("a", (32,), 0)]),
    "a tensor over another": gguf(shift=-32),
    "a tensor behind a gap": gguf(shift=32),
    "a tensor that ends behind the file": gguf(cut=100),
    "half a header": gguf()[:300],
}  # fmt: skip


@pytest.mark.parametrize("whole", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused(whole: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        read(whole)
    assert str(refused.value)


def test_a_key_that_comes_twice_is_refused() -> None:
    row = ggufs.text("a") + struct.pack("<II", U32, 1)
    with pytest.raises(Malformed, match="twice"):
        read(b"GGUF" + struct.pack("<IQQ", 3, 1, 2) + row + row + bytes(100))


def test_a_header_is_read_however_little_of_it_comes_at_a_time() -> None:
    whole = gguf()
    had, told = 0, outcome(b"", len(whole))
    while isinstance(told, int):
        assert had < told <= len(whole)
        had = told
        told = outcome(whole[:had], len(whole))
    assert told == read(whole)
    assert had <= read(whole).header_bytes


def test_the_size_of_the_file_need_not_be_known_to_read_the_header() -> None:
    whole = gguf()
    assert parse(whole[: read(whole).header_bytes], None) == read(whole)


def test_a_header_beyond_the_bound_is_refused_without_reading_on() -> None:
    begun = b"GGUF" + struct.pack("<IQQ", 3, 1, 40)
    told: Header | int | str = 0
    for number in range(40):
        begun += ggufs.text(f"k{number}") + struct.pack("<IIQ", ARRAY, U64, 4_000_000)
        told = outcome(begun, None)
        if not isinstance(told, int):
            break
        assert told <= MAX_HEADER
        begun += bytes(told - len(begun))
    assert told == "has a header of over 64 MiB"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_changed_in_a_file_it_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(gguf())
    header = read(bytes(whole)).header_bytes
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, header - 1))
        whole[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.sampled_from([len(whole), header, data.draw(st.integers(0, len(whole)))]))
    _read_or_refused(bytes(whole[:end]), end)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 500))
def test_whatever_bytes_come_they_are_read_or_refused(tail: bytes, claimed: int) -> None:
    _read_or_refused(b"GGUF\x03\x00\x00\x00" + tail, max(claimed, len(tail) + 8))


def _read_or_refused(whole: bytes, total: int) -> None:
    """A header that was read holds what can be."""
    told = outcome(whole, total)
    if isinstance(told, int):
        assert len(whole) < told <= total
    elif isinstance(told, Header):
        assert 0 < told.header_bytes < told.file_bytes <= total
        assert told.parameters > 0
        assert 0 < told.context <= 1 << 31
        assert told.cache_bytes >= 0


def test_a_file_at_hand_is_read_in_steps(tmp_path: Path) -> None:
    long = {"tokenizer.ggml.merges": (ARRAY, (STRING, ["merge " * 20] * 10_000))}
    path = tmp_path / "long.gguf"
    path.write_bytes(gguf(long))
    assert path.stat().st_size > front.FIRST
    assert front.read(path).parameters == 384
    path.write_bytes(gguf(long)[: front.FIRST])
    with pytest.raises(Malformed):
        front.read(path)
