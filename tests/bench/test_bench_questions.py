"""Plain questions: how they are read, and how an order of files is measured by them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.annotations import Question, Target, annotations_of, category_of, is_same, read
from bench.material import Missing
from bench.questions import judged, main, ndcg, place_of, place_of_lines
from bench.repositories import git
from satchel.context.types import Intent, IntentKind, Packet, Place, RankedFile

ROW = {"name": "shop", "language": "python", "url": "https://example.invalid/us/shop.git"}
ASKED: list[dict[str, Any]] = [
    {"query": "how letters are sent", "relevant": ["shop/mail.py"], "secondary": ["shop/cart.py"]},
    {
        "query": "Basket",
        "relevant": [{"path": "shop/cart.py", "start_line": "4", "end_line": 9}],
        "secondary": [],
        "category": "semantic",
        "seed": {"path": "shop/cart.py", "line": 4},
    },
]


def write(folder: Path, asked: object = ASKED, revision: str = "HEAD", **more: str | None) -> Path:
    """Write a folder of annotations as it is published; return it."""
    annotations = folder / "annotations"
    annotations.mkdir(parents=True)
    rows = [{**ROW, "revision": revision, **more}]
    (folder / "repos.json").write_text(json.dumps(rows), encoding="utf-8")
    (annotations / "shop.json").write_text(json.dumps(asked), encoding="utf-8")
    (annotations / "other.json").write_text("not even JSON", encoding="utf-8")
    return annotations


def ranked(path: str, *lines: tuple[int, int], given: bool = False) -> RankedFile:
    places = tuple(Place(start, end, "") for start, end in lines)
    return RankedFile(path, places, "", 1.0, given)


def packet(*files: RankedFile) -> Packet:
    return Packet(
        request="",
        workspace="",
        intent=Intent(IntentKind.QUESTION, 1.0),
        files=files,
        symbols=(),
        tests=(),
        records=(),
        conflicts=(),
        markdown="",
        tokens=0,
        budget=0,
        empty_reason=None,
        catching_up=False,
        ms={"total": 2.0},
    )


@pytest.fixture
def repos(tmp_path: Path) -> Path:
    top = tmp_path / "repos" / "us+shop"
    (top / "shop").mkdir(parents=True)
    (top / "docs").mkdir()
    cart = "import json\n\n\nclass Basket:\n    def add(self, item):\n        return item\n"
    (top / "shop" / "cart.py").write_text(cart, encoding="utf-8")
    (top / "shop" / "mail.py").write_text(
        "def send_letter(address):\n    return open(address)\n", encoding="utf-8"
    )
    (top / "docs" / "letters.md").write_text("# How letters are sent\n", encoding="utf-8")
    git(top, "init", "--quiet", "--initial-branch=main")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--message", "Sell things")
    return top.parent


@pytest.mark.parametrize(
    ("places", "targets", "expected"),
    [
        ([1], 1, 1.0),
        ([2], 1, 0.631),
        ([1, 2], 2, 1.0),
        ([1, None], 2, 0.613),
        ([2, 3], 2, 0.693),
        ([11], 1, 0.0),
        ([None], 1, 0.0),
        ([], 0, 0.0),
    ],
)
def test_gain_falls_with_the_place_and_is_held_against_the_best_order(
    places: list[int | None], targets: int, expected: float
) -> None:
    assert ndcg(places, targets) == pytest.approx(expected, abs=5e-4)


def test_a_place_that_two_targets_share_counts_once() -> None:
    assert ndcg([1, 1], 2) == ndcg([1, None], 2)


def test_more_targets_than_places_can_all_be_met() -> None:
    assert ndcg(list(range(1, 11)), 14) == 1.0


@pytest.mark.parametrize(
    ("path", "wanted", "same"),
    [
        ("lib/cart.py", "lib/cart.py", True),
        ("web/lib/cart.py", "lib/cart.py", True),
        ("cart.py", "lib/cart.py", True),
        ("lib/old_cart.py", "cart.py", False),
        ("lib/mail.py", "lib/cart.py", False),
    ],
)
def test_a_path_may_begin_further_down_at_a_folder(path: str, wanted: str, same: bool) -> None:
    assert is_same(path, wanted) is same


def test_lines_are_met_by_a_place_of_the_file_that_overlaps_them() -> None:
    target = Target("cart.py", (4, 9))
    files = [ranked("mail.py", (4, 9)), ranked("lib/cart.py", (1, 2), (9, 30))]
    assert place_of_lines(files, target) == 2
    assert place_of_lines([ranked("cart.py", (10, 12))], target) is None
    assert place_of_lines([ranked("cart.py")], Target("cart.py")) == 1
    assert place_of(["mail.py", "lib/cart.py"], target) == 2


def test_a_packet_is_measured_by_all_targets_and_its_first_answer() -> None:
    question = Question("?", "semantic", (Target("b.py", (1, 2)),), (Target("gone.py"),))
    given = packet(ranked("a.py"), ranked("b.py", (7, 8), given=True))
    measured = judged("go", question, given, ["b.py"], ["a.py", "b.py"])
    assert (measured.first, measured.given, measured.by_lines) == (2, True, 0.0)
    assert measured.ours == ndcg([2], 2)
    assert measured.plain == measured.best == ndcg([1], 2)
    silent = judged("go", question, replace(given, files=()), [], ["b.py"])
    assert (silent.first, silent.given, silent.ours) == (None, False, 0.0)


def test_annotations_are_read_with_the_revision_and_folder_of_their_repository(
    tmp_path: Path,
) -> None:
    (shop,) = read(write(tmp_path, revision="abc", benchmark_root="shop"))
    assert (shop.name, shop.language, shop.origin) == ("shop", "python", "us/shop")
    assert (shop.revision, shop.root) == ("abc", "shop")
    letters, basket = shop.questions
    assert letters.targets == (Target("shop/mail.py"), Target("shop/cart.py"))
    assert (letters.category, basket.category) == ("architecture", "semantic")
    assert basket.answers == (Target("shop/cart.py", (4, 9)),)


def test_without_a_folder_all_of_the_repository_is_read(tmp_path: Path) -> None:
    (shop,) = read(write(tmp_path, benchmark_root=None), ["shop"])
    assert shop.root == ""


@pytest.mark.parametrize(
    ("text", "category"),
    [("Basket", "symbol"), ("How it sells", "architecture"), ("what it sells", "semantic")],
)
def test_a_question_without_a_category_is_told_by_its_words(text: str, category: str) -> None:
    assert category_of(text) == category


@pytest.mark.parametrize(
    "asked", [[{"relevant": []}], ["Basket"], [{"query": "a", "relevant": [7]}]]
)
def test_another_form_is_said_with_the_file(tmp_path: Path, asked: object) -> None:
    with pytest.raises(Missing, match=r"shop\.json does not have the form"):
        read(write(tmp_path, asked))


def test_what_is_not_there_is_said_and_ends_with_two(
    tmp_path: Path, repos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = ["--annotations", str(tmp_path / "none"), "--repos"]
    assert main([*nowhere, str(repos)]) == 2
    assert "repos.json is not here" in capsys.readouterr().err
    assert main([*nowhere, str(tmp_path / "clones")]) == 2
    assert "clones is not a folder" in capsys.readouterr().err
    there = ["--annotations", str(write(tmp_path / "set", revision="0" * 40)), "--repos"]
    assert main([*there, str(repos), "--names", "other"]) == 2
    assert "no questions about other" in capsys.readouterr().err
    assert main([*there, str(repos)]) == 2
    assert "no repository of the 1" in capsys.readouterr().err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main([*there, str(empty)]) == 2
    assert "there is no clone of it" in capsys.readouterr().err


def test_the_publishers_own_clone_gives_the_annotations(tmp_path: Path) -> None:
    clone = tmp_path / "MinishLab+semble"
    write(clone / "benchmarks")
    git(clone, "init", "--quiet", "--initial-branch=main")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "Ask")
    with annotations_of(None, tmp_path) as folder:
        assert [each.name for each in read(folder)] == ["shop"]
    with annotations_of(tmp_path / "named", tmp_path) as folder:
        assert folder == tmp_path / "named"


def test_questions_are_asked_of_the_folder_alone(
    tmp_path: Path, repos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    annotations = write(tmp_path / "set", revision="main", benchmark_root="shop")
    assert main(["--annotations", str(annotations), "--repos", str(repos), "--misses"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["bench"], figures["asked"], figures["absent"]) == ("questions", 2, {})
    assert figures["repositories"]["shop"]["files"] == 2
    assert figures["among_ten"] == figures["best"] == 1.0
    assert set(figures["by_category"]) == {"architecture", "semantic"}
