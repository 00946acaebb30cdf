"""The words of a whole file, counted, as one small blob: what scores a file beside its passages.

Terms are kept as CRC-32 of their spelling: a file has some hundreds of them, so that two which
share one are rare and harmless.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST: Final = 255  # occurrences; BM25 hardly tells more apart
FIELDS: Final = 3  # body, names, path


@dataclass(frozen=True, slots=True)
class FileCounts:
    """How often each term stands in a file, in the names that it defines, and in its path.

    `terms` (sorted, unique) is parallel to the rows of `counts`, whose columns are body, names and
    path; `length` counts all occurrences in the body.
    """

    length: int
    terms: NDArray[np.uint32]
    counts: NDArray[np.uint8]


def counted(files: Sequence[FileCounts], keys: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return how often each of these terms stands in each field of each file: an array of files by
    terms by fields."""
    places = np.arange(len(files), dtype=np.uint64) << np.uint64(32)
    sizes = [len(file.terms) for file in files]
    # One search for all: a file's place goes before its terms.
    have = np.repeat(places, sizes) | np.concatenate([file.terms for file in files])
    wanted = places[:, None] | keys
    if not len(have):
        return np.zeros((*wanted.shape, FIELDS), dtype=np.uint8)
    at = np.minimum(np.searchsorted(have, wanted), len(have) - 1)
    counts = np.concatenate([file.counts for file in files])
    found: NDArray[np.uint8] = counts[at] * (have[at] == wanted)[:, :, None]
    return found


def totals(files: Sequence[FileCounts], field: int) -> NDArray[np.int64]:
    """Return how many occurrences each file counts in one field."""
    places = np.repeat(np.arange(len(files)), [len(file.terms) for file in files])
    counts = np.concatenate([file.counts[:, field] for file in files])
    return np.bincount(places, counts, len(files)).astype(np.int64)


def key_of(term: str) -> int:
    """Return what a term is kept as: 32 bits."""
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


def keys_of(terms: Iterable[str]) -> NDArray[np.uint32]:
    """Return what these terms are kept as, in their order."""
    return np.array([key_of(term) for term in terms], dtype=np.uint32)


def packed(*fields: Mapping[int, int]) -> bytes:
    """Return a file's counts, by key, of body, names and path, as a blob."""
    keys = sorted(set().union(*fields))
    terms = np.array(keys, dtype="<u4")
    counts = np.array(
        [[min(field.get(key, 0), MOST) for field in fields] for key in keys], dtype=np.uint8
    )
    return terms.tobytes() + counts.tobytes()


def unpacked(length: int, blob: bytes) -> FileCounts:
    """Read what `packed` wrote."""
    count = len(blob) // (4 + FIELDS)
    terms = np.frombuffer(blob, dtype="<u4", count=count)
    counts = np.frombuffer(blob, dtype=np.uint8, offset=4 * count).reshape(count, FIELDS)
    return FileCounts(length, terms, counts)
