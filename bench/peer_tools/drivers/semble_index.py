"""semble's own index, kept warm; the answer is worded as its MCP server words it.

`lexical` sets the weight of its vectors to nothing and gives it a model of one constant vector:
what remains is its passages, its BM25, its boosts and its penalties. The model that it needs
otherwise comes from a hub on first use.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.peer_tools.drivers.serving import serve

SNIPPET_LINES = 10  # the defaults of its MCP tool
RESULTS = 5


class Semble:
    """An index of one folder. `model` is a folder with a static model; None is its own."""

    def __init__(self, model: str | None, weight: float | None) -> None:
        self._model = model
        self._weight = weight  # of the vectors; None lets semble choose
        self._index: Any = None

    def index(self, top: str) -> None:
        """Index the folder anew."""
        semble = import_module("semble")
        self._index = semble.SembleIndex.from_path(top, model_path=self._model)

    def ask(self, request: str) -> str:
        """Return its first five passages."""
        told = import_module("semble.utils").format_results(
            request, self._found(request, RESULTS), SNIPPET_LINES
        )
        return json.dumps(told)

    def rank(self, request: str, limit: int) -> list[str]:
        """Return the files of as many passages."""
        return [one.chunk.file_path for one in self._found(request, limit)]

    def _found(self, request: str, limit: int) -> list[Any]:
        found = self._index.search(request, top_k=limit, alpha=self._weight)
        return list(found)


def constant_model(folder: Path) -> str:
    """Write a static model whose vectors are all alike; return its path."""
    numpy, tokenizers = import_module("numpy"), import_module("tokenizers")
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({"[UNK]": 0, "[PAD]": 1}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    vectors = numpy.ones((2, 2), dtype=numpy.float32)
    import_module("model2vec").StaticModel(vectors, tokenizer).save_pretrained(folder)
    return str(folder)


if __name__ == "__main__":
    if sys.argv[1:] == ["lexical"]:
        with TemporaryDirectory() as scratch:
            serve(Semble(constant_model(Path(scratch)), 0.0))
    else:
        serve(Semble(None, None))
