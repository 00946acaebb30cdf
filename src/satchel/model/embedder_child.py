"""The process that runs MiniLM, so that its memory is not the daemon's and comes back when idle.

A JSON line comes in on stdin (`onnx`, `tokenizer`), one goes out on stdout (`{"ready": true}` or
`{"error": …}`). Then each JSON list of texts is answered with its vectors: float32, 384 a text.
The process ends when its stdin closes, which also happens when its parent is killed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Embed until stdin closes."""
    # The answer goes to a copy of stdout; libraries then find both outputs closed to them.
    answer = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    if hasattr(os, "nice"):
        os.nice(10)  # what it mostly does has time; a briefing beside it has not
    given = sys.stdin.buffer
    config = json.loads(given.readline())
    try:
        from satchel.model.embedder import Embedder

        embed = Embedder(Path(config["onnx"]), Path(config["tokenizer"]))
        embed(["ready"])
    except Exception as error:  # whatever onnxruntime raises is told to the parent
        answer.write(json.dumps({"error": str(error) or type(error).__name__}).encode() + b"\n")
        answer.flush()
        return
    answer.write(b'{"ready": true}\n')
    answer.flush()
    for line in given:
        answer.write(embed(json.loads(line)).tobytes())
        answer.flush()


if __name__ == "__main__":
    main()
