"""Code through tree-sitter: definitions, references, imports, and the passages they make.

One query a language (queries/*.scm) runs once over the tree. Its captures:

- `@class @type @function @module @container` lie around a `@name` and get passages; `@container`
  (an impl block, an extension) defines nothing itself
- `@constant @alias @signature @namespace` are definitions inside another's passage
- `@owner` is the type that a method belongs to where it does not lie in it
- `@ref` is a name in use; `@from` an imported module and `@import` a name from it; `@use` a whole
  import statement, read by imports.py
- `(#set! name "…")` names what has no name in the source
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import tree_sitter

from satchel.context.ingest.blocks import LINES
from satchel.context.ingest.imports import read_use
from satchel.context.ingest.languages import BY_NAME
from satchel.context.ingest.layout import LONG, Layout, Unit, lay_out
from satchel.context.ingest.trees import grammar, grow
from satchel.context.types import Definition, EntityKind, Import, Passage, Reference

KINDS: Mapping[str, EntityKind | None] = {
    "function": EntityKind.FUNCTION,
    "class": EntityKind.CLASS,
    "type": EntityKind.TYPE,
    "module": EntityKind.MODULE,
    "container": None,
    "signature": EntityKind.FUNCTION,
    "alias": EntityKind.TYPE,
    "namespace": EntityKind.MODULE,
    "constant": EntityKind.CONSTANT,
}
_PRIORITY = {capture: place for place, capture in enumerate(KINDS)}
_WITH_PASSAGE = frozenset({"function", "class", "type", "module", "container"})
_TYPES = frozenset({"class", "type", "container"})
_SCOPES = _WITH_PASSAGE | {"constant"}

# Nodes that belong to the definition inside them: decorators, `export`, `template <…>`.
_WRAPPERS = frozenset(
    {"decorated_definition", "export_statement", "lexical_declaration", "variable_declaration"}
    | {"template_declaration", "expression_statement", "ambient_declaration"}
)
_LISTS = frozenset({"lexical_declaration", "variable_declaration"})
_NOISE = frozenset({"prototype", "exports", "module", "this", "window", "self", "globalThis"})
_GENERICS = re.compile(r"<[^<>]*>")
_SEPARATORS = re.compile(r"::|->|\.")
_NAME_LIMIT = 200  # characters

ERRORS_AT_MOST = 0.5  # of the bytes, where no function was found


@dataclass(frozen=True, slots=True)
class Code:
    """What a code file gave. Indices of passages are into `passages`."""

    passages: tuple[Passage, ...]
    definitions: tuple[Definition, ...]
    references: tuple[Reference, ...]
    imports: tuple[Import, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A definition as the query matched it; bytes tell what lies in what, lines are 1-based."""

    capture: str
    name: str
    owner: str
    first_byte: int
    last_byte: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Matches:
    """Everything that the query matched in one tree."""

    found: list[_Found]
    uses: list[tuple[int, str]]  # line, name
    imports: tuple[Import, ...]
    broken: int  # bytes that did not parse


@dataclass(slots=True)
class _Entry:
    """A definition in its place among the others, while that is being worked out."""

    found: _Found
    parent: int
    symbol: str
    kind: EntityKind | None
    functions: bool = False  # whether functions lie in it
    unit: int = -1


def parse_code(text: str, language: str) -> Code | None:
    """Read one file's text, its lines ended by newlines; None where it does not parse as that."""
    source = text.encode("utf-8", "replace")
    tree = grow(source, language)
    if tree is None:
        return None
    matches = _collect(tree.root_node, grammar(language)[1], source, language)
    lost = matches.broken > ERRORS_AT_MOST * len(source)
    if lost and not any(found.capture == "function" for found in matches.found):
        return None
    entries = _nest(matches.found)
    units = _units(entries)
    layout = lay_out(text.split("\n"), units, BY_NAME[language].comments)
    return Code(
        layout.passages,
        tuple(_definitions(entries, layout)),
        _references(matches.uses, layout),
        matches.imports,
    )


def _collect(
    root: tree_sitter.Node, query: tree_sitter.Query, source: bytes, language: str
) -> _Matches:
    """Run the query over the tree and take from it what later stages need."""
    found: list[_Found] = []
    uses: list[tuple[int, int, bytes]] = []
    named: set[int] = set()
    modules: dict[str, list[str]] = {}
    broken = broken_to = 0
    for pattern, captures in tree_sitter.QueryCursor(query).matches(root):
        if "ref" in captures:
            for node in captures["ref"]:
                first = node.start_byte
                uses.append((node.start_point[0], first, source[first : node.end_byte]))
        elif "from" in captures:
            names = modules.setdefault(_text(captures["from"][0], source), [])
            names.extend(_text(name, source) for name in captures.get("import", ()))
        elif "use" in captures:
            for node in captures["use"]:
                for use in read_use(language, _text(node, source)):
                    modules.setdefault(use.module, []).extend(use.names)
        elif "error" in captures:
            for node in captures["error"]:
                broken += max(0, node.end_byte - max(broken_to, node.start_byte))
                broken_to = max(broken_to, node.end_byte)
        else:
            named.update(node.start_byte for node in captures.get("name", ()))
            settings = query.pattern_settings(pattern)
            found.extend(_found(captures, source, settings.get("name") or ""))
    return _Matches(
        found,
        [(row + 1, name.decode("utf-8", "replace")) for row, at, name in uses if at not in named],
        tuple(
            Import(module.strip("\"'")[:_NAME_LIMIT], tuple(dict.fromkeys(names)))
            for module, names in modules.items()
        ),
        broken,
    )


def _text(node: tree_sitter.Node, source: bytes) -> str:
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _found(
    captures: Mapping[str, Sequence[tree_sitter.Node]], source: bytes, given: str
) -> Iterator[_Found]:
    """Read the one definition of a match."""
    capture = next(capture for capture in KINDS if capture in captures)
    node = captures[capture][0]
    name, owner = given, ""
    if "name" in captures:
        spelled = _text(captures["name"][0], source)
        if capture == "namespace":
            name = spelled
        else:
            name, owner = plain_name(spelled)
    if "owner" in captures:
        owner = _text(captures["owner"][0], source)
    if not name:
        return
    first, last, outer = node.start_point[0], node.end_point[0], node.parent
    if node.end_point[1] == 0 and last > first:
        last -= 1  # the node ends with its line's end
    while outer is not None and outer.type in _WRAPPERS:
        if outer.type in _LISTS and outer.named_child_count > 1:
            break  # one declarator of several
        first, outer = outer.start_point[0], outer.parent
    yield _Found(capture, name, owner, node.start_byte, node.end_byte, first + 1, last + 1)


def plain_name(spelled: str) -> tuple[str, str]:
    """Split a definition's name as spelled into its own name and its owner's, or "".

    `Foo.prototype.bar`, `Foo<T>::bar` and `exports.Foo.bar` all give ("bar", "Foo").
    """
    spelled = "".join(spelled.split())[:_NAME_LIMIT]
    if spelled.startswith(("[", '"', "'")) or not any(map(str.isalnum, spelled)):
        return spelled.strip("\"'"), ""
    scope, operator, sign = spelled.rpartition("operator")
    if operator and (not scope or scope.endswith("::")) and not sign[:1].isidentifier():
        name, path = operator + sign, scope
    else:
        name, path = "", spelled
    while path != (bare := _GENERICS.sub("", path)):
        path = bare
    parts = [part for part in _SEPARATORS.split(path) if part and part not in _NOISE]
    if not name:
        name = parts.pop().lstrip("#") if parts else path
    return name, parts[-1] if parts else ""


def _nest(found: list[_Found]) -> list[_Entry]:
    """Put definitions in their places, outer before inner; drop what lies inside a function.

    A function of more than LONG lines keeps the functions in it, or it would swallow a file.
    """
    entries: list[_Entry] = []
    stack: list[int] = []
    seen: set[tuple[int, int, str]] = set()
    constants: set[str] = set()
    for one in sorted(
        found, key=lambda one: (one.first_byte, -one.last_byte, _PRIORITY[one.capture])
    ):
        span = (one.first_byte, one.last_byte, one.name)
        if span in seen:
            continue
        seen.add(span)
        while stack and not _holds(entries[stack[-1]].found, one):
            stack.pop()
        parent = entries[stack[-1]] if stack else None
        in_function = parent is not None and parent.found.capture == "function"
        if in_function and parent is not None:
            short = parent.found.end - parent.found.start < LONG
            if short or one.capture not in _WITH_PASSAGE:
                continue
        path = [parent.symbol] if parent else []
        if one.owner and not (parent and parent.found.name == one.owner):
            path.append(one.owner)
        symbol = ".".join([*path, one.name])
        if one.capture == "constant":
            if symbol in constants:
                continue
            constants.add(symbol)
        kind = KINDS[one.capture]
        held = parent is not None and parent.found.capture in _TYPES | {"constant"}
        if kind is EntityKind.FUNCTION and (held or one.owner):
            kind = EntityKind.METHOD
        if entries and _renames(entries[-1].found, one):
            entries.pop()
        inside = stack[-1] if stack else -1
        entries.append(
            _Entry(one, inside, one.name if one.capture == "namespace" else symbol, kind)
        )
        if one.capture == "function":
            while inside != -1:
                entries[inside].functions = True
                inside = entries[inside].parent
        if one.capture in _SCOPES:
            stack.append(len(entries) - 1)
    return entries


def _holds(outer: _Found, inner: _Found) -> bool:
    """Tell whether one lies in the other; two names of one statement stand side by side."""
    if (outer.first_byte, outer.last_byte) == (inner.first_byte, inner.last_byte):
        return False
    return inner.first_byte < outer.last_byte


def _renames(outer: _Found, inner: _Found) -> bool:
    """Tell whether one is C's `typedef struct name {…} name` around the other."""
    return outer.capture == "alias" and outer.name == inner.name and _holds(outer, inner)


def _units(entries: list[_Entry]) -> list[Unit]:
    """Decide which definitions get passages of their own, and note that on the entries."""
    units: list[Unit] = []
    for entry in entries:
        found = entry.found
        parent = entry.parent
        small = not entry.functions and found.end - found.start < LINES
        within_type = parent != -1 and entries[parent].found.capture in _TYPES
        if found.capture not in _WITH_PASSAGE or (
            small and within_type and found.capture in _TYPES
        ):
            continue
        while parent != -1 and entries[parent].unit == -1:
            parent = entries[parent].parent
        inside = entries[parent].unit if parent != -1 else -1
        entry.unit = len(units)
        units.append(Unit(entry.kind, entry.symbol, found.name, found.start, found.end, inside))
    return units


def _definitions(entries: list[_Entry], layout: Layout) -> Iterator[Definition]:
    """Give every entry that defines something its lines and its passage."""
    for entry in entries:
        if entry.kind is None or not layout.passages:
            continue
        found = entry.found
        name = found.name.rpartition(".")[2] if found.capture == "namespace" else found.name
        if entry.unit == -1:
            start, passage = found.start, max(layout.by_line[found.start], 0)
        else:
            start, passage = layout.starts[entry.unit], layout.first[entry.unit]
        yield Definition(entry.kind, name, entry.symbol, start, found.end, passage)


def _references(uses: list[tuple[int, str]], layout: Layout) -> tuple[Reference, ...]:
    """Count the names in use by passage."""
    counts: dict[tuple[int, str], int] = {}
    by_line = layout.by_line
    for line, name in uses:
        passage = by_line[line]
        if passage != -1 and 1 < len(name) <= _NAME_LIMIT:
            key = (passage, name)
            counts[key] = counts.get(key, 0) + 1
    return tuple(Reference(name, passage, count) for (passage, name), count in counts.items())
