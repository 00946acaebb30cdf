"""OpenAI's way to ask, as local servers take it, and its stream of server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from satchel.model.answers import mapping, text
from satchel.model.backends import forced
from satchel.model.backends.calls import is_object
from satchel.model.backends.kinds import Kind, sampled
from satchel.model.backends.reading import BrokenOff, Garbage, Reading, parsed
from satchel.model.backends.refusals import message_of, not_served
from satchel.model.turns import (
    Call,
    Generation,
    Image,
    Part,
    Result,
    Sampling,
    Text,
    Thought,
    Tool,
    Turn,
)

CHAT: Final = "/v1/chat/completions"
COMPLETIONS: Final = "/v1/completions"

_STREAMED: Final = {"stream": True, "stream_options": {"include_usage": True}}
# By default a newline or a colon ends what counts as a repetition: lists then loop.
_DRY: Final = {"dry_allowed_length": 2, "dry_sequence_breakers": ["<|im_end|>"]}


def path_of(generation: Generation) -> str:
    """Return where a generation is posted."""
    return CHAT if generation.prompt is None else COMPLETIONS


def body(
    server: str, kind: Kind, model: str, generation: Generation, *, streamed: bool = True
) -> dict[str, Any]:
    """Build the body of a request, streamed where the server can do that.

    Raises BadInput for what the server cannot do.
    """
    asked: dict[str, Any] = {
        "model": model,
        **(_STREAMED if streamed and kind.streams else {"stream": False}),
        **sampled(server, kind, generation.sampling),
    }
    if generation.sampling.dry_multiplier and "dry_multiplier" in kind.sampling:
        asked |= _DRY
    if generation.max_tokens is not None:
        asked[kind.limit] = generation.max_tokens
    if generation.stop:
        if not kind.stops:
            raise not_served(server, "stop")
        asked["stop"] = list(generation.stop)
    if generation.prompt is not None:
        return asked | _bare(server, generation)
    return asked | chat(server, kind, generation) | _logprobs(generation.sampling)


def chat(server: str, kind: Kind, generation: Generation) -> dict[str, Any]:
    """Return what of a body makes the prompt: turns, tools and how the template is filled in."""
    asked: dict[str, Any] = {"messages": messages(kind, generation.turns)}
    if tools := forced.offered(generation):
        asked["tools"] = [_tool(tool) for tool in tools]
        if generation.choice != "auto":
            asked["tool_choice"] = "required"
        if kind.few and not generation.parallel:
            asked["parallel_tool_calls"] = False
    if generation.outward:
        asked["tools"] = [*asked.get("tools", ()), *({"type": n} for n in generation.outward)]
    if asked.get("tools") and not kind.tools:
        raise not_served(server, "tools")
    if generation.form is not None:
        if not kind.forms:
            raise not_served(server, "response_format")
        if generation.form.schema is None and kind.loose:
            asked["response_format"] = {"type": "json_object"}
        else:
            schema = generation.form.schema or {"type": "object"}
            named = {"name": generation.form.name, "strict": True, "schema": dict(schema)}
            asked["response_format"] = {"type": "json_schema", "json_schema": named}
    return asked | _thinking(server, kind, generation)


def messages(kind: Kind, turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Write turns as chat messages."""
    return [message for turn in turns for message in _messages(kind, turn)]


def _messages(kind: Kind, turn: Turn) -> Iterator[dict[str, Any]]:
    if turn.role == "tool":
        yield from _results(turn)
        return
    message: dict[str, Any] = {"role": turn.role, "content": _content(turn.parts)}
    thoughts = "\n\n".join(part.text for part in turn.parts if isinstance(part, Thought))
    if thoughts and kind.thoughts:
        message[kind.thoughts] = thoughts
    if calls := [part for part in turn.parts if isinstance(part, Call)]:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": _arguments(call.arguments)},
            }
            for call in calls
        ]
    yield message


def _results(turn: Turn) -> Iterator[dict[str, Any]]:
    """Write results; their images follow in a turn of the user, as a tool's turn holds none."""
    shown: list[Part] = []
    for part in turn.parts:
        if not isinstance(part, Result):
            continue
        yield {"role": "tool", "tool_call_id": part.id, "content": said_by(part)}
        if images := [one for one in part.parts if isinstance(one, Image)]:
            shown += [Text(f"What the call {part.id} shows:"), *images]
    if shown:
        yield {"role": "user", "content": _content(shown)}


def said_by(result: Result) -> str:
    """Return the words of a result, saying so where the tool failed."""
    words = "\n\n".join(part.text for part in result.parts if isinstance(part, Text))
    return f"The tool failed: {words}" if result.failed else words


def _content(parts: Sequence[Part]) -> str | list[dict[str, Any]]:
    if len(parts) == 1 and isinstance(parts[0], Text):
        return parts[0].text
    if not any(isinstance(part, Image) for part in parts):
        return "\n\n".join(part.text for part in parts if isinstance(part, Text))
    return [
        {"type": "text", "text": part.text}
        if isinstance(part, Text)
        else {
            "type": "image_url",
            "image_url": {"url": f"data:{part.media_type};base64,{part.data}"},
        }
        for part in parts
        if isinstance(part, Text | Image)
    ]


def _arguments(given: str) -> str:
    """Return arguments that a template can read: what is no JSON object is put into one."""
    return given if is_object(given) else json.dumps(object_of(given), ensure_ascii=False)


def object_of(given: str) -> dict[str, Any]:
    """Return the arguments of a call as an object; what is none stands under "arguments"."""
    if not given.strip():
        return {}
    try:
        value = json.loads(given)
    except (ValueError, RecursionError):
        value = given
    return value if isinstance(value, dict) else {"arguments": value}


def _tool(tool: Tool) -> dict[str, Any]:
    strict = {"strict": True} if tool.strict else {}
    return {"type": "function", "function": forced.described(tool) | strict}


def _thinking(server: str, kind: Kind, generation: Generation) -> dict[str, Any]:
    word = generation.thinking
    if word is None:
        return {}
    if kind.template:
        more = {} if word == "off" else {"reasoning_effort": word}
        return {"chat_template_kwargs": {"enable_thinking": word != "off", **more}}
    if kind.effort:
        return {"reasoning_effort": "none" if word == "off" else word}
    raise not_served(server, "thinking")


def _logprobs(sampling: Sampling) -> dict[str, Any]:
    if sampling.logprobs is None:
        return {}
    # With 0 llama.cpp leaves them out altogether; what is too many is not passed on.
    return {"logprobs": True, "top_logprobs": max(sampling.logprobs, 1)}


def _bare(server: str, generation: Generation) -> dict[str, Any]:
    """Return the body of a text to continue, which has nothing of a conversation."""
    for name in ("tools", "form", "thinking", "outward"):
        if getattr(generation, name):
            raise not_served(server, name, "a bare text is continued as it stands")
    asked: dict[str, Any] = {"prompt": generation.prompt}
    if generation.sampling.logprobs is not None:
        asked["logprobs"] = max(generation.sampling.logprobs, 1)
    return asked


# --- reading


def line(reading: Reading, said: bytes) -> None:
    """Read one line of a stream of events. Raises Garbage and BrokenOff."""
    if said.startswith(b"data:"):
        value = said[5:].lstrip()
        if words := reading.alike.words(value):
            reading.say(words)
        elif value == b"[DONE]":
            reading.over = True
        else:
            _chunk(reading, chunk := parsed(value))
            reading.alike.learn(value, chunk, _only_words)
        return
    if said.startswith(b"{"):  # an error that LM Studio sends with status 200, or a whole answer
        _chunk(reading, parsed(said))
        reading.over = True
        return
    field, colon, value = said.partition(b":")
    if field == b"error" and colon:
        raise BrokenOff(message_of(parsed(value.strip())) or "unknown error")
    # A comment keeps the connection alive; the other fields say nothing that `data` does not.
    if not colon or field not in (b"", b"event", b"id", b"retry"):
        raise Garbage


def _only_words(chunk: Mapping[str, Any]) -> str:
    """Return the words of a chunk of which nothing else is read below, else nothing."""
    try:
        choice = chunk["choices"][0]
        delta = choice["delta"]
        more = (
            chunk.get("usage")
            or chunk.get("timings")
            or choice.get("finish_reason")
            or choice.get("logprobs")
            or delta.get("reasoning_content")
            or delta.get("reasoning")
            or delta.get("tool_calls")
        )
        words = delta["content"]
    except (TypeError, LookupError, AttributeError):
        return ""
    return words if isinstance(words, str) and not more else ""


def _chunk(reading: Reading, chunk: Mapping[str, Any]) -> None:
    if chunk.get("error") is not None:
        raise BrokenOff(message_of(chunk) or "unknown error")
    choices = chunk.get("choices")
    if choices:
        try:
            choice = choices[0]
            delta = choice.get("delta") or choice.get("message")
        except (TypeError, LookupError, AttributeError) as error:
            raise Garbage from error
        if delta:
            _delta(reading, choice, delta)
        elif isinstance(words := choice.get("text"), str) and words:
            reading.say(words, _legacy_rows(choice.get("logprobs")))
        if finish := choice.get("finish_reason"):
            reading.finish(str(finish), text(choice, "stop_reason") or None)
    if usage := chunk.get("usage"):
        _usage(reading, usage)
    if timings := chunk.get("timings"):
        reading.count(cached=whole(timings, "cache_n"))


def _delta(reading: Reading, choice: Mapping[str, Any], delta: Any) -> None:
    if not isinstance(delta, dict):
        raise Garbage
    thought = delta.get("reasoning_content") or delta.get("reasoning")
    if thought and isinstance(thought, str):
        reading.think(thought)
    words = delta.get("content")
    if words and isinstance(words, str):
        logprobs = choice.get("logprobs")
        reading.say(words, _rows(logprobs) if logprobs else ())
    calls = delta.get("tool_calls")
    if isinstance(calls, list):
        for call in calls:
            function = mapping(call, "function")
            place = mapping(call).get("index")
            reading.call(
                place if isinstance(place, int) else None,
                text(call, "id"),
                text(function, "name"),
                arguments_of(function),
            )


def arguments_of(function: Mapping[str, Any]) -> str:
    """Return the arguments of a call as JSON text, whether a server wrote text or an object."""
    given = function.get("arguments")
    if given is None or isinstance(given, str):
        return given or ""
    return json.dumps(given, ensure_ascii=False)


def _usage(reading: Reading, usage: Any) -> None:
    reading.count(
        prompt=whole(usage, "prompt_tokens") or None,  # some always say 0
        completion=whole(usage, "completion_tokens"),
        cached=whole(mapping(usage, "prompt_tokens_details"), "cached_tokens"),
        thinking=whole(mapping(usage, "completion_tokens_details"), "reasoning_tokens"),
    )


def _rows(logprobs: Any) -> list[Mapping[str, Any]]:
    rows = mapping(logprobs).get("content")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _legacy_rows(logprobs: Any) -> list[Mapping[str, Any]]:
    """Return rows in the form of chat, also where they come in that of bare completions."""
    told = mapping(logprobs)
    if "content" in told or not isinstance(told.get("tokens"), list):
        return _rows(logprobs)
    weights = told.get("token_logprobs") or []
    others = told.get("top_logprobs") or []
    rows: list[Mapping[str, Any]] = []
    for place, token in enumerate(map(str, told["tokens"])):
        others_here = mapping(others[place]) if place < len(others) else {}
        weight = weights[place] if place < len(weights) else None
        top = [_row(other, logprob) for other, logprob in others_here.items()]
        rows.append({**_row(token, weight), "top_logprobs": top})
    return rows


def _row(token: str, logprob: Any) -> dict[str, Any]:
    raw = token.encode("utf-8", "replace")
    return {"token": token, "logprob": logprob, "bytes": list(raw)}


def whole(row: Any, key: str) -> int | None:
    """Return a count, which may be 0; None where it is not told."""
    value = row.get(key) if isinstance(row, dict) else None
    told = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if told else None
