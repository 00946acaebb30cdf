"""OpenAI's responses: POST /v1/responses, as Codex and OpenAI's clients send it.

No state is kept: a request brings its whole conversation, as Codex's do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from satchel.model.dialects.dialect import Dialect
from satchel.model.dialects.fields import Fields
from satchel.model.dialects.openai import (
    HARMLESS,
    VERBOSITY,
    Thinking,
    effort,
    failure,
    form,
    most,
    named,
    sampling,
    stops,
    told,
)
from satchel.model.dialects.responses_answer import Events, whole
from satchel.model.dialects.responses_items import talk
from satchel.model.dialects.responses_tools import chosen, is_silent, offered
from satchel.model.turns import Asked, Form, Generation, Text, Turn

ONLY: Mapping[str, tuple[Any, ...]] = {
    "access_programs": (),
    "background": (False,),
    "background_options": (),
    "context_management": ([],),
    "image": (),
    "max_tool_calls": (),
    "moderation": (),
    "prompt": (),
    "truncation": ("disabled",),  # anything else would cut
}
KEPT = ("previous_response_id", "conversation")

LOGPROBS = "message.output_text.logprobs"
# All but the log probabilities ask for parts of items that are never made here, or for what an
# answer holds in any case: a thought stands in its item in plain words.
INCLUDABLE = frozenset(
    {
        LOGPROBS,
        "code_interpreter_call.outputs",
        "computer_call_output.output.image_url",
        "file_search_call.results",
        "message.input_image.image_url",
        "reasoning.encrypted_content",
        "web_search_call.action.sources",
        "web_search_call.results",
    }
)

# What an answer repeats of its request, and what stands there where it was not given.
REPEATED: Mapping[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "safety_identifier": None,
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": None,
    "user": None,
}


def read(body: Mapping[str, Any], path: Mapping[str, str]) -> Asked:
    """Read a request. Raises BadInput, also for a field that is not served."""
    fields = Fields(body)
    fields.harmless(*HARMLESS, "client_metadata")
    fields.only_each(ONLY)
    _stateless(fields)
    spoken = talk(fields)
    given = offered((*fields.each("tools"), *spoken.found))
    tools, choice = chosen(fields, given)
    thinking, summarised = _reasoning(fields)
    wanted, verbosity = _text(fields)
    turns = spoken.turns
    if instructions := fields.take("instructions", str):
        turns = (Turn("system", (Text(instructions),)), *turns)
    generation = Generation(
        turns=told(turns, VERBOSITY[verbosity]),
        tools=tools,
        choice=choice,
        parallel=fields.take("parallel_tool_calls", bool) is not False,
        form=wanted,
        max_tokens=most(fields, "max_output_tokens"),
        stop=stops(fields),
        thinking=thinking,
        sampling=sampling(fields, _logprobs(fields)),
        outward=given.outward,
    )
    repeated = {
        name: default if body.get(name) is None else body[name]
        for name, default in REPEATED.items()
    }
    repeated["tools"] = [tool for tool in repeated["tools"] if not is_silent(tool)]
    echo = {"origins": given.origins, "summarised": summarised, "repeated": repeated}
    asked = Asked(named(fields), generation, fields.take("stream", bool) or False, echo)
    fields.done()
    return asked


def _stateless(fields: Fields) -> None:
    for name in KEPT:
        if fields.raw(name) is not None:
            raise fields.wrong(name, "needs what was kept, and nothing is: send the whole input")
    if fields.take("store", bool):
        raise fields.wrong("store", "can only be False here: no answer is kept")
    if (options := fields.inner("stream_options")) is not None:
        options.only("include_obfuscation", False)
        options.done()


def _reasoning(fields: Fields) -> tuple[Thinking | None, bool]:
    """Read how much is thought, and whether a thought is to be shown as a summary."""
    wanted = fields.inner("reasoning")
    if wanted is None:
        return None, False
    thinking = effort(wanted, "effort")
    words = ("auto", "concise", "detailed")
    shown = [wanted.word(name, *words) for name in ("summary", "generate_summary")]
    wanted.only("context", "auto", "all_turns")
    wanted.only("mode", "standard")
    wanted.done()
    return thinking, any(shown)


def _text(fields: Fields) -> tuple[Form | None, str]:
    wanted = fields.inner("text")
    if wanted is None:
        return None, "medium"
    read = form(wanted, "format"), wanted.word("verbosity", *VERBOSITY) or "medium"
    wanted.done()
    return read


def _logprobs(fields: Fields) -> int | None:
    include = fields.texts("include")
    for name in include:
        if name not in INCLUDABLE:
            raise fields.wrong("include", f"can only hold {', '.join(sorted(INCLUDABLE))} here")
    most = fields.within("top_logprobs", int, 0, 20)
    return most or 0 if most or LOGPROBS in include else None


RESPONSES = Dialect("responses", read, whole, Events, failure)
