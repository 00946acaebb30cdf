"""For what a name is turned away."""

from __future__ import annotations

import pytest

from satchel.context.conflict.proviso import provisos


@pytest.mark.parametrize(
    ("sentence", "name", "of"),
    [
        ("Don't use Django signals", "Django", "signal"),
        ("No hard-coded labels in Compose", "Compose", "label"),
        ("The importer never uses Redis", "Redis", "importer"),
        ("CI builds images but never runs Helm", "Helm", "ci"),
        ("No Redis for sessions", "Redis", "session"),
    ],
)
def test_a_name_is_turned_away_for_a_thing_an_actor_or_a_place(
    sentence: str, name: str, of: str
) -> None:
    at = sentence.index(name)
    assert any(of in one for one in provisos(sentence, at, at + len(name)))


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("No Redis", "Redis"),
        ("No Redis anywhere", "Redis"),
        ("Do not use Redis in this repository", "Redis"),
        ("Redis was rejected in 2023", "Redis"),
        ("No Redis calls", "Redis"),
        ("Redis ran out of memory on the old machines", "Redis"),
    ],
)
def test_what_is_turned_away_altogether_has_no_proviso(sentence: str, name: str) -> None:
    at = sentence.index(name)
    assert provisos(sentence, at, at + len(name)) == ()
