"""JSON with comments and trailing commas, read so that every place in it is known.

Comments and trailing commas are blanked out, character for character, so that what is left is
strict JSON of the same length: `json` reads it, and places in it are places in the original.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, NoReturn

from satchel.tools.edit.change import Path, Unfit, Unreadable, Value, dotted, past

DEEPEST: Final = 200  # levels; no settings come near

BLANK: Final = " \t"
SPACE: Final = " \t\r\n"

_TELLING = re.compile(r'["{}\[\],/]')
_IN_STRING = re.compile(r'["\\\n]')


@dataclass(frozen=True, slots=True)
class Entry:
    """A member or an element: where it starts (a member: its key), its value's place, its end."""

    name: str | None
    start: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class Box:
    """An object or an array: the places of its two brackets, and what is in it."""

    open: int
    close: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A text, its strict form, and the places of what was blanked out of it."""

    text: str
    strict: str
    commas: tuple[int, ...]
    comments: tuple[tuple[int, int], ...]

    @property
    def root(self) -> int | None:
        """Where the value starts; None where the text holds none."""
        start = past(self.strict, 0, SPACE)
        return start if start < len(self.strict) else None

    def trailing(self, start: int, end: int) -> int | None:
        """Return the place of a trailing comma between two places."""
        return next((place for place in self.commas if start <= place < end), None)


def page_of(text: str) -> Page:
    """Blank out what strict JSON does not have. Raises Unreadable for what never ends."""
    comments: list[tuple[int, int]] = []
    commas: list[int] = []
    place, last = 0, ""  # the last telling character that is not within a comment
    comma, end_of_last, depth = -1, 0, 0
    if text.count("\r") != text.count("\r\n"):
        raise Unreadable("it has line ends that are neither Unix's nor Windows'")
    while (match := _TELLING.search(text, place)) is not None:
        here, sign = match.start(), match.group()
        place = here + 1
        if sign == "/":
            place = _comment_end(text, here)
            comments.append((here, place))
            continue
        filled = bool(_without(text, end_of_last, here, comments).strip(SPACE + "\ufeff"))
        if sign in "}]" and last == "," and not filled:
            commas.append(comma)
        if sign == ",":
            if not filled and last in ("", ",", "{", "["):
                raise Unreadable(f"line {_line(text, here)}: a comma without a value before it")
            comma = here
        if sign == '"':
            place = _string_end(text, here)
        depth += (sign in "{[") - (sign in "}]")
        if depth > DEEPEST:
            raise Unreadable(f"line {_line(text, here)}: it is nested too deep")
        last, end_of_last = sign, place
    strict = "".join(_segments(text, comments, commas))
    return Page(text, strict, tuple(commas), tuple(comments))


def _segments(text: str, comments: list[tuple[int, int]], commas: list[int]) -> list[str]:
    """Cut the text into what stays and the blanks for what does not."""
    blanked = sorted([*comments, *((comma, comma + 1) for comma in commas)])
    if text.startswith("\ufeff"):
        blanked.insert(0, (0, 1))
    parts, place = [], 0
    for start, end in blanked:
        hidden = text[start:end]
        parts += [text[place:start], "".join(c if c in "\r\n" else " " for c in hidden)]
        place = end
    return [*parts, text[place:]]


def _without(text: str, start: int, end: int, comments: list[tuple[int, int]]) -> str:
    """Return what stands between two places besides the comments seen last."""
    parts: list[str] = []
    for first, behind in reversed(comments):
        if first < start:
            break
        parts.append(text[behind:end])
        end = first
    return text[start:end] + "".join(parts)


def _comment_end(text: str, start: int) -> int:
    if text.startswith("//", start):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        return end - 1 if text[end - 1 : end + 1] == "\r\n" else end
    if text.startswith("/*", start):
        end = text.find("*/", start + 2)
        if end >= 0:
            return end + 2
        raise Unreadable(f"line {_line(text, start)}: a comment that never ends")
    raise Unreadable(f"line {_line(text, start)}: a stray slash")


def _string_end(text: str, start: int) -> int:
    place = start + 1
    while (match := _IN_STRING.search(text, place)) is not None:
        if match.group() == '"':
            return match.end()
        if match.group() == "\n":
            break
        place = match.end() + 1
    raise Unreadable(f"line {_line(text, start)}: a string that never ends")


def parse(page: Page) -> Value:
    """Return a page's value; without one, an empty object. Raises Unreadable."""
    if page.root is None:
        return {}
    try:
        return json.loads(page.strict, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {error.lineno}: {error.msg.lower()}") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("it holds a number or a depth that JSON has not") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _value_end(strict: str, start: int) -> int:
    """Return where the value that starts here ends."""
    if strict[start] == '"':
        return _string_end(strict, start)
    if strict[start] not in "{[":
        place = start
        while place < len(strict) and strict[place] not in ",]} \t\r\n":
            place += 1
        return place
    depth, place = 0, start
    while (match := _TELLING.search(strict, place)) is not None:
        place = match.end()
        match match.group():
            case '"':
                place = _string_end(strict, match.start())
            case "{" | "[":
                depth += 1
            case "}" | "]":
                depth -= 1
                if not depth:
                    return place
    raise Unreadable("a bracket that is never closed")  # pragma: no cover  json saw it first


def box_at(strict: str, start: int) -> Box:
    """Read one level of an object or an array."""
    keyed = strict[start] == "{"
    entries = []
    place = past(strict, start + 1, SPACE)
    while strict[place] not in "}]":
        first, name = place, None
        if keyed:
            key_end = _string_end(strict, place)
            name = json.loads(strict[place:key_end])
            place = past(strict, past(strict, key_end, SPACE) + 1, SPACE)  # over the colon
        end = _value_end(strict, place)
        entries.append(Entry(name, first, place, end))
        place = past(strict, end, SPACE)
        if strict[place] == ",":
            place = past(strict, place + 1, SPACE)
    return Box(start, place, tuple(entries))


def named(box: Box, name: str) -> Entry | None:
    """Return the member of that name. Raises Unfit where there are several."""
    found = [entry for entry in box.entries if entry.name == name]
    if len(found) > 1:
        raise Unfit(f"`{name}` stands in it twice")
    return found[0] if found else None


def reach(page: Page, names: Path) -> tuple[Box, int]:
    """Follow names as far as they lead: the last container, and how many names led there."""
    assert page.root is not None
    if page.strict[page.root] not in "{[":
        raise Unfit("the whole of it is not a mapping")
    box = box_at(page.strict, page.root)
    for depth, name in enumerate(names):
        entry = named(box, name)
        if entry is None:
            return box, depth
        if page.strict[entry.value] not in "{[":
            raise Unfit(f"{dotted(names[: depth + 1])} is not a mapping or a list")
        box = box_at(page.strict, entry.value)
    return box, len(names)
