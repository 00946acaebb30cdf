"""BM25 over whole files, served like the peers, so that its memory is told from ours.

It hands over paths alone: whoever asks has to read the files.
"""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

from bench.baselines import Bm25Files, tracked
from bench.material import is_source
from bench.peer_tools.drivers.serving import serve

SHOWN = 10


class Bm25:
    """The baseline of `bench.localise`, over source files of some suffixes."""

    def __init__(self, suffixes: frozenset[str]) -> None:
        self._suffixes = suffixes
        self._files = Bm25Files()

    def index(self, top: str) -> None:
        """Read the source files that are no tests."""
        held = [path for path in tracked(Path(top)) if is_source(path)]
        self._files.read(
            Path(top), [path for path in held if PurePosixPath(path).suffix in self._suffixes]
        )

    def ask(self, request: str) -> str:
        """Return the first paths, a line each."""
        return "\n".join(self._files.rank(request, SHOWN))

    def rank(self, request: str, limit: int) -> list[str]:
        """Return the best files first."""
        return self._files.rank(request, limit)


if __name__ == "__main__":
    serve(Bm25(frozenset(sys.argv[1:])))
