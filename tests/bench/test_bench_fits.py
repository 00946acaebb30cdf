"""What the commands that ask and fit are made of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench import commits, signals, silence_fit, tokens
from bench.evidence import features, find, indexed
from bench.material import Change, Message, as_request, changes, clone_of, halves
from bench.repositories import git
from bench.signals import kept, precise, recalls
from bench.silence_fit import Case, by_rule, fit, judged, shares, spoken
from satchel.base.paths import Home
from satchel.context.route import WEIGHTS
from satchel.context.silence import NAMES, Features, confidence


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A repository of three commits, the last of which changes one source file."""
    top = tmp_path / "clones" / "owner+shop" / "repo"
    (top / "tests").mkdir(parents=True)
    (top / "cart.py").write_text("def add_to_basket(item):\n    return item\n", encoding="utf-8")
    (top / "tests" / "test_cart.py").write_text("import cart\n", encoding="utf-8")
    git(top, "init", "--quiet", "--initial-branch=main")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--message", "Sell things")
    for message, line in (
        ("Release 1.1 with all the new things", "VERSION = 1"),
        ("Count what is in the basket (#7)\n\nSigned-off-by: A <a@example.invalid>", "COUNT = 0"),
    ):
        with (top / "cart.py").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        git(top, "commit", "--quiet", "--all", "--message", message)
    return top


def test_changes_come_after_the_commit_that_is_indexed(top: Path) -> None:
    base, asked = changes(top, behind=3, count=10)
    assert base == git(top, "rev-parse", "HEAD~2").strip()
    assert asked == [Change("Count what is in the basket", frozenset({"cart.py"}))]
    assert changes(top, behind=1, count=10)[1] == []


def test_who_signed_is_no_part_of_a_request() -> None:
    message = Message("0", "Mend it", "Because.\nCo-authored-by: B\n", ())
    assert as_request(message, with_body=True) == "Mend it\n\nBecause"


@pytest.mark.parametrize("name", ["shop", "owner/shop", "fork/shop"])
def test_a_clone_is_found_by_its_name(top: Path, name: str) -> None:
    assert clone_of(top.parents[1], name) == top
    assert clone_of(top.parents[1], "other") is None


def test_prompts_that_were_fitted_on_are_never_reported_on(tmp_path: Path) -> None:
    for name in ("no_context_prompts.json", "cosqa_questions.json"):
        prompts = [f"{name} {number}" for number in range(10)]
        (tmp_path / name).write_text(json.dumps(prompts), encoding="utf-8")
    fitted, reported = halves(tmp_path)
    assert not set(fitted.everyday) & set(reported.everyday)
    assert len({*fitted.foreign, *reported.foreign}) == 10
    assert (fitted, reported) == halves(tmp_path)


def test_recall_counts_the_right_files_among_the_first() -> None:
    asked = [Change("", frozenset({"a", "b"})), Change("", frozenset({"c"}))]
    ranked = [["a", "x", "b"], ["y"]]
    assert recalls(asked, ranked) == {"@1": 25.0, "@3": 50.0, "@5": 50.0, "@10": 50.0}
    assert precise(asked, ranked) == {"right": 50.0, "precision": 33.3}
    assert precise(asked, [[], []]) == {"right": 0.0, "precision": 0.0}
    assert kept([], [], 0.5) == {"right": 0.0, "precision": 0.0}


def test_commits_are_asked_at_their_parents_and_print_a_row_of_figures(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commits.main(["--repos", str(top.parents[1]), "--names", "shop"]) == 0
    printed = json.loads(capsys.readouterr().out)
    row = printed["repositories"]["shop"]
    assert (row["language"], row["asked"], row["accuracy"]["@1"]) == ("python", 1, 100.0)
    assert row["baseline"]["most_changed"]["recall@3"] == 100.0
    assert printed["mean"]["baseline"]["bm25_whole_files"]["accuracy"]["@1"] == 100.0
    assert printed["all"]["packet"].keys() >= {"files", "precision", "recall"}
    assert commits.main(["--repos", str(top), "--names", "shop"]) == 2
    assert commits.main(["--repo", str(top), "--since", "2030-01-01"]) == 2
    assert commits.main([]) == 2


def test_signals_are_taken_away_one_at_a_time(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert signals.main(["--repos", str(top.parents[1]), "--names", "shop"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["mean"]["signals"]["all"]["@1"] == 100.0
    assert signals.main(["--repos", str(top), "--names", "shop"]) == 2


def test_evidence_is_ranked_by_a_plan_and_looked_at_as_a_briefing_does(
    top: Path, tmp_path: Path
) -> None:
    with indexed(top, Home(tmp_path / "home")) as store:
        found = find("add a discount to the basket", store)
        assert found is not None
        assert [c.row.path for c in found.ranked(found.plan)] == ["cart.py"]
        assert found.plan.weights == WEIGHTS
        about = features("add a discount to the basket", store)
        assert about is not None
        assert not about.spelled
        assert about.values[NAMES.index("matched")] > 0
        assert features("thanks!", store) is None
        spelled = features("change cart.py", store)
        assert spelled is not None
        assert spelled.spelled


def seen(**values: float) -> Features:
    """Features of these values; the others are 0."""
    return Features(False, tuple(values.get(name, 0.0) for name in NAMES))


def test_a_fit_finds_what_parts_the_kinds_and_leaves_the_rest_alone() -> None:
    random = np.random.default_rng(1)
    cases = []
    for _ in range(2_000):
        titled, named = random.random(2).tolist()
        asked = random.random() < 1 / (1 + np.exp(-(6 * titled - 3)))
        kind = "first line" if asked else "everyday"
        cases.append(Case("shop", kind, seen(titled=titled, named=named, matched=1.0)))
    cases.append(Case("shop", "everyday", Features(True)))
    many, few = fit(cases)
    assert not few.any()  # no request here is one of a few words
    fitted = dict(zip((*NAMES, "intercept"), many.tolist(), strict=True))
    assert fitted["titled"] == pytest.approx(6, abs=1)
    assert fitted["named"] == pytest.approx(0, abs=0.5)
    assert (fitted["matched"], fitted["unknown"]) == (0.0, 0.0)


def test_nothing_is_silent_and_a_path_speaks() -> None:
    coefficients = np.array([1.0] + [0.0] * (len(NAMES) - 1) + [-5.0])
    spelled = Features(True)
    few = -coefficients
    assert [judged(one, coefficients, few) for one in (None, spelled)] == [0.0, 1.0]
    assert judged(seen(titled=1.0), coefficients, few) < 0.5
    assert judged(replace(seen(titled=1.0), few=True), coefficients, few) > 0.5
    assert [by_rule(one) for one in (None, spelled)] == [False, True]
    assert [confidence(one) for one in (None, spelled)] == [0.0, 1.0]
    cases = [Case("shop", "everyday", one) for one in (None, spelled)]
    assert shares(cases, [False, True])["everyday"] == 0.5


def test_a_message_gives_requests_of_three_lengths() -> None:
    message = "Count what is in the basket of every customer\n\nThe till needs it."
    requests = dict(spoken(message))
    assert requests["whole message"] == message
    assert requests["first line"] == "Count what is in the basket of every customer"
    assert 2 <= len(requests["2 to 4 words"].split()) <= 4
    assert dict(spoken("Mend it")) == {}


def test_tokens_are_compared_file_by_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text("x = 1\n" * 100, encoding="utf-8")
    (tmp_path / "short.py").write_text("x = 1\n", encoding="utf-8")
    (text,) = tokens.drawn([tmp_path], (".py",))

    class Pairs:
        def encode(self, text: str) -> list[str]:
            return [text[at : at + 2] for at in range(0, len(text), 2)]

    row = tokens.measure([text], Pairs())
    assert row["files"] == 1
    assert row["baseline"]["four_characters"]["median"] == 0.5
    assert tokens.main([str(tmp_path / "nothing")]) == 2
    assert capsys.readouterr().out == ""


def test_a_fit_needs_clones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert silence_fit.main(["--repos", str(tmp_path), "--names", "shop"]) == 2
    assert capsys.readouterr().out == ""
