"""Runs of lines: how text without definitions, and long definitions, are cut into passages."""

from __future__ import annotations

from collections.abc import Sequence

from satchel.context.types import Passage, PassageKind

LINES = 60  # of a block
CHARACTERS = 8_000  # of a block: about 2,000 tokens


def cut(
    lines: Sequence[str], start: int, end: int, most: int = LINES, characters: int = CHARACTERS
) -> list[tuple[int, int]]:
    """Cut lines `start` to `end` (1-based, inclusive) into consecutive ranges of at most `most`.

    A cut falls after a blank line where the second half of the range has one, before the line
    that is indented least; else before the least indented line. A single line is never cut.
    """
    ranges = []
    while start <= end:
        room, last = characters, start
        for last in range(start, min(end, start + most - 1) + 1):
            room -= len(lines[last - 1]) + 1
            if room < 0 and last > start:
                last -= 1
                break
        if last < end:
            last = _best_cut(lines, start, last)
        ranges.append((start, last))
        start = last + 1
    return ranges


def _best_cut(lines: Sequence[str], start: int, last: int) -> int:
    """Choose the line after which to cut: `last`, or an earlier one that reads better."""

    def cost(line: int) -> tuple[bool, int, int]:
        following = lines[line]
        indent = len(following) - len(following.lstrip())
        blank_after = not following.strip()
        return (bool(lines[line - 1].strip()) or blank_after, indent, -line)

    return min(range(start + (last - start) // 2, last + 1), key=cost)


def trim(lines: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """Take blank lines off both ends of a range; it is empty where start passes end."""
    while start <= end and not lines[start - 1].strip():
        start += 1
    while end >= start and not lines[end - 1].strip():
        end -= 1
    return start, end


def passages_in(
    lines: Sequence[str], start: int, end: int, kind: PassageKind, symbol: str = "", name: str = ""
) -> list[Passage]:
    """Make passages of the lines from `start` to `end`, none where they are all blank."""
    made = []
    for first, last in cut(lines, *trim(lines, start, end)):
        first, last = trim(lines, first, last)
        if first <= last:
            text = "\n".join(lines[first - 1 : last])
            made.append(Passage(kind, symbol, name, first, last, text))
    return made


def parse_blocks(text: str) -> tuple[Passage, ...]:
    """Cut any text into blocks of about 60 lines, at blank lines where it has them."""
    lines = text.split("\n")
    return tuple(passages_in(lines, 1, len(lines), PassageKind.BLOCK))
