"""Progress for a person at a terminal. The only file of this package that needs rich."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from satchel.cli.terminal import Terminal

Draw: TypeAlias = Callable[[str, int, int, str], None]
"""(what is going on, how much is done, of how much, a few words beside it); a total of 0 is not
known yet."""


@contextmanager
def bars(terminal: Terminal, counts: bool = True) -> Iterator[Draw]:
    """Draw one bar a stage on standard error, and take them away at the end.

    Without `counts` only the words beside a bar say how far it is.
    """
    counting = [MofNCompleteColumn()] if counts else []
    console = Console(file=terminal.err, force_terminal=True, no_color=not terminal.paint_err.on)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        *counting,
        TextColumn("{task.fields[beside]}", markup=False),
        console=console,
        transient=True,
    ) as progress:
        tasks = {}

        def draw(stage: str, done: int, total: int, beside: str = "") -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=None, beside="")
            progress.update(tasks[stage], completed=done, total=total or None, beside=beside)

        yield draw
