"""What git tells, and that a hostile repository makes it run nothing."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from satchel.base.errors import Unavailable
from satchel.context.ingest import git as source
from satchel.context.ingest.walk import walk

Git = Callable[..., str]
Write = Callable[[Path, Mapping[str, str | bytes]], Path]


@pytest.fixture
def repository(tmp_path: Path, git: Git, write: Write) -> Path:
    top = write(tmp_path / "top", {"a.py": "x = 1\n", "docs/b.md": "# B\n", ".gitignore": "out/\n"})
    git(top, "init", "-q")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "Begin\n\nWith a body.")
    return top


def opened(top: Path) -> source.Repository:
    found = source.open_repository(top)
    assert found is not None
    return found


def test_a_folder_without_git_is_no_repository(tmp_path: Path) -> None:
    assert source.open_repository(tmp_path) is None


def test_the_top_is_found_from_within(repository: Path) -> None:
    found = opened(repository / "docs")
    assert found.top == repository
    assert found.head is not None
    assert not found.shallow


def test_a_relative_path_does(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    assert source.tracked(opened(Path("docs"))) == [".gitignore", "a.py", "docs/b.md"]


def test_no_commits_is_a_repository_without_a_head(tmp_path: Path, git: Git, write: Write) -> None:
    top = write(tmp_path / "top", {"a.py": ""})
    git(top, "init", "-q")
    found = opened(top)
    assert found.head is None
    assert source.tracked(found) == ["a.py"]
    assert list(source.history(found, None, 10)) == []


def test_tracked_and_new_files_are_listed_and_ignored_ones_are_not(
    repository: Path, write: Write
) -> None:
    write(repository, {"new.py": "", "out/built.py": "", "old.log": ""})
    assert source.tracked(opened(repository)) == [
        ".gitignore",
        "a.py",
        "docs/b.md",
        "new.py",
        "old.log",
    ]


def test_strange_names_come_through(repository: Path, git: Git, write: Write) -> None:
    write(repository, {"a\nb.py": "", "🎒 bag.py": "", "-x.py": "", ":(glob)*.py": ""})
    (repository / os.fsdecode(b"caf\xe9.py")).write_text("")
    git(repository, "add", ".")
    listed = source.tracked(opened(repository))
    assert {"a\nb.py", "🎒 bag.py", "-x.py", ":(glob)*.py"} <= set(listed)
    seen = {one.path: one.skipped for one in walk(repository, listed, {})}
    assert seen["a\nb.py"] is None
    assert seen["caf\\udce9.py"] == "name"


def test_history_has_messages_and_paths_newest_first(
    repository: Path, git: Git, write: Write
) -> None:
    git(repository, "mv", "a.py", "c.py")
    write(repository, {"docs/b.md": "# C\n"})
    git(repository, "commit", "-q", "-a", "-m", "Rename a\x1f to c")
    second, first = source.history(opened(repository), None, 10)
    assert (first.subject, first.body, first.author) == ("Begin", "With a body.", "Ada")
    assert first.paths == (".gitignore", "a.py", "docs/b.md")
    assert second.paths == ("a.py", "c.py", "docs/b.md")
    assert first.time <= second.time


def test_history_follows_head_alone_and_from_where_it_stopped(
    repository: Path, git: Git, write: Write
) -> None:
    base = opened(repository).head
    git(repository, "checkout", "-q", "-b", "side")
    git(repository, "commit", "-q", "--allow-empty", "-m", "Aside")
    git(repository, "checkout", "-q", "main")
    for number in range(3):
        git(repository, "commit", "-q", "--allow-empty", "-m", f"Main {number}")
    found = opened(repository)
    assert [one.subject for one in source.history(found, base, 10)] == [
        "Main 2",
        "Main 1",
        "Main 0",
    ]
    assert len(list(source.history(found, None, 2))) == 2
    assert len(list(source.history(found, "0" * 40, 10))) == 4
    assert source.is_ancestor(found, str(base))
    assert not source.is_ancestor(found, git(repository, "rev-parse", "side").strip())
    assert not source.is_ancestor(found, "--all")


def test_merges_are_left_out(repository: Path, git: Git, write: Write) -> None:
    git(repository, "checkout", "-q", "-b", "side")
    write(repository, {"side.py": ""})
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Side")
    git(repository, "checkout", "-q", "main")
    git(repository, "commit", "-q", "--allow-empty", "-m", "Main")
    git(repository, "merge", "-q", "--no-ff", "-m", "Merge", "side")
    subjects = {one.subject for one in source.history(opened(repository), None, 10)}
    assert subjects == {"Begin", "Side", "Main"}


def test_a_detached_head_is_a_head(repository: Path, git: Git) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "Two")
    git(repository, "checkout", "-q", "HEAD~1")
    assert [one.subject for one in source.history(opened(repository), None, 10)] == ["Begin"]


def test_a_shallow_clone_says_so(repository: Path, git: Git, tmp_path: Path) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "Two")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "shallow")
    found = opened(tmp_path / "shallow")
    assert found.shallow
    assert [one.subject for one in source.history(found, None, 10)] == ["Two"]


def test_a_submodule_is_named_and_not_entered(repository: Path, git: Git, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(repository), "inner")
    git(repository, "submodule", "--quiet", "add", f"file://{tmp_path / 'inner'}", "sub")
    git(repository, "commit", "-q", "-m", "Add it")
    found = opened(repository)
    assert found.submodules == ("sub",)
    assert not any(path.startswith("sub") for path in source.tracked(found))
    assert opened(repository / "sub").top == repository / "sub"


def test_a_repository_within_is_counted_and_not_entered(
    repository: Path, git: Git, write: Write
) -> None:
    write(repository / "other", {"x.py": ""})
    git(repository / "other", "init", "-q")
    git(repository / "other", "add", ".")
    git(repository / "other", "commit", "-q", "-m", "Inner")
    seen = {
        one.path: one.skipped for one in walk(repository, source.tracked(opened(repository)), {})
    }
    assert seen["other/"] == "submodule"


def test_secrets_in_messages_are_masked(repository: Path, git: Git) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", 'Set password = "Tr0ub4dor&3xkq9Z"')
    newest = next(source.history(opened(repository), None, 1))
    assert "Tr0ub4dor" not in newest.subject
    assert "[masked" in newest.subject


def test_a_hostile_repository_runs_nothing(
    repository: Path, git: Git, tmp_path: Path, write: Write
) -> None:
    proof = tmp_path / "proof"
    script = tmp_path / "evil.sh"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >> "{proof}"\ncat\n')
    script.chmod(0o755)
    write(
        repository,
        {
            ".gitattributes": "* filter=evil diff=evil\n*.md merge=evil\n",
            ".mailmap": "Eve <eve@example.org> <ada@example.org>\n",
        },
    )
    git(repository, "add", ".gitattributes", ".mailmap")
    git(repository, "commit", "-q", "-m", "Attributes")
    for name, value in {
        "core.fsmonitor": str(script),
        "core.hooksPath": str(tmp_path / "hooks"),
        "core.pager": str(script),
        "core.sshCommand": str(script),
        "core.editor": str(script),
        "core.askPass": str(script),
        "core.alternateRefsCommand": str(script),
        "core.worktree": str(tmp_path),
        "core.gitProxy": str(script),
        "credential.helper": f"!{script}",
        "diff.external": str(script),
        "diff.evil.textconv": str(script),
        "diff.evil.command": str(script),
        "filter.evil.clean": str(script),
        "filter.evil.smudge": str(script),
        "filter.evil.process": str(script),
        "gpg.program": str(script),
        "log.showSignature": "true",
        "alias.ls-files": f"!{script}",
        "alias.log": f"!{script}",
        "alias.rev-parse": f"!{script}",
        "pager.log": str(script),
        "pager.ls-files": str(script),
        "uploadpack.packObjectsHook": str(script),
        "remote.origin.url": "ext::" + str(script),
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "remote.origin.uploadpack": str(script),
        "extensions.partialClone": "origin",
        "protocol.ext.allow": "always",
        "protocol.file.allow": "always",
        "core.repositoryFormatVersion": "1",
        "trace2.normalTarget": str(tmp_path / "trace"),
    }.items():
        git(repository, "config", name, value)
    for hook in ("post-checkout", "fsmonitor-watchman", "post-index-change", "pre-auto-gc"):
        for folder in (tmp_path / "hooks", repository / ".git" / "hooks"):
            folder.mkdir(exist_ok=True)
            (folder / hook).write_text(script.read_text())
            (folder / hook).chmod(0o755)
    proof.unlink(missing_ok=True)

    found = opened(repository)
    assert found.top == repository  # and not what core.worktree says
    listed = source.tracked(found)
    assert "a.py" in listed
    assert not any(path.startswith(("evil", "top/")) for path in listed)
    assert len(list(source.history(found, None, 10))) == 2
    assert source.is_ancestor(found, str(found.head))
    # An object that is not there would be fetched from the promisor, by what it names.
    missing = source.Repository(found.top, found.git_dir, "1" * 40, shallow=False)
    with pytest.raises(Unavailable, match="could not read"):
        list(source.history(missing, None, 10))
    assert not proof.exists()


def test_the_proof_of_running_would_show(repository: Path, git: Git, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    script = tmp_path / "evil.sh"
    script.write_text(f'#!/bin/sh\ntouch "{proof}"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    git(repository, "config", "core.fsmonitor", str(script))
    git(repository, "ls-files", "--others")
    assert proof.exists()


def test_a_folder_that_git_refuses_says_what_to_do(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a folder to another user")
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    with pytest.raises(Unavailable) as refused:
        source.open_repository(repository)
    assert refused.value.code == "git-unsafe"
    assert "safe.directory" in refused.value.next_step


def test_without_git_a_repository_is_a_plain_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(repository))
    assert not source.is_available()
    assert source.open_repository(repository) is None


def test_a_git_folder_that_is_none_is_a_plain_folder(tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "-q")
    inner = tmp_path / "inner"
    (inner / ".git").mkdir(parents=True)
    assert source.open_repository(inner) is None


def test_a_bare_repository_is_not_read(tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare")
    assert source.open_repository(tmp_path / "bare") is None


def test_a_commit_of_a_thousand_files_keeps_its_message(
    repository: Path, git: Git, write: Write
) -> None:
    write(repository, {f"many/{number}.py": "" for number in range(1_001)})
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Many")
    newest = next(source.history(opened(repository), None, 1))
    assert (newest.subject, newest.paths) == ("Many", ())


def test_leaving_history_early_leaves_no_process(repository: Path) -> None:
    commits = source.history(opened(repository), None, 10)
    next(commits)
    commits.close()  # type: ignore[attr-defined]  # a generator, promised as an iterator
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    assert subprocess.run(["git", "--version"], check=True, capture_output=True).returncode == 0
