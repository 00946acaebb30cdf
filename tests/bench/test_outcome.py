"""Whether an answer is in what was handed over, and what a model said about it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bench import outcome
from bench.handed import WINDOW, Windows, dump, holds
from bench.material import Missing
from bench.outcome import (
    WAYS,
    Handed,
    Outcome,
    Question,
    by_half,
    checked,
    figures,
    halves,
    measure,
    questions,
)
from bench.repositories import git
from bench.voice import Voice
from satchel.context import tokens
from tests.model.fakes import WORDS, ollama, ollama_row


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A clone of a small shop, of one commit."""
    top = tmp_path / "clones" / "owner+shop" / "repo"
    (top / "docs").mkdir(parents=True)
    (top / "README.md").write_text("# Shop\n\nA shop that sells things.\n", encoding="utf-8")
    (top / "basket.py").write_text(
        "def add_to_basket(basket, item):\n"
        '    """Put an item into a basket that is not full yet."""\n'
        "    if len(basket) >= BASKET_LIMIT:\n"
        '        raise ValueError("the basket is full")\n'
        "    return [*basket, item]\n",
        encoding="utf-8",
    )
    (top / "docs" / "letters.md").write_text("Letters are sent by pigeon.\n" * 60, encoding="utf-8")
    git(top, "init", "--quiet", "--initial-branch=main")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--message", "Sell things")
    return top


def about_the_basket(top: Path, answer: str = "the basket is full") -> Question:
    commit = git(top, "rev-parse", "HEAD").strip()
    asked = "What does add_to_basket raise when there is no room left?"
    return Question("owner/shop", commit, "code", asked, (answer,), "basket.py")


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ('raise ValueError("the  basket\n is full")', ["The basket is full"], True),
        ("the baskets are full", ["basket"], False),
        ("a limit of `35_729` items", ["35729", "35_729"], True),
        ("since 12.2.0", ["2.2.0"], False),
        ("run it with --no-model.", ["--no-model"], True),
        ("with --no-models", ["--no-model"], False),
        ("", ["anything"], False),
    ],
)
def test_an_answer_is_found_as_words_of_its_own(
    text: str, answers: list[str], expected: bool
) -> None:
    assert holds(text, answers) is expected


def test_a_dump_begins_with_the_readme_and_keeps_to_its_budget(top: Path) -> None:
    paths = ["basket.py", "docs/letters.md", "README.md"]
    whole = dump(top, paths, 10_000)
    assert whole.index("README.md") < whole.index("basket.py") < whole.index("docs/letters.md")
    assert tokens.count(dump(top, paths, 30)) <= 30


def test_windows_give_the_best_lines_under_their_place_within_a_budget(top: Path) -> None:
    windows = Windows(top, ["basket.py", "docs/letters.md"])
    assert windows.best("what if the basket is full?", 100).startswith("basket.py:1-5\n")
    pigeons = windows.best("letters by pigeon", 60)
    assert pigeons.startswith(f"docs/letters.md:1-{WINDOW}\n")
    assert tokens.count(pigeons) <= 60
    assert windows.best("nothing of that kind", 100) == ""


def test_each_way_is_measured_without_a_model(top: Path) -> None:
    asked = about_the_basket(top)
    (found,) = measure([asked], {"owner/shop": top}, None, 450)
    assert [way for way, handed in found.by_way.items() if handed.holds] == [
        *("dump", "bm25", "packet")
    ]
    assert found.by_way["nothing"].tokens == 0
    assert found.by_way["packet"].placed
    assert all(handed.said is None for handed in found.by_way.values())


def test_a_model_is_asked_with_the_same_words_whatever_it_is_given(
    top: Path, tmp_path: Path
) -> None:
    asked = about_the_basket(top, "store.py")
    with ollama([ollama_row("qwen3:4b")]) as server:
        voice = Voice("qwen3:4b", tmp_path, server.url)
        try:
            (found,) = measure([asked], {"owner/shop": top}, voice, 450)
        finally:
            voice.close()
        sent = [body["messages"][-1]["content"] for body in server.posted("/api/chat")]
    assert {handed.said for handed in found.by_way.values()} == {"".join(WORDS)}
    assert all(handed.right for handed in found.by_way.values())
    nothing, *given = sent
    assert nothing == asked.text
    assert all(text.endswith(f"Answer from the excerpts above: {asked.text}") for text in given)
    assert [("BASKET_LIMIT" in text) for text in sent] == [False, True, True, True]


def test_the_embedded_model_must_have_been_fetched(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="satchel fetch"):
        Voice("embedded", tmp_path)


def test_the_figures_hold_every_way_and_what_the_packet_is_ahead() -> None:
    asked = Question("owner/shop", "0", "code", "?", ("!",), "basket.py")
    nothing = Handed(0, False, False, 0.0)
    other = Handed(10, False, True, 1.0)
    ours = Handed(20, True, True, 2.0, said="!", right=True, seconds=0.5)
    by_way = {"nothing": nothing, "dump": other, "bm25": other, "packet": ours}
    row = figures([Outcome(asked, by_way)] * 3)
    assert row["ways"]["packet"]["handed_over"] == {"value": 100.0, "interval": [100.0, 100.0]}
    assert row["ways"]["packet"]["answered"]["value"] == 100.0
    assert row["ways"]["packet"]["by_kind"] == {"code": 100.0}
    assert row["ways"]["bm25"]["path_named"]["value"] == 100.0
    assert row["ways"]["bm25"]["with_its_path"]["value"] == 0.0
    assert row["ways"]["nothing"]["silent"] == 100.0
    assert row["packet_over_bm25"]["handed_over"]["value"] == 100.0


def test_each_half_of_the_repositories_is_told_by_itself() -> None:
    developed, held_out = halves().values()
    assert not developed & held_out
    assert developed | held_out == {question.repository for question in questions()}
    assert abs(len(developed) - len(held_out)) <= 1
    outcomes = [
        Outcome(Question(name, "0", "code", "?", ("!",), "basket.py"), dict.fromkeys(WAYS, handed))
        for name, handed in (
            (min(developed), Handed(20, True, True, 2.0)),
            (min(held_out), Handed(20, False, True, 2.0)),
        )
    ]
    found = by_half(outcomes)
    assert [found[half]["packet"]["value"] for half in ("developed", "held_out")] == [100.0, 0.0]


def test_an_answer_that_its_file_lacks_is_a_wrong_case(
    top: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tops = {"owner/shop": top}
    assert checked([about_the_basket(top)], tops, 1) == 0
    assert checked([about_the_basket(top, "the shop is closed")], tops, 1) == 1
    assert checked([about_the_basket(top, "add_to_basket")], tops, 1) == 1
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["checked"], last["wrong"]) == (1, 1)


def test_the_questions_are_many_and_of_every_kind() -> None:
    asked = questions()
    assert len(asked) >= 110
    assert len({question.text for question in asked}) == len(asked)
    assert len({question.repository for question in asked}) >= 8
    shares = {kind: n / len(asked) for kind, n in Counter(q.kind for q in asked).items()}
    assert set(shares) == {"code", "docs", "configuration"}
    assert min(shares.values()) > 0.15
    assert not [question for question in asked if holds(question.text, question.answers)]
    assert all(len(question.commit) == 40 for question in asked)


def test_without_any_clone_the_command_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome.main(["--repos", str(tmp_path), "--no-model"]) == 2
    assert "no repository of outcome.json was found" in capsys.readouterr().err
