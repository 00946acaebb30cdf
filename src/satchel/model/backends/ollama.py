"""Ollama's own way to ask and its lines of JSON: its OpenAI routes cannot set the context."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from satchel.model.answers import mapping, text
from satchel.model.backends import forced
from satchel.model.backends.kinds import Kind, sampled
from satchel.model.backends.openai import arguments_of, object_of, said_by, whole
from satchel.model.backends.reading import BrokenOff, Reading, parsed
from satchel.model.backends.refusals import message_of, not_served, too_long
from satchel.model.backends.size import PER_TURN, texts
from satchel.model.turns import (
    Call,
    Generation,
    Image,
    Result,
    Thought,
    Turn,
)

CHAT: Final = "/api/chat"
GENERATE: Final = "/api/generate"

BYTES_PER_TOKEN: Final = 2  # pessimistic for code and prose alike, so that nothing is ever cut
CONTEXT_STEP: Final = 2048  # a model is loaded anew for each context, so few sizes are asked for
CONTEXT_LEAST: Final = 4096
# Tools ask for as long an answer as their largest model gives; memory grows with the context.
ANSWER_MOST: Final = 8192
ANSWER_LEAST: Final = 256


@dataclass(frozen=True, slots=True)
class Shown:
    """What Ollama tells of a model just before it is asked; None is not told.

    `thinks` says whether it can think. `context` is what it is to allocate, in tokens; None leaves
    it to the server, for a model that runs elsewhere.
    """

    thinks: bool | None = None
    context: int | None = None


NOTHING_SHOWN: Final = Shown()


def path_of(generation: Generation) -> str:
    """Return where a generation is posted."""
    return CHAT if generation.prompt is None else GENERATE


def body(
    server: str, kind: Kind, model: str, generation: Generation, shown: Shown
) -> dict[str, Any]:
    """Build the body of a request, streamed. Raises BadInput for what Ollama cannot do."""
    if generation.outward:
        raise not_served(server, "outward")
    asked: dict[str, Any] = {
        "model": model,
        "stream": True,
        # Newer servers then refuse what does not fit; older ones ignore both and would cut it.
        "truncate": False,
        "shift": False,
        "options": _options(server, kind, generation, shown),
    }
    if generation.sampling.logprobs is not None:
        asked["logprobs"] = True
        asked["top_logprobs"] = generation.sampling.logprobs
    if generation.form is not None:
        schema = generation.form.schema
        asked["format"] = "json" if schema is None else dict(schema)
    if generation.prompt is not None:
        if generation.tools:
            raise not_served(server, "tools", "a bare text is continued as it stands")
        if generation.thinking is not None:
            raise not_served(server, "thinking", "a bare text is continued as it stands")
        return asked | {"prompt": generation.prompt, "raw": True}
    if tools := forced.offered(generation):
        asked["tools"] = [
            {"type": "function", "function": forced.described(tool)} for tool in tools
        ]
    asked["messages"] = messages(generation)
    return asked | _think(server, generation, shown)


def context_for(generation: Generation, allocated: int | None, trained: int | None) -> int:
    """Return the context, in tokens, that Ollama is asked for: enough that nothing is cut.

    What is allocated already is kept where it is enough. Raises BadInput where even the model's
    trained context is too small by the pessimistic estimate.
    """
    size = sum(len(each.encode()) for each in texts(generation))
    prompt = size // BYTES_PER_TOKEN + PER_TURN * len(generation.turns)
    wanted = generation.max_tokens or ANSWER_MOST
    least = prompt + min(wanted, ANSWER_LEAST)
    needed = prompt + min(wanted, ANSWER_MOST)
    if trained is not None:
        if least > trained:
            raise too_long(prompt, trained)
        needed = min(needed, trained)
    if allocated is not None and allocated >= needed:
        return allocated
    steps = -(-max(needed, CONTEXT_LEAST) // CONTEXT_STEP)
    return min(steps * CONTEXT_STEP, trained or steps * CONTEXT_STEP)


def messages(generation: Generation) -> list[dict[str, Any]]:
    """Write turns as Ollama's messages."""
    names = {
        part.id: part.name
        for turn in generation.turns
        for part in turn.parts
        if isinstance(part, Call)
    }
    return [message for turn in generation.turns for message in _messages(turn, names)]


def _messages(turn: Turn, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if turn.role == "tool":
        for part in turn.parts:
            if isinstance(part, Result):
                message: dict[str, Any] = {"role": "tool", "content": said_by(part)}
                if name := names.get(part.id):
                    message["tool_name"] = name
                message["tool_call_id"] = part.id
                if images := [one.data for one in part.parts if isinstance(one, Image)]:
                    message["images"] = images
                yield message
        return
    message = {"role": turn.role, "content": turn.text}
    if thoughts := "\n\n".join(part.text for part in turn.parts if isinstance(part, Thought)):
        message["thinking"] = thoughts
    if images := [part.data for part in turn.parts if isinstance(part, Image)]:
        message["images"] = images
    if calls := [part for part in turn.parts if isinstance(part, Call)]:
        message["tool_calls"] = [
            {
                "id": call.id,
                "function": {"name": call.name, "arguments": object_of(call.arguments)},
            }
            for call in calls
        ]
    yield message


def _options(server: str, kind: Kind, generation: Generation, shown: Shown) -> dict[str, Any]:
    options = sampled(server, kind, generation.sampling)
    if shown.context is not None:
        options["num_ctx"] = shown.context
    if generation.max_tokens is not None:
        options["num_predict"] = generation.max_tokens
    if generation.stop:
        options["stop"] = list(generation.stop)
    return options


def _think(server: str, generation: Generation, shown: Shown) -> dict[str, Any]:
    word = generation.thinking
    if word is None or (word == "off" and not shown.thinks):
        return {}
    if shown.thinks is False:
        raise not_served(server, "thinking", "this model does not think")
    return {"think": False if word == "off" else word}


# --- reading


def line(reading: Reading, said: bytes) -> None:
    """Read one line. Raises Garbage and BrokenOff."""
    told = parsed(said)
    if "error" in told:
        raise BrokenOff(message_of(told) or "unknown error")
    turn = mapping(told, "message")
    if thought := text(turn, "thinking") or text(told, "thinking"):
        reading.think(thought)
    if words := text(turn, "content") or text(told, "response"):
        rows = told.get("logprobs")
        weighed = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        reading.say(words, weighed)
    calls = turn.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = mapping(call, "function")
        # Each comes whole, and several were seen to share the index 0.
        reading.call(None, text(call, "id"), text(function, "name"), arguments_of(function) or "{}")
    if told.get("done") is True:
        reading.count(prompt=whole(told, "prompt_eval_count"), completion=whole(told, "eval_count"))
        reading.finish(text(told, "done_reason") or "stop")
        reading.over = True
