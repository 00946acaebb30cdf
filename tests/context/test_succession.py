"""What takes the place of what, and what cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from satchel.base.errors import BadInput
from satchel.context.succession import confirmed, history, succeeded
from satchel.context.types import EVERYWHERE, Record, RecordKind, Status

NOW = "2026-11-22T10:00:00+00:00"
A = Record(
    "aaaa1", RecordKind.DECISION, "use npm", "/w", ("user",), NOW, "2026-01-01T00:00:00+00:00"
)
B = replace(A, id="bbbb1", text="use pnpm", valid_from="2026-03-01T00:00:00+00:00")
C = replace(A, id="cccc1", text="use Bun", valid_from="2026-05-01T00:00:00+00:00")


def lookup(*records: Record):  # type: ignore[no-untyped-def] # a dictionary's own get
    return {record.id: record for record in records}.get


def test_a_successor_ends_what_it_replaces_when_it_began() -> None:
    old, new = succeeded(A, B, lookup(A, B), NOW)
    assert (old.status, old.superseded_by, old.valid_to) == (
        Status.SUPERSEDED,
        "bbbb1",
        B.valid_from,
    )
    assert new.supersedes == ("aaaa1",)


def test_a_successor_that_held_longer_ends_what_it_replaces_now() -> None:
    old, _ = succeeded(B, A, lookup(A, B), NOW)
    assert old.valid_to == NOW


def test_a_clock_that_jumped_back_never_ends_a_record_before_it_began() -> None:
    old, _ = succeeded(B, A, lookup(A, B), "2020-01-01T00:00:00+00:00")
    assert old.valid_to == B.valid_from


def test_to_supersede_twice_changes_nothing_more() -> None:
    old, new = succeeded(A, B, lookup(A, B), NOW)
    assert succeeded(old, new, lookup(old, new), "2027-01-01T00:00:00+00:00") == (old, new)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param(A, A, "supersedes-itself", id="itself"),
        pytest.param(replace(A, superseded_by="cccc1"), B, "superseded-already", id="another's"),
        pytest.param(A, replace(B, superseded_by="aaaa1"), "ring", id="ring of two"),
        pytest.param(A, replace(B, superseded_by="cccc1"), "ring", id="ring of three"),
        pytest.param(replace(A, workspace=EVERYWHERE), B, "wider-than-successor", id="narrower"),
    ],
)
def test_what_cannot_take_a_place_is_refused(old: Record, new: Record, code: str) -> None:
    third = replace(C, superseded_by="aaaa1") if code == "ring" else C
    with pytest.raises(BadInput) as refused:
        succeeded(old, new, lookup(old, new, third), NOW)
    assert refused.value.code == code


def test_a_history_goes_both_ways_and_ends_though_links_close_a_ring() -> None:
    a = replace(A, superseded_by="bbbb1", supersedes=("cccc1",))
    b = replace(B, supersedes=("aaaa1", "gone1"), superseded_by="cccc1")
    c = replace(C, supersedes=("bbbb1",), superseded_by="aaaa1")
    told = history(b, lookup(a, b, c))
    assert [record.id for record in told.before] == ["aaaa1", "cccc1"]
    assert [record.id for record in told.after] == ["cccc1", "aaaa1"]


def test_what_the_user_confirms_holds_again_unless_something_took_its_place() -> None:
    gone = replace(
        A,
        status=Status.SUPERSEDED,
        valid_to=NOW,
        confirmed=False,
        confidence=0.6,
        reason="is no longer in CLAUDE.md",
    )
    kept = confirmed(gone, lookup(gone))
    assert (kept.status, kept.valid_to, kept.confidence) == (Status.ACTIVE, None, 1.0)
    with pytest.raises(BadInput, match="was superseded by bbbb1"):
        confirmed(replace(A, superseded_by="bbbb1"), lookup(A, B))
    rejected = confirmed(replace(A, status=Status.REJECTED, confirmed=False), lookup(A))
    assert (rejected.status, rejected.confirmed) == (Status.REJECTED, True)
