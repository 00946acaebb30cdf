"""When a record holds, and dates as people write them."""

from __future__ import annotations

import pytest

from satchel.base.errors import BadInput
from satchel.context.types import Record, RecordKind
from satchel.context.validity import held, moment


def test_a_bare_day_means_its_start_or_its_end() -> None:
    assert moment("2026-03-31").isoformat() == "2026-03-31T00:00:00+00:00"
    assert moment("2026-03-31", end=True).isoformat() == "2026-03-31T23:59:59.999999+00:00"
    assert moment("2026-03-31T18:00:00+02:00").isoformat() == "2026-03-31T16:00:00+00:00"


@pytest.mark.parametrize(
    "given", ["", "yesterday", "2026-13-01", "31.3.2026", "9999-12-31T23:00-23:00"]
)
def test_what_is_no_date_is_refused(given: str) -> None:
    with pytest.raises(BadInput, match="is no date"):
        moment(given)


def test_a_record_holds_from_its_beginning_until_just_before_its_end() -> None:
    days = ("2026-01-02", "2026-01-02", "2026-02-03T12:00:00+00:00")
    record = Record("r", RecordKind.FACT, "a fact", "/w", ("user",), *days)
    assert not held(record, moment("2026-01-01", end=True))
    assert held(record, moment("2026-01-02", end=True))
    assert held(record, moment("2026-02-02", end=True))
    assert not held(record, moment("2026-02-03T12:00:00+00:00"))
