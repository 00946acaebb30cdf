"""OpenAI's chat completions: POST /v1/chat/completions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from satchel.model.dialects.chat_answer import Chunks, whole
from satchel.model.dialects.dialect import Dialect
from satchel.model.dialects.fields import Fields
from satchel.model.dialects.openai import (
    HARMLESS,
    VERBOSITY,
    Thinking,
    agreed,
    arguments,
    effort,
    failure,
    form,
    function,
    most,
    named,
    picture,
    sampling,
    stops,
    stream_usage,
    told,
)
from satchel.model.turns import (
    Asked,
    Call,
    Choice,
    Generation,
    Image,
    Named,
    Part,
    Result,
    Text,
    Thought,
    Tool,
    Turn,
)

ONLY: Mapping[str, tuple[Any, ...]] = {
    "n": (1,),
    "store": (False,),
    "logit_bias": ({},),
    "modalities": (["text"],),
    "prediction": (),
    "audio": (),
    "moderation": (),
}
CACHED = ("cache_prompt",)  # llama.cpp: which is what it does


def read(body: Mapping[str, Any], path: Mapping[str, str]) -> Asked:
    """Read a request. Raises BadInput, also for a field that is not served."""
    fields = Fields(body)
    fields.harmless(*HARMLESS, *CACHED)
    fields.only_each(ONLY)
    turns = _turns(fields)
    tools, choice, legacy = _tools(fields)
    parallel = fields.take("parallel_tool_calls", bool)
    generation = Generation(
        turns=told(turns, VERBOSITY[fields.word("verbosity", *VERBOSITY) or "medium"]),
        tools=tools,
        choice=choice,
        parallel=parallel is not False and not legacy,
        form=form(fields, "response_format"),
        max_tokens=most(fields, "max_completion_tokens", "max_tokens"),
        stop=stops(fields),
        thinking=_thinking(fields),
        sampling=sampling(fields, _logprobs(fields)),
        outward=_outward(fields),
    )
    asked = Asked(
        named(fields),
        generation,
        fields.take("stream", bool) or False,
        {"usage": stream_usage(fields), "legacy": legacy},
    )
    fields.done()
    return asked


def _turns(fields: Fields) -> tuple[Turn, ...]:
    called: dict[str, str] = {}
    turns = tuple(_turn(message, called) for message in fields.each("messages"))
    if not turns:
        raise fields.wrong("messages", "must hold a message")
    return turns


def _turn(message: Fields, called: dict[str, str]) -> Turn:
    """Read one message. `called` holds the ids given to legacy calls, which have none."""
    message.harmless("cache_control", "__copilotMessageSource")  # the second marks, it says nothing
    match message.need("role", str):
        case "developer" | "system":
            turn = Turn("system", _by_name(message, _content(message)))
        case "user":
            turn = Turn("user", _by_name(message, _content(message)))
        case "assistant":
            turn = Turn("assistant", _by_name(message, _assistant(message, called)))
        case "tool":
            message.harmless("name")  # the id says which call
            id = message.need("tool_call_id", str)
            turn = Turn("tool", (Result(id, _content(message)),))
        case "function":
            name = message.need("name", str)
            if name not in called:
                raise message.wrong("name", "names no function that was called before")
            turn = Turn("tool", (Result(called[name], _content(message)),))
        case _:
            raise message.wrong("role", "must be a system, user, assistant or tool")
    message.done()
    return turn


def _content(message: Fields) -> tuple[Text | Image, ...]:
    match message.text_or_each("content"):
        case None:
            raise message.wrong("content", "is missing")
        case str() as text:
            return (Text(text),)
        case parts:
            return tuple(map(_part, parts))


def _part(part: Fields) -> Text | Image:
    part.harmless("cache_control", "prompt_cache_breakpoint")
    read: Text | Image
    match part.need("type", str):
        case "text" | "refusal" as kind:
            read = Text(part.need(kind, str))
        case "image_url":
            source = part.need_inner("image_url")
            source.harmless("detail")  # a local model sees a picture in one way
            read = picture(source, "url")
            source.done()
        case _:
            raise part.wrong("type", "can only be text or image_url here")
    part.done()
    return read


def _by_name(message: Fields, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Put the name of who speaks before the words: no template of a local model has a place."""
    name = message.take("name", str)
    if not name:
        return parts
    for place, part in enumerate(parts):
        if isinstance(part, Text):
            return (*parts[:place], Text(f"{name}: {part.text}"), *parts[place + 1 :])
    return parts


def _assistant(message: Fields, called: dict[str, str]) -> tuple[Part, ...]:
    message.harmless("annotations")  # what a hosted search found stands in the text too
    message.only("audio")
    parts: list[Part] = []
    # Answers of ours hold both, with the same words.
    thoughts = {name: message.take(name, str) for name in ("reasoning_content", "reasoning")}
    if words := agreed(message, thoughts):
        parts.append(Thought(words))
    match message.text_or_each("content"):
        case str() as text if text:
            parts.append(Text(text))
        case tuple() as rows:
            parts += map(_part, rows)
    if refusal := message.take("refusal", str):
        parts.append(Text(refusal))
    parts += [_call(row) for row in message.each("tool_calls")]
    if legacy := message.inner("function_call"):
        called_by, said = legacy.need("name", str), legacy.take("arguments", str) or ""
        legacy.done()
        id = called[called_by] = f"call_{len(called)}_{called_by}"
        parts.append(Call(id, called_by, arguments(said)))
    return tuple(parts) or (Text(""),)


def _call(row: Fields) -> Call:
    row.only("type", "function")
    row.harmless("index", "extra_content")  # of a stream that was kept; another provider's seal
    id = row.need("id", str)
    inner = row.need_inner("function")
    call = Call(id, inner.need("name", str), arguments(inner.take("arguments", str) or ""))
    inner.done()
    row.done()
    return call


_TOOLS = ("tools", "functions", "tool_choice", "function_call")


def _tools(fields: Fields) -> tuple[tuple[Tool, ...], Choice, bool]:
    """Read tools, which of them may be called, and whether they came as legacy functions."""
    if not fields.present(_TOOLS):
        return (), "auto", False
    tools = tuple(map(_tool, fields.each("tools")))
    functions = tuple(map(function, fields.each("functions")))
    if tools and functions:
        raise fields.wrong("functions", "cannot stand beside tools")
    if functions:
        fields.only("tool_choice")
        return functions, _legacy_choice(fields, functions), True
    fields.only("function_call", "none", "auto")
    return (*_chosen(fields, tools), False)


def _tool(row: Fields) -> Tool:
    row.only("type", "function")
    row.harmless("cache_control")
    inner = row.need_inner("function")
    row.done()
    return function(inner)


def _chosen(fields: Fields, tools: tuple[Tool, ...]) -> tuple[tuple[Tool, ...], Choice]:
    """Read which tools may be called: those, and whether one must be."""
    match fields.raw("tool_choice"):
        case None | "auto":
            return tools, "auto"
        case "none":
            return tools, "none"
        case "required":
            if not tools:
                raise fields.wrong("tool_choice", "requires a tool, and there is none")
            return tools, "required"
        case {"type": "allowed_tools", **rest}:
            return _allowed(Fields(rest, "tool_choice"), tools)
        case dict() as choice:
            name = _name(Fields(choice, "tool_choice"))
            _offered(fields, "tool_choice", tools, name)
            return tools, Named(name)
        case _:
            raise fields.wrong("tool_choice", "must be auto, none, required or a function")


def _allowed(choice: Fields, tools: tuple[Tool, ...]) -> tuple[tuple[Tool, ...], Choice]:
    """Leave out the tools that may not be called now."""
    inner = choice.need_inner("allowed_tools")
    choice.done()
    mode = inner.word("mode", "auto", "required")
    names = [_name(row) for row in inner.each("tools")]
    for name in names:
        _offered(inner, "tools", tools, name)
    if not names:
        raise inner.wrong("tools", "must hold a function")
    inner.done()
    some = tuple(tool for tool in tools if tool.name in names)
    return some, "required" if mode == "required" else "auto"


def _name(row: Fields) -> str:
    row.only("type", "function")
    inner = row.need_inner("function")
    name = inner.need("name", str)
    inner.done()
    row.done()
    return name


def _legacy_choice(fields: Fields, functions: tuple[Tool, ...]) -> Choice:
    match fields.raw("function_call"):
        case None | "auto":
            return "auto"
        case "none":
            return "none"
        case {"name": str() as name, **rest} if not rest:
            _offered(fields, "function_call", functions, name)
            return Named(name)
        case _:
            raise fields.wrong("function_call", "must be auto, none or a name")


def _offered(fields: Fields, field: str, tools: Sequence[Tool], name: str) -> None:
    if all(tool.name != name for tool in tools):
        raise fields.wrong(field, "names a function that is not among those offered")


def _thinking(fields: Fields) -> Thinking | None:
    """Read how much is thought: OpenAI's word, or the switch of a model's template."""
    word = effort(fields, "reasoning_effort")
    switches = [fields.take("enable_thinking", bool)]
    if template := fields.inner("chat_template_kwargs"):
        switches.append(template.take("enable_thinking", bool))
        template.done()
    for switch in switches:
        if switch is None:
            continue
        if word is not None and switch == (word == "off"):
            raise fields.wrong("reasoning_effort", "contradicts enable_thinking")
        word = word or ("medium" if switch else "off")
    return word


def _logprobs(fields: Fields) -> int | None:
    wanted, most = fields.take("logprobs", bool), fields.within("top_logprobs", int, 0, 20)
    if most and not wanted:
        raise fields.wrong("top_logprobs", "needs logprobs")
    return (most or 0) if wanted else None


def _outward(fields: Fields) -> tuple[str, ...]:
    search = fields.inner("web_search_options")
    if search is None:
        return ()
    search.only("search_context_size", "medium")
    search.done()
    return ("web_search",)


CHAT = Dialect("chat", read, whole, Chunks, failure)
