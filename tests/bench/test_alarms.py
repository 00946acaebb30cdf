"""Conflicts that are raised over a repository's own commits, counted."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bench.alarms import Asked, commits_asked, figures

COMMITS = (
    ("shop.js", "const cart = []\n", "Keep the cart in a list"),
    ("CLAUDE.md", "# Rules\n\n- Never use jQuery.\n", "Write the rules down"),
    ("page.js", "import $ from 'jquery'\n", "Use jQuery for the page"),
)


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    for path, text, message in COMMITS:
        (folder / path).write_text(text)
        git("add", "-A")
        git("commit", "-q", "-m", message)
    return folder


def test_each_commit_is_asked_by_its_message_and_by_its_diff(top: Path) -> None:
    asked = list(commits_asked(top, 3))
    assert [(one.by_diff, bool(one.raised)) for one in asked] == [
        *((False, True), (True, True)),  # the newest comes first
        *((False, False), (True, False)),
        *((False, False), (True, False)),
    ]
    assert asked[0].plain > asked[4].plain


def test_the_shares_are_told_apart() -> None:
    quiet, raised = Asked(False, "a", (), 1.0), Asked(False, "b", ("x was ruled out",), 3.0)
    told = figures([quiet, raised, Asked(True, "a", (), 0.0)], 2.0)
    assert told["messages"]["alarms"]["value"] == told["messages"]["bm25"]["value"] == 50.0
    assert (told["diffs"]["asked"], told["diffs"]["alarms"]["value"]) == (1, 0.0)
