"""The tool calls of one answer: numbered without a gap, with unique ids, one after the other."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from satchel.model.turns import Arguments, Called, Event

_SIGNS = string.ascii_letters + string.digits


def new_id() -> str:
    """Return an id that no other call has."""
    return "call_" + "".join(secrets.choice(_SIGNS) for _ in range(24))


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    pieces: list[str] = field(default_factory=list)
    seen: tuple[int, bool] = (0, False)  # how many pieces were looked at, and what was seen

    def is_whole(self) -> bool:
        """Tell whether the arguments are a whole JSON object by now."""
        if self.seen[0] != len(self.pieces):
            self.seen = (len(self.pieces), is_object("".join(self.pieces)))
        return self.seen[1]


class Calls:
    """Reads calls in whatever order and numbering a server writes them.

    `taken` are ids that the conversation has already; `single` drops every call but the first.
    Servers were seen to give no id, one id twice, the index 0 to several calls, and to write two
    calls at once: then the later one waits until the earlier one's arguments are whole.
    """

    def __init__(
        self, taken: Collection[str] = (), single: bool = False, fresh: Callable[[], str] = new_id
    ) -> None:
        self._taken = set(taken)
        self._single = single
        self._fresh = fresh
        self._calls: list[_Call] = []
        self._places: dict[int, _Call] = {}
        self._told = 0  # how many have been announced; the last of them is being written

    @property
    def made(self) -> bool:
        """Whether any call was made."""
        return bool(self._calls)

    def hear(self, place: int | None, id: str, name: str, arguments: str) -> list[Event]:
        """Take one entry of a delta, in which everything but one field may be empty."""
        call = self._of(place, id, name, arguments)
        call.id, call.name = call.id or id, call.name or name
        if arguments:
            call.pieces.append(arguments)
            if self._told and call is self._calls[self._told - 1]:
                events: list[Event] = [Arguments(self._told - 1, arguments)]
                return events + self._go_on()
        return self._go_on()

    def end(self, cut: bool = False) -> list[Event]:
        """Return what was held back. Raises ValueError where a call never got a name.

        Where the answer was `cut` before a call's arguments began, nobody may take it for whole.
        """
        events = self._go_on(last=True)
        if self._told < (1 if self._single and self._calls else len(self._calls)):
            raise ValueError("a call has no name")
        return events + self._close("{" if cut else "{}")

    def _of(self, place: int | None, id: str, name: str, arguments: str) -> _Call:
        """Find the call that an entry is of, or begin one."""
        if place is None:
            known = self._calls[-1] if self._calls and not (id or name) else None
        else:
            known = self._places.get(place)
        if known is not None:
            other = bool(id and known.id and id != known.id)
            again = bool(name and known.name and arguments.strip() and known.is_whole())
            if not other and not again:
                return known
        call = _Call(id, name)
        self._calls.append(call)
        if place is not None:
            self._places[place] = call
        return call

    def _go_on(self, last: bool = False) -> list[Event]:
        """Announce the calls whose turn it is."""
        events: list[Event] = []
        while self._told < len(self._calls) and not (self._single and self._told):
            if self._told and not (last or self._calls[self._told - 1].is_whole()):
                break
            call = self._calls[self._told]
            if not call.name:
                break
            events += self._close()
            events.append(Called(self._told, self._unique(call.id), call.name))
            if call.pieces:
                events.append(Arguments(self._told, "".join(call.pieces)))
            self._told += 1
        return events

    def _close(self, empty: str = "{}") -> list[Event]:
        """End the call that is being written: one without arguments has the empty object."""
        if not self._told or self._calls[self._told - 1].pieces:
            return []
        self._calls[self._told - 1].pieces.append(empty)
        return [Arguments(self._told - 1, empty)]

    def _unique(self, id: str) -> str:
        while not id or id in self._taken:
            id = self._fresh()
        self._taken.add(id)
        return id


def is_object(text: str) -> bool:
    """Tell whether a text is a whole JSON object."""
    if not text.rstrip().endswith("}"):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
