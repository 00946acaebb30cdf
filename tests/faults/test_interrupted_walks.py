"""Ctrl-C in `satchel demo` and `satchel prove`: what they started and made is gone with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from satchel.base.interrupts import held_back
from tests.faults.conftest import until

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="no /proc here to find processes in"
)


def processes(scratch: Path) -> list[str]:
    """Return the command lines of what runs with a home in `scratch`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue
        if any(line.startswith(f"SATCHEL_HOME={scratch}/".encode()) for line in environment):
            found.append(words.decode())
    return found


def folder_made(scratch: Path) -> bool:
    return any(scratch.glob("satchel-*"))


def daemon_only_starting(scratch: Path) -> bool:
    return any("satchel.daemon" in words for words in processes(scratch))


def daemon_ready(scratch: Path) -> bool:
    return any(scratch.glob("satchel-*/home/run/daemon.json"))


def workspace_indexed(scratch: Path) -> bool:
    return any(scratch.glob("satchel-*/home/workspaces/*/records.db"))


@pytest.mark.parametrize(
    "moment",
    [folder_made, daemon_only_starting, daemon_ready, workspace_indexed],
    ids=lambda moment: moment.__name__,
)
@pytest.mark.parametrize("word", ["demo", "prove"])
def test_ctrl_c_leaves_neither_a_folder_nor_a_process(
    word: str, moment: Callable[[Path], bool], tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "satchel.cli", word],
        env={**os.environ, "SATCHEL_HOME": str(tmp_path / "home"), "TMPDIR": str(scratch)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as command:
        until(lambda: moment(scratch))
        os.killpg(command.pid, signal.SIGINT)  # to all of the group, as a terminal does
        _, err = command.communicate(timeout=60)
    assert command.returncode == 130, err
    assert "satchel: stopped." in err
    assert "Traceback" not in err
    assert list(scratch.iterdir()) == []
    until(lambda: not processes(scratch))


def test_what_is_held_back_comes_at_the_end() -> None:
    done = []

    def work() -> None:
        with held_back():
            signal.raise_signal(signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["all of it"]
