"""The words of a whole file, counted, as one small blob: what scores a file beside its passages.

Terms are kept as CRC-32 of their spelling: a file has some hundreds of them, so that two which
share one are rare and harmless.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
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

    def of(self, keys: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Return the rows of these terms: of one that is not there, zeros."""
        if not len(self.terms):
            return np.zeros((len(keys), self.counts.shape[1]), dtype=np.uint8)
        at = np.minimum(np.searchsorted(self.terms, keys), len(self.terms) - 1)
        found: NDArray[np.uint8] = self.counts[at] * (self.terms[at] == keys)[:, None]
        return found


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
