"""JSON with comments and trailing commas, edited by splicing its text.

Comments and trailing commas are blanked out, character for character, so that what is left is
strict JSON of the same length: `json` reads it, and places in it are places in the original.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, NoReturn

from satchel.tools.edit.change import (
    Append,
    Change,
    Path,
    Put,
    Trace,
    Unfit,
    Unreadable,
    Value,
    checked,
    dotted,
    line_end,
    nested,
    same,
    with_change,
    without,
)

UNIT: Final = "  "  # one step of indentation where the file shows none

DEEPEST: Final = 200  # levels; no settings come near

_TELLING = re.compile(r'["{}\[\],/]')
_IN_STRING = re.compile(r'["\\\n]')
_BLANK = " \t"
_SPACE = " \t\r\n"


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
        start = _past(self.strict, 0, _SPACE)
        return start if start < len(self.strict) else None

    def trailing(self, start: int, end: int) -> int | None:
        """Return the place of a trailing comma between two places."""
        return next((place for place in self.commas if start <= place < end), None)


# --- the three functions of a format ----------------------------------------------------------


def read(text: str) -> Value:
    """Parse; a text without a value is an empty object. Raises Unreadable."""
    return _parse(_page(text))


def put(text: str, change: Change) -> tuple[str, Trace]:
    """Work a change in, in the manner of what stands around it. Raises Unreadable and Unfit."""
    page = _page(text)
    wanted = with_change(_parse(page), change)
    names = change.path if isinstance(change, Append) else change.path[:-1]
    if page.root is None:
        made, trace = _begin(page, change)
        return checked(made, [wanted], read), trace
    box, depth = _reach(page, names)
    if depth < len(names):  # the rest of the way has to be made
        inner = [change.value] if isinstance(change, Append) else change.value
        rest = change.path[depth + 1 :]
        name, value, made_here = names[depth], nested(rest, inner), len(names) - depth
    elif isinstance(change, Append):
        name, value, made_here = None, change.value, 0
    else:
        name, value, made_here = change.path[-1], change.value, 0
        entry = _named(box, name)
        if entry is not None:
            told = _rendered(page, value, _indent_of(page.text, entry.start), _spread(page, entry))
            changed = text[: entry.value] + told + text[entry.end :]
            trace = Trace(replaced=text[entry.value : entry.end])
            return checked(changed, [wanted], read), trace
    hollow = text[box.open + 1 : box.close] if not box.entries else None
    changed = _insert(page, box, name, value)
    return checked(changed, [wanted], read), Trace(made_here, hollow)


def drop(text: str, change: Change, trace: Trace) -> str:
    """Take a change out, and the containers that were made for it where they hold nothing else."""
    page = _page(text)
    before = _parse(page)
    names = change.path if isinstance(change, Append) else change.path[:-1]
    if page.root is None:
        return text
    box, depth = _reach(page, names)
    found = _found(page, box, change) if depth == len(names) else None
    if found is None:
        return text
    entry = box.entries[found]
    if trace.replaced is not None:
        put_back = text[: entry.value] + trace.replaced + text[entry.end :]
        read(put_back)
        return put_back
    changed = _remove(page, box, found)
    made = trace.made
    while made and names:
        page = _page(changed)
        box, depth = _reach(page, names)
        if box.entries or _remarks(page, box):
            break
        parent, _ = _reach(page, names[:-1])
        index = next(i for i, one in enumerate(parent.entries) if one.name == names[-1])
        changed, names, made = _remove(page, parent, index), names[:-1], made - 1
    else:
        changed = _hollowed(_page(changed), names, made, trace.hollow)
    return checked(changed, without(before, change, trace), read)


# --- reading ----------------------------------------------------------------------------------


def _page(text: str) -> Page:
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
        filled = bool(_without(text, end_of_last, here, comments).strip(_SPACE + "\ufeff"))
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
    strict = list(_segments(text, comments, commas))
    return Page(text, "".join(strict), tuple(commas), tuple(comments))


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
    for first, past in reversed(comments):
        if first < start:
            break
        parts.append(text[past:end])
        end = first
    return text[start:end] + "".join(parts)


def _comment_end(text: str, start: int) -> int:
    if text.startswith("//", start):
        ends = [end for end in (text.find("\n", start), len(text)) if end >= 0]
        end = min(ends)
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


def _parse(page: Page) -> Value:
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


def _past(text: str, place: int, signs: str) -> int:
    """Return the first place at or after `place` whose character is not one of `signs`."""
    while place < len(text) and text[place] in signs:
        place += 1
    return place


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


def _box(strict: str, start: int) -> Box:
    """Read one level of an object or an array."""
    keyed = strict[start] == "{"
    entries = []
    place = _past(strict, start + 1, _SPACE)
    while strict[place] not in "}]":
        first, name = place, None
        if keyed:
            past = _string_end(strict, place)
            name = json.loads(strict[place:past])
            place = _past(strict, _past(strict, past, _SPACE) + 1, _SPACE)  # over the colon
        end = _value_end(strict, place)
        entries.append(Entry(name, first, place, end))
        place = _past(strict, end, _SPACE)
        if strict[place] == ",":
            place = _past(strict, place + 1, _SPACE)
    return Box(start, place, tuple(entries))


def _named(box: Box, name: str) -> Entry | None:
    named = [entry for entry in box.entries if entry.name == name]
    if len(named) > 1:
        raise Unfit(f"`{name}` stands in it twice")
    return named[0] if named else None


def _reach(page: Page, names: Path) -> tuple[Box, int]:
    """Follow names as far as they lead: the last container, and how many names led there."""
    assert page.root is not None
    if page.strict[page.root] not in "{[":
        raise Unfit("the whole of it is not a mapping")
    box = _box(page.strict, page.root)
    for depth, name in enumerate(names):
        entry = _named(box, name)
        if entry is None:
            return box, depth
        if page.strict[entry.value] not in "{[":
            raise Unfit(f"{dotted(names[: depth + 1])} is not a mapping or a list")
        box = _box(page.strict, entry.value)
    return box, len(names)


def _found(page: Page, box: Box, change: Change) -> int | None:
    """Return the index of what a change put there."""
    for index, entry in enumerate(box.entries):
        if isinstance(change, Put):
            if entry.name == change.path[-1]:
                return index
        elif same(json.loads(page.strict[entry.value : entry.end]), change.value):
            return index
    return None


# --- writing ----------------------------------------------------------------------------------


def _begin(page: Page, change: Change) -> tuple[str, Trace]:
    """Write the value into a text that holds none, below its comments."""
    inner = [change.value] if isinstance(change, Append) else change.value
    eol = line_end(page.text)
    told = json.dumps(nested(change.path, inner), indent=UNIT, ensure_ascii=False)
    lead = "" if page.text.strip("\ufeff \t") == "" or page.text.endswith("\n") else eol
    depth = len(change.path) + isinstance(change, Append)
    text = page.text + lead + told.replace("\n", eol) + eol
    return text, Trace(made=depth, hollow=page.text)


def _insert(page: Page, box: Box, name: str | None, value: Value) -> str:
    """Add a member or an element as the last one."""
    text = page.text
    if not box.entries:
        return _insert_first(page, box, name, value)
    last = box.entries[-1]
    comma = page.trailing(last.end, box.close)
    after = last.end if comma is None else comma + 1
    spread = _spread(page, last)
    indent = _indent_of(text, last.start)
    entry = _member(page, name, value, indent, spread)
    if not spread:
        told = f", {entry}" if comma is None else f" {entry},"
        return text[:after] + told + text[after:]
    below = _end_of_line(page, after, box.close)
    told = line_end(text) + indent + entry + ("" if comma is None else ",")
    separator = "," if comma is None else ""
    return text[:after] + separator + text[after:below] + told + text[below:]


def _insert_first(page: Page, box: Box, name: str | None, value: Value) -> str:
    text = page.text
    remarks = _remarks(page, box)
    start = remarks[-1][1] if remarks else box.open + 1
    tail = text[start : box.close]
    if "\n" not in text.strip(_SPACE) and box.open != page.root:
        return text[:start] + _member(page, name, value, "", False) + text[start:]
    outer = _indent_of(text, box.open)
    eol = line_end(text)
    indent = outer + _unit(page)
    entry = _member(page, name, value, indent, True)
    below = tail if "\n" in tail else eol + outer
    return text[:start] + eol + indent + entry + below + text[box.close :]


def _member(page: Page, name: str | None, value: Value, indent: str, spread: bool) -> str:
    told = _rendered(page, value, indent, spread)
    return told if name is None else f"{json.dumps(name, ensure_ascii=False)}: {told}"


def _rendered(page: Page, value: Value, indent: str, spread: bool) -> str:
    if not spread:
        return json.dumps(value, ensure_ascii=False)
    told = json.dumps(value, indent=_unit(page), ensure_ascii=False)
    return told.replace("\n", line_end(page.text) + indent)


def _unit(page: Page) -> str:
    """Return one step of indentation: that of the first member that begins a line."""
    assert page.root is not None
    for entry in _box(page.strict, page.root).entries:
        if _spread(page, entry):
            return _indent_of(page.text, entry.start) or UNIT
    return UNIT


def _spread(page: Page, entry: Entry) -> bool:
    """Tell whether an entry begins a line of its own."""
    line = page.text.rfind("\n", 0, entry.start)
    return line >= 0 and not page.text[line + 1 : entry.start].strip(_BLANK)


def _indent_of(text: str, place: int) -> str:
    line = text.rfind("\n", 0, place) + 1
    return text[line : _past(text, line, _BLANK)]


def _remarks(page: Page, box: Box) -> list[tuple[int, int]]:
    return [span for span in page.comments if box.open < span[0] < box.close]


def _end_of_line(page: Page, place: int, limit: int) -> int:
    """Return the end of the line, or of the remarks before a bracket on it, if nothing but blanks
    and remarks is in between; else `place`."""
    ends = dict(page.comments)
    here = remarked = place
    while True:
        here = _past(page.text, here, _BLANK)
        if here >= limit:
            return remarked
        if page.text[here] in "\r\n":
            return here
        end = ends.get(here)
        if end is None:
            return place
        here = remarked = end


def _remove(page: Page, box: Box, index: int) -> str:
    """Take an entry out with its comma, and its line where nothing else stands on it."""
    text, entry = page.text, box.entries[index]
    is_last = index == len(box.entries) - 1
    comma = page.trailing(entry.end, box.close)
    if not is_last:
        comma = page.strict.index(",", entry.end)
    end = entry.end if comma is None else comma + 1
    start = entry.start
    if _spread(page, entry):
        rest = _past(text, end, _BLANK)
        if rest >= len(text) or text[rest] in "\r\n" or rest == box.close:
            start = text.rfind("\n", 0, start)
            start -= text[start - 1 : start] == "\r"
            end = rest if rest < len(text) and text[rest] in "\r\n" else end
        else:
            end = rest  # a remark of the user's stays, on the line where it was
    elif index == 0 and comma is not None:
        end = _past(text, end, _BLANK)
    elif index:
        start = _after_comma(text, start)
    if is_last and comma is None and index:
        before = page.strict.index(",", box.entries[index - 1].end)
        return text[:before] + text[before + 1 : start] + text[end:]
    return text[:start] + text[end:]


def _after_comma(text: str, start: int) -> int:
    """Return the place right behind the comma before an entry, if blanks alone are between."""
    place = start
    while text[place - 1] in _BLANK:
        place -= 1
    return place if text[place - 1] == "," else start


def _hollowed(page: Page, names: Path, made: int, hollow: str | None) -> str:
    """Put back the blanks of a container that a change was the first in."""
    text = page.text
    if hollow is None or page.root is None:
        return text
    box, depth = _reach(page, names)
    if depth < len(names) or box.entries:
        return text
    if made:  # the whole value was made for it
        fresh = text[: box.open].startswith(hollow) and not text[box.close + 1 :].strip(_SPACE)
        return hollow if fresh else text[: box.open] + "{}" + text[box.close + 1 :]
    inside = text[box.open + 1 : box.close]
    if inside.strip(_SPACE) != hollow.strip(_SPACE):
        return text
    return text[: box.open + 1] + hollow + text[box.close :]
