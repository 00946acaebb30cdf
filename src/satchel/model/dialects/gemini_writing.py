"""Gemini's answers, written: a whole response, or a stream of them as SSE or as a JSON array."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring_ascii
from typing import Any

from satchel.base.errors import BadInput, SatchelError, Unavailable
from satchel.model.dialects.dialect import Heading
from satchel.model.dialects.parts import message_of, read_arguments
from satchel.model.turns import (
    Answer,
    Arguments,
    Asked,
    Call,
    Called,
    Ended,
    Event,
    Finish,
    Said,
    Thinking,
    Tokens,
)

FINISHES: Mapping[Finish, str] = {
    "stop": "STOP",
    "tool_calls": "STOP",
    "length": "MAX_TOKENS",
    "content_filter": "SAFETY",
}
MALFORMED = "MALFORMED_FUNCTION_CALL"
FULL = "The input token count ({tokens}) exceeds the maximum number of tokens allowed ({context})."

STATUSES: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "FAILED_PRECONDITION",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


# What an error in mid-stream would have had for an HTTP status: it is the server's, as a rule.
BROKEN: Mapping[type[SatchelError], int] = {BadInput: 400, Unavailable: 502}


def whole(asked: Asked, heading: Heading, answer: Answer) -> Mapping[str, Any]:
    """Return a whole response. A call whose arguments are no object is left out, and said."""
    parts: list[Mapping[str, Any]] = []
    if answer.thinking and asked.echo["thoughts"]:
        parts.append({"text": answer.thinking, "thought": True})
    if answer.text:
        parts.append({"text": answer.text})
    called = [_called(call) for call in answer.calls]
    parts += [part for part in called if part is not None]
    wrong = next((call for call, part in zip(answer.calls, called, strict=True) if not part), None)
    candidate = _candidate(parts) | _finished(answer.ended, wrong)
    if asked.generation.sampling.logprobs is not None:
        candidate |= _logprobs(answer.logprobs)
    usage = _usage(answer.ended.tokens)
    return {"candidates": [candidate], "usageMetadata": usage} | _named(heading)


def failure(error: SatchelError, status: int) -> Mapping[str, Any]:
    """Return the body of an error with that HTTP status."""
    kind = STATUSES.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")
    return {"error": {"code": status, "message": message_of(error, FULL), "status": kind}}


class Streaming:
    """Writes one answer as responses that add up to it; a call is whole in one of them."""

    def __init__(self, asked: Asked, heading: Heading) -> None:
        self._heading = heading
        self._thoughts: bool = asked.echo["thoughts"]
        self._logprobs = asked.generation.sampling.logprobs is not None
        self._array = asked.echo["framing"] == "array"
        self._first = True
        self._id = self._name = ""
        self._arguments: list[str] | None = None  # of the call that is not whole yet
        self._wrong: Call | None = None
        tail = json.dumps(_named(heading), separators=(",", ":"))[1:]
        self._before = '{"candidates":[{"content":{"parts":[{"text":'
        self._said = '}],"role":"model"},"index":0}],' + tail
        self._thought = ',"thought":true' + self._said

    def begin(self) -> bytes:
        """Return what opens the stream."""
        return b"[" if self._array else b""

    def write(self, events: Sequence[Event]) -> bytes:
        """Return a batch of events."""
        written: list[str] = []
        closing = b""
        for event in events:
            match event:
                case Said(logprobs=rows) if rows and self._logprobs:
                    candidate = _candidate([{"text": event.text}]) | _logprobs(rows)
                    written.append(self._response(candidate))
                case Said():
                    if event.text:
                        quoted = encode_basestring_ascii(event.text)
                        written.append(self._before + quoted + self._said)
                case Thinking():
                    if event.text and self._thoughts:
                        quoted = encode_basestring_ascii(event.text)
                        written.append(self._before + quoted + self._thought)
                case Called():
                    written += self._call()
                    self._id, self._name, self._arguments = event.id, event.name, []
                case Arguments():
                    if self._arguments is not None:
                        self._arguments.append(event.text)
                case Ended():
                    written += self._call()
                    candidate = _candidate([]) | _finished(event, self._wrong)
                    usage = _usage(event.tokens)
                    written.append(self._response(candidate, usageMetadata=usage))
                    closing = b"]" if self._array else b""
        return self._framed(written) + closing

    def broken(self, error: SatchelError) -> bytes:
        """Return an error in mid-stream, and its end.

        In a stream of SSE it stands bare, without `data:`, as Google sends it: its JavaScript
        client takes an error that looks like an event for a response that says nothing.
        """
        status = next((code for kind, code in BROKEN.items() if isinstance(error, kind)), 500)
        said = json.dumps(failure(error, status), separators=(",", ":"))
        return self._framed([said]) + b"]" if self._array else f"{said}\n".encode("ascii")

    def _call(self) -> list[str]:
        """Return the call that is whole now, if there is one."""
        if self._arguments is None:
            return []
        call = Call(self._id, self._name, "".join(self._arguments) or "{}")
        self._arguments = None
        part = _called(call)
        if part is None:
            self._wrong = self._wrong or call
            return []
        return [self._response(_candidate([part]))]

    def _response(self, candidate: Mapping[str, Any], **more: Any) -> str:
        value = {"candidates": [candidate]} | more | _named(self._heading)
        return json.dumps(value, separators=(",", ":"))

    def _framed(self, written: Sequence[str]) -> bytes:
        if not written:
            return b""
        if not self._array:
            return "".join([f"data: {row}\r\n\r\n" for row in written]).encode("ascii")
        joined = ",\r\n".join(written)
        text = joined if self._first else ",\r\n" + joined
        self._first = False
        return text.encode("ascii")


def _named(heading: Heading) -> dict[str, Any]:
    return {"modelVersion": heading.model, "responseId": heading.id}


def _candidate(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a candidate; one that says nothing has an empty text, which clients can add up."""
    return {"content": {"parts": list(parts) or [{"text": ""}], "role": "model"}, "index": 0}


def _called(call: Call) -> Mapping[str, Any] | None:
    arguments = read_arguments(call.arguments)
    if arguments is None:
        return None
    return {"functionCall": {"id": call.id, "name": call.name, "args": arguments}}


def _finished(ended: Ended, wrong: Call | None) -> dict[str, Any]:
    """Return why the answer ended; half a call at the token limit is the limit's doing."""
    if wrong is None or ended.finish == "length":
        return {"finishReason": FINISHES[ended.finish]}
    said = f"the arguments of {wrong.name} are not a JSON object: {wrong.arguments}"
    return {"finishReason": MALFORMED, "finishMessage": said}


def _usage(tokens: Tokens) -> dict[str, int]:
    """Return the counts; Google's count of an answer leaves its thoughts out."""
    prompt = tokens.prompt or 0
    completion = tokens.completion or 0
    usage = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": max(completion - (tokens.thinking or 0), 0),
        "totalTokenCount": prompt + completion,
    }
    if tokens.thinking is not None:
        usage["thoughtsTokenCount"] = tokens.thinking
    if tokens.cached is not None:
        usage["cachedContentTokenCount"] = tokens.cached
    return usage


def _logprobs(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return OpenAI's rows of log probabilities as Google's."""
    if not rows:
        return {}
    drawn = [_drawn(row) for row in rows]
    others = [[_drawn(one) for one in row.get("top_logprobs") or ()] for row in rows]
    return {
        "avgLogprobs": sum(row["logProbability"] for row in drawn) / len(drawn),
        "logprobsResult": {
            "topCandidates": [{"candidates": row} for row in others],
            "chosenCandidates": drawn,
        },
    }


def _drawn(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"token": row["token"], "logProbability": row["logprob"]}
