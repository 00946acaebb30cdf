"""Anthropic's answers, written: a whole message, or its events as server-sent events.

Blocks follow one another and never overlap: what is said while a call's arguments still come waits
until that call is whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring_ascii
from typing import Any, Literal, TypeAlias

from satchel.base.errors import BadInput, SatchelError
from satchel.model.dialects.dialect import Heading
from satchel.model.dialects.messages_content import SEAL, THREADLESS, sealed
from satchel.model.dialects.parts import message_of, read_arguments
from satchel.model.turns import (
    Answer,
    Arguments,
    Asked,
    Called,
    Ended,
    Event,
    Said,
    Thinking,
    Tokens,
)

_Kind: TypeAlias = Literal["text", "thinking", "tool_use"]

# At these words Claude Code sums a conversation up.
FULL = "prompt is too long: {tokens} tokens > {context} maximum"

PING = b'event: ping\ndata: {"type":"ping"}\n\n'

STOPS: Mapping[str, str] = {"length": "max_tokens", "content_filter": "refusal"}

ERRORS: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def whole(asked: Asked, heading: Heading, answer: Answer) -> Mapping[str, Any]:
    """Return a whole message."""
    content: list[Mapping[str, Any]] = []
    thoughts = asked.echo["thoughts"]
    if answer.thinking and thoughts != "hidden":
        seen = (answer.thinking, SEAL) if thoughts == "shown" else ("", sealed(answer.thinking))
        content.append({"type": "thinking", "thinking": seen[0], "signature": seen[1]})
    if answer.text:
        content.append({"type": "text", "text": answer.text})
    for call in answer.calls:
        arguments = _object(call.arguments)
        content.append({"type": "tool_use", "id": call.id, "name": call.name, "input": arguments})
    return _message(heading, content) | {
        "stop_reason": _stop_reason(answer.ended, called=bool(answer.calls)),
        "stop_sequence": answer.ended.stop,
        "usage": _usage(answer.ended.tokens),
    }


def failure(error: SatchelError, status: int) -> Mapping[str, Any]:
    """Return the body of an error with that HTTP status."""
    kind = ERRORS.get(status, "invalid_request_error" if status < 500 else "api_error")
    told: dict[str, Any] = {"type": kind, "message": message_of(error, FULL)}
    if error.code == THREADLESS:
        told["details"] = {"error_code": "thread_unsupported_request", "unsupported": ["thread"]}
    return {"type": "error", "error": told, "request_id": error.extra.get("request_id")}


class Streaming:
    """Writes one answer as the events of a message."""

    def __init__(self, asked: Asked, heading: Heading) -> None:
        self._heading = heading
        self._thoughts: str = asked.echo["thoughts"]
        self._index = -1  # of the block that is open, or was last
        self._open: _Kind | None = None
        self._before = b""  # of every delta in the open block
        self._thought: list[str] = []  # of a block whose thought is sealed
        self._waiting: list[Said | Thinking] = []
        self._called = False

    def begin(self) -> bytes:
        """Return the head of the message; nobody has counted any tokens yet."""
        message = _message(self._heading, []) | {
            "stop_reason": None,
            "stop_sequence": None,
            "usage": _usage(Tokens()),
        }
        return _event({"type": "message_start", "message": message}) + PING

    def write(self, events: Sequence[Event]) -> bytes:
        """Return a batch of events. A thought that is not shown is a ping a batch."""
        written: list[bytes] = []
        quiet = False
        for event in events:
            match event:
                case Said() | Thinking() if self._open == "tool_use":
                    self._waiting.append(event)
                case Said():
                    self._say(event.text, written)
                case Thinking():
                    quiet = self._think(event.text, written) or quiet
                case Called():
                    self._flush(written)
                    self._call(event, written)
                case Arguments():
                    written.append(self._delta(event.text))
                case Ended():
                    self._flush(written)
                    self._close(written)
                    written.append(self._end(event))
        if quiet and not written:
            return PING
        return b"".join(written)

    def broken(self, error: SatchelError) -> bytes:
        """Return an error in mid-stream.

        An open block stays open: closing it would hand a client half a call to carry out.
        """
        kind = "invalid_request_error" if isinstance(error, BadInput) else "api_error"
        return _event(
            {"type": "error", "error": {"type": kind, "message": message_of(error, FULL)}}
        )

    def _say(self, text: str, written: list[bytes]) -> None:
        if not text:
            return
        if self._open != "text":
            self._start("text", {"type": "text", "text": ""}, "text_delta", "text", written)
        written.append(self._delta(text))

    def _think(self, text: str, written: list[bytes]) -> bool:
        """Write a thought where it is shown; tell whether it was kept back."""
        if not text or self._thoughts == "hidden":
            return bool(text)
        if self._open != "thinking":
            block = {"type": "thinking", "thinking": "", "signature": ""}
            self._start("thinking", block, "thinking_delta", "thinking", written)
        if self._thoughts == "sealed":
            self._thought.append(text)
            return True
        written.append(self._delta(text))
        return False

    def _call(self, event: Called, written: list[bytes]) -> None:
        block = {"type": "tool_use", "id": event.id, "name": event.name, "input": {}}
        self._start("tool_use", block, "input_json_delta", "partial_json", written)
        self._called = True

    def _start(
        self,
        kind: _Kind,
        block: Mapping[str, Any],
        delta: str,
        field: str,
        written: list[bytes],
    ) -> None:
        self._close(written)
        self._index += 1
        self._open = kind
        start = {"type": "content_block_start", "index": self._index, "content_block": block}
        written.append(_event(start))
        self._before = (
            b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,'
            b'"delta":{"type":"%s","%s":' % (self._index, delta.encode(), field.encode())
        )

    def _delta(self, text: str) -> bytes:
        return self._before + encode_basestring_ascii(text).encode("ascii") + b"}}\n\n"

    def _close(self, written: list[bytes]) -> None:
        if self._open == "thinking":
            signature = sealed("".join(self._thought)) if self._thought else SEAL
            self._thought.clear()
            delta = {"type": "signature_delta", "signature": signature}
            written.append(
                _event({"type": "content_block_delta", "index": self._index, "delta": delta})
            )
        if self._open is not None:
            written.append(_event({"type": "content_block_stop", "index": self._index}))
        self._open = None

    def _flush(self, written: list[bytes]) -> None:
        """Write what waited for a call to be whole."""
        if not self._waiting:
            return
        self._close(written)
        for event in self._waiting:
            if isinstance(event, Said):
                self._say(event.text, written)
            else:
                self._think(event.text, written)
        self._waiting.clear()

    def _end(self, ended: Ended) -> bytes:
        delta = {
            "stop_reason": _stop_reason(ended, called=self._called),
            "stop_sequence": ended.stop,
        }
        usage = _usage(ended.tokens)
        return _event({"type": "message_delta", "delta": delta, "usage": usage}) + _event(
            {"type": "message_stop"}
        )


def _message(heading: Heading, content: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"msg_{heading.id}",
        "type": "message",
        "role": "assistant",
        "model": heading.model,
        "content": content,
    }


def _usage(tokens: Tokens) -> dict[str, Any]:
    """Return the counts; Anthropic's `input_tokens` leaves out what came from the cache.

    A count that no backend told is 0, since clients add them up.
    """
    prompt = tokens.prompt or 0
    cached = min(tokens.cached or 0, prompt)
    usage: dict[str, Any] = {
        "input_tokens": prompt - cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": cached,
        "output_tokens": tokens.completion or 0,
    }
    if tokens.thinking is not None:
        usage["output_tokens_details"] = {"thinking_tokens": tokens.thinking}
    return usage


def _stop_reason(ended: Ended, *, called: bool) -> str:
    """Return why the answer ended; a call is always told, since clients run it by this word."""
    if ended.finish in STOPS:
        return STOPS[ended.finish]
    if called:
        return "tool_use"
    return "stop_sequence" if ended.stop is not None else "end_turn"


def _object(arguments: str) -> Mapping[str, Any]:
    """Return a call's arguments; what is not an object stands under "unparsed", to be seen."""
    read = read_arguments(arguments)
    return read if read is not None else {"unparsed": arguments}


def _event(value: Mapping[str, Any]) -> bytes:
    data = json.dumps(value, separators=(",", ":"))
    return f"event: {value['type']}\ndata: {data}\n\n".encode("ascii")
