"""Thinking that a server leaves in the text, between tags at the very start of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OPENS: Final = "<think>"
CLOSES: Final = "</think>"


@dataclass(slots=True)
class Tags:
    """Parts `<think>…</think>` at the very start of a text from what follows it."""

    held: str = ""
    thinks: bool = False
    begun: bool = False  # something that is not space was thought
    passed: bool = False  # the thinking is over; space behind it is dropped
    is_over: bool = False

    def feed(self, text: str) -> tuple[str, str]:
        """Return what was thought and what was said, by now."""
        self.held += text
        thought = ""
        if not self.thinks and not self.passed:
            start = self.held.lstrip()
            if OPENS.startswith(start):
                if start != OPENS:
                    return "", ""
            elif not start.startswith(OPENS):
                self.is_over = True
                return "", self._rest()
            self.thinks, self.held = True, start.removeprefix(OPENS)
        if self.thinks:
            thought = self._thought()
            if self.thinks:
                return thought, ""
        self.held = self.held.lstrip()
        self.is_over = bool(self.held)
        return thought, self._rest()

    def end(self) -> tuple[str, str]:
        """Return what was held back."""
        rest = self._rest()
        return (rest, "") if self.thinks else ("", rest)

    def _thought(self) -> str:
        inner, closed, after = self.held.partition(CLOSES)
        if closed:
            self.thinks, self.passed, self.held = False, True, after
        else:
            keep = next(n for n in range(len(CLOSES), -1, -1) if inner.endswith(CLOSES[:n]))
            self.held = inner[len(inner) - keep :]
            inner = inner[: len(inner) - keep]
        if not self.begun:
            inner = inner.lstrip()
            self.begun = bool(inner)
        return inner

    def _rest(self) -> str:
        rest, self.held = self.held, ""
        return rest
