"""Ask LM Studio's own tool whether LM Link is on. No REST call of LM Studio tells."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

from satchel.model.locality import Link

AskLink: TypeAlias = Callable[[], Awaitable[Link]]

LIMIT_S = 3.0
OUTPUT_MAX = 1_000_000
# Any one of these means that the link cannot serve: switched off, not logged in, not admitted.
OFF_ISSUES = frozenset({"deviceDisabled", "notLoggedIn", "noAccess"})


async def ask_lms(command: str | None = None, limit_s: float = LIMIT_S) -> Link:
    """Run `lms link status --json`; called only where LM Studio itself has answered.

    Whatever goes wrong is UNTOLD, never an exception.
    """
    tool = command or find_lms()
    if tool is None:
        return Link.UNTOLD
    process = None
    try:
        async with asyncio.timeout(limit_s):
            process = await asyncio.create_subprocess_exec(
                tool,
                "link",
                "status",
                "--json",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            assert process.stdout is not None
            output = await process.stdout.read(OUTPUT_MAX)
            return read_status(output) if await process.wait() == 0 else Link.UNTOLD
    except (OSError, ValueError, TimeoutError):
        return Link.UNTOLD
    finally:
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def find_lms() -> str | None:
    """Return LM Studio's command-line tool: on the PATH, or where its installer puts it."""
    name = "lms.exe" if os.name == "nt" else "lms"
    installed = Path.home() / ".lmstudio" / "bin" / name
    return shutil.which("lms") or (str(installed) if installed.is_file() else None)


def read_status(output: bytes) -> Link:
    """Read the tool's JSON. Off is what it says with an issue, or online with no peer at all."""
    try:
        status: Any = json.loads(output)
    except ValueError:
        return Link.UNTOLD
    if not isinstance(status, dict):
        return Link.UNTOLD
    issues, peers = status.get("issues"), status.get("peers")
    if isinstance(issues, list) and OFF_ISSUES.intersection(map(str, issues)):
        return Link.OFF
    if not isinstance(peers, list):
        return Link.UNTOLD
    return Link.ON if peers else Link.OFF
