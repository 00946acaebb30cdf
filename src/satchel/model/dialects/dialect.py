"""What every dialect can do: read a request, and write an answer, a stream or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from satchel.base.errors import SatchelError
from satchel.base.values import value
from satchel.model.turns import Answer, Asked, Event


@value(frozen=True, slots=True)
class Heading:
    """What stands over an answer. `id` is 24 letters and digits, unique, and takes the dialect's
    own prefix; `model` is the name that the tool asked by; `created` is in Unix seconds."""

    id: str
    model: str
    created: int


class Writer(Protocol):
    """Writes one streamed answer, as bytes to send. Not used by two answers."""

    def begin(self) -> bytes:
        """Return what comes before the first event; may be empty."""

    def write(self, events: Sequence[Event]) -> bytes:
        """Return a batch of events; that of `Ended` closes the answer as the dialect does."""

    def broken(self, error: SatchelError) -> bytes:
        """Return an error in mid-stream, as the dialect's clients read one, and its proper end."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way to ask. `read` takes the body and what the path and query named; it raises BadInput.

    `failure` is the body of an error with that HTTP status.
    """

    name: str
    read: Callable[[Mapping[str, Any], Mapping[str, str]], Asked]
    whole: Callable[[Asked, Heading, Answer], Mapping[str, Any]]
    streamed: Callable[[Asked, Heading], Writer]
    failure: Callable[[SatchelError, int], Mapping[str, Any]]
