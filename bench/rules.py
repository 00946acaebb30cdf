"""`python -m bench.rules --repos DIR`: are the rules that apply to a change the ones handed over?

DIR holds clones of repositories that have rules files with globs (`.cursor/rules/*.mdc`,
`.github/instructions/*.instructions.md`), at least five of them at the newest commit, or at the
last before they were taken away. The tree of that commit is indexed without its history: so no
message of the commits that are asked about can be found in it; the code of later ones can.

A commit that changed source is a change: its message, without paths and numbers, is the request;
the rules files whose globs cover one of the changed files are right. What a briefing hands over are
records; each stands for the file that it was mined from. Asked twice: with the message alone, and
with the commit's diff as the pending edit. Beside both: all rules files; those that are right most
often in the other commits of the repository; BM25 over the files' texts. The last two give as many
files as makes their F1 best, the same number everywhere.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.bm25 import Bm25
from bench.figures import give, say, stop
from bench.intervals import Tally, in_percent, tally, with_interval
from bench.material import DULL, Missing, as_request, is_source, messages
from bench.repositories import git
from satchel.base.errors import BadInput
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.globs import covers
from satchel.context.mine.front_matter import front_matter
from satchel.context.mine.rule_files import family_of, scope_of
from satchel.context.types import Origin, Packet
from satchel.wiring import Satchel

LEAST_RULES = 5
LEAST_WORDS = 4
LOOKED_AT = 400  # commits, of which those that change source are asked about
MOST_DIFF = 200_000  # characters
MOST_GIVEN = 5  # files that a baseline may give
PATHS = re.compile(r"[\w.@-]{0,80}/[\w./@-]+|\b[\w-]{1,80}\.[a-z]{1,5}\b|#?\d+(?:\.\d+)*")
WAYS = ("message", "diff")


@dataclass(frozen=True, slots=True)
class Change:
    """A commit: which rules files are right, what each way of asking gave, what the plain ones
    rank."""

    repository: str
    right: frozenset[str]
    given: Mapping[str, frozenset[str]]
    every: frozenset[str]
    common: tuple[str, ...]
    similar: tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where there is no repository with enough rules."""
    parser = argparse.ArgumentParser(prog="python -m bench.rules", description=__doc__)
    parser.add_argument("--repos", type=Path, required=True, help="a folder of clones")
    parser.add_argument("--names", default="", help="parts of their names (all that have rules)")
    parser.add_argument("--n", type=int, default=60, help="the latest commits of each")
    chosen = parser.parse_args(arguments)
    wanted = [name for name in chosen.names.split(",") if name]
    changes: list[Change] = []
    try:
        for folder in sorted(chosen.repos.iterdir()):
            top = folder / "repo" if (folder / "repo").is_dir() else folder
            if wanted and not any(name in folder.name for name in wanted):
                continue
            commit = with_rules(top)
            if commit is None:
                continue
            try:
                changes += measured(top, folder.name.rpartition("+")[2], commit, chosen.n)
            except subprocess.CalledProcessError:
                say(f"{folder.name}: left out, the clone lacks some of its files")
        if not changes:
            raise Missing(f"no repository below {chosen.repos} has {LEAST_RULES} rules with globs")
    except (Missing, OSError) as missing:
        return stop(str(missing))
    names = list(dict.fromkeys(change.repository for change in changes))
    rows = {
        name: row([change for change in changes if change.repository == name]) for name in names
    }
    whole = row(changes, intervals=True)
    say_row("all", whole)
    return give("rules", {"repositories": rows, "all": whole})


def scoped(top: Path, commit: str) -> dict[str, tuple[str, ...]]:
    """Return the rules files of a commit that have globs, with those."""
    try:
        listed = git(top, "ls-tree", "-r", "-z", "--name-only", commit).split("\0")
    except subprocess.CalledProcessError:
        return {}
    found = {}
    for path in listed:
        family = family_of(path)
        if family is not None and family.field:
            head = front_matter(git(top, "show", f"{commit}:{path}"))
            globs = scope_of(family, path, head)
            if globs:
                found[path] = globs
    return found


def with_rules(top: Path) -> str | None:
    """Return the newest commit with enough rules files: HEAD, or one before they were deleted."""
    try:
        deleted = git(
            top,
            *("log", "--format=%H", "--diff-filter=D", "--max-count=5", "--"),
            *("*.mdc", "*.instructions.md"),
        )
    except subprocess.CalledProcessError:
        return None
    for commit in ("HEAD", *(f"{sha}^" for sha in deleted.split())):
        if len(scoped(top, commit)) >= LEAST_RULES:
            return commit
    return None


def measured(top: Path, name: str, commit: str, count: int) -> list[Change]:
    """Ask about the latest commits of one repository."""
    rules = scoped(top, commit)
    texts = [git(top, "show", f"{commit}:{path}") for path in rules]
    plain = Bm25(texts)
    asked: list[tuple[str, str, frozenset[str]]] = []
    for message in messages(top, LOOKED_AT, commit):
        request = PATHS.sub(" ", as_request(message, with_body=False)).strip()
        files = [path for path in message.paths if is_source(path)]
        if files and len(request.split()) >= LEAST_WORDS and not DULL.match(message.subject):
            right = frozenset(
                rule for rule, globs in rules.items() if any(covers(globs, f) for f in files)
            )
            asked.append((message.sha, request, right))
    asked = asked[:count]
    often = Counter(rule for _, _, right in asked for rule in right)
    found = []
    with tree(top, commit) as (folder, home):
        satchel = Satchel(Home(home), Settings({}))
        satchel.index(str(folder), lambda _: None, True)
        for sha, request, right in asked:
            diff = diff_of(top, sha)
            packets = {"message": satchel.brief(request, str(folder))}
            if diff.strip():
                with suppress(BadInput):  # a change of modes alone is no diff to read
                    packets["diff"] = satchel.brief(request, str(folder), diff=diff)
            found.append(
                Change(
                    name,
                    right,
                    {way: handed_over(packet, rules) for way, packet in packets.items()},
                    frozenset(rules),
                    tuple(sorted(rules, key=lambda r: (right_before(r, right) - often[r], r))),
                    tuple(list(rules)[place] for place in plain.rank(request)),
                )
            )
        satchel.close()
    say_row(f"{name} ({len(rules)} rules)", row(found))
    return found


def diff_of(top: Path, sha: str) -> str:
    """Return what a commit changed; nothing where the clone lacks a file of it."""
    try:
        return git(top, "show", "--format=", "--no-renames", sha)[:MOST_DIFF]
    except subprocess.CalledProcessError:
        return ""


def right_before(rule: str, right: frozenset[str]) -> int:
    """Count a commit's own right rules out of how often they are right."""
    return int(rule in right)


@contextmanager
def tree(top: Path, commit: str) -> Iterator[tuple[Path, Path]]:
    """Put a commit's tree into a scratch repository of one commit; yield (it, an empty home)."""
    with TemporaryDirectory(prefix="satchel-bench-") as scratch:
        folder = Path(scratch) / "tree"
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch=main")
        packed = Path(scratch) / "tree.tar"
        git(top, "archive", f"--output={packed}", commit)
        subprocess.run(["tar", "-x", "-f", str(packed), "-C", str(folder)], check=True)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--no-verify", "--message", "All of it")
        yield folder, Path(scratch) / "home"


def handed_over(packet: Packet, rules: Mapping[str, object]) -> frozenset[str]:
    """Return the rules files with globs that a packet's records come from."""
    sources = (
        source.rpartition(":")[0] or source
        for chosen in packet.records
        if chosen.record.origin is Origin.RULES
        for source in chosen.record.sources
    )
    return frozenset(source for source in sources if source in rules)


def row(changes: Sequence[Change], intervals: bool = False) -> dict[str, Any]:
    """Return precision, recall and F1 of each way, ours and the plain ones."""
    pairs = {
        way: [(c.given.get(way, frozenset()), c.right) for c in changes if way in c.given]
        for way in WAYS
    }
    pairs["all of them"] = [(c.every, c.right) for c in changes]
    for name in ("common", "similar"):
        best = max(range(1, MOST_GIVEN + 1), key=lambda most: tally(firsts(changes, name, most)).f1)
        pairs[f"{name}, {best}"] = firsts(changes, name, best)
    return {
        "commits": len(changes),
        **{way: told(found, intervals) for way, found in pairs.items()},
    }


def firsts(
    changes: Sequence[Change], name: str, most: int
) -> list[tuple[frozenset[str], frozenset[str]]]:
    """Return what the first ones of a plain order give."""
    return [
        (frozenset((c.common if name == "common" else c.similar)[:most]), c.right) for c in changes
    ]


def told(pairs: Sequence[tuple[frozenset[str], frozenset[str]]], intervals: bool) -> dict[str, Any]:
    """Return the three figures over all files of all commits, in percent."""

    def figure(name: str) -> Any:
        if intervals:
            return with_interval(pairs, lambda drawn: value(tally(drawn), name), 1_000)
        return in_percent(value(tally(pairs), name))

    return {name: figure(name) for name in ("precision", "recall", "f1")}


def value(counts: Tally, name: str) -> float:
    """Return one of the figures."""
    return float(getattr(counts, name))


def say_row(name: str, figures: Mapping[str, Any]) -> None:
    """Print one repository's figures for people."""
    say(f"{name}: {figures['commits']} commits")
    for way, found in figures.items():
        if way != "commits":
            parts = []
            for key, one in found.items():
                if isinstance(one, dict):
                    low, high = one["interval"]
                    parts.append(f"{key} {one['value']:5.1f} ({low:.0f}-{high:.0f})")
                else:
                    parts.append(f"{key} {one:5.1f}")
            say(f"  {way:14} " + "  ".join(parts))


if __name__ == "__main__":
    sys.exit(main())
