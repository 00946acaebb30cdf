"""TOML, edited by splicing its text: tables are written as a section of their own at the end.

`tomllib` reads the text, before and after; a small scanner, which may assume that the text is
valid, tells where each header and each pair stands.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Final

from satchel.tools.edit.change import (
    MISSING,
    Append,
    Change,
    Path,
    Trace,
    Unfit,
    Unreadable,
    Value,
    checked,
    dotted,
    line_end,
    look,
    past,
    with_change,
    without,
)

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_QUOTES: Final = ('"""', "'''", '"', "'")
_BLANK = " \t"


@dataclass(frozen=True, slots=True)
class Line:
    """A header (`value` is None) or a pair: its whole path, and the places of its text.

    `start` is that of its line; `end` is behind its line end; `value` is where a pair's value
    stands.
    """

    path: Path
    start: int
    end: int
    value: tuple[int, int] | None


def read(text: str) -> Value:
    """Parse. Raises Unreadable."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(str(error)[:1].lower() + str(error)[1:]) from error
    except RecursionError as error:
        raise Unreadable("it is nested too deep") from error


def put(text: str, change: Change) -> tuple[str, Trace]:
    """Work a table in. Raises Unreadable and Unfit; a list cannot be added to."""
    if isinstance(change, Append):
        raise Unfit("lists are not edited in TOML")
    value = read(text)
    wanted = with_change(value, change)
    lines = _lines(text)
    found = look(value, change.path)
    if found is not MISSING:
        start, end, inline = _span(text, lines, change.path)
        told = _inline(change.value) if inline else _section(change.path, change.value, text)
        changed = text[:start] + told + text[end:]
        return checked(changed, [wanted], read), Trace(replaced=text[start:end])
    if not isinstance(change.value, dict):
        return _pair(text, lines, change.path, change.value, wanted)
    gap = _gap(text)
    changed = text + gap + _section(change.path, change.value, text)
    made = sum(look(value, change.path[:depth]) is MISSING for depth in range(1, len(change.path)))
    return checked(changed, [wanted], read), Trace(made=made, hollow=gap)


def drop(text: str, change: Change, trace: Trace) -> str:
    """Take a table out, or put back what it took the place of."""
    value = read(text)
    if isinstance(change, Append) or look(value, change.path) is MISSING:
        return text
    start, end, inline = _span(text, _lines(text), change.path)
    if trace.replaced is not None:
        put_back = text[:start] + trace.replaced + text[end:]
        read(put_back)
        return put_back
    if inline:
        line = text.rfind("\n", 0, start) + 1
        start, end = line, _next_line(text, end)
    above, below = text[:start], text[end:]
    gap = trace.hollow or ""
    if gap and above.endswith(gap):
        if not below.strip():
            above = above.removesuffix(gap)
        elif gap.count("\n") > 1 or above.endswith("\n" + gap):
            above = above.removesuffix(line_end(text))
    return checked(above + below, without(value, change, trace), read)


# --- reading ----------------------------------------------------------------------------------


def _lines(text: str) -> list[Line]:
    """Tell where every header and pair of a valid text stands."""
    lines: list[Line] = []
    table: Path = ()
    place = 1 if text.startswith("\ufeff") else 0
    while place < len(text):
        start = place
        place = past(text, place, _BLANK)
        if place >= len(text):
            break
        if text[place] in "#\r\n":
            place = _next_line(text, place)
            continue
        value = None
        if text[place] == "[":
            many = text.startswith("[[", place)
            path, place = _keys(text, place + 1 + many)
            # What is below an array of tables is nobody's to be found by its path.
            table = (*path, "[]") if many else path
            whole = table
        else:
            path, place = _keys(text, place)
            first = past(text, place + 1, _BLANK)  # over the sign
            place = _value_end(text, first)
            value, whole = (first, place), (*table, *path)
        place = _next_line(text, place)
        lines.append(Line(whole, start, place, value))
    return lines


def _keys(text: str, place: int) -> tuple[Path, int]:
    """Read a dotted key up to the sign behind it."""
    names: list[str] = []
    while True:
        place = past(text, place, _BLANK + ".")
        if text[place] in "]=":
            return tuple(names), place
        end = place
        if text[place] in "\"'":
            end = _string_end(text, place)
            names.append(str(tomllib.loads(f"k = {text[place:end]}")["k"]))
        else:
            while text[end] not in "]=. \t":
                end += 1
            names.append(text[place:end])
        place = end


def _value_end(text: str, place: int) -> int:
    """Return where the value that starts here ends."""
    depth = 0
    end = place
    while place < len(text):
        sign = text[place]
        if sign in "\"'":
            place = end = _string_end(text, place)
            continue
        if sign == "#":
            if not depth:
                break
            place = _next_line(text, place)
            continue
        if sign in "\r\n" and not depth:
            break
        depth += (sign in "[{") - (sign in "]}")
        place += 1
        if sign not in " \t":
            end = place
    return end


def _string_end(text: str, place: int) -> int:
    quote = next(quote for quote in _QUOTES if text.startswith(quote, place))
    here = place + len(quote)
    while True:
        end = text.index(quote, here)
        escape = text.find("\\", here, end) if quote[0] == '"' else -1
        if escape >= 0:
            here = escape + 2
            continue
        end += len(quote)
        if len(quote) == 3:  # up to two further quotes belong to the text
            while text.startswith(quote[0], end):
                end += 1
        return end


def _next_line(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end + 1


def _span(text: str, lines: list[Line], path: Path) -> tuple[int, int, bool]:
    """Return where a path's value stands, and whether it is the value of one pair.

    A table is its header and all that follows of it, without what stands below its last pair.
    Raises Unfit where it is in several places.
    """
    ours = [index for index, line in enumerate(lines) if line.path[: len(path)] == path]
    if not ours:
        raise Unfit(f"{dotted(path)} is written in a way that cannot be edited safely")
    first, last = lines[ours[0]], lines[ours[-1]]
    if len(ours) == 1 and first.value is not None and first.path == path:
        return (*first.value, True)
    if first.value is not None or ours != list(range(ours[0], ours[-1] + 1)):
        raise Unfit(f"{dotted(path)} stands in several places of it")
    return first.start, last.end, False


# --- writing ----------------------------------------------------------------------------------


def _pair(
    text: str, lines: list[Line], path: Path, value: Value, wanted: Value
) -> tuple[str, Trace]:
    """Add a pair below the last one of a section that is there."""
    table = [line for line in lines if line.path[:-1] == path[:-1] and line.value is not None]
    table += [line for line in lines if line.path == path[:-1] and line.value is None]
    if not table:
        raise Unfit(f"{dotted(path[:-1])} is not a section of its own")
    place = max(line.end for line in table)
    eol = line_end(text)
    lead = "" if text[:place].endswith("\n") else eol
    told = f"{lead}{_key(path[-1])} = {_inline(value)}{eol}"
    return checked(text[:place] + told + text[place:], [wanted], read), Trace()


def _gap(text: str) -> str:
    """Return what sets a new section apart: a blank line, if anything is above it."""
    eol = line_end(text)
    if not text.strip("\ufeff \t\r\n"):
        return "" if text in ("", "\ufeff") or text.endswith("\n") else eol
    return eol if text.endswith("\n") else eol + eol


def _section(path: Path, value: Value, text: str) -> str:
    if not isinstance(value, dict):
        raise Unfit(f"{dotted(path)} is a section of its own")
    eol = line_end(text)
    lines = [f"[{'.'.join(map(_key, path))}]"]
    lines += [f"{_key(name)} = {_inline(one)}" for name, one in value.items()]
    return "".join(line + eol for line in lines)


def _inline(value: Value) -> str:
    match value:
        case dict():
            pairs = ", ".join(f"{_key(name)} = {_inline(one)}" for name, one in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case str():
            return _string(value)
        case _:
            return json.dumps(value)


def _key(name: str) -> str:
    return name if _BARE.match(name) else _string(name)


def _string(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
