"""A packet as it is kept, and to which packet something that happened belongs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from satchel.context.aftermath import (
    LONGEST,
    MISSED,
    Asker,
    Door,
    Given,
    Happening,
    Item,
    ItemKind,
    What,
    credited,
    given,
)
from satchel.context.types import (
    Intent,
    IntentKind,
    Packet,
    Place,
    RankedFile,
    RankedTest,
)

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
HOOK = Asker(Door.HOOK, "claude", "s")


def packet(request: str = "fix the cart", kind: IntentKind = IntentKind.CHANGE) -> Packet:
    files = (
        RankedFile("cart.py", (Place(1, 3, "Cart.add"), Place(5, 6, "")), "why", 1.0, True),
        RankedFile("left_out.py", (), "why", 0.1, False),
    )
    tests = (RankedTest("test_cart.py", "why"),)
    return Packet(
        request, "/w", Intent(kind, 1.0), files, (), tests, (), (), "#", 9, 99, None, False, {}
    )


def held(*paths: str, session: str = "", number: int = 1) -> Given:
    items = tuple(Item(ItemKind.FILE, path) for path in paths)
    return Given(0, Asker(Door.HOOK, "claude", session), "fix", 9, items, number)


def missing(one: Given, *paths: str) -> Given:
    happened = [Happening(ItemKind.FILE, path, What.EDITED, 1) for path in paths]
    return replace(one, happenings=tuple(happened))


def test_a_packet_is_kept_by_names_and_its_request_alone_is_text() -> None:
    kept = given(packet(), HOOK, 12.9)
    assert kept == Given(
        12,
        HOOK,
        "fix the cart",
        9,
        (Item(ItemKind.FILE, "cart.py", ("Cart.add",)), Item(ItemKind.TEST, "test_cart.py")),
    )


def test_a_request_is_masked_before_it_is_cut() -> None:
    kept = given(packet(f"use the token {TOKEN} " + "long " * LONGEST), HOOK, 1)
    assert kept is not None
    assert TOKEN not in kept.request
    assert "[masked" in kept.request
    assert len(kept.request) == LONGEST


def test_a_name_of_any_length_is_kept_short() -> None:
    kept = given(packet(), Asker(Door.MCP, "c" * 9_999, "s" * 9_999), 1)
    assert kept is not None
    assert (len(kept.asker.client), len(kept.asker.session)) == (200, 200)


@pytest.mark.parametrize(
    "one",
    [packet(" "), packet("thanks", IntentKind.NONE)],
    ids=["an edit that was checked", "small talk"],
)
def test_what_was_no_request_is_not_kept(one: Packet) -> None:
    assert given(one, HOOK, 1) is None


def test_an_edit_belongs_to_the_newest_packet_and_to_the_newest_that_holds_the_file() -> None:
    new, old, oldest = held("b.py", number=3), held("a.py", number=2), held("a.py", number=1)
    assert credited("b.py", [new, old, oldest]) == [new]
    assert credited("a.py", [new, old, oldest]) == [old, new]
    assert credited("c.py", [new, old, oldest]) == [new]
    assert credited("c.py", []) == []


def test_an_edit_of_a_session_belongs_to_its_own_packets() -> None:
    other, own = held("a.py", session="other"), held("b.py", session="own")
    assert credited("a.py", [other, own], "own") == [own]
    assert credited("a.py", [other, own]) == [other]
    assert credited("a.py", [other, own], "one that asked nothing") == [other]


def test_what_a_packet_missed_has_a_bound() -> None:
    full = missing(held("a.py"), *(f"m{number}.py" for number in range(MISSED)))
    assert credited("another.py", [full]) == []
    assert credited("a.py", [full]) == [full]


def test_what_it_held_was_not_missed() -> None:
    assert [one.name for one in missing(held("a.py"), "a.py", "b.py").missed] == ["b.py"]
