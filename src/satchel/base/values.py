"""Values of which a request makes dozens, and a stream one a word.

All others are frozen dataclasses at run time too. docs/adr/0016 says what that saves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

__all__ = ["value"]

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:

    def value(*, frozen: bool, slots: bool) -> Callable[[type[T]], type[T]]:
        """Make a dataclass that is frozen to mypy, which reads all of this code, and equal and
        hashed as one that is, but not at run time: to make one would take four times as long."""
        assert frozen
        return dataclass(slots=slots, unsafe_hash=True)
