"""Real llama-servers: what xllamacpp runs on its own port, and Debian's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.model.assets import SMOLLM2
from tests.model.debian import Absent, Program, llama_server
from tests.model.real_llama import real_llama


@pytest.fixture(scope="session")
def gguf(real_assets: Path) -> Path:
    return SMOLLM2.path(real_assets)


@pytest.fixture(scope="session")
def real_llama_server(gguf: Path) -> Iterator[str]:
    """The base URL of a llama-server without a key, as a user would start it."""
    with real_llama(gguf) as url:
        yield url


@pytest.fixture(scope="session")
def debian_llama_server(real_assets: Path) -> Program:
    """Debian's llama-server, not started."""
    try:
        return llama_server(real_assets.parent)
    except Absent as absent:
        pytest.skip(f"no llama-server of Debian sid: {absent}")
