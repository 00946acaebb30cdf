"""What OpenAI's endpoints have in common: sampling, forms, pictures, usage, errors, SSE."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from json.encoder import encode_basestring_ascii
from typing import Any, Literal, TypeVar

from satchel.base.errors import SatchelError
from satchel.model.dialects import parts
from satchel.model.dialects.fields import Fields
from satchel.model.dialects.parts import Effort
from satchel.model.turns import Form, Image, Sampling, Text, Tokens, Tool, Turn

T = TypeVar("T")

# A JSON text in ASCII alone: no character in it ends a line for any reader of SSE (some take
# U+2028 for an end), and half of a surrogate pair stays what it was.
quoted = encode_basestring_ascii

DONE = "data: [DONE]\n\n"

# Change nothing here: they name the caller, choose among hosted tiers, or steer a cache that a
# local server keeps anyhow.
HARMLESS = (
    "metadata",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "safety_identifier",
    "service_tier",
    "user",
)

Thinking = Literal["off"] | Effort
EFFORTS: Mapping[str, Thinking] = {"none": "off", "minimal": "low", **parts.EFFORTS}

# No local model has a knob for it, so the model is told.
VERBOSITY: Mapping[str, str] = {
    "low": "Keep the answer short.",
    "medium": "",
    "high": "Answer at length and in detail.",
}

ANY_ARGUMENTS: Mapping[str, Any] = {"type": "object", "properties": {}}

_PICTURE = re.compile(
    r"data:(image/[a-z0-9.+-]{1,40})(?:;[a-z0-9=-]{1,40}){0,3};base64,([A-Za-z0-9+/]+={0,2})",
    re.IGNORECASE,
)


# The numbers that say how tokens are drawn: their kind, the least and the most.
_DRAWN: Mapping[str, tuple[Any, float, float]] = {
    "temperature": (float, 0.0, 2.0),
    "top_p": (float, 0.0, 1.0),
    "top_k": (int, 0, 1_000_000),
    "min_p": (float, 0.0, 1.0),
    "presence_penalty": (float, -2.0, 2.0),
    "frequency_penalty": (float, -2.0, 2.0),
    "repeat_penalty": (float, 0.0, 10.0),
    "repetition_penalty": (float, 0.0, 10.0),
    "dry_multiplier": (float, 0.0, 10.0),
}
_REPEAT = ("repeat_penalty", "repetition_penalty")  # two names of one


packed = json.JSONEncoder(separators=(",", ":")).encode  # JSON in ASCII without blanks


def named(fields: Fields) -> str:
    """Read the model's name."""
    model = fields.need("model", str)
    if not model:
        raise fields.wrong("model", "is empty")
    return model


def agreed(fields: Fields, given: Mapping[str, T | None]) -> T | None:
    """Return the value of a field that has several names, under whichever it came."""
    values = set(given.values()) - {None}
    if len(values) > 1:
        first, *others = (name for name, value in given.items() if value is not None)
        raise fields.wrong(first, f"contradicts {' and '.join(others)}")
    return values.pop() if values else None


def sampling(fields: Fields, logprobs: int | None = None) -> Sampling:
    """Read how tokens are drawn: OpenAI's fields, and llama.cpp's and vLLM's beside them."""
    drawn = {name: fields.within(name, *_DRAWN[name]) for name in fields.present(_DRAWN)}
    if "repetition_penalty" in drawn:
        penalties = {name: drawn.pop(name) for name in _REPEAT if name in drawn}
        drawn["repeat_penalty"] = agreed(fields, penalties)
    seed = fields.take("seed", int)
    seed = None if seed == -1 else seed  # llama.cpp's and LM Studio's word for any
    return Sampling(**drawn, seed=seed, logprobs=logprobs)


def most(fields: Fields, *names: str) -> int | None:
    """Read the most tokens of an answer under any of `names`; -1 is as many as fit."""
    given = {name: fields.within(name, int, -1, 2**31) for name in fields.present(names)}
    for name, value in given.items():
        if value == 0:
            raise fields.wrong(name, "must be at least 1")
    limit = agreed(fields, given)
    return None if limit == -1 else limit


def stops(fields: Fields) -> tuple[str, ...]:
    """Read the words that end the answer."""
    words = fields.texts("stop")
    if "" in words:
        raise fields.wrong("stop", "holds an empty text, at which every answer would end")
    return words


def stream_usage(fields: Fields) -> bool:
    """Read whether a stream is to tell its usage; any other answer tells it in any case."""
    options = fields.inner("stream_options")
    if options is None:
        return False
    options.only("include_obfuscation", False)
    wanted = options.take("include_usage", bool) or False
    options.done()
    return wanted


def effort(fields: Fields, name: str) -> Thinking | None:
    """Read a word of effort."""
    word = fields.word(name, *EFFORTS)
    return None if word is None else EFFORTS[word]


def form(fields: Fields, name: str) -> Form | None:
    """Read the form of an answer that stands under `name`: text, JSON, or JSON of a schema."""
    wanted = fields.inner(name)
    if wanted is None:
        return None
    read: Form | None = None
    match wanted.word("type", "text", "json_object", "json_schema"):
        case "json_object":
            read = Form(wanted.take("schema", dict))  # llama.cpp's way to give one
        case "json_schema":
            # Chat completions nest what responses lay flat.
            inner = wanted.inner("json_schema")
            read = _schema(inner or wanted)
            if inner is not None:
                inner.done()
        case None:
            raise wanted.wrong("type", "is missing")
    wanted.done()
    return read


def _schema(fields: Fields) -> Form:
    schema = fields.need("schema", dict)
    fields.harmless("strict")  # every schema is held to
    if described := fields.take("description", str):
        schema = {"description": described} | schema
    return Form(schema, fields.take("name", str) or "answer")


def function(fields: Fields) -> Tool:
    """Read a function that the model may call, and leave nothing of it unread."""
    name = fields.need("name", str)
    if not name:
        raise fields.wrong("name", "is empty")
    described = fields.take("description", str) or ""
    schema = fields.take("parameters", dict) or ANY_ARGUMENTS
    tool = Tool(name, described, schema, fields.take("strict", bool) or False)
    fields.done()
    return tool


def arguments(text: str) -> str:
    """Return a call's arguments as the JSON object that a model's template can read.

    A model may have written something else, and a tool sends it back as it came: it is then kept
    as the one argument "unparsed", so that the model sees what it wrote.
    """
    if not text.strip():
        return "{}"
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    return text if isinstance(read, dict) else packed({"unparsed": text})


def picture(fields: Fields, name: str) -> Image:
    """Read a picture from a data: URL. An address is refused, since it would be fetched."""
    url = fields.need(name, str)
    if url[:5].lower() != "data:":
        raise fields.wrong(name, "is an address, and no picture is fetched: send a data: URL")
    read = _PICTURE.fullmatch(url.replace("\r", "").replace("\n", ""))
    if read is None or len(read[2]) % 4:
        raise fields.wrong(name, "is no data: URL of a picture in base64")
    return Image(read[1].lower(), read[2])


def told(turns: tuple[Turn, ...], words: str) -> tuple[Turn, ...]:
    """Add an instruction at the end of the first system turn, or as a first turn."""
    if not words:
        return turns
    for place, turn in enumerate(turns):
        if turn.role == "system":
            longer = Turn("system", (*turn.parts, Text(words)))
            return (*turns[:place], longer, *turns[place + 1 :])
    return (Turn("system", (Text(words),)), *turns)


def usage(tokens: Tokens) -> dict[str, Any]:
    """Return what an answer cost; a count that nobody told is 0."""
    prompt = tokens.prompt or 0
    completion = tokens.completion or 0
    counts: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    if tokens.cached is not None:
        counts["prompt_tokens_details"] = {"cached_tokens": tokens.cached}
    if tokens.thinking is not None:
        counts["completion_tokens_details"] = {"reasoning_tokens": tokens.thinking}
    return counts


_KINDS: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    503: "service_unavailable_error",
    504: "timeout_error",
}

# Codes that clients act on; every other stays ours.
_CODES: Mapping[str, str] = {
    "context-exceeded": "context_length_exceeded",
    "model-missing": "model_not_found",
    "model-not-found": "model_not_found",
}


def problem(error: SatchelError, status: int) -> dict[str, Any]:
    """Return an error as OpenAI words one: a sentence with the next step, type, field, code."""
    kind = _KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {
        "message": f"{error.message}; {error.next_step}",
        "type": kind,
        "param": error.extra.get("field"),
        "code": _CODES.get(error.code, error.code),
    }


def failure(error: SatchelError, status: int) -> Mapping[str, Any]:
    """Return the body of an error."""
    return {"error": problem(error, status)}
