"""Store files that are damaged, cut, emptied, moved, or of another version."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from satchel.base.errors import Broken
from satchel.base.paths import Home
from satchel.base.settings import Settings
from satchel.context.remember import Saying
from satchel.context.store.index import IndexStore
from satchel.context.store.records import RecordStore
from satchel.context.store.sqlite import Database
from satchel.wiring import Satchel
from tests.cli.conftest import User
from tests.faults.conftest import CART, Make, commit, git

Damage = Callable[[Path], None]


def garbage(path: Path) -> None:
    path.write_bytes(b"garbage " * (path.stat().st_size // 8 + 100))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def scramble(path: Path) -> None:
    """Leave the first page and the length, and put noise in the place of the rest."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))


DAMAGES = {"garbage": garbage, "cut in half": cut, "scrambled": scramble}


class Shop:
    """A workspace whose stores hold something, with nothing of it left in a journal."""

    def __init__(self, top: Path, home: Home) -> None:
        self.top, self.home = top, home
        self.satchel = Satchel(home, Settings({}))
        self.satchel.index(str(top), lambda progress: None, accept=True)
        self.record = self.satchel.memory.remember(
            Saying("carts hold nine items"), path=str(top)
        ).record
        self.reopen()

    def reopen(self) -> None:
        """End as a daemon does, and start again."""
        self.satchel.close()
        self.satchel = Satchel(self.home, Settings({}))

    def store(self, name: str) -> Path:
        return self.home.workspace(self.top) / name

    def files(self) -> list[str]:
        return [file.path for file in self.satchel.brief("add_to_cart?", str(self.top)).files]

    def recalled(self) -> list[str]:
        found = self.satchel.memory.recall("carts hold items", path=str(self.top), limit=9)
        return [chosen.record.text for chosen in found]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    top = tmp_path / "shop"
    top.mkdir()
    git(top, "init", "--quiet")
    (top / "cart.py").write_text(CART)
    for number in range(40):  # a few pages, so that there is something to damage
        (top / f"m{number}.py").write_text(f"def made_{number}():\n    return {number}\n" * 20)
    commit(top, "Begin")
    opened = Shop(top, Home(tmp_path / "home"))
    yield opened
    opened.satchel.close()


# --- the index can be made again ----------------------------------------------------------------


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("when", ["before it is opened", "while it is open"])
def test_a_damaged_index_is_built_anew_within_the_request(
    shop: Shop, damage: Damage, when: str
) -> None:
    if when == "while it is open":
        assert shop.files() == ["cart.py"]
    damage(shop.store("index.db"))
    assert shop.files() == ["cart.py"]
    assert shop.recalled() == ["carts hold nine items"]
    shop.reopen()
    assert shop.files() == ["cart.py"]


@pytest.mark.parametrize("gone", ["removed", "emptied", "moved away"])
def test_an_index_that_is_gone_while_it_is_open_is_built_anew(shop: Shop, gone: str) -> None:
    assert shop.files() == ["cart.py"]
    store = shop.store("index.db")
    if gone == "removed":
        store.unlink()
    elif gone == "emptied":
        os.truncate(store, 0)
    else:
        store.rename(store.with_name("aside"))
    assert shop.files() == ["cart.py"]
    shop.reopen()
    assert shop.files() == ["cart.py"]


def test_an_index_of_a_newer_satchel_is_built_anew(shop: Shop) -> None:
    shop.satchel.close()
    connection = apsw.Connection(str(shop.store("index.db")))
    connection.pragma("user_version", 99)
    connection.execute("DROP TABLE passage").fetchall()
    connection.close()
    assert shop.files() == ["cart.py"]


# --- records cannot -----------------------------------------------------------------------------


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("when", ["before it is opened", "while it is open"])
def test_damaged_records_are_named_and_left_until_the_user_acts(
    shop: Shop, damage: Damage, when: str
) -> None:
    store = shop.store("records.db")
    sound = store.read_bytes()
    if when == "while it is open":
        assert shop.files() == ["cart.py"]
    damage(store)
    broken = store.read_bytes()
    if when == "while it is open":
        with contextlib.suppress(Broken):  # pages that were read before may serve for a while
            shop.recalled()
        shop.reopen()
    for _ in range(2):
        with pytest.raises(Broken, match=r"records\.db is damaged and was left as it is") as said:
            shop.recalled()
        assert said.value.code == "store-damaged"
    assert store.read_bytes() == broken
    # As the message says: move it away, and everything works again.
    store.rename(store.with_name("aside"))
    assert shop.recalled() == []
    shop.satchel.memory.remember(Saying("carts hold ten items"), path=str(shop.top))
    assert shop.recalled() == ["carts hold ten items"]
    # Or put a copy back.
    shop.satchel.close()
    store.write_bytes(sound)
    shop.satchel = Satchel(shop.home, Settings({}))
    assert shop.recalled() == ["carts hold nine items"]


def test_damaged_records_of_everywhere_are_named(shop: Shop) -> None:
    shop.satchel.memory.remember(Saying("everywhere, carts are red"))
    shop.reopen()
    garbage(shop.home.workspaces / "everywhere" / "records.db")
    with pytest.raises(Broken, match="damaged"):
        shop.files()
    (shop.home.workspaces / "everywhere" / "records.db").unlink()
    assert shop.files() == ["cart.py"]


def test_what_is_remembered_after_the_file_was_moved_away_is_kept(shop: Shop) -> None:
    assert shop.recalled() == ["carts hold nine items"]
    store = shop.store("records.db")
    store.rename(store.with_name("aside"))
    shop.satchel.memory.remember(Saying("carts hold ten items"), path=str(shop.top))
    shop.reopen()
    assert shop.recalled() == ["carts hold ten items"]
    assert RecordStore(store.with_name("aside")).get(shop.record.id) == shop.record


def test_records_of_a_newer_satchel_are_refused_and_left(shop: Shop) -> None:
    shop.satchel.close()
    connection = apsw.Connection(str(shop.store("records.db")))
    version = connection.pragma("user_version")
    connection.pragma("user_version", 99)
    connection.close()
    with pytest.raises(Broken, match="newer Satchel") as said:
        shop.recalled()
    assert "upgrade" in said.value.next_step
    connection = apsw.Connection(str(shop.store("records.db")))
    connection.pragma("user_version", version)
    connection.close()
    assert shop.recalled() == ["carts hold nine items"]


# --- schemas ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [IndexStore, RecordStore])
def test_an_empty_file_is_version_0_and_migrates(
    tmp_path: Path, kind: type[IndexStore | RecordStore]
) -> None:
    path = tmp_path / "store.db"
    path.touch()
    kind(path).close()
    assert apsw.Connection(str(path)).pragma("user_version") >= 1


def test_an_older_file_is_migrated_step_by_step_and_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    steps = ["CREATE TABLE t (a)", "ALTER TABLE t ADD b DEFAULT 'new'", "CREATE INDEX i ON t (b)"]
    old = Database(path, steps[:1])
    with old.write() as db:
        db.execute("INSERT INTO t VALUES ('kept')")
    old.close()
    new = Database(path, steps)
    assert new.rows("SELECT a, b FROM t") == [("kept", "new")]
    assert new.reader.pragma("user_version") == 3
    new.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Database(path, ["CREATE TABLE t (a)"]).close()
    with pytest.raises(apsw.SQLError):
        Database(path, ["CREATE TABLE t (a)", "ALTER TABLE t ADD b; CREATE TABLE t (a)"])
    connection = apsw.Connection(str(path))
    assert connection.pragma("user_version") == 1
    assert [row[1] for row in connection.execute("PRAGMA table_info (t)")] == ["a"]


# --- through the command line -------------------------------------------------------------------


def test_a_damaged_store_is_one_sentence_and_doctor_finds_it(make: Make, owner: User) -> None:
    assert owner.runs("index").status == 0
    assert owner.runs("remember", "carts hold nine items").status == 0
    assert owner.runs("down").status == 0
    (store,) = owner.home.glob("workspaces/shop-*/records.db")
    garbage(store)
    said = owner.runs("brief", "change add_to_cart", "--json")
    assert said.status == 4
    assert said.json["error"]["code"] == "store-damaged"
    assert str(store) in said.json["error"]["message"]
    told = owner.runs("doctor", "--json")
    assert told.status == 1
    todo = [row["text"] for row in told.json["findings"] if row["state"] == "to do"]
    assert any(store.name in text for text in todo)
    store.rename(store.with_name("aside"))
    assert owner.runs("brief", "change add_to_cart", "--json").json["files"]


def test_a_home_that_is_deleted_under_a_running_daemon_starts_afresh(owner: User) -> None:
    assert owner.runs("index").status == 0
    pid = owner.runs("status", "--json").json["pid"]
    for path in sorted(owner.home.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    try:
        assert owner.runs("brief", "change add_to_cart", "--json").status == 2  # not accepted
        assert owner.runs("remember", "carts hold nine items", "--yes").status == 0
        assert owner.runs("recall", "carts", "--json").json["records"]
    finally:
        os.kill(pid, 15)  # nobody can find the old one any more; it would end when idle
