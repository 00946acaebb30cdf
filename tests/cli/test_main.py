"""What happens around every command: errors of ours and of the system."""

from __future__ import annotations

import subprocess
import sys

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
