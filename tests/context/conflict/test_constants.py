"""Numbers that an edit gives to a name."""

from __future__ import annotations

import pytest

from satchel.context.conflict.constants import constants, passes
from satchel.context.conflict.diff import Edit
from satchel.context.conflict.likeness import concepts
from satchel.context.conflict.stated import quantities


def edit(removed: str, added: str, path: str = "src/a.c") -> Edit:
    return Edit(path, (added,), (removed,) if removed else (), ())


@pytest.mark.parametrize(
    ("removed", "added", "value", "unit"),
    [
        ("#define POLL_S 300", "#define POLL_S 20", 20.0, "duration"),
        ("pollSeconds: 300", "pollSeconds: 20", 20.0, "duration"),
        ("poll(timeout=300)", "poll(timeout=20ms)", 0.02, "duration"),
        ("limit = 1_000", "limit = 20_000", 20_000.0, "number"),
        ("score >= 0.8", "score >= 0.5", 0.5, "number"),
        ('"partner": per_minute(60),', '"partner": per_minute(600),', 600.0, "number"),
        ("wait 60 | retry", "wait 90 | retry", 90.0, "number"),
    ],
)
def test_a_changed_number_is_read(removed: str, added: str, value: float, unit: str) -> None:
    (found,) = constants(edit(removed, added))
    assert found.now.value == pytest.approx(value)
    assert found.now.unit == unit
    assert found.was is not None


def test_a_number_that_stays_is_none() -> None:
    assert list(constants(edit("limit = 5  # five", "limit = 5"))) == []


@pytest.mark.parametrize(
    ("rule", "removed", "added", "is_passed"),
    [
        ("A poll happens every 5 minutes", "POLL_S = 300", "POLL_S = 20", True),
        ("A poll happens every 5 minutes", "POLL_S = 20", "POLL_S = 300", False),
        ("A title has at most 80 characters", "max: 80,", "max: 200,", False),
        # What stood there was never what is stated, or counts another thing.
        ("25 titles stand on a page", "per_page=10", "per_page=12", False),
        ("Photos are 1600 pixels wide", "PHOTO_MAX_KB = 300", "PHOTO_MAX_KB = 250", False),
        ("A title has at most 80 characters", "title_max = 80", "title_max = 200", True),
        (
            "The minimum Rust version is 1.60",
            'rust-version = "1.60"',
            'rust-version = "1.70"',
            True,
        ),
    ],
)
def test_a_number_passes_what_is_stated_of_the_same_thing(
    rule: str, removed: str, added: str, is_passed: bool
) -> None:
    (stated,) = quantities(rule)
    (given,) = constants(edit(removed, added))
    assert passes(stated, given, concepts(rule)) is is_passed
