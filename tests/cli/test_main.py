"""What happens around every command: errors of ours and of the system."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from satchel.cli import refused, unexpected


def test_an_error_of_ours_names_its_place_and_no_value() -> None:
    try:
        int("the user's own words")
    except ValueError as error:
        told = unexpected(error)
    assert "ValueError at test_main.py:" in told.message
    assert "own words" not in told.message
    assert "SATCHEL_DEBUG=1" in told.next_step


def test_what_the_system_refuses_is_said_with_its_place() -> None:
    told = refused(PermissionError(13, "Permission denied", "/nowhere"))
    assert told.message == "the system refused: permission denied (/nowhere)"
    assert told.exit_status == 4


def test_a_briefing_for_a_program_imports_nothing_that_is_slow() -> None:
    modules = "satchel.cli, satchel.cli.arguments, satchel.cli.brief"
    program = f"import sys; import {modules}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"rich", "numpy", "aiohttp", "apsw", "asyncio", "subprocess", "ssl"}


@pytest.mark.skipif(os.name != "posix", reason="a shell closes streams")
@pytest.mark.parametrize(("closed", "status"), [(">&-", 3), ("2>&-", 3), ("<&- >&- 2>&-", 3)])
def test_a_stream_that_was_closed_before_breaks_no_command(
    tmp_path: Path, closed: str, status: int
) -> None:
    line = f"exec {shlex.quote(sys.executable)} -m satchel.cli status {closed}"
    done = subprocess.run(
        ["sh", "-c", line],
        env={**os.environ, "SATCHEL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (status, False)


def test_a_request_from_a_closed_standard_input_is_an_empty_one(tmp_path: Path) -> None:
    line = f"exec {shlex.quote(sys.executable)} -m satchel.cli brief - <&-"
    done = subprocess.run(
        ["sh", "-c", line],
        env={**os.environ, "SATCHEL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "the request is empty" in done.stderr
