"""Words of technical English: their stems, and which are common."""

from __future__ import annotations

import pytest

from satchel.context.english import common, content, stem


@pytest.mark.parametrize(
    ("word", "cut"), [("retries", "retry"), ("retried", "retry"), ("running", "run")]
)
def test_words_are_cut_to_one_stem(word: str, cut: str) -> None:
    assert stem(word) == cut


def test_the_content_of_a_text_leaves_out_what_every_text_says() -> None:
    assert content("Please use the retryPolicy again without it") == {
        "retrypolicy",
        "retry",
        "policy",
    }


def test_words_of_any_documentation_are_common() -> None:
    assert stem("files") in common()
    assert stem("marmalade") not in common()
