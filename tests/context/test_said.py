"""Errors that a request quotes, and the files that say them."""

from __future__ import annotations

import pytest

from satchel.context.ingest.parse import parse
from satchel.context.said import FILES, says
from satchel.context.store.index import IndexStore
from satchel.context.types import Document, Stamp

CART = """
def close(cart):
    if cart.is_paid:
        raise ValueError(f"the cart {cart.number} is closed and cannot be changed any more")


def open(cart):
    raise ValueError("the cart is new")
"""
TEST = """
def test_close():
    with pytest.raises(ValueError, match="is closed and cannot be changed any more"):
        close(cart)
"""


def document(path: str, text: str) -> Document:
    return Document(path, Stamp(1, 1, 1, path), parse(path, text))


@pytest.fixture
def index(index: IndexStore) -> IndexStore:
    shelves = [document(f"shop/shelf{n}.py", f"def shelf_{n}():\n    return {n}\n") for n in "abc"]
    index.replace([document("shop/cart.py", CART), document("tests/test_cart.py", TEST), *shelves])
    return index


def said(index: IndexStore, message: str) -> list[tuple[str, str, float]]:
    catalog = index.catalog()
    found = list(says([message], catalog, index))
    names = {number: p.name for number, p in index.passages([f.passage for f in found]).items()}
    return [(catalog.by_id[f.document].path, names[f.passage], round(f.share, 2)) for f in found]


def test_a_message_is_found_around_the_values_that_were_set_into_it(index: IndexStore) -> None:
    whole = "is closed and cannot be changed any more"
    assert said(index, whole) == [("shop/cart.py", "close", 1.0)]
    assert said(index, f"the cart 4711 {whole}") == [("shop/cart.py", "close", 0.62)]


@pytest.mark.parametrize(
    "message",
    [
        "the cart is",
        "closed cart is the",
        "list index out of range",
        "",
        "___ _ __ ____",
        '" OR * "',
    ],
)
def test_what_no_file_says_points_nowhere(index: IndexStore, message: str) -> None:
    assert said(index, message) == []


def test_what_many_files_say_points_nowhere(index: IndexStore) -> None:
    text = 'def lift():\n    raise ValueError("the shelf is too high")\n'
    index.replace([document(f"shop/lift{n}.py", text) for n in range(FILES)])
    shares = [share for _, _, share in said(index, "the shelf is too high")]
    assert shares == [round(1 / FILES, 2)] * FILES
    index.replace([document("shop/crane.py", text)])
    assert said(index, "the shelf is too high") == []
