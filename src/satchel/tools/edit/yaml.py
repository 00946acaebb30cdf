"""YAML's block style, edited by splicing its text. PyYAML reads it and tells the places.

What it cannot do it refuses: several documents, a mapping that is an alias, a key that stands
twice. Only a mapping's member is ever added.
"""

from __future__ import annotations

import json
import re
from typing import Final

import yaml

from satchel.tools.edit.change import (
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
    nested,
    with_change,
    without,
)

STEP: Final = "  "
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_/-]*\Z")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def read(text: str) -> Value:
    """Parse; an empty document is an empty mapping. Raises Unreadable."""
    try:
        value = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise Unreadable(f"{where}{error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise Unreadable("it is not YAML that can be read") from error
    return {} if value is None else value


def put(text: str, change: Change) -> tuple[str, Trace]:
    """Work a member in. Raises Unreadable and Unfit; a list cannot be added to."""
    if isinstance(change, Append):
        raise Unfit("lists are not edited in YAML")
    value = read(text)
    wanted = with_change(_filled(value, change.path[:-1]), change)
    root = _root(text)
    if root is None:
        told = _block(change.path, change.value, "", text)
        return checked(text + _lead(text) + told, [wanted], read), Trace(
            len(change.path), hollow=text
        )
    node, depth, key = root, 0, None
    for name in change.path:
        found = _member(node, name)
        if found is None:
            break
        key, inner = found
        if depth == len(change.path) - 1:
            start, end = _span(text, key, inner)
            told = _block(change.path[depth:], change.value, " " * key.start_mark.column, text)
            changed = text[:start] + told + text[end:]
            return checked(changed, [wanted], read), Trace(replaced=text[start:end])
        depth += 1
        if isinstance(inner, yaml.ScalarNode) and not inner.value:
            changed = _below(text, key, inner, change.path[depth:], change.value)
            made = len(change.path) - 1 - depth
            return checked(changed, [wanted], read), Trace(made, hollow=_lead(text))
        if not isinstance(inner, yaml.MappingNode) or inner.start_mark.index < key.end_mark.index:
            raise Unfit(f"{dotted(change.path[:depth])} is not a mapping of its own")
        node = inner
    changed = _into(text, node, change.path[depth:], change.value)
    hollow = None if node.flow_style else _lead(text) or None
    if not node.value:
        hollow = text[node.start_mark.index + 1 : node.end_mark.index - 1]
    return checked(changed, [wanted], read), Trace(len(change.path) - 1 - depth, hollow)


def drop(text: str, change: Change, trace: Trace) -> str:
    """Take a member out, or put back what it took the place of."""
    value = read(text)
    names = change.path
    node: yaml.Node | None = _root(text)
    if isinstance(change, Append) or node is None:
        return text
    way: list[tuple[yaml.MappingNode, yaml.Node, yaml.Node]] = []
    for name in names:
        found = _member(node, name) if isinstance(node, yaml.MappingNode) else None
        if found is None:
            return text
        assert isinstance(node, yaml.MappingNode)
        way.append((node, *found))
        node = found[1]
    holder, key, inner = way[-1]
    if trace.replaced is not None:
        start, end = _span(text, key, inner)
        put_back = text[:start] + trace.replaced + text[end:]
        read(put_back)
        return put_back
    depth, made = len(way) - 1, trace.made
    while made and depth and len(way[depth][0].value) == 1:
        depth, made = depth - 1, made - 1
    holder, key, inner = way[depth]
    if holder.flow_style:
        changed = _flow_less(text, holder, key, inner, trace)
    else:
        start, end = _span(text, key, inner)
        above, below = text[:start], text[end:]
        hollow = trace.hollow or ""
        alone, root_made = len(holder.value) == 1, depth == 0 and made > 0
        if alone and root_made:
            fresh = above.startswith(hollow) and not below.strip()
            above = hollow if fresh else above
        elif not below and hollow in ("\n", "\r\n") and above.endswith(hollow):
            above = above.removesuffix(hollow)  # it had no line end, and gets none
        if alone and depth and trace.hollow is None:
            colon = text.index(":", way[depth - 1][1].end_mark.index) + 1
            above = above[:colon] + " {}" + above[colon:]
        changed = above + below
    wanted = without(value, change, trace)
    if len(holder.value) == 1 and depth and trace.hollow is not None:
        wanted += [_emptied(one, names[:depth]) for one in wanted]
    return checked(changed, wanted, read)


def _filled(value: Value, path: Path) -> Value:
    """The same with an empty mapping where a name of the path has no value yet."""
    if not path or not isinstance(value, dict) or path[0] not in value:
        return value
    inner = value[path[0]]
    return {**value, path[0]: {} if inner is None else _filled(inner, path[1:])}


def _emptied(value: Value, path: Path) -> Value:
    """The same with nothing where an empty mapping stands: `extensions:` and no more."""
    holder = look(value, path[:-1])
    return {**value, path[-1]: None} if holder is value and not value.get(path[-1]) else value


# --- places -----------------------------------------------------------------------------------


def _root(text: str) -> yaml.MappingNode | None:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:  # pragma: no cover  read() saw it first
        raise Unreadable("it is not YAML that can be read") from error
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value):
        return None
    if not isinstance(root, yaml.MappingNode):
        raise Unfit("the whole of it is not a mapping")
    return root


def _member(node: yaml.MappingNode, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    found = [(key, value) for key, value in node.value if key.value == name]
    if len(found) > 1:
        raise Unfit(f"`{name}` stands in it twice")
    return found[0] if found else None


def _leaf_end(node: yaml.Node) -> int:
    """Return where the text of a node ends; a block's own mark is behind what follows it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _line_past(text: str, place: int) -> int:
    """Return the start of the next line, or `place` where one starts there."""
    if place and text[place - 1] == "\n":
        return place
    end = text.find("\n", place)
    return len(text) if end < 0 else end + 1


def _span(text: str, key: yaml.Node, value: yaml.Node) -> tuple[int, int]:
    """Return the lines of a member of a block. Raises Unfit where they are not its own."""
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    if text[start : key.start_mark.index].strip("\ufeff ") or value.start_mark.index < (
        key.end_mark.index
    ):
        raise Unfit(f"`{key.value}` does not stand on lines of its own")
    start += text.startswith("\ufeff", start)
    return start, _line_past(text, max(_leaf_end(value), key.end_mark.index))


def _lead(text: str) -> str:
    """Return the line end that the text's last line lacks."""
    return "" if text in ("", "\ufeff") or text.endswith("\n") else line_end(text)


# --- writing ----------------------------------------------------------------------------------


def _into(text: str, node: yaml.MappingNode, path: Path, value: Value) -> str:
    """Add a member to a mapping as its last one."""
    if node.flow_style:
        place = int(node.end_mark.index) - 1
        told = json.dumps(nested(path, value), ensure_ascii=False)[1:-1]
        lead = ", " if node.value else ""
        while text[place - 1] in " \t":
            place -= 1
        return text[:place] + lead + told + text[place:]
    column = node.value[0][0].start_mark.column
    place = _line_past(text, _leaf_end(node))
    place = _over_remarks(text, place, column)
    eol = line_end(text)
    lead = "" if text[:place].endswith("\n") else eol
    return text[:place] + lead + _block(path, value, " " * column, text) + text[place:]


def _over_remarks(text: str, place: int, column: int) -> int:
    """Go past the remarks that are indented as what is above them."""
    here = place
    while here < len(text):
        end = text.find("\n", here)
        line = text[here:] if end < 0 else text[here : end + 1]
        bare = line.lstrip(" ")
        if bare.startswith("#") and len(line) - len(bare) >= max(column, 1):
            place = here + len(line)
        elif bare.strip():
            break
        here += len(line)
    return place


def _below(text: str, key: yaml.Node, value: yaml.Node, path: Path, inner: Value) -> str:
    """Add a member below a key that has no value yet."""
    if value.end_mark.index > key.end_mark.index + 1 and value.start_mark.index != (
        value.end_mark.index
    ):
        raise Unfit(f"`{key.value}` is not a mapping")
    place = _line_past(text, key.end_mark.index)
    lead = "" if text[:place].endswith("\n") else line_end(text)
    indent = " " * key.start_mark.column + STEP
    return text[:place] + lead + _block(path, inner, indent, text) + text[place:]


def _flow_less(
    text: str, holder: yaml.MappingNode, key: yaml.Node, value: yaml.Node, trace: Trace
) -> str:
    start, end = int(key.start_mark.index), _leaf_end(value)
    index = next(i for i, pair in enumerate(holder.value) if pair[0] is key)
    if index:
        start = _leaf_end(holder.value[index - 1][1])
    elif len(holder.value) > 1:
        end = int(holder.value[1][0].start_mark.index)
    elif trace.hollow is not None:
        start, end = int(holder.start_mark.index) + 1, int(holder.end_mark.index) - 1
        return text[:start] + trace.hollow + text[end:]
    return text[:start] + text[end:]


def _block(path: Path, value: Value, indent: str, text: str) -> str:
    """Write a member as lines."""
    return "".join(line + line_end(text) for line in _told(nested(path, value), indent))


def _told(value: dict[str, Value], indent: str) -> list[str]:
    lines = []
    for name, one in value.items():
        match one:
            case dict() if one:
                lines += [f"{indent}{_scalar(name)}:", *_told(one, indent + STEP)]
            case list() if one:
                lines.append(f"{indent}{_scalar(name)}:")
                lines += [f"{indent}- {_scalar(item)}" for item in one]
            case _:
                lines.append(f"{indent}{_scalar(name)}: {_scalar(one)}")
    return lines


def _scalar(value: Value) -> str:
    if isinstance(value, str) and _PLAIN.match(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
