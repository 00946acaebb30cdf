"""Numbers with their units and bounds."""

from __future__ import annotations

import pytest

from satchel.context.conflict.quantity import Bound, opposed
from satchel.context.conflict.stated import quantities


@pytest.mark.parametrize(
    ("text", "value", "unit", "bound"),
    [
        ("at most 5 seconds", 5.0, "duration", Bound.MOST),
        ("within 200 ms", 0.2, "duration", Bound.MOST),
        ("a timeout of two minutes", 120.0, "duration", Bound.EXACT),
        ("up to 10 MB", 1e7, "bytes", Bound.MOST),
        ("at least 80%", 80.0, "percent", Bound.LEAST),
        ("Python 3.10 or later", 3.001, "version python", Bound.LEAST),
        ("the MSRV is 1.70", 1.007, "version rust", Bound.LEAST),
        ("stays at level 8", 8.0, "level", Bound.EXACT),
        ("runs at 60 fps", 60.0, "fram", Bound.EXACT),
        ("MAX_ITEMS = 40", 40.0, "named max_items", Bound.EXACT),
    ],
)
def test_a_number_has_its_unit_and_bound(text: str, value: float, unit: str, bound: Bound) -> None:
    (found,) = quantities(text)
    assert (found.unit, found.bound) == (unit, bound)
    assert found.value == pytest.approx(value)


@pytest.mark.parametrize("text", ["cut it by 30 kB", "chapter and verse", "from 5 to"])
def test_a_difference_is_no_number_of_its_own(text: str) -> None:
    assert quantities(text) == ()


@pytest.mark.parametrize(
    ("stated", "asked", "is_opposed"),
    [
        ("at most 5 seconds", "10 seconds", True),
        ("at most 5 seconds", "3 seconds", False),
        ("at most 5 seconds", "5000 ms", False),
        ("at least 80%", "70%", True),
        ("at least 80%", "90%", False),
        ("Python 3.10 or later", "Python 3.9", True),
        ("Python 3.10 or later", "minimum Python 3.12", True),
        ("Python 3.10 or later", "Python 3.12", False),
        ("5 seconds", "5 MB", False),
        ("the approval of two owners", "one review", True),
        ("no farther than 900 metres", "up to 1.4 km", True),
        ("a pump is stopped above 40 l/min", "45 l/min", True),
        ("between two and four times", "six times", True),
        ("at most two maps", "put a third map below", True),
        ("45 minutes at the longest", "30 minutes", False),
        ("all tiles are 16x16", "tiles of 32x32", True),
        ("availability of the API: 99.9 %", "99 %", True),
        ("512-dimensional vectors", "768 dims", True),
    ],
)
def test_a_number_is_opposed_where_it_passes_what_is_stated(
    stated: str, asked: str, is_opposed: bool
) -> None:
    (one,), (other,) = quantities(stated), quantities(asked)
    assert opposed(one, other) is is_opposed


def test_a_second_one_is_no_time() -> None:
    assert quantities("released by a second person") == ()
    assert quantities("polled once a second")


def test_what_is_overbooked_by_a_share_is_a_number_of_its_own() -> None:
    assert quantities("Overbook the hall by 5 percent")
    assert quantities("Raise the fee by 5 percent") == ()
