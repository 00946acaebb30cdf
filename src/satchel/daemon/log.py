"""The daemon's log: what happened and where, never what a request or a file says.

Our own lines are written from fixed words and numbers. A line of a library may quote what it was
handed, so only its place and the type of its exception are kept.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
import threading
import time
from functools import lru_cache
from pathlib import Path
from types import TracebackType

NAME = "satchel"
REQUESTS = f"{NAME}.requests"  # its records are whole lines, as `line` makes them
MOST_BYTES = 1_000_000  # of the file in use; one older file of that size stays beside it


def where(error: BaseException) -> str:
    """Name an exception's type and the last lines that it passed through, without its message.

    The causes that it was raised from follow, the first of them last.
    """
    steps: list[str] = []
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        steps.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    place = f"{type(error).__name__} at {' > '.join(steps[-6:]) or 'an unknown place'}"
    return f"{place}, from {where(error.__cause__)}" if error.__cause__ else place


def line(seconds: float, level: str, text: str) -> str:
    """Return a line of the log, of something that happened at a time of the clock on the wall."""
    return f"{_second(int(seconds))},{int(seconds % 1 * 1000):03d} {level} {text}"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


class Reticent(logging.Formatter):
    """Keeps the text of our own records and only the place of everybody else's."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, or those that a record of requests holds."""
        if record.name == REQUESTS:
            return record.getMessage()
        if record.name.split(".")[0] == NAME:
            text = record.getMessage()
        else:
            text = f"{record.name} spoke at {Path(record.pathname).name}:{record.lineno}"
        if record.exc_info and record.exc_info[1] is not None:
            text = f"{text}: {where(record.exc_info[1])}"
        return line(record.created, record.levelname.lower(), text)


class Rotating(logging.handlers.RotatingFileHandler):
    """A file of bounded size that standard output and standard error follow when it turns over."""

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - as below
        """Tell whether the file is full, by its size alone: what else writes to it counts too."""
        return self.stream is not None and os.fstat(self.stream.fileno()).st_size >= self.maxBytes

    def doRollover(self) -> None:  # noqa: N802 - the standard library's name
        """Turn the file over and point the process's own streams at the new one."""
        super().doRollover()
        if self.stream is not None:
            for descriptor in (1, 2):
                os.dup2(self.stream.fileno(), descriptor)


def open_log(path: Path) -> logging.Logger:
    """Send every logger of this process to the file at `path`; return the daemon's own."""
    written = Rotating(path, maxBytes=MOST_BYTES, backupCount=1, encoding="utf-8")
    written.setFormatter(Reticent())
    root = logging.getLogger()
    root.handlers[:] = [written]
    root.setLevel(logging.WARNING)
    ours = logging.getLogger(NAME)
    ours.setLevel(logging.INFO)

    def unraised(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
        ours.error("uncaught %s", where(error))

    def in_thread(failure: threading.ExceptHookArgs) -> None:
        if failure.exc_value is not None:
            ours.error("uncaught in a thread: %s", where(failure.exc_value))

    sys.excepthook = unraised
    threading.excepthook = in_thread
    return ours
