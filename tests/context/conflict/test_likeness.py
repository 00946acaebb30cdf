"""Words that stand for one thing."""

from __future__ import annotations

import pytest

from satchel.context.conflict.likeness import concepts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("deletes the pictures", "removing an image"),
        ("verification", "verify"),
        ("encrypted", "encryption"),
        ("sendMail", "send_mail"),
        ("databases", "DB"),
    ],
)
def test_texts_that_say_the_same_share_their_concepts(one: str, other: str) -> None:
    assert concepts(one) & concepts(other) == concepts(one)


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("well done 🎉", "emoji"),
        ("color: #ff8800", "hex"),
        ("GET https://a.example", "network"),
        ('Label("Nothing here yet")', "hardcod"),
        ("use 0.19 as the rate", "hardcod"),
    ],
)
def test_some_things_are_told_by_their_shape(text: str, of: str) -> None:
    assert of in concepts(text)
