"""Text cut into sentences, in linear time and without knowing the language."""

from __future__ import annotations

import re
from typing import Final

_BREAK: Final = re.compile(
    r"(?<=[.!?\u2026])[\"')\]]{0,2}\s+(?=[\"'(\[`*_]{0,2}[^\W_])|(?<=[\u3002\uff01\uff1f])"
)
_SHORT: Final = re.compile(  # an abbreviation, an initial or a numbered item, not an end
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|al|approx|resp|nr|mr|mrs|ms|dr|prof|st|inc|ltd|co|fig|sec|ver"
    r"|z\.b|d\.h|bzw)|(?:^|[\s.(])[A-Z]|^\s{0,4}\d{1,3})\.$",
    re.I,
)
_ITEM: Final = re.compile(r"[ \t]{0,12}(?:[-*+•]|\d{1,3}[.)])[ \t]+")
_WRAPPED: Final = 50  # characters: a shorter line was ended on purpose


def sentences(text: str) -> list[str]:
    """Cut a text into sentences, each on one line, without the marks of lists.

    Lines join where a long one goes on in lower case or after a comma (wrapped prose); any other
    line end ends a sentence.
    """
    found: list[str] = []
    for line in _joined(text):
        start = 0
        for gap in _BREAK.finditer(line):
            if _SHORT.search(line[max(start, gap.start() - 8) : gap.start()]):
                continue
            found.append(line[start : gap.end()].strip())
            start = gap.end()
        found.append(line[start:].strip())
    return [sentence for sentence in found if sentence]


def _joined(text: str) -> list[str]:
    """Return the lines of a text with wrapped ones joined."""
    lines: list[list[str]] = []
    last = ""
    for raw in text.split("\n"):
        item = _ITEM.match(raw)
        line = " ".join((raw[item.end() :] if item else raw).split())
        goes_on = (
            lines
            and not item
            and line
            and last
            and (len(last) >= _WRAPPED or last.endswith(","))
            and (line[0].islower() or last[-1] not in ".!?:;\u3002\uff01\uff1f")
        )
        if goes_on:
            lines[-1].append(line)
        else:
            lines.append([line])
        last = line
    return [" ".join(parts) for parts in lines]
