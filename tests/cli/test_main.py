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


posix = pytest.mark.skipif(os.name != "posix", reason="needs a shell of POSIX")


def shell(line: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a line in which SATCHEL stands for the command."""
    line = line.replace("SATCHEL", f"{shlex.quote(sys.executable)} -m satchel.cli")
    environment = {**os.environ, "SATCHEL_HOME": str(home)}
    return subprocess.run(
        ["sh", "-c", line], env=environment, capture_output=True, text=True, timeout=60
    )


@posix
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_was_closed_before_breaks_no_command(tmp_path: Path, closed: str) -> None:
    done = shell(f"exec SATCHEL status {closed}", tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


@posix
def test_a_request_from_a_closed_standard_input_is_an_empty_one(tmp_path: Path) -> None:
    done = shell("exec SATCHEL brief - <&-", tmp_path)
    assert done.returncode == 2
    assert "the request is empty" in done.stderr


@posix
@pytest.mark.parametrize(("command", "status"), [("brief x", 2), ("export x", 2), ("mcp", 0)])
def test_a_folder_that_was_removed_is_said_to_be_or_is_no_matter(
    tmp_path: Path, command: str, status: int
) -> None:
    gone = shlex.quote(str(tmp_path / "gone"))
    line = f"mkdir {gone} && cd {gone} && rmdir {gone} && exec SATCHEL {command} < /dev/null"
    done = shell(line, tmp_path / "home")
    assert (done.returncode, "Traceback" in done.stderr) == (status, False)
    assert status == 0 or "the folder that you are in was removed" in done.stderr
