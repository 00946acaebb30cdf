"""What stands in the contents of Gemini's requests: text, pictures, thoughts, calls and results.

Google's files, addresses, sound, PDFs and code that ran on its servers are refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from satchel.model.dialects.fields import Fields
from satchel.model.dialects.parts import PICTURES, add_turn, read_base64
from satchel.model.turns import Call, Image, Part, Result, Text, Thought, Turn


@dataclass(slots=True)
class _Calls:
    """The calls of a conversation. Google's may have no id, and their results none either."""

    made: int = 0
    waiting: list[tuple[str, str]] = field(default_factory=list)  # id and name, in order
    results: dict[str, Result] = field(default_factory=dict)  # by id

    def call(self, id: str | None, name: str) -> str:
        """Return the id of a call, one of ours where it has none."""
        id = id or f"call_{self.made}"
        self.made += 1
        self.waiting.append((id, name))
        return id

    def answered(self, id: str | None, name: str) -> str | None:
        """Return the id of the call that a result is of: by id, or by name where it has none."""
        for place, row in enumerate(self.waiting):
            if row[0] == id or (id is None and row[1] == name):
                self.waiting.pop(place)
                return row[0]
        return None


def read_turns(fields: Fields) -> tuple[Turn, ...]:
    """Read `systemInstruction` and `contents`. Neighbours of one role are one turn."""
    turns: list[Turn] = []
    calls = _Calls()
    if (system := fields.inner("systemInstruction")) is not None:
        system.harmless("role")
        add_turn(turns, "system", [Text(_words(part)) for part in many(system, "parts")])
        system.done()
    contents = list(many(fields, "contents"))
    if not contents:
        raise fields.wrong("contents", "must hold at least one content")
    for content in contents:
        match content.take("role", str) or "user":
            case "model":
                add_turn(turns, "assistant", [*_said(content, calls)])
            case "user" | "function":
                _asks(content, calls, turns)
            case _:
                raise content.wrong("role", "must be 'user' or 'model'")
        content.done()
    return tuple(turns)


def many(fields: Fields, name: str) -> Iterator[Fields]:
    """Yield the objects of a list; Google takes one alone for a list of one."""
    value = fields.raw(name)
    if isinstance(value, dict):
        yield Fields(value, fields.path(name))
        return
    if value is not None and not isinstance(value, list):
        raise fields.wrong(name, "must be a list")
    for place, row in enumerate(value or ()):
        yield Fields(row, f"{fields.path(name)}[{place}]")


def _words(part: Fields) -> str:
    text = part.need("text", str)
    part.done()
    return text


def _said(content: Fields, calls: _Calls) -> Iterator[Part]:
    """Read what the model said, thought and called. A signature is Google's seal: not read."""
    for part in many(content, "parts"):
        part.harmless("thoughtSignature", "partMetadata")
        thought = part.take("thought", bool) or False
        if (call := part.inner("functionCall")) is not None:
            name = call.need("name", str)
            arguments = json.dumps(call.take("args", dict) or {}, ensure_ascii=False)
            yield Call(calls.call(call.take("id", str), name), name, arguments)
            call.only("partialArgs", [])
            call.only("willContinue", False)
            call.done()
        elif text := part.take("text", str):
            yield Thought(text) if thought else Text(text)
        part.done()


def _asks(content: Fields, calls: _Calls, turns: list[Turn]) -> None:
    """Add what the user said; results first, in the order of their calls."""
    results: list[tuple[int, Result]] = []
    parts: list[Part] = []
    waiting = [row[0] for row in calls.waiting]
    for part in many(content, "parts"):
        part.harmless("thoughtSignature", "partMetadata")
        part.only("thought", False)
        if (response := part.inner("functionResponse")) is not None:
            if (result := _result(response, calls)) is not None:
                results.append((waiting.index(result.id), result))
        elif (picture := part.inner("inlineData")) is not None:
            parts.append(_picture(picture))
        elif text := part.take("text", str):
            parts.append(Text(text))
        part.done()
    add_turn(turns, "tool", [result for _, result in sorted(results, key=lambda row: row[0])])
    add_turn(turns, "user", parts)


def _result(response: Fields, calls: _Calls) -> Result | None:
    """Read a result. One that repeats another is None: Gemini CLI sends some of a conversation that
    it resumes twice."""
    name = response.need("name", str)
    given_id = response.take("id", str)
    id = calls.answered(given_id, name)
    given = response.take("response", dict) or {}
    match given:
        case {"output": output, **rest} if not rest:
            told = output
        case {"error": error, **rest} if not rest:
            told = error
        case _:
            told = given
    parts: list[Text | Image] = [
        Text(told if isinstance(told, str) else json.dumps(told, ensure_ascii=False))
    ]
    for part in many(response, "parts"):
        picture = part.inner("inlineData")
        if picture is None:
            raise part.wrong("inlineData", "is missing: nothing else is read here")
        parts.append(_picture(picture))
        part.done()
    response.only("willContinue", False)
    response.only("scheduling", "SCHEDULING_UNSPECIFIED")
    response.done()
    result = Result(id or given_id or "", tuple(parts), failed=given.get("error") is not None)
    if id is None and calls.results.get(result.id) != result:
        raise response.wrong("name", f"{name[:80]!r} answers no call before it")
    calls.results[result.id] = result
    return result if id is not None else None


def _picture(data: Fields) -> Image:
    data.harmless("displayName")
    media_type = data.need("mimeType", str)
    if media_type not in PICTURES:
        raise data.wrong("mimeType", f"can only be {' or '.join(PICTURES)} here")
    picture = Image(media_type, read_base64(data, "data"))
    data.done()
    return picture
