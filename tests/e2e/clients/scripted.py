"""A model that plays its part by a script, in the wire forms of Ollama and of LM Studio.

It fills a form in with the least that its schema takes; tells what a tool gave back; calls the
first tool that it is offered; and else says its seed and the user's last words again. So a test
sees from the answer that nothing was lost on the way to the model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.model.fakes import Fake, Respond
from tests.model.fakes.streams import stream_lines

EMPTY = {"prompt_tokens": 0, "total_tokens": 0}  # LM Studio tells no tokens of embeddings


@dataclass(frozen=True, slots=True)
class Cue:
    """What the script goes by; `most` counts words, `schema` is of the form that is wanted."""

    turns: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] = ()
    schema: Mapping[str, Any] | None = None
    stop: Sequence[str] = ()
    most: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What the model says; `call` is a tool's name and its arguments."""

    words: tuple[str, ...] = ()
    call: tuple[str, Mapping[str, Any]] | None = None
    finish: str = "stop"


def play(cue: Cue) -> Line:
    """Play one turn."""
    last = cue.turns[-1]
    if cue.schema is not None:
        text = json.dumps(least(cue.schema))
    elif last["role"] == "tool":
        text = f"The tool gave: {last['content']}"
    elif cue.tools:
        function = cue.tools[0]["function"]
        return Line(call=(function["name"], least(function["parameters"])), finish="tool_calls")
    else:
        text = f"With seed {cue.seed} you said: {last['content']}"
    for word in cue.stop:
        text = text.partition(word)[0]
    words = tuple(word for word in text.replace(" ", "\0 ").split("\0") if word)
    if cue.schema is None and cue.most is not None and len(words) > cue.most:
        return Line(words[: cue.most], finish="length")
    return Line(words)


def least(schema: Mapping[str, Any]) -> Any:
    """Return the least value that a schema takes, of those schemas that the tests write."""
    if "$ref" in schema:
        raise ValueError("the tests write no references")
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return least(schema["anyOf"][0])
    properties = schema.get("properties", {})
    return {
        "object": {name: least(properties[name]) for name in schema.get("required", ())},
        "array": [],
        "integer": 7,
        "number": 7.5,
        "boolean": True,
    }.get(schema.get("type", ""), "x")


# --- OpenAI's form, as LM Studio writes it


async def openai_chat(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
    """Answer /v1/chat/completions."""
    asked = fake.requests[-1].body
    form = asked.get("response_format", {}).get("json_schema", {})
    said = play(
        Cue(
            asked["messages"],
            asked.get("tools", ()),
            form.get("schema"),
            asked.get("stop", ()),
            asked.get("max_tokens"),
            asked.get("seed"),
        )
    )
    deltas: list[Any] = [{"role": "assistant", "content": word} for word in said.words]
    if said.call is not None:
        name, arguments = said.call
        written = json.dumps(arguments)
        function = {"name": name, "arguments": ""}
        call = {"index": 0, "id": "123456789", "type": "function", "function": function}
        deltas.append({"tool_calls": [call]})
        for piece in (written[:5], written[5:]):
            deltas.append({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    rows: list[dict[str, Any]] = [{"delta": delta, "finish_reason": None} for delta in deltas]
    rows.append({"delta": {}, "finish_reason": said.finish})
    return await _events(request, asked["model"], "chat.completion.chunk", rows, len(said.words))


async def openai_completions(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
    """Answer /v1/completions."""
    asked = fake.requests[-1].body
    said = play(
        Cue(
            [{"role": "user", "content": asked["prompt"]}],
            stop=asked.get("stop", ()),
            most=asked.get("max_tokens"),
            seed=asked.get("seed"),
        )
    )
    rows = [{"text": word, "finish_reason": None} for word in said.words]
    rows.append({"text": "", "finish_reason": said.finish})
    return await _events(request, asked["model"], "text_completion", rows, len(said.words))


async def openai_embeddings(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
    """Answer /v1/embeddings."""
    asked = fake.requests[-1].body
    rows = [
        {"object": "embedding", "index": place, "embedding": vector(text)}
        for place, text in enumerate(asked["input"])
    ]
    return web.json_response(
        {"object": "list", "data": rows, "model": asked["model"], "usage": EMPTY}
    )


async def _events(
    request: web.BaseRequest, model: str, kind: str, rows: Sequence[Mapping[str, Any]], words: int
) -> web.StreamResponse:
    head = {"id": "chatcmpl-1", "object": kind, "created": 1766000000, "model": model}

    def event(choices: Sequence[Mapping[str, Any]], **more: Any) -> bytes:
        return f"data: {json.dumps(head | {'choices': choices} | more)}\n\n".encode()

    lines = [event([{"index": 0, "logprobs": None, **row}]) for row in rows]
    counts = {"prompt_tokens": 31, "completion_tokens": words, "total_tokens": 31 + words}
    last = [event([], usage=counts), b"data: [DONE]\n\n"]
    return await stream_lines(request, "text/event-stream", iter(lines), last, b"", "none", 0.0)


# --- Ollama's own form


async def ollama_chat(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
    """Answer /api/chat."""
    asked = fake.requests[-1].body
    options = asked["options"]
    said = play(
        Cue(
            asked["messages"],
            asked.get("tools", ()),
            asked.get("format"),
            options.get("stop", ()),
            options.get("num_predict"),
            options.get("seed"),
        )
    )
    turns: list[dict[str, Any]] = [{"role": "assistant", "content": w} for w in said.words]
    if said.call is not None:
        name, arguments = said.call
        function = {"index": 0, "name": name, "arguments": arguments}
        calls = [{"function": function}]
        turns.append({"role": "assistant", "content": "", "tool_calls": calls})
    rows = [{"message": turn} for turn in turns]
    empty = {"message": {"role": "assistant", "content": ""}}
    return await _lines(request, asked["model"], rows, empty, said)


async def ollama_generate(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
    """Answer /api/generate."""
    asked = fake.requests[-1].body
    options = asked["options"]
    said = play(
        Cue(
            [{"role": "user", "content": asked["prompt"]}],
            stop=options.get("stop", ()),
            most=options.get("num_predict"),
            seed=options.get("seed"),
        )
    )
    rows = [{"response": word} for word in said.words]
    return await _lines(request, asked["model"], rows, {"response": ""}, said)


async def ollama_embed(request: web.BaseRequest, fake: Fake) -> web.StreamResponse:
    """Answer /api/embed."""
    asked = fake.requests[-1].body
    vectors = [vector(text) for text in asked["input"]]
    return web.json_response({"model": asked["model"], "embeddings": vectors})


async def _lines(
    request: web.BaseRequest,
    model: str,
    rows: Sequence[Mapping[str, Any]],
    empty: Mapping[str, Any],
    said: Line,
) -> web.StreamResponse:
    head = {"model": model, "created_at": "2026-08-20T10:00:00Z"}

    def line(row: Mapping[str, Any], **more: Any) -> bytes:
        return json.dumps({**head, **row, "done": False} | more).encode() + b"\n"

    reason = "length" if said.finish == "length" else "stop"
    counts = {"prompt_eval_count": 31, "eval_count": len(said.words)}
    last = line(empty, done=True, done_reason=reason, **counts)
    lines = map(line, rows)
    return await stream_lines(request, "application/x-ndjson", lines, [last], b"", "none", 0.0)


def vector(text: str) -> list[float]:
    """Return the embedding of a text: its length and two numbers that floats hold exactly."""
    return [float(len(text)), 0.5, -0.25]


OPENAI: Mapping[str, Respond] = {
    "/v1/chat/completions": openai_chat,
    "/v1/completions": openai_completions,
    "/v1/embeddings": openai_embeddings,
}
OLLAMA: Mapping[str, Respond] = {
    "/api/chat": ollama_chat,
    "/api/generate": ollama_generate,
    "/api/embed": ollama_embed,
}
