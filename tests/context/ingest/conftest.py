"""What the tests of reading share."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

Git = Callable[..., str]


@pytest.fixture(scope="session", autouse=True)
def compiled_rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the secret scanner's compiled rules out of the user's home."""
    with pytest.MonkeyPatch.context() as patch:
        if "KF_RULE_CACHE_DIR" not in os.environ:
            patch.setenv("KF_RULE_CACHE_DIR", str(tmp_path_factory.mktemp("secret-rules")))
        yield


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Run git with a configuration of the test's own."""
    config = tmp_path / "gitconfig"
    config.write_text(
        "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n"
        '[protocol "file"]\n\tallow = always\n[commit]\n\tgpgSign = false\n'
    )

    def run(folder: Path, *arguments: str, environment: Mapping[str, str] = {}) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            check=True,
            capture_output=True,
            text=True,
            env={
                **{name: value for name, value in os.environ.items() if name[:4] != "GIT_"},
                "GIT_CONFIG_GLOBAL": str(config),
                "GIT_CONFIG_NOSYSTEM": "1",
                **environment,
            },
        )
        return done.stdout

    return run


@pytest.fixture
def write() -> Callable[[Path, Mapping[str, str | bytes]], Path]:
    """Write files below a folder, which is made."""

    def write_all(top: Path, files: Mapping[str, str | bytes]) -> Path:
        top.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return top

    return write_all
