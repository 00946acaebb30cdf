"""The parts that the benchmarks are made of: if these are wrong, so is every figure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.baselines import Bm25Files, NaiveFts, read_and_hash, tracked
from bench.figures import folder_mb, give, percentile, spread
from bench.growth import vary
from bench.material import (
    Message,
    Missing,
    as_request,
    is_source,
    messages,
    scratch_clone,
    tasks,
)
from bench.repositories import git


@pytest.fixture
def top(tmp_path: Path) -> Path:
    top = tmp_path / "small"
    (top / "tests").mkdir(parents=True)
    (top / "cart.py").write_text("def addToBasket(item):\n    return item\n", encoding="utf-8")
    (top / "mail.py").write_text("def send_letter(address):\n    pass\n", encoding="utf-8")
    (top / "tests" / "test_cart.py").write_text("import cart\n", encoding="utf-8")
    git(top, "init", "--quiet", "--initial-branch=main")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--message", "Fixed #12 -- Sell things.\n\nAt last.")
    return top


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.5) == 3.0
    assert percentile(list(map(float, range(1, 101))), 0.95) == 95.0
    assert percentile([], 0.5) == 0.0
    assert spread([2.0]) == {"p50": 2.0, "p95": 2.0, "max": 2.0}


def test_the_figures_are_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert give("index", {"full_s": 1.5}) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["bench"], line["full_s"]) == ("index", 1.5)
    assert line["machine"]["cores"]


def test_commit_messages_become_requests_without_numbers_of_issues(top: Path) -> None:
    (message,) = messages(top, 10)
    assert message.paths == ("cart.py", "mail.py", "tests/test_cart.py")
    assert as_request(message, with_body=False) == "Sell things"
    assert as_request(message, with_body=True) == "Sell things.\n\nAt last"
    plain = Message("0", "Mend the cart (#7)", "", ())
    assert as_request(plain, with_body=True) == "Mend the cart"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("django/test/client.py", True),
        ("tests/cart/models.py", False),
        ("pkg/tests/helpers.py", False),
        ("pkg/test_cart.py", False),
        ("web/cart.ts", True),
        ("README.md", False),
    ],
)
def test_source_files_that_are_no_tests_are_told_by_path(path: str, expected: bool) -> None:
    assert is_source(path) is expected


def test_a_scratch_clone_leaves_the_repository_alone(top: Path) -> None:
    with scratch_clone(top) as (clone, home):
        (clone / "cart.py").write_text("changed\n", encoding="utf-8")
        assert tracked(clone) == ["cart.py", "mail.py", "tests/test_cart.py"]
        assert not home.exists()
    assert git(top, "status", "--porcelain") == ""


def test_what_is_not_there_is_said(tmp_path: Path, top: Path) -> None:
    with pytest.raises(Missing, match="not a git repository"), scratch_clone(tmp_path):
        pass
    with pytest.raises(Missing, match="HEAD~9"), scratch_clone(top, "HEAD~9"):
        pass
    with pytest.raises(Missing, match="not part of this repository"):
        tasks("swebench_lite.json", root=tmp_path)


def test_the_baselines_find_by_words_and_by_parts_of_words(top: Path, tmp_path: Path) -> None:
    paths = tracked(top)
    plain = Bm25Files()
    plain.read(top, paths)
    assert plain.rank("put it into the basket", 1) == ["cart.py"]
    naive = NaiveFts(tmp_path / "naive.db")
    naive.read(top, paths)
    assert naive.rank('send_letter("me") AND -- *', 1) == ["mail.py"]
    assert naive.rank("!?", 1) == []
    assert read_and_hash(top, paths) == sum((top / path).stat().st_size for path in paths)
    assert folder_mb(top / "tests") == 0.0


def test_a_copy_renames_some_identifiers_and_the_same_ones_everywhere() -> None:
    names = [f"identifier_{number}" for number in range(60)]
    varied = vary(" ".join(names * 2), 1).split()
    assert varied[:60] == varied[60:]
    renamed = sum(a != b for a, b in zip(varied, names, strict=False))
    assert 5 < renamed < 40
