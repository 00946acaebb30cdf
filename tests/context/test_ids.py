"""Ids as somebody gives them."""

from __future__ import annotations

import pytest

from satchel.base.errors import BadInput
from satchel.context.ids import chosen, is_id
from satchel.context.types import Record, RecordKind


def test_an_id_is_told_by_any_beginning_that_is_unique() -> None:
    one, other = (
        Record(name, RecordKind.FACT, "a fact", "/w", ("user",), "2026-01-01", "2026-01-01")
        for name in ("aaaa1", "aaaa2")
    )
    found = {"aaaa1": one, "aaaa2": other}
    assert chosen("aaaa1", found) is one
    assert chosen(" AAAA ", {"aaaa1": one}) is one
    with pytest.raises(BadInput, match="2 ids begin with 'aaaa': aaaa1, aaaa2") as many:
        chosen("aaaa", found)
    assert many.value.extra["ids"] == ["aaaa1", "aaaa2"]
    with pytest.raises(BadInput, match="no record"):
        chosen("aaaa", {})
    with pytest.raises(BadInput, match="no record") as short:
        chosen("aa", {})
    assert "4 characters" in short.value.next_step


@pytest.mark.parametrize(
    ("text", "is_one"), [("3f2a", True), ("facade", False), ("3f2", False), ("use 3f2a", False)]
)
def test_a_text_is_an_id_only_where_it_can_be_nothing_else(text: str, is_one: bool) -> None:
    assert is_id(text) is is_one
