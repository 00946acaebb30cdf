"""Every field that the official clients can send: used, refused by its place, or told harmless.

The fields are those of the clients' own types, so that a client's next version asks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from anthropic.types.beta import MessageCountTokensParams
from anthropic.types.beta.message_create_params import MessageCreateParamsBase
from google.genai import types
from openai.types.chat.completion_create_params import CompletionCreateParamsBase as ChatParams
from openai.types.completion_create_params import CompletionCreateParamsBase
from openai.types.embedding_create_params import EmbeddingCreateParams
from openai.types.responses.response_create_params import ResponseCreateParamsBase
from pydantic.alias_generators import to_camel

from satchel.base.errors import BadInput
from satchel.model.dialects import embeddings, gemini_reading, messages, messages_reading, openai
from satchel.model.dialects.chat import CHAT
from satchel.model.dialects.completions import COMPLETIONS
from satchel.model.dialects.gemini import GEMINI
from satchel.model.dialects.messages import MESSAGES
from satchel.model.dialects.responses import RESPONSES

HI = [{"role": "user", "content": "hi"}]
CONTENTS = [{"role": "user", "parts": [{"text": "hi"}]}]
GENERATE = {"model": "m", "action": "generateContent", "alt": ""}
VALUES: tuple[Any, ...] = (
    "unusual", "high", 0.125, 17, -1, 0, True, False, ["x"], [17], {"17": 5}, {"a": "b"},
    {"type": "unusual"}, [{"type": "unusual"}], [{"unusual": {}}],
)  # fmt: skip
# What is as if it were not there; a value of 0 alternatives is of no logprobs at all.
NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "max_completion_tokens": (-1,),
    "max_output_tokens": (-1,),
    "max_tokens": (-1,),
    "parallel_tool_calls": (True,),
    "seed": (-1,),
    "top_logprobs": (0,),
}


@dataclass(frozen=True, slots=True)
class Way:
    """One endpoint: how it is read, what it needs, what it may be sent, what changes nothing."""

    read: Callable[[dict[str, Any]], Any]
    needs: Mapping[str, Any]
    fields: frozenset[str]
    harmless: frozenset[str]
    within: str = ""


def _google(within: str, body: dict[str, Any]) -> Any:
    asked = {"contents": CONTENTS}
    return GEMINI.read(asked | ({within: body} if within else body), GENERATE)


CONFIG = frozenset(map(to_camel, types.GenerateContentConfig.model_fields))
BESIDE = frozenset(  # the config's fields that the client sends beside it, or keeps to itself
    ["automaticFunctionCalling", "cachedContent", "httpOptions", "labels", "modelArmorConfig",
     "safetySettings", "serviceTier", "shouldReturnHttpResponse", "systemInstruction",
     "toolConfig", "tools"]
)  # fmt: skip
OPENAI = frozenset(openai.HARMLESS)
ANTHROPIC = frozenset(messages_reading.HARMLESS)
SENT = frozenset(MessageCreateParamsBase.__annotations__) - {"betas"}  # which is a header

WAYS = {
    "chat": Way(
        lambda body: CHAT.read(body, {}),
        {"model": "m", "messages": HI},
        frozenset(ChatParams.__annotations__) | {"stream"},
        OPENAI,
    ),
    "completions": Way(
        lambda body: COMPLETIONS.read(body, {}),
        {"model": "m", "prompt": "hi"},
        frozenset(CompletionCreateParamsBase.__annotations__) | {"stream"},
        OPENAI,
    ),
    "responses": Way(
        lambda body: RESPONSES.read(body, {}).generation,
        {"model": "m", "input": "hi"},
        frozenset(ResponseCreateParamsBase.__annotations__),
        OPENAI,
    ),
    "embeddings": Way(
        embeddings.read,
        {"model": "m", "input": "hi"},
        frozenset(EmbeddingCreateParams.__annotations__),
        OPENAI,
    ),
    "messages": Way(
        lambda body: MESSAGES.read(body, {}),
        {"model": "m", "messages": HI, "max_tokens": 9},
        SENT | {"stream"},
        ANTHROPIC,
    ),
    "count_tokens": Way(
        messages.read_count,
        {"model": "m", "messages": HI},
        frozenset(MessageCountTokensParams.__annotations__) - {"betas"},
        ANTHROPIC,
    ),
    "generateContent": Way(
        lambda body: _google("", body), {}, BESIDE, frozenset(gemini_reading.HARMLESS)
    ),
    "generationConfig": Way(
        lambda body: _google("generationConfig", body),
        {"responseMimeType": "application/json"},
        CONFIG - BESIDE,
        frozenset(),
        "generationConfig.",
    ),
}


def cases() -> Iterator[Any]:
    for name, way in WAYS.items():
        for field in sorted(way.fields - way.needs.keys()):
            yield pytest.param(way, field, id=f"{name}-{field}")


@pytest.mark.parametrize(("way", "field"), [*cases()])
def test_no_field_of_a_client_is_ignored(way: Way, field: str) -> None:
    plain = way.read(dict(way.needs))
    for value in VALUES:
        read, place = _read(way, {**way.needs, field: value})
        unchanged = value is False or value in NEUTRAL.get(field, ())
        assert place.startswith(way.within + field), value
        assert read != plain or field in way.harmless or unchanged, value


def _read(way: Way, body: dict[str, Any]) -> tuple[Any, str]:
    """Return what is read, or None and the place of what is refused."""
    try:
        return way.read(body), way.within + next(reversed(body))
    except BadInput as refused:
        return None, str(refused.extra["field"])
