"""`python -m bench.silence --repo DIR`: is it silent where it should be, and only there?

Everyday prompts and general programming questions should get an empty packet in a repository that
has nothing to do with them; commit subjects of that repository should get one with a right file.
Beside it: FTS5 over whole files, which always finds something.

Of the shared prompts it asks only those of `material.halves()[1]`: the coefficients were fitted on
the other half, by `bench.silence_fit`, and on other repositories (do not name one of those here).
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.baselines import NaiveFts, tracked
from bench.figures import give, say, stop
from bench.material import Missing, as_request, halves, messages, scratch_clone, top_of
from bench.repositories import git
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.wiring import Satchel

SUBJECT_WORDS = 5
BEHIND = 200  # commits before HEAD where the index stands, so that subjects are not in its history
SEED = 7


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit 2 where the prompts or the repository are not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.silence", description=__doc__)
    parser.add_argument("--repo", type=Path, required=True, help="a git repository, only read")
    parser.add_argument("--n", type=int, default=200, help="how many of each kind, at most")
    parser.add_argument("--show", action="store_true", help="name every prompt that was wrong")
    chosen = parser.parse_args(arguments)
    try:
        _, kept = halves()
        everyday = draw(kept.everyday, chosen.n)
        foreign = draw(kept.foreign, chosen.n)
        top = top_of(chosen.repo)
        with scratch_clone(top, f"HEAD~{BEHIND}") as (clone, home):
            return measure(clone, Home(home), everyday, foreign, chosen.n, chosen.show)
    except Missing as missing:
        return stop(str(missing))


def draw(prompts: Sequence[str], count: int) -> list[str]:
    """Draw prompts with a fixed seed."""
    return random.Random(SEED).sample(list(prompts), min(count, len(prompts)))


def measure(
    clone: Path,
    home: Home,
    everyday: Sequence[str],
    foreign: Sequence[str],
    count: int,
    show: bool,
) -> int:
    """Ask all kinds and print the shares."""
    satchel = Satchel(home, Settings({}))
    satchel.index(str(clone), lambda _: None, True)
    passages = sum(workspace["passage"] for workspace in satchel.workspaces())
    paths = tracked(clone)
    say(f"{len(paths)} files, {passages} passages")
    naive = NaiveFts(home.root / "naive.db")
    naive.read(clone, paths)

    def answered(prompts: Sequence[str], kind: str) -> tuple[float, float]:
        ours = plain = 0
        for prompt in prompts:
            packet = satchel.brief(prompt, str(clone), budget=None, files=0, explain=False)
            given = packet.empty_reason is None
            ours += given
            plain += bool(naive.rank(prompt, 1))
            if given and show:
                first = [file.path for file in packet.files if file.in_packet][:1]
                say(f"  {kind}: {prompt!r} got {first}")
        return percent(ours, len(prompts)), percent(plain, len(prompts))

    ours_everyday, plain_everyday = answered(everyday, "everyday")
    say(f"everyday prompts with a packet: {ours_everyday} % of {len(everyday)}")
    ours_foreign, plain_foreign = answered(foreign, "foreign")
    say(f"foreign questions with a packet: {ours_foreign} % of {len(foreign)}")

    there = set(paths)
    asked = right = silent = plain_right = 0
    for message in messages(clone, BEHIND, f"HEAD..{tip(clone)}"):
        subject = as_request(message, with_body=False)
        touched = set(message.paths) & there
        if len(subject.split()) < SUBJECT_WORDS or not touched or asked == count:
            continue
        asked += 1
        packet = satchel.brief(subject, str(clone), budget=None, files=0, explain=False)
        given_paths = [file.path for file in packet.files if file.in_packet]
        silent += packet.empty_reason is not None
        hit = bool(touched & (set(given_paths) | {test.path for test in packet.tests}))
        right += hit
        plain_right += bool(touched & set(naive.rank(subject, max(1, len(given_paths)))))
        if show and not hit:
            say(f"  subject: {subject!r} wanted {sorted(touched)[:3]} got {given_paths[:3]}")
    satchel.close()
    say(
        f"subjects with a right file: {percent(right, asked)} %, silent: {percent(silent, asked)} %"
    )
    figures = {
        "repository": clone.name,
        "passages": passages,
        "everyday": {"prompts": len(everyday), "answered": ours_everyday},
        "foreign": {"prompts": len(foreign), "answered": ours_foreign},
        "subjects": {
            "asked": asked,
            "right_file": percent(right, asked),
            "silent": percent(silent, asked),
        },
        "baseline": {
            "everyday": plain_everyday,
            "foreign": plain_foreign,
            "subjects_right_file": percent(plain_right, asked),
        },
    }
    return give("silence", figures)


def tip(clone: Path) -> str:
    """Name the branch head that the clone was made from."""
    return git(clone, "rev-parse", "origin/HEAD").strip()


def percent(part: int, whole: int) -> float:
    """Return a share in percent, to a tenth."""
    return round(100 * part / max(whole, 1), 1)


if __name__ == "__main__":
    sys.exit(main())
