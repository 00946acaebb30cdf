"""One question in each way that the three clients have to ask it, whole and streamed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import anthropic
import openai
from google import genai
from google.genai import errors


@dataclass(frozen=True, slots=True)
class Clients:
    """The three official clients, pointed at one endpoint."""

    openai: openai.OpenAI
    anthropic: anthropic.Anthropic
    google: genai.Client


Ask: TypeAlias = Callable[..., Any]
"""(clients, model, words, fields of the request, headers) → what was said.

A stream is given as pieces of text, one as it comes; closing it leaves the answer.
"""

FAILURES: Final = (openai.APIError, anthropic.APIError, errors.APIError)


def status(failed: BaseException) -> int:
    """Return the HTTP status of what a client raised."""
    if isinstance(failed, openai.APIStatusError | anthropic.APIStatusError):
        return failed.status_code
    assert isinstance(failed, errors.APIError)
    return int(failed.code)


def _turns(words: str) -> Any:
    return [{"role": "user", "content": words}]


def chat(on: Clients, model: str, words: str, fields: Any = None, headers: Any = None) -> str:
    made = on.openai.chat.completions.create(
        model=model, messages=_turns(words), extra_body=fields, extra_headers=headers
    )
    return made.choices[0].message.content or ""


def completion(on: Clients, model: str, words: str, fields: Any = None, headers: Any = None) -> str:
    made = on.openai.completions.create(
        model=model, prompt=words, max_tokens=200, extra_body=fields, extra_headers=headers
    )
    return made.choices[0].text


def response(on: Clients, model: str, words: str, fields: Any = None, headers: Any = None) -> str:
    return on.openai.responses.create(
        model=model, input=words, extra_body=fields, extra_headers=headers
    ).output_text


def message(on: Clients, model: str, words: str, fields: Any = None, headers: Any = None) -> str:
    made = on.anthropic.messages.create(
        model=model,
        messages=_turns(words),
        max_tokens=200,
        extra_body=fields,
        extra_headers=headers,
    )
    return "".join(block.text for block in made.content if block.type == "text")


def content(on: Clients, model: str, words: str, fields: Any = None, headers: Any = None) -> str:
    made = on.google.models.generate_content(
        model=model, contents=words, config=_options(fields, headers)
    )
    return made.text or ""


def chat_stream(
    on: Clients, model: str, words: str, fields: Any = None, headers: Any = None
) -> Generator[str]:
    with on.openai.chat.completions.create(
        model=model,
        messages=_turns(words),
        stream=True,
        extra_body=fields,
        extra_headers=headers,
    ) as stream:
        for chunk in stream:
            yield (chunk.choices[0].delta.content or "") if chunk.choices else ""


def completion_stream(
    on: Clients, model: str, words: str, fields: Any = None, headers: Any = None
) -> Generator[str]:
    with on.openai.completions.create(
        model=model,
        prompt=words,
        max_tokens=200,
        stream=True,
        extra_body=fields,
        extra_headers=headers,
    ) as stream:
        for chunk in stream:
            yield chunk.choices[0].text if chunk.choices else ""


def response_stream(
    on: Clients, model: str, words: str, fields: Any = None, headers: Any = None
) -> Generator[str]:
    with on.openai.responses.create(
        model=model, input=words, stream=True, extra_body=fields, extra_headers=headers
    ) as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                yield event.delta


def message_stream(
    on: Clients, model: str, words: str, fields: Any = None, headers: Any = None
) -> Generator[str]:
    with on.anthropic.messages.stream(
        model=model,
        messages=_turns(words),
        max_tokens=200,
        extra_body=fields,
        extra_headers=headers,
    ) as stream:
        yield from stream.text_stream


def content_stream(
    on: Clients, model: str, words: str, fields: Any = None, headers: Any = None
) -> Generator[str]:
    pieces: Any = on.google.models.generate_content_stream(
        model=model, contents=words, config=_options(fields, headers)
    )
    with closing(pieces):
        for piece in pieces:
            yield piece.text or ""


def _options(fields: Any, headers: Any) -> Any:
    given = {"extra_body": fields, "headers": headers}
    return {"http_options": {name: value for name, value in given.items() if value}}


WHOLE: Final[Mapping[str, Ask]] = {
    "/v1/chat/completions": chat,
    "/v1/completions": completion,
    "/v1/responses": response,
    "/v1/messages": message,
    "generateContent": content,
}
STREAMED: Final[Mapping[str, Callable[..., Generator[str]]]] = {
    "/v1/chat/completions": chat_stream,
    "/v1/completions": completion_stream,
    "/v1/responses": response_stream,
    "/v1/messages": message_stream,
    "streamGenerateContent": content_stream,
}
