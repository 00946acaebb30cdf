"""`python -m bench.train --repos DIR [--out FILE] [--cache DIR]`: trains the ranker that ships.

From commits of the repositories named in TRAINED_ON, permissively licensed and none of them
evaluated on: a message, as a request, should lead to the one to four source files that it changed.
Each repository is indexed at three commits of its past through the product's own index, and the
messages of the commits after each are asked; once as they are, and once more with lines that the
commit added to tests below them, fenced, as a report carries code. Numbers of issues and names of
those who signed are taken out.

What it prints is cross-validated by repository: each fifth of them is ranked by trees that never
saw it. Then the trees are fitted on all and written to FILE, by default where the product reads
them. Needs `pip install lightgbm` and clones of the repositories, named `owner+name` or
`owner__name`; ones that are absent are said. `--cache` keeps what was read of each repository.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bench.figures import give, lap, say, stop
from bench.material import (
    DULL,
    Message,
    as_request,
    check_out,
    clone_of,
    is_source,
    is_test,
    messages,
    scratch_clone,
)
from bench.repositories import git
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.ensemble import Ensemble, ensemble_of
from satchel.context.features import NAMES, featured
from satchel.context.rank import LEARNED, formula, standard
from satchel.context.retrieve import retrieve
from satchel.context.route import PLANS
from satchel.context.store.index import IndexStore
from satchel.context.types import IntentKind, Role
from satchel.context.understand import understand
from satchel.wiring import Satchel

TRAINED_ON: Final = (
    *("Textualize/textual", "caddyserver/caddy", "catchorg/Catch2", "dask/dask"),
    *("eslint/eslint", "google/googletest", "mockito/mockito", "nats-io/nats-server"),
    *("networkx/networkx", "pallets/werkzeug", "psf/black", "pypa/pip", "python/mypy"),
    *("python-poetry/poetry", "rubocop/rubocop", "scrapy/scrapy", "sharkdp/bat", "sharkdp/fd"),
    *("spf13/viper", "sqlalchemy/sqlalchemy", "square/moshi", "triggerdotdev/trigger.dev"),
    "vitejs/vite",
)
SHIPPED: Final = Path(__file__).parents[1] / "src" / "satchel" / "context" / "ranker.json"
ANCHORS: Final = 3  # commits at which a repository is indexed
APART: Final = 150  # commits from one to the next
EACH: Final = 60  # messages asked at each
TEST_LINES: Final = 12  # of a commit's tests that stand in for a report's code
FOLDS: Final = 5
CUTS: Final = (1, 3, 5, 10)
TREES: Final = 150
SETTINGS: Final[Mapping[str, Any]] = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 10,
    "num_leaves": 10,
    "learning_rate": 0.06,
    "feature_fraction": 0.4,
    "lambda_l2": 5.0,
    "min_data_in_leaf": 20,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
    "verbosity": -1,
}
# Columns of which more is not always better.
FREE: Final = frozenset(
    (
        *("length", "definitions", "depth", "package", "touched", "age", "importers"),
        *("words", "title_words"),
    )
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request made of a commit: a row of features for each source file that any signal found,
    which of them the commit changed, and how many it changed in all."""

    rows: NDArray[np.float32]
    right: NDArray[np.bool_]
    changed: int
    with_code: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, validate, fit and write; exit 2 where a tool or every repository is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench.train", description=__doc__)
    parser.add_argument("--repos", type=Path, required=True, help="a folder of clones")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where the trees are written")
    parser.add_argument("--cache", type=Path, help="a folder for what was read")
    chosen = parser.parse_args(arguments)
    if find_spec("lightgbm") is None:
        return stop("bench.train needs LightGBM: run `pip install lightgbm`")
    there = {name: clone_of(chosen.repos, name) for name in TRAINED_ON}
    if absent := [name for name, clone in there.items() if clone is None]:
        say(f"not below {chosen.repos}: {', '.join(absent)}")
    with lap() as whole:
        asked = {name: read(name, clone, chosen.cache) for name, clone in there.items() if clone}
        if not asked:
            return stop(f"none of the repositories is below {chosen.repos}")
        validated = validate(asked)
        trees = fit([one for of_one in asked.values() for one in of_one])
        kept = {"features": list(NAMES), "trees": trees}
        chosen.out.write_text(json.dumps(kept, separators=(",", ":")) + "\n", encoding="utf-8")
    size = chosen.out.stat().st_size
    say(f"{len(trees)} trees, {size:,} bytes, in {chosen.out}")
    counts = {name: len(of_one) for name, of_one in asked.items()}
    return give(
        "train",
        {"asked": counts, "recall": validated, "bytes": size, "seconds": whole.seconds},
    )


def read(name: str, repository: Path, cache: Path | None) -> list[Asked]:
    """Index a repository at commits of its past, and ask for the files of those that followed."""
    kept = cache / f"{name.replace('/', '+')}.pickle" if cache else None
    if kept and kept.is_file():
        found: list[Asked] = pickle.loads(kept.read_bytes())
        return found
    asked: list[Asked] = []
    log = ["log", "--no-merges", "--first-parent", "--format=%H"]
    past = git(repository, *log, f"--max-count={ANCHORS * APART + 1}").split()
    stops = [past[min(number * APART, len(past) - 1)] for number in range(ANCHORS, -1, -1)]
    with lap() as taken, scratch_clone(repository, stops[0]) as (clone, home):
        satchel = Satchel(Home(home), Settings({}))
        for base, newest in pairwise(stops):
            if base == newest:
                continue
            check_out(clone, base)
            satchel.index(str(clone), lambda _: None, True)
            store = IndexStore(Home(home).workspace(clone) / "index.db")
            asked += ask(repository, base, newest, store)
            store.close()
        satchel.close()
    say(f"{name}: {len(asked)} requests in {taken.seconds:.0f} s")
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(asked))
    return asked


def ask(repository: Path, base: str, newest: str, store: IndexStore) -> Iterator[Asked]:
    """Ask, of an index at `base`, for the files of commits up to `newest`."""
    there = set(git(repository, "ls-tree", "-r", "-z", "--name-only", base).split("\0"))
    now = float(git(repository, "show", "-s", "--format=%ct", base))
    told = messages(repository, APART * ANCHORS, f"{base}..{newest}")
    random.Random(0).shuffle(told)
    taken = 0
    for message in told:
        changed = frozenset(path for path in message.paths if is_source(path))
        request = as_request(message, with_body=True)
        wordy = len(request.split()) >= 4 and not DULL.match(message.subject)
        if not (wordy and 1 <= len(changed) <= 4 and changed <= there):
            continue
        yield from _asked(request, changed, store, now, with_code=False)
        if code := of_tests(repository, message):
            yield from _asked(f"{request}\n\n```\n{code}\n```", changed, store, now, with_code=True)
        taken += 1
        if taken == EACH:
            return


def _asked(
    request: str, changed: frozenset[str], store: IndexStore, now: float, with_code: bool
) -> Iterator[Asked]:
    evidence = retrieve(understand(request), PLANS[IntentKind.CHANGE], store, None, lambda: now)
    rows = [evidence.catalog.by_id[document] for document in evidence.files]
    found = (row for row in rows if row.role == Role.SOURCE and is_source(row.path))
    # What scores alike keeps its order when trees are fitted, so that order must be told.
    if sources := sorted(found, key=lambda row: row.path):
        yield Asked(
            featured(evidence, [row.id for row in sources]),
            np.array([row.path in changed for row in sources]),
            len(changed),
            with_code,
        )


def of_tests(repository: Path, message: Message) -> str:
    """Return some lines that a commit added to tests: code as a report might carry it."""
    tests = [path for path in message.paths if is_test(path)][:3]
    if not tests:
        return ""
    try:
        shown = git(repository, "show", "--format=", "--unified=0", message.sha, "--", *tests)
    except subprocess.CalledProcessError:  # a clone may lack the largest files
        return ""
    added = [
        line[1:]
        for line in shown.splitlines()
        if line.startswith("+") and not line.startswith("+++")
    ]
    told = [line for line in added if line.strip() and "import " not in line]
    return "\n".join(told[:TEST_LINES])[:800]


def fit(asked: Sequence[Asked]) -> list[list[list[float]]]:
    """Fit trees that put the right files first; LightGBM's LambdaMART (Burges 2010), with columns
    of which more is better held to that."""
    lightgbm: Any = import_module("lightgbm")
    useful = [one for one in asked if one.right.any()]
    rows = lightgbm.Dataset(
        np.concatenate([one.rows for one in useful]),
        np.concatenate([one.right for one in useful]).astype(int),
        group=[len(one.right) for one in useful],
        feature_name=list(NAMES),
    )
    constraints = [0 if name in FREE else 1 for name in NAMES]
    booster = lightgbm.train({**SETTINGS, "monotone_constraints": constraints}, rows, TREES)
    return [nodes(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]


def nodes(tree: Mapping[str, Any]) -> list[list[float]]:
    """Turn LightGBM's tree into the list that `ensemble_of` reads, its root first."""
    listed: list[list[float]] = []

    def put(node: Mapping[str, Any]) -> int:
        place = len(listed)
        if "leaf_value" in node:
            listed.append([_short(node["leaf_value"])])
            return place
        listed.append([node["split_feature"], _short(node["threshold"])])
        listed[place] += [put(node["left_child"]), put(node["right_child"])]
        return place

    put(tree)
    return listed


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def validate(asked: Mapping[str, Sequence[Asked]]) -> dict[str, dict[str, dict[str, float]]]:
    """Rank every repository by trees that were fitted on others; recall at every cut, the mean
    over repositories, for requests without and with code."""
    names = sorted(asked)
    of_repository: dict[str, dict[str, list[tuple[Asked, NDArray[np.float64]]]]] = {}
    for fold in range(FOLDS):
        out = [name for place, name in enumerate(names) if place % FOLDS == fold]
        if not out or len(out) == len(names):
            continue
        rest = [one for name in names if name not in out for one in asked[name]]
        trees = ensemble_of(NAMES, fit(rest))
        for name in out:
            for way, score in scorers(trees).items():
                found = [(one, score(one.rows)) for one in asked[name]]
                of_repository.setdefault(way, {})[name] = found
    recalls = {
        way: {
            kind: {f"@{cut}": mean_recall(found.values(), with_code, cut) for cut in CUTS}
            for kind, with_code in (("message", False), ("with_code", True))
        }
        for way, found in of_repository.items()
    }
    for way, kinds in recalls.items():
        say(f"{way:12} " + "  ".join(f"{kind} {found}" for kind, found in kinds.items()))
    return recalls


def scorers(trees: Ensemble) -> dict[str, Callable[[NDArray[np.float32]], NDArray[np.float64]]]:
    """Return the ways to score rows: BM25F over whole files, the formula, the trees, and both."""
    whole = NAMES.index("request_whole")
    return {
        "bm25f": lambda rows: rows[:, whole].astype(float),
        "formula": formula,
        "trees": lambda rows: trees.score(rows).astype(float),
        "both": lambda rows: standard(formula(rows)) + LEARNED * standard(trees.score(rows)),
    }


def mean_recall(
    repositories: Iterable[Sequence[tuple[Asked, NDArray[np.float64]]]], with_code: bool, cut: int
) -> float:
    """Return the share of the changed files among the first `cut`, the mean over repositories."""
    means = []
    for found in repositories:
        recalls = [
            float(one.right[np.argsort(-scores, kind="stable")[:cut]].sum()) / one.changed
            for one, scores in found
            if one.with_code == with_code
        ]
        means += [fmean(recalls)] if recalls else []
    return round(fmean(means), 3) if means else 0.0


if __name__ == "__main__":
    sys.exit(main())
