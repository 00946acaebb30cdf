"""What changes on disk is read again; what does not matter is not even looked at."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from satchel.daemon.watcher import MANY, Notices, Watcher, git_folder, kernel_notices, lay, sort

TOP = Path("/w")
GIT = Path("/w/.git")


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        pytest.param({"/w/a.py", "/w/src/b.py"}, {"a.py", "src/b.py"}, id="files"),
        pytest.param({"/w/.git/HEAD"}, None, id="branch switched"),
        pytest.param({"/w/.git/refs/heads/main", "/w/a.py"}, None, id="committed"),
        pytest.param({"/w/.git/refs/heads/main.lock"}, set(), id="a lock of git"),
        pytest.param({"/w/.git/index", "/w/.git/COMMIT_EDITMSG"}, set(), id="git's own"),
        pytest.param({"/w/lib/node_modules/x/y.js"}, set(), id="vendored"),
        pytest.param({"/elsewhere/a.py", "/w"}, set(), id="not below"),
        pytest.param({f"/w/{n}" for n in range(MANY + 1)}, None, id="very many"),
    ],
)
def test_changes_are_sorted(paths: set[str], found: set[str] | None) -> None:
    assert sort(TOP, GIT, paths) == found


def test_only_folders_with_sources_are_watched_deep(tmp_path: Path) -> None:
    for name in ("src", "docs", "node_modules", ".venv", ".git/refs", ".git/objects"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "linked").symlink_to(tmp_path / "src")
    laid = lay(tmp_path)
    assert laid.flat == (str(tmp_path), str(tmp_path / ".git"))
    assert laid.deep == tuple(str(tmp_path / name) for name in (".git/refs", "docs", "src"))


def test_a_worktree_is_followed_to_its_git_folder(tmp_path: Path) -> None:
    (tmp_path / "real" / "worktrees" / "w").mkdir(parents=True)
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / ".git").write_text("gitdir: ../real/worktrees/w\n")
    assert git_folder(tmp_path / "w") == tmp_path / "w" / "../real/worktrees/w"
    (tmp_path / "w" / ".git").write_text("nonsense")
    assert git_folder(tmp_path / "w") is None


class Seen:
    """Stands in for the engine: remembers what it was told, in order."""

    def __init__(self) -> None:
        self.calls: list[set[str] | None] = []

    def __call__(self, top: str, paths: set[str] | None) -> None:
        self.calls.append(paths)

    def all(self) -> set[str]:
        return set().union(*(paths for paths in self.calls if paths is not None))


async def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def follow(
    top: Path, then: Callable[[Seen], AsyncGenerator[None, None]], notices: Notices | None = None
) -> Seen:
    """Watch `top`, wait for the first comparison, then do the steps of `then`."""
    seen = Seen()

    async def run() -> None:
        watcher = Watcher(seen, notices)
        watcher.open(str(top))
        watcher.open(str(top))
        await until(lambda: bool(seen.calls))
        async for _ in then(seen):
            pass
        await watcher.close()

    asyncio.run(run())
    return seen


def test_the_tree_is_compared_when_the_watch_begins(tmp_path: Path) -> None:
    async def nothing(seen: Seen) -> AsyncGenerator[None, None]:
        yield

    assert follow(tmp_path, nothing).calls == [set()]


@pytest.mark.parametrize("polling", [False, True], ids=["kernel", "polling"])
def test_saved_moved_and_deleted_files_are_told(tmp_path: Path, polling: bool) -> None:
    (tmp_path / "src" / "deep").mkdir(parents=True)
    (tmp_path / "src" / "old.py").write_text("a = 1\n")

    async def edits(seen: Seen) -> AsyncGenerator[None, None]:
        (tmp_path / "src" / "deep" / "new.py").write_text("b = 1\n")
        (tmp_path / "top.py").write_text("c = 1\n")
        (tmp_path / "src" / "old.py").rename(tmp_path / "src" / "moved.py")
        await until(
            lambda: {"src/deep/new.py", "top.py", "src/old.py", "src/moved.py"} <= seen.all()
        )
        (tmp_path / "top.py").unlink()
        count = len(seen.calls)
        await until(lambda: len(seen.calls) > count)
        yield

    refused: list[bool] = []

    async def limited(
        paths: tuple[str, ...], stop: threading.Event, polls: bool, recursive: bool
    ) -> AsyncGenerator[set[str], None]:
        if polling and not polls:
            refused.append(True)
            raise OSError("OS file watch limit reached")
        async for found in kernel_notices(paths, stop, polls, recursive):
            yield found

    follow(tmp_path, edits, limited)
    assert bool(refused) == polling


def test_a_folder_that_comes_later_is_watched_too(tmp_path: Path) -> None:
    async def edits(seen: Seen) -> AsyncGenerator[None, None]:
        (tmp_path / "later").mkdir()
        await until(lambda: seen.calls.count(set()) == 2)
        (tmp_path / "later" / "a.py").write_text("a = 1\n")
        await until(lambda: "later/a.py" in seen.all() or seen.calls.count(set()) > 2)
        yield

    follow(tmp_path, edits)


def test_an_engine_that_fails_does_not_end_the_watch(tmp_path: Path) -> None:
    calls: list[object] = []

    def failing(top: str, paths: set[str] | None) -> None:
        calls.append(paths)
        raise RuntimeError

    async def run() -> None:
        watcher = Watcher(failing)
        watcher.open(str(tmp_path))
        await until(lambda: bool(calls))
        (tmp_path / "a.py").write_text("a = 1\n")
        await until(lambda: len(calls) > 1)
        await watcher.close()

    asyncio.run(run())


def test_a_workspace_that_is_left_is_watched_no_longer(tmp_path: Path) -> None:
    async def run() -> None:
        seen = Seen()
        watcher = Watcher(seen)
        watcher.open(str(tmp_path))
        await until(lambda: bool(seen.calls))
        watch = watcher.watches[str(tmp_path)]
        watcher.leave(str(tmp_path))
        await asyncio.wait({watch})
        assert watch.cancelled()
        assert watcher.watches == {}

    asyncio.run(run())


def test_a_workspace_that_is_gone_ends_its_watch(tmp_path: Path) -> None:
    async def run() -> None:
        watcher = Watcher(Seen())
        watcher.open(str(tmp_path / "gone"))
        await watcher.watches[str(tmp_path / "gone")]

    asyncio.run(run())
