"""The definitions that a change touched, told from a repository's own history, and the terms of all
definitions, for BM25 as the alternative to a packet's symbols."""

from __future__ import annotations

import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.baselines import counted
from bench.material import Task
from bench.repositories import git
from satchel.context.ingest.parse import parse
from satchel.context.types import PassageKind

MANY = 20  # definitions in one change: a file that is reformatted or rewritten tells nothing
HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
JOINT = "\t"  # between a path and a symbol


def named(path: str, symbol: str) -> str:
    """Name a definition of a file."""
    return f"{path}{JOINT}{symbol}"


def changed_definitions(task: Task, repository: Path) -> frozenset[str]:
    """Return the definitions that were changed for a task, as `named` names them; none where
    history does not tell.

    Each is the innermost one that holds a changed line, by the product's own parser, and is there
    at the task's commit: what is new counts as a change of what it lies in.
    """
    change = fix_of(task, repository)
    if change is None:
        return frozenset()
    found: set[str] = set()
    for path in task.files:
        before = _shown(repository, f"{change}^1", path)
        after = _shown(repository, change, path)
        base = _shown(repository, task.commit, path)
        if before is None or after is None or base is None:
            continue
        there = set(definitions_of(path, base))
        patch = git(repository, *_DIFF, f"{change}^1", change, "--", path)
        found |= {named(path, symbol) for symbol in touched(path, before, after, patch, there)}
    return frozenset(found) if len(found) <= MANY else frozenset()


_DIFF = ("diff", "--unified=0", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv")


def fix_of(task: Task, repository: Path) -> str | None:
    """Find the commit that brought a task's change: of those that follow the task's commit, each
    the first child of the one before, and that touch its files, the one that names the task's
    number ("… (#123)"), else the next; None where nothing follows."""
    tip = _tip(task.commit, repository)
    if tip is None:
        return None
    logged = git(
        repository,
        *("log", "--first-parent", "-m", "--no-renames", "--reverse", "--format=%H%x09%s"),
        f"{task.commit}..{tip}",
        "--",
        *task.files,
    )
    steps = [line.partition("\t") for line in logged.splitlines()]
    number = task.id.rpartition("-")[2]
    numbered = re.compile(rf"#{number}\b") if number.isdigit() else None
    named_so = [sha for sha, _, subject in steps if numbered and numbered.search(subject)]
    return next(iter(named_so), steps[0][0] if steps else None)


def _tip(commit: str, repository: Path) -> str | None:
    """Return the end of the longest line that goes from a commit to its child, and is that
    child's first parent: the branch that it was on, even where that was merged into another."""
    for heads in (("HEAD",), ("--all",)):
        walked = ("rev-list", "--ancestry-path", "--topo-order", "--reverse", "--parents")
        try:
            listed = git(repository, *walked, *heads, f"^{commit}")
        except subprocess.CalledProcessError:
            continue
        if end := longest_line(commit, (line.split() for line in listed.splitlines())):
            return end
    return None


def longest_line(start: str, commits: Iterable[Sequence[str]]) -> str | None:
    """Return the last commit of the longest line of first parents that begins at `start`.

    `commits` are (commit, its parents …), parents before children; the first of equals wins.
    """
    lengths = {start: 0}
    for commit, *parents in commits:
        if parents and parents[0] in lengths:
            lengths[commit] = lengths[parents[0]] + 1
    del lengths[start]
    return max(lengths, key=lengths.__getitem__, default=None)


def touched(path: str, before: str, after: str, patch: str, there: Iterable[str]) -> frozenset[str]:
    """Return the symbols of the definitions that a file's patch without context lines changed.

    What was taken away is looked up in the file before, what was added in the file after; a
    symbol that is not among `there` gives way to the one that it lies in, if that is.
    """
    known = frozenset(there)
    symbols: set[str] = set()
    for text, lines in zip((before, after), changed_lines(patch), strict=True):
        written = text.split("\n")
        by_line = _symbols_by_line(path, text)
        for line in lines:
            if 0 < line <= len(written) and written[line - 1].strip():
                symbols.add(by_line.get(line, ""))
    return frozenset(inner for symbol in symbols if (inner := _within(symbol, known)))


def changed_lines(patch: str) -> tuple[list[int], list[int]]:
    """Return the lines that a patch without context takes away, by their number before, and those
    that it adds, by their number after."""
    sides: tuple[list[int], list[int]] = ([], [])
    for line in patch.split("\n"):
        if hunk := HUNK.match(line):
            numbers = hunk.groups(default="1")
            for side, (start, count) in zip(sides, (numbers[:2], numbers[2:]), strict=True):
                side += range(int(start), int(start) + int(count))
    return sides


def definitions_of(path: str, text: str) -> Mapping[str, str]:
    """Return the text of each definition by its symbol, as the product's own parser parts them: a
    function with what is nested in it, a class without its methods."""
    parts: dict[str, list[str]] = defaultdict(list)
    for passage in parse(path, text).passages:
        if passage.kind is PassageKind.DEFINITION:
            parts[passage.symbol].append(passage.text)
    return {symbol: "\n".join(texts) for symbol, texts in parts.items()}


def _symbols_by_line(path: str, text: str) -> dict[int, str]:
    return {
        line: passage.symbol
        for passage in parse(path, text).passages
        if passage.kind is PassageKind.DEFINITION
        for line in range(passage.start, passage.end + 1)
    }


def _within(symbol: str, known: frozenset[str]) -> str | None:
    while symbol:
        if symbol in known:
            return symbol
        symbol = symbol.rpartition(".")[0]
    return None


def _shown(repository: Path, commit: str, path: str) -> str | None:
    """Return a file's text at a commit, None where it cannot be had."""
    try:
        text = git(repository, "show", f"{commit}:{path}")
    except subprocess.CalledProcessError:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def counted_definitions(path: str, text: str) -> Mapping[str, Counter[str]]:
    """Return each definition's counted terms as `named` names it, its path and symbol weighed as a
    file's path is: what `Bm25Files` ranks in place of whole files."""
    return {
        named(path, symbol): counted(body, path, symbol)
        for symbol, body in definitions_of(path, text).items()
    }
