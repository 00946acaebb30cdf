"""What the benchmarks ask and where: clones, commit messages, and the shared files of requests."""

from __future__ import annotations

import json
import random
import re
import subprocess
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from bench.repositories import git

SHARED = Path(__file__).resolve().parents[2] / "shared" / "bench"

TEST_FOLDER = re.compile(r"(^|/)(tests|__tests__|spec|testdata)/|^test/")
TEST_NAME = re.compile(r"(^|/)(test_[^/]*|[^/]*[_.](tests?|spec)|conftest)\.\w+$")
SOURCE_SUFFIXES = frozenset(
    (
        *(".py", ".js", ".jsx", ".ts", ".tsx", ".go", ".rs", ".java", ".c", ".h", ".cc", ".cpp"),
        *(".hpp", ".cs", ".rb", ".php", ".kt", ".swift", ".sh"),
    )
)


MOST_FILES = 4  # source files of a commit that is asked about
LEAST_WORDS = 4  # of its message

# What context/route.py's weights and context/silence.py's coefficients were set on.
SET_ON = ("datasette", "httpx", "tornado", "ripgrep", "gin", "express")
BEHIND = 240  # commits before the newest where the index stands for `changes`


class Missing(Exception):
    """Something that the measurement needs is not on this machine."""


@dataclass(frozen=True, slots=True)
class Task:
    """A request and the files that were changed for it."""

    id: str
    repository: str
    commit: str
    request: str
    files: tuple[str, ...]


def shared(name: str, root: Path | None = None) -> Any:
    """Read one JSON file of the shared benchmark material, or any that is named by its path;
    raises Missing."""
    path = Path(name) if root is None and Path(name).is_file() else (root or SHARED) / name
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Missing(f"{path} is not here; it is not part of this repository") from error
    except ValueError as error:
        raise Missing(f"{path} is no JSON: {error}") from error


def tasks(name: str, repository: str | None = None, root: Path | None = None) -> list[Task]:
    """Read a file of tasks such as swebench_lite.json, of one repository where it is named.

    Raises Missing, also where the file has another form.
    """
    try:
        return [
            Task(row["id"], row["repo"], row["base_commit"], row["request"], tuple(row["files"]))
            for row in shared(name, root)
            if repository is None or row["repo"] == repository
        ]
    except (KeyError, TypeError) as error:
        raise Missing(f"{name} does not have the form of tasks: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Prompts:
    """Prompts that no repository of other people's code can help with: of everyday life, and
    general questions about programming."""

    everyday: tuple[str, ...]
    foreign: tuple[str, ...]


def halves(root: Path | None = None) -> tuple[Prompts, Prompts]:
    """Return the half of the shared prompts that fitting may look at, and the half that is kept
    for reporting. The draw is fixed: what was fitted once is never reported on."""
    drawn = random.Random(3)
    kinds = []
    for name in ("no_context_prompts.json", "cosqa_questions.json"):
        prompts: list[str] = list(shared(name, root))
        drawn.shuffle(prompts)
        middle = len(prompts) // 2
        kinds.append((tuple(prompts[:middle]), tuple(prompts[middle:])))
    (everyday, other_everyday), (foreign, other_foreign) = kinds
    return Prompts(everyday, foreign), Prompts(other_everyday, other_foreign)


def issue_halves(root: Path | None = None) -> tuple[tuple[Task, ...], tuple[Task, ...]]:
    """Return the half of the shared issues that fitting may look at, and the half that is kept."""
    issues = tasks("swebench_lite.json", root=root)
    random.Random(5).shuffle(issues)
    middle = len(issues) // 2
    return tuple(issues[:middle]), tuple(issues[middle:])


def is_test(path: str) -> bool:
    """Tell a test by its path."""
    return bool(TEST_FOLDER.search(path) or TEST_NAME.search(path))


def is_source(path: str) -> bool:
    """Tell a source file that is no test by its path."""
    return PurePosixPath(path).suffix in SOURCE_SUFFIXES and not is_test(path)


def top_of(repository: Path) -> Path:
    """Return the git folder or top level that a path names; raises Missing."""
    if not repository.is_dir():
        raise Missing(f"{repository} is not a folder")
    return repository.resolve()


def clone_of(folder: Path, repository: str) -> Path | None:
    """Find the clone of owner/name, or of any owner's where only a name is given.

    It may be called `name`, `owner+name` or `owner__name`, or lie in `repo` below that; a fork of
    the same name will do.
    """
    name = repository.rpartition("/")[2]
    candidates = [folder / name]
    for joint in ("+", "__"):
        candidates.append(folder / repository.replace("/", joint))
        candidates += sorted(folder.glob(f"*{joint}{name}"))
    for candidate in candidates:
        for top in (candidate / "repo", candidate):
            if (top / ".git").exists() or (top / "HEAD").is_file():
                return top
    return None


def must_have(folder: Path, repository: str) -> Path:
    """Find a clone as `clone_of` does; raises Missing where there is none."""
    clone = clone_of(folder, repository)
    if clone is None:
        raise Missing(f"there is no clone of {repository} below {folder}")
    return clone


def about_clones(program: str, about: str | None, names: Sequence[str]) -> ArgumentParser:
    """Return a parser for what is measured on commits of several clones; `names` are the default
    ones."""
    parser = ArgumentParser(prog=f"python -m {program}", description=about)
    parser.add_argument("--repos", type=Path, required=True, help="a folder of clones")
    parser.add_argument("--names", default=",".join(names), help="which of them, comma-separated")
    parser.add_argument("--n", type=int, default=60, help="commits of each, drawn with a seed")
    return parser


@contextmanager
def scratch_clone(repository: Path, commit: str = "HEAD") -> Iterator[tuple[Path, Path]]:
    """Clone into a scratch folder that shares the objects; yield (clone, an empty home).

    The repository itself is only read. Raises Missing where it is not one.
    """
    with TemporaryDirectory(prefix="satchel-bench-") as folder:
        clone = Path(folder) / repository.name.removesuffix(".git")
        clone = clone if clone.name != "home" else clone.with_name("clone")
        if not (repository / ".git").exists() and not (repository / "HEAD").exists():
            raise Missing(f"{repository} is not a git repository")
        share = ("--quiet", "--shared", "--no-checkout")
        try:
            git(Path(folder), "clone", *share, str(repository), str(clone))
        except subprocess.CalledProcessError as error:
            raise Missing(f"{repository}: {complaint(error)}") from error
        check_out(clone, commit)
        yield clone, Path(folder) / "home"


def check_out(clone: Path, commit: str) -> None:
    """Put a clone to a commit; raises Missing where it cannot be had.

    A snapshot of a repository may lack large files, at which git ends with an error although
    everything else is there: that is accepted.
    """
    try:
        git(clone, "checkout", "--quiet", "--force", "--detach", commit)
    except subprocess.CalledProcessError as error:
        try:
            wanted = git(clone, "rev-parse", "--verify", f"{commit}^{{commit}}")
            stands = git(clone, "rev-parse", "--verify", "HEAD^{commit}") == wanted
            git(clone, "diff", "--cached", "--quiet", "HEAD", "--")  # its tree was taken over
        except subprocess.CalledProcessError:
            stands = False
        if not stands:
            raise Missing(f"{clone.name} at {commit}: {complaint(error)}") from error


def has_commit(repository: Path, commit: str) -> bool:
    """Tell whether a repository holds a commit."""
    try:
        git(repository, "cat-file", "-e", f"{commit}^{{commit}}")
    except subprocess.CalledProcessError:
        return False
    return True


def complaint(error: subprocess.CalledProcessError) -> str:
    """Return the last line that git complained with."""
    lines = error.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"git ended with {error.returncode}"


@dataclass(frozen=True, slots=True)
class Message:
    """A commit's message, and the files that it touched."""

    sha: str
    subject: str
    body: str
    paths: tuple[str, ...]


def messages(
    top: Path, limit: int, revision: str = "HEAD", *, skip: int = 0, since: str | None = None
) -> list[Message]:
    """Return the last commits that are no merges, newest first, with the paths they touched.

    `skip` leaves out as many of the newest; `since` is a date as git reads it.
    """
    written = git(
        top,
        "log",
        "--no-merges",
        f"--max-count={limit}",
        f"--skip={skip}",
        *((f"--since={since}",) if since else ()),
        "--name-only",
        "--no-renames",
        "-z",
        "--format=%x01%H%x02%s%x02%b%x02",
        revision,
        "--",
    )
    found = []
    for block in written.split("\x01")[1:]:
        sha, subject, body, names = block.split("\x02", 3)
        paths = tuple(name.lstrip("\n") for name in names.split("\0") if name.strip("\n"))
        found.append(Message(sha, subject, body.strip(), paths))
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A commit's message as a request, and the one to four source files that it changed."""

    request: str
    files: frozenset[str]


def changes(repository: Path, behind: int, count: int) -> tuple[str, list[Change]]:
    """Draw commits that were made after another one, for an index that stands there.

    Returns that commit, `behind` commits before the newest, and at most `count` changes that are
    not among its ancestors: source files alone are right, every one of them is there already,
    and the message has at least four words. Releases, merges and reverts are left out.
    """
    head = git(repository, "rev-parse", "HEAD").strip()
    base = git(
        repository, "log", "--no-merges", "--format=%H", f"--max-count={behind}", head, "--"
    ).split()[-1]
    there = set(git(repository, "ls-tree", "-r", "-z", "--name-only", base).split("\0"))
    found = []
    for message in messages(repository, behind, f"{base}..{head}"):
        files = frozenset(path for path in message.paths if is_source(path))
        request = as_request(message, with_body=True)
        if is_telling(message, request) and 1 <= len(files) <= MOST_FILES and files <= there:
            found.append(Change(request, files))
    random.Random(0).shuffle(found)
    return base, found[:count]


def is_telling(message: Message, request: str) -> bool:
    """Tell whether a commit's message can be asked: four words, and no release, merge or revert."""
    return len(request.split()) >= LEAST_WORDS and not DULL.match(message.subject)


DULL = re.compile(r"(?i)(bump|release|version|merge|revert)")
TRAILER = re.compile(r"(?im)^(co-authored|signed-off|reviewed|tested)-by:.*\n?")
REFERENCE = re.compile(r"(?i)\b(fixed|refs?|closes?|see)\s+#\d+\s*(--|:|,)?\s*|\(#\d+\)|#\d+")


def as_request(message: Message, with_body: bool) -> str:
    """Turn a commit message into a request: without numbers of issues and who signed it."""
    body = TRAILER.sub("", message.body).strip() if with_body else ""
    text = message.subject + ("\n\n" + body if body else "")
    return REFERENCE.sub("", text).strip(" -:.\n")


def requests_of(top: Path, repository: str | None, count: int) -> list[str]:
    """Return at least `count` real requests: commit messages, and long issues where we have them.

    Every second message carries its body.
    """
    asked: list[str] = []
    for number, message in enumerate(messages(top, count * 2)):
        request = as_request(message, with_body=number % 2 == 1)
        if len(request.split()) >= 3:
            asked.append(request)
    asked = asked[:count]
    try:
        issues = tasks("swebench_lite.json", repository) if repository else []
    except Missing:
        issues = []
    return asked + [task.request for task in issues]
