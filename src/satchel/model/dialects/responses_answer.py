"""Responses as they are answered: one object, or events in OpenAI's order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from satchel.base.errors import SatchelError
from satchel.model.dialects.dialect import Heading
from satchel.model.dialects.openai import arguments, packed, problem, quoted
from satchel.model.dialects.responses_tools import Origin
from satchel.model.turns import (
    Answer,
    Arguments,
    Asked,
    Call,
    Called,
    Ended,
    Event,
    Said,
    Thinking,
    Tokens,
)

PREFIX = {
    "function": "fc",
    "custom": "ctc",
    "tool_search": "tsc",
    "local_shell": "lsh",
}


# --- items


def _message(id: str, text: str, logprobs: Sequence[Any], status: str) -> dict[str, Any]:
    return {
        "id": id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": [_words(text, logprobs)],
    }


def _words(text: str, logprobs: Sequence[Any]) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": list(logprobs)}


def _reasoning(id: str, text: str, summarised: bool, status: str) -> dict[str, Any]:
    """Return a thought. Whoever asked for a summary is given the thought as one, in full."""
    kind = "summary_text" if summarised else "reasoning_text"
    words = [{"type": kind, "text": text}]
    return {
        "id": id,
        "type": "reasoning",
        "summary": words if summarised else [],
        "content": [] if summarised else words,
        "encrypted_content": None,
        "status": status,
    }


def _call(id: str, origin: Origin, call: Call, status: str) -> dict[str, Any]:
    """Return the item that stands for a call, in the words of the tool that was offered."""
    item: dict[str, Any] = {"id": id, "status": status, "call_id": call.id}
    match origin.kind:
        case "function":
            item |= {"type": "function_call", "name": origin.name, "arguments": call.arguments}
        case "custom":
            free = _free(call.arguments)
            item |= {"type": "custom_tool_call", "name": origin.name, "input": free}
        case "tool_search":
            search = json.loads(arguments(call.arguments))
            item |= {"type": "tool_search_call", "execution": "client", "arguments": search}
        case "local_shell":
            action = {"type": "exec", "command": [], "env": {}} | json.loads(
                arguments(call.arguments)
            )
            item |= {"type": "local_shell_call", "action": action}
    if origin.namespace is not None:
        item["namespace"] = origin.namespace
    return item


def _free(text: str) -> str:
    """Return the free input of a tool that was called as a function of one text."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if given == {}:
        return ""
    inner = given.get("input") if isinstance(given, dict) else None
    return inner if isinstance(inner, str) else text


def _origin(asked: Asked, name: str) -> Origin:
    found = asked.echo["origins"].get(name)
    return found if isinstance(found, Origin) else Origin("function", name)


# --- the whole


def whole(asked: Asked, heading: Heading, answer: Answer) -> Mapping[str, Any]:
    """Return an answer that is not streamed."""
    state = _status(answer.ended)
    items: list[dict[str, Any]] = []
    if answer.thinking:
        id = _id("rs", heading, 0)
        items.append(_reasoning(id, answer.thinking, asked.echo["summarised"], "completed"))
    if answer.text or not answer.calls:
        id = _id("msg", heading, len(items))
        end = "completed" if answer.calls else state
        items.append(_message(id, answer.text, answer.logprobs, end))
    for place, call in enumerate(answer.calls, start=1):
        origin = _origin(asked, call.name)
        id = _id(PREFIX[origin.kind], heading, len(items))
        items.append(_call(id, origin, call, state if place == len(answer.calls) else "completed"))
    return _response(asked, heading) | _end(answer.ended, items)


def _id(prefix: str, heading: Heading, index: int) -> str:
    return f"{prefix}_{heading.id}{index:02d}"


def _response(asked: Asked, heading: Heading) -> dict[str, Any]:
    """Return an answer that has just begun."""
    repeated: dict[str, Any] = asked.echo["repeated"]
    return {
        "id": f"resp_{heading.id}",
        "object": "response",
        "created_at": heading.created,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": heading.model,
        "output": [],
        "previous_response_id": None,
        "service_tier": "default",
        "store": False,
        "truncation": "disabled",
        "usage": None,
    } | repeated


def _status(ended: Ended) -> str:
    return "incomplete" if ended.finish in _REASONS else "completed"


_REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}


def _end(ended: Ended, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    reason = _REASONS.get(ended.finish)
    return {
        "status": _status(ended),
        "incomplete_details": {"reason": reason} if reason else None,
        "output": list(items),
        "usage": _usage(ended.tokens),
    }


def _usage(tokens: Tokens) -> dict[str, Any]:
    """Return what an answer cost; a count that nobody told is 0."""
    prompt = tokens.prompt or 0
    completion = tokens.completion or 0
    return {
        "input_tokens": prompt,
        "input_tokens_details": {"cached_tokens": tokens.cached or 0, "cache_write_tokens": 0},
        "output_tokens": completion,
        "output_tokens_details": {"reasoning_tokens": tokens.thinking or 0},
        "total_tokens": prompt + completion,
    }


# --- the stream


class _Open:
    """The item that is being written: what was said of it, and how a delta of it begins."""

    def __init__(self, kind: str, id: str, delta: str, place: Mapping[str, Any]) -> None:
        self.kind, self.id, self.place = kind, id, place
        self.pieces: list[str] = []
        self.logprobs: list[Any] = []
        self.call, self.name = "", ""
        self.origin = Origin("function", "")
        row = packed({"type": delta, **place}).removesuffix("}")
        self.head = f'event: {delta}\ndata: {row},"delta":'


class Events:
    """Writes one answer as events. All of a delta but its words and number is made once."""

    def __init__(self, asked: Asked, heading: Heading) -> None:
        self._asked, self._heading = asked, heading
        self._response = _response(asked, heading)
        self._number = 0
        self._items: list[dict[str, Any]] = []
        self._open: _Open | None = None

    def begin(self) -> bytes:
        """Return the events that say that an answer has begun."""
        states = ("response.created", "response.in_progress")
        return "".join(self._event(state, response=self._response) for state in states).encode()

    def write(self, events: Sequence[Event]) -> bytes:
        """Return a batch of events."""
        out: list[str] = []
        for event in events:
            if isinstance(event, Said):
                item = self._item("message", out)
                item.pieces.append(event.text)
                item.logprobs += event.logprobs
                rows = packed(event.logprobs) if event.logprobs else "[]"
                out.append(self._delta(item, event.text, f',"logprobs":{rows}'))
            elif isinstance(event, Thinking):
                item = self._item("reasoning", out)
                item.pieces.append(event.text)
                out.append(self._delta(item, event.text))
            elif isinstance(event, Called):
                self._close(out)
                self._begin_call(event, out)
            elif isinstance(event, Arguments):
                if self._open is not None and event.text:
                    self._open.pieces.append(event.text)
                    if self._open.origin.kind == "function":
                        out.append(self._delta(self._open, event.text))
            else:
                self._finish(event, out)
        return "".join(out).encode()

    def broken(self, error: SatchelError) -> bytes:
        """Return an error and the failed answer.

        OpenAI's clients raise the first, which is as its servers send it, and Codex reads the
        second.
        """
        said = problem(error, 500)
        flat = {name: said[name] for name in ("code", "message", "param")}
        failed = self._response | {
            "status": "failed",
            "error": {"code": said["code"], "message": said["message"]},
            "output": self._items,
        }
        events = self._event("error", **flat, error=said)
        return (events + self._event("response.failed", response=failed)).encode()

    def _event(self, kind: str, **fields: Any) -> str:
        row = packed({"type": kind, "sequence_number": self._number, **fields})
        self._number += 1
        return f"event: {kind}\ndata: {row}\n\n"

    def _delta(self, item: _Open, text: str, more: str = "") -> str:
        number = self._number
        self._number += 1
        return f'{item.head}{quoted(text)}{more},"sequence_number":{number}}}\n\n'

    def _item(self, kind: str, out: list[str]) -> _Open:
        """Return the open item where it is of that kind, or close it and open one that is."""
        if self._open is not None and self._open.kind == kind:
            return self._open
        self._close(out)
        index = len(self._items)
        if kind == "message":
            id = _id("msg", self._heading, index)
            item = _Open(kind, id, "response.output_text.delta", _place(id, index, "content_index"))
            shell = _message(id, "", (), "in_progress") | {"content": []}
            part = ("response.content_part.added", _words("", ()))
        else:
            summarised = self._asked.echo["summarised"]
            id = _id("rs", self._heading, index)
            word = "reasoning_summary_text" if summarised else "reasoning_text"
            counted = "summary_index" if summarised else "content_index"
            item = _Open(kind, id, f"response.{word}.delta", _place(id, index, counted))
            shell = _reasoning(id, "", summarised, "in_progress") | {"summary": [], "content": []}
            part = _thought_part(summarised, "added", "")
        out.append(self._event("response.output_item.added", output_index=index, item=shell))
        out.append(self._event(part[0], **item.place, part=part[1]))
        self._open = item
        return item

    def _begin_call(self, event: Called, out: list[str]) -> None:
        index = len(self._items)
        origin = _origin(self._asked, event.name)
        id = _id(PREFIX[origin.kind], self._heading, index)
        place = {"item_id": id, "output_index": index}
        item = _Open("call", id, "response.function_call_arguments.delta", place)
        item.call, item.name, item.origin = event.id, event.name, origin
        shell = _call(id, origin, Call(event.id, event.name, ""), "in_progress")
        out.append(self._event("response.output_item.added", output_index=index, item=shell))
        self._open = item

    def _close(self, out: list[str], status: str = "completed") -> None:
        item, self._open = self._open, None
        if item is None:
            return
        text = "".join(item.pieces)
        match item.kind:
            case "message":
                done = _message(item.id, text, item.logprobs, status)
                part = done["content"][0]
                more = {"text": text, "logprobs": item.logprobs}
                out.append(self._event("response.output_text.done", **item.place, **more))
                out.append(self._event("response.content_part.done", **item.place, part=part))
            case "reasoning":
                summarised = self._asked.echo["summarised"]
                done = _reasoning(item.id, text, summarised, status)
                word = "reasoning_summary_text" if summarised else "reasoning_text"
                out.append(self._event(f"response.{word}.done", **item.place, text=text))
                kind, thought = _thought_part(summarised, "done", text)
                out.append(self._event(kind, **item.place, part=thought))
            case _:
                done = self._closed_call(item, text, status, out)
        index = len(self._items)
        self._items.append(done)
        out.append(self._event("response.output_item.done", output_index=index, item=done))

    def _closed_call(self, item: _Open, text: str, status: str, out: list[str]) -> dict[str, Any]:
        if item.origin.kind == "function" and not text:
            out.append(self._delta(item, "{}"))  # as `whole` has it
        call = Call(item.call, item.name, text or "{}")
        done = _call(item.id, item.origin, call, status)
        if item.origin.kind == "function":
            more = {"name": item.origin.name, "arguments": call.arguments}
            done_kind = "response.function_call_arguments.done"
            out.append(self._event(done_kind, **item.place, **more))
        elif item.origin.kind == "custom":
            # What is free text was JSON until now, so it comes in one piece.
            free, kind = done["input"], "response.custom_tool_call_input"
            out.append(self._event(f"{kind}.delta", **item.place, delta=free))
            out.append(self._event(f"{kind}.done", **item.place, input=free))
        return done

    def _finish(self, event: Ended, out: list[str]) -> None:
        said = [row["type"] for row in self._items]
        said += [self._open.kind] if self._open is not None else []
        if all(kind == "reasoning" for kind in said):
            self._item("message", out)  # an answer that says nothing is an empty message
        status = _status(event)
        self._close(out, status)
        ended = self._response | _end(event, self._items)
        out.append(self._event(f"response.{status}", response=ended))


def _place(id: str, index: int, counted: str) -> dict[str, Any]:
    return {"item_id": id, "output_index": index, counted: 0}


def _thought_part(summarised: bool, state: str, text: str) -> tuple[str, dict[str, Any]]:
    if summarised:
        part = {"type": "summary_text", "text": text}
        return f"response.reasoning_summary_part.{state}", part
    return f"response.content_part.{state}", {"type": "reasoning_text", "text": text}
