"""Names that a request spells and that no file defines."""

from __future__ import annotations

import pytest

from satchel.context.classify import classify
from satchel.context.hit import Hit
from satchel.context.ingest.parse import parse
from satchel.context.retrieve import VERB, retrieve, weigh_terms
from satchel.context.route import route
from satchel.context.spelled import DEFINERS, PROPER
from satchel.context.store.index import IndexStore
from satchel.context.types import Document, Signal, Stamp
from satchel.context.understand import understand

SYMBOLS = "module.exports = {\n  kCartIsPaid: Symbol('cart.paid'),\n  kCart: 1,\n}\n"
CART = "function close (cart) {\n  if (cart[kCartIsPaid]) return\n  cart.open = false\n}\n"
COMMON = "function lift{n} () {{\n  const everyShelf = {n}\n  everyShelf.lift()\n}}\n"


def document(path: str, text: str) -> Document:
    return Document(path, Stamp(1, 1, 1, path), parse(path, text))


@pytest.fixture
def index(index: IndexStore) -> IndexStore:
    shelves = (document(f"lib/shelf{n}.js", COMMON.format(n=n)) for n in range(DEFINERS + 1))
    index.replace([document("lib/symbols.js", SYMBOLS), document("lib/cart.js", CART), *shelves])
    return index


def spelled(text: str, index: IndexStore) -> list[Hit]:
    query = understand(text)
    return list(retrieve(query, route(classify(query)), index, None).rankings[Signal.SYMBOL])


def test_a_name_that_nothing_defines_points_at_the_few_files_that_use_it(index: IndexStore) -> None:
    hits = spelled("rename kCartIsPaid", index)
    paths = {index.catalog().by_id[hit.document].path for hit in hits}
    assert paths == {"lib/symbols.js", "lib/cart.js"}
    assert {hit.why for hit in hits} == {"uses `kCartIsPaid`"}


@pytest.mark.parametrize("text", ["rename everyShelf", "rename kNobodyHasIt", "call `_()`, `__`"])
def test_a_name_that_all_or_none_use_points_nowhere(text: str, index: IndexStore) -> None:
    assert spelled(text, index) == []


def test_a_class_that_stands_with_its_capital_in_a_sentence_is_meant(index: IndexStore) -> None:
    index.replace(
        [
            document("lib/things.js", "class Basket {\n  add () {}\n}\n"),
            document("lib/old.js", "function basket () {}\n"),
        ]
    )
    meant, word = (spelled(text, index) for text in ("empty the Basket", "empty the basket"))
    assert [(hit.why, hit.score) for hit in meant] == [("defines `Basket`", PROPER)]
    assert {hit.why for hit in word} >= {"defines `Basket`", "defines `basket`"}
    assert sum(hit.score for hit in word if hit.passage) < PROPER


def test_the_word_with_which_one_asks_names_no_definition(index: IndexStore) -> None:
    index.replace([document("lib/parts.js", "function add () {}\n")])
    assert not [hit for hit in spelled("add a window", index) if hit.passage]
    assert [hit.why for hit in spelled("where is add called", index)] == ["defines `add`"]


def test_the_files_below_a_folder_that_is_spelled_are_pointed_at(index: IndexStore) -> None:
    index.replace([document("lib/till/coins.js", "function count () {}\n")])
    query = understand("log what is counted in lib/till")
    hits = retrieve(query, route(classify(query)), index, None).rankings[Signal.PATH]
    paths = [index.catalog().by_id[hit.document].path for hit in hits]
    assert paths == ["lib/till/coins.js"]


def test_a_short_request_may_mean_the_readme_of_this_workspace(index: IndexStore) -> None:
    index.replace([document("README.md", "# The shop\n\nIt sells things.\n")])
    for text, named in (("mend the README", True), ("see its README " + "and so on " * 8, False)):
        query = understand(text)
        hits = retrieve(query, route(classify(query)), index, None).rankings[Signal.PATH]
        paths = [index.catalog().by_id[hit.document].path for hit in hits]
        assert paths == (["README.md"] if named else [])


def test_the_verb_by_which_a_request_asks_tells_least_of_where(index: IndexStore) -> None:
    said = weigh_terms(understand("rename the cart"), index).weight
    assert said["renam"] == VERB * said["cart"]
    asked = weigh_terms(understand("where does the rename of the cart end?"), index).weight
    assert asked["renam"] == asked["cart"]
