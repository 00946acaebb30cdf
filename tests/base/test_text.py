"""What is taken out of text before it reaches a terminal or a model."""

from __future__ import annotations

import pytest

from satchel.base.text import clean


@pytest.mark.parametrize(
    ("given", "left"),
    [
        pytest.param("\x1b[31mRED\x1b[0m", "RED", id="a colour"),
        pytest.param("a\x1b[38;2;1;2;3mb\x1b[Kc\x1b[?25lb", "abcb", id="several"),
        pytest.param("\x1b]0;title\x07here", "here", id="a title"),
        pytest.param("\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\ on", "link on", id="a link"),
        pytest.param("\x1b(Bplain", "plain", id="a character set"),
        pytest.param("\x1b]0;no end\nnext", "]0;no end\nnext", id="without an end"),
        pytest.param("\x1bHello [31m", "Hello [31m", id="no sequence"),
        pytest.param("\x1b\x1b[31m[31mx", "[31mx", id="one inside another's remains"),
        pytest.param("a\r\nb\rc\u202ed", "a\nbcd", id="other controls"),
    ],
)
def test_a_terminal_s_sequences_go_whole(given: str, left: str) -> None:
    assert clean(given) == left


def test_text_that_begins_sequences_without_end_is_read_once() -> None:
    assert clean("\x1b]" * 50_000 + "x") == "]" * 50_000 + "x"
    assert clean("\x1b[" + "0" * 500_000) == "[" + "0" * 500_000
