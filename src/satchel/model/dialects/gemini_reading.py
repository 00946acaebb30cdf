"""Gemini's request bodies, read: generateContent, streamGenerateContent and countTokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from satchel.model.dialects.fields import Fields
from satchel.model.dialects.gemini_content import many, read_turns
from satchel.model.dialects.gemini_schema import json_schema, spelled
from satchel.model.dialects.parts import Effort, effort_of
from satchel.model.turns import Asked, Choice, Form, Generation, Named, Sampling, Tool

ACTIONS = ("generateContent", "streamGenerateContent", "countTokens")
FRAMINGS: Mapping[str, str] = {"": "array", "json": "array", "sse": "sse"}

# Tools that Google's own servers run, and what a grant knows each by.
OUTWARD: Mapping[str, str] = {
    "codeExecution": "code_execution",
    "enterpriseWebSearch": "enterprise_web_search",
    "googleMaps": "google_maps",
    "googleSearch": "google_search",
    "googleSearchRetrieval": "google_search",
    "urlContext": "url_context",
}

# Change nothing here: filters that no local model has, names for a bill, a tier of Google's.
HARMLESS = ("labels", "safetySettings", "serviceTier")

ONLY: Mapping[str, tuple[Any, ...]] = {"cachedContent": (), "store": (False,)}
ONLY_GENERATION: Mapping[str, tuple[Any, ...]] = {
    "audioTimestamp": (False,),
    "candidateCount": (1,),
    "enableAffectiveDialog": (False,),
    "enableEnhancedCivicAnswers": (False,),
    "mediaResolution": ("MEDIA_RESOLUTION_UNSPECIFIED",),
    "responseModalities": ([], ["TEXT"], ["text"]),
}

LEVELS: Mapping[str, Effort | None] = {
    "THINKING_LEVEL_UNSPECIFIED": None,
    "MINIMAL": "low",
    "LOW": "low",
    "MEDIUM": "medium",
    "HIGH": "high",
    "XHIGH": "high",
}


def read(body: Mapping[str, Any], path: Mapping[str, str]) -> Asked:
    """Read a request for an answer. `path` has "model", "action" (of ACTIONS) and "alt".

    Raises BadInput, also for a field that is not served. `echo` holds "thoughts" (whether they
    are shown) and "framing" ("sse", or "array" for a stream without alt=sse).
    """
    alt = path.get("alt", "")
    streamed = path.get("action") == "streamGenerateContent"
    if alt not in FRAMINGS or (alt == "sse" and not streamed):
        raise Fields({}).wrong("alt", f"can only be json{' or sse' if streamed else ''} here")
    asked = _asked(Fields(spelled(body)), path)
    return replace(asked, streamed=streamed, echo={**asked.echo, "framing": FRAMINGS[alt]})


def read_count(body: Mapping[str, Any], path: Mapping[str, str]) -> Asked:
    """Read a request to count the tokens of a prompt: contents, or a whole request for them."""
    fields = Fields(spelled(body))
    inner = fields.inner("generateContentRequest")
    if inner is None:
        return _asked(fields, path)
    fields.done()
    return _asked(inner, path)


def _asked(fields: Fields, path: Mapping[str, str]) -> Asked:
    model = path["model"].removeprefix("models/")
    fields.only("model", model, f"models/{model}")
    fields.harmless(*HARMLESS)
    fields.only_each(ONLY)
    turns = read_turns(fields)
    declared, outward = _tools(fields)
    tools, choice = _choice(fields, declared)
    config = fields.inner("generationConfig") or Fields({})
    thinking, thoughts = _thinking(config)
    generation = Generation(
        turns=turns,
        tools=tools,
        choice=choice,
        form=_form(config),
        max_tokens=config.within("maxOutputTokens", int, 1, 2**31),
        stop=_stop(config),
        thinking=thinking,
        sampling=_sampling(config),
        outward=outward,
    )
    config.only_each(ONLY_GENERATION)
    config.done()
    fields.done()
    return Asked(model, generation, False, {"thoughts": thoughts})


# --- tools


def _tools(fields: Fields) -> tuple[tuple[Tool, ...], tuple[str, ...]]:
    """Read the functions that are declared, and the names of the tools that a server runs.

    Settings of the latter are refused: no server that is known here has a place for them.
    """
    tools: dict[str, Tool] = {}
    outward: dict[str, None] = {}
    for entry in many(fields, "tools"):
        for declared in many(entry, "functionDeclarations"):
            tool = _tool(declared)
            if tool.name in tools:
                raise declared.wrong("name", "is the name of another function")
            tools[tool.name] = tool
        for given, name in OUTWARD.items():
            if (settings := entry.inner(given)) is not None:
                settings.done()
                outward[name] = None
        entry.done()
    return tuple(tools.values()), tuple(outward)


def _tool(declared: Fields) -> Tool:
    described = declared.take("description", str) or ""
    written = declared.inner("parameters")
    schema: Mapping[str, Any] | None = declared.take("parametersJsonSchema", dict)
    if written is not None:
        if schema is not None:
            raise declared.wrong("parameters", "stands beside parametersJsonSchema: give one")
        schema = json_schema(written)
    for name in ("response", "responseJsonSchema"):  # the model is told; nothing else could be
        if (returned := declared.take(name, dict)) is not None:
            described = f"{described}\nReturns: {_json(returned)}".strip()
    declared.only("behavior", "UNSPECIFIED", "BLOCKING")
    name = declared.need("name", str)
    declared.done()
    return Tool(name, described, schema or {"type": "object", "properties": {}})


def _choice(fields: Fields, tools: tuple[Tool, ...]) -> tuple[tuple[Tool, ...], Choice]:
    """Read which functions may or must be called; only those are then offered.

    VALIDATED is AUTO with arguments held to their schema.
    """
    given = fields.inner("toolConfig") or Fields({})
    calling = given.inner("functionCallingConfig") or Fields({})
    modes = ("MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED")
    mode = calling.word("mode", *modes) or "AUTO"
    allowed = calling.texts("allowedFunctionNames")
    if unknown := set(allowed) - {tool.name for tool in tools}:
        said = f"names {min(unknown)[:80]!r}, which is not declared"
        raise calling.wrong("allowedFunctionNames", said)
    if allowed and mode not in ("ANY", "VALIDATED"):
        raise calling.wrong("allowedFunctionNames", "needs the mode ANY or VALIDATED")
    calling.only("streamFunctionCallArguments", False)
    calling.done()
    given.only("includeServerSideToolInvocations", False)
    given.done()
    if allowed:
        tools = tuple(tool for tool in tools if tool.name in allowed)
    match mode:
        case "ANY" if not tools:
            raise calling.wrong("mode", "is ANY, and no function is declared")
        case "ANY":
            return tools, Named(tools[0].name) if len(tools) == 1 else "required"
        case "NONE":
            return tools, "none"
        case "VALIDATED":
            return tuple(replace(tool, strict=True) for tool in tools), "auto"
        case _:
            return tools, "auto"


# --- how to answer


def _form(config: Fields) -> Form | None:
    kind = config.word("responseMimeType", "text/plain", "application/json")
    written = config.inner("responseSchema")
    schemas = [
        schema
        for name in ("responseJsonSchema", "_responseJsonSchema")
        if (schema := config.take(name, dict)) is not None
    ]
    if written is not None:
        schemas.append(dict(json_schema(written)))
    if len(schemas) > 1:
        raise config.wrong("responseSchema", "is given twice, in two forms: give one")
    if schemas and kind != "application/json":
        raise config.wrong("responseMimeType", "must be 'application/json' where there is a schema")
    if kind != "application/json":
        return None
    return Form(schemas[0] if schemas else None)


def _stop(config: Fields) -> tuple[str, ...]:
    stop = config.texts("stopSequences")
    if not all(stop):
        raise config.wrong("stopSequences", "must not hold an empty text")
    return stop


def _thinking(config: Fields) -> tuple[Literal["off"] | Effort | None, bool]:
    """Read how much is to be thought, and whether the tool is shown it."""
    given = config.inner("thinkingConfig")
    if given is None:
        return None, False
    shown = given.take("includeThoughts", bool) or False
    level = given.word("thinkingLevel", *LEVELS)
    budget = given.within("thinkingBudget", int, -1, 2**31)  # -1: as the model does by itself
    given.done()
    if level is not None and budget is not None:
        raise given.wrong("thinkingBudget", "stands beside thinkingLevel: give one")
    if level is not None:
        return LEVELS[level], shown
    if budget is None or budget < 0:
        return None, shown
    if budget == 0:
        return "off", shown
    return effort_of(budget), shown


def _sampling(config: Fields) -> Sampling:
    wanted = config.take("responseLogprobs", bool) or False
    most = config.within("logprobs", int, 0, 20)
    if most is not None and not wanted:
        raise config.wrong("logprobs", "needs responseLogprobs")
    return Sampling(
        temperature=config.within("temperature", float, 0.0, 2.0),
        top_p=config.within("topP", float, 0.0, 1.0),
        top_k=config.within("topK", int, 0, 1_000_000),
        presence_penalty=config.within("presencePenalty", float, -2.0, 2.0),
        frequency_penalty=config.within("frequencyPenalty", float, -2.0, 2.0),
        seed=config.take("seed", int),
        logprobs=(most or 0) if wanted else None,
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
