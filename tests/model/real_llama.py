"""The llama-server inside xllamacpp, on a port of its own, as a user would start one."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SERVE = """
import json, sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.n_parallel, params.verbosity, params.ui = 2048, 1, -1, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
if sys.argv[2] == "embeds":
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
server = xllamacpp.Server(params)
print(json.dumps(server.listening_address), flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def real_llama(gguf: Path, *, embeds: bool = False) -> Iterator[str]:
    """Run a llama-server without a key, with a context of 2,048 tokens; give its base URL.

    One that `embeds` makes a vector of a text, as with `--embeddings --pooling mean`.
    """
    child = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(gguf), "embeds" if embeds else "chats"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield json.loads(child.stdout.readline())
    finally:
        child.stdin.close()
        child.stdout.close()
        child.wait(timeout=20)
