"""Chat completions as they are answered: one object, or chunks in OpenAI's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from satchel.base.errors import SatchelError
from satchel.model.dialects.dialect import Heading
from satchel.model.dialects.openai import DONE, failure, packed, quoted, usage
from satchel.model.turns import (
    Answer,
    Arguments,
    Asked,
    Called,
    Ended,
    Event,
    Finish,
    Said,
    Thinking,
)


def whole(asked: Asked, heading: Heading, answer: Answer) -> Mapping[str, Any]:
    """Return an answer that is not streamed."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": answer.text or (None if answer.calls else ""),
        "refusal": None,
        "annotations": [],
    }
    if answer.thinking:
        message["reasoning_content"] = message["reasoning"] = answer.thinking
    rows = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in answer.calls
    ]
    if rows and asked.echo["legacy"]:
        message["function_call"] = rows[0]["function"]
    elif rows:
        message["tool_calls"] = rows
    logprobs = {"content": list(answer.logprobs), "refusal": None} if answer.logprobs else None
    choice = {
        "index": 0,
        "message": message,
        "logprobs": logprobs,
        "finish_reason": _finish(answer.ended.finish, asked),
    }
    return {
        "id": f"chatcmpl-{heading.id}",
        "object": "chat.completion",
        "created": heading.created,
        "model": heading.model,
        "choices": [choice],
        "usage": usage(answer.ended.tokens),
    }


def _finish(finish: Finish, asked: Asked) -> str:
    return "function_call" if asked.echo["legacy"] and finish == "tool_calls" else finish


class Chunks:
    """Writes one answer as chunks. All of a chunk but its words is made once."""

    def __init__(self, asked: Asked, heading: Heading) -> None:
        self._asked = asked
        self._usage = bool(asked.echo["usage"])
        self._head = "data: " + packed(
            {
                "id": f"chatcmpl-{heading.id}",
                "object": "chat.completion.chunk",
                "created": heading.created,
                "model": heading.model,
            }
        ).removesuffix("}")
        self._delta = f'{self._head},"choices":[{{"index":0,"delta":'
        self._said = f'{self._delta}{{"content":'
        self._thought = f'{self._delta}{{"reasoning_content":'
        self._tail = ',"usage":null}\n\n' if self._usage else "}\n\n"
        self._last = f',"logprobs":null,"finish_reason":null}}]{self._tail}'
        self._bare = False  # a call that has no arguments yet
        self._call = 0

    def begin(self) -> bytes:
        """Return the chunk that says who speaks."""
        delta = '{"role":"assistant","content":"","refusal":null}'
        return f"{self._delta}{delta}{self._last}".encode()

    def write(self, events: Sequence[Event]) -> bytes:
        """Return a batch of events as chunks."""
        out: list[str] = []
        for event in events:
            if isinstance(event, Said):
                if event.logprobs:
                    rows = packed({"content": event.logprobs, "refusal": None})
                    end = f'}},"logprobs":{rows},"finish_reason":null}}]{self._tail}'
                    out.append(f"{self._said}{quoted(event.text)}{end}")
                else:
                    out.append(f"{self._said}{quoted(event.text)}}}{self._last}")
            elif isinstance(event, Thinking):
                text = quoted(event.text)
                out.append(f'{self._thought}{text},"reasoning":{text}}}{self._last}')
            elif isinstance(event, Arguments):
                if event.text:
                    self._bare = False
                    out.append(self._arguments(event.index, event.text))
            elif isinstance(event, Called):
                out.append(self._filled())
                out.append(self._called(event))
            else:
                out.append(self._filled())
                out.append(self._ended(event))
        return "".join(out).encode()

    def broken(self, error: SatchelError) -> bytes:
        """Return an error, which OpenAI's clients raise, and the end."""
        return f"data: {packed(failure(error, 500))}\n\n{DONE}".encode()

    def _called(self, event: Called) -> str:
        self._bare, self._call = True, event.index
        if self._asked.echo["legacy"]:
            delta: dict[str, Any] = {"function_call": {"name": event.name, "arguments": ""}}
        else:
            row = {"index": event.index, "id": event.id, "type": "function"}
            delta = {"tool_calls": [row | {"function": {"name": event.name, "arguments": ""}}]}
        return f"{self._delta}{packed(delta)}{self._last}"

    def _arguments(self, index: int, text: str) -> str:
        if self._asked.echo["legacy"]:
            inner = f'{{"function_call":{{"arguments":{quoted(text)}}}}}'
        else:
            arguments = f'"function":{{"arguments":{quoted(text)}}}'
            inner = f'{{"tool_calls":[{{"index":{index},{arguments}}}]}}'
        return f"{self._delta}{inner}{self._last}"

    def _filled(self) -> str:
        """Close a call that was given no arguments with an empty object, as `whole` has it."""
        bare, self._bare = self._bare, False
        return self._arguments(self._call, "{}") if bare else ""

    def _ended(self, event: Ended) -> str:
        finish = quoted(_finish(event.finish, self._asked))
        last = f'{self._delta}{{}},"logprobs":null,"finish_reason":{finish}}}]{self._tail}'
        if self._usage:
            counts = packed(usage(event.tokens))
            last += f'{self._head},"choices":[],"usage":{counts}}}\n\n'
        return last + DONE
