"""Anthropic's request bodies, read: POST /v1/messages and /v1/messages/count_tokens."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from satchel.base.errors import BadInput
from satchel.model.dialects.fields import Fields
from satchel.model.dialects.messages_content import (
    ASSISTANT,
    SYSTEM,
    THREADLESS,
    USER,
    changes,
    content,
    system,
)
from satchel.model.dialects.parts import EFFORTS, Effort, add_turn, effort_of
from satchel.model.turns import (
    Asked,
    Call,
    Choice,
    Form,
    Generation,
    Named,
    Part,
    Result,
    Sampling,
    Tool,
    Turn,
)

# Tools that Anthropic's own servers run, by the beginning of their type, which a date follows.
OUTWARD: Mapping[str, str] = {
    "web_search_": "web_search",
    "web_fetch_": "web_fetch",
    "code_execution_": "code_execution",
}

# Change nothing here. `cache_control`: a local server keeps the cache of a prompt by itself.
# `metadata` names the caller; the others choose among Anthropic's machines, or ask why a cache of
# theirs missed, which is then not told.
HARMLESS = (
    "cache_control",
    "diagnostics",
    "inference_geo",
    "metadata",
    "service_tier",
    "speed",
)


def read(body: Mapping[str, Any], path: Mapping[str, str]) -> Asked:
    """Read a request for an answer. Raises BadInput, also for a field that is not served.

    `echo` holds "thoughts" ("shown", "sealed" in a signature or "hidden"), as the tool asked for
    it.
    """
    fields = Fields(body)
    stream = fields.take("stream", bool) or False
    limit = fields.need("max_tokens", int)
    if limit < 1:
        raise fields.wrong("max_tokens", "must be at least 1 (no cache is filled ahead here)")
    stop = fields.texts("stop_sequences")
    if any(not word.strip() for word in stop):
        raise fields.wrong("stop_sequences", "must not hold an empty text")
    drawn = Sampling(
        temperature=fields.within("temperature", float, 0.0, 2.0),
        top_p=fields.within("top_p", float, 0.0, 1.0),
        top_k=fields.within("top_k", int, 0, 1_000_000),
    )
    return _asked(fields, body, streamed=stream, max_tokens=limit, stop=stop, sampling=drawn)


def read_count(body: Mapping[str, Any]) -> Asked:
    """Read a request to count the tokens of a prompt: what `read` takes, less how to answer."""
    return _asked(Fields(body), body)


def _asked(fields: Fields, body: Mapping[str, Any], *, streamed: bool = False, **how: Any) -> Asked:
    fields.harmless(*HARMLESS)
    fields.only("container")
    fields.only("mcp_servers", [])
    model = fields.need("model", str)
    _unthreaded(fields)
    _context_management(fields, model)
    tools, outward = _tools(fields, changes(body.get("messages")))
    choice, parallel = _choice(fields, [tool.name for tool in tools])
    thinking, thoughts = _thinking(fields)
    effort, form = _output(fields)
    turns, later = _turns(fields)
    generation = Generation(
        turns=turns,
        tools=tools,
        choice=choice,
        parallel=parallel,
        form=form,
        thinking=thinking or later or effort,
        outward=outward,
        **how,
    )
    fields.done()
    return Asked(model, generation, streamed, {"thoughts": thoughts})


# --- turns


def _turns(fields: Fields) -> tuple[tuple[Turn, ...], Effort | None]:
    """Read the conversation, and the effort that it sets on its way.

    Neighbours of one role are one turn, as Anthropic documents it.
    """
    turns: list[Turn] = []
    if words := system(fields):
        turns.append(Turn("system", words))
    messages = list(fields.each("messages"))
    if not messages:
        raise fields.wrong("messages", "must hold at least one message")
    roles = [message.need("role", str) for message in messages]
    last = max((at for at, role in enumerate(roles) if role == "user"), default=-1)
    called: dict[str, int] = {}
    numbers = itertools.count()
    steps: list[str] = []
    for at, (role, message) in enumerate(zip(roles, messages, strict=True)):
        match role:
            case "user":
                parts = content(message, USER)
                add_turn(turns, "tool", _results(message, parts, called))
                new = [part for part in parts if not isinstance(part, Result)]
                add_turn(turns, "user", new)
                steps.append("input" if new else "results")
            case "assistant":
                parts = content(message, ASSISTANT)
                add_turn(turns, "assistant", parts)
                steps.append("answer")
                for part in parts:
                    if isinstance(part, Call):
                        called[part.id] = next(numbers)
            case "system":
                passing = message.word("clear_at", "next_user_message", "never")
                if (config := message.inner("output_config")) is not None:
                    steps += filter(None, [config.word("effort", *EFFORTS)])
                    config.done()
                parts = content(message, SYSTEM)
                if passing != "next_user_message" or at > last:
                    add_turn(turns, "system", parts)
            case _:
                raise message.wrong("role", "must be 'user', 'assistant' or 'system'")
        message.done()
    return tuple(turns), _in_force(steps)


def _in_force(steps: Iterable[str]) -> Effort | None:
    """Return the effort that the system's messages set last, None where none does.

    Right behind new input of the user it holds from there on, elsewhere from the next new input.
    """
    word = waiting = None
    fresh = False
    for step in steps:
        if step not in EFFORTS:
            fresh = step == "input"
            word, waiting = (waiting or word, None) if fresh else (word, waiting)
        elif fresh:
            word = step
        else:
            waiting = step
    return EFFORTS[word] if word is not None else None


def _results(message: Fields, parts: Sequence[Part], called: Mapping[str, int]) -> list[Result]:
    """Return a message's results in the order of their calls, which templates without ids need."""
    results = [part for part in parts if isinstance(part, Result)]
    for result in results:
        if result.id not in called:
            said = f"has a result of {result.id[:80]!r}, which no call before it made"
            raise message.wrong("content", said)
    return sorted(results, key=lambda result: called[result.id])


# --- tools


def _tools(fields: Fields, changed: Mapping[str, bool]) -> tuple[tuple[Tool, ...], tuple[str, ...]]:
    """Read the tools that the model is offered, and the names of those that a server runs."""
    tools: list[Tool] = []
    outward: dict[str, None] = {}
    for place, given in enumerate(fields.take("tools", list) or ()):
        entry = Fields(given, f"tools[{place}]")
        kind = entry.take("type", str) or "custom"
        reaching = next((name for start, name in OUTWARD.items() if kind.startswith(start)), None)
        if reaching is not None:
            _unsettled(entry)
            outward[reaching] = None
            continue
        schema = entry.take("input_schema", dict)
        if schema is None:
            lack = "is missing" if kind == "custom" else f"is needed: {kind!r} is not known here"
            raise entry.wrong("input_schema", lack)
        deferred = entry.take("defer_loading", bool) or False
        tool = _tool(entry, schema)
        if any(tool.name == other.name for other in tools):
            raise entry.wrong("name", "is the name of another tool")
        if changed.get(tool.name, not deferred):
            tools.append(tool)
    return tuple(tools), tuple(outward)


def _unsettled(entry: Fields) -> None:
    """Refuse the settings of a tool that a server runs: no server that is known here has a place
    for them. `max_uses`, which Claude Code always sends, is taken, and not held."""
    entry.harmless("cache_control", "max_uses")
    entry.only("allowed_callers", ["direct"])
    entry.need("name", str)
    entry.done()


def _tool(entry: Fields, schema: Mapping[str, Any]) -> Tool:
    entry.harmless("cache_control", "eager_input_streaming")  # arguments are streamed as they come
    entry.only("allowed_callers", ["direct"])
    described = entry.take("description", str) or ""
    if examples := entry.take("input_examples", list):
        lines = (json.dumps(example, ensure_ascii=False) for example in examples)
        described = "\n".join([described, "Examples of arguments:", *lines]).strip()
    name, strict = entry.need("name", str), entry.take("strict", bool) or False
    entry.done()
    return Tool(name, described, schema, strict)


def _choice(fields: Fields, names: Sequence[str]) -> tuple[Choice, bool]:
    """Read which tool must be called, and whether several may be called at once."""
    given = fields.inner("tool_choice")
    if given is None:
        return "auto", True
    choice: Choice
    match given.need("type", str):
        case "auto":
            choice = "auto"
        case "none":
            choice = "none"
        case "any":
            choice = "required"
        case "tool":
            choice = Named(given.need("name", str))
            if choice.name not in names:
                raise given.wrong("name", "is none of the functions that are offered")
        case _:
            raise given.wrong("type", "must be 'auto', 'any', 'tool' or 'none'")
    if choice == "required" and not names:
        raise given.wrong("type", "needs a function that is offered")
    parallel = not given.take("disable_parallel_tool_use", bool)
    given.done()
    return choice, parallel


# --- how to answer


def _thinking(fields: Fields) -> tuple[Literal["off"] | Effort | None, str]:
    """Read how much is to be thought, and what of it the tool wants to see.

    Without the field a thought is not shown: a script that never asked for one takes the first
    block for the answer.
    """
    given = fields.inner("thinking")
    if given is None:
        return None, "hidden"
    thinking: Literal["off"] | Effort | None = None
    thoughts = "shown"
    match given.need("type", str):
        case "disabled":
            thinking, thoughts = "off", "hidden"
        case "enabled":
            thinking = effort_of(given.need("budget_tokens", int))
        case "adaptive":
            pass
        case _:
            raise given.wrong("type", "must be 'enabled', 'adaptive' or 'disabled'")
    if given.word("display", "summarized", "omitted") == "omitted" and thinking != "off":
        thoughts = "sealed"
    given.harmless("block_binding")  # what to do with a foreign thought: none is refused here
    given.done()
    return thinking, thoughts


def _output(fields: Fields) -> tuple[Effort | None, Form | None]:
    """Read `output_config`, and `output_format`, the earlier place of the answer's form."""
    form = _form(fields, "output_format")
    config = fields.inner("output_config")
    if config is None:
        return None, form
    word = config.word("effort", *EFFORTS)
    later = _form(config, "format")
    config.done()
    return EFFORTS[word] if word is not None else None, later or form


def _form(fields: Fields, name: str) -> Form | None:
    given = fields.inner(name)
    if given is None:
        return None
    given.only("type", "json_schema")
    form = Form(given.need("schema", dict))
    given.done()
    return form


def _unthreaded(fields: Fields) -> None:
    """Refuse a conversation that the server would have to keep.

    Anthropic's tool runner asks for one first, and knows the refusal by what `failure` adds for
    this code; it then sends every message itself.
    """
    if fields.raw("thread") is not None:
        said = "thread asks to keep the conversation, and none is kept here"
        raise BadInput(THREADLESS, said, "send all of it in `messages`", field="thread")


def _context_management(fields: Fields, model: str) -> None:
    """Take an edit that keeps everything, and refuse every other.

    `clear_thinking` that keeps "all" leaves the turns as they are. Whatever clears results or
    sums turns up would change what the model reads, which a tool that asked would not notice.
    Claude Code knows a refusal by these words, and then clears by itself.
    """
    given = fields.inner("context_management")
    if given is None:
        return
    for edit in given.each("edits"):
        kind = edit.need("type", str)
        keep = edit.raw("keep")
        if kind != "clear_thinking_20251015" or keep not in ("all", {"type": "all"}):
            raise BadInput(
                "bad-field",
                f"{model} does not support the {kind[:80]} context management strategy",
                "leave it out of context_management, or have it keep all",
                field=edit.path("keep" if kind.startswith("clear_thinking") else "type"),
            )
        edit.done()
    given.done()
