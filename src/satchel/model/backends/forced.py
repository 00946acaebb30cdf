"""Tool calls by form, for a backend that takes a JSON schema but cannot be held to a tool.

The tools become a schema whose every value is one call, `{"name": …, "arguments": …}`, or, where
the model may also answer, `{"answer": …}`; what comes is turned back into a call as it comes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, TypeAlias

from satchel.model.turns import (
    Call,
    Form,
    Generation,
    Named,
    Part,
    Result,
    Text,
    Tool,
    Turn,
)

Piece: TypeAlias = tuple[Literal["call", "arguments", "said"], str]

HEAD_MAX: Final = 2_000  # characters until the arguments begin; then it is no stream of ours

_CALL: Final = re.compile(
    r'\s{0,64}\{\s{0,64}"name"\s{0,64}:\s{0,64}("(?:[^"\\]|\\.){0,400}")\s{0,64},'
    r'\s{0,64}"arguments"\s{0,64}:',
    re.DOTALL,
)
_ANSWER: Final = re.compile(r'\s{0,64}\{\s{0,64}"answer"\s{0,64}:\s{0,64}(?=\S)')


def emulated(generation: Generation, *, plain: bool) -> Generation:
    """Return the generation with its tools as a form; `plain` writes earlier calls as text too.

    Raises ValueError where there is no tool to call.
    """
    tools = offered(generation)
    if not tools:
        raise ValueError("no tool is offered")
    free = generation.choice == "auto"
    answer = None
    if free:
        answer = generation.form.schema if generation.form else {"type": "string"}
        answer = {"type": "object"} if answer is None else answer
    turns = plainly(generation.turns) if plain else generation.turns
    return replace(
        generation,
        turns=_told(turns, instruction(tools, free)),
        tools=(),
        choice="none",
        form=Form(schema(tools, answer), "call"),
    )


def offered(generation: Generation) -> tuple[Tool, ...]:
    """Return the tools that may be called: all, none, or the one that is named."""
    match generation.choice:
        case "none":
            return ()
        case Named(name=name):
            return tuple(tool for tool in generation.tools if tool.name == name)
        case _:
            return generation.tools


def described(tool: Tool) -> dict[str, Any]:
    """Return a tool as servers and models are told of a function."""
    return {"name": tool.name, "description": tool.description, "parameters": dict(tool.schema)}


def schema(tools: Sequence[Tool], answer: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the schema of one call of these tools, or, with a schema of it, of an answer."""
    inner: dict[str, Any] = {}

    def placed(name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Move a schema whose pointers count from its root, so that they still point there."""
        if "$ref" not in json.dumps(given):
            return given
        inner[name] = moved(given, f"#/$defs/{name}")
        return {"$ref": f"#/$defs/{name}"}

    branches = [
        _object(name={"const": tool.name}, arguments=placed(f"tool{place}", tool.schema))
        for place, tool in enumerate(tools)
    ]
    if answer is not None:
        branches.append(_object(answer=placed("answer", answer)))
    whole: dict[str, Any] = branches[0] if len(branches) == 1 else {"anyOf": branches}
    return whole | ({"$defs": inner} if inner else {})


def moved(given: Any, root: str) -> Any:
    """Return a schema whose local pointers count from `root`. Names of properties stay."""
    if isinstance(given, list):
        return [moved(each, root) for each in given]
    if not isinstance(given, Mapping):
        return given
    return {key: _moved_field(key, value, root) for key, value in given.items()}


def _moved_field(key: str, value: Any, root: str) -> Any:
    if key == "$ref" and isinstance(value, str) and value.startswith("#"):
        return root + value[1:]
    if key in ("const", "enum", "default", "example", "examples"):
        return value
    if key in _NAMED and isinstance(value, Mapping):
        return {name: moved(each, root) for name, each in value.items()}
    return moved(value, root)


_NAMED: Final = frozenset(
    {"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"}
)


def instruction(tools: Sequence[Tool], free: bool) -> str:
    """Return what tells the model of its tools and of the form."""
    listed = "\n".join(json.dumps(described(tool), ensure_ascii=False) for tool in tools)
    way = 'To answer without a tool, write {"answer": …}. ' if free else ""
    return (
        'Write one JSON object. To call a tool, write {"name": …, "arguments": {…}}. '
        f"{way}The tools:\n{listed}"
    )


def plainly(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Write calls and results as text, for a template that has no place for them."""
    names = {part.id: part.name for turn in turns for part in turn.parts if isinstance(part, Call)}
    return tuple(
        Turn(
            "user" if turn.role == "tool" else turn.role,
            tuple(plain for part in turn.parts for plain in _as_text(part, names)),
        )
        for turn in turns
    )


class Unfolding:
    """Turns the text of such a form back into a call or an answer, as it comes."""

    def __init__(self) -> None:
        self._state: Literal["head", "value", "text", "over"] = "head"
        self._held = ""
        self._kind: Literal["arguments", "said"] = "arguments"
        self._depth = 1
        self._quoted = self._escaped = False

    def feed(self, text: str) -> list[Piece]:
        """Return what a piece of the text says."""
        pieces: list[Piece] = []
        if self._state == "head":
            self._held += text
            if len(self._held) > HEAD_MAX + len(text):
                return []
            text = self._begin(pieces)
        if self._state == "value":
            self._value(text, pieces)
        elif self._state == "text":
            self._text(text, pieces)
        return pieces

    def end(self) -> list[Piece]:
        """Return what was held back. Raises ValueError where it was no such form at all."""
        if self._state != "head":
            return []
        try:
            whole = json.loads(self._held)
        except RecursionError as error:
            raise ValueError("nested too deep") from error
        if not isinstance(whole, dict):
            raise ValueError("no object")
        if isinstance(name := whole.get("name"), str):
            return [("call", name), ("arguments", _written(whole.get("arguments") or {}))]
        if "answer" not in whole:
            raise ValueError("neither a call nor an answer")
        answer = whole["answer"]
        return [("said", answer if isinstance(answer, str) else _written(answer))]

    def _begin(self, pieces: list[Piece]) -> str:
        """Look whether the value has begun; return what stands of it."""
        if call := _CALL.match(self._held):
            try:
                pieces.append(("call", json.loads(call[1])))
            except ValueError:
                return ""
            self._state = "value"
            return self._held[call.end() :].lstrip()
        if answer := _ANSWER.match(self._held):
            self._kind = "said"
            rest = self._held[answer.end() :]
            self._held = ""
            self._state = "text" if rest.startswith('"') else "value"
            return rest[1:] if rest.startswith('"') else rest
        return ""

    def _value(self, text: str, pieces: list[Piece]) -> None:
        """Pass JSON on as it stands until the object around it goes on or ends."""
        for place, sign in enumerate(text):
            if self._quoted:
                self._quoted = self._escaped or sign != '"'
                self._escaped = sign == "\\" and not self._escaped
            elif sign == '"':
                self._quoted = True
            elif sign in "{[":
                self._depth += 1
            elif sign in "}]" or (sign == "," and self._depth == 1):
                self._depth -= sign != ","
                if sign == "," or not self._depth:
                    self._state = "over"
                    text = text[:place].rstrip()
                    break
        if text:
            pieces.append((self._kind, text))

    def _text(self, text: str, pieces: list[Piece]) -> None:
        """Decode a JSON string, holding an escape back until it is whole."""
        self._held += text
        whole = 0
        for part in _part_of(self._held):
            if part == '"':
                self._state = "over"
                break
            whole += len(part)
        if whole:
            pieces.append(("said", _decoded(self._held[:whole])))
        self._held = self._held[whole:]


# A run of plain signs, the end, or an escape; a surrogate waits for the one that completes it.
_WHOLE: Final = re.compile(
    r'[^"\\]+|"|\\[^u]|\\u(?![dD][89abAB]).{4}|\\u[dD][89abAB].{2}(?:\\u.{4}|(?=[^\\]|\\[^u]))',
    re.DOTALL,
)


def _decoded(raw: str) -> str:
    """Return what a JSON string says, and raw text where its escapes are none."""
    try:
        said = str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        said = raw
    return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _part_of(held: str) -> Iterator[str]:
    place = 0
    while part := _WHOLE.match(held, place):
        yield part.group()
        place = part.end()


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _told(turns: tuple[Turn, ...], words: str) -> tuple[Turn, ...]:
    """Put the instruction behind the system's own words; most templates take one such turn."""
    if turns and turns[0].role == "system":
        return (replace(turns[0], parts=(*turns[0].parts, Text(words))), *turns[1:])
    return (Turn("system", (Text(words),)), *turns)


def _as_text(part: Part, names: Mapping[str, str]) -> tuple[Part, ...]:
    match part:
        case Call():
            arguments = part.arguments or "{}"
            return (Text(f'{{"name": {_written(part.name)}, "arguments": {arguments}}}'),)
        case Result():
            said = "failed" if part.failed else "gave"
            return (Text(f"The tool {names.get(part.id, '')} {said}:"), *part.parts)
        case _:
            return (part,)
