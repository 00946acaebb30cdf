"""Progress for a person at a terminal. The only file of this package that needs rich."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from satchel.cli.terminal import Terminal

Draw: TypeAlias = Callable[[str, int, int], None]
"""(what is going on, how much is done, of how much); a total of 0 is not known yet."""


@contextmanager
def bars(terminal: Terminal, bytes_: bool = False) -> Iterator[Draw]:
    """Draw one bar a stage on standard error, and take them away at the end."""
    columns: list[ProgressColumn] = [TextColumn("{task.description}", markup=False), BarColumn()]
    if bytes_:
        columns += [DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()]
    else:
        columns += [MofNCompleteColumn()]
    console = Console(file=terminal.err, force_terminal=True, no_color=not terminal.paint_err.on)
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {}

        def draw(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=None)
            progress.update(tasks[stage], completed=done, total=total or None)

        yield draw
