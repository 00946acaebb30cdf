"""Lines of a stream that differ in their words alone, read without parsing each of them.

Most tokens of a chat come so: what stands before the words and behind them is the same, byte by
byte, from one line to the next, and to look at such a line takes half the time of parsing it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic_core import from_json

OTHER: Final = b"other words"
TRIES: Final = 4  # lines that are learned from in vain, each for the time of two, before it is left


class Alike:
    """What the lines of one answer have in common. Not used by two answers."""

    def __init__(self) -> None:
        self._before = self._after = b""
        self._tries = TRIES

    def words(self, line: bytes) -> str:
        """Return the words of a line that is but for them as the one that was learned from.

        Empty where it is not, and where JSON may mean something else than stands there.
        """
        before, after = self._before, self._after
        if not (before and line.startswith(before) and line.endswith(after)):
            return ""
        try:
            words = line[len(before) : -len(after)].decode()
        except UnicodeDecodeError:
            return ""
        if '"' in words or "\\" in words or not words.isprintable():
            return ""
        self._tries = TRIES
        return words

    def learn(
        self, line: bytes, chunk: Mapping[str, Any], words_of: Callable[[Mapping[str, Any]], str]
    ) -> None:
        """Learn from a line, which holds that chunk. `words_of` returns what a chunk says, where it
        says words and nothing else."""
        words = words_of(chunk) if self._tries else ""
        if not words:
            return
        self._tries -= 1
        before, quoted, after = line.partition(f'"{words}"'.encode("utf-8", "replace"))
        if not quoted:
            return
        before, after = before + b'"', b'"' + after
        try:
            other = words_of(from_json(before + OTHER + after))
        except ValueError:
            return
        if other.encode() == OTHER:  # so it is there that they stand
            self._before, self._after = before, after
