"""Read what stands at the front of a GGUF file, within bounds. Pure: bytes in, a Header out.

llama.cpp reads these bytes in C++, and has had memory errors there. So each file is read here
first: every count, length, type and offset is held against a bound and against the size of the
file before anything is loaded. Nothing is allocated by what the file says; an array's items are
stepped over. The layout is that of docs/gguf.md in the ggml repository, versions 2 and 3.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from satchel.model.gguf_types import FILE_TYPES, TENSOR_TYPES, TensorType

# The largest that models in use have: 1 MB of chat template, 0.5 million merges, 2,000 tensors,
# 100 keys, 20 MB of header.
MAX_HEADER = 64 << 20  # bytes before the tensors
MAX_KEYS = 4_096
MAX_KEY = 1_024  # bytes
MAX_STRING = 4 << 20  # bytes
MAX_ARRAY = 4_000_000  # items
MAX_LAYERS = 4_096
MAX_TENSORS = 65_536
MAX_DIMENSIONS = 4  # GGML_MAX_DIMS
MAX_TENSOR_NAME = 63  # GGML_MAX_NAME less the NUL
MAX_ALIGNMENT = 1 << 20  # bytes
MAX_COUNT = 1 << 31  # of heads, of tokens of a context
MAX_BYTES = 1 << 50  # of a file: a petabyte is none of ours

MAGIC = b"GGUF"
VERSIONS = (2, 3)
DEFAULT_ALIGNMENT = 32
STRING, ARRAY = 8, 9
# Value types with a fixed size, by their number; 7 is a bool of one byte.
SCALARS = {
    number: struct.Struct("<" + code)
    for number, code in {
        0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d",
    }.items()
}  # fmt: skip
LENGTH = struct.Struct("<Q")
KIND = struct.Struct("<I")

ENCODERS = frozenset(
    {
        *("bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert"),
        *("neo-bert", "eurobert", "gemma-embedding", "t5encoder"),
    }
)
_NAME = re.compile(r"[a-z0-9_.-]{1,64}")
# What a chat template names where it knows of tools.
_TOOLS = re.compile(r"\btools\b")

KV_BYTES = 2  # of one number of the key-value cache, which is of half precision
WORKING = 96_000_000  # bytes of buffers and of the engine itself; measured on a small model

Value: TypeAlias = "int | float | bool | str | tuple[int, ...]"


class Malformed(ValueError):
    """The bytes are no GGUF that may be loaded; the text says why, after "it"."""


class Short(Exception):
    """The header goes on behind the bytes that were given; at least `needed` are wanted."""

    def __init__(self, needed: int) -> None:
        super().__init__(f"at least {needed} bytes are needed")
        self.needed = needed


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF says of itself, checked. Text of it is as its maker wrote it: not clean.

    `header_bytes` lie before the tensors, `file_bytes` is the least that the file must have.
    `context` is in tokens; `cache_bytes` is what each of them takes in memory, at most.
    """

    architecture: str
    name: str | None
    licence: str | None
    parameters: int
    quantisation: str
    context: int
    chat: bool
    tools: bool
    embeddings: bool
    cache_bytes: int
    header_bytes: int
    file_bytes: int

    def memory(self, context: int) -> int:
        """Return the bytes that running it takes, about, with so many tokens of context."""
        return self.file_bytes + self.cache_bytes * min(context, self.context) + WORKING


def parse(head: bytes, total: int | None) -> Header:
    """Read the header from the first bytes of a file of `total` bytes (None: not known yet).

    Raises Short where more bytes are needed, Malformed where the file is not to be loaded: it is
    no GGUF, breaks a bound, ends too early, or is a part or an addition and no model.
    """
    walk = _Walk(head, total)
    if walk.take(4) != MAGIC:
        raise Malformed("does not begin as a GGUF does")
    version = walk.number(KIND)
    if version not in VERSIONS:
        raise Malformed(f"is of version {version & 0xFFFF}, or of the other byte order")
    tensors = walk.counted(MAX_TENSORS, "tensors")
    keys = walk.counted(MAX_KEYS, "keys")
    if not tensors:
        raise Malformed("holds no tensors")
    values = _values(walk, keys)
    architecture = _architecture(values)
    alignment = _alignment(values)
    parameters, data, prevailing = _tensors(walk, tensors, alignment)
    header = -(-walk.at // alignment) * alignment
    if total is not None and header + data > total:
        raise Malformed(f"has {total:,} bytes and its tensors need {header + data:,}")
    template = values.get("tokenizer.chat_template")
    pooling = values.get(f"{architecture}.pooling_type")
    embeddings = architecture in ENCODERS or (isinstance(pooling, int) and pooling > 0)
    return Header(
        architecture=architecture,
        name=_text(values, "general.name"),
        licence=_text(values, "general.license"),
        parameters=parameters,
        quantisation=_quantisation(values, prevailing),
        context=_whole(values, f"{architecture}.context_length"),
        chat=isinstance(template, str) and bool(template.strip()) and not embeddings,
        tools=isinstance(template, str) and _TOOLS.search(template) is not None,
        embeddings=embeddings,
        cache_bytes=0 if embeddings else _cache(values, architecture),
        header_bytes=header,
        file_bytes=header + data,
    )


class _Walk:
    """A place in the bytes, which only moves forward and never past a bound."""

    def __init__(self, head: bytes, total: int | None) -> None:
        self.head = head
        self.limit = MAX_HEADER if total is None else min(MAX_HEADER, total)
        self.ends_file = total is not None and total <= MAX_HEADER
        self.at = 0

    def skip(self, count: int) -> int:
        """Move on by `count` bytes and return where they begin."""
        start, end = self.at, self.at + count
        if end > self.limit:
            raise Malformed(
                "ends within its header" if self.ends_file else "has a header of over 64 MiB"
            )
        if end > len(self.head):
            raise Short(end)
        self.at = end
        return start

    def take(self, count: int) -> bytes:
        start = self.skip(count)
        return self.head[start : self.at]

    def number(self, shape: struct.Struct) -> int:
        start = self.skip(shape.size)
        return int(shape.unpack_from(self.head, start)[0])

    def counted(self, most: int, what: str) -> int:
        """Read a length and hold it against its bound."""
        count = self.number(LENGTH)
        if count > most:
            raise Malformed(f"claims {count:,} {what}, and {most:,} is the most")
        return count

    def text(self, most: int, what: str) -> bytes:
        return self.take(self.counted(most, f"bytes of {what}"))

    def strings(self, count: int) -> None:
        """Step over strings; the loop that runs a million times, so written out."""
        head, at, most = self.head, self.at, min(self.limit, len(self.head))
        unpack = LENGTH.unpack_from
        for _ in range(count):
            if at + 8 > most:
                break
            length = unpack(head, at)[0]
            if length > MAX_STRING or at + 8 + length > most:
                break
            at += 8 + length
        else:
            self.at = at
            return
        self.at = at  # the slow way says what is wrong, or that bytes are missing
        self.skip(self.counted(MAX_STRING, "bytes of a string"))


def _values(walk: _Walk, keys: int) -> dict[str, Value]:
    """Read every key with the value that it has; long arrays are stepped over."""
    values: dict[str, Value] = {}
    seen = set()
    for _ in range(keys):
        key = walk.text(MAX_KEY, "a key").decode("utf-8", "replace")
        if not key or key in seen:
            raise Malformed("has a key twice, or one without a name")
        seen.add(key)
        value = _value(walk, walk.number(KIND))
        if value is not None:
            values[key] = value
    return values


def _value(walk: _Walk, kind: int) -> Value | None:
    if kind == STRING:
        return walk.text(MAX_STRING, "a string").decode("utf-8", "replace")
    if kind == ARRAY:
        return _array(walk)
    if kind not in SCALARS:
        raise Malformed(f"has a value of the unknown type {kind}")
    shape = SCALARS[kind]
    value: int | float | bool = shape.unpack_from(walk.head, walk.skip(shape.size))[0]
    return value


def _array(walk: _Walk) -> Value | None:
    """Step over an array; whole numbers, one a layer at most, are kept."""
    kind = walk.number(KIND)
    count = walk.counted(MAX_ARRAY, "items of an array")
    if kind == STRING:
        walk.strings(count)
        return None
    if kind not in SCALARS:  # an array of arrays is allowed by the format and read by nobody
        raise Malformed(f"has an array of the type {kind}, which cannot be")
    shape = SCALARS[kind]
    start = walk.skip(count * shape.size)
    if count > MAX_LAYERS or shape.format[-1] in "?fd":
        return None
    return struct.unpack_from(f"<{count}{shape.format[-1]}", walk.head, start)


def _tensors(walk: _Walk, count: int, alignment: int) -> tuple[int, int, TensorType]:
    """Return the parameters, the bytes of data, and the type that most parameters have.

    Each tensor must begin where the one before it ends, which is also what llama.cpp asks for: so
    none lies over another or behind the end. The last one need not be filled up.
    """
    names = set()
    parameters = end = last = 0
    by_type: dict[int, int] = {}
    for _ in range(count):
        name = walk.text(MAX_TENSOR_NAME, "a tensor's name")
        if name in names:
            raise Malformed("has a tensor twice")
        names.add(name)
        dimensions = walk.number(KIND)
        if not 1 <= dimensions <= MAX_DIMENSIONS:
            raise Malformed(f"has a tensor of {dimensions} dimensions")
        shape = [walk.number(LENGTH) for _ in range(dimensions)]
        kind = walk.number(KIND)
        if kind not in TENSOR_TYPES:
            raise Malformed(f"has a tensor of the unknown type {kind}")
        width = TENSOR_TYPES[kind]
        size = 1
        for length in shape:
            size *= length
            if not 0 < size <= MAX_BYTES:
                raise Malformed("has a tensor of an impossible size")
        if shape[0] % width.block:
            raise Malformed(f"has a tensor whose rows are no whole blocks of {width.name}")
        if walk.number(LENGTH) != end:
            raise Malformed("has a tensor that does not begin where the last one ends")
        last = end + size // width.block * width.bytes
        end = -(-last // alignment) * alignment
        if end > MAX_BYTES:
            raise Malformed("has a tensor of an impossible size")
        parameters += size
        by_type[kind] = by_type.get(kind, 0) + size
    return parameters, last, TENSOR_TYPES[max(by_type, key=by_type.__getitem__)]


def _architecture(values: Mapping[str, Value]) -> str:
    """Return the architecture of a whole language model, or say what else the file is."""
    name = values.get("general.architecture")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Malformed("does not name its architecture")
    kind = values.get("general.type", "model")
    if kind != "model" or name == "clip":
        what = "projector" if name == "clip" else "file of another kind (an adapter or a table)"
        raise Malformed(f"is a {what}, not a language model")
    parts = values.get("split.count", 1)
    if not isinstance(parts, int) or parts > 1:
        raise Malformed("is one of several parts; only a model in one file can be taken")
    return name


def _alignment(values: Mapping[str, Value]) -> int:
    given = values.get("general.alignment", DEFAULT_ALIGNMENT)
    if not isinstance(given, int) or not 0 < given <= MAX_ALIGNMENT or given & (given - 1):
        raise Malformed("has an alignment that is no power of two")
    return given


def _whole(values: Mapping[str, Value], key: str, default: int | None = None) -> int:
    """Return a whole number above 0."""
    given = values.get(key, default)
    if not isinstance(given, int) or not 0 < given <= MAX_COUNT:
        raise Malformed(f"does not tell {key} as a number that can be")
    return given


def _text(values: Mapping[str, Value], key: str) -> str | None:
    given = values.get(key)
    return given if isinstance(given, str) and given.strip() else None


def _quantisation(values: Mapping[str, Value], prevailing: TensorType) -> str:
    given = values.get("general.file_type")
    return FILE_TYPES.get(given, prevailing.name) if isinstance(given, int) else prevailing.name


def _cache(values: Mapping[str, Value], architecture: str) -> int:
    """Return the bytes of key-value cache a token: an upper bound, since some layers hold less."""

    def of(key: str, default: int | None = None) -> int:
        return _whole(values, f"{architecture}.{key}", default)

    layers = of("block_count")
    if layers > MAX_LAYERS:
        raise Malformed(f"claims {layers:,} layers")
    heads = values.get(f"{architecture}.attention.head_count", 0)
    by_layer = values.get(f"{architecture}.attention.head_count_kv", heads)
    of_layers = by_layer if isinstance(by_layer, tuple) else (by_layer,) * layers
    if isinstance(heads, tuple):
        heads = max(heads, default=0)
    if not all(isinstance(n, int) and 0 <= n <= MAX_COUNT for n in (heads, *of_layers)):
        raise Malformed("does not tell its attention heads as numbers that can be")
    if not heads or not any(of_layers):
        return 0  # a recurrent model keeps a state of a fixed size instead
    width = max(of("embedding_length") // int(heads), 1)
    held = of("attention.key_length", width) + of("attention.value_length", width)
    return sum(int(count) for count in of_layers) * held * KV_BYTES
