"""Ctrl-C where it must not cut something in two: it is held back, and comes a moment later."""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Let nothing interrupt what is in here; who pressed Ctrl-C meanwhile is heard at its end.

    Only the main thread is ever interrupted; in another this does nothing.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield
        return
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


@contextlib.contextmanager
def scratch_folder(prefix: str, keep: bool = False) -> Iterator[Path]:
    """Give an empty folder that goes away at the end with all that is in it, unless it is kept."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        if not keep:
            with held_back():
                shutil.rmtree(folder, ignore_errors=True)
