"""The ledger: a line an attempt, never its text, whole whatever was torn."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.base.errors import Broken
from satchel.base.paths import Home
from satchel.model.consent import (
    Entry,
)
from satchel.model.leaving import (
    Material,
    Section,
)
from satchel.model.ledger import Ledger, parse

NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
ALLOWED = Entry(
    time=NOW,
    destination="https://a.example/v1",
    server="vllm",
    model="large",
    material=Material.RECORDS,
    bytes=12_345,
    allowed=True,
    grant="a1",
    reason=None,
    tools=("web_search",),
    sections=(Section("files", 3), Section("decisions", 2)),
)
REFUSED = replace(ALLOWED, allowed=False, grant=None, reason="consent-needed", model="größer")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Home(tmp_path / "home"))


def test_what_was_noted_is_read_in_its_order(ledger: Ledger) -> None:
    assert ledger.read() == []
    for entry in (ALLOWED, REFUSED):
        ledger.note(entry)
    assert ledger.read() == [ALLOWED, REFUSED]
    assert stat.S_IMODE(ledger.home.ledger.stat().st_mode) == 0o600
    assert len(ledger.home.ledger.read_bytes().splitlines()) == 2


def test_the_last_of_them_and_those_since_a_time_can_be_asked_for(ledger: Ledger) -> None:
    entries = [replace(ALLOWED, time=NOW + timedelta(hours=hour)) for hour in range(5)]
    for entry in entries:
        ledger.note(entry)
    assert ledger.read(limit=2) == entries[-2:]
    assert ledger.read(since=entries[3].time) == entries[3:]
    assert ledger.read(limit=1, since=entries[3].time) == entries[4:]


@pytest.mark.parametrize("torn", [1, 20, 200])
def test_a_torn_line_is_passed_over_and_the_next_one_is_whole(ledger: Ledger, torn: int) -> None:
    ledger.note(ALLOWED)
    ledger.note(REFUSED)
    content = ledger.home.ledger.read_bytes()
    ledger.home.ledger.write_bytes(content[:-torn])
    ledger.note(ALLOWED)
    whole = [ALLOWED, REFUSED, ALLOWED] if torn == 1 else [ALLOWED, ALLOWED]
    assert ledger.read() == whole


@given(st.binary(max_size=200))
def test_any_line_is_an_entry_or_passed_over(line: bytes) -> None:
    assert parse(line) is None


@pytest.mark.parametrize(
    "line",
    [b"null", b"[]", b'{"time": 1}', b"[" * 5_000, b'{"time": "2026-10-01T00:00:00Z"}'],
    ids=lambda line: line[:12].decode(),
)
def test_json_that_is_no_entry_is_passed_over(ledger: Ledger, line: bytes) -> None:
    ledger.note(ALLOWED)
    with ledger.home.ledger.open("ab") as file:
        file.write(line + b"\n")
    ledger.note(REFUSED)
    assert ledger.read() == [ALLOWED, REFUSED]


def test_attempts_at_once_have_a_line_each(ledger: Ledger) -> None:
    entries = [replace(ALLOWED, bytes=number) for number in range(60)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(ledger.note, entries))
    assert sorted(entry.bytes for entry in ledger.read()) == list(range(60))


def test_a_ledger_that_cannot_be_written_is_an_error(ledger: Ledger) -> None:
    ledger.home.ledger.mkdir(parents=True)
    with pytest.raises(Broken) as caught:
        ledger.note(ALLOWED)
    assert caught.value.code == "ledger-not-writable"
    with pytest.raises(Broken):
        ledger.read()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_is_said(ledger: Ledger) -> None:
    ledger.home.root.mkdir()
    ledger.home.ledger.symlink_to("/dev/full")
    with pytest.raises(Broken, match="disk is full"):
        ledger.note(ALLOWED)
