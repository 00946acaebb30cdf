"""Homes that cannot take what we keep: read-only, full, or at the end of a very long path."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Said, User
from tests.faults.conftest import Make, World, world

ROOM = "8m"  # of the small disk; a daemon and a small index take some 300 kB


def one_sentence(said: Said, code: str) -> None:
    """Check that a command under --json failed with one clear error."""
    assert said.status == 4, said
    error = said.json["error"]
    assert error["code"] == code
    assert error["next"]
    assert "Traceback" not in said.err


# --- read-only ----------------------------------------------------------------------------------


@pytest.fixture
def sealed(owner: User) -> Iterator[tuple[User, World]]:
    """Somebody whose home, with an index and a record in it, became read-only."""
    assert owner.runs("index").status == 0
    assert owner.runs("remember", "carts hold nine items").status == 0
    assert owner.runs("down").status == 0
    home = owner.home
    with world(f"mount --bind '{home}' '{home}'\nmount -o remount,ro,bind '{home}'") as here:
        yield owner, here


def test_a_read_only_home_is_named_by_every_command(sealed: tuple[User, World]) -> None:
    owner, here = sealed
    for words in (
        ("brief", "change add_to_cart"),
        ("index",),
        ("remember", "carts hold ten items"),
        ("recall", "carts"),
        ("ask", "where is the cart?", "--offline"),
        ("up",),
    ):
        said = here.runs(owner, *words, "--json")
        one_sentence(said, "home-not-writable")
        assert str(owner.home) in said.json["error"]["message"]
        assert said.err == ""
        assert "Read-only" in said.json["error"]["message"]
    one_sentence(here.runs(owner, "config", "set", "brief.budget", "900", "--json"), "refused")
    one_sentence(here.runs(owner, "uninstall", "--yes", "--json"), "cannot-remove")
    one_sentence(here.runs(owner, "fetch", "smollm2", "--yes", "--json"), "assets-unwritable")
    doctor = here.runs(owner, "doctor", "--json")
    assert doctor.status == 1
    assert any(f"{owner.home} cannot be written" in row["text"] for row in doctor.json["findings"])


def test_a_home_that_was_read_only_is_whole_afterwards(sealed: tuple[User, World]) -> None:
    owner, here = sealed
    here.runs(owner, "remember", "carts hold ten items")
    records = owner.runs("recall", "carts", "--json").json["records"]
    assert [record["text"] for record in records] == ["carts hold nine items"]


# --- full ---------------------------------------------------------------------------------------


@pytest.fixture
def cramped(owner: User) -> Iterator[tuple[User, World]]:
    """Somebody whose home lies on a small disk of its own."""
    owner.home.mkdir()
    with world(f"mount -t tmpfs -o size={ROOM} tmpfs '{owner.home}'") as here:
        yield owner, here
        here.runs(owner, "down")


def fill(place: Path) -> None:
    """Write until not one byte more fits."""
    with (place / "filler").open("ab", buffering=0) as filler:
        for size in (65_536, 4_096, 512, 1):
            with contextlib.suppress(OSError):
                while True:
                    filler.write(b"x" * size)


def test_a_full_disk_is_said_loses_nothing_and_is_got_over(cramped: tuple[User, World]) -> None:
    owner, here = cramped
    home = here.place(owner.home)
    assert here.runs(owner, "index").status == 0
    kept = [
        here.runs(owner, "remember", f"carts hold {number} items", "--json").json["record"]["id"]
        for number in range(3)
    ]

    def held() -> set[str]:
        found = here.runs(owner, "recall", "carts items", "--limit", "50", "--json").json
        return {record["id"] for record in found["records"]}

    fill(home)
    for number in range(100):
        (owner.folder / f"m{number}.py").write_text(
            "".join(f"def made_{number}_{n}():\n    return {n}\n" for n in range(100))
        )
    for _ in range(50):  # what is left in pages that are ours already may take a few
        said = here.runs(owner, "remember", "carts hold " + "a great many " * 40, "--json")
        if said.status:
            break
        kept.append(said.json["record"]["id"])
    one_sentence(said, "disk-full")
    one_sentence(here.runs(owner, "index", "--json"), "disk-full")
    # What is there can be read as before.
    assert held() == set(kept)
    assert here.runs(owner, "brief", "change add_to_cart", "--json").json["files"]
    one_sentence(here.runs(owner, "config", "set", "brief.budget", "900", "--json"), "disk-full")
    piped = here.runs(owner, "import", "-", "--json", stdin=b"{}\n" * 100_000)
    one_sentence(piped, "disk-full")
    # Neither can a daemon start without room, and it says so.
    assert here.runs(owner, "down").status == 0
    fill(home)
    one_sentence(here.runs(owner, "brief", "change add_to_cart", "--json"), "disk-full")
    one_sentence(here.runs(owner, "remember", "more", "--json"), "disk-full")
    # Then there is room.
    (home / "filler").unlink()
    assert held() == set(kept)
    summary = here.runs(owner, "index", "--json")
    assert summary.status == 0, summary
    assert summary.json["definitions"] == 10_001
    assert here.runs(owner, "brief", "change made_7_9", "--json").json["files"]
    assert here.runs(owner, "remember", "carts hold more").status == 0


# --- at the end of a long path ------------------------------------------------------------------


def long_home(tmp_path: Path, at_least: int) -> Path:
    home = tmp_path
    while len(str(home)) < at_least:
        home /= "h" * 100
    return home


def test_a_long_home_without_a_socket_does_everything(make: Make, tmp_path: Path) -> None:
    person = User(long_home(tmp_path, 300), make())
    try:
        said = person.runs("brief", "change add_to_cart", "--yes", "--json")
        assert said.status == 0, said
        assert said.json["files"]
        assert person.runs("remember", "carts hold nine items").status == 0
        assert person.runs("status", "--json").json["socket"] is None
    finally:
        person.runs("down")


@pytest.mark.parametrize("length", [600, 4_000])
def test_a_home_longer_than_a_store_can_be_is_named(
    make: Make, tmp_path: Path, length: int
) -> None:
    person = User(long_home(tmp_path, length), make())
    try:
        for words in (("index",), ("brief", "x", "--yes")):
            said = person.runs(*words, "--json")
            assert said.status == 4, said
            assert said.json["error"]["code"] in {"path-too-long", "store-not-writable"}
            told = said.json["error"]["message"]
            assert "longer than SQLite can open" in told or "File name too long" in told
    finally:
        person.runs("down")


def test_a_home_whose_name_is_too_long_for_the_system_is_named(make: Make, tmp_path: Path) -> None:
    said = User(tmp_path / ("h" * 300), make()).runs("index", "--json")
    one_sentence(said, "home-not-writable")
    assert "too long" in said.json["error"]["message"]


def test_a_home_of_strange_characters_works(make: Make, tmp_path: Path) -> None:
    person = User(tmp_path / "ho me 😀\n'\"%41?#", make())
    try:
        assert person.runs("brief", "change add_to_cart", "--yes", "--json").json["files"]
    finally:
        person.runs("down")
