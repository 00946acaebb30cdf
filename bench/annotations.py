"""Plain questions with the files that answer them, as MinishLab/semble publishes them: a JSON file
a repository, and `repos.json` beside their folder, which names revision and folder of each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.material import SHARED, Missing, clone_of, scratch_clone

PUBLISHER = "MinishLab/semble"


@dataclass(frozen=True, slots=True)
class Target:
    """A file that a question should lead to, or lines of it, 1-based and inclusive."""

    path: str
    lines: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the targets that answer it, and those that help."""

    text: str
    category: str  # symbol | semantic | architecture
    answers: tuple[Target, ...]
    helps: tuple[Target, ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """All of them: the metric makes no difference."""
        return self.answers + self.helps


@dataclass(frozen=True, slots=True)
class Repository:
    """What is asked of a repository at a revision. `root` is the folder that is read, "" for all;
    `origin` is owner/name."""

    name: str
    language: str
    origin: str
    revision: str
    root: str
    questions: tuple[Question, ...]


@contextmanager
def annotations_of(named: Path | None, repos: Path) -> Iterator[Path]:
    """Yield the folder of annotations: the one that is named, else the publisher's own."""
    clone = clone_of(repos, PUBLISHER) if named is None else None
    if clone is None:
        yield named or SHARED / "questions" / "annotations"
        return
    with scratch_clone(clone) as (top, _):
        yield top / "benchmarks" / "annotations"


def read(folder: Path, names: Collection[str] = ()) -> list[Repository]:
    """Read the annotations of the repositories that are named, of all where none is.

    A file that is not wanted is not opened. Raises Missing, also where a file has another form.
    """
    known = {row["name"]: row for row in _rows(folder.parent / "repos.json")}
    files = {path.stem: path for path in sorted(folder.glob("*.json")) if path.stem in known}
    for name in names:
        if name not in files:
            raise Missing(f"{folder} has no questions about {name}, or repos.json does not name it")
    if not files:
        raise Missing(f"{folder} holds no questions about what its repos.json names")
    return [_repository(known[name], files[name]) for name in names or files]


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Missing(
            f"{path} is not here; the questions are {PUBLISHER}'s, not part of this repository"
        ) from error
    except ValueError as error:
        raise Missing(f"{path} is no JSON: {error}") from error
    return rows


def _repository(row: Mapping[str, Any], path: Path) -> Repository:
    try:
        questions = tuple(_question(asked) for asked in _rows(path))
        return Repository(
            name=row["name"],
            language=row["language"],
            origin="/".join(row["url"].removesuffix(".git").split("/")[-2:]),
            revision=row["revision"],
            root=row.get("benchmark_root") or "",
            questions=questions,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Missing(f"{path} does not have the form of questions: {error!r}") from error


def _question(row: Mapping[str, Any]) -> Question:
    answers, helps = (
        tuple(_target(raw) for raw in row.get(key, ())) for key in ("relevant", "secondary")
    )
    return Question(row["query"], row.get("category") or category_of(row["query"]), answers, helps)


def _target(raw: str | Mapping[str, Any]) -> Target:
    if isinstance(raw, str):
        return Target(raw)
    start, end = raw.get("start_line"), raw.get("end_line")
    lines = None if start is None or end is None else (int(start), int(end))
    return Target(raw["path"], lines)


def category_of(text: str) -> str:
    """Name the category of a question that carries none."""
    if len(text.split()) == 1:
        return "symbol"
    return "architecture" if text.lower().startswith("how ") else "semantic"


def is_same(path: str, wanted: str) -> bool:
    """Tell whether two paths are of one file: one of them may begin further down."""
    return path == wanted or path.endswith(f"/{wanted}") or wanted.endswith(f"/{path}")
