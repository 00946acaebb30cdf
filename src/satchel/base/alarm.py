"""One timer of an event loop for all that may have to be woken on it.

Nearly every wait is over long before its time. A timer of its own that was called off would stay
with the loop, which sorts out all of them whenever there are a hundred.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

__all__ = ["Alarm", "alarm"]


class Alarm:
    """Calls what it was given when it is due, unless that was called off. Belongs to its loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.now = loop.time
        self._bells: dict[Callable[[], None], float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def set(self, bell: Callable[[], None], due: float) -> None:
        """Call `bell` once when it is `due` by `now`."""
        self._bells[bell] = due
        self._see_to(due)

    def call_off(self, bell: Callable[[], None]) -> None:
        """Do not call it any more; harmless where it was called."""
        self._bells.pop(bell, None)

    def _see_to(self, due: float) -> None:
        """See that the timer runs out no later than that. Earlier does no harm."""
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = self.loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = self.now()
        for bell in [bell for bell, due in self._bells.items() if due <= now]:
            if self._bells.pop(bell, None) is not None:  # one may call another off
                bell()
        if self._bells:
            self._see_to(min(self._bells.values()))


_ALARMS: Final[dict[asyncio.AbstractEventLoop, Alarm]] = {}


def alarm() -> Alarm:
    """Return the alarm of the running loop."""
    loop = asyncio.get_running_loop()
    known = _ALARMS.get(loop)
    if known is not None:
        return known
    for over in [each for each in tuple(_ALARMS) if each.is_closed()]:
        _ALARMS.pop(over, None)
    return _ALARMS.setdefault(loop, Alarm(loop))
