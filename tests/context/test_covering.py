"""Which tests belong to the files of a briefing."""

from __future__ import annotations

import pytest

from satchel.context.covering import covering
from satchel.context.covering import tests_of as belonging
from satchel.context.ingest.parse import parse
from satchel.context.rank import Candidate
from satchel.context.retrieve import Evidence, Terms
from satchel.context.store.index import IndexStore
from satchel.context.types import Document, Stamp

SOURCE = "def add(price):\n    return price\n"
FILES = {
    "shop/cart.py": SOURCE,
    "docs/cart.md": "# Carts\n\nWhat a customer chose.\n",
    ".github/workflows/cart.yml": "on: push\n",
    "pyproject.toml": "[project]\nname = 'shop'\n",
    "tests/cart.py": SOURCE,
    "tests/test_cart.py": SOURCE,
}


@pytest.fixture
def index(index: IndexStore) -> IndexStore:
    index.replace([Document(p, Stamp(1, 1, 1, p), parse(p, text)) for p, text in FILES.items()])
    return index


def named(
    paths: list[str], index: IndexStore, asked: str | None = None, terms: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    catalog = index.catalog()
    said = {catalog.by_path[asked].id: 1.0} if asked else {}
    return belonging(paths, catalog, index, said, frozenset(terms), 3)


def test_a_test_is_named_after_a_source_file_and_no_other(index: IndexStore) -> None:
    after = "named after shop/cart.py"
    assert set(named(["shop/cart.py"], index)) == {
        ("tests/cart.py", after),
        ("tests/test_cart.py", after),
    }
    assert named(["docs/cart.md", ".github/workflows/cart.yml", "tests/cart.py"], index) == []


@pytest.mark.parametrize("path", ["docs/cart.md", "pyproject.toml", ".github/workflows/cart.yml"])
def test_no_test_covers_what_is_no_source(path: str, index: IndexStore) -> None:
    assert named([path], index, "tests/test_cart.py") == []


def test_a_test_that_stands_among_the_files_is_not_told_again(index: IndexStore) -> None:
    paths = ["shop/cart.py", "tests/test_cart.py"]
    found = named(paths, index, "tests/test_cart.py")
    assert [path for path, _ in found] == ["tests/cart.py"]


def test_the_words_of_a_request_are_enough_where_one_is_the_tests_name(index: IndexStore) -> None:
    path = "tests/test_till.py"
    index.replace([Document(path, Stamp(1, 1, 1, path), parse(path, SOURCE))])
    assert path not in dict(named(["shop/cart.py"], index, path, ("cart", "test")))
    assert dict(named(["shop/cart.py"], index, path, ("cart", "till")))[path] == (
        "has the words of the request"
    )


def test_the_verb_of_a_request_is_not_what_a_test_is_called_by(index: IndexStore) -> None:
    path = "tests/test_rename.py"
    index.replace([Document(path, Stamp(1, 1, 1, path), parse(path, SOURCE))])
    catalog = index.catalog()
    candidates = [Candidate(catalog.by_path[path], 1.0, {}, (), {})]
    for verb, tests in (("", {path}), ("rename", set())):
        terms = Terms({}, {}, {"renam": 4.0}, {"renam": "rename"}, verb=verb)
        found = covering(["shop/cart.py"], candidates, Evidence(catalog, {}, terms), index)
        assert {test.path for test in found} - {"tests/cart.py", "tests/test_cart.py"} == tests


def test_of_two_files_of_one_name_a_test_is_named_after_the_nearer(index: IndexStore) -> None:
    paths = ["web/shop/cart.py", "web/tests/test_cart.py"]
    index.replace([Document(p, Stamp(1, 1, 1, p), parse(p, SOURCE)) for p in paths])
    assert ("web/tests/test_cart.py", "named after web/shop/cart.py") in named(paths[:1], index)
    told = dict(named(["shop/cart.py"], index))
    assert "web/tests/test_cart.py" not in told
    assert "tests/test_cart.py" in told
