"""What the ranker reads of each file."""

from __future__ import annotations

import math

import pytest

from satchel.context.catalog import Row, catalog_of
from satchel.context.features import NAMES, featured
from satchel.context.hit import Hit
from satchel.context.retrieve import Evidence, FileEvidence, Terms
from satchel.context.store.counts import key_of, packed, unpacked
from satchel.context.types import Signal

ROWS = (
    Row(1, "shop/cart.py", "source", "python"),
    Row(2, "shop/__init__.py", "source", "python"),
    Row(3, "mail/send.py", "source", "python"),
)
RARITY = {"cart": 3.0, "total": 2.0, "nowhere": 9.0}


def counted(length: int, body: dict[str, int], names: dict[str, int], name: str) -> FileEvidence:
    fields = ({key_of(term): n for term, n in field.items()} for field in (body, names, {}))
    return FileEvidence(frozenset({name}), unpacked(length, packed(*fields)), 3, 0.5, 2)


FILES = {
    1: counted(40, {"cart": 4, "total": 1}, {"cart": 1}, "cart"),
    2: counted(5, {"cart": 1}, {}, "shop"),
    3: counted(400, {"total": 1}, {}, "send"),
}
TERMS = Terms(
    weight={"cart": 3.0, "total": 1.0, "nowhere": 1.0},
    frequency={"cart": 4, "total": 8},
    rarity=RARITY,
    spelled={},
    title=frozenset({"cart"}),
    prose=frozenset({"cart", "total"}),
    code=frozenset(),
)


def read(**rankings: list[Hit]) -> list[dict[str, float]]:
    found = {Signal(name): hits for name, hits in rankings.items()}
    evidence = Evidence(catalog_of("1", ROWS, 50), found, TERMS, FILES, average_length=100.0)
    return [dict(zip(NAMES, row.tolist(), strict=True)) for row in featured(evidence, [1, 2, 3])]


def test_a_signals_hits_are_shares_of_the_best_files_and_places() -> None:
    cart, front, mail = read(
        lexical=[
            Hit(1, 11, 6.0, ""),
            Hit(3, 31, 8.0, ""),
            Hit(1, 12, 4.0, ""),
            Hit(9, 91, 99.0, ""),
        ]
    )
    assert (cart["lexical_best"], mail["lexical_best"]) == (0.75, 1.0)
    assert cart["lexical_sum"] == 1.0
    assert mail["lexical_sum"] == pytest.approx(0.8)
    assert (mail["lexical_place"], cart["lexical_place"], front["lexical_place"]) == (1, 0.5, 0)
    assert all(value == 0 for name, value in front.items() if name.startswith("lexical"))


def test_the_sum_of_the_symbols_tells_a_name_spelled_out_from_a_word_that_is_one() -> None:
    word = read(symbol=[Hit(1, 11, 0.05, ""), Hit(3, 31, 0.025, "")])
    spelled = read(symbol=[Hit(1, 11, 1.0, ""), Hit(1, 12, 0.5, ""), Hit(3, 31, 0.025, "")])
    assert word[0]["symbol_best"] == spelled[0]["symbol_best"] == 1.0
    given = [file["symbol_given"] for file in (word[0], spelled[0], spelled[2], word[1])]
    assert given == pytest.approx([0.05, 1.0, 0.025, 0.0])


def test_the_words_of_a_request_are_scored_in_whole_files_by_field_and_by_part() -> None:
    cart, front, mail = read()
    assert cart["request_whole"] == 1.0 > front["request_whole"] > mail["request_whole"] > 0
    assert (cart["whole_place"], front["whole_place"]) == (1.0, 0.5)
    assert (cart["request_names"], front["request_names"]) == (1.0, 0.0)
    assert cart["request_covered"] == pytest.approx(5 / 14)
    assert (cart["title_covered"], mail["title_covered"]) == (1.0, 0.0)
    assert cart["code_whole"] == 0.0


def test_a_long_file_needs_more_of_a_word() -> None:
    long, short = read()[2], read()[0]
    assert long["prose_body"] < short["prose_body"]


def test_what_is_known_of_a_file_itself() -> None:
    cart, front, mail = read()
    assert (cart["about"], front["about"], mail["about"]) == (1.0, 0.0, 0.0)
    assert (cart["package"], front["package"]) == (0.0, 1.0)
    assert cart["touched"] == pytest.approx(math.log1p(3))
    assert cart["age"] == 0.5
    assert cart["importers"] == pytest.approx(math.log1p(2))
    assert front["neighbours"] == 1.0  # cart.py stands beside it
    assert mail["neighbours"] == 0.0


def test_commits_count_less_for_a_file_that_every_commit_touches() -> None:
    often = {**FILES, 3: counted(400, {}, {}, "send")}
    hits = [Hit(1, None, 0.5, ""), Hit(3, None, 0.5, "")]
    found = {Signal.HISTORY: hits}
    busy = FileEvidence(often[3].name, often[3].counts, 99, 0.0, 0)
    evidence = Evidence(catalog_of("1", ROWS, 50), found, TERMS, {**often, 3: busy}, 100.0)
    rate = featured(evidence, [1, 3])[:, NAMES.index("history_rate")].tolist()
    assert rate == [1.0, pytest.approx(0.2)]
