"""The tools of a Responses request, each laid out as a function, and what each stands for.

A model knows functions alone. So a namespace's function is called by both names joined, a tool
with free input is a function of one text, and the answer turns each call back (`Origin`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from satchel.model.dialects.fields import Fields
from satchel.model.dialects.openai import function, packed
from satchel.model.turns import Choice, Named, Tool

Kind: TypeAlias = Literal["function", "custom", "tool_search", "local_shell"]

WEB_SEARCH = frozenset(
    {
        "web_search",
        "web_search_2025_08_26",
        "web_search_preview",
        "web_search_preview_2025_03_11",
    }
)

FREE_INPUT: Mapping[str, Any] = {
    "type": "object",
    "properties": {"input": {"type": "string", "description": "The whole input, as it is."}},
    "required": ["input"],
    "additionalProperties": False,
}

SHELL = Tool(
    "local_shell",
    "Runs a command on the user's machine and returns its output.",
    {
        "type": "object",
        "properties": {
            "command": {"type": "array", "items": {"type": "string"}},
            "env": {"type": "object", "additionalProperties": {"type": "string"}},
            "timeout_ms": {"type": "integer"},
            "user": {"type": "string"},
            "working_directory": {"type": "string"},
        },
        "required": ["command"],
        "additionalProperties": False,
    },
)


@dataclass(frozen=True, slots=True)
class Origin:
    """What a function stands for: the kind of tool, and its own name and namespace."""

    kind: Kind
    name: str
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """Tools as functions, what each stands for by its function's name, and what reaches out."""

    tools: tuple[Tool, ...]
    origins: Mapping[str, Origin]
    outward: tuple[str, ...]


def joined(name: str, namespace: str | None) -> str:
    """Return the name that a model knows a function of a namespace by."""
    return f"{namespace}__{name}" if namespace else name


def offered(rows: Iterable[Fields]) -> Offered:
    """Read tools. Raises BadInput for one that only a hosted service could run."""
    tools: dict[str, Tool] = {}
    origins: dict[str, Origin] = {}
    outward: list[str] = []
    for row in rows:
        if (kind := row.need("type", str)) in WEB_SEARCH:
            outward += _search(row)
            continue
        for tool, origin in _tools(kind, row):
            if tools.setdefault(tool.name, tool) != tool:
                raise row.wrong("name", "is another tool's name too")
            origins[tool.name] = origin
    return Offered(tuple(tools.values()), origins, tuple(dict.fromkeys(outward)))


def is_silent(tool: Any) -> bool:
    """Tell whether a tool is a search that may not reach out: there is then nothing to search,
    so it is not offered to the model, and not among the tools that the answer names."""
    return (
        isinstance(tool, dict)
        and tool.get("type") in WEB_SEARCH
        and tool.get("external_web_access") is False
    )


def _search(row: Fields) -> tuple[str, ...]:
    if row.take("external_web_access", bool) is False:
        return ()
    row.only("search_context_size", "medium")
    row.harmless("search_content_types")
    row.done()
    return ("web_search",)


def _tools(kind: str, row: Fields) -> Iterable[tuple[Tool, Origin]]:
    match kind:
        case "function":
            tool = _function(row)
            return ((tool, Origin("function", tool.name)),)
        case "custom":
            tool = _custom(row)
            return ((tool, Origin("custom", tool.name)),)
        case "namespace":
            return _namespace(row)
        case "tool_search":
            if row.take("execution", str) != "client":
                raise row.wrong("execution", "can only be 'client' here: nothing else searches")
            schema = row.take("parameters", dict) or {"type": "object", "properties": {}}
            tool = Tool("tool_search", row.take("description", str) or "", schema)
            row.done()
            return ((tool, Origin("tool_search", tool.name)),)
        case "local_shell":
            row.done()
            return ((SHELL, Origin("local_shell", SHELL.name)),)
        case _:
            raise row.wrong("type", "is a tool of a hosted service, which nothing here can run")


def _namespace(row: Fields) -> list[tuple[Tool, Origin]]:
    namespace = row.need("name", str)
    described = row.take("description", str) or ""
    read: list[tuple[Tool, Origin]] = []
    for inner in row.each("tools"):
        kind = inner.word("type", "function", "custom")
        tool = _custom(inner) if kind == "custom" else _function(inner)
        origin = Origin("custom" if kind == "custom" else "function", tool.name, namespace)
        # What is said of all of them is said once, with the first.
        words = "\n\n".join(filter(None, ("" if read else described, tool.description)))
        read.append((Tool(joined(tool.name, namespace), words, tool.schema, tool.strict), origin))
    row.done()
    return read


def _common(row: Fields) -> None:
    row.harmless("defer_loading")  # every tool that was sent is offered at once
    row.only("allowed_callers", ["direct"])
    row.only("async", False)


def _function(row: Fields) -> Tool:
    _common(row)
    returned = row.take("output_schema", dict)
    tool = function(row)
    if returned is None:
        return tool
    words = f"{tool.description}\n\nReturns JSON of this schema: {packed(returned)}".strip()
    return Tool(tool.name, words, tool.schema, tool.strict)


def _custom(row: Fields) -> Tool:
    """Read a tool with free input. Its grammar is told to the model, and not enforced."""
    _common(row)
    name, words = row.need("name", str), row.take("description", str) or ""
    if (format := row.inner("format")) is not None:
        if format.word("type", "text", "grammar") == "grammar":
            syntax = format.word("syntax", "lark", "regex")
            words += f"\n\nThe input follows this {syntax}:\n{format.need('definition', str)}"
        format.done()
    row.done()
    return Tool(name, words.strip(), FREE_INPUT)


def chosen(fields: Fields, given: Offered) -> tuple[tuple[Tool, ...], Choice]:
    """Read which tools may be called: those, and whether one must be."""
    match fields.raw("tool_choice"):
        case None | "auto":
            return given.tools, "auto"
        case "none":
            return given.tools, "none"
        case "required":
            if not given.tools:
                raise fields.wrong("tool_choice", "requires a tool, and there is none")
            return given.tools, "required"
        case {"type": "allowed_tools", **rest}:
            return _allowed(Fields(rest, "tool_choice"), given)
        case dict() as choice:
            return given.tools, Named(_name(Fields(choice, "tool_choice"), given))
        case _:
            raise fields.wrong("tool_choice", "must be auto, none, required or a tool")


def _allowed(choice: Fields, given: Offered) -> tuple[tuple[Tool, ...], Choice]:
    mode = choice.word("mode", "auto", "required")
    names = {_name(row, given) for row in choice.each("tools")}
    if not names:
        raise choice.wrong("tools", "must hold a tool")
    choice.done()
    some = tuple(tool for tool in given.tools if tool.name in names)
    return some, "required" if mode == "required" else "auto"


def _name(row: Fields, given: Offered) -> str:
    kind = row.need("type", str)
    own = row.take("name", str) or kind  # a tool of which there is but one goes by its type
    name = joined(own, row.take("namespace", str))
    origin = given.origins.get(name)
    if origin is None or origin.kind != kind:
        raise row.wrong("name", "names a tool that is not among those offered")
    row.done()
    return name
