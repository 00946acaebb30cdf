"""`python -m bench.silence_fit --repos DIR`: the coefficients of context/silence.py, fitted anew.

A logistic fit of the features of `silence.features` to what should be answered (commit messages
whole, their first lines, the first two to four content words of those, and questions in a few words
that name a file which such a commit changed) and what should not: everyday prompts, general
questions about Python, as they are and without that word, issues of other repositories, questions
that name a file of another one with a word that names none here, and what anybody says to a tool
(the developed half of `cases/short_requests.json`). Of what is shared it looks only at the first
halves (`material.halves`), a number of each kind in every repository; `bench.silence` reports on
the others, in repositories that are not among these.

Requests of a few words that are about something are judged by coefficients of their own, fitted on
those alone; the others' are fitted on all but what names a file and the talk. Each kind weighs
alike, half as much the two to four words and the questions that name Python, which are easily told;
what names a file half as much again.

The table is leave-one-repository-out: each is judged by a fit on the others. Beside it, on the
same requests, a rule without a fit. The coefficients printed last are fitted on all of them.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import numpy as np

from bench import logistic
from bench.evidence import features, indexed
from bench.figures import give, say, stop
from bench.hook_turns import HELD_OUT
from bench.material import (
    BEHIND,
    SET_ON,
    Change,
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
from bench.silence_short import CASES
from satchel.base.paths import Home
from satchel.context import silence
from satchel.context.catalog import Row
from satchel.context.silence import Features
from satchel.context.store.index import IndexStore
from satchel.context.terms import STOPWORDS, WORD, parts

FITTED_ON = (*SET_ON, "django")  # six small ones and a large one
KINDS = (
    *("first line", "whole message", "2 to 4 words", "named"),
    *("everyday", "general", "without language", "other's issue", "other's name", "talk"),
)
ANSWERED = frozenset(KINDS[:4])
PROMPTS = 60  # of each kind, in every repository
ISSUES = 30
WEIGHTS = {"2 to 4 words": 0.5, "general": 0.5, "named": 1.5}
# The kinds and the features of each fit; what it leaves out counts nothing.
MANY = (frozenset(KINDS) - {"named", "other's name", "talk"}, frozenset(silence.NAMES[:8]))
FEW = (frozenset(KINDS) - {"whole message"}, frozenset(silence.NAMES[1:]))
FIRST_LINE_WORDS = 5
THRESHOLDS = (0.5, 0.54, 0.56, 0.58, 0.6, 0.65, 0.7)
# How a file is asked about by its name, in a few words.
ASKED_BY_NAME = (
    *("fix the {}", "explain the {}", "where is the {}?", "how does the {} work?", "rename the {}"),
    *("add an option to the {}", "the {} is broken", "test the {}", "improve {} docs"),
)
OTHERS_NAMES = 40
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
        drawn = {
            name: changes(must_have(chosen.repos, name), BEHIND, chosen.n)
            for name in chosen.names.split(",")
        }
        cases = [
            case
            for name in drawn
            for case in gathered(must_have(chosen.repos, name), name, drawn, prompts, issues)
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
    fitted, in_force = (
        {
            kind: dict(zip(names, row, strict=True))
            for kind, row in zip(("many", "few"), rows, strict=True)
        }
        for rows in (
            [[round(float(value), 2) for value in row] for row in fit(cases)],
            [
                [*silence.WEIGHTS, silence.INTERCEPT],
                [*silence.FEW_WEIGHTS, silence.FEW_INTERCEPT],
            ],
        )
    )
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
    repository: Path,
    name: str,
    drawn: Mapping[str, tuple[str, Sequence[Change]]],
    prompts: Prompts,
    issues: Sequence[Task],
) -> Iterator[Case]:
    """Look at every request of one repository, at a commit before all of them. `drawn` holds that
    commit and the changes of each."""
    base, asked = drawn[name]
    named = {other: dict(map(by_name, changed)) for other, (_, changed) in drawn.items()}
    others = [t.request for t in issues if t.repository.rpartition("/")[2] != name][:ISSUES]
    with scratch_clone(repository, base) as (clone, home), indexed(clone, Home(home)) as store:
        requests = [(kind, text) for change in asked for kind, text in spoken(change.request)]
        requests += [("everyday", text) for text in prompts.everyday[:PROMPTS]]
        general = prompts.foreign[:PROMPTS]
        requests += [("general", text) for text in general]
        requests += [("without language", LANGUAGE.sub(" ", text)) for text in general]
        requests += [("other's issue", text) for text in others]
        requests += [("named", text) for text in named[name].values()]
        here = frozenset().union(*(store.term_set(row.path) for row in store.catalog().rows))
        foreign = [
            text
            for other in named.keys() - {name}
            for words, text in named[other].items()
            if not store.term_set(words) <= here
        ]
        foreign.sort()
        random.Random(name).shuffle(foreign)
        requests += [("other's name", text) for text in foreign[:OTHERS_NAMES]]
        requests += [("talk", text) for text in talk()]
        yield from looked_at(name, requests, store)
    say(f"{name}: {len(requests)} requests")


def by_name(change: Change) -> tuple[str, str]:
    """Ask about a file that a commit changed by the words of its name; return them and the
    question. Both are drawn by the message."""
    drawn = random.Random(change.request)
    subject = Row(0, drawn.choice(sorted(change.files)), "source", None).subject
    words = " ".join(parts(subject)[1:] or (subject,)).lower()
    return words, drawn.choice(ASKED_BY_NAME).format(words)


def talk() -> list[str]:
    """Return short requests of the developed half that no repository answers."""
    told = json.loads(CASES.read_text(encoding="utf-8"))["repositories"]
    return [text for row in told if row["half"] != HELD_OUT for text in row["anywhere"]]


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
    return [judged(case.seen, *fits[case.repository]) for case in cases]


def judged(seen: Features | None, many: logistic.Vector, few: logistic.Vector) -> float:
    """Return how sure a fit is: 0 without anything, 1 where the request spells a path."""
    if seen is None:
        return 0.0
    if seen.spelled:
        return 1.0
    return float(logistic.judge([seen.values], few if seen.few else many)[0])


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


def fit(cases: Sequence[Case]) -> tuple[logistic.Vector, logistic.Vector]:
    """Fit the coefficients for requests of many words and of few, the intercept last. Cases with
    nothing to look at, or with a path that decides by itself, teach nothing."""
    told = [case for case in cases if case.seen is not None and not case.seen.spelled]
    few = [case for case in told if case.seen is not None and case.seen.few]
    return _fit(told, *MANY), _fit(few, *FEW)


def _fit(cases: Sequence[Case], kinds: frozenset[str], names: frozenset[str]) -> logistic.Vector:
    of = [case for case in cases if case.kind in kinds]
    count = Counter(case.kind for case in of)
    found = np.zeros(len(silence.NAMES) + 1)
    if not of:
        return found
    kept = [name in names for name in silence.NAMES]
    fitted = logistic.fit(
        [list(compress(case.seen.values, kept)) for case in of if case.seen is not None],
        [case.kind in ANSWERED for case in of],
        [WEIGHTS.get(case.kind, 1.0) * len(of) / len(count) / count[case.kind] for case in of],
    )
    found[[*kept, True]] = fitted
    return found


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
