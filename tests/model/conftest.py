"""Real llama-servers: what xllamacpp runs on its own port, and Debian's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.model.assets import SMOLLM2
from tests.model.debian import Absent, Program, llama_server

SERVE = """
import json, sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.n_parallel, params.verbosity, params.ui = 2048, 1, -1, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
print(json.dumps(server.listening_address), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def gguf(real_assets: Path) -> Path:
    return SMOLLM2.path(real_assets)


@pytest.fixture(scope="session")
def real_llama_server(gguf: Path) -> Iterator[str]:
    """The base URL of a llama-server without a key, as a user would start it."""
    child = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(gguf)],
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


@pytest.fixture(scope="session")
def debian_llama_server(real_assets: Path) -> Program:
    """Debian's llama-server, not started."""
    try:
        return llama_server(real_assets.parent)
    except Absent as absent:
        pytest.skip(f"no llama-server of Debian sid: {absent}")
