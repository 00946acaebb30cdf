import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.context import tokens
from satchel.context.terms import WORD, expand, looks_like_code, parts, words_of


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("SessionInterface", ("sessioninterface", "session", "interface")),
        ("save_session", ("save_session", "save", "session")),
        ("HTTPServer", ("httpserver", "http", "server")),
        ("__init__", ("init",)),
        ("plain", ("plain",)),
        ("URLs", ("urls",)),
        ("parseURLsFast", ("parseurlsfast", "parse", "urls", "fast")),
        ("utf8", ("utf8", "utf")),
        ("会话管理", ("会话", "话管", "管理")),
        ("x" * 65, ()),
    ],
)
def test_a_word_gives_itself_and_its_parts(word: str, expected: tuple[str, ...]) -> None:
    assert parts(word) == expected


def test_text_is_expanded_in_order() -> None:
    assert expand("def saveSession(self):") == "def savesession save session self"


@given(st.text(st.characters(max_codepoint=127)) | st.text())
def test_words_are_the_same_in_ascii_as_in_any_text(text: str) -> None:
    assert words_of(text) == WORD.findall(text)


@pytest.mark.parametrize("word", ["save_session", "saveSession", "_private", "utf8"])
def test_code_is_told_by_its_shape(word: str) -> None:
    assert looks_like_code(word)


@pytest.mark.parametrize("word", ["session", "Session", "API"])
def test_plain_words_are_not_code(word: str) -> None:
    assert not looks_like_code(word)


@given(st.text())
def test_any_text_can_be_expanded_and_counted(text: str) -> None:
    expand(text)
    assert tokens.count(text) >= 0


@given(st.text(max_size=400), st.integers(min_value=1, max_value=60))
def test_a_cut_text_is_within_its_tokens(text: str, most: int) -> None:
    assert tokens.count(tokens.cut(text, most)) <= most


def test_tokens_grow_with_the_text() -> None:
    assert tokens.count("one two three") == 3
    assert tokens.count("") == 0
    assert tokens.count("def save(self, response):\n    return response\n") >= 10
