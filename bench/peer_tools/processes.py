"""Memory of everything that a peer started, and an end to what it left behind.

A peer may start servers that outlive it, so they are known by a mark in their environment and not
by their parents. Without a /proc nothing is found.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figures import memory_mb

MARK = "SATCHEL_BENCH_PEER"
EVERY_SECONDS = 0.1
PATIENCE = 5.0  # seconds that a process has to end


def marked(mark: str) -> list[int]:
    """Return the processes whose environment has the mark."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue  # it ended, or is somebody else's
        if wanted in environment.split(b"\0") and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


class Peak:
    """The most that the marked processes held together, in MB of resident memory.

    Looked at ten times a second: a process that lives shorter may be missed. What processes share
    is counted in each.
    """

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._done = threading.Event()
        self.mb = 0.0

    def note(self, mb: float) -> None:
        """Take in what was measured in another way."""
        self.mb = max(self.mb, round(mb, 1))

    def _watch(self) -> None:
        while not self._done.wait(EVERY_SECONDS):
            held = [memory_mb(pid) for pid in marked(self._mark)]
            self.note(sum(memory["now"] for memory in held if memory))

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch for the length of a block, then end what is left of the marked processes."""
        self._done.clear()
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()
            end(self._mark)


def end(mark: str) -> None:
    """End the marked processes, by force where asking does not help."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + PATIENCE
        for pid in marked(mark):
            try:
                os.kill(pid, kind)
            except OSError:
                continue
        while marked(mark) and time.monotonic() < until:
            time.sleep(EVERY_SECONDS)
