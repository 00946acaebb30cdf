"""The made-up shop: the same bytes each time, and a history that can be replayed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from satchel.demo.repository import Edit, apply, build, commits, parse_commit


def test_the_same_repository_is_built_each_time(tmp_path: Path) -> None:
    assert build(tmp_path / "one") == build(tmp_path / "two")


def test_it_is_small_and_has_what_a_repository_has(tmp_path: Path) -> None:
    build(tmp_path / "shop")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=tmp_path / "shop", capture_output=True, text=True, check=True
    ).stdout.split()
    assert 10 <= len([name for name in listed if name.startswith("shop/")]) <= 20
    assert {"AGENTS.md", "CLAUDE.md", "docs/adr/0002-server-side-sessions.md"} <= set(listed)
    assert 10 <= len(commits()) <= 15


def test_every_python_file_of_it_compiles() -> None:
    files: dict[str, str] = {}
    for commit in commits():
        files = apply(commit.edits, files)
        for path, text in files.items():
            if path.endswith(".py"):
                compile(text, path, "exec")


def test_the_history_is_in_order() -> None:
    dates = [commit.date for commit in commits()]
    assert dates == sorted(dates)


def test_edits_write_append_and_replace() -> None:
    edits = (
        Edit("===", "a", "one\n"),
        Edit("+++", "a", "two\n"),
        Edit("~~~", "a", "one\n~~~>\n1\n"),
    )
    assert apply(edits, {}) == {"a": "1\ntwo\n"}


def test_a_replacement_that_finds_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not hold"):
        apply((Edit("~~~", "a", "three\n~~~>\n3\n"),), {"a": "one\n"})


def test_a_commit_without_an_author_is_an_error() -> None:
    with pytest.raises(ValueError, match="no date"):
        parse_commit("nothing here\n")
