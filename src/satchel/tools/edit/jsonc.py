"""JSON with comments and trailing commas, edited by splicing its text."""

from __future__ import annotations

import json
from typing import Final

from satchel.tools.edit.change import (
    Append,
    Change,
    Path,
    Put,
    Trace,
    Value,
    checked,
    line_end,
    nested,
    past,
    same,
    with_change,
    without,
)
from satchel.tools.edit.jsonc_page import (
    BLANK,
    SPACE,
    Box,
    Entry,
    Page,
    box_at,
    named,
    page_of,
    parse,
    reach,
)

UNIT: Final = "  "  # one step of indentation where the file shows none


def read(text: str) -> Value:
    """Parse; a text without a value is an empty object. Raises Unreadable."""
    return parse(page_of(text))


def put(text: str, change: Change) -> tuple[str, Trace]:
    """Work a change in, in the manner of what stands around it. Raises Unreadable and Unfit."""
    page = page_of(text)
    wanted = with_change(parse(page), change)
    names = change.path if isinstance(change, Append) else change.path[:-1]
    if page.root is None:
        made, trace = _begin(page, change)
        return checked(made, [wanted], read), trace
    box, depth = reach(page, names)
    if depth < len(names):  # the rest of the way has to be made
        inner = [change.value] if isinstance(change, Append) else change.value
        rest = change.path[depth + 1 :]
        name, value, made_here = names[depth], nested(rest, inner), len(names) - depth
    elif isinstance(change, Append):
        name, value, made_here = None, change.value, 0
    else:
        name, value, made_here = change.path[-1], change.value, 0
        entry = named(box, name)
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
    page = page_of(text)
    before = parse(page)
    names = change.path if isinstance(change, Append) else change.path[:-1]
    if page.root is None:
        return text
    box, depth = reach(page, names)
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
        page = page_of(changed)
        box, depth = reach(page, names)
        if box.entries or _remarks(page, box):
            break
        parent, _ = reach(page, names[:-1])
        index = next(i for i, one in enumerate(parent.entries) if one.name == names[-1])
        changed, names, made = _remove(page, parent, index), names[:-1], made - 1
    else:
        changed = _hollowed(page_of(changed), names, made, trace.hollow)
    return checked(changed, without(before, change, trace), read)


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
    if "\n" not in text.strip(SPACE) and box.open != page.root:
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
    for entry in box_at(page.strict, page.root).entries:
        if _spread(page, entry):
            return _indent_of(page.text, entry.start) or UNIT
    return UNIT


def _spread(page: Page, entry: Entry) -> bool:
    """Tell whether an entry begins a line of its own."""
    line = page.text.rfind("\n", 0, entry.start)
    return line >= 0 and not page.text[line + 1 : entry.start].strip(BLANK)


def _indent_of(text: str, place: int) -> str:
    line = text.rfind("\n", 0, place) + 1
    return text[line : past(text, line, BLANK)]


def _remarks(page: Page, box: Box) -> list[tuple[int, int]]:
    return [span for span in page.comments if box.open < span[0] < box.close]


def _end_of_line(page: Page, place: int, limit: int) -> int:
    """Return the end of the line, or of the remarks before a bracket on it, if nothing but blanks
    and remarks is in between; else `place`."""
    ends = dict(page.comments)
    here = remarked = place
    while True:
        here = past(page.text, here, BLANK)
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
        rest = past(text, end, BLANK)
        if rest >= len(text) or text[rest] in "\r\n" or rest == box.close:
            start = text.rfind("\n", 0, start)
            start -= text[start - 1 : start] == "\r"
            end = rest if rest < len(text) and text[rest] in "\r\n" else end
        else:
            end = rest  # a remark of the user's stays, on the line where it was
    elif index == 0 and comma is not None:
        end = past(text, end, BLANK)
    elif index:
        start = _after_comma(text, start)
    if is_last and comma is None and index:
        before = page.strict.index(",", box.entries[index - 1].end)
        return text[:before] + text[before + 1 : start] + text[end:]
    return text[:start] + text[end:]


def _after_comma(text: str, start: int) -> int:
    """Return the place right behind the comma before an entry, if blanks alone are between."""
    place = start
    while text[place - 1] in BLANK:
        place -= 1
    return place if text[place - 1] == "," else start


def _hollowed(page: Page, names: Path, made: int, hollow: str | None) -> str:
    """Put back the blanks of a container that a change was the first in."""
    text = page.text
    if hollow is None or page.root is None:
        return text
    box, depth = reach(page, names)
    if depth < len(names) or box.entries:
        return text
    if made:  # the whole value was made for it
        fresh = text[: box.open].startswith(hollow) and not text[box.close + 1 :].strip(SPACE)
        return hollow if fresh else text[: box.open] + "{}" + text[box.close + 1 :]
    inside = text[box.open + 1 : box.close]
    if inside.strip(SPACE) != hollow.strip(SPACE):
        return text
    return text[: box.open + 1] + hollow + text[box.close :]
