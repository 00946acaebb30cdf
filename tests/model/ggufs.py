"""Small GGUFs, sound and otherwise, made by hand."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

U32, I32, F32, BOOL, STRING, ARRAY, U64 = 4, 5, 6, 7, 8, 9, 10
PACKED = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?", U64: "<Q"}

Typed: TypeAlias = tuple[int, Any]
"""(type, value); an array's value is (type of its items, items)."""
Tensor: TypeAlias = tuple[str, Sequence[int], int]
"""(name, shape, type)."""

KEYS: Mapping[str, Typed] = {
    "general.architecture": (STRING, "llama"),
    "general.name": (STRING, "Made Up"),
    "general.license": (STRING, "mit"),
    "general.file_type": (U32, 15),
    "llama.block_count": (U32, 2),
    "llama.context_length": (U32, 2048),
    "llama.embedding_length": (U32, 64),
    "llama.attention.head_count": (U32, 4),
    "llama.attention.head_count_kv": (U32, 2),
    "tokenizer.ggml.tokens": (ARRAY, (STRING, ["a", "b", "cc"])),
    "tokenizer.ggml.scores": (ARRAY, (F32, [0.0, 1.0, 2.0])),
    "tokenizer.chat_template": (STRING, "{% if tools %}…{% endif %}{{ messages }}"),
}
TENSORS: Sequence[Tensor] = (("token_embd.weight", (64, 3), 0), ("output.weight", (64, 3), 2))
BLOCKS = {0: (1, 4), 1: (1, 2), 2: (32, 18), 12: (256, 144)}


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def value(typed: Typed) -> bytes:
    kind, given = typed
    if kind == STRING:
        return text(given)
    if kind == ARRAY:
        inner, items = given
        packed = b"".join(value((inner, item)) for item in items)
        return struct.pack("<IQ", inner, len(items)) + packed
    return struct.pack(PACKED[kind], given)


def gguf(
    keys: Mapping[str, Typed | None] | None = None,
    tensors: Sequence[Tensor] = TENSORS,
    *,
    version: int = 3,
    alignment: int = 32,
    claimed: tuple[int, int] | None = None,
    shift: int = 0,
    cut: int = 0,
) -> bytes:
    """A file with KEYS, changed by `keys` (None takes one away). `claimed` are false counts of
    tensors and keys, `shift` moves the last tensor, `cut` takes bytes from the end."""
    merged = {key: row for key, row in {**KEYS, **(keys or {})}.items() if row is not None}
    counts = claimed or (len(tensors), len(merged))
    front = b"GGUF" + struct.pack("<IQQ", version, *counts)
    for key, typed in merged.items():
        front += text(key) + struct.pack("<I", typed[0]) + value(typed)
    end = 0
    for number, (name, shape, kind) in enumerate(tensors, start=1):
        start = end + (shift if number == len(tensors) else 0)
        front += text(name) + struct.pack("<I", len(shape))
        front += b"".join(struct.pack("<Q", length) for length in shape)
        front += struct.pack("<IQ", kind, start)
        block, size = BLOCKS.get(kind, (1, 1))
        count = 1
        for length in shape:
            count = min(count * length, 1 << 20)
        end += -(-(count // block * size) // alignment) * alignment
    front += b"\0" * (-len(front) % alignment)
    whole = front + bytes(number % 251 for number in range(min(end, 1 << 16)))
    return whole[: len(whole) - cut]
