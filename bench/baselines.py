"""The plain alternatives that every figure is printed beside, measured in the same run."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import apsw

from bench.repositories import git

# Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", the usual constants.
K1 = 1.2
B = 0.75
PATH_WEIGHT = 3  # how often the words of a file's path are counted

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def terms(text: str) -> Iterable[str]:
    """Yield each identifier in lower case, then its camel and snake parts."""
    for word in WORD.findall(text):
        yield word.lower()
        parts = PART.findall(word)
        if len(parts) > 1:
            yield from (part.lower() for part in parts)


def tracked(top: Path) -> list[str]:
    """Return the paths that git tracks."""
    return [path for path in git(top, "ls-files", "-z").split("\0") if path]


def text_of(top: Path, path: str, most: int = 1 << 20) -> str:
    """Return a file's text, or nothing where it is large, binary or no file."""
    file = top / path
    if file.is_symlink() or not file.is_file() or file.stat().st_size > most:
        return ""
    content = file.read_bytes()
    return "" if b"\0" in content[:8192] else content.decode("utf-8", "replace")


def read_and_hash(top: Path, paths: Sequence[str]) -> int:
    """Read and hash every file, the least that any index of them must do; return the bytes."""
    total = 0
    for path in paths:
        file = top / path
        if file.is_file() and not file.is_symlink():
            content = file.read_bytes()
            total += len(content)
            hashlib.sha256(content).digest()
    return total


class Bm25Postings:
    """BM25 over counted terms, from the terms to what holds them."""

    def __init__(self, documents: Mapping[str, Counter[str]]) -> None:
        self._documents = documents
        self._lengths = {name: counts.total() for name, counts in documents.items()}
        self._average = sum(self._lengths.values()) / max(len(documents), 1)
        self._holders: dict[str, list[str]] = defaultdict(list)
        for name, counts in documents.items():
            for term in counts:
                self._holders[term].append(name)

    def rank(self, request: str, limit: int) -> list[str]:
        """Return the names of the best documents first; ties by name."""
        return [name for name, _ in self.scored(request, limit)]

    def scored(self, request: str, limit: int) -> list[tuple[str, float]]:
        """Return the best documents first, each with its score."""
        count = len(self._documents)
        scores: dict[str, float] = defaultdict(float)
        for term in set(terms(request)):
            holders = self._holders.get(term, ())
            if not holders:
                continue
            rarity = math.log(1 + (count - len(holders) + 0.5) / (len(holders) + 0.5))
            for name in holders:
                often = self._documents[name][term]
                norm = K1 * (1 - B + B * self._lengths[name] / self._average)
                scores[name] += rarity * often * (K1 + 1) / (often + norm)
        return sorted(scores.items(), key=lambda one: (-one[1], one[0]))[:limit]


Parts: TypeAlias = Callable[[str, str], Mapping[str, Counter[str]]]
"""A file's path and text to what is ranked of it, by name, with its counted terms."""


def whole(path: str, text: str) -> Mapping[str, Counter[str]]:
    """Return a file as one."""
    return {path: counted(text, path)}


class Bm25Files:
    """BM25 over whole files, or parts of them, with identifiers split, in plain Python.

    Reading is cached by the content's hash, so that another commit costs what differs.
    """

    def __init__(self, parts: Parts = whole) -> None:
        self._parts = parts
        self._counts: dict[tuple[str, bytes], Mapping[str, Counter[str]]] = {}
        self._postings = Bm25Postings({})

    def read(self, top: Path, paths: Sequence[str]) -> None:
        """Index these files in place of what was indexed before."""
        documents: dict[str, Counter[str]] = {}
        for path in paths:
            text = text_of(top, path)
            key = (path, digest(text))
            if key not in self._counts:
                self._counts[key] = self._parts(path, text)
            documents.update(self._counts[key])
        self._postings = Bm25Postings(documents)

    def rank(self, request: str, limit: int) -> list[str]:
        """Return the best first, by name; so are ties."""
        return self._postings.rank(request, limit)

    def scored(self, request: str, limit: int) -> list[tuple[str, float]]:
        """Return the best first, each with its score."""
        return self._postings.scored(request, limit)


def counted(text: str, *places: str) -> Counter[str]:
    """Count a text's terms; those of its path or name count more."""
    counts = Counter(terms(text))
    for place in places:
        for term in terms(place):
            counts[term] += PATH_WEIGHT
    return counts


def digest(text: str) -> bytes:
    """Return what tells a text from others."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class NaiveFts:
    """SQLite's FTS5 over whole files: a row a file, the words of a request joined by OR."""

    def __init__(self, database: Path) -> None:
        self._connection = apsw.Connection(str(database))
        self._connection.execute("CREATE VIRTUAL TABLE file USING fts5 (path, body)")

    def read(self, top: Path, paths: Sequence[str]) -> None:
        """Add these files."""
        with self._connection:
            rows = ((path, text_of(top, path)) for path in paths)
            self._connection.executemany("INSERT INTO file VALUES (?, ?)", rows)

    def rank(self, request: str, limit: int) -> list[str]:
        """Return the best files first, by FTS5's own BM25."""
        words = dict.fromkeys(WORD.findall(request))
        if not words:
            return []
        query = " OR ".join(f'"{word}"' for word in words)
        found = self._connection.execute(
            "SELECT path FROM file WHERE file MATCH ? ORDER BY rank LIMIT ?", (query, limit)
        )
        return [str(row[0]) for row in found]


def accuracy(hits: Mapping[int, int], of: int) -> dict[str, float]:
    """Return hits within the top k as percentages, keyed like "@1"."""
    return {f"@{k}": round(100 * count / max(of, 1), 1) for k, count in hits.items()}
