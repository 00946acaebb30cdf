"""Stop words of an answer that its server cannot be told, since it stands within a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

LONGEST: Final = 256  # characters of a stop word; what may begin one is looked for at each piece


class Stops:
    """Ends a text before the word that is whole first, of some words, however it comes in pieces.
    None of `words` is empty, or longer than LONGEST. `hit` is the word that ended it."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._held = ""
        self.hit: str | None = None

    def feed(self, text: str) -> str:
        """Return what comes before the end, as far as no word can have begun in it."""
        if self.hit is not None:
            return ""
        self._held += text
        begun = [(self._held.find(word), word) for word in self._words]
        met = [(place + len(word), place, word) for place, word in begun if place >= 0]
        if met:
            _, place, self.hit = min(met)
        else:
            place = len(self._held) - self._begun()
        told, self._held = self._held[:place], self._held[place:]
        return told

    def end(self) -> str:
        """Return what was held back, where the text ended by itself."""
        return "" if self.hit is not None else self._held

    def _begun(self) -> int:
        """Return how many signs at the end may begin a word."""
        most = min(max(map(len, self._words)) - 1, len(self._held))
        for many in range(most, 0, -1):
            end = self._held[-many:]
            if any(word.startswith(end) for word in self._words):
                return many
        return 0
