"""Follows what changes in the workspaces that were opened, and has it read again.

A watch on a whole tree would follow every object that git writes and every package that was
installed. So the top and git's own folder are watched flat, and only the folders that can hold
sources are watched deep: when the set of those changes, the watches are laid anew.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import threading
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

import anyio
from anyio.to_thread import run_sync
from watchfiles._rust_notify import RustNotify  # documented as the library's own lower layer

from satchel.daemon.log import where

LOG = logging.getLogger("satchel.watcher")

STEP_MS = 100  # of quiet before a burst of changes is passed on
BURST_MS = 400  # a burst that does not end is passed on after this
POLL_MS = 400  # between two looks at the tree where the kernel gives no notices
MANY = 2000  # more changes than this at once: comparing the whole tree is cheaper
AGAIN = 5.0  # seconds before a watch that broke is laid again

UNWATCHED = frozenset(
    {".git", ".hg", ".svn", "node_modules", "bower_components", ".venv", "venv", ".tox", ".nox"}
    | {"site-packages", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".eggs"}
    | {".hypothesis", ".gradle", ".idea", ".next", ".nuxt", ".terraform", ".cache", ".direnv"}
)
HEADS = frozenset(("HEAD", "packed-refs"))

T = TypeVar("T")
Changed: TypeAlias = Callable[[str, set[str] | None], None]
"""(top, what changed); None: so much that the whole tree is compared; empty: nothing is known of,
but nobody watched until now."""
Notices: TypeAlias = Callable[
    [tuple[str, ...], threading.Event, bool, bool], AsyncGenerator[set[str], None]
]
"""What tells of changes: paths, a stop, whether to poll, whether to look below. The first set that
comes is empty and says that the watch is laid."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Which folders are watched: `flat` for themselves alone, `deep` with all below."""

    flat: tuple[str, ...]
    deep: tuple[str, ...]


def lay(top: Path) -> Watched:
    """Decide what to watch for the workspace at `top`, as it stands now."""
    flat, deep = [str(top)], []
    with os.scandir(top) as entries:
        for entry in entries:
            if entry.name not in UNWATCHED and entry.is_dir(follow_symlinks=False):
                deep.append(entry.path)
    if (git := git_folder(top)) is not None:
        flat.append(str(git))
        if (git / "refs").is_dir():
            deep.append(str(git / "refs"))
    return Watched(tuple(flat), tuple(sorted(deep)))


def git_folder(top: Path) -> Path | None:
    """Find git's own folder: `.git`, or where a file of that name points (a worktree)."""
    git = top / ".git"
    if git.is_dir():
        return git
    try:
        pointer = git.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    named = top / pointer.removeprefix("gitdir:").strip()
    return named if pointer.startswith("gitdir:") and named.is_dir() else None


def sort(top: Path, git: Path | None, paths: set[str]) -> set[str] | None:
    """Turn what the kernel named into paths below `top`, or None where all must be compared.

    A branch that moved, and a burst too large to follow one by one, are such cases.
    """
    below: set[str] = set()
    for path in map(Path, paths):
        if git is not None and path.is_relative_to(git):
            inner = path.relative_to(git).parts
            if len(inner) == 1 and inner[0] in HEADS:
                return None
            if inner[:1] == ("refs",) and not path.name.endswith(".lock"):
                return None
            continue
        if not path.is_relative_to(top) or path == top:
            continue
        relative = path.relative_to(top)
        if UNWATCHED.isdisjoint(relative.parts):
            below.add(relative.as_posix())
    return below if len(below) <= MANY else None


class Watcher:
    """One watch a workspace. Nothing is watched until it is opened."""

    def __init__(self, changed: Changed, notices: Notices | None = None) -> None:
        self.changed = changed
        self.notices = notices or kernel_notices
        self.watches: dict[str, asyncio.Task[None]] = {}

    def open(self, top: str) -> None:
        """Watch a workspace from now on; a no-op where it is watched already."""
        watch = self.watches.get(top)
        if watch is None or watch.done():
            self.watches[top] = asyncio.create_task(self._follow(Path(top)))

    def leave(self, top: str) -> None:
        """Watch a workspace no longer."""
        watch = self.watches.pop(top, None)
        if watch is not None:
            watch.cancel()

    async def close(self) -> None:
        """End all watches."""
        for watch in self.watches.values():
            watch.cancel()
        await asyncio.gather(*self.watches.values(), return_exceptions=True)
        self.watches.clear()

    async def _follow(self, top: Path) -> None:
        polling = False
        while await run_sync(top.is_dir):
            try:
                await self._watch(top, polling)
            except (OSError, ExceptionGroup) as error:
                limited = isinstance(error, ExceptionGroup) and error.subgroup(OSError)
                LOG.warning("a watch broke: %s", where(error))
                if limited and not polling:
                    LOG.warning("the kernel gives no more notices: polling")
                    polling = True
                else:
                    await asyncio.sleep(AGAIN)

    async def _watch(self, top: Path, polling: bool) -> None:
        """Watch until what must be watched changes.

        What changed before the watches were laid is found by comparing the whole tree once.
        """
        laid = await run_sync(lay, top)
        git = git_folder(top)
        stop = threading.Event()
        found: asyncio.Queue[set[str]] = asyncio.Queue()

        async def gather(paths: tuple[str, ...], recursive: bool) -> None:
            async for changes in self.notices(paths, stop, polling, recursive):
                found.put_nowait(changes)

        async with asyncio.TaskGroup() as group:
            group.create_task(gather(laid.flat, False))
            group.create_task(gather(laid.deep, True))
            try:
                for _ in (laid.flat, laid.deep):
                    await found.get()  # the empty set that says that the watch is laid
                await self._read_again(top, set())
                while True:
                    paths = await found.get()
                    while not found.empty():
                        paths |= found.get_nowait()
                    wanted = sort(top, git, paths)
                    if wanted is None or wanted:
                        await self._read_again(top, wanted)
                    if await run_sync(lay, top) != laid:
                        return
            finally:
                stop.set()

    async def _read_again(self, top: Path, paths: set[str] | None) -> None:
        try:
            await run_sync(self.changed, str(top), paths)
        except Exception as error:
            LOG.error("changes could not be read: %s", where(error))


async def kernel_notices(
    paths: tuple[str, ...], stop: threading.Event, polling: bool, recursive: bool
) -> AsyncGenerator[set[str], None]:
    """Yield an empty set once the watch is laid, then sets of paths that changed, until `stop`.

    Laying a watch on a large tree takes its time and waiting takes for ever, so both happen in
    threads that are not counted among those that answer requests. Raises OSError at the
    kernel's limits.
    """
    threads = anyio.CapacityLimiter(math.inf)

    async def in_thread(call: Callable[[], T]) -> T:
        return await run_sync(call, limiter=threads, abandon_on_cancel=True)

    notify = await in_thread(
        lambda: RustNotify(list(paths), False, polling, POLL_MS, recursive, True)
    )
    try:
        yield set()
        while True:
            changes = await in_thread(lambda: notify.watch(BURST_MS, STEP_MS, 0, stop))
            if isinstance(changes, str):  # "stop"; "signal" and "timeout" do not come in a thread
                return
            yield {path for _, path in changes}
    finally:
        stop.set()
        notify.close()
