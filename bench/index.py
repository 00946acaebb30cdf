"""`python -m bench.index --repo DIR`: seconds, MB and memory of reading a repository.

A full index without vectors, an unchanged one, and one after a single file was changed, beside a
bare pass that reads and hashes the same files, and the same for a folder of one file: what starting
the process that reads costs. Works on a clone in a scratch folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.baselines import read_and_hash, tracked
from bench.figures import folder_mb, give, lap, peak_mb, say, stop
from bench.material import Missing, is_source, scratch_clone, top_of
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.wiring import Satchel


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where the repository is not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.index", description=__doc__)
    parser.add_argument("--repo", type=Path, required=True, help="a git repository, only read")
    chosen = parser.parse_args(arguments)
    try:
        with scratch_clone(top_of(chosen.repo)) as (clone, home):
            return measure(clone, Home(home))
    except Missing as missing:
        return stop(str(missing))


def measure(clone: Path, home: Home) -> int:
    """Index three times and print."""
    paths = tracked(clone)
    with lap() as bare:
        size = read_and_hash(clone, paths)
    say(f"{len(paths)} tracked files, {size / 1e6:.1f} MB; read and hashed in {bare.seconds} s")
    satchel = Satchel(home, Settings({}))
    try:
        single = clone.with_name("single")
        single.mkdir()
        (single / "one.py").write_text("answer = 42\n", encoding="utf-8")
        with lap() as least:
            satchel.index(str(single), lambda _: None, True)
        say(f"a folder of one file: {least.seconds} s")
        with lap() as full:
            summary = satchel.index(str(clone), lambda _: None, True)
        say(f"full: {full.seconds} s, {summary.read} files read, {summary.commits} commits")
        say(f"  by stage: {summary.stages}")
        peak = peak_mb()
        on_disk = folder_mb(home.workspaces)
        say(f"  {on_disk} MB on disk, at most {peak} MB of memory")
        with lap() as again:
            summary_again = satchel.index(str(clone), lambda _: None, True)
        say(f"unchanged: {again.seconds} s, {summary_again.read} files read")
        changed = next(path for path in sorted(paths, key=len, reverse=True) if is_source(path))
        with (clone / changed).open("a", encoding="utf-8") as file:
            file.write("\n# a line more\n")
        with lap() as edited:
            summary_edited = satchel.index(str(clone), lambda _: None, True)
        say(f"one file changed: {edited.seconds} s, {summary_edited.read} files read")
    finally:
        satchel.close()
    return give(
        "index",
        {
            "repository": clone.name,
            "files": len(paths),
            "source_mb": round(size / 1e6, 1),
            "full_s": full.seconds,
            "stages_s": summary.stages,
            "passages": summary.passages,
            "unchanged_s": again.seconds,
            "one_changed_s": edited.seconds,
            "reread": {"unchanged": summary_again.read, "one_changed": summary_edited.read},
            "commits": summary.commits,
            "disk_mb": on_disk,
            "peak_mb": peak,
            "baseline": {"read_and_hash_s": bare.seconds, "one_file_s": least.seconds},
        },
    )


if __name__ == "__main__":
    sys.exit(main())
