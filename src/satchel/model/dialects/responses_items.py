"""The input items of a Responses request, gathered into turns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from satchel.model.dialects.fields import Fields
from satchel.model.dialects.openai import arguments, packed, picture
from satchel.model.dialects.responses_tools import joined
from satchel.model.turns import Call, Image, Part, Result, Role, Text, Thought, Turn

ITEMS = (
    "message",
    "reasoning",
    "function_call",
    "function_call_output",
    "custom_tool_call",
    "custom_tool_call_output",
    "tool_search_call",
    "tool_search_output",
    "local_shell_call",
    "local_shell_call_output",
)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation, and the tools that a search of the client's own found in its course."""

    turns: tuple[Turn, ...]
    found: tuple[Fields, ...]


def talk(fields: Fields) -> Talk:
    """Read `input`: a text, or items of which those of one speaker in a row are one turn."""
    match fields.text_or_each("input"):
        case str() as text if text:
            return Talk((Turn("user", (Text(text),)),), ())
        case tuple() as rows if rows:
            found: list[Fields] = []
            said = [_item(row, found) for row in rows]
            return Talk(tuple(_gathered(said)), tuple(found))
        case _:
            raise fields.wrong("input", "is missing")


def _gathered(said: Iterable[tuple[Role, tuple[Part, ...]]]) -> list[Turn]:
    turns: list[Turn] = []
    for role, parts in said:
        if turns and turns[-1].role == role and role in ("assistant", "tool"):
            turns[-1] = Turn(role, turns[-1].parts + parts)
        else:
            turns.append(Turn(role, parts))
    return turns


def _item(row: Fields, found: list[Fields]) -> tuple[Role, tuple[Part, ...]]:
    kind = row.take("type", str) or "message"
    shell = kind.startswith("local_shell")
    id = row.take("id", str)
    row.harmless("status", "phase")
    row.only("caller", {"type": "direct"})
    row.only("async", False)
    role: Role = "assistant"
    parts: tuple[Part, ...]
    match kind:
        case "message":
            role, parts = _message(row)
        case "reasoning":
            parts = (_thought(row),)
        case "function_call":
            given = arguments(row.take("arguments", str) or "")
            parts = (Call(row.need("call_id", str), _name(row), given),)
        case "custom_tool_call":
            given = packed({"input": row.take("input", str) or ""})
            parts = (Call(row.need("call_id", str), _name(row), given),)
        case "tool_search_call":
            row.only("execution", "client")
            given = packed(row.take("arguments", dict) or {})
            parts = (Call(row.need("call_id", str), "tool_search", given),)
        case "local_shell_call":
            action = dict(row.take("action", dict) or {})
            action.pop("type", None)
            parts = (Call(row.need("call_id", str), "local_shell", packed(action)),)
        case "function_call_output" | "custom_tool_call_output" | "local_shell_call_output":
            role = "tool"
            called = (row.take("call_id", str) or id) if shell else row.need("call_id", str)
            if not called:
                raise row.wrong("call_id", "is missing")
            row.harmless("name", "namespace")  # the id says which call
            parts = (Result(called, _content(row, "output")),)
        case "tool_search_output":
            role = "tool"
            row.only("execution", "client")
            tools = tuple(row.each("tools"))
            found += tools
            named = "\n".join(map(_found, tools)) or "No tool was found."
            parts = (Result(row.need("call_id", str), (Text(named),)),)
        case "item_reference":
            raise row.wrong("type", "refers to what was kept, and nothing is: send the item itself")
        case _:
            raise row.wrong("type", f"can only be one of {', '.join(ITEMS)} here")
    row.done()
    return role, parts


def _name(row: Fields) -> str:
    return joined(row.need("name", str), row.take("namespace", str))


def _found(tool: Fields) -> str:
    """Return the names of what was found; the tool itself joins those of the request."""
    shown = tool.peek()
    inner = shown.get("tools")
    if shown.get("type") == "namespace" and isinstance(inner, list):
        names = [one.get("name") for one in inner if isinstance(one, dict)]
        return "\n".join(joined(str(name), str(shown.get("name"))) for name in names)
    return str(shown.get("name", ""))


def _message(row: Fields) -> tuple[Role, tuple[Part, ...]]:
    match row.need("role", str):
        case "developer" | "system":
            return "system", _content(row, "content")
        case "user":
            return "user", _content(row, "content")
        case "assistant":
            return "assistant", _content(row, "content")
        case _:
            raise row.wrong("role", "must be a developer, system, user or assistant")


def _content(row: Fields, name: str) -> tuple[Text | Image, ...]:
    match row.text_or_each(name):
        case None:
            raise row.wrong(name, "is missing")
        case str() as text:
            return (Text(text),)
        case parts:
            return tuple(map(_part, parts))


def _part(part: Fields) -> Text | Image:
    part.harmless("prompt_cache_breakpoint")
    read: Text | Image
    match part.need("type", str):
        case "input_text" | "text":
            read = Text(part.need("text", str))
        case "output_text":
            part.harmless("annotations", "logprobs")  # of an answer that was given
            read = Text(part.need("text", str))
        case "refusal":
            read = Text(part.need("refusal", str))
        case "input_image":
            part.harmless("detail")  # a local model sees a picture in one way
            part.only("file_id")
            read = picture(part, "image_url")
        case _:
            raise part.wrong("type", "can only be input_text, output_text or input_image here")
    part.done()
    return read


def _thought(row: Fields) -> Thought:
    """Read a thought: its own words where they are there, else the summary of them."""
    words = [_words(row, name) for name in ("content", "summary")]
    seal = row.take("encrypted_content", str) or ""
    return Thought(words[0] or words[1], seal)


def _words(row: Fields, name: str) -> str:
    texts: list[str] = []
    for part in row.each(name):
        part.only("type", "reasoning_text", "summary_text", "text")
        texts.append(part.need("text", str))
        part.done()
    return "\n\n".join(texts)
