"""A record as it is held against a request."""

from __future__ import annotations

from satchel.context import conflict
from satchel.context.conflict.position import position
from satchel.context.conflict.side import Side


def test_a_record_is_read_once_however_it_is_asked_for() -> None:
    text = "Use Redis for the cache"
    assert position(text) is position(text, turned=False)
    assert position(text).taken is position(text).taken


def test_a_proposal_that_was_turned_down_is_against_what_it_is_for() -> None:
    text = "Use Redis for the cache"
    assert [one.side for one in position(text).taken] == [Side.FOR]
    assert [one.side for one in position(text, turned=True).taken] == [Side.AGAINST]


def test_bans_know_which_of_their_words_are_names_of_options() -> None:
    held = position("Never use Redis for carts. Never open the gate.")
    (ban,) = held.bans_within(frozenset({"redi"}))
    assert ban.names
    assert ban.names <= ban.concepts
    assert list(held.bans_within(frozenset({"nothing"}))) == []


def test_the_tables_can_be_loaded_ahead() -> None:
    conflict.warm()
