"""Clauses and the sides on which things stand in them."""

from __future__ import annotations

import pytest

from satchel.context.conflict.setting import settings
from satchel.context.conflict.side import Side, side_at
from satchel.context.conflict.stance import asks, clauses


@pytest.mark.parametrize(
    ("sentence", "thing", "side"),
    [
        ("Use Redis for the cache", "Redis", Side.FOR),
        ("Do not use Redis", "Redis", Side.AGAINST),
        ("Redis was rejected", "Redis", Side.AGAINST),
        ("Memcached instead of Redis", "Redis", Side.AGAINST),
        ("Redis instead of Memcached", "Redis", Side.FOR),
        ("Replace Redis with Memcached", "Redis", Side.AGAINST),
        ("Replace Redis with Memcached", "Memcached", Side.FOR),
        ("Never remove Redis", "Redis", Side.FOR),
        ("We moved from Redis to Memcached", "Redis", Side.AGAINST),
        ("We moved from Redis to Memcached", "Memcached", Side.FOR),
        ("Get rid of Redis", "Redis", Side.AGAINST),
        ("Redis is only maintained", "Redis", Side.AGAINST),
        ("No Redis, use Memcached", "Memcached", Side.FOR),
    ],
)
def test_a_thing_stands_on_its_side(sentence: str, thing: str, side: Side) -> None:
    start = sentence.index(thing)
    assert side_at(sentence, start, start + len(thing)) is side


@pytest.mark.parametrize(
    ("sentence", "is_question"),
    [
        ("Why did we drop Redis?", True),
        ("Which cache do we use", True),
        ("Can you add Redis?", False),
        ("Could we use Redis for this?", False),
        ("Add Redis", False),
    ],
)
def test_a_question_is_told_from_a_request(sentence: str, is_question: bool) -> None:
    assert asks(sentence) is is_question


def test_a_text_is_split_at_sentences_and_list_items() -> None:
    text = "Plan: cache\n- add Redis\n- drop v1.2 of the client. Then measure."
    assert [clause.text for clause in clauses(text)] == [
        "Plan",
        "cache",
        "add Redis",
        "drop v1.2 of the client.",
        "Then measure.",
    ]


def test_settings_are_named_by_many_words() -> None:
    assert settings("in the unittests of prod, in spec files") >= {"production", "tests"}
