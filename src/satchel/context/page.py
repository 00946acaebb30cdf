"""The packet as a model reads it: Markdown that grows line by line within its budget. Pure."""

from __future__ import annotations

from typing import Final

from satchel.base.text import clean, one_line
from satchel.context import tokens
from satchel.context.types import (
    ChosenRecord,
    Conflict,
    Origin,
    RankedFile,
    RankedTest,
    Record,
    Status,
)

TEXT: Final = "\n## Text\n"
RECORD_TOKENS: Final = 120  # of one record in a packet: its first lines


class Page:
    """Markdown that grows line by line and never passes its budget."""

    ORDER: Final = (
        "Conflicts",
        "Decisions",
        "Preferences and rules",
        "Facts",
        "Notes",
        "Files",
        "Tests",
    )

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.spent = 0
        self._head = ""
        self._sections: dict[str, list[str]] = {}
        self._quotes: list[str] = []

    def start(self, line: str) -> None:
        """Put a line above all sections."""
        self._head = line
        self.spent += tokens.count(line + "\n\n")

    def add(self, heading: str, line: str) -> bool:
        """Add a line to a section where it still fits; tell whether it did."""
        cost = tokens.count(line + "\n")
        if heading not in self._sections:
            cost += tokens.count(f"\n## {heading}\n\n")
        if self.spent + cost > self.budget:
            return False
        self._sections.setdefault(heading, []).append(line)
        self.spent += cost
        return True

    @property
    def is_blank(self) -> bool:
        """Tell whether nothing was added."""
        return not (self._sections or self._quotes)

    @property
    def room_for_text(self) -> int:
        """Tokens that quotes may take, under their heading."""
        return self.budget - self.spent - tokens.count(TEXT) - 1

    def quote(self, block: str) -> None:
        """Put a quote, for which there is room, at the end of the page."""
        if not self._quotes:
            self._quotes.append(TEXT)
            self.spent += tokens.count(TEXT) + 1
        self._quotes.append(block)
        self.spent += tokens.count(block)

    def text(self) -> str:
        """Return the page."""
        parts = [self._head, ""]
        for heading in self.ORDER:
            if heading in self._sections:
                parts += [f"## {heading}", "", *self._sections[heading], ""]
        return "\n".join(parts) + "".join(self._quotes)


def file_line(file: RankedFile) -> str:
    """Return a file, its places by line and name, and why it is here, where that is told."""
    places = ", ".join(
        f"{place.start}-{place.end}" + (f" `{one_line(place.name, 60)}`" if place.name else "")
        for place in file.places
    )
    told = f"- {one_line(file.path)}" + (f":{places}" if places else "")
    return f"{told}: {file.reason}" if file.reason else told


def test_line(test: RankedTest) -> str:
    """Return a test and why it belongs."""
    return f"- {one_line(test.path)}: {one_line(test.reason)}"


def record_line(entry: ChosenRecord) -> str:
    """Return a record's first lines, its date, its source, where it stands, and why it applies."""
    record = entry.record
    text = tokens.cut(clean(record.text).strip(), RECORD_TOKENS) or one_line(record.text, 400)
    body = text.replace("\n", "\n  ")
    stands = "" if record.status is Status.ACTIVE else f", {record.status}"
    was = f"; before: “{one_line(entry.before[-1].text, 160)}”" if entry.before else ""
    about = f"{record.valid_from[:10]}, {place_of(record)}{stands}; {entry.reason}{was}"
    return f"- {body} ({about})"


def place_of(record: Record) -> str:
    """Name a record's first source; a transcript lies deep, and by its end it is known."""
    source = one_line(record.source)
    if record.origin is Origin.TRANSCRIPTS:
        return f"what you said, …/{source.rpartition('/')[2]}"
    return source


def conflict_line(conflict: Conflict, most: int = 300) -> str:
    """Return both sides of a conflict, `most` characters of each, and the question that only the
    user can settle."""
    (one, other), (date, later), (source, origin) = (
        conflict.statements,
        conflict.dates,
        conflict.sources,
    )
    return (
        f"- “{one_line(one, most)}” ({date[:10]}, {one_line(source)}) against "
        f"“{one_line(other, most)}” ({later[:10]}, {one_line(origin)}): {conflict.reason}. "
        "Which holds?"
    )
