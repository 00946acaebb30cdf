"""What an edit swaps, weakens and takes away."""

from __future__ import annotations

import pytest

from satchel.context.conflict import ask, held_against
from satchel.context.conflict.diff import Edit
from satchel.context.conflict.swap import swaps
from tests.context.conflict.rules import rule


def opposed(text: str, path: str, removed: str, added: str) -> bool:
    edit = Edit(path, tuple(added.splitlines()), tuple(removed.splitlines()), ())
    return bool(held_against(ask("", (), [edit]), [rule(text)]))


def test_a_line_is_paired_with_the_one_that_takes_its_place() -> None:
    read = swaps(Edit("a.py", ("total = sort(rows, stable=False)",), ("total = sort(rows)",), ()))
    (pair,) = read.pairs
    assert "row" in pair.kept
    assert not pair.gone


def test_a_moved_line_is_neither_taken_out_nor_put_in() -> None:
    read = swaps(Edit("a.py", ("    check(token)",), ("check(token)",), ()))
    assert read.pairs == ()
    assert read.unguarded == ()


@pytest.mark.parametrize(
    ("rule", "path", "removed", "added"),
    [
        (
            "Nothing is shipped from a locked warehouse.",
            "ship.py",
            "if warehouse.locked:\n    raise WarehouseLocked()",
            "",
        ),
        (
            "Passwords are hashed with scrypt.",
            "login.py",
            "stored = scrypt(password, salt)",
            "stored = password",
        ),
        (
            "Every parcel has a weight.",
            "0007.sql",
            "",
            "ALTER TABLE parcel\n    DROP CONSTRAINT parcel_weight_positive;",
        ),
        (
            "An invoice is released only after the auditor signed it.",
            "invoice.py",
            "if invoice.signed(auditor):",
            "if invoice.signed(auditor) and amount > 500:",
        ),
        ("Angles are radians.", "arm.c", "double arm_rad;", "double arm_deg;"),
        ("The sandbox stays on: sandbox true.", "run.toml", "sandbox = true", "sandbox = false"),
    ],
)
def test_an_edit_that_gives_up_what_a_rule_wants_is_told(
    rule: str, path: str, removed: str, added: str
) -> None:
    if "Angles" in rule:
        rule += " The arm never takes degrees."
    assert opposed(rule, path, removed, added)


@pytest.mark.parametrize(
    ("rule", "path", "removed", "added"),
    [
        (
            "Passwords are hashed with scrypt.",
            "login.py",
            "stored = bcrypt(password)",
            "stored = scrypt(password, salt)",
        ),
        ("TAR files are refused.", "load.py", "", 'raise Unsupported("tar files are refused")'),
        ("Sleeping in tests is banned.", "README.md", "wait for the page", "do not sleep"),
    ],
)
def test_an_edit_that_does_what_a_rule_says_is_left_alone(
    rule: str, path: str, removed: str, added: str
) -> None:
    assert not opposed(rule, path, removed, added)
