"""What a request of a few words is about, and how much of it a file's names say."""

from __future__ import annotations

import pytest

from satchel.context.topic import Stems, asking, is_general, root, stems_of, told, topic_of
from satchel.context.understand import understand


def spell(text: str) -> list[str]:
    return [word.rstrip("s") for word in text.lower().split()]


def stems(text: str, **rarity: float) -> Stems:
    return stems_of(topic_of(understand(text)), rarity, spell)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fix the basket", ("basket",)),
        ("please explain the price list", ("price", "list")),
        ("where are the tests for discounts?", ("discounts",)),
        ("list the vouchers", ("vouchers",)),
        ("fix it", ()),
        ("looks wrong, can you check again?", ()),
        ("run it again", ()),
        ("still the same error", ()),
        ("keep the old name", ()),
        ("fix the error page", ("error", "page")),
        ("add tests", ()),
        ("how do I list the vouchers?", ("vouchers",)),
        ("where is the list view", ("list", "view")),
        ("what happens on retry of a voucher?", ("retry", "voucher")),
        ("is the basket broken", ("basket",)),
        ("the basket flickers when I open it", ("basket", "open")),
        ("which python exceptions are there", ("exceptions",)),
        ("thanks, that is all for now", ()),
    ],
)
def test_how_it_is_asked_is_not_what_it_is_about(text: str, words: tuple[str, ...]) -> None:
    assert topic_of(understand(text)).words == words


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("Rename the basket", "rename"),
        ("please add a page", "add"),
        ("can we drop the vouchers?", "drop"),
        ("how do I run the tests?", "run"),
        ("how does retry work?", ""),
        ("the check fails", ""),
        ("", ""),
    ],
)
def test_a_verb_asks_only_where_one_asks(text: str, verb: str) -> None:
    assert asking(understand(text)) == verb


def test_shared_words_are_told_as_they_are_written_and_without_the_verb() -> None:
    written = understand("Rename the MobX store of Redis 404").written
    assert written == {"mobx": "MobX", "redis": "Redis"}
    assert told(["mob", "mobx", "rename", "404", "store"], written, "rename") == ["MobX", "store"]
    assert told(["rename"], written, "rename") == ["rename"]
    assert told(["404"], written) == ["404"]


def test_a_longer_request_has_no_topic() -> None:
    assert not topic_of(understand("the basket is empty after a discount was taken off")).words


def test_function_words_of_another_language_are_no_topic() -> None:
    told = topic_of(understand("warum ist der Basket nach dem Rabatt leer?"))
    assert told.is_foreign
    assert told.words == ("basket", "rabatt", "leer")
    assert not topic_of(understand("fix the man page")).is_foreign


def test_names_cover_a_topic_by_their_stems_and_roots_and_as_one_word() -> None:
    assert stems("fix the baskets").covered(frozenset({"src", "basket"})) == 1.0
    assert stems("explain the walker").covered(frozenset({"walk"})) == 1.0
    assert stems("fix the status line").covered(frozenset({"statusline"})) == 1.0
    assert stems("fix the status line").whole(frozenset({"statusline"})) == 1.0
    assert stems("add a voucher basket").covered(frozenset({"basket"})) == 0.5
    assert stems("add a basket").whole(frozenset({"basket", "view"})) == 0.5


def test_what_stands_in_every_passage_tells_nothing() -> None:
    assert stems("open a shop request", request=0.1).telling == {"shop"}
    assert stems("fix the shop", shop=0.1).covered(frozenset({"shop"})) == 0.0


def test_a_root_is_cut_only_of_longer_words() -> None:
    assert root("logger") == "log"
    assert root("validator") == root("validat")
    assert root("user") == "user"


@pytest.mark.parametrize(
    "text",
    [
        "what's the difference between a mutex and a semaphore?",
        "explain the difference between let and const",
        "how does a record differ from a struct?",
        "how do generics work in Rust?",
    ],
)
def test_a_question_of_the_trade_is_told_by_its_form(text: str) -> None:
    assert is_general(text)


@pytest.mark.parametrize(
    "text",
    [
        "what's the difference between our two parsers?",
        "how do we log in Rust?",
        "how does the scheduler work?",
        "rewrite the scheduler in Rust",
    ],
)
def test_a_question_that_may_be_of_a_workspace_is_not(text: str) -> None:
    assert not is_general(text)
