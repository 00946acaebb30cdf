"""A world of loopback alone, for several processes together: what runs there reaches nothing else.

Where the kernel does not let us make one, its commands run in the open.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

from tests.e2e.npm import offline

# It holds the namespace until its standard input ends.
HOLD = (
    "from satchel.prove.kernel import raise_loopback; raise_loopback(); print(flush=True); input()"
)


@contextlib.contextmanager
def closed_world() -> Iterator[tuple[str, ...]]:
    """Give the words that go before a command to run it there."""
    apart = offline()
    if not apart:
        yield ()
        return
    holding = [*apart, sys.executable, "-c", HOLD]
    with subprocess.Popen(holding, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline() == b"\n"
            target = f"--target={holder.pid}"
            yield ("nsenter", "--user", "--net", "--preserve-credentials", target, "--")
        finally:
            holder.kill()
