"""Grants in their file: whole, the user's own, one writer at a time, spent once."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.base.errors import BadInput, Broken, Unavailable
from satchel.base.paths import Home
from satchel.model.consent import (
    Always,
    ConsentNeeded,
    Grant,
    InSession,
    InWorkspace,
    Occasion,
    Once,
    permit,
)
from satchel.model.grants import Store, as_json, parse
from satchel.model.leaving import (
    Leaving,
    Material,
)
from satchel.model.ledger import Ledger
from satchel.model.types import Locality, Model, Remote

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
HERE = Occasion(NOW, session="7@then", workspace="/shop")
CLOUD = Model("large", Locality.CLOUD, "elsewhere")
ASKED = Leaving(Remote("ollama", "http://127.0.0.1:11434", (CLOUD,), "elsewhere"), CLOUD, 99)
ALWAYS = Grant("", "ollama", "*", Material.RECORDS, Always(), NOW)
ONCE = replace(ALWAYS, extent=Once())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Home(tmp_path / "home"))


@pytest.mark.parametrize(
    "grant",
    [
        ALWAYS,
        ONCE,
        replace(ALWAYS, extent=InSession("7@then"), tools=("web_search",)),
        replace(ALWAYS, extent=InWorkspace("/shop"), expires=NOW + timedelta(days=1)),
        replace(ALWAYS, destination="https://a.example/v1", model="m", key_file="/keys/a"),
    ],
    ids=["always", "once", "session", "workspace", "address"],
)
def test_what_is_given_is_what_is_read(store: Store, grant: Grant) -> None:
    kept = store.add(grant, HERE)
    assert replace(kept, id="") == grant
    assert store.read() == (kept,)
    assert stat.S_IMODE(store.home.grants.stat().st_mode) == 0o600


def test_without_a_file_nothing_is_granted(store: Store) -> None:
    assert store.read() == ()


def test_times_are_kept_in_whole_seconds(store: Store) -> None:
    kept = store.add(replace(ONCE, created=NOW + timedelta(microseconds=7)), HERE)
    assert store.spend(kept)


def test_what_was_revoked_is_gone_at_once_for_every_reader(store: Store) -> None:
    kept = store.add(ALWAYS, HERE)
    reader = Store(store.home)
    permit(ASKED, HERE, reader, Ledger(store.home).note)
    assert store.revoke({kept.id}) == (kept,)
    with pytest.raises(ConsentNeeded):
        permit(ASKED, HERE, reader, Ledger(store.home).note)
    assert [entry.allowed for entry in Ledger(store.home).read()] == [True, False]


def test_revoking_what_is_not_there_revokes_nothing(store: Store) -> None:
    kept = store.add(ALWAYS, HERE)
    with pytest.raises(BadInput, match="'nope'"):
        store.revoke({kept.id, "nope"})
    assert store.read() == (kept,)


def test_grants_that_have_ended_are_dropped_with_the_next_one(store: Store) -> None:
    store.add(replace(ALWAYS, expires=NOW), HERE)
    store.add(replace(ALWAYS, extent=InSession("6@before")), HERE)
    kept = store.add(ALWAYS, HERE)
    assert store.read() == (kept,)


def test_a_grant_for_once_is_spent_by_one_of_many_threads(store: Store) -> None:
    for _ in range(3):
        store.add(ONCE, HERE)

    def attempt(_: int) -> bool:
        try:
            permit(ASKED, HERE, store, Ledger(store.home).note)
        except ConsentNeeded:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(16))) == 3
    assert store.read() == ()
    entries = Ledger(store.home).read()
    assert (len(entries), sum(entry.allowed for entry in entries)) == (16, 3)


SPEND = """
import sys
from pathlib import Path
from satchel.base.paths import Home
from satchel.model.grants import Store
store = Store(Home(Path(sys.argv[1])))
sys.stdin.readline()
print(sum(store.spend(grant) for grant in store.read()))
"""


def test_a_grant_for_once_is_spent_by_one_of_several_processes(store: Store) -> None:
    for _ in range(5):
        store.add(ONCE, HERE)
    command = [sys.executable, "-c", SPEND, str(store.home.root)]
    racing = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for each in racing:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    assert sum(int(each.communicate(timeout=60)[0]) for each in racing) == 5


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 2, "grants": []}',
        '{"version": 1}',
        '{"version": 1, "grants": {}}',
        '{"version": 1, "grants": [1]}',
        '{"version": 1, "grants": [], "grants": []}',
        "\x00" * 10,
        "[" * 100_000,
    ],
    ids=lambda content: content[:24],
)
def test_a_damaged_file_grants_nothing_and_can_be_started_anew(store: Store, content: str) -> None:
    store.home.root.mkdir()
    store.home.grants.write_text(content)
    store.home.grants.chmod(0o600)
    with pytest.raises(Broken) as caught:
        store.read()
    assert "nothing may leave" in caught.value.message
    assert "revoke --all" in caught.value.next_step
    for change in (lambda: store.add(ALWAYS, HERE), lambda: store.spend(ALWAYS)):
        with pytest.raises(Broken):
            change()
    assert store.home.grants.read_text() == content
    store.revoke_all()
    assert store.read() == ()


GOOD = as_json(replace(ALWAYS, id="a1", expires=NOW))


@pytest.mark.parametrize(
    "change",
    [
        {"only_on": "Mondays"},
        {"for": "ever"},
        {"for": "session"},
        {"data": "everything"},
        {"model": ""},
        {"destination": ""},
        {"destination": "https://good.example\\@evil.example"},
        {"expires": "2026-10-01"},
        {"expires": "later"},
        {"expires": 1},
        {"tools": "web_search"},
        {"tools": ["two words"]},
        {"key_file": "relative/key"},
        {"id": "../a"},
        {"id": None},
    ],
    ids=str,
)
def test_a_field_that_is_not_understood_is_refused_and_not_ignored(change: dict[str, Any]) -> None:
    assert len(parse(json.dumps({"version": 1, "grants": [GOOD]}))) == 1
    with pytest.raises((ValueError, TypeError, KeyError)):
        parse(json.dumps({"version": 1, "grants": [{**GOOD, **change}]}))
    for name in GOOD:
        with pytest.raises((ValueError, TypeError, KeyError)):
            parse(json.dumps({"version": 1, "grants": [{k: GOOD[k] for k in GOOD if k != name}]}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from(list(GOOD)), json_values, min_size=1))
def test_any_value_in_a_field_is_a_grant_or_refused(change: dict[str, Any]) -> None:
    try:
        read = parse(json.dumps({"version": 1, "grants": [{**GOOD, **change}]}))
    except (ValueError, TypeError, KeyError):
        return
    assert parse(json.dumps({"version": 1, "grants": [as_json(read[0])]})) == read


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_file_that_others_may_write_grants_nothing(store: Store) -> None:
    store.add(ALWAYS, HERE)
    store.home.grants.chmod(0o622)
    with pytest.raises(Broken, match="others than you may write it"):
        store.read()


@pytest.mark.skipif(os.name != "posix", reason="pipes are POSIX's")
def test_a_pipe_in_the_place_of_the_file_grants_nothing(store: Store) -> None:
    store.home.root.mkdir()
    os.mkfifo(store.home.grants)
    with pytest.raises(Broken, match="no regular file"):
        store.read()


def test_the_key_is_read_at_each_use_and_only_its_path_is_kept(
    store: Store, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("sk-one\n")
    kept = store.add(replace(ALWAYS, key_file=str(key)), HERE)
    assert store.key(kept) == "sk-one"
    key.write_text("sk-two")
    assert permit(ASKED, HERE, store, lambda entry: None).api_key == "sk-two"
    assert "sk-" not in store.home.grants.read_text()


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"two words", b"one\ntwo", b"sk-\xff", b"x" * 9_000],
    ids=["empty", "blank", "words", "lines", "no text", "long"],
)
def test_a_file_that_holds_no_key_alone_is_refused_unquoted(
    store: Store, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "key").write_bytes(content)
    once = store.add(replace(ONCE, key_file=str(tmp_path / "key")), HERE)
    with pytest.raises(Unavailable) as caught:
        permit(ASKED, HERE, store, Ledger(store.home).note)
    assert caught.value.code == "key-unreadable"
    assert "two" not in caught.value.message.removeprefix("the key of grant").replace(once.id, "")
    assert store.read() == (once,), "a grant is not spent by a key that cannot be read"
    assert [entry.reason for entry in Ledger(store.home).read()] == ["key-unreadable"]


def test_a_key_that_is_gone_permits_nothing(store: Store, tmp_path: Path) -> None:
    store.add(replace(ALWAYS, key_file=str(tmp_path)), HERE)
    with pytest.raises(Unavailable, match="cannot be read"):
        permit(ASKED, HERE, store, lambda entry: None)
    assert store.key(replace(ALWAYS, key_file=None)) == ""
