"""What each kind of server takes beyond a plain question: a row a kind.

What a row does not name is emulated or refused, never dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from satchel.model.backends.refusals import not_served
from satchel.model.turns import Sampling
from satchel.model.types import host_of

Fill: TypeAlias = Literal["raises", "refuses", "cuts"]

# A value that changes nothing may be left out where a server does not know its field.
NEUTRAL: Final[Mapping[str, float]] = {
    "top_p": 1,
    "min_p": 0,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "repeat_penalty": 1,
    "dry_multiplier": 0,
}

_PLAIN: Final = {
    name: name for name in ("temperature", "top_p", "presence_penalty", "frequency_penalty", "seed")
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of server. `sampling` maps our names of fields to its own.

    `thoughts` is the field in which earlier thinking goes back to it. `template` says that its
    chat template takes arguments, `effort` that it takes OpenAI's word for how hard to think.
    `tools`, `forms` and `stops` say that it takes such fields at all, `streams` that it can answer
    piece by piece. `forces` says that a tool which must be called is called; `few` that it can be
    told to call one alone. `loose` says that it takes a form without a schema. `counts` is the way
    it counts tokens. `ordered` says that turns reach a chat template that may be particular about
    their order. `full` is what it does with a prompt beyond its context: raises it, refuses,
    or cuts without a word. `limit` is its name for the most tokens of an answer, and `cut` says
    that it ends an answer early where it is not told that number.
    """

    sampling: Mapping[str, str] = field(default_factory=lambda: _PLAIN)
    logprobs: bool = True
    thoughts: str | None = None
    template: bool = False
    effort: bool = True
    tools: bool = True
    forms: bool = True
    stops: bool = True
    streams: bool = True
    forces: bool = True
    few: bool = False
    loose: bool = True
    counts: Literal["llama", "vllm"] | None = None
    ordered: bool = True
    full: Fill = "cuts"
    limit: str = "max_tokens"
    cut: bool = False


_LLAMA: Final = Kind(
    sampling={
        **_PLAIN,
        "top_k": "top_k",
        "min_p": "min_p",
        "repeat_penalty": "repeat_penalty",
        "dry_multiplier": "dry_multiplier",
    },
    thoughts="reasoning_content",
    template=True,
    forces=False,  # with many a template it is taken and not held to
    few=True,
    counts="llama",
    full="refuses",
)

KINDS: Final[Mapping[str, Kind]] = {
    "embedded": _LLAMA,
    "llama.cpp": _LLAMA,
    "ollama": Kind(
        sampling={**_PLAIN, "top_k": "top_k", "min_p": "min_p", "repeat_penalty": "repeat_penalty"},
        thoughts="thinking",
        forces=False,
        full="raises",
    ),
    "lm-studio": Kind(
        sampling={**_PLAIN, "top_k": "top_k", "repeat_penalty": "repeat_penalty"},
        logprobs=False,  # it takes the field and tells none
        forces=False,  # it forwards the wish, and some models do not heed it
        loose=False,
    ),
    "vllm": Kind(
        sampling={
            **_PLAIN,
            "top_k": "top_k",
            "min_p": "min_p",
            "repeat_penalty": "repetition_penalty",
        },
        thoughts="reasoning",
        template=True,
        few=True,
        counts="vllm",
        full="refuses",
    ),
    "docker": Kind(full="refuses"),
    "apfel": Kind(logprobs=False, stops=False, effort=False, full="refuses"),
    "fm": Kind(logprobs=False, effort=False, full="refuses"),
    "gpt4all": Kind(
        sampling={"temperature": "temperature", "top_p": "top_p"},
        logprobs=False,
        tools=False,
        forms=False,
        stops=False,
        effort=False,
        streams=False,
        cut=True,
    ),
    "text-generation-webui": Kind(cut=True),
    "koboldcpp": Kind(cut=True),
}
OTHER: Final = Kind()
# Services beyond this machine are known by their host, whatever the user calls them.
HOSTS: Final[Mapping[str, Kind]] = {
    "api.openai.com": Kind(few=True, ordered=False, full="refuses", limit="max_completion_tokens"),
    "openrouter.ai": Kind(few=True, ordered=False, full="refuses"),
}


def kind_of(name: str, base_url: str) -> Kind:
    """Return the row of a server."""
    return HOSTS.get(host_of(base_url)) or KINDS.get(name, OTHER)


def sampled(server: str, kind: Kind, sampling: Sampling) -> dict[str, Any]:
    """Return how tokens are drawn, in the server's own names. Raises BadInput."""
    body: dict[str, Any] = {}
    for name in _DRAWN:
        value = getattr(sampling, name)
        if value is None:
            continue
        if name in kind.sampling:
            body[kind.sampling[name]] = value
        elif value != NEUTRAL.get(name):
            raise not_served(server, name)
    if sampling.logprobs is not None and not kind.logprobs:
        raise not_served(server, "logprobs")
    return body


_DRAWN: Final = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "presence_penalty",
    "frequency_penalty",
    "repeat_penalty",
    "dry_multiplier",
    "seed",
)
