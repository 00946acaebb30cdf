"""Which records answer a question, best first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from satchel.context.remind import Found, order, read, speakers, spot
from satchel.context.types import Origin, Record, RecordKind

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def said(name: str, text: str, turn: int, who: str = "user", day: str = "2026-01-05") -> Record:
    return Record(
        id=name,
        kind=RecordKind.NOTE,
        text=text,
        workspace="/w",
        sources=(f"conversation c1 turn {turn} by {who}",),
        learned=day,
        valid_from=f"{day}T10:00:00+00:00",
        origin=Origin.CONVERSATIONS,
    )


def ranked(
    text: str, *found: Found, alike: Mapping[tuple[str, str], float] | None = None
) -> list[str]:
    return [one.record.id for one in order(found, read(text, NOW), lambda _: alike or {})]


def test_words_and_meaning_count_together() -> None:
    both = Found(said("both", "the oven is in the hall", 1), 3.0, 0.6)
    words = Found(said("words", "oven oven oven", 5), 4.0, 0.1)
    near = Found(said("near", "where one bakes", 9), 0.0, 0.6)
    assert ranked("where is the oven", words, near, both)[0] == "both"


def test_without_vectors_words_alone_count() -> None:
    assert ranked("oven", Found(said("a", "x", 1), 1.0), Found(said("b", "y", 5), 2.0)) == [
        "b",
        "a",
    ]


def test_the_turn_after_a_question_answers_it() -> None:
    question = Found(said("q", "Who owns the schema?", 1, "Ana"), 5.0, 0.7)
    answer = Found(said("a", "I do, for now.", 2, "Jo"), 0.0, 0.2)
    other = Found(said("o", "The schema lies in a folder.", 9, "Ana"), 2.0, 0.2)
    assert ranked("who owns the schema", question, other, answer).index("a") < 2


def test_a_question_stands_behind_a_statement() -> None:
    asked = Found(said("q", "Is the budget fixed?", 1), 2.0, 0.6)
    stated = Found(said("s", "The budget is ten thousand", 7), 2.0, 0.6)
    assert ranked("what is the budget", asked, stated) == ["s", "q"]


def test_who_is_named_is_who_spoke() -> None:
    jo = Found(said("jo", "linen, always", 1, "Jo"), 0.0, 0.4)
    ana = Found(said("ana", "linen is fine", 5, "Ana"), 0.0, 0.42)
    assert ranked("what does Jo like", ana, jo) == ["jo", "ana"]
    assert speakers([jo.record, ana.record], read("what does Jo like", NOW)) == {"jo"}


def test_what_i_said_is_what_the_user_said_and_what_you_said_is_not() -> None:
    mine = Found(said("mine", "rye bread", 1, "user"), 0.0, 0.5)
    yours = Found(said("yours", "rye bread too", 5, "assistant"), 0.0, 0.52)
    assert ranked("what bread do I like", yours, mine)[0] == "mine"
    assert ranked("what bread did you recommend", mine, yours)[0] == "yours"


def test_the_time_that_is_asked_about_counts() -> None:
    may = Found(said("may", "we moved to the pool", 1, day="2026-05-10"), 1.0, 0.5)
    march = Found(said("march", "we joined the gym", 5, day="2026-03-10"), 1.1, 0.55)
    assert ranked("where did we train in May", march, may)[0] == "may"
    assert ranked("where did we train in March", may, march)[0] == "march"


def test_the_later_of_two_statements_of_one_thing_comes_first_the_earlier_right_behind() -> None:
    old = Found(said("old", "the aim is 78 kilos", 1, day="2026-01-01"), 3.0, 0.6)
    new = Found(said("new", "let us aim for 81", 9, day="2026-04-01"), 2.2, 0.52)
    other = Found(said("x", "a kilo of flour", 5, day="2026-05-01"), 2.0, 0.5)
    alike = {("old", "new"): 0.8, ("new", "old"): 0.8}
    assert ranked("which weight is the aim", old, other, new, alike=alike)[:2] == ["new", "old"]
    assert ranked("what was the aim originally", new, old, other, alike=alike)[0] == "old"


def test_nothing_is_found_where_nothing_fits() -> None:
    assert ranked("the price of tea", Found(said("a", "x", 1), 0.0, 0.05)) == []


def test_a_place_tells_the_conversation_the_turn_and_the_speaker() -> None:
    place = spot(said("a", "x", 7, "Mary Ann"))
    assert place is not None
    assert (place.where, place.turn, place.who) == ("conversation c1", 7, "Mary Ann")
    mined = said("b", "x", 1)
    assert spot(replace(mined, origin=Origin.RULES)) is None
