"""`python -m bench.tokens FOLDER …`: how far is our count of tokens from a real model's?

Compares context/tokens.py with o200k_base on the first 6,000 characters of up to 150 files of each
kind, and, beside it, the rule of thumb of four characters a token. Says what the vocabulary would
cost on disk and in memory. Needs `pip install bpe-openai`, which Satchel itself does without.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.figures import BYTES_IN_MB, give, memory_mb, percentile, say, stop
from satchel.context import tokens

KINDS = {
    "Python": (".py",),
    "reStructuredText": (".rst", ".txt"),
    "JavaScript": (".js", ".mjs", ".ts"),
    "Markdown": (".md",),
    "translations": (".po",),
}
FILES = 150
READ = 6_000  # characters of each file
LEAST = 300  # characters: a shorter file says little
SEED = 1
VOCABULARY = "o200k_base"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where the vocabulary or the files are not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.tokens", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="folders of text, only read")
    chosen = parser.parse_args(arguments)
    texts = {kind: list(drawn(chosen.folders, suffixes)) for kind, suffixes in KINDS.items()}
    if not any(texts.values()):
        return stop("no file of these kinds was found there")
    before = memory_mb(os.getpid())
    try:
        theirs = importlib.import_module("bpe_openai").get_encoding(VOCABULARY)
    except ImportError:
        return stop("bpe-openai is not installed; `pip install bpe-openai` and run this again")
    theirs.encode("Loaded on the first use.")
    after = memory_mb(os.getpid())
    rows = {kind: measure(found, theirs) for kind, found in texts.items() if found}
    say("ours / theirs         files    p5  median   p95     four characters a token")
    for kind, row in rows.items():
        ours, plain = (
            f"{r['p5']:5.2f} {r['median']:7.2f} {r['p95']:5.2f}"
            for r in (row["ratio"], row["baseline"]["four_characters"])
        )
        say(f"{kind:20} {row['files']:6} {ours}     {plain}")
    cost = {"disk_mb": disk_mb("bpe-openai")}
    if before and after:
        cost["memory_mb"] = round(after["now"] - before["now"], 1)
    say(f"{VOCABULARY} as a package: {cost}")
    return give("tokens", {"vocabulary": VOCABULARY, "kinds": rows, "cost": cost})


def drawn(folders: Sequence[Path], suffixes: Sequence[str]) -> Iterator[str]:
    """Yield the beginnings of some files of a kind, drawn with a seed."""
    found = sorted(
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.suffix in suffixes and file.is_file()
    )
    random.Random(SEED).shuffle(found)
    for file in found[:FILES]:
        text = file.read_text(encoding="utf-8", errors="ignore")[:READ]
        if len(text) >= LEAST:
            yield text


def measure(texts: Sequence[str], theirs: Any) -> dict[str, Any]:
    """Compare both counts, text by text; `theirs` is an encoding of bpe-openai."""
    exact = [len(theirs.encode(text)) for text in texts]
    ours = [tokens.count(text) / count for text, count in zip(texts, exact, strict=True)]
    plain = [len(text) / 4 / count for text, count in zip(texts, exact, strict=True)]
    return {
        "files": len(texts),
        "ratio": around(ours),
        "baseline": {"four_characters": around(plain)},
    }


def around(values: Sequence[float]) -> dict[str, float]:
    """Return p5, the median and p95, rounded to a hundredth."""
    shares = {"p5": 0.05, "median": 0.5, "p95": 0.95}
    return {name: round(percentile(values, share), 2) for name, share in shares.items()}


def disk_mb(distribution: str) -> float:
    """Return what an installed package takes on disk, in MB."""
    files = metadata.files(distribution) or []
    sizes = (Path(str(file.locate())) for file in files)
    return round(sum(at.stat().st_size for at in sizes if at.is_file()) / BYTES_IN_MB, 1)


if __name__ == "__main__":
    sys.exit(main())
