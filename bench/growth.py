"""`python -m bench.growth --repo DIR`: how cost grows from 1k to 10k to 100k passages.

Each size is a repository made from real code: the source files of DIR, as often as it takes, and
in every copy but the first a share of the identifiers is renamed, so that the vocabulary grows as
well. One commit, so no history. Beside it: FTS5 over whole files, of the same files.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zlib import crc32

import apsw

from bench.baselines import NaiveFts, text_of, tracked
from bench.figures import folder_mb, give, lap, peak_mb, say, spread, stop
from bench.material import Missing, is_source, requests_of, top_of
from bench.repositories import git
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.wiring import Satchel

SIZES = (1_000, 10_000, 100_000)
REQUESTS = 100
RENAMED = 3  # one identifier in this many is renamed in a copy
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{5,}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size and print a table; exit 2 where the repository is not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--repo", type=Path, required=True, help="a git work tree, only read")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="passages")
    chosen = parser.parse_args(arguments)
    try:
        top = top_of(chosen.repo)
        if not (top / ".git").exists():
            raise Missing(f"{top} is not a git work tree")
        asked = requests_of(top, None, REQUESTS)
        rows = [measure(top, size, asked) for size in chosen.sizes]
    except Missing as missing:
        return stop(str(missing))
    say("passages   files   index s    MB   brief p50   p95   FTS5 p50   p95  (ms)")
    for row in rows:
        ours, naive = row["brief_ms"], row["baseline"]["fts5_whole_files_ms"]
        say(
            f"{row['passages']:8} {row['files']:7} {row['index_s']:9.1f} {row['disk_mb']:5.0f}"
            f" {ours['p50']:11.1f} {ours['p95']:5.0f} {naive['p50']:10.1f} {naive['p95']:5.0f}"
        )
    return give("growth", {"repository": top.name, "requests": len(asked), "rows": rows})


def measure(top: Path, size: int, asked: Sequence[str]) -> dict[str, Any]:
    """Make a repository of about `size` passages, index it, ask it."""
    with TemporaryDirectory(prefix="satchel-bench-") as folder:
        made = Path(folder) / "made"
        made.mkdir()
        git(made, "init", "--quiet", "--initial-branch=main")
        home = Home(Path(folder) / "home")
        satchel = Satchel(home, Settings({}))
        supply = copies(top)
        passages = files = 0
        try:
            # Passages are counted by the index itself: write a share, index, estimate the rest.
            wanted = max(5, size // 60)
            while passages < 0.95 * size:
                files += write(made, supply, wanted)
                git(made, "add", "--all")
                git(made, "commit", "--quiet", "--no-verify", "--message", "Grow")
                satchel.index(str(made), lambda _: None, True)
                passages = count_passages(home)
                if passages >= size:
                    break
                wanted = max(5, round((size - passages) * files / max(passages, 1)))
            satchel.close()
            fresh = Home(Path(folder) / "fresh")
            satchel = Satchel(fresh, Settings({}))
            with lap() as indexed:
                satchel.index(str(made), lambda _: None, True)
            taken = [
                satchel.brief(request, str(made), budget=None, files=0).ms["total"]
                for request in [*asked[:5], *asked]
            ][5:]
        finally:
            satchel.close()
        naive = NaiveFts(Path(folder) / "naive.db")
        naive.read(made, tracked(made))
        plain = []
        for request in asked:
            with lap() as one:
                naive.rank(request, 10)
            plain.append(one.seconds * 1000)
        return {
            "passages": count_passages(fresh),
            "files": files,
            "index_s": indexed.seconds,
            "disk_mb": folder_mb(fresh.workspaces),
            "peak_mb": max(peak_mb().values()),
            "brief_ms": spread(taken),
            "baseline": {"fts5_whole_files_ms": spread(plain)},
        }


def copies(top: Path) -> Iterator[tuple[str, str]]:
    """Yield (path, text) for ever: the real source files first, then copies with other names.

    The order is mixed and fixed, so that every share of the files is alike.
    """
    paths = [path for path in tracked(top) if is_source(path)]
    paths.sort(key=lambda path: crc32(path.encode("utf-8", "surrogateescape")))
    if not paths:
        raise Missing(f"{top} has no source files")
    number = 0
    while True:
        for path in paths:
            text = text_of(top, path)
            if text:
                yield (path, text) if number == 0 else (f"copy{number}/{path}", vary(text, number))
        number += 1


def vary(text: str, number: int) -> str:
    """Rename one identifier in RENAMED, the same ones wherever they stand in this copy."""

    def other(match: re.Match[str]) -> str:
        word = match.group()
        return f"{word}_{number}" if crc32(f"{number}{word}".encode()) % RENAMED == 0 else word

    return IDENTIFIER.sub(other, text)


def write(made: Path, supply: Iterator[tuple[str, str]], count: int) -> int:
    """Write the next files of the supply; return how many."""
    for _ in range(count):
        path, text = next(supply)
        file = made / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return count


def count_passages(home: Home) -> int:
    """Count the passages of the one workspace in a home."""
    database = next(home.workspaces.glob("*/index.db"))
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        row = connection.execute("SELECT count(*) FROM passage").fetchall()[0]
        return int(str(row[0]))
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
