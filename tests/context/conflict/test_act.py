"""What a clause asks for, and what it only speaks of."""

from __future__ import annotations

import pytest

from satchel.context.conflict.act import is_asked_for

ASKED = [
    "Put the sessions into Redis with an hour to live",
    "could we go back to Redis for the queue?",
    "Redis would make this a one-liner",
    "just Redis it",
    "It's slow, so move the counters over to Redis",
    "Make that bucket a Redis one",
    "we need ordering, put them on Redis",
    "a new Redis instance for the tests",
]
SPOKEN_OF = [
    "The Redis box on the dashboard is too small",
    "Redis was the reason for the outage",
    "Redis Labs sent an invoice",
    "Write a tool that reads what is left in Redis",
    "Refund the two open Redis support disputes",
    "Tell me how long we have had Redis",
    "On the pricing page compare us with a plain Redis",
    "The rows that got stuck in Redis must be retried",
    "Our customer has a user who runs it on Redis",
]


def asked(sentence: str, *, is_item: bool = False) -> bool:
    start = sentence.index("Redis")
    return is_asked_for(sentence, start, start + len("Redis"), is_item=is_item)


@pytest.mark.parametrize("sentence", ASKED)
def test_what_a_verb_governs_is_asked_for(sentence: str) -> None:
    assert asked(sentence)


@pytest.mark.parametrize("sentence", SPOKEN_OF)
def test_what_is_but_spoken_of_is_not(sentence: str) -> None:
    assert not asked(sentence)


def test_an_item_of_a_plan_needs_no_verb() -> None:
    assert asked("Three nodes with Redis", is_item=True)
    assert not asked("Three nodes with Redis")
    assert not asked("Redis is too slow for it", is_item=True)


def test_what_is_to_be_made_does_what_is_told_of_it() -> None:
    sentence = "Write a job that reads the rows"
    assert is_asked_for(sentence, 17, 22, is_done=True)
    assert not is_asked_for(sentence, 17, 22)
    assert not is_asked_for("The job that reads the rows", 13, 18, is_done=True)


def test_a_long_sentence_is_read_in_passing() -> None:
    assert not asked("and " * 5_000 + "the rows that Redis holds")
