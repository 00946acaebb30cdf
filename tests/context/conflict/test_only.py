"""What is allowed in one place alone."""

from __future__ import annotations

import pytest

from satchel.context.conflict.likeness import concepts
from satchel.context.conflict.only import allowed


@pytest.mark.parametrize(
    ("sentence", "what", "where"),
    [
        ("XPath is allowed only in the importer.", "XPath", "importer"),
        ("XPath is for the importer only.", "XPath", "importer"),
        (
            "Regional prices appear in the checkout alone, nowhere else",
            "Regional prices",
            "checkout",
        ),
    ],
)
def test_a_thing_has_its_only_place(sentence: str, what: str, where: str) -> None:
    found = allowed(sentence)
    assert found is not None
    assert (found.what, found.where) == (concepts(what), concepts(where))


@pytest.mark.parametrize(
    "sentence",
    [
        "New screens are written in Compose only.",  # how it is done, and not where
        "XPath exists only at the edges.",  # no place that a request would name
        "The importer reads XPath.",
        "They asked for the importer only.",
    ],
)
def test_how_a_thing_is_done_is_no_place(sentence: str) -> None:
    assert allowed(sentence) is None


def test_a_long_sentence_is_read_in_passing() -> None:
    assert allowed("a " * 50_000 + "only in the importer") is None
