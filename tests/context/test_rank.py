"""The pure stages: evidence in, order and packet out. No store, no clock."""

from __future__ import annotations

import numpy as np
import pytest

from satchel.context import tokens
from satchel.context.catalog import Row, catalog_of
from satchel.context.excerpt import spots
from satchel.context.features import NAMES
from satchel.context.hit import Hit
from satchel.context.pack import Selection, select, write
from satchel.context.place import order
from satchel.context.rank import FORMULA, Candidate, formula, rank
from satchel.context.recollect import Recollection
from satchel.context.retrieve import Evidence, Terms
from satchel.context.route import PLANS
from satchel.context.silence import confidence, features
from satchel.context.store.index import StoredPassage
from satchel.context.types import (
    ChosenRecord,
    IntentKind,
    RankedTest,
    Record,
    RecordKind,
    Request,
    Signal,
)
from satchel.context.understand import understand

CHANGE = PLANS[IntentKind.CHANGE]
ROWS = (
    Row(1, "src/cart.py", "source", "python"),
    Row(2, "src/order.py", "source", "python"),
    Row(3, "docs/cart.md", "prose", None),
)
RARITY = {"cart": 3.0, "total": 2.0, "discount": 4.0}


REQUEST = understand("discount total cart")


def spell(text: str) -> list[str]:
    return text.lower().replace("(", " ").replace("/", " ").replace(".", " ").split()


def stem(text: str) -> frozenset[str]:
    return frozenset(spell(text))


def evidence(**rankings: list[Hit]) -> Evidence:
    found = {Signal(name): hits for name, hits in rankings.items()}
    return Evidence(catalog_of("1", ROWS, 500), found, Terms({}, {}, RARITY, {}))


def passage(number: int, document: int, text: str) -> StoredPassage:
    return StoredPassage(number, document, "definition", f"f{number}", f"f{number}", 1, 9, text)


def chosen(candidates: list[Candidate], found: StoredPassage, files: int = 0) -> Selection:
    """What the pure stages choose where the one candidate has one passage."""
    places = {found.document: order([found], RARITY, stem, frozenset(), {found.id: 1.0})}
    seen = features(candidates, {found.id: found}, evidence(), REQUEST, spell, stem)
    return select(
        candidates, places, CHANGE, evidence(), confidence(seen), Request("", "/w", 400, files)
    )


def test_a_files_best_passage_counts_most() -> None:
    hits = [Hit(1, 11, 9.0, ""), Hit(2, 21, 5.0, ""), Hit(2, 22, 5.0, "")]
    assert rank(evidence(lexical=hits), CHANGE)[0].row.path == "src/cart.py"


def test_prose_ranks_below_source_for_a_change_unless_it_is_named() -> None:
    words = [Hit(3, 31, 9.0, ""), Hit(1, 11, 8.0, "")]
    assert rank(evidence(lexical=words), CHANGE)[0].row.path == "src/cart.py"
    named = [Hit(3, None, 1.0, "is named: docs/cart.md")]
    assert rank(evidence(lexical=words, path=named), CHANGE)[0].row.path == "docs/cart.md"


@pytest.mark.parametrize("column", ["history_rate", "title_about", "together_sum", "import_sum"])
def test_of_files_with_the_same_words_the_formula_takes_what_else_speaks_for_one(
    column: str,
) -> None:
    rows = np.zeros((2, len(NAMES)), dtype=np.float32)
    rows[:, NAMES.index("request_whole")] = 1.0
    rows[1, NAMES.index(column)] = 0.5
    plain, spoken_for = formula(rows).tolist()
    assert spoken_for - plain == pytest.approx(FORMULA[column] / 2)


def test_a_question_put_to_this_workspace_needs_less_certainty() -> None:
    candidates = rank(evidence(lexical=[Hit(1, 11, 9.0, "")]), CHANGE)
    places = {1: order([passage(11, 1, "cart")], RARITY, stem, frozenset(), {11: 1.0})}
    for with_text, speaks in ((False, False), (True, True)):
        request = Request("the cart", "/w", 400, with_text=with_text)
        selection = select(candidates, places, CHANGE, evidence(), 0.4, request)
        assert any(file.in_packet for file in selection.files) is speaks
        assert (selection.empty_reason is None) is speaks


def test_ties_keep_the_order_of_paths() -> None:
    hits = [Hit(2, 21, 5.0, ""), Hit(1, 11, 5.0, "")]
    assert [c.row.path for c in rank(evidence(lexical=hits), CHANGE)] == [
        "src/cart.py",
        "src/order.py",
    ]


def test_a_request_whose_rare_words_are_elsewhere_gets_silence() -> None:
    candidates = rank(evidence(lexical=[Hit(2, 21, 5.0, "")]), CHANGE)
    weak = chosen(candidates, passage(21, 2, "apples"))
    assert weak.empty_reason
    assert not weak.files
    strong = chosen(candidates, passage(21, 2, "a discount total of the cart"))
    assert strong.empty_reason is None
    assert strong.files[0].lines == ((1, 9),)
    assert strong.files[0].symbols == ("f21",)


def test_files_can_be_ranked_even_where_the_packet_is_silent() -> None:
    candidates = rank(evidence(lexical=[Hit(2, 21, 5.0, "")]), CHANGE)
    selection = chosen(candidates, passage(21, 2, "nothing"), 5)
    assert [(f.path, f.in_packet) for f in selection.files] == [("src/order.py", False)]


def packet(budget: int, with_text: bool = False) -> tuple[str, int]:
    candidates: list[Candidate] = rank(evidence(lexical=[Hit(1, 11, 5.0, "")]), CHANGE)
    text = "cart discount total\ndef discount(total):\n" + "    total -= 1\n" * 30
    selection = chosen(candidates, passage(11, 1, text))
    day = "2026-01-01"
    record = Record("r", RecordKind.DECISION, "Use decimals. " * 60, "/w", ("user",), day, day)
    remembered = Recollection((ChosenRecord(record, "shares money", 1.0),))
    request = Request("discount total", "/w", budget, with_text=with_text)
    tests = [RankedTest("tests/test_cart.py", "named after src/cart.py")]
    placed = order([passage(11, 1, text)], RARITY, stem, frozenset(), {})
    found = spots("src/cart.py", 1.0, placed, RARITY, stem)
    written = write(request, selection, tests, remembered, found)
    assert written.tokens == tokens.count(written.markdown)
    return written.markdown, written.tokens


def test_a_packet_never_passes_its_budget() -> None:
    for budget in (1, 30, 60, 120, 300, 1200):
        for with_text in (False, True):
            assert packet(budget, with_text)[1] <= budget


def test_a_packet_carries_text_only_where_it_is_asked_for() -> None:
    assert "def discount" not in packet(1200)[0]
    assert "def discount" in packet(1200, with_text=True)[0]


def test_the_place_that_covers_more_comes_before_the_wrapper() -> None:
    wrapper = passage(1, 1, "def discount(cart):\n    return work(cart)")
    worker = StoredPassage(2, 1, "definition", "work", "work", 20, 60, "cart total discount")
    one_line = StoredPassage(
        3, 1, "definition", "discount", "discount", 9, 9, "discount cart total"
    )
    placed = order([wrapper, worker, one_line], RARITY, stem, frozenset(), {1: 9.0, 2: 5.0})
    assert [p.passage.id for p in placed] == [2, 1]
    spelled = order([wrapper, worker, one_line], RARITY, stem, frozenset({3}), {})
    assert spelled[0].passage.id == 3


def test_of_the_best_file_less_is_told_before_anything_of_less_worth_is() -> None:
    candidates = rank(evidence(lexical=[Hit(1, 11, 5.0, "")]), CHANGE)
    selection = chosen(candidates, passage(11, 1, "cart discount total"))
    tests = [RankedTest("tests/t.py", "named")]
    told = []
    for budget in range(10, 120):
        request = Request("discount total", "/w", budget)
        written = write(request, selection, tests, Recollection())
        assert written.tokens <= budget
        assert written.files[0].in_packet == bool(written.markdown)
        assert written.files[0].in_packet or not written.tests
        lines = [line for line in written.markdown.splitlines() if line.startswith("- src")]
        assert all(f"{a}-{b}" in lines[0] for a, b in written.files[0].lines if lines)
        told += lines
    full = "- src/cart.py:1-9 `f11`: has discount, cart, total"
    assert list(dict.fromkeys(told)) == ["- src/cart.py", "- src/cart.py:1-9 `f11`", full]
