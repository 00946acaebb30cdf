"""What the commands that judge records, rules and silence are made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import logistic
from bench.bm25 import Bm25
from bench.conflicts import DEVELOPED, Judged, best_threshold, by_bm25, record_of, row
from bench.decisions import measured, without_numbers
from bench.intervals import Tally, interval, tally, with_interval
from bench.repositories import git
from bench.rules import PATHS, scoped, with_rules
from bench.silence import Asked, answered, fired
from satchel.context.types import Status

NONE: frozenset[str] = frozenset()


def test_the_rarer_word_weighs_more_and_common_english_nothing() -> None:
    plain = Bm25(["the cart of the shop", "the basket of the shop", "a shop"])
    assert plain.rank("what is the basket of a shop") == [1, 2, 0]
    assert plain.rank("what is it") == []


def test_a_tally_counts_over_all_cases() -> None:
    pairs = [(frozenset("ab"), frozenset("a")), (NONE, frozenset("c"))]
    counts = tally(pairs)
    assert counts == Tally(right=1, wrong=1, missed=1)
    assert (counts.precision, counts.recall, counts.f1) == (0.5, 0.5, 0.5)
    assert (Tally().precision, Tally().recall, Tally().f1) == (1.0, 1.0, 1.0)


def test_an_interval_holds_its_value_and_is_the_same_each_time() -> None:
    units = [1.0] * 30 + [0.0] * 70

    def mean(drawn: object) -> float:
        assert isinstance(drawn, list)
        return float(sum(drawn) / len(drawn))

    low, high = interval(units, mean, 200)
    assert low < 0.3 < high
    assert with_interval(units, mean, 200) == with_interval(units, mean, 200)
    assert interval([], mean) == (0.0, 0.0)


def test_a_logistic_fit_weighs_cases_and_tells_the_kinds_apart() -> None:
    rows = [(float(n),) for n in range(20)]
    answers = [n >= 10 for n in range(20)]
    coefficients = logistic.fit(rows, answers)
    chances = logistic.judge(rows, coefficients).tolist()
    assert logistic.area(chances, answers) == 1.0
    assert chances[0] < 0.1 < 0.9 < chances[-1]
    heavier = logistic.fit(rows, answers, [10.0 if answer else 1.0 for answer in answers])
    assert logistic.judge(rows, heavier)[9] > chances[9]
    assert logistic.area([1.0], [True]) == 0.5


def judged(gold: str, found: str, score: float, miss: str | None = None) -> Judged:
    """A case with one record or none on either side."""
    reasons = {found: "because"} if found else {}
    return Judged(
        DEVELOPED[0], "c", "request", miss, "text", frozenset(gold), reasons, ("r", score), 1.0
    )


def test_conflicts_are_counted_by_record_by_case_and_by_kind_of_miss() -> None:
    cases = [judged("r", "r", 5.0), judged("", "s", 1.0, "agrees"), judged("r", "", 4.0)]
    threshold = best_threshold(cases)
    assert [by_bm25(case, threshold) for case in cases] == [{"r"}, NONE, {"r"}]
    figures = row(cases, threshold)
    assert figures["precision"]["value"] == 50.0
    assert figures["case_recall"]["value"] == 50.0
    assert figures["near_misses_fired"] == {"agrees": [1, 1]}
    assert figures["baseline"]["precision"]["value"] == 100.0


def test_a_case_s_record_keeps_its_status_and_date() -> None:
    fields = {"id": "r", "kind": "rule", "text": "t", "date": "2024-01-01", "globs": ["a/**"]}
    record = record_of({**fields, "status": "superseded", "superseded_by": "s"})
    assert (record.status, record.valid_from) == (Status.SUPERSEDED, "2024-01-01")


def test_the_most_similar_others_stand_beside_what_is_superseded() -> None:
    old = ["Mail by Postfix", "Lists in pages", "Mail is signed"]
    asked = measured("new", "Mail by SES instead of Postfix", old, frozenset((0,)))
    pairs = asked.pairs()
    assert [pair.gold for pair in pairs] == [True, False, False]
    assert pairs[0].plain == 1.0
    assert without_numbers("Version 2.0 of 249") == "Version   of  "


def test_a_packet_of_pinned_records_alone_does_not_speak() -> None:
    silent = Asked("everyday", (), records=0, pinned=1)
    loud = Asked("everyday", ("a.py",), records=1, pinned=1)
    figures = fired([silent, loud])
    assert figures["not_empty"]["value"] == 50.0
    assert (figures["by_cause"], figures["pinned_alone"]) == ({"both": 1}, 1)
    right = Asked("own commit", ("a.py", "b.py"), 0, 0, frozenset(("a.py",)), plain=True)
    told = answered([right])
    assert (told["right_file"]["value"], told["files_precision"]["value"]) == (100.0, 50.0)


@pytest.fixture
def ruled(tmp_path: Path) -> Path:
    """A repository with five rules for Python files and one for everything."""
    folder = tmp_path / ".cursor" / "rules"
    folder.mkdir(parents=True)
    for number in range(5):
        text = f"---\nglobs: src/{number}/**\n---\nNever print here.\n"
        (folder / f"r{number}.mdc").write_text(text, encoding="utf-8")
    (folder / "all.mdc").write_text("---\nalwaysApply: true\n---\nBe kind.\n", encoding="utf-8")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Rule")
    return tmp_path


def test_rules_are_read_where_they_still_were(ruled: Path) -> None:
    assert with_rules(ruled) == "HEAD"
    git(ruled, "rm", "-r", "--quiet", ".cursor/rules/r0.mdc")
    git(ruled, "commit", "--quiet", "--message", "Rule less")
    commit = with_rules(ruled)
    assert commit is not None
    assert commit.endswith("^")
    assert scoped(ruled, commit)[".cursor/rules/r0.mdc"] == ("src/0/**",)
    assert len(scoped(ruled, commit)) == 5


def test_a_request_names_no_path_and_no_number() -> None:
    left = PATHS.sub("", "Fix src/cart.py and basket.ts for 12 users (#34)").split()
    assert left == ["Fix", "and", "for", "users", "()"]
