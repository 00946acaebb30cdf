"""Secrets in what is kept: found, counted by kind, masked."""

from __future__ import annotations

from satchel.context.hide import hide, hide_all
from satchel.context.types import Record, RecordKind

TOKEN = "ghp_" + "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA1bC2"
DAY = "2026-11-02T10:00:00Z"


def test_what_was_masked_before_is_not_counted_again() -> None:
    hidden, kinds = hide(f"first {TOKEN}")
    assert kinds.total() == 1
    assert hide(hidden) == (hidden, {})
    assert hide(f"{hidden} then {TOKEN}")[1].total() == 1


def test_everything_that_a_record_says_is_looked_at() -> None:
    plain = Record("r", RecordKind.NOTE, "x", "/w", ("user",), DAY, DAY, aliases=("a",))
    assert hide_all(plain) == (plain, {})
    full = Record(
        "r", RecordKind.NOTE, f"t {TOKEN}", "/w", (f"see {TOKEN}",), DAY, DAY, subject=TOKEN
    )
    hidden, kinds = hide_all(full)
    assert kinds.total() == 3
    assert TOKEN not in repr(hidden)


def test_what_older_rules_let_through_is_found_in_what_is_kept() -> None:
    told = ("Das Passwort ist Kx93hfQ2pl", "postgres://admin:hunter2secret@db.internal/x")
    for text in told:
        hidden, kinds = hide_all(Record("r", RecordKind.NOTE, text, "/w", ("user",), DAY, DAY))
        assert kinds.total() == 1
        assert "Kx93" not in hidden.text
        assert "hunter2" not in hidden.text
