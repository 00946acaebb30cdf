"""Whom texts name, and by what other words."""

import pytest

from satchel.context.mine.people import naming, people
from satchel.context.types import Origin, RecordKind, Status


@pytest.mark.parametrize(
    ("sentence", "name", "alias"),
    [
        ("The client is Acme GmbH.", "Acme GmbH", "client"),
        ("Our client is Acme.", "Acme", "the client"),
        ("Acme, our client, pays by invoice.", "Acme", "the client"),
        ("Anna (our designer) will send the assets.", "Anna", "designer"),
        ("The CTO is called Maria Lopez.", "Maria Lopez", "CTO"),
        ("By PM I mean Tom.", "Tom", "PM"),
        ('When I say "the box" we mean the Hetzner server.', "the Hetzner server", "box"),
        ("@jdoe is Jane Doe.", "Jane Doe", "@jdoe"),
        ("Jane Doe (@jdoe) owns the parser.", "Jane Doe", "@jdoe"),
        ("My daughter's name is Emma.", "Emma", "my daughter"),
        ("Tom is our product manager.", "Tom", "product manager"),
    ],
)
def test_a_name_is_found_with_what_else_it_is_called(sentence: str, name: str, alias: str) -> None:
    found = naming(sentence)

    assert found is not None
    assert found.name == name
    assert alias in found.aliases


@pytest.mark.parametrize(
    "sentence",
    [
        "The client is slow.",
        "The client is written in Rust.",
        "The client is HTTP based.",
        "The client is React.",
        "Is our client Acme?",
        "The owner is The one who created it.",
        "This is our client.",
        "We met the client on Monday.",
        "The server (our fallback) is down.",
        "No `s-maxage` means no CDN caching, so it is not needed.",
        '"The same category" means that Acme is faster than others.',
    ],
)
def test_a_sentence_that_names_nobody_gives_nothing(sentence: str) -> None:
    assert naming(sentence) is None


def test_people_come_once_with_their_source_and_date() -> None:
    text = "# Overview\n\nThe client is Acme GmbH. They pay late.\n"
    mined = people([("docs/a.md:1", text, "2026-01-02"), ("docs/b.md:1", text, None)])

    (one,) = mined.statements
    assert (one.kind, one.subject, one.source) == (RecordKind.FACT, "Acme GmbH", "docs/a.md:1")
    assert (one.date, one.origin, one.status) == ("2026-01-02", Origin.DECISIONS, Status.ACTIVE)
    assert mined.read == 2


@pytest.mark.parametrize("unit", ["Aa ", "the client is ", "(", "A, our ", "@a is ", "by a "])
def test_a_hostile_text_is_read(unit: str) -> None:
    assert people([("a", unit * 50_000, None)]).read == 1
