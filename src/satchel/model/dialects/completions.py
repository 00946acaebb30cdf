"""OpenAI's completions of bare text: POST /v1/completions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from satchel.base.errors import SatchelError
from satchel.model.dialects.dialect import Dialect, Heading
from satchel.model.dialects.fields import Fields
from satchel.model.dialects.openai import (
    DONE,
    HARMLESS,
    failure,
    most,
    named,
    packed,
    quoted,
    sampling,
    stops,
    stream_usage,
    usage,
)
from satchel.model.turns import Answer, Asked, Ended, Event, Generation, Said, Thinking

DEFAULT_MOST = 16  # tokens; OpenAI's own default, which its clients count on

ONLY: Mapping[str, tuple[Any, ...]] = {
    "n": (1,),
    "best_of": (1,),
    "suffix": ("",),
    "logit_bias": ({},),
}


def read(body: Mapping[str, Any], path: Mapping[str, str]) -> Asked:
    """Read a request. Raises BadInput, also for a field that is not served."""
    fields = Fields(body)
    fields.harmless(*HARMLESS, "cache_prompt")
    fields.only_each(ONLY)
    prompt = _prompt(fields)
    logprobs = fields.within("logprobs", int, 0, 5)
    echo = fields.take("echo", bool) or False
    if echo and logprobs is not None:
        raise fields.wrong("logprobs", "of an echoed prompt are not known here")
    unlimited = body.get("max_tokens") == -1
    limit = most(fields, "max_tokens")
    generation = Generation(
        prompt=prompt,
        max_tokens=limit or (None if unlimited else DEFAULT_MOST),
        stop=stops(fields),
        sampling=sampling(fields, logprobs),
    )
    asked = Asked(
        named(fields),
        generation,
        fields.take("stream", bool) or False,
        {"usage": stream_usage(fields), "before": prompt if echo else ""},
    )
    fields.done()
    return asked


def _prompt(fields: Fields) -> str:
    match fields.raw("prompt"):
        case str() as prompt:
            return prompt
        case [str() as prompt]:
            return prompt
        case None:
            raise fields.wrong("prompt", "is missing")
        case [str(), *_]:
            raise fields.wrong("prompt", "can only be one text here: ask once for each")
        case _:
            raise fields.wrong("prompt", "must be a text: every model counts its tokens otherwise")


def whole(asked: Asked, heading: Heading, answer: Answer) -> Mapping[str, Any]:
    """Return an answer that is not streamed."""
    text = f"{asked.echo['before']}{answer.thinking}{answer.text}"
    choice = {
        "index": 0,
        "text": text,
        "logprobs": _logprobs(answer.logprobs, 0) if answer.logprobs else None,
        "finish_reason": _finish(answer.ended),
    }
    return _head(heading) | {"choices": [choice], "usage": usage(answer.ended.tokens)}


def _head(heading: Heading) -> dict[str, Any]:
    return {
        "id": f"cmpl-{heading.id}",
        "object": "text_completion",
        "created": heading.created,
        "model": heading.model,
    }


def _finish(ended: Ended) -> str:
    return "stop" if ended.finish == "tool_calls" else ended.finish


def _logprobs(rows: Sequence[Mapping[str, Any]], offset: int) -> dict[str, Any]:
    """Return chat's rows in the older form; `offset` is where the first token begins."""
    tokens = [str(row.get("token", "")) for row in rows]
    offsets = [offset]
    for token in tokens[:-1]:
        offsets.append(offsets[-1] + len(token))
    return {
        "tokens": tokens,
        "token_logprobs": [row.get("logprob") for row in rows],
        "top_logprobs": [
            {str(top.get("token", "")): top.get("logprob") for top in row.get("top_logprobs") or ()}
            for row in rows
        ],
        "text_offset": offsets[: len(tokens)],
    }


class Chunks:
    """Writes one answer as chunks. What a model thinks of bare text is part of its text."""

    def __init__(self, asked: Asked, heading: Heading) -> None:
        self._before = str(asked.echo["before"])
        self._usage = bool(asked.echo["usage"])
        self._head = "data: " + packed(_head(heading)).removesuffix("}")
        self._text = f'{self._head},"choices":[{{"index":0,"text":'
        self._tail = ',"usage":null}\n\n' if self._usage else "}\n\n"
        self._last = f',"logprobs":null,"finish_reason":null}}]{self._tail}'
        self._written = 0  # characters, which logprobs count from

    def begin(self) -> bytes:
        """Return the prompt, where it is to be echoed."""
        return f"{self._text}{quoted(self._before)}{self._last}".encode() if self._before else b""

    def write(self, events: Sequence[Event]) -> bytes:
        """Return a batch of events as chunks."""
        out: list[str] = []
        for event in events:
            if isinstance(event, Said | Thinking):
                last = self._last
                if isinstance(event, Said) and event.logprobs:
                    rows = packed(_logprobs(event.logprobs, self._written))
                    last = f',"logprobs":{rows},"finish_reason":null}}]{self._tail}'
                self._written += len(event.text)
                out.append(f"{self._text}{quoted(event.text)}{last}")
            elif isinstance(event, Ended):
                out.append(self._ended(event))
        return "".join(out).encode()

    def broken(self, error: SatchelError) -> bytes:
        """Return an error, which OpenAI's clients raise, and the end."""
        return f"data: {packed(failure(error, 500))}\n\n{DONE}".encode()

    def _ended(self, event: Ended) -> str:
        finish = quoted(_finish(event))
        last = f'{self._text}"","logprobs":null,"finish_reason":{finish}}}]{self._tail}'
        if self._usage:
            counts = packed(usage(event.tokens))
            last += f'{self._head},"choices":[],"usage":{counts}}}\n\n'
        return last + DONE


COMPLETIONS = Dialect("completions", read, whole, Chunks, failure)
