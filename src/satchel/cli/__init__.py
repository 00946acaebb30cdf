"""What a user types and sees. The top of this package imports the standard library alone.

`main` is the console script. `satchel mcp` goes straight to the shim; every other command is a
row of `commands.COMMANDS`, and its module is imported when it runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from satchel.base.errors import (
    OUT_OF_ROOM,
    BadInput,
    Broken,
    Cancelled,
    SatchelError,
    unwritable,
)

UNEXPECTED = 1
ENDED_BY_PIPE = 141  # 128 + SIGPIPE, what a shell reports for a program that a closed pipe ended


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, or that of the error's class."""
    words = list(sys.argv[1:] if argv is None else argv)
    fill_streams()
    if words == ["mcp"]:
        from satchel.tools import shim

        return shim.main()
    return run(words)


def fill_streams() -> None:
    """Have a stream that this process was started without lead nowhere: or the next file that is
    opened would take its number, and be written into by whatever prints."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def run(words: Sequence[str]) -> int:
    """Parse, dispatch, and turn whatever goes wrong into one sentence and a next step."""
    try:
        from satchel.cli.terminal import Terminal
    except KeyboardInterrupt:  # so early that there is nothing to say and nothing to undo
        return Cancelled.exit_status

    terminal = Terminal.of_process(json="--json" in words)  # until the words were understood
    try:
        from satchel.base.paths import home
        from satchel.cli import arguments

        chosen = arguments.parse(words)
        terminal = terminal.asked(chosen)
        status = arguments.command(chosen)(chosen, terminal, home())
        terminal.flush()
    except SatchelError as error:
        terminal.fail(error)
        return error.exit_status
    except KeyboardInterrupt:
        terminal.end_line()
        terminal.fail(Cancelled("cancelled", "stopped", "nothing that was acknowledged is lost"))
        return Cancelled.exit_status
    except BrokenPipeError:
        # Whoever read our output has gone; keep the interpreter's last flush from complaining.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ENDED_BY_PIPE
    except OSError as error:
        told = refused(error)
        terminal.fail(told)
        return told.exit_status
    except Exception as error:
        if os.environ.get("SATCHEL_DEBUG"):
            raise
        terminal.fail(unexpected(error))
        return UNEXPECTED
    return status


def refused(error: OSError) -> SatchelError:
    """Describe what the operating system would not do, and where."""
    if isinstance(error, FileNotFoundError) and not error.filename and is_nowhere():
        return BadInput(
            "no-folder", "the folder that you are in was removed", "go to one that is there"
        )
    if error.errno in OUT_OF_ROOM:
        return unwritable(error.filename or "a file", error)
    where = f" ({error.filename})" if error.filename else ""
    return Broken(
        "refused",
        f"the system refused: {(error.strerror or str(error)).lower()}{where}",
        "look at the permissions there and at the space on the disk",
    )


def is_nowhere() -> bool:
    """Tell whether the folder that this runs in is gone."""
    try:
        os.getcwd()  # noqa: PTH109  pathlib costs milliseconds here
    except FileNotFoundError:
        return True
    return False


def unexpected(error: Exception) -> SatchelError:
    """Describe an error of ours: what and where, never the values that were in hand."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = "unknown"
    if frame is not None:
        code = frame.tb_frame.f_code
        place = f"{os.path.basename(code.co_filename)}:{frame.tb_lineno} in {code.co_name}"  # noqa: PTH119  pathlib costs milliseconds here
    return SatchelError(
        "unexpected",
        f"Satchel met an error of its own: {type(error).__name__} at {place}",
        "run it again with SATCHEL_DEBUG=1 and report what that prints",
    )
