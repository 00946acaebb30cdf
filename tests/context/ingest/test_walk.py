"""Which files are seen, which are left, and that nothing leads out of the root."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from satchel.context.ingest.walk import Seen, walk
from satchel.context.types import Stamp

Write = Callable[[Path, Mapping[str, str | bytes]], Path]


def left(seen: list[Seen]) -> dict[str, str | None]:
    return {one.path: one.skipped for one in seen}


def test_an_empty_folder_has_nothing(tmp_path: Path) -> None:
    assert list(walk(tmp_path, None, {})) == []


def test_a_plain_folder_is_walked_in_order(tmp_path: Path, write: Write) -> None:
    write(tmp_path, {"b.py": "", "a/z.py": "", "a/b/c.py": "", "B.py": ""})
    assert [one.path for one in walk(tmp_path, None, {})] == ["B.py", "b.py", "a/z.py", "a/b/c.py"]


def test_what_others_wrote_or_was_built_is_left(tmp_path: Path, write: Write) -> None:
    write(
        tmp_path,
        {
            "app.py": "",
            ".git/config": "",
            ".venv/lib/x.py": "",
            "node_modules/left/index.js": "",
            "src/__pycache__/x.pyc": "",
            "vendor/lib.go": "",
            "app/vendor/models.py": "",
            "static/js/vendor/jquery.js": "",
            "dist/app.js": "",
            "package.json": "{}",
            "docs/build/notes.md": "",
            ".github/workflows/ci.yml": "",
            ".env": "",
            ".env.example": "",
            "certs/server.key": "",
        },
    )
    assert left(list(walk(tmp_path, None, {}))) == {
        "app.py": None,
        "package.json": None,
        ".env": "secret",
        ".env.example": None,
        ".github/workflows/ci.yml": None,
        "app/vendor/models.py": None,
        "certs/server.key": "secret",
        "dist/": "built",
        "docs/build/notes.md": None,
        "node_modules/": "vendored",
        "src/__pycache__/": "vendored",
        "static/js/vendor/": "vendored",
        "vendor/": "vendored",
    }


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("listed", [False, True], ids=["folder", "listed"])
def test_links_pipes_and_sockets_are_counted_and_not_opened(
    tmp_path: Path, write: Write, listed: bool
) -> None:
    write(tmp_path / "secret", {"key.py": "", "deep/key.py": ""})
    top = write(tmp_path / "top", {"a.py": "", "real/b.py": ""})
    (top / "in.py").symlink_to("a.py")
    (top / "out.py").symlink_to(tmp_path / "secret" / "key.py")
    (top / "loop.py").symlink_to("loop.py")
    (top / "gone.py").symlink_to("nowhere.py")
    (top / "away").symlink_to(tmp_path / "secret")
    os.mkfifo(top / "pipe.py")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(top)  # a socket's path is short
        try:
            server.bind("door.py")
        finally:
            os.chdir(here)
        names = ["a.py", "real/b.py", "in.py", "out.py", "loop.py", "gone.py", "away", "pipe.py"]
        names += ["door.py", "away/key.py", "away/deep/key.py"]
        seen = left(list(walk(top, names if listed else None, {})))
    expected: dict[str, str | None] = {
        "a.py": None,
        "real/b.py": None,
        "in.py": "symlink",
        "out.py": "outside",
        "loop.py": "symlink",
        "gone.py": "symlink",
        "away": "outside",
        "pipe.py": "special",
        "door.py": "special",
    }
    if listed:
        expected |= {"away/key.py": "outside", "away/deep/key.py": "outside"}
    assert seen == expected


def test_an_unchanged_file_is_told_by_size_time_and_inode(tmp_path: Path, write: Write) -> None:
    write(tmp_path, {"a.py": "x = 1\n", "b.py": "y = 1\n"})
    known = {
        one.path: Stamp(one.stamp.size, one.stamp.mtime_ns, one.stamp.inode, "digest")
        for one in walk(tmp_path, None, {})
    }
    write(tmp_path, {"b.py": "y = 22\n"})
    first, second = walk(tmp_path, ["a.py", "b.py"], known)
    assert (first.unchanged, first.stamp.digest) == (True, "digest")
    assert (second.unchanged, second.stamp.digest) == (False, "")


def test_a_listed_file_that_is_gone_is_not_mentioned(tmp_path: Path, write: Write) -> None:
    write(tmp_path, {"a.py": ""})
    assert left(list(walk(tmp_path, ["a.py", "gone.py", "no/such.py"], {}))) == {"a.py": None}


def test_a_top_that_is_itself_a_link_is_walked(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "real", {"a/b.py": ""})
    (tmp_path / "link").symlink_to("real")
    assert left(list(walk(tmp_path / "link", ["a/b.py"], {}))) == {"a/b.py": None}
    assert left(list(walk(tmp_path / "link", None, {}))) == {"a/b.py": None}


def test_many_files_are_seen_once_each(tmp_path: Path) -> None:
    for folder in range(20):
        (tmp_path / str(folder)).mkdir()
        for number in range(100):
            (tmp_path / str(folder) / f"{number}.py").touch()
    seen = [one.path for one in walk(tmp_path, None, {})]
    assert len(seen) == len(set(seen)) == 2_000
