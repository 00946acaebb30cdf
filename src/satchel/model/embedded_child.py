"""The process that runs the embedded model: llama.cpp's own server on a loopback port.

One JSON line comes in on stdin (`gguf`, `context`, `threads`, `token`); one goes out on stdout,
`{"url": …}` or `{"error": …}`. The process ends when its stdin closes, which also happens when
its parent is killed. What llama.cpp prints goes nowhere.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any, BinaryIO


def main() -> None:
    """Serve until stdin closes."""
    # The answer goes to a copy of stdout; libraries then find both outputs closed to them.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    given = sys.stdin.buffer
    config = json.loads(given.readline())
    # Watched from the start, so that a parent who dies while the model loads is noticed too.
    ended = threading.Thread(target=_end_with, args=(given,), daemon=True)
    ended.start()
    try:
        server = _serve(config)
    except Exception as error:  # whatever llama.cpp raises is told to the parent
        print(json.dumps({"error": str(error) or type(error).__name__}), file=answer, flush=True)
        os._exit(1)
    print(json.dumps({"url": server.listening_address}), file=answer, flush=True)
    ended.join()


def _serve(config: dict[str, Any]) -> Any:
    import xllamacpp  # type: ignore[import-untyped]  # ships no stubs

    params = xllamacpp.CommonParams()
    params.model.path = config["gguf"]
    params.model_alias = {config["name"]}
    params.n_ctx, params.n_parallel = config["context"], 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = config["threads"]
    params.verbosity, params.ui, params.offline = -1, False, True
    params.endpoint_slots = False
    # Without these its port would answer any page of any browser.
    params.api_keys = [config["token"]]
    params.cors_origins, params.cors_origins_explicit = "http://127.0.0.1", True
    return xllamacpp.Server(params)


def _end_with(given: BinaryIO) -> None:
    while given.read(4096):
        pass
    os._exit(0)  # nothing is kept in memory that would have to be saved


if __name__ == "__main__":
    main()
