"""Bans and duties in so many words."""

from __future__ import annotations

import pytest

from satchel.context.conflict.bans import bans, duties, meant
from satchel.context.conflict.deed import deed


@pytest.mark.parametrize(
    ("sentence", "turned_away"),
    [
        ("Never delete a ledger row.", [{"delet", "ledger"}]),
        ("A sealed box is never opened or moved.", [{"seal", "box", "open"}, {"seal", "box"}]),
        ("Height, weight and age must not be stored.", [{"height"}, {"weight"}, {"age"}]),
        ("Lead and mercury are forbidden for toys.", [{"lead", "toy"}, {"mercury", "toy"}]),
        ("No cgo packages.", [{"cgo"}]),
        ("Lamps carry no numbers.", [{"lamp", "number"}, {"number"}]),
        ("A stable never calls the smithy.", [{"smithy", "stabl"}]),
        ("Use goats, no llamas.", [{"llama"}]),
        ("Every gate has a lamp.", []),
        ("Never open a gate without a lamp.", []),
    ],
)
def test_each_thing_that_is_turned_away_is_read(sentence: str, turned_away: list[set[str]]) -> None:
    found = [set(ban.concepts) - {"stor"} for ban in bans(sentence)]
    assert found == turned_away


def test_what_nothing_goes_without_is_a_duty() -> None:
    (duty,) = duties("Never open a gate without a lamp.")
    assert duty.firm
    assert "lamp" in duty.concepts


@pytest.mark.parametrize(
    ("sentence", "before", "told"),
    [
        ("They are never sold.", "The old lamps stay here.", "old lamps are never sold."),
        ("Lamps come from Oslo, they must not break.", "", "Lamps come from Oslo, Lamps must"),
        ("They are never sold.", "Buy lamps.", "They are never sold."),
        ("It rains.", "A lamp is lit.", "It rains."),
        ("never paint them.", "Lamps are of brass.", "never paint Lamps."),
    ],
)
def test_it_stands_for_the_subject_before(sentence: str, before: str, told: str) -> None:
    assert meant(sentence, before).startswith(told)


@pytest.mark.parametrize(
    ("request_", "given_up"),
    [
        ("Skip the lamp check for now", {"lamp", "verify"}),
        ("Take the lamp off the gate", {"lamp"}),
        ("The lamp can go", {"lamp"}),
        ("Run it with --no-lamp", {"lamp"}),
        ("Leave out the lamp", {"lamp"}),
    ],
)
def test_what_a_request_gives_up_is_read(request_: str, given_up: set[str]) -> None:
    assert given_up in [set(given) for given in deed(request_).given_up]


@pytest.mark.parametrize(
    "text",
    [
        *("use it " * 8_000, "lamps have no " * 4_000, "drop it after " * 4_000),
        *(" " * 50_000, "no a or " * 6_000, "take x " * 7_000, ", never" * 7_000, "un" * 20_000),
    ],
)
def test_hostile_text_is_read_in_one_go(text: str) -> None:
    assert bans(text[:4_000]) is not None
    assert deed(text[:4_000]) is not None
    assert meant(text[:4_000], text[:4_000])
