"""Names with a slip of the pen are read as the one that is meant."""

from __future__ import annotations

import pytest

from satchel.context.ingest.parse import parse
from satchel.context.mend import mended
from satchel.context.store.index import IndexStore
from satchel.context.types import Document, Stamp
from satchel.context.understand import understand

SHOP = """class PriceList:
    def total_price(self, voucher_code):
        return 0

    def round_up(self):
        return 0

    def round_us(self):
        return 0
"""


@pytest.fixture
def shop(index: IndexStore) -> IndexStore:
    path = "shop/prices.py"
    index.replace([Document(path, Stamp(1, 1, 1, path), parse(path, SHOP))])
    return index


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("what does total_prcie do?", "what does total_price do?"),
        ("PriceLists.total_pric is wrong", "PriceLists.total_price is wrong"),
        ("fix PricLists and PriceListt", "fix PricLists and PriceList"),
    ],
)
def test_a_name_with_a_slip_is_read_as_the_one_it_is_nearest_to(
    text: str, meant: str, shop: IndexStore
) -> None:
    assert mended(understand(text), shop) == understand(meant)


@pytest.mark.parametrize(
    "text",
    [
        "what does total_price do?",
        "where is voucher_code read?",
        "fix the discount_price",
        "does round_ut round up?",
        "the total prcie is wrong",
        "total_prcie is told at length " + "among much else " * 10,
    ],
)
def test_what_is_known_or_may_be_anything_stays_as_it_is(text: str, shop: IndexStore) -> None:
    query = understand(text)
    assert mended(query, shop) is query
