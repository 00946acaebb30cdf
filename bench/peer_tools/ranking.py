"""From what a tool prints to files, best first. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from bench.material import is_source

MOST_IDENTIFIERS = 60  # of a request; a pasted log has thousands
LEAST_LETTERS = 3
PATH_FIELDS = ("file_path", "relative_path", "file", "path")

NAME = re.compile(r"(?<![\w])[A-Za-z_]\w{0,99}")
QUOTED = re.compile(r"`([^`\n]{1,200})`")
CAMEL = re.compile(r"[a-z0-9][A-Z]")
CALLED = re.compile(r"(?<![\w])([A-Za-z_]\w{0,99})\(")
PATHLIKE = re.compile(r"[\w.+-]{1,200}(?:/[\w.+-]{1,200}){0,40}")


def identifiers(request: str) -> list[str]:
    """Return what a person would search a repository for, in the order of the request.

    Names with an underscore or an inner capital, names that are called, and names in backticks; in
    a request without any, every word of four letters and more.
    """
    quoted = {name for span in QUOTED.findall(request) for name in NAME.findall(span)}
    called = set(CALLED.findall(request))
    names = [name for name in dict.fromkeys(NAME.findall(request)) if len(name) >= LEAST_LETTERS]
    telling = [
        name
        for name in names
        if "_" in name.strip("_") or CAMEL.search(name) or name in quoted or name in called
    ]
    words = [name for name in names if len(name) > LEAST_LETTERS]
    return (telling or words)[:MOST_IDENTIFIERS]


def matches(printed: str) -> Iterator[tuple[str, int, str, tuple[str, ...]]]:
    """Read what `rg --json` prints: path, line number, line, and what matched in it.

    A path that is not UTF-8 comes in another field, and is left out.
    """
    for row in printed.splitlines():
        event = json.loads(row)
        found = event["data"]
        if event["type"] != "match" or "text" not in found["path"]:
            continue
        hits = tuple(hit["match"]["text"] for hit in found["submatches"] if "text" in hit["match"])
        line = found["lines"].get("text", "").rstrip("\n")
        yield found["path"]["text"].removeprefix("./"), found["line_number"], line, hits


def by_hits(hits: Iterable[tuple[str, str]]) -> list[str]:
    """Rank files by how many different names were found in them, then by how often, then by path.

    `hits` are pairs of a path and a name.
    """
    counted: dict[str, Counter[str]] = {}
    for path, name in hits:
        counted.setdefault(path, Counter())[name] += 1
    return sorted(counted, key=lambda path: (-len(counted[path]), -counted[path].total(), path))


def named_files(printed: str) -> list[str]:
    """Return the files that a JSON answer names, in its order, each once.

    Whatever lies under a field that is called after a path counts, also as the key of a group; an
    answer that is no JSON names none.
    """
    try:
        answer = json.loads(printed)
    except ValueError:
        return []
    return list(dict.fromkeys(_paths_in(answer)))


def _paths_in(answer: Any) -> Iterator[str]:
    if isinstance(answer, Mapping):
        for field, value in answer.items():
            if field in PATH_FIELDS and isinstance(value, str):
                yield value
            else:
                yield from _paths_in(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from _paths_in(value)


def mentioned_files(printed: str, known: frozenset[str]) -> list[str]:
    """Return which of the known paths a text names, in the order of their first mention."""
    return [path for path in dict.fromkeys(PATHLIKE.findall(printed)) if path in known]


def sources(paths: Sequence[str], suffixes: frozenset[str]) -> list[str]:
    """Keep what `bench.localise` ranks: source files of these suffixes that are no tests, once."""
    kept = (path for path in paths if PurePosixPath(path).suffix in suffixes and is_source(path))
    return list(dict.fromkeys(kept))
