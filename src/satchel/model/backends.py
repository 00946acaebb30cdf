"""The two wire formats that answers come in, as pure translations: OpenAI's SSE, Ollama's NDJSON.

Also the errors of each server, turned into one sentence and a next step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from satchel.base.errors import SatchelError, Unavailable
from satchel.base.text import one_line
from satchel.model.known import mapping, number, text
from satchel.model.types import Dialect, Message, StreamOptions

BYTES_PER_TOKEN = 2  # pessimistic for code and prose alike, so that an estimate never cuts a prompt
CONTEXT_STEP = 2048  # Ollama reloads a model for each new context, so few sizes are asked for
CONTEXT_LEAST = 4096


class Garbage(ValueError):
    """A line that is not of its protocol."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one line of a stream says. `thinking` counts characters that are not shown."""

    text: str = ""
    thinking: int = 0
    finish: str | None = None
    prompt: int | None = None
    completion: int | None = None
    done: bool = False
    error: str | None = None


PATHS: Mapping[Dialect, str] = {"openai": "/v1/chat/completions", "ollama": "/api/chat"}


def openai_body(
    model: str, messages: Sequence[Message], options: StreamOptions, *, templated: bool
) -> dict[str, Any]:
    """Build a chat request; `templated` servers are asked to leave out the thinking."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": turn.role, "content": turn.content} for turn in messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": options.max_tokens,
        "temperature": options.temperature,
    }
    if options.seed is not None:
        body["seed"] = options.seed
    if templated:
        body["chat_template_kwargs"] = {"enable_thinking": False}
        if options.dry_multiplier:
            body["dry_multiplier"] = options.dry_multiplier
            body["dry_allowed_length"] = 2
            # By default a newline or a colon ends what counts as a repetition: lists then loop.
            body["dry_sequence_breakers"] = ["<|im_end|>"]
    return body


def ollama_body(
    model: str, messages: Sequence[Message], options: StreamOptions, context: int, *, thinks: bool
) -> dict[str, Any]:
    """Build a chat request of Ollama's own: its OpenAI route has no way to set the context."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": turn.role, "content": turn.content} for turn in messages],
        "stream": True,
        # Newer servers then refuse what does not fit; older ones ignore both and would cut it.
        "truncate": False,
        "shift": False,
        "options": {
            "num_ctx": context,
            "num_predict": options.max_tokens,
            "temperature": options.temperature,
        },
    }
    if options.seed is not None:
        body["options"]["seed"] = options.seed
    if thinks:
        body["think"] = False
    return body


def context_for(
    messages: Sequence[Message], answer: int, allocated: int | None, trained: int | None
) -> int:
    """Return the context, in tokens, that Ollama is asked for: enough that nothing is cut.

    What is allocated already is kept where it is enough. Raises Unavailable where even the
    model's trained context is too small by the pessimistic estimate.
    """
    size = sum(len(turn.content.encode()) for turn in messages)
    needed = size // BYTES_PER_TOKEN + 16 * len(messages) + answer
    if allocated is not None and allocated >= needed:
        return allocated
    if trained is not None and needed > trained:
        raise too_long(None, trained)
    steps = -(-max(needed, CONTEXT_LEAST) // CONTEXT_STEP)
    return min(steps * CONTEXT_STEP, trained or steps * CONTEXT_STEP)


def read_line(dialect: Dialect, line: bytes) -> Part | None:
    """Read one line of a stream; None where it says nothing. Raises Garbage."""
    line = line.strip()
    if not line:
        return None
    return _read_sse(line) if dialect == "openai" else _read_ndjson(line)


def _read_sse(line: bytes) -> Part | None:
    field, colon, value = line.partition(b":")
    if not colon:
        raise Garbage
    if field in (b"", b"event", b"id", b"retry"):  # a comment keeps the connection alive
        return None
    value = value.strip()
    if field == b"data" and value == b"[DONE]":
        return Part(done=True)
    if field not in (b"data", b"error"):
        raise Garbage
    body = _object(value)
    if field == b"error" or "error" in body:
        return Part(error=message_of(body) or "unknown error")
    usage = mapping(body, "usage")
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    delta = mapping(choice, "delta")
    hidden = text(delta, "reasoning_content") or text(delta, "reasoning")
    return Part(
        text=text(delta, "content"),
        thinking=len(hidden),
        finish=text(choice, "finish_reason") or None,
        prompt=number(usage, "prompt_tokens"),
        completion=number(usage, "completion_tokens"),
    )


def _read_ndjson(line: bytes) -> Part:
    body = _object(line)
    if "error" in body:
        return Part(error=message_of(body) or "unknown error")
    turn = mapping(body, "message")
    done = body.get("done") is True
    return Part(
        text=text(turn, "content"),
        thinking=len(text(turn, "thinking")),
        finish=(text(body, "done_reason") or "stop") if done else None,
        prompt=number(body, "prompt_eval_count"),
        completion=number(body, "eval_count"),
        done=done,
    )


def _object(line: bytes) -> dict[str, Any]:
    try:
        body = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Garbage from error
    if not isinstance(body, dict):
        raise Garbage
    return body


def message_of(body: Any) -> str:
    """Return the sentence of an error body, whichever server wrote it; empty where none is."""
    error = mapping(body).get("error")
    if isinstance(error, str):
        return one_line(error)
    return one_line(text(error, "message") or text(body, "message"))


def refusal(server: str, model: str, status: int, raw: str) -> SatchelError:
    """Turn an HTTP error of a server into what the user is told."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    error = mapping(body, "error")
    said = message_of(body)
    lower = said.lower()
    if text(error, "type") == "exceed_context_size_error":
        return too_long(number(error, "n_prompt_tokens"), number(error, "n_ctx"))
    if status in (400, 413, 500) and "context" in lower and ("length" in lower or "size" in lower):
        return too_long(None, None)
    if status in (401, 403):
        return Unavailable(
            "server-refuses",
            f"{server} refused the request ({status}{': ' + said if said else ''})",
            "let the server run without a key on loopback, or choose another with --model",
        )
    if status == 404:
        return Unavailable(
            "model-missing",
            f"{server} no longer offers {model}",
            "run `satchel doctor` to see what is there now",
        )
    if status in (429, 503):
        return Unavailable(
            "server-busy",
            f"{server} is busy{': ' + said if said else ''}",
            "try again in a moment",
        )
    if 300 <= status < 400:
        return Unavailable(
            "server-redirects",
            f"{server} redirects elsewhere ({status}), which is never followed",
            "look at what listens on its port",
        )
    return Unavailable(
        "server-failed",
        f"{server} failed with status {status}{': ' + said if said else ''}",
        "look at that server's own log, or choose another model with --model",
    )


def broken_off(server: str, said: str) -> SatchelError:
    """Turn an error that came in the middle of a stream into what the user is told."""
    lower = said.lower()
    if "context" in lower and ("length" in lower or "size" in lower or "longer" in lower):
        return too_long(None, None)
    return Unavailable(
        "server-failed",
        f"{server} stopped with an error: {said}",
        "look at that server's own log, or choose another model with --model",
    )


def too_long(tokens: int | None, context: int | None) -> SatchelError:
    """Say that a prompt does not fit."""
    takes = f"{tokens} tokens, more" if tokens else "more tokens"
    holds = f"context of {context} tokens holds" if context else "context holds"
    return Unavailable(
        "context-exceeded",
        f"the request takes {takes} than the model's {holds}",
        "ask with a smaller --budget, or give the model a larger context in its server",
        tokens=tokens,
        context=context,
    )
