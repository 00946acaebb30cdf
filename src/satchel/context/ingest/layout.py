"""From definitions to passages: every line of a code file finds its place.

A function is one passage, with the comment and the decorators above it; what is nested in it
stays inside. A class is its header, docstring and attributes; its methods are passages of their
own. What lies between definitions is module code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from satchel.context.ingest.blocks import CHARACTERS, LINES, cut, trim
from satchel.context.types import EntityKind, Passage, PassageKind

LONG = 200  # lines: above this a definition is cut, and its nested functions come apart
PART = 120  # lines of a part of a long definition
COMMENT_LINES = 150  # of a comment that belongs to the definition below it
BANNER_LINES = 3  # of a comment between definitions that goes to the one below it
HEADER_LINES = 4  # of the head of an impl block or extension that goes to its first method
_BARE = re.compile(  # what only closes a block, divides a class, or ends a conditional
    r"[\s;,)\]}]*(?:(?:end|fi|done|esac|\?>|(?:public|private|protected)\s*+:?"
    r"|(?<=[}])\s*//.*|#\s*(?:else|endif)\b.*)\s*[;,)]*)?"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A definition that gets passages of its own. Lines are 1-based, inclusive.

    `inside` is the index of the unit that it lies in, or -1.
    """

    kind: EntityKind | None  # None: an impl block or extension, which defines nothing
    symbol: str
    name: str
    start: int
    end: int
    inside: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Passages in line order; the first passage of each unit; the passage of each line."""

    passages: tuple[Passage, ...]
    first: tuple[int, ...]  # by unit: an index into passages
    by_line: Sequence[int]  # by line, 1-based; -1 for a line that belongs to none
    starts: tuple[int, ...]  # by unit: its first line, comments above it included


def lay_out(lines: Sequence[str], units: Sequence[Unit], comments: tuple[str, ...]) -> Layout:
    """Give every line to the innermost unit that holds it, and make passages of the runs.

    `units` are sorted, outer before inner. Lines that hold nothing but closing brackets belong
    to no passage.
    """
    owner = [-1] * (len(lines) + 2)
    starts = []
    parents = {unit.inside for unit in units} | {-1}
    for index, unit in enumerate(units):
        start = _above(lines, owner, unit, comments)
        starts.append(start)
        owner[start : unit.end + 1] = [index] * (unit.end + 1 - start)

    firsts = [_with_header(lines, owner, units, starts, index) for index in range(len(units))]
    runs: list[tuple[int, int, int]] = []  # start, end, unit
    line = 1
    while line <= len(lines):
        end, holder = line, owner[line]
        while end < len(lines) and owner[end + 1] == holder:
            end += 1
        if holder in parents and not _bare(lines, line, end):
            following = owner[end + 1]
            if following not in parents and _is_banner(lines, line, end, comments):
                firsts[following] = line  # it goes to the definition that it stands above
            else:
                runs.append((line, end, holder))
        line = end + 1
    runs.extend(
        (firsts[index], unit.end, index) for index, unit in enumerate(units) if index not in parents
    )
    runs.sort()

    passages: list[Passage] = []
    by_line = [-1] * (len(lines) + 2)
    first = [-1] * len(units)
    for start, end, index in runs:
        for passage in _passages(lines, start, end, units[index] if index != -1 else None):
            if index != -1 and first[index] == -1:
                first[index] = len(passages)
            covered = passage.end + 1 - passage.start
            by_line[passage.start : passage.end + 1] = [len(passages)] * covered
            passages.append(passage)
    for index, start in enumerate(starts):  # a class of one line lies in its method's passage
        if first[index] == -1:
            first[index] = max(by_line[start], 0)
    return Layout(tuple(passages), tuple(first), by_line, tuple(starts))


def _above(
    lines: Sequence[str], owner: Sequence[int], unit: Unit, comments: tuple[str, ...]
) -> int:
    """Return the unit's first line with the comment that stands directly above it."""
    line, least = unit.start - 1, max(1, unit.start - COMMENT_LINES)
    inside_block = False
    if line - 1 >= least and _is_documentation(lines, line):
        line -= 1  # a documentation comment may stand one blank line apart
    while line >= least and owner[line] == unit.inside:
        text = lines[line - 1].strip()
        if not inside_block and text.endswith("*/"):
            inside_block = not text.startswith("/*")
        elif inside_block:
            inside_block = "/*" not in text
        elif not text.startswith(comments) or text.startswith("#!"):
            break
        line -= 1
    return unit.start if inside_block else line + 1


def _is_documentation(lines: Sequence[str], blank: int) -> bool:
    """Tell whether a `/** … */` comment ends above a blank line."""
    if lines[blank - 1].strip() or not lines[blank - 2].rstrip().endswith("*/"):
        return False
    for line in range(blank - 1, max(0, blank - COMMENT_LINES), -1):
        if "/*" in lines[line - 1]:
            return lines[line - 1].lstrip().startswith("/**")
    return False


def _with_header(
    lines: Sequence[str], owner: list[int], units: Sequence[Unit], starts: list[int], index: int
) -> int:
    """Return where a unit's passage starts: the head of an impl block goes to its first method."""
    start, holder = starts[index], units[index].inside
    if holder == -1 or units[holder].kind is not None or start - starts[holder] > HEADER_LINES:
        return start
    above = range(starts[holder], start)
    if not above or any(owner[line] != holder for line in above):
        return start
    for line in above:
        owner[line] = index
    return starts[holder]


def _is_banner(lines: Sequence[str], start: int, end: int, comments: tuple[str, ...]) -> bool:
    """Tell whether lines hold nothing but a short comment, such as one that names a section."""
    said = [line.strip() for line in lines[start - 1 : end] if line.strip()]
    return start > 1 and len(said) <= BANNER_LINES and all(one.startswith(comments) for one in said)


def _bare(lines: Sequence[str], start: int, end: int) -> bool:
    """Tell whether lines hold nothing but blanks and what closes a block."""
    return all(map(_BARE.fullmatch, lines[start - 1 : end]))


def _passages(lines: Sequence[str], start: int, end: int, unit: Unit | None) -> list[Passage]:
    """Make the passages of one run: one for a definition unless it is long, else blocks."""
    start, end = trim(lines, start, end)
    whole = sum(map(len, lines[start - 1 : end])) <= 2 * CHARACTERS
    if unit is None:
        kind, symbol, name = PassageKind.MODULE, "", ""
        ranges = cut(lines, start, end, LINES)
    else:
        module = unit.kind is EntityKind.MODULE
        kind = PassageKind.MODULE if module else PassageKind.DEFINITION
        symbol, name = unit.symbol, unit.name
        if whole and end - start < LONG:
            ranges = [(start, end)]
        else:
            ranges = cut(lines, start, end, PART, 2 * CHARACTERS)
    trimmed = (trim(lines, *part) for part in ranges)
    return [
        Passage(kind, symbol, name, first, last, "\n".join(lines[first - 1 : last]))
        for first, last in trimmed
        if first <= last
    ]
