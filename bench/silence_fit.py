"""`python -m bench.silence_fit --repos DIR`: the coefficients of context/silence.py, fitted anew.

A logistic fit of the features of `silence.features` to what should be answered (commit messages
whole, their first lines, and the first two to four content words of those) and what should not:
everyday prompts, general questions about Python, as they are and without that word, and issues of
other repositories. Of what is shared it looks only at the first halves (`material.halves`), a
number of each kind in every repository; `bench.silence` reports on the others, in repositories that
are not among these. Each kind weighs alike, half as much the short requests and the questions that
name Python, which are easily told.

The table is leave-one-repository-out: each is judged by a fit on the others. Beside it, on the
same requests, a rule without a fit. The coefficients printed last are fitted on all of them.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import logistic
from bench.evidence import features, indexed
from bench.figures import give, say, stop
from bench.material import (
    BEHIND,
    SET_ON,
    Missing,
    Prompts,
    Task,
    about_clones,
    changes,
    halves,
    issue_halves,
    must_have,
    scratch_clone,
)
from satchel.base.paths import Home
from satchel.context import silence
from satchel.context.silence import Features
from satchel.context.store.index import IndexStore
from satchel.context.terms import STOPWORDS, WORD

FITTED_ON = (*SET_ON, "django")  # six small ones and a large one
KINDS = (
    *("first line", "whole message", "2 to 4 words"),
    *("everyday", "general", "without language", "other's issue"),
)
ANSWERED = frozenset(KINDS[:3])
PROMPTS = 60  # of each kind, in every repository
ISSUES = 30
WEIGHTS = {kind: 0.5 if kind in {"2 to 4 words", "general"} else 1.0 for kind in KINDS}
FIRST_LINE_WORDS = 5
THRESHOLDS = (0.5, 0.54, 0.56, 0.58, 0.6, 0.65, 0.7)
LANGUAGE = re.compile(r"(?i)\b(?:in |using |with )?python\b")


@dataclass(frozen=True, slots=True)
class Case:
    """A request of one kind in one repository, and what is known of it."""

    repository: str
    kind: str
    seen: Features | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and print; exit 2 where a repository or the prompts are not there."""
    chosen = about_clones("bench.silence_fit", __doc__, FITTED_ON).parse_args(arguments)
    try:
        prompts, issues = halves()[0], issue_halves()[0]
        cases = [
            case
            for name in chosen.names.split(",")
            for case in gathered(chosen.repos, name, chosen.n, prompts, issues)
        ]
    except Missing as missing:
        return stop(str(missing))
    counts = {kind: sum(case.kind == kind for case in cases) for kind in KINDS}
    say(f"{counts}; share that speaks:")
    say(f"{'':22}" + "".join(f"{kind:>17}" for kind in KINDS))
    out = left_out(cases)
    table = {f"fit at {at}": shares(cases, [v >= at for v in out]) for at in THRESHOLDS}
    shipped = [silence.confidence(case.seen) >= silence.LEAST for case in cases]
    table["shipped constants"] = shares(cases, shipped)
    plain = shares(cases, [by_rule(case.seen) for case in cases])
    for name, row in {**table, "rule without a fit": plain}.items():
        say(f"{name:22}" + "".join(f"{row[kind]:17.3f}" for kind in KINDS))
    names = (*silence.NAMES, "intercept")
    fitted = dict(zip(names, (round(float(v), 2) for v in fit(cases)), strict=True))
    in_force = dict(zip(names, (*silence.WEIGHTS, silence.INTERCEPT), strict=True))
    say(f"fitted on all: {fitted}")
    say(f"shipped:       {in_force}")
    figures = {
        "requests": counts,
        "speaks": table,
        "coefficients": fitted,
        "shipped": in_force,
        "baseline": {"three_terms_or_a_name": plain},
    }
    return give("silence_fit", figures)


def gathered(
    repos: Path, name: str, count: int, prompts: Prompts, issues: Sequence[Task]
) -> Iterator[Case]:
    """Look at every request of one repository, at a commit before all of them."""
    repository = must_have(repos, name)
    base, asked = changes(repository, BEHIND, count)
    others = [t.request for t in issues if t.repository.rpartition("/")[2] != name][:ISSUES]
    with scratch_clone(repository, base) as (clone, home), indexed(clone, Home(home)) as store:
        requests = [(kind, text) for change in asked for kind, text in spoken(change.request)]
        requests += [("everyday", text) for text in prompts.everyday[:PROMPTS]]
        general = prompts.foreign[:PROMPTS]
        requests += [("general", text) for text in general]
        requests += [("without language", LANGUAGE.sub(" ", text)) for text in general]
        requests += [("other's issue", text) for text in others]
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


def judged(seen: Features | None, coefficients: logistic.Vector) -> float:
    """Return how sure a fit is: 0 without anything, 1 where the request spells a path."""
    if seen is None:
        return 0.0
    return 1.0 if seen.spelled else float(logistic.judge([seen.values], coefficients)[0])


def by_rule(seen: Features | None) -> bool:
    """The rule without a fit: three terms in one passage, or a name."""
    if seen is None:
        return False
    values = dict(zip(silence.NAMES, seen.values, strict=True))
    return seen.spelled or values["named"] >= 0.5 or values["matched"] >= 3


def shares(cases: Sequence[Case], verdicts: Sequence[bool]) -> dict[str, float]:
    """Return the share of each kind that speaks."""
    of: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    for case, verdict in zip(cases, verdicts, strict=True):
        of[case.kind].append(verdict)
    return {kind: round(sum(spoke) / max(len(spoke), 1), 3) for kind, spoke in of.items()}


def fit(cases: Sequence[Case]) -> logistic.Vector:
    """Fit the model. Cases with nothing to look at, or with a path that decides by itself, teach
    nothing."""
    told = [case for case in cases if case.seen is not None and not case.seen.spelled]
    count = Counter(case.kind for case in told)
    return logistic.fit(
        [case.seen.values for case in told if case.seen is not None],
        [case.kind in ANSWERED for case in told],
        [WEIGHTS[case.kind] * len(told) / len(KINDS) / count[case.kind] for case in told],
    )


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
