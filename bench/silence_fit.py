"""`python -m bench.silence_fit --repos DIR`: the coefficients of context/silence.py, fitted anew.

A logistic fit of the four features of `silence.features` to what should be answered (commit
messages whole, their first lines, and the first two to four content words of those) and what
should not (everyday prompts, general Python questions). Of the shared prompts it looks only at
`material.halves()[0]`, 60 of each kind in every repository; `bench.silence` reports on the other
half, in a repository that is not among these.

The table is leave-one-repository-out: each is judged by a fit on the others. Beside it, on the
same requests, a rule without a fit. The coefficients printed last are fitted on all of them.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.commits import BEHIND, SET_ON
from bench.evidence import features, indexed
from bench.figures import give, say, stop
from bench.material import Missing, Prompts, changes, clone_of, halves, scratch_clone
from satchel.base.paths import Home
from satchel.context import silence
from satchel.context.silence import Features
from satchel.context.store.index import IndexStore
from satchel.context.terms import STOPWORDS, WORD

KINDS = ("first line", "whole message", "2 to 4 words", "everyday", "general")
ANSWERED = frozenset(KINDS[:3])
PROMPTS = 60  # of each kind, in every repository
FIRST_LINE_WORDS = 5
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
RIDGE = 1e-3  # a request, on standardised features: keeps a feature that parts all from running off
NAMES = ("share", "matched", "named", "unknown", "intercept")
SHIPPED = (silence.SHARE, silence.MATCHED, silence.NAMED, silence.UNKNOWN, silence.INTERCEPT)

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A request of one kind in one repository, and what is known of it."""

    repository: str
    kind: str
    seen: Features | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and print; exit 2 where a repository or the prompts are not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.silence_fit", description=__doc__)
    parser.add_argument("--repos", type=Path, required=True, help="a folder of clones")
    parser.add_argument("--names", default=",".join(SET_ON), help="which of them, comma-separated")
    parser.add_argument("--n", type=int, default=60, help="commits of each, drawn with a seed")
    chosen = parser.parse_args(arguments)
    try:
        prompts, _ = halves()
        cases = [
            case
            for name in chosen.names.split(",")
            for case in gathered(chosen.repos, name, chosen.n, prompts)
        ]
    except Missing as missing:
        return stop(str(missing))
    counts = {kind: sum(case.kind == kind for case in cases) for kind in KINDS}
    say(f"{counts}; share that speaks:")
    say(f"{'':22}" + "".join(f"{kind:>15}" for kind in KINDS))
    out = left_out(cases)
    table = {f"fit at {at}": shares(cases, [v >= at for v in out]) for at in THRESHOLDS}
    shipped = [judged(case.seen, np.array(SHIPPED)) >= silence.LEAST for case in cases]
    table["shipped constants"] = shares(cases, shipped)
    plain = shares(cases, [by_rule(case.seen) for case in cases])
    for name, row in {**table, "rule without a fit": plain}.items():
        say(f"{name:22}" + "".join(f"{row[kind]:15.3f}" for kind in KINDS))
    fitted = dict(zip(NAMES, np.round(fit(cases), 2).tolist(), strict=True))
    say(f"fitted on all: {fitted}")
    say(f"shipped:       {dict(zip(NAMES, SHIPPED, strict=True))}")
    figures = {
        "requests": counts,
        "speaks": table,
        "coefficients": fitted,
        "shipped": dict(zip(NAMES, SHIPPED, strict=True)),
        "baseline": {"half_the_rarity_and_two_terms": plain},
    }
    return give("silence_fit", figures)


def gathered(repos: Path, name: str, count: int, prompts: Prompts) -> Iterator[Case]:
    """Look at every request of one repository, at a commit before all of them."""
    repository = clone_of(repos, name)
    if repository is None:
        raise Missing(f"there is no clone of {name} below {repos}")
    base, asked = changes(repository, BEHIND, count)
    with scratch_clone(repository, base) as (clone, home), indexed(clone, Home(home)) as store:
        requests = [(kind, text) for change in asked for kind, text in spoken(change.request)]
        requests += [("everyday", text) for text in prompts.everyday[:PROMPTS]]
        requests += [("general", text) for text in prompts.foreign[:PROMPTS]]
        yield from looked_at(name, requests, store)
    say(f"{name}: {len(requests)} requests")


def looked_at(
    repository: str, requests: Sequence[tuple[str, str]], store: IndexStore
) -> Iterator[Case]:
    """Look at every request once."""
    for kind, text in requests:
        yield Case(repository, kind, features(text, store))


def spoken(message: str) -> Iterator[tuple[str, str]]:
    """Yield the requests that are made of a commit message."""
    first = message.splitlines()[0]
    words = content_words(first)
    if len(words) >= 3:
        # The length is drawn by the message, so that a case does not hang on those before it.
        yield "2 to 4 words", " ".join(words[: random.Random(message).choice((2, 3, 4))])
    if len(first.split()) >= FIRST_LINE_WORDS:
        yield "first line", first
        yield "whole message", message


def left_out(cases: Sequence[Case]) -> list[float]:
    """Judge each case by a fit on the other repositories."""
    fits = {
        name: fit([case for case in cases if case.repository != name])
        for name in {case.repository for case in cases}
    }
    return [judged(case.seen, fits[case.repository]) for case in cases]


def row(seen: Features) -> tuple[float, ...]:
    """Return the features in the order of NAMES, with a one for the intercept."""
    return (seen.share, float(seen.matched), seen.named, seen.unknown, 1.0)


def judged(seen: Features | None, coefficients: Vector) -> float:
    """Return how sure a fit is: 0 without anything, 1 where the request spells a path."""
    if seen is None:
        return 0.0
    if seen.spelled:
        return 1.0
    return float(1 / (1 + np.exp(-np.array(row(seen)) @ coefficients)))


def by_rule(seen: Features | None) -> bool:
    """The rule without a fit: half the rarity and two terms in one passage, or a name."""
    if seen is None:
        return False
    return seen.spelled or seen.named >= 0.5 or (seen.matched >= 2 and seen.share >= 0.5)


def shares(cases: Sequence[Case], verdicts: Sequence[bool]) -> dict[str, float]:
    """Return the share of each kind that speaks."""
    of: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    for case, verdict in zip(cases, verdicts, strict=True):
        of[case.kind].append(verdict)
    return {kind: round(sum(spoke) / max(len(spoke), 1), 3) for kind, spoke in of.items()}


def fit(cases: Sequence[Case]) -> Vector:
    """Fit a logistic model by Newton's method; coefficients for the raw features.

    Cases with nothing to look at, or with a path that decides by itself, teach nothing.
    """
    told = [case for case in cases if case.seen is not None and not case.seen.spelled]
    x = np.array([row(case.seen) for case in told if case.seen is not None])
    y = np.array([float(case.kind in ANSWERED) for case in told])
    centre, scale = x.mean(axis=0), x.std(axis=0)
    centre[-1], scale[-1] = 0.0, 1.0
    z = (x - centre) / np.where(scale > 0, scale, 1.0)
    penalty = np.full(z.shape[1], RIDGE * len(y))
    penalty[-1] = 0.0
    b = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ b))
        slope = z.T @ (p - y) + penalty * b
        step = np.linalg.solve((z.T * (p * (1 - p))) @ z + np.diag(penalty), slope)
        b -= step
        if float(np.abs(step).max()) < 1e-9:
            break
    raw: Vector = b / np.where(scale > 0, scale, 1.0)
    raw[-1] = b[-1] - float(centre[:-1] @ raw[:-1])
    return raw


def content_words(text: str) -> list[str]:
    """Return the words of a request that carry meaning, first spelling kept, in order, once."""
    seen: dict[str, str] = {}
    for word in WORD.findall(text):
        lower = word.lower()
        if lower not in STOPWORDS and (len(lower) > 1 or not lower.isascii()):
            seen.setdefault(lower, word)
    return list(seen.values())


if __name__ == "__main__":
    sys.exit(main())
