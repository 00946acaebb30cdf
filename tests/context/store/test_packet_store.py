"""The packets of a workspace on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from satchel.context.aftermath import Asker, Door, Given, Happening, Item, ItemKind, What
from satchel.context.store.packets import PacketStore

EDITED = Happening(ItemKind.FILE, "cart.py", What.EDITED, 20)


def one(request: str = "fix the cart", time: int = 10, door: Door = Door.HOOK) -> Given:
    items = (Item(ItemKind.FILE, "cart.py", ("Cart.add",)), Item(ItemKind.RECORD, "00ff"))
    return Given(time, Asker(door, "claude", "s"), request, 96, items)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PacketStore]:
    opened = PacketStore(tmp_path / "packets.db", most=3)
    yield opened
    opened.close()


def test_what_is_kept_comes_back_newest_first(store: PacketStore) -> None:
    numbers = [store.add(one(f"fix {n}", n), 0) for n in (1, 2)]
    assert [each.id for each in store.latest(9)] == numbers[::-1]
    kept = store.latest(1)[0]
    assert (kept.request, kept.asker, kept.items) == ("fix 2", one().asker, one().items)
    assert [each.id for each in store.latest(9, since=2)] == [numbers[1]]
    assert store.get(numbers[0]) == store.latest(9)[1]
    assert store.get(99) is None


def test_the_oldest_go_where_there_are_too_many_or_their_time_is_over(store: PacketStore) -> None:
    for time in range(10, 15):
        store.add(one(time=time), 0)
    assert [each.time for each in store.latest(9)] == [14, 13, 12]
    store.add(one(time=20), oldest=14)
    assert [each.time for each in store.latest(9)] == [20, 14]
    assert store.count() == 2


def test_what_happens_again_is_noted_once(store: PacketStore) -> None:
    number = store.add(one(), 0)
    later = Happening(ItemKind.FILE, "cart.py", What.EDITED, 99)
    missed = Happening(ItemKind.FILE, "money.py", What.EDITED, 21)
    store.happened(number, EDITED)
    store.happened(number, later, missed)
    store.happened(77, EDITED)  # of a packet that was forgotten meanwhile
    kept = store.get(number)
    assert kept is not None
    assert (kept.happenings, kept.missed) == ((EDITED, missed), (missed,))


def test_the_same_request_once_more_holds_what_it_holds_now(store: PacketStore) -> None:
    number = store.add(one(), 0)
    store.happened(number, EDITED)
    more = (*one().items, Item(ItemKind.FILE, "money.py"))
    store.again(number, Given(50, one().asker, "fix the cart", 96, more))
    kept = store.get(number)
    assert kept is not None
    assert (kept.time, kept.items, kept.happenings) == (50, more, (EDITED,))


def test_only_what_edits_followed_is_found_by_its_words(store: PacketStore) -> None:
    first = store.add(one("revoke sessions in the store"), 0)
    store.add(one("revoke nothing"), 0)
    store.happened(first, EDITED, Happening(ItemKind.RECORD, "00ff", What.CONFIRMED, 21))
    found = store.alike('"revoke" OR "session"', 9)
    assert [(each.id, each.paths) for each in found] == [(first, ("cart.py",))]
    assert store.alike('"unheard"', 9) == []


def test_the_newest_packet_that_holds_a_record_is_found(store: PacketStore) -> None:
    store.add(one(), 0)
    newest = store.add(one("again"), 0)
    store.add(Given(10, one().asker, "without", 1, ()), 0)
    found = store.holding("00ff")
    assert found is not None
    assert found.id == newest
    assert store.holding("1234") is None


def test_what_is_forgotten_leaves_no_byte_and_no_number(store: PacketStore, tmp_path: Path) -> None:
    store.add(one("fix the cart"), 0)
    number = store.add(one("zebrafish and quagga"), 0)
    store.happened(number, Happening(ItemKind.FILE, "src/quokka.py", What.EDITED, 21))
    assert store.forget([number, 99]) == 1
    assert store.forget([number]) == 0
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for word in (b"zebrafish", b"quagga", b"quokka"):
        assert word not in kept
    assert b"fix the cart" in kept
    assert store.add(one(), 0) > number


def test_one_door_is_forgotten_alone(store: PacketStore) -> None:
    store.add(one(door=Door.ASK), 0)
    kept = store.add(one(door=Door.MCP), 0)
    assert store.forget_all(Door.ASK) == 1
    assert [each.id for each in store.latest(9)] == [kept]
    assert store.forget_all() == 1
    assert store.latest(9) == []
