"""Each backend is asked in its own words; what it cannot do is refused and never left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from satchel.base.errors import BadInput
from satchel.model.backends.ollama import Shown, context_for
from satchel.model.backends.request import Request, request
from satchel.model.backends.size import estimate, most
from satchel.model.turns import (
    Call,
    Form,
    Generation,
    Image,
    Named,
    Result,
    Sampling,
    Text,
    Thought,
    Tool,
    Turn,
)
from satchel.model.types import Dialect
from tests.model.chat_fakes import local

CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = Tool("weather", "Tells the weather", CITY)
CLOCK = Tool("clock", "Tells the time", {"type": "object"}, strict=True)
QUESTION = Turn("user", (Text("Is it"), Text("raining?")))
ASKED = Generation((QUESTION,))
TOOLS = replace(ASKED, tools=(WEATHER, CLOCK))
PICTURE = Image("image/png", "aGk=")
SHOWN = Shown(True, 8192)


def asked(name: str, generation: Generation, shown: Shown = SHOWN, **model: Any) -> Request:
    dialect: Dialect = "ollama" if name == "ollama" else "openai"
    server = local(name=name, dialect=dialect, **model)
    return request(server, server.models[0], generation, shown)


def body(name: str, generation: Generation, **more: Any) -> dict[str, Any]:
    return dict(asked(name, generation, **more).body)


def refused(name: str, generation: Generation, **more: Any) -> str:
    with pytest.raises(BadInput) as failed:
        asked(name, generation, **more)
    assert failed.value.code == "not-served-by-backend"
    assert name in failed.value.message
    return str(failed.value.extra["field"])


EVERY = ["llama.cpp", "embedded", "lm-studio", "vllm", "ollama", "jan", "openai-compatible"]

# --- turns


HISTORY = Generation(
    (
        Turn("system", (Text("Be brief."),)),
        QUESTION,
        Turn("assistant", (Thought("Hm."), Call("c1", "weather", '{"city": "Rome"}'))),
        Turn("tool", (Result("c1", (Text("rain"), PICTURE)), Result("c2", (), failed=True))),
    ),
    tools=(WEATHER,),
)


def test_turns_are_written_as_chat_messages() -> None:
    assert body("llama.cpp", HISTORY)["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Is it\n\nraining?"},
        {
            "role": "assistant",
            "content": "",
            "reasoning_content": "Hm.",
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city": "Rome"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        {"role": "tool", "tool_call_id": "c2", "content": "The tool failed: "},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What the call c1 shows:"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
            ],
        },
    ]


def test_turns_are_written_as_ollamas_messages() -> None:
    assert body("ollama", HISTORY)["messages"][2:] == [
        {
            "role": "assistant",
            "content": "",
            "thinking": "Hm.",
            "tool_calls": [
                {"id": "c1", "function": {"name": "weather", "arguments": {"city": "Rome"}}}
            ],
        },
        {
            "role": "tool",
            "content": "rain",
            "tool_name": "weather",
            "tool_call_id": "c1",
            "images": ["aGk="],
        },
        {"role": "tool", "content": "The tool failed: ", "tool_call_id": "c2"},
    ]


@pytest.mark.parametrize(
    ("name", "field"),
    [("vllm", "reasoning"), ("lm-studio", None), ("jan", None), ("embedded", "reasoning_content")],
)
def test_thoughts_go_back_where_the_server_takes_them(name: str, field: str | None) -> None:
    turn = Turn("assistant", (Thought("Hm."), Text("Yes.")))
    (message,) = body(name, Generation((turn,)))["messages"]
    assert message == {"role": "assistant", "content": "Yes."} | ({field: "Hm."} if field else {})


@pytest.mark.parametrize(
    ("given", "sent"),
    [("", "{}"), ("oops", '{"arguments": "oops"}'), ("[1]", '{"arguments": [1]}')],
)
def test_arguments_that_are_no_object_are_put_into_one(given: str, sent: str) -> None:
    turns = Generation((Turn("assistant", (Call("c1", "weather", given),)),))
    (message,) = body("llama.cpp", turns)["messages"]
    assert message["tool_calls"][0]["function"]["arguments"] == sent


@pytest.mark.parametrize("name", EVERY)
def test_an_image_is_refused_where_the_model_sees_none(name: str) -> None:
    turns = Generation((Turn("user", (Text("What is it?"), PICTURE)),))
    assert refused(name, turns, vision=False) == "image"
    assert body(name, turns, vision=None)


# --- fields


FULL = Sampling(
    temperature=0.5,
    top_p=0.9,
    top_k=40,
    min_p=0.05,
    presence_penalty=0.1,
    frequency_penalty=0.2,
    repeat_penalty=1.1,
    seed=7,
    logprobs=3,
)


def test_every_way_to_draw_tokens_has_its_name() -> None:
    generation = replace(ASKED, sampling=FULL, max_tokens=9, stop=("###",))
    common = {
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "min_p": 0.05,
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "seed": 7,
        "stop": ["###"],
    }
    openai = {**common, "max_tokens": 9, "logprobs": True, "top_logprobs": 3}
    assert openai.items() <= body("vllm", generation).items()
    assert body("vllm", generation)["repetition_penalty"] == 1.1
    assert {**openai, "repeat_penalty": 1.1}.items() <= body("llama.cpp", generation).items()
    native = body("ollama", generation)
    assert native["options"] == {
        **common,
        "repeat_penalty": 1.1,
        "num_predict": 9,
        "num_ctx": 8192,
    }
    assert (native["logprobs"], native["top_logprobs"]) == (True, 3)


def test_dry_has_the_breakers_that_let_lists_end() -> None:
    made = body("embedded", replace(ASKED, sampling=Sampling(dry_multiplier=1.5)))
    assert (made["dry_multiplier"], made["dry_sequence_breakers"]) == (1.5, ["<|im_end|>"])


REFUSED: list[tuple[str, Generation, str]] = [
    ("jan", replace(ASKED, sampling=Sampling(top_k=40)), "top_k"),
    ("jan", replace(ASKED, sampling=Sampling(min_p=0.1)), "min_p"),
    ("apfel", replace(ASKED, thinking="low"), "thinking"),
    ("fm", replace(ASKED, thinking="off"), "thinking"),
    ("ollama", replace(ASKED, sampling=Sampling(dry_multiplier=1.0)), "dry_multiplier"),
    ("ollama", replace(ASKED, outward=("web_search",)), "outward"),
    ("lm-studio", replace(ASKED, sampling=Sampling(logprobs=1)), "logprobs"),
    ("apfel", replace(ASKED, stop=("#",)), "stop"),
    ("gpt4all", TOOLS, "tools"),
    ("gpt4all", replace(ASKED, form=Form()), "response_format"),
    ("llama.cpp", replace(TOOLS, choice=Named("nothing")), "tool_choice"),
    ("llama.cpp", Generation(prompt="x", tools=(WEATHER,)), "tools"),
    ("llama.cpp", Generation(prompt="x", form=Form()), "form"),
    ("ollama", Generation(prompt="x", tools=(WEATHER,)), "tools"),
    ("ollama", Generation(prompt="x", thinking="low"), "thinking"),
]


@pytest.mark.parametrize(("name", "generation", "field"), REFUSED)
def test_what_a_backend_cannot_do_is_refused(name: str, generation: Generation, field: str) -> None:
    assert refused(name, generation) == field


def test_a_value_that_changes_nothing_is_not_refused() -> None:
    neutral = Sampling(min_p=0.0, repeat_penalty=1.0, dry_multiplier=0.0)
    assert "min_p" not in body("jan", replace(ASKED, sampling=neutral))


def test_a_model_that_cannot_think_is_not_asked_to() -> None:
    assert refused("ollama", replace(ASKED, thinking="low"), shown=Shown(False, 8192)) == "thinking"
    silent = body("ollama", replace(ASKED, thinking="off"), shown=Shown(False, 8192))
    assert "think" not in silent


@pytest.mark.parametrize(
    ("name", "word", "sent"),
    [
        ("llama.cpp", "off", {"chat_template_kwargs": {"enable_thinking": False}}),
        (
            "vllm",
            "low",
            {"chat_template_kwargs": {"enable_thinking": True, "reasoning_effort": "low"}},
        ),
        ("lm-studio", "off", {"reasoning_effort": "none"}),
        ("lm-studio", "high", {"reasoning_effort": "high"}),
        ("ollama", "off", {"think": False}),
        ("ollama", "high", {"think": "high"}),
    ],
)
def test_thinking_is_asked_for_in_the_servers_way(name: str, word: Any, sent: Any) -> None:
    assert sent.items() <= body(name, replace(ASKED, thinking=word)).items()


# --- forms


SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}}


def test_a_form_is_asked_for_in_the_servers_way() -> None:
    formed = replace(ASKED, form=Form(SCHEMA, "number"))
    loose = replace(ASKED, form=Form())
    named = {"name": "number", "strict": True, "schema": SCHEMA}
    assert body("vllm", formed)["response_format"] == {"type": "json_schema", "json_schema": named}
    assert body("vllm", loose)["response_format"] == {"type": "json_object"}
    # LM Studio knows the kind with a schema alone.
    assert body("lm-studio", loose)["response_format"]["json_schema"]["schema"] == {
        "type": "object"
    }
    assert body("ollama", formed)["format"] == SCHEMA
    assert body("ollama", loose)["format"] == "json"


# --- tools


@pytest.mark.parametrize("name", EVERY)
def test_tools_that_may_be_called_are_sent_as_they_are(name: str) -> None:
    made = asked(name, TOOLS)
    assert [tool["function"]["name"] for tool in made.body["tools"]] == ["weather", "clock"]
    assert "tool_choice" not in made.body
    assert not made.expected.unfolds


@pytest.mark.parametrize("name", EVERY)
def test_tools_that_must_not_be_called_are_not_sent(name: str) -> None:
    made = asked(name, replace(TOOLS, choice="none"))
    assert "tools" not in made.body
    assert not made.expected.unfolds


@pytest.mark.parametrize("tools", [TOOLS.tools, ()], ids=["none may be called", "none are left"])
def test_earlier_calls_are_words_to_a_model_that_knows_no_tools(tools: tuple[Tool, ...]) -> None:
    call = Turn("assistant", (Call("1", "weather", '{"city": "Paris"}'),))
    result = Turn("tool", (Result("1", (Text("17 degrees"),)),))
    generation = replace(ASKED, turns=(*ASKED.turns, call, result), tools=tools, choice="none")
    told = body("embedded", generation, tools=False)["messages"][-2:]
    assert told == [
        {"role": "assistant", "content": '{"name": "weather", "arguments": {"city": "Paris"}}'},
        {"role": "user", "content": "The tool weather gave:\n\n17 degrees"},
    ]


@pytest.mark.parametrize("name", ["vllm", "jan"])
def test_a_named_tool_is_the_only_one_that_is_sent(name: str) -> None:
    made = asked(name, replace(TOOLS, choice=Named("clock")))
    assert [tool["function"]["name"] for tool in made.body["tools"]] == ["clock"]
    assert made.body["tool_choice"] == "required"  # not every server takes the name here
    assert made.expected.must


@pytest.mark.parametrize("name", ["llama.cpp", "embedded", "ollama", "lm-studio"])
@pytest.mark.parametrize("choice", ["required", Named("clock")])
def test_a_tool_that_must_be_called_is_a_form_where_nothing_else_holds(
    name: str, choice: Any
) -> None:
    made = asked(name, replace(TOOLS, choice=choice))
    assert "tools" not in made.body
    assert (made.expected.unfolds, made.expected.must) == (True, True)
    assert "format" in made.body or "response_format" in made.body


@pytest.mark.parametrize("name", EVERY)
def test_a_model_without_tools_gets_them_as_a_form(name: str) -> None:
    made = asked(name, TOOLS, tools=False)
    assert "tools" not in made.body
    assert (made.expected.unfolds, made.expected.must) == (True, False)


@pytest.mark.parametrize("name", ["llama.cpp", "ollama"])
def test_tools_together_with_a_form_are_one_form(name: str) -> None:
    assert asked(name, replace(TOOLS, form=Form(SCHEMA))).expected.unfolds


@pytest.mark.parametrize("name", ["llama.cpp", "ollama", "lm-studio", "apfel"])
def test_a_stop_word_is_kept_from_a_server_that_would_find_it_in_the_form(name: str) -> None:
    made = asked(name, replace(TOOLS, stop=("}",)), tools=False)
    assert "stop" not in made.body
    assert "stop" not in made.body.get("options", {})
    assert made.expected.stop == ("}",)
    assert refused(name, replace(TOOLS, stop=("x" * 257,)), tools=False) == "stop"


def test_logprobs_are_asked_for_as_a_stream() -> None:
    server, brief = local(name="llama.cpp"), replace(ASKED, max_tokens=4)
    weighed = replace(brief, sampling=Sampling(logprobs=1))
    for generation, stream in ((brief, False), (weighed, True)):
        made = request(server, server.models[0], generation, whole=True)
        assert made.body["stream"] is stream


def test_a_form_that_is_written_first_leaves_no_room_for_thinking() -> None:
    forced = replace(TOOLS, choice="required")
    assert body("llama.cpp", forced)["chat_template_kwargs"] == {"enable_thinking": False}
    assert body("ollama", forced)["think"] is False


def test_one_call_alone_is_asked_for_where_it_can_be_and_let_through_anyway() -> None:
    single = replace(TOOLS, parallel=False)
    assert body("llama.cpp", single)["parallel_tool_calls"] is False
    assert "parallel_tool_calls" not in body("lm-studio", single)
    assert asked("lm-studio", single).expected.single


def test_a_tool_of_the_server_is_named_by_its_type() -> None:
    made = body("jan", replace(TOOLS, outward=("web_search",)))
    assert made["tools"][-1] == {"type": "web_search"}
    assert len(made["tools"]) == 3


def test_ids_of_the_conversation_are_taken() -> None:
    assert asked("llama.cpp", HISTORY).expected.taken == {"c1"}


# --- sizes


def test_a_server_that_ends_early_by_itself_is_told_how_much_fits() -> None:
    made = body("text-generation-webui", ASKED, context_allocated=4096)
    assert 4000 < made["max_tokens"] < 4096
    assert "max_tokens" not in body("text-generation-webui", ASKED)
    assert "max_tokens" not in body("llama.cpp", ASKED, context_allocated=4096)


def test_an_answer_as_long_as_a_large_models_does_not_fill_the_memory() -> None:
    long = replace(ASKED, max_tokens=64_000)
    assert context_for(long, None, 131_072) == 10_240
    assert context_for(ASKED, None, None) == 10_240
    assert context_for(ASKED, None, 2048) == 2048


def test_an_estimate_is_between_the_truth_and_the_bytes() -> None:
    words = "The quick brown fox jumps over the lazy dog. " * 40
    generation = Generation((Turn("user", (Text(words),)),), tools=(WEATHER,))
    assert 400 <= estimate(generation) <= 600
    assert estimate(generation) <= most(generation)
