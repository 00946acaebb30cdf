"""A value is equal, hashed and shown as a frozen dataclass is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from satchel.base.values import value


@value(frozen=True, slots=True)
class Swift:
    one: int
    more: tuple[int, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Frozen:
    one: int
    more: tuple[int, ...] = field(default_factory=tuple)


def test_a_value_does_what_a_frozen_dataclass_does() -> None:
    swift, frozen = Swift(1), Frozen(1)
    assert swift == Swift(1, ()) != Swift(2)
    assert hash(swift) == hash(frozen)
    assert repr(swift).replace("Swift", "Frozen") == repr(frozen)
    assert replace(swift, more=(2,)) == Swift(1, (2,))
    assert not hasattr(swift, "__dict__")


def test_a_value_has_no_other_field() -> None:
    with pytest.raises(AttributeError):
        setattr(Swift(1), "another", 2)  # noqa: B010 - mypy would not let us write it
