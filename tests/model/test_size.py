"""How many tokens a text takes, where nobody counts them."""

from __future__ import annotations

import pytest

from satchel.model.backends.size import LONG, SLICE, tokens

CODE = "def expire_cart(cart: str, hours=24) -> None:\n    return carts.drop(cart, 3)\n"


@pytest.mark.parametrize("text", ["word ", CODE, "x", "ü", "\n"])
def test_a_long_text_is_taken_to_be_as_its_slices_are(text: str) -> None:
    counted = tokens(text * (LONG // len(text)))
    long = tokens(text * (3 * LONG // len(text)))
    assert 3 * counted <= long <= 3.5 * counted


def test_what_is_dense_in_one_half_alone_is_seen() -> None:
    half = "word " * (LONG // 5)
    dense = "{" * LONG
    assert tokens(half + dense) > tokens("{" * SLICE) * (LONG // SLICE)
