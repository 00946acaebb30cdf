"""A request's own vector, made while the index is read."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.types import Embed

READ: Final = 2_000  # characters of a request: the model reads about 256 tokens


@dataclass(frozen=True, slots=True)
class Embedding:
    """A vector to come. `making` is None where there is nothing to compare it with."""

    making: Future[NDArray[np.float32] | None] | None = None

    @classmethod
    def of(
        cls, text: str, embed: Embed | None, index: IndexStore, records: Sequence[RecordStore]
    ) -> Embedding:
        """Begin to embed a text."""
        if embed is None or not text.strip():
            return cls()
        if not (index.vectors.table().passages or any(store.vectors.is_any() for store in records)):
            return cls()
        return cls(_WAITING.submit(embed, [text[:READ]]))

    def vector(self) -> NDArray[np.float32] | None:
        """Wait for the vector; None where there is none, or it would have made the answer wait."""
        vectors = self.making.result() if self.making is not None else None
        return None if vectors is None else vectors[0]


# The embedder is another process: it takes 6 ms for a few words and 75 for READ characters, as
# long as the search, and this process would only wait. So these threads do; of the daemon's
# requests at one time, each needs its own.
_WAITING: Final = ThreadPoolExecutor(4, "satchel-embed")
